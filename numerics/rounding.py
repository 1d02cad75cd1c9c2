"""What floating point loses of a sampled integrand: the radius of the same tree in balls of a little less than double precision."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.numerics.compile.arb import rounding_bound
from lemmata.numerics.compile.errors import FAILURES, Undecided


def radii(expr: Any, draws: Sequence[Mapping[Any, float]]) -> list[float]:
    """A bound of the rounding error at each draw; infinite where balls tell nothing, 0 for what balls cannot evaluate at all.

    >>> from sympy import Symbol, sqrt
    >>> x = Symbol("x", real=True)
    >>> plain, cancelled = radii(x**2, [{x: 0.75}])[0], radii(sqrt(1 + x**2 / 10**14) - 1, [{x: 0.75}])[0]
    >>> plain < 1e-14 * 0.75**2, cancelled > 1e-3 * 0.75**2 / (2 * 10**14)
    (True, True)
    """
    found: list[float] = []
    for draw in draws:
        try:
            radius = float(rounding_bound(expr, draw).rad())
        except Undecided:
            radius = math.inf
        except FAILURES:
            return [0.0] * len(draws)
        found.append(radius if math.isfinite(radius) else math.inf)
    return found


def mean_loss(expr: Any, draws: Sequence[Mapping[Any, float]]) -> float:
    """The mean of `radii`: how far rounding may move a sample mean."""
    return math.fsum(radii(expr, draws)) / max(1, len(draws))
