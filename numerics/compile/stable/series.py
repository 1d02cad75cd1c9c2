"""Taylor coefficients of an analytic chart in balls, with a bound of the function on a disc: what proves every remainder.

By Cauchy's estimate |a_k| <= M / R^k where |f| <= M on |u| <= R; M is the value of the continuation on a ball that holds the
disc, finite only where the function is analytic on all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log2
from typing import Any

import sympy as sp
from flint import acb, arb

from lemmata.numerics.compile.arb import enclose, precision
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.series import in_one_variable
from lemmata.numerics.compile.stable.charts import Chart, vanishes
from lemmata.numerics.quadrature.analytic import Analytic

BITS = 384
"""The working precision: powers of the coordinate and the change of basis cost about two bits a degree."""

SPARE = 80
"""The remainder of the Taylor polynomial is made smaller than the function by this many bits."""

COARSE = 64
"""The working precision of bounds."""

SQUARES = 12
HALF_UP = 0.5 * (1 + 2.0**-20)
"""Half the width of a square, with something over so that neighbours overlap whatever is rounded."""

LONGEST = 160
RATIOS = (16, 8, 5, Fraction(7, 2), Fraction(5, 2), 2, Fraction(17, 10))
"""The radii of discs that are tried, in units of the reach."""


@dataclass(frozen=True)
class Germ:
    """f(u) = sum a_k u^k for |u| <= `radius`, where |f| <= `bound`; `step` is how much a derivative in d lowers the exponent."""

    chart: Chart
    coefficients: tuple[arb, ...]
    radius: Fraction
    bound: arb

    @property
    def step(self) -> int:
        return 2 if self.chart.root else 1

    def weight(self, k: int, order: int) -> Fraction:
        """The factor of u^(k - order step) in the derivative of u^k: d/dd u^k = (k/2) u^(k-2) for d = u^2."""
        found = Fraction(1)
        for i in range(order):
            found *= Fraction(k - 2 * i, 2) if self.chart.root else k - i
        return found

    def leading(self, order: int, first: int) -> int:
        """The least k >= first whose term survives in the derivative of this order: every earlier one is proved to be 0."""
        for k in range(first, len(self.coefficients)):
            if self.weight(k, order) == 0:
                continue
            if not self.coefficients[k].contains(0):
                return k
            if not vanishes(_exact_coefficient(self.chart, k)):
                raise CannotEvaluate("a leading coefficient is too small to be told from 0")
        raise CannotEvaluate("the map is constant here")

    def derivative(self, order: int, first: int, reach: Fraction, sign: int = 1) -> tuple[int, list[arb], arb]:
        """(p, g, rest) with d^order f / dd^order = u^p (sum g_k u^k + e), |e| <= rest for |u| <= reach; `sign` is that of u against d."""
        start = self.leading(order, first)
        with precision(BITS):
            terms = [arb_of(sign**order * self.weight(k, order)) * a for k, a in enumerate(self.coefficients)][start:]
            count = len(self.coefficients)
            quotient = arb_of(reach / self.radius)
            growth = quotient * (1 + arb(1) / (count - self.step * order)) ** order
            if not growth < 1:
                raise CannotEvaluate("the series is too short for this derivative")
            following = arb_of(abs(self.weight(count, order))) * self.bound / arb_of(self.radius) ** count
            rest = following * arb_of(reach) ** (count - start) / (1 - growth)
            return start - self.step * order, terms, rest


def expand(chart: Chart, reach: Fraction) -> Germ:
    """The germ of a chart with a radius well beyond `reach`; raises CannotEvaluate where no disc is known to be analytic."""
    with precision(COARSE):
        function = Analytic(chart.expr, chart.coordinate, {})
        scale = _binary_size(function(acb(0), False).abs_lower())
        best: tuple[int, Fraction, arb] | None = None
        for ratio in RATIOS:
            radius = reach * ratio
            bound = _bound_on_disc(function, radius_up(radius))
            if bound is None:
                continue
            terms = ceil((max(_binary_size(bound) - scale, 0.0) + SPARE) / log2(ratio)) + 4
            if best is None or terms < best[0]:
                best = terms, radius, bound
    if best is None or best[0] > LONGEST:
        raise CannotEvaluate("no disc about this point on which the map is analytic is large enough")
    terms, radius, bound = best
    with precision(BITS):
        (coefficients,) = in_one_variable([chart.expr], chart.coordinate, arb(0), terms, {})
    return Germ(chart, tuple(coefficients), radius, bound)


def _bound_on_disc(function: Analytic, radius: float) -> arb | None:
    """A bound of |f| on |u| <= radius, where f is analytic on all of it; else None.

    The upper half of the disc is covered by squares, on each of which the continuation says whether it is analytic; the lower half
    mirrors it, because f is real on the real line.
    """
    worst, width = arb(0), 2 * radius / SQUARES
    for i in range(SQUARES):
        for j in range(SQUARES // 2):
            x, y = (i + 0.5) * width - radius, (j + 0.5) * width
            if max(abs(x) - width, 0.0) ** 2 + max(y - width, 0.0) ** 2 > radius**2:
                continue
            try:
                value = function(acb(arb(x, width * HALF_UP), arb(y, width * HALF_UP)), True)
            except (CannotEvaluate, ZeroDivisionError):
                return None
            if not value.is_finite():
                return None
            worst = worst.max(value.abs_upper())
    return worst


def _binary_size(value: arb) -> float:
    """About log2 of a positive number; 0 where the number may be 0."""
    return float(value.mid().log() / arb(2).log()) if value > 0 and value.is_finite() else 0.0


def arb_of(value: Fraction | int) -> arb:
    """An exact rational as a ball at the working precision."""
    value = Fraction(value)
    return arb(value.numerator) / value.denominator


def radius_up(value: Fraction) -> float:
    """A float that is not below a positive rational."""
    found = float(value)
    return found if Fraction(found) >= value else found * (1 + 2.0**-50)


def _exact_coefficient(chart: Chart, k: int) -> Any:
    """The coefficient of u^k as an exact constant, by differentiation at 0."""
    value = sp.diff(chart.expr, chart.coordinate, k).xreplace({chart.coordinate: sp.S.Zero}) / sp.factorial(k)
    if value.has(sp.nan, sp.zoo, sp.oo):
        raise CannotEvaluate("a coefficient of the map's expansion at an end is not defined: cancel its poles first")
    if not value.is_Rational:
        value = sp.expand(value)
        enclose(value, {}, digits=10)
    return value
