"""Kinked functions inside kinked functions, as one sum of steps: x H(x) - (x - 1) H(x - 1) for Max(0, Min(x, 1))."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.derivation import NotApplicable
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NEGATIVE, POSITIVE, signs
from lemmata.theory.kernels.admissible import X
from lemmata.theory.pieces import KINKED, Piece, breakpoints, resolve_between

DOMAIN = Domain((X,))


def flattened(f: Any) -> Any:
    """f with no kinked function inside another; f itself where it has none, or where a kink is no solved linear equation.

    >>> flattened(sp.Max(0, sp.Min(X, 1))), flattened(sp.Abs(X))
    (x*Heaviside(x) + (1 - x)*Heaviside(x - 1), Abs(x))
    """
    if not any(argument.has(*KINKED) for node in f.atoms(*KINKED) for argument in node.args if node.has(X)):
        return f
    if f.has(sp.Piecewise) or f.free_symbols - {X}:
        return f
    try:
        found = _branches(f, -sp.oo, sp.oo)
    except NotApplicable:
        return f
    total = found[0].branch
    for left, right in zip(found, found[1:], strict=False):
        total += sp.expand(right.branch - left.branch) * sp.Heaviside(X - right.low)
    return total


def _branches(node: Any, low: Any, high: Any) -> list[Piece]:
    """The smooth branches of a function between two points, from left to right."""
    if not node.has(*KINKED):
        return [Piece(low, high, node)]
    if not node.has(X):
        raise NotApplicable(f"{node} is a constant with kinked functions")
    inner = [Piece(low, high, ())]
    for argument in node.args:
        inner = [
            Piece(part.low, part.high, (*before.branch, part.branch))
            for before in inner
            for part in _branches(argument, before.low, before.high)
        ]
    found = []
    for part in inner:
        flat = node.func(*part.branch)
        points = [point for point in breakpoints(flat, X, DOMAIN) if _between(part.low, point, part.high)] if flat.has(*KINKED) else []
        ends = [part.low, *points, part.high]
        found += [Piece(a, b, resolve_between(flat, X, a, b, DOMAIN)) for a, b in zip(ends, ends[1:], strict=False)]
    return found


def _between(low: Any, point: Any, high: Any) -> bool:
    """Whether a point lies strictly inside; raises NotApplicable where its order is not known."""
    for below, above in ((low, point), (point, high)):
        if below is -sp.oo or above is sp.oo:
            continue
        sign = signs(above - below, DOMAIN)
        if not (sign <= POSITIVE):
            if sign & POSITIVE and not sign <= NEGATIVE:
                raise NotApplicable(f"the order of the kinks {below} and {above} is not known")
            return False
    return True
