"""The conditions of a run: what must be equal for a claim judged before to count as judged now."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, entry_points, version
from typing import Any

from lemmata.numerics.budget import Budget

PACKAGES = ("lemmata", "sympy", "mpmath", "numpy", "scipy", "torch", "python-flint", "scikit-learn")
"""What a verdict may depend on; records name their versions."""

JUDGING = ("lemmata.theory", "lemmata.numerics", "lemmata.verify")
"""The packages that judge; reports only print."""

EXTENSIONS = ("lemmata.activations", "lemmata.claims", "lemmata.instruments", "lemmata.rules")
"""Entry-point groups through which other distributions join in judging."""

LIMITS = ("deadline", "memory")
"""Emergency stops: a claim that neither has stopped is what it would have been under any others."""

LARGEST_HASHED = 1 << 26
"""Bytes up to which a file is read for its hash: beyond, that would take longer than many a judgement."""

NAME_OF = {"name": "budget", "code": "the code of lemmata"}
"""How a condition is called where its key is not plain enough."""


def conditions(budget: Budget) -> dict[str, Any]:
    """Versions, code, machine type, and the budget but for its emergency stops, as plain data.

    >>> found = conditions(Budget(seed=3))
    >>> found["budget"]["seed"], "deadline" in found["budget"]
    (3, False)
    """
    return {
        "lemmata": dict(versions())["lemmata"],
        "code": code_digest(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "versions": dict(versions()),
        "budget": {key: value for key, value in asdict(budget).items() if key not in LIMITS},
    }


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The first condition that differs, in words; "" where none does.

    >>> difference({"budget": {"seed": 0}}, {"budget": {"seed": 1}})
    'seed 0, now 1'
    """
    for key in (*now, *(key for key in before if key not in now)):
        old, new = before.get(key), now.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            inner = difference(old, new)
            if inner:
                return inner
        elif old != new and key == "code":
            return "other code of lemmata, though of the same version"
        elif old != new:
            return f"{NAME_OF.get(key, key)} {'unknown' if old is None else old}, now {'unknown' if new is None else new}"
    return ""


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """Each package of PACKAGES, and each distribution that extends lemmata, with its version."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    for group in EXTENSIONS:
        for entry in entry_points(group=group):
            if entry.dist is not None:
                found.setdefault(entry.dist.name, entry.dist.version)
    return tuple(found.items())


@cache
def code_digest() -> str:
    """A hash of every Python file of the packages that judge: an edited rule is another judge."""
    total = hashlib.blake2b(digest_size=16)
    for package in JUDGING:
        for root in import_module(package).__path__:
            for path in sorted(_python_files(root)):
                total.update(os.path.relpath(path, root).replace(os.sep, "/").encode() + b"\0" + file_digest(path).encode())
    return total.hexdigest()


def file_digest(path: str) -> str:
    """A hash of a file's contents; of a very large one its length and the time of its last change; "" where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            about = os.fstat(stream.fileno())
            if about.st_size > LARGEST_HASHED:
                return f"{about.st_size} bytes of {about.st_mtime_ns} ns"
            return hashlib.blake2b(stream.read(), digest_size=16).hexdigest()
    except OSError:
        return ""


def _python_files(root: str) -> list[str]:
    return [os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names if name.endswith(".py")]
