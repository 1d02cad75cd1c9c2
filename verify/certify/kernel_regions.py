"""Closed coefficients of a kernel statement around its domain: bounds in the complex plane, and how far they move at an end.

The variable is w with c = tanh w, which maps the strip |Im w| < pi/4 onto the unit disc; at the ends it is t >= 0 with
c = +-(1 - t^2)/(1 + t^2), in which sqrt(1 - c^2) = 2t/(1 + t^2) and acos c = 2 atan t, or pi - 2 atan t, are smooth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import acb, arb

from lemmata.numerics.compile.arb import enclose_at_precision, precision
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.analytic import INDEXED, ONE, Analytic

BITS = 128

SIDE = 0.25
"""Side of the squares that cover a region at first, in w; a square without a bound is cut in four, CUTS times at most."""

CUTS = 4

ANALYTIC = (set(ONE) | set(INDEXED)) - {sp.Abs, sp.sign, sp.floor, sp.re, sp.conjugate}
"""Functions that are holomorphic where `Analytic` gives a finite ball when it is asked for an analytic value."""


def check_analytic(expr: Any, c: Any) -> None:
    """Raises Unsupported for a function of c that is not the restriction of a holomorphic one."""
    for node in sp.preorder_traversal(expr):
        if c in node.free_symbols and node != c and not (node.is_Add or node.is_Mul or node.is_Pow or node.func in ANALYTIC):
            raise Unsupported(f"{type(node).__name__} of {c} is not known to be analytic")


Image = Callable[[float, float, float, float], acb]
"""The rectangle with middle x + iy and half-sides dx, dy to a ball that holds the parameter on it."""


class Region:
    """Bounds of one closed expression over rectangles of the w plane; `values` are the values of everything but c.

    `image` tells what c is there.
    """

    def __init__(self, expr: Any, c: Any, values: Mapping[Any, Any], image: Image) -> None:
        check_analytic(expr, c)
        self._image = image
        self._function = Analytic(_split(expr, c), c, values)
        self._zero = expr.is_zero

    def bound(self, low: float, high: float, height: float) -> arb | None:
        """A bound of |expr| for low <= Re w <= high, |Im w| <= height, where it is shown to be holomorphic; else None.

        Holomorphic on each square of a cover, as the balls there are finite with the flag `analytic`, hence on the whole.

        >>> c = sp.Symbol("c", real=True)
        >>> bound = Region(sp.sqrt(1 - c**2), c, {}, tanh_of).bound(-1.0, 1.0, 0.75)
        >>> bool(bound >= 1), Region(sp.log(c), c, {}, tanh_of).bound(-1.0, 1.0, 0.75)
        (True, None)
        """
        if self._zero:
            return arb(0)
        largest = arb(0)
        with precision(BITS):
            for square in _squares(low, high, height):
                size = self._on(*square, CUTS)
                if size is None:
                    return None
                largest = largest.max(size)
        return largest.upper()

    def _on(self, x: float, y: float, dx: float, dy: float, cuts: int) -> arb | None:
        """The bound on the rectangle with middle x + iy and half-sides dx, dy; its quarters overlap, since their middles are rounded."""
        value = self._function(self._image(x, y, dx, dy), True)
        if value.is_finite():
            return value.abs_upper()
        if not cuts:
            return None
        largest, more = arb(0), 1 + 2.0**-30
        for i in (-1, 1):
            for j in (-1, 1):
                size = self._on(x + i * dx / 2, y + j * dy / 2, dx / 2 * more, dy / 2 * more, cuts - 1)
                if size is None:
                    return None
                largest = largest.max(size)
        return largest


def _split(expr: Any, c: Any) -> Any:
    """The expression with its rational functions in partial fractions, in which c occurs less often: tighter balls.

    Only where numerator and denominator have no common factor, so that the poles stay what they are.
    """
    if c not in expr.free_symbols or expr.is_polynomial(c):
        return expr
    if expr.is_rational_function(c) and expr.free_symbols == {c}:
        over, under = sp.fraction(sp.together(expr))
        polynomials = [sp.Poly(part, c) for part in (over, under)]
        if all(entry.is_Rational for part in polynomials for entry in part.coeffs()) and sp.gcd(*polynomials).is_one:
            return sp.apart(expr, c)
    return expr.func(*(_split(arg, c) for arg in expr.args))


def _squares(low: float, high: float, height: float) -> Iterator[tuple[float, float, float, float]]:
    """Rectangles that cover the region and a little more, so that rounding leaves no gap."""
    columns, rows = max(1, round((high - low) / SIDE)), max(1, round(2 * height / SIDE))
    dx, dy = (high - low) / columns / 2, height / rows
    for i in range(columns):
        for j in range(rows):
            yield low + (2 * i + 1) * dx, -height + (2 * j + 1) * dy, dx * (1 + 2.0**-20), dy * (1 + 2.0**-20)


def tanh_of(x: float, y: float, dx: float, dy: float) -> acb:
    """tanh of a rectangle: |tanh w - tanh w0| = |sinh(w - w0)| / |cosh w cosh w0|, |sinh z| <= sinh |z|,
    |cosh(x + iy)|^2 = sinh^2 x + cos^2 y."""
    middle = acb(arb(x), arb(y))
    distance = (arb(dx) ** 2 + arb(dy) ** 2).sqrt().sinh()
    nearest = arb(max(0.0, abs(x) - dx))
    farthest = arb(abs(y) + dy)
    if not farthest < arb.pi() / 2:
        return acb("nan")
    least = (nearest.sinh() ** 2 + farthest.cos() ** 2).sqrt()
    radius = (distance / (least * abs(middle.cosh()))).upper()
    return middle.tanh() + acb(arb(0, radius), arb(0, radius))


def square_of_exp(x: float, y: float, dx: float, dy: float) -> acb:
    """exp(2w) on a rectangle: |exp(2w) - exp(2w0)| <= |exp(2w0)| (exp(2 |w - w0|) - 1)."""
    middle = (2 * acb(arb(x), arb(y))).exp()
    radius = (abs(middle) * ((2 * (arb(dx) ** 2 + arb(dy) ** 2).sqrt()).exp() - 1)).upper()
    return middle + acb(arb(0, radius), arb(0, radius))


class End:
    """A closed expression near c = +1 or c = -1, in the parameter t of `place`."""

    def __init__(self, expr: Any, c: Any, sign: int, values: Mapping[Any, Any]) -> None:
        self._t = sp.Dummy("t", positive=True)
        self._expr = _in_t(expr, c, sign, self._t)
        self._slope = sp.diff(self._expr, self._t)
        self._values = values

    def at_end(self) -> arb:
        """The value at t = 0; raises CannotEvaluate where there is none."""
        return self._enclosed(self._expr, arb(0))

    def moved(self, t: Fraction) -> arb:
        """A bound of |value there - value at t = 0| on [0, t]: t times the largest slope (the mean value theorem).

        >>> c = sp.Symbol("c", real=True)
        >>> end = End(sp.sqrt(1 - c**2) + c * (sp.pi - sp.acos(c)), c, 1, {})
        >>> bool(end.moved(Fraction(1, 2**18)) < arb(2) ** -32)
        True
        """
        last = arb(t.numerator) / t.denominator
        return (last * abs(self._enclosed(self._slope, arb(0).union(last)))).upper()

    def _enclosed(self, expr: Any, t: arb) -> arb:
        value = enclose_at_precision(expr, {self._t: t, **self._values}, BITS)
        if not isinstance(value, arb) or not value.is_finite():
            raise CannotEvaluate("a closed side has no finite enclosure at the end")
        return value


def _in_t(expr: Any, c: Any, sign: int, t: Any) -> Any:
    """The expression at c = sign (1 - t^2)/(1 + t^2), t > 0."""
    if expr == c:
        return sign * (1 - t**2) / (1 + t**2)
    if c not in expr.free_symbols:
        return expr
    if isinstance(expr, (sp.acos, sp.asin)) and expr.args[0] in (c, -c):
        turn = sign if expr.args[0] == c else -sign
        angle = 2 * sp.atan(t) if turn == 1 else sp.pi - 2 * sp.atan(t)
        return angle if isinstance(expr, sp.acos) else sp.pi / 2 - angle
    inner = expr.func(*(_in_t(arg, c, sign, t) for arg in expr.args))
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational and not expr.exp.is_Integer and expr.base.is_polynomial(c):
        return sp.factor(_in_t(expr.base, c, sign, t)) ** expr.exp
    return inner
