"""Basins of two-layer networks: sign patterns, cells, their convex programs, and the events that decide them."""
