"""Certified integrals: enclosures with proved truncation and rounding."""
