"""Data files that a claim reads: seen as they are opened, by Python's own audit, while its file is loaded and while it is judged.

What is installed, lemmata itself, the system's folders and other programs' temporary files are not data of a claim; neither is what it
writes itself. A library that opens files without Python (HDF5, Parquet, SQLite, a mapped checkpoint) and processes that a claim starts
are not seen.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import cache

from lemmata.verify.conditions import file_digest

SYSTEM = ("/proc", "/sys", "/dev", "/etc")
"""Folders that hold the state of a machine."""

COMPILED = (".pyc", ".pyo", ".so", ".pyd", ".dll")
"""What Python makes of modules and what libraries are: modules are told by their own hashes."""

METADATA = (".egg-info" + os.sep, ".dist-info" + os.sep)
"""What says which version of a package is installed, which records name apart."""


class Reading:
    """The files that this process has opened for reading since it began to watch, each with a hash from before it was read.

    A process has one, since an audit hook stays for its life: `watching()`.
    """

    def __init__(self, passed: Callable[[str], bool]) -> None:
        self.passed = passed
        self.digests: dict[str, str] = {}
        self.written: set[str] = set()
        self.beside: tuple[str, ...] = ()
        self._told = 0
        self._busy = threading.local()

    def hook(self, event: str, args: tuple[object, ...]) -> None:
        """What `sys.addaudithook` calls: an audit hook that raises would forbid what it watches."""
        if event not in ("open", "os.rename") or getattr(self._busy, "at_it", False):
            return
        self._busy.at_it = True
        try:
            if event == "os.rename":
                self._writes(args[1])
            elif _writes(args[1], args[2]):
                self._writes(args[0])
            else:
                self._reads(args[0])
        except (OSError, TypeError, ValueError):  # a name that is none: what opens it will say so
            pass
        finally:
            self._busy.at_it = False

    def look_beside(self, file: str) -> None:
        """Take what lies in a claim file's folder, or below it, for data even where that is a temporary one."""
        self.beside = (*self.beside, os.path.join(os.path.dirname(os.path.realpath(file)), ""))

    def news(self) -> bool:
        """Whether a file was first read since this was last asked."""
        before, self._told = self._told, len(self.digests)
        return before != self._told

    def _writes(self, path: object) -> None:
        place = _place(path)
        if place is not None:
            self.written.add(place)

    def _reads(self, path: object) -> None:
        place = _place(path)
        if path in sys.path or place is None or place in self.digests or place in self.written or not self._is_data(place):
            return
        self.digests[place] = file_digest(place)

    def _is_data(self, place: str) -> bool:
        if place.endswith(COMPILED) or any(mark in place for mark in METADATA) or self.passed(place):
            return False
        if place.startswith(_folders(*SYSTEM, tempfile.gettempdir())) and not place.startswith(self.beside):
            return False
        return not os.path.exists(place) or stat.S_ISREG(os.stat(place).st_mode)

    def found(self) -> tuple[tuple[str, str], ...]:
        """Each data file with its hash; "" for one that was looked for and is not there."""
        return tuple((place, digest) for place, digest in self.digests.items() if place not in self.written)


def _place(path: object) -> str | None:
    """Where an opened path really lies; None for an open descriptor."""
    return os.path.realpath(os.fsdecode(path)) if isinstance(path, (str, bytes, os.PathLike)) else None


def _writes(mode: object, flags: object) -> bool:
    """Whether a file is opened for more than reading: its mode says so, or the flags that the system is handed."""
    if isinstance(mode, str):
        return not set(mode).isdisjoint("wax+")
    return isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) != 0


@cache
def _folders(*folders: str) -> tuple[str, ...]:
    return tuple(os.path.join(os.path.realpath(folder), "") for folder in folders)


@cache
def watching() -> Reading:
    """This process's watch, begun at the first call; it cannot be ended before the process does."""
    from lemmata.verify.sources import is_installed

    is_installed("")  # what it has to import for that, it imports now: no hook should
    reading = Reading(is_installed)
    sys.addaudithook(reading.hook)
    return reading
