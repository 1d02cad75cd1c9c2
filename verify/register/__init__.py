"""The built-in claims, one topic a file."""
