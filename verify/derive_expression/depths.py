"""Lines on the fixed points of an activation's maps at given variances: their numbers, stabilities and depth scales, all proved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.quadrature.correlation import parity
from lemmata.theory.kernels.admissible import X
from lemmata.verify.derive_expression.digits import proved_text
from lemmata.verify.derive_expression.fixed_points import Lengths, Root, correlation_below_one, lengths
from lemmata.verify.derive_expression.moduli import LONG, Bracket
from lemmata.verify.derive_expression.numbers import NoNumber, Numbers

NARROWER = 4
"""Fixed points are narrowed to so many digits more than are printed."""


def number(name: str, value: Callable[[], arb], digits: int) -> Iterator[str]:
    """One line: a name and its number, or why there is none."""
    try:
        yield f"  {name} = {proved_text(value(), digits)}"
    except NoNumber as reason:
        yield f"  {name}: {reason}"


def fixed_point_lines(numbers: Numbers, sigma_w: Any, sigma_b: Any, digits: int) -> Iterator[str]:
    """The fixed points q* of the length map, c* of the correlation map at each, chi_1 and the depth scales."""
    try:
        found = lengths(numbers, sigma_w, sigma_b, digits + NARROWER)
    except NoNumber as reason:
        yield f"  fixed points: {reason}"
        return
    if found.every:
        yield "  every q > 0 is a fixed point of the length map: it is the identity"
        return
    yield from _count(found, numbers, sigma_b)
    for root in found.roots:
        yield from _Point(numbers, root, sigma_w, sigma_b, digits).lines()


def _count(found: Lengths, numbers: Numbers, sigma_b: Any) -> Iterator[str]:
    """How many fixed points there are, and where that is proved."""
    low, high = (_within(end, rounding) for end, rounding in ((found.low, ROUND_CEILING), (found.high, ROUND_FLOOR)))
    where = "" if found.bounded else f" with q <= {high}" if sigma_b != 0 else f" with {low} <= q <= {high}"
    how = "at least " if found.undecided else "exactly "
    yield f"  fixed points q* of the length map{where}: {how}{len(found.roots)}"
    for bracket in found.undecided:
        yield f"    undecided between {float(bracket.low):.9g} and {float(bracket.high):.9g}: the map may touch the diagonal there"
    if sigma_b == 0 and numbers.dual.f.xreplace({X: sp.S.Zero}) == 0:
        yield "    besides q* = 0: f(0) = 0 and there is no bias"


def _within(end: Fraction, rounding: str) -> str:
    """An end of a range in few digits, rounded to its inside: what is said of the range is then not said of more."""
    digits = Context(prec=6, rounding=rounding).divide(Decimal(end.numerator), Decimal(end.denominator))
    return f"{float(digits):.6g}"


class _Point:
    """One fixed point of the length map."""

    def __init__(self, numbers: Numbers, root: Root, sigma_w: Any, sigma_b: Any, digits: int) -> None:
        self.numbers, self.q, self.digits = numbers, root.bracket, digits
        self.sigma_w, self.sigma_b = sigma_w, sigma_b
        self.odd = parity(numbers.dual.f, X) == -1
        self.root = root

    def lines(self) -> Iterator[str]:
        """q*, the slope there and chi_1, then the correlations."""
        ball = self.q.ball
        yield from (f"{line} ({self._stability()})" for line in number("q*", lambda: ball, self.digits))
        yield from self._number("slope of the length map", self._length_slope)
        yield from self._number("xi_q = -1/ln|slope|", lambda: _depth(self._length_slope(), "slope"))
        if self.numbers.dual.slope.f.has(sp.DiracDelta):
            yield "    chi_1 is infinite: the activation jumps"
            yield from self._below_one()
            return
        yield from self._number("chi_1", self._chi)
        yield from self._correlations()

    def _stability(self) -> str:
        try:
            slope = abs(self._length_slope())
        except NoNumber:
            slope = arb(0, "inf")
        if slope < 1:
            return "lengths near it approach it"
        return "lengths near it leave it" if slope > 1 else "its slope is not told from 1"

    def _number(self, name: str, value: Callable[[], arb]) -> Iterator[str]:
        yield from (f"  {line}" for line in number(name, value, self.digits))

    def _length_slope(self) -> arb:
        return self._times(self.numbers.length_slope_over(self.q))

    def _chi(self) -> arb:
        return self._times(self.numbers.chi_over(self.q))

    def _times(self, value: arb) -> arb:
        with precision(LONG):
            square = self.sigma_w**2
            return value * int(square.p) / int(square.q)

    def _correlations(self) -> Iterator[str]:
        try:
            chi = self._chi()
        except NoNumber:
            return
        f = self.numbers.dual.f
        if sp.diff(f, X, 2) == 0 and f.is_polynomial(X):
            every = self.sigma_b == 0 and f.xreplace({X: sp.S.Zero}) == 0
            if every:
                yield "    c*: the map is the identity, and every correlation is fixed"
                return
        if chi < 1:
            yield "    c* = 1, the only fixed point with -1 < c <= 1: correlations approach it"
            yield from self._number("xi_c = -1/ln(chi_1)", lambda: _depth(chi, "chi_1"))
            yield from self._mirrored()
        elif chi > 1:
            yield from self._below_one()
        else:
            yield "    c* = 1; chi_1 is not told from 1, so that nothing is said about other fixed points"

    def _below_one(self) -> Iterator[str]:
        """chi_1 > 1: exactly one c* in [0, 1), which correlations approach."""
        if self.odd and self.sigma_b == 0:
            c = Bracket(Fraction(0), Fraction(0))
            yield "    c* = 0: f is odd and there is no bias; correlations approach it, and leave c = 1"
        else:
            found = correlation_below_one(self.numbers, self.q, self.sigma_w, self.sigma_b, self.digits + NARROWER)
            if found is None:
                yield "    c* = 1, which correlations leave; the other fixed point, 0 <= c* < 1, was not located"
                return
            c = found.bracket
            ball = c.ball
            yield from (f"{line} (correlations approach it, and leave c = 1)" for line in self._number("c*", lambda: ball))
        yield from self._number(
            "xi_c = -1/ln(slope of the correlation map at c*)",
            lambda: _depth(self._times(self.numbers.slope_over(self.q, c)), "slope"),
        )
        yield from self._mirrored()

    def _mirrored(self) -> Iterator[str]:
        if self.odd and self.sigma_b == 0:
            yield "    c* = -1 mirrors c* = 1: f is odd and there is no bias"


def _depth(slope: arb, name: str) -> arb:
    """-1/ln|slope|, the layers in which a small difference falls by the factor e; 0 for a slope of 0."""
    if slope.is_zero():
        return arb(0)
    if not abs(slope) > 0:
        raise NoNumber(f"the {name} is not told from 0")
    if not abs(slope) < 1:
        raise NoNumber(f"none, the {name} is {'above 1' if abs(slope) > 1 else 'not told from 1'}")
    with precision(LONG):
        return -1 / abs(slope).log()
