"""Variance reduction: independent units of the same mean as the integrand, of a smaller variance that is certified."""
