"""Accuracy maps: the worst relative errors of a compiled map against balls of 50 digits, from the smallest doubles to 2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor, log10
from typing import Any

import numpy as np
import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import enclose, precision, to_arb
from lemmata.numerics.compile.stable.maps import Compiled

DIGITS = 50


@dataclass(frozen=True)
class Accuracy:
    """The worst relative errors that were met in one type near one end, and where; counted in its rounding unit by `units`."""

    dtype: str
    near: float
    points: int
    value: float
    value_at: float
    gradient: float
    gradient_at: float

    def units(self) -> tuple[float, float]:
        """Value and gradient in rounding units: 2^-53 and 2^-24."""
        unit = 2.0**-53 if self.dtype == "float64" else 2.0**-24
        return self.value / unit, self.gradient / unit


def accuracy_map(compiled: Compiled, *, octaves: int = 60, per_octave: int = 1) -> list[Accuracy]:
    """One row for each type and each end of the range: arguments at distances that fall by octaves from the end.

    For a correlation map the ends are d = 0 and d = 2; for a function on an interval the arguments are spread over its octaves. Exact
    values come from the closed form itself at the same argument, not from its expansions.

    >>> c = sp.Symbol("c", real=True)
    >>> from lemmata.numerics.compile.stable.maps import stable_map
    >>> [row.value < 1e-15 for row in accuracy_map(stable_map(1 - sp.acos(c) / sp.pi, c), octaves=4) if row.dtype == "float64"]
    [True, True]
    """
    low, high = compiled.table(0).ends
    return [
        _row(compiled, dtype, near, sorted(set(_arguments(np.dtype(dtype).type, (low, high), near, octaves, per_octave))))
        for dtype in ("float64", "float32")
        for near in (low, high)
    ]


def _arguments(kind: Any, ends: tuple[float, float], near: float, octaves: int, per_octave: int) -> Iterator[float]:
    """Near 0 and in between 2^-k times a few factors; near another end that end and what lies so far inside."""
    low, high = ends
    smallest = float(np.finfo(kind).tiny)
    for k in range(octaves + 1):
        for j in range(per_octave):
            step = 2.0**-k * (1 + j / per_octave) * (1 + 0.28 * (k % 3))
            if low == 0:
                x = step if near == 0 else high - step
            else:
                x = low * 2**k * step * 2**k if near == low else high * step
            found = float(kind(x))
            if max(low, smallest) < found < high:
                yield found


def _row(compiled: Compiled, dtype: str, near: float, points: list[float]) -> Accuracy:
    given = np.array(points, dtype=dtype)
    values, slopes = compiled.numpy(given), compiled.slope(given)
    worst = [(0.0, 0.0), (0.0, 0.0)]
    for d, value, slope in zip(points, values, slopes, strict=True):
        for place, (found, true) in enumerate(((value, exact(compiled, d, 0)), (slope, exact(compiled, d, 1)))):
            worst[place] = max(worst[place], (relative_error(float(found), true), d))
    (value, value_at), (gradient, gradient_at) = worst
    return Accuracy(dtype, near, len(points), value, value_at, gradient, gradient_at)


def exact(compiled: Compiled, d: float, order: int) -> arb:
    """The function or a derivative at a double, by balls of 50 digits from the closed form; more where the value itself is tiny."""
    expr, symbol = compiled.source.derivative(order)
    number = Fraction(d)
    digits = DIGITS + max(0, -2 * floor(log10(d))) if d > 0 else DIGITS
    return enclose(expr, {symbol: sp.Rational(number.numerator, number.denominator)}, digits=digits)


def relative_error(found: float, true: Any) -> float:
    """|found - true|/|true|, rounded up; infinite where found is not finite."""
    if not np.isfinite(found):
        return float("inf")
    with precision(256):
        error = abs(to_arb(found) - true) / abs(true)
        return float(error.abs_upper())
