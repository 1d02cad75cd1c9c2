"""What all tests share: one thread a process, no display, and laws that try the same examples on every run."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

from hypothesis import settings

settings.register_profile("same every time", derandomize=True, deadline=None, print_blob=False)
settings.load_profile("same every time")
