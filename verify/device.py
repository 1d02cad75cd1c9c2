"""Which device a run uses: what was asked for, what is there, and one line when the two do not agree."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

DEVICES = ("auto", "cpu", "cuda")

_DRIVERS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd")
"""What a driver leaves on Linux (NVIDIA, Windows' subsystem, AMD): without one, Torch need not be asked."""


class NoSuchDevice(ValueError):
    """A device that is not here; the message says what to do."""


def resolve(asked: str, find: Callable[[], bool]) -> str:
    """`cpu` or `cuda` for what the user asked; `find` asks Torch whether it finds CUDA, and is called only if need be.

    Raises NoSuchDevice where CUDA was asked for by name and is not there.

    >>> resolve("cpu", lambda: True)
    'cpu'
    """
    if asked == "cpu":
        return "cpu"
    found = driver_may_be_here() and find()
    if asked == "cuda" and not found:
        raise NoSuchDevice("cuda was asked for, but Torch finds no CUDA device here: use --device cpu (or auto)")
    return "cuda" if found else "cpu"


def driver_may_be_here() -> bool:
    """False only where there surely is no CUDA device; costs nothing."""
    if sys.platform == "darwin":
        return False
    return not sys.platform.startswith("linux") or any(os.path.exists(path) for path in _DRIVERS)


def find_cuda() -> bool:
    """Whether Torch finds a CUDA device that it can use."""
    import torch

    return bool(torch.cuda.is_available())
