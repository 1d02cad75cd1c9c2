"""What a claim was made from: its file and every module beside it that is loaded, each with a hash of its contents."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import cache
from importlib import import_module

from lemmata.verify.conditions import JUDGING, file_digest

Sources = tuple[tuple[str, str], ...]


def sources_of(file: str, digest: str) -> Sources:
    """A claim's file with the hash it had before it was loaded, and each loaded module that is not installed.

    Installed packages and lemmata itself are told apart by their versions and by one hash of all code. Data that a claim
    reads from files are not seen here. A module's hash is that of the first call in this process after it was loaded: what is written
    to its file later is not what judges.
    """
    found = {os.path.realpath(file): digest}
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if name in ("__main__", "__mp_main__") or not isinstance(path, str):
            continue
        place = _own_place(path)
        if place is not None and place not in found and os.path.isfile(place):
            found[place] = _first_digest(place)
    return tuple(found.items())


@cache
def _own_place(path: str) -> str | None:
    """Where a module's file really lies; None for what is installed. There are thousands of modules, and the system is slow to say."""
    place = os.path.realpath(path)
    return None if place.startswith(_installed()) else place


@cache
def _first_digest(place: str) -> str:
    return file_digest(place)


@cache
def _installed() -> tuple[str, ...]:
    """The folders of the standard library, of installed packages and of lemmata."""
    named = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    own = [folder for package in (*JUDGING, "lemmata.reports") for folder in import_module(package).__path__]
    return tuple(os.path.join(os.path.realpath(folder), "") for folder in (*named, *own) if folder)
