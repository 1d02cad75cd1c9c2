"""The point of `--at`: names, exact numbers, and which of the maps they settle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from lemmata.theory.grammar import GrammarError, read
from lemmata.theory.kernels.admissible import ActivationError

NAMES = ("sigma_w", "sigma_b", "q", "q1", "q2", "c")


def point(text: str) -> dict[str, Any]:
    """`sigma_w=1.5,sigma_b=0.3` as exact numbers; raises ActivationError for an unknown name or an impossible value.

    >>> point("q=1.5, c=-1/2")
    {'q': 3/2, 'c': -1/2}
    """
    found: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or name not in NAMES:
            raise ActivationError(f"--at takes name=number with the names {', '.join(NAMES)}, not {part!r}")
        if name in found:
            raise ActivationError(f"--at gives {name} twice")
        found[name] = _number(name, value)
    _require_possible(found)
    return found


def _number(name: str, text: str) -> Any:
    try:
        value = read(text)
    except GrammarError as error:
        raise ActivationError(f"--at {name}: {error}") from None
    if value.free_symbols or not value.is_Rational:
        raise ActivationError(f"--at {name} is a rational number such as 0.3 or 3/10, not {text!r}")
    return value


def _require_possible(found: dict[str, Any]) -> None:
    for name in ("q", "q1", "q2", "sigma_w"):
        if name in found and found[name] <= 0:
            raise ActivationError(f"{name} = {found[name]} is impossible: it must be positive")
    if found.get("sigma_b", 0) < 0:
        raise ActivationError(f"sigma_b = {found['sigma_b']} is impossible: a standard deviation is not negative")
    if abs(found.get("c", sp.S.Zero)) > 1:
        raise ActivationError(f"c = {found['c']} is impossible: a correlation lies in [-1, 1]")
    if ("sigma_b" in found) != ("sigma_w" in found):
        raise ActivationError("--at needs both sigma_w and sigma_b for the fixed points")


def lengths(found: dict[str, Any]) -> Iterator[Any]:
    """The lengths at which one-dimensional maps are asked for."""
    if "q" in found:
        yield found["q"]


def pair(found: dict[str, Any]) -> tuple[Any, Any, Any] | None:
    """(q1, q2, c) where they are settled: q stands for both lengths, and each is 1 where c alone is given."""
    if "c" not in found and not ("q1" in found or "q2" in found):
        return None
    q = found.get("q", sp.S.One)
    return found.get("q1", q), found.get("q2", q), found.get("c", sp.S.One)
