"""Fixed points of the length map and of the correlation map, each in an interval across which a sign is certified to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import enclose_at_precision, precision
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.compile.stable.charts import regrouped
from lemmata.theory.kernels.duals import Q
from lemmata.verify.derive_expression.isolation import ClosedMap, IntegratedMap, System, isolate
from lemmata.verify.derive_expression.moduli import Bracket, above_root, exact
from lemmata.verify.derive_expression.numbers import NoNumber, Numbers, rational

SMALLEST, LARGEST = Fraction(1, 1 << 6), Fraction(1 << 7)
"""Standard deviations between which fixed points of the length map are sought where nothing bounds them."""

STEEPEST = 4
"""Where f grows like exp(b |x|) and nothing is closed, fixed points are sought up to this number over b^2."""

NEAREST = 60
"""Fixed points of the correlation map are sought up to a distance of 2 to the minus this from 1."""

ROUNDS = 80
REGROUPED = sp.Integer(100)
"""Inverse sines are written for lengths about this one: none is then near an end of its range, where ranges are infinite."""

ROUGH = 10
"""Digits of the integrals that isolate fixed points."""

SIMPLE = 10**8
"""Rational fixed points are recognised up to this denominator."""

WIDE = 160
"""Working precision, in bits, of the closed forms that do: at large lengths their terms cancel."""


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
    def bracket(self) -> Bracket:
        """The interval."""
        return Bracket(self.low, self.high)

    @property
    def ball(self) -> arb:
        """The interval as a ball."""
        return self.bracket.ball


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


@dataclass(frozen=True)
class Lengths:
    """The fixed points q > 0 between `low` and `high`, proved to be all of them there where none is `undecided`.

    `bounded` says that no fixed point can lie elsewhere but at 0, `every` that the map is the identity.
    """

    roots: tuple[Root, ...]
    undecided: tuple[Bracket, ...]
    low: Fraction
    high: Fraction
    bounded: bool
    every: bool = False


def lengths(numbers: Numbers, sigma_w: Any, sigma_b: Any, digits: int) -> Lengths:
    """The q > 0 with q = V(q) = sigma_w^2 E f(sqrt(q) s)^2 + sigma_b^2, with a proof that a range holds no others.

    V >= sigma_b^2, and V <= sigma_w^2 sup f^2 + sigma_b^2 where f is bounded: then the range is the whole half-line.
    Raises NoNumber where an integral is refused.
    """
    weight, bias = (Fraction(*(sp.sympify(value) ** 2).as_numer_denom()) for value in (sigma_w, sigma_b))
    low, high, bounded = _range(numbers, weight, bias)
    closed_form = numbers.closed_length()
    if closed_form is not None and sp.expand(rational(weight) * closed_form + rational(bias) - Q) == 0:
        return Lengths((), (), low * low, high * high, bounded, True)
    found = isolate(_integrated(numbers, weight, bias) if (closed := _closed(numbers, weight, bias)) is None else closed, low, high)
    if closed is not None and found.undecided:
        found = min(found, isolate(_integrated(numbers, weight, bias), low, high), key=lambda one: sum(part.half for part in one.undecided))
    top, undecided = high * high, found.undecided
    if not bounded and undecided and undecided[-1].high == top and undecided[-1].low > low * low:
        top, undecided = undecided[-1].low, undecided[:-1]

    def g(q: Fraction) -> arb:
        with precision(numbers.bits):
            return exact(weight) * numbers.length(sp.Rational(q.numerator, q.denominator)) + exact(bias - q)

    narrow = []
    for bracket, falling in found.zeros:
        narrow.append(_exactly(numbers, weight, bias, narrowed(_guarded(g), bracket.low, bracket.high, 1 if falling else -1, digits)))
    return Lengths(tuple(narrow), undecided, low * low, top, bounded)


def _exactly(numbers: Numbers, weight: Fraction, bias: Fraction, root: Root) -> Root:
    """The root as one rational, where a simple one in the interval solves the closed equation."""
    closed, simple = numbers.closed_length(), root.middle.limit_denominator(SIMPLE)
    if closed is None or not root.low <= simple <= root.high:
        return root
    value = closed.xreplace({Q: rational(simple)})
    solves = value.is_Rational and weight * Fraction(int(value.p), int(value.q)) + bias == simple
    return Root(simple, simple, root.falling) if solves else root


def _integrated(numbers: Numbers, weight: Fraction, bias: Fraction) -> System:
    """V(q) - q by integrals."""
    f = numbers.dual.f
    return IntegratedMap(
        lambda k, sigma: numbers.hermite_mean(f**2, 2 * k, sigma, ROUGH),
        lambda sigma: numbers.hermite_mean(f**4, 0, sigma, ROUGH),
        weight,
        bias,
    )


def _closed(numbers: Numbers, weight: Fraction, bias: Fraction) -> System | None:
    """V(q) - q by ranges of the closed form, where there is one."""
    closed = numbers.closed_length()
    if closed is None:
        return None
    closed = regrouped(closed, Q, REGROUPED)
    slope = sp.diff(closed, Q)

    def ranged(expr: Any, q: arb) -> arb:
        try:
            return enclose_at_precision(expr, {Q: q}, WIDE)
        except FAILURES:
            return arb(0, "inf")

    def value(q: arb) -> arb:
        with precision(WIDE):
            return exact(weight) * ranged(closed, q) + exact(bias) - q

    def rate(q: arb) -> arb:
        with precision(WIDE):
            return exact(weight) * ranged(slope, q) - 1

    return ClosedMap(value, rate)


def _range(numbers: Numbers, weight: Fraction, bias: Fraction) -> tuple[Fraction, Fraction, bool]:
    """Standard deviations outside of which there is no fixed point, or is none sought."""
    low = 1 / above_root(1 / bias) if bias else SMALLEST
    growth = numbers.growth()
    if growth is not None and growth.bounded:
        top = Fraction(float(growth.C.upper())) * (1 + Fraction(1, 1 << 20))
        return low, max(above_root(weight * top * top + bias), low * 2), bool(bias)
    steep = growth.b if growth is not None and numbers.closed_length() is None else 0.0
    return low, max(min(LARGEST, above_root(Fraction(STEEPEST) / Fraction(steep) ** 2)) if steep else LARGEST, 2 * low), False


def length_fixed_points(numbers: Numbers, sigma_w: Any, sigma_b: Any, digits: int) -> list[Root]:
    """The fixed points that `lengths` proves."""
    return list(lengths(numbers, sigma_w, sigma_b, digits).roots)


def correlation_fixed_points(numbers: Numbers, q: Fraction, sigma_w: Any, sigma_b: Any, digits: int) -> list[Root]:
    """The c in (0, 1) with q c = sigma_w^2 E f(u) f(v) + sigma_b^2 at lengths q; see `correlation_below_one`."""
    found = correlation_below_one(numbers, Bracket(q, q), sigma_w, sigma_b, digits)
    return [] if found is None else [found]


def correlation_below_one(numbers: Numbers, q: Bracket, sigma_w: Any, sigma_b: Any, digits: int) -> Root | None:
    """The fixed point c in (0, 1) of R(c) = (sigma_w^2 E f(u) f(v) + sigma_b^2)/q at a fixed point q of the length map, or None.

    R = sum of r_k c^k with r_k >= 0 and R(1) = 1 (Mehler): R is convex on [0, 1], so there is one besides c = 1 exactly where the slope
    chi_1 at 1 is above 1 (or R is the identity), and R - c falls through 0 there. For -1 < c < 0 there is none unless R is the identity:
    -c = R_odd(-c) - R_even(c) <= R_odd(-c) <= -c asks for r_1 = 1. Where R(0) = 0 the point is 0 itself, which no sign tells.
    """
    weight, bias = (Fraction(*(sp.sympify(value) ** 2).as_numer_denom()) for value in (sigma_w, sigma_b))

    def h(c: Fraction) -> arb:
        with precision(numbers.bits):
            return exact(weight) * numbers.kernel_over(q, c) + exact(bias) - q.ball * exact(c)

    safe = _guarded(h)
    if sign_of(safe(Fraction(0))) <= 0:
        return None
    for k in range(2, NEAREST, 2):
        near = 1 - Fraction(1, 2**k)
        if sign_of(safe(near)) < 0:
            return narrowed(safe, Fraction(0), near, 1, digits)
    return None


def _guarded(g: Callable[[Fraction], arb]) -> Callable[[Fraction], arb]:
    """Values that are not certified have no sign."""

    def value(point: Fraction) -> arb:
        try:
            return g(point)
        except NoNumber:
            return arb(0, 1)

    return value
