"""What a table is made from: a closed form as a germ at every place, for it and for its derivatives."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from lemmata.numerics.compile.arb import enclose, precision
from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.stable.charts import Chart, U, X, at_end, regrouped, vanishes
from lemmata.numerics.compile.stable.pieces import UNIT, Reach
from lemmata.numerics.compile.stable.places import Place, Side, octaves, unit_interval
from lemmata.numerics.compile.stable.series import BITS, Germ, arb_of, expand

ZERO_BITS = 300


@dataclass(frozen=True)
class Expansion:
    """u^power (sum terms_k u^k + e), |e| <= rest, over the reach of the coordinate u."""

    reach: Reach
    power: int
    terms: list[Any]
    rest: Any


class Source(abc.ABC):
    """A function f of d on an interval, given in closed form."""

    def __init__(self) -> None:
        self._found: dict[tuple[Place, int], Germ] = {}

    @abc.abstractmethod
    def places(self) -> list[Place]:
        """The first, widest pieces, in order."""

    @abc.abstractmethod
    def derivative(self, order: int) -> tuple[Any, Any]:
        """The derivative of f of an order as an expression, and its symbol."""

    @abc.abstractmethod
    def expansion(self, place: Place, order: int) -> Expansion:
        """The derivative of an order at a place; raises CannotEvaluate where the place is too wide."""

    def inside(self, place: Place, order: int) -> Chart:
        """The derivative of an order about the place's centre."""
        expr, d = self.derivative(order)
        return Chart(expr.xreplace({d: _exact(place.centre) + place.sign * X}), X, False)

    def expanded(self, place: Place, chart: Chart, made: int, order: int, first: int) -> Expansion:
        """A chart of the derivative of order `made`, differentiated on to `order`; coefficients before `first` are 0 by definition."""
        reach = place.reach(chart.root)
        if (place, made) not in self._found:
            self._found[place, made] = expand(chart, reach.most)
        germ = self._found[place, made]
        power, terms, rest = germ.derivative(order - made, first, reach.most, place.sign)
        if place.side is Side.ZERO and made == order and place.nearest:
            with precision(BITS):
                rest = rest + abs(germ.coefficients[0]) / arb_of(place.nearest)
        return Expansion(reach, power, terms, rest)

    def about_zero(self, place: Place, order: int) -> Place | None:
        """The place counted from a zero of the derivative, found by halving; None where the ends have no different signs.

        The zero is known to 2^-ZERO_BITS. Its place counts from the midpoint m of what is left: f(m + x)/x differs from the series
        without its constant term by |f(m)/x|, which is added to the rest: no double is nearer to m than `Place.nearest`. Where a double
        is left between the ends it must be the zero, by proof.
        """
        low, high = place.low, place.high
        signs = [self._sign(at, order) for at in (low, high)]
        if signs[0] * signs[1] >= 0:
            return None
        while high - low > Fraction(1, 1 << ZERO_BITS):
            middle = (low + high) / 2
            sign = self._sign(middle, order)
            if sign == 0:
                return None
            low, high = (middle, high) if sign == signs[0] else (low, middle)
        double = Fraction(float(low))
        if low <= double <= high:
            expr, d = self.derivative(order)
            return Place(place.low, place.high, Side.ZERO, double) if vanishes(expr.xreplace({d: _exact(double)})) else None
        found = Place(place.low, place.high, Side.ZERO, (low + high) / 2)
        first, second = found.halves
        missed = abs(found.centre - Fraction(first) - Fraction(second))
        return found if 10 * missed <= 9 * UNIT * found.nearest else None

    def _sign(self, at: Fraction, order: int) -> int:
        """The proved sign of a derivative at a rational; 0 where it is not known."""
        expr, d = self.derivative(order)
        try:
            value = enclose(expr, {d: at}, digits=30)
        except CannotEvaluate:
            return 0
        return 1 if value > 0 else -1 if value < 0 else 0


class Drop(Source):
    """F(d) = end (kappa(end) - kappa(end (1 - d))) on [0, 2]."""

    def __init__(self, kappa: Any, c: Any, end: int) -> None:
        super().__init__()
        self.kappa, self.c, self.end = kappa, c, end
        start, far = at_end(kappa, c, end), at_end(kappa, c, -end)
        self.at_start = start.expr.xreplace({U: sp.S.Zero})
        """kappa at the end from which d counts, as an exact constant."""
        self._near = Chart(end * (self.at_start - start.expr), U, start.root)
        self._far = Chart(end * (self.at_start - far.expr), U, far.root)

    def __str__(self) -> str:
        return f"the map {shorten(self.kappa)}"

    def places(self) -> list[Place]:
        return unit_interval()

    def derivative(self, order: int) -> tuple[Any, Any]:
        """In the symbol of the correlation, which stands for d here."""
        return sp.diff(self.end * (self.at_start - self.kappa.xreplace({self.c: self.end * (1 - self.c)})), self.c, order), self.c

    def expansion(self, place: Place, order: int) -> Expansion:
        """At a square root the series of F is differentiated term by term; elsewhere the expression, whose derivatives may be far smaller.

        The constant term of F at d = 0 is 0 by its definition.
        """
        match place.side:
            case Side.NEAR:
                chart, first = self._near, 1
            case Side.INSIDE | Side.ZERO:
                chart, first = self.inside(place, order), int(place.side is Side.ZERO)
            case Side.FAR:
                chart, first = self._far, 0
        if chart.root or order == 0:
            return self.expanded(place, chart, 0, order, first)
        return self.expanded(place, self.inside(place, order), order, order, int(place.side is Side.ZERO))


class Line(Source):
    """A function of one positive variable on [low, high], 0 < low < high, analytic on all of it."""

    def __init__(self, expr: Any, x: Any, low: Fraction, high: Fraction) -> None:
        super().__init__()
        self.expr, self.x, self.low, self.high = expr, x, low, high

    def __str__(self) -> str:
        return f"the function {shorten(self.expr)}"

    def places(self) -> list[Place]:
        return octaves(self.low, self.high)

    def derivative(self, order: int) -> tuple[Any, Any]:
        return sp.diff(self.expr, self.x, order), self.x

    def expansion(self, place: Place, order: int) -> Expansion:
        at = _exact(place.centre)
        expr = sp.diff(regrouped(self.expr, self.x, at), self.x, order)
        return self.expanded(place, Chart(expr.xreplace({self.x: at + X}), X, False), order, order, int(place.side is Side.ZERO))


def _exact(value: Fraction) -> Any:
    return sp.Rational(value.numerator, value.denominator)
