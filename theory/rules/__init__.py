"""Rules of derivation, one a file: each rewrites an expression, says why, and discharges its step."""
