"""Benchmarks: what is worth knowing about time and memory; no test waits for them."""
