"""A bound of an analytic difference over an interval of w, from certified values at few points and a bound around them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from lemmata.numerics.compile.arb import to_arb
from lemmata.numerics.quadrature.interpolation import Grid, enough, grid, parameter, reach

LONGEST = 6
"""Pieces in w are at most so long: longer ones hardly need fewer points, and their bound is less local."""

FEW = 150
"""A height that asks for at most so many points is taken; otherwise the smaller ones are tried too."""


class Against(Exception):
    """The two sides differ at an exact value of the parameter."""

    def __init__(self, at: Any) -> None:
        super().__init__(f"the sides differ at {at}")
        self.at = at


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference D of two sides along w = -log t.

    at      t to a ball for D there
    around  low, high, height to a bound of |D| for low <= Re w <= high, |Im w| <= height where D is analytic, else None
    heights half-heights that may be asked for, the largest first
    """

    at: Callable[[Fraction], arb]
    around: Callable[[float, float, float], arb | None]
    heights: Sequence[Fraction]


def cover(difference: Difference, low: Fraction, high: Fraction, aim: float, most: int, longest: int = LONGEST) -> arb | None:
    """A proved bound of |D| for low <= w <= high, near the aim; None where it would take more than `most` points.

    >>> shrink = Difference(lambda t: arb(0), lambda low, high, height: arb(1), (Fraction(1, 2),))
    >>> bool(cover(shrink, Fraction(-1), Fraction(1), 1e-6, 100) < 1e-6), cover(shrink, Fraction(-1), Fraction(1), 1e-6, 10)
    (True, None)
    """
    count = max(0, math.ceil((high - low) / longest))
    cuts = [low + (high - low) * Fraction(k, count or 1) for k in range(count + 1)]
    pieces: list[tuple[Grid, arb]] = []
    for start, stop in zip(cuts, cuts[1:], strict=False):
        piece = _piece(difference, (start + stop) / 2, (stop - start) / 2, aim, most)
        if piece is None:
            return None
        pieces.append(piece)
        most -= len(piece[0].points)
    eps = arb(0)
    for points, M in pieces:
        largest = arb(0)
        for t in points.points:
            largest = largest.max(abs(difference.at(t)).upper())
        eps = eps.max(points.bound(largest, M))
    return eps


def _piece(difference: Difference, middle: Fraction, half: Fraction, aim: float, most: int) -> tuple[Grid, arb] | None:
    """The points for one piece and the bound around it, at the height that needs the fewest points."""
    best: tuple[int, arb, arb] | None = None
    size = to_arb(fmpq(half.numerator, half.denominator))
    for height in difference.heights:
        high = to_arb(fmpq(height.numerator, height.denominator))
        wide = float(reach(size, high).upper()) * (1 + 2.0**-20)
        M = difference.around(float(middle) - wide, float(middle) + wide, float(height))
        if M is None:
            continue
        rho = parameter(size, high)
        count = enough(rho, M, aim * 0.9)
        if best is None or count < best[0]:
            best = count, M, rho
        if count <= FEW:
            break
    if best is None or best[0] > most:
        return None
    points = grid(middle, half, best[2], best[0])
    return None if points is None else (points, best[1])


def outwards(value: arb) -> Fraction:
    """A multiple of 2^-6 that is not smaller."""
    return Fraction(math.ceil(float(value.upper()) * 64 + 2.0**-10), 64)
