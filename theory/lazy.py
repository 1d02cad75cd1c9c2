"""Faces of packages whose names are imported on first use: `lemmata --help` must not wait for SymPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def face(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package whose public names live in other modules.

    `homes` maps each name to its module: below the package when it starts with a dot, anywhere else otherwise. No name
    may be that of a module of the package, which would take its place once imported.

    >>> get, names, _ = face("lemmata.theory", {"Source": ".source"})
    >>> get("Source").__name__, names()
    ('Source', ['Source'])
    """
    offered = sorted(homes)

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it offers {', '.join(offered)}")
        return getattr(import_module(homes[name], package), name)

    return get, lambda: offered, offered
