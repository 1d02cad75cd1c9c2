"""Fixed points of the length map and of the correlation map, each in an interval across which a sign is certified to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from lemmata.verify.derive_expression.numbers import NoNumber, Numbers

SMALLEST, LARGEST = -20, 20
"""Fixed points of the length map are sought between these powers of two."""

NEAREST = 12
"""Fixed points of the correlation map are sought up to a distance of 2 to the minus this from 1."""

ROUNDS = 60


@dataclass(frozen=True)
class Root:
    """A zero of a continuous function between `low` and `high`, by the intermediate value theorem."""

    low: Fraction
    high: Fraction
    falling: bool

    @property
    def middle(self) -> Fraction:
        """The middle of the interval."""
        return (self.low + self.high) / 2

    @property
    def ball(self) -> arb:
        """The interval as a ball."""
        low, high = (arb(end.numerator) / end.denominator for end in (self.low, self.high))
        return low.union(high)


def sign_of(value: arb) -> int:
    """1 or -1 where the ball excludes 0, else 0."""
    return 1 if value > 0 else -1 if value < 0 else 0


def roots(g: Callable[[Fraction], arb], grid: list[Fraction], digits: int) -> Iterator[Root]:
    """The sign changes of `g` between neighbours of the grid, each narrowed to about 10^-digits of its size."""
    known = [(point, sign_of(g(point))) for point in grid]
    decided = [(point, sign) for point, sign in known if sign]
    for (low, left), (high, right) in zip(decided, decided[1:], strict=False):
        if left != right:
            yield narrowed(g, low, high, left, digits)


def narrowed(g: Callable[[Fraction], arb], low: Fraction, high: Fraction, left: int, digits: int) -> Root:
    """Regula falsi (Illinois) on the midpoints; only signs that balls decide move an end."""
    values = [float(g(low)), float(g(high))]
    side = 0
    for _ in range(ROUNDS):
        width = high - low
        if width * 10**digits <= max(abs(low), abs(high)):
            break
        share = min(max(abs(values[0]) / (abs(values[0]) + abs(values[1])), 1e-3), 1 - 1e-3)
        point = _rounded(low + width * Fraction(share), width)
        value = g(point)
        sign = sign_of(value)
        if sign == 0:
            return _around(g, point, low, high, left, digits)
        if sign == left:
            low, values[0] = point, float(value)
            values[1] /= 2 if side == -1 else 1
            side = -1
        else:
            high, values[1] = point, float(value)
            values[0] /= 2 if side == 1 else 1
            side = 1
    return Root(low, high, left > 0)


def _around(g: Callable[[Fraction], arb], point: Fraction, low: Fraction, high: Fraction, left: int, digits: int) -> Root:
    """A zero at (or too near to) `point`: the narrowest interval about it at whose ends the signs are decided."""
    distance = max(abs(point), Fraction(1, 10**digits)) / 10**digits
    while distance < high - low:
        below, above = max(low, point - distance), min(high, point + distance)
        if sign_of(g(below)) == left and sign_of(g(above)) == -left:
            return Root(below, above, left > 0)
        distance *= 4
    return Root(low, high, left > 0)


def _rounded(value: Fraction, width: Fraction) -> Fraction:
    """A dyadic number within a thousandth of the width: small denominators keep exact points cheap."""
    bits = 0
    while Fraction(1, 2**bits) * 1024 > width:
        bits += 1
    return Fraction(round(value * 2**bits), 2**bits)


def length_fixed_points(numbers: Numbers, sigma_w: Any, sigma_b: Any, digits: int) -> list[Root]:
    """The q > 0 with q = sigma_w^2 E f(sqrt(q) s)^2 + sigma_b^2 that a scan over powers of two separates."""
    weight, bias = _square(sigma_w), _square(sigma_b)

    def g(q: Fraction) -> arb:
        return weight * numbers.length(sp.Rational(q.numerator, q.denominator)) + bias - arb(q.numerator) / q.denominator

    grid = [Fraction(2) ** k for k in range(SMALLEST, LARGEST + 1)]
    return list(roots(_guarded(g), grid, digits))


def correlation_fixed_points(numbers: Numbers, q: Fraction, sigma_w: Any, sigma_b: Any, digits: int) -> list[Root]:
    """The c < 1 with q c = sigma_w^2 E f(u) f(v) + sigma_b^2 at lengths q that a scan separates; c = 1 is always one."""
    weight, bias, exact = _square(sigma_w), _square(sigma_b), sp.Rational(q.numerator, q.denominator)

    def h(c: Fraction) -> arb:
        kernel = numbers.kernel(exact, exact, sp.Rational(c.numerator, c.denominator))
        return weight * kernel + bias - arb(q.numerator) / q.denominator * (arb(c.numerator) / c.denominator)

    inner = [Fraction(k, 8) for k in range(-8, 8)]
    near = [1 - Fraction(1, 2**k) for k in range(4, NEAREST + 1)]
    return list(roots(_guarded(h), inner + near, digits))


def _guarded(g: Callable[[Fraction], arb]) -> Callable[[Fraction], arb]:
    """Values that are not certified have no sign."""

    def value(point: Fraction) -> arb:
        try:
            return g(point)
        except NoNumber:
            return arb(0, 1)

    return value


def _square(value: Any) -> arb:
    square = sp.sympify(value) ** 2
    return arb(square.p) / square.q
