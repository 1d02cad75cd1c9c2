"""What a claim was made from: its file, every module beside it that is loaded, and the data that they read, each with a hash."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import cache
from importlib import import_module
from itertools import takewhile

from lemmata.verify.conditions import JUDGING, file_digest
from lemmata.verify.reading import watching

Sources = tuple[tuple[str, str], ...]


def sources_of(file: str, digest: str) -> Sources:
    """A claim's file with the hash it had before it was loaded, and each loaded module that is not installed.

    Installed packages and lemmata itself are told apart by their versions and by one hash of all code. A module's hash is that of the
    first call in this process after it was loaded, a data file's (see `lemmata.verify.reading`) that from before it was first read:
    what is written to it later is not what judges.
    """
    found = {os.path.realpath(file): digest}
    for place, read in (*_modules().items(), *watching().found()):
        found.setdefault(place, read)
    return tuple(found.items())


_hashed: dict[str, str] = {}
_last: str = ""
"""The module that was loaded last when modules were last looked at: there are thousands, and a fork that touches each copies its memory."""


def _modules() -> dict[str, str]:
    """Each module beside a claim's file with its hash; only those are looked at that were loaded since the last call."""
    global _last
    for name in [*takewhile(lambda name: name != _last, reversed(sys.modules))]:
        path = getattr(sys.modules.get(name), "__file__", None)
        if name in ("__main__", "__mp_main__") or not isinstance(path, str):
            continue
        place = _own_place(path)
        if place is not None and place not in _hashed and os.path.isfile(place):
            _hashed[place] = file_digest(place)
    _last = next(reversed(sys.modules))
    return _hashed


@cache
def _own_place(path: str) -> str | None:
    """Where a module's file really lies; None for what is installed. There are thousands of modules, and the system is slow to say."""
    place = os.path.realpath(path)
    return None if is_installed(place) else place


def is_installed(place: str) -> bool:
    """Whether a file belongs to Python, to an installed package or to lemmata."""
    return place.startswith(_installed())


@cache
def _installed() -> tuple[str, ...]:
    """The folders of the standard library, of installed packages and of lemmata."""
    named = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    own = [folder for package in (*JUDGING, "lemmata.reports") for folder in import_module(package).__path__]
    return tuple(os.path.join(os.path.realpath(folder), "") for folder in (*named, *own) if folder)
