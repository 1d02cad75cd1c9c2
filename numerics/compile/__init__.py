"""Expressions as functions: balls (Arb), Torch and NumPy."""
