"""Intervals for a mean that hold at every look: one method a file, each proved for what it is used on."""
