"""Densities, tails and moments of laws other than the normal one; and floating-point quadrature where nothing is proved."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import sympy as sp
from flint import acb, arb

from lemmata.numerics.laws import Source, Unsupported
from lemmata.numerics.quadrature.growth import Growth
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.line import Weight
from lemmata.numerics.quadrature.pieces import boundaries, has_switch, real_roots


def weight_of(source: Source) -> Weight | None:
    """The density of a law with a proved tail, or None: uniform, exponential, logistic, gamma and beta (exponents >= 1)."""
    if source.family == "Uniform":
        return Weight(0.0, 1.0, lambda x, _: acb(1), lambda bound, T: arb(0))
    if source.family == "Exponential":
        return Weight(0.0, math.inf, lambda x, _: (-x).exp(), lambda bound, T: _exponential_tail(bound, T, 0.0, 1.0))
    if source.family == "Logistic":
        return Weight(-math.inf, math.inf, _logistic, lambda bound, T: _scaled(_exponential_tail(bound, T, 0.0, 1.0), 2))
    if source.family == "Gamma" and source.law.args[0] >= 1:
        return _gamma(*source.law.args)
    if source.family == "ChiSquared" and source.law.args[0] >= 2:
        return _gamma(source.law.args[0] / 2, sp.Integer(2))
    if source.family == "Erlang" and source.law.args[0] >= 1:
        return _gamma(source.law.args[0], 1 / source.law.args[1])
    if source.family == "Beta" and min(source.law.args) >= 1:
        return _beta(*source.law.args)
    return None


def _scaled(tail: arb | None, factor: Any) -> arb | None:
    return None if tail is None else tail * factor


def _exponential_tail(bound: Growth, T: arb, power: float, rate: float) -> arb | None:
    """int_T^oo C (1 + x)^k x^power exp(b x - rate x) <= h(T) / m, m = rate - b - k / (1 + T) - power / T."""
    if bound.a > 0:
        return None
    m = arb(rate) - bound.b - arb(bound.k) / (1 + T) - arb(power) / T
    return bound.at(T) * T ** arb(power) * (-arb(rate) * T).exp() / m if m > 0 else None


def _logistic(x: acb, _: bool) -> acb:
    """1 / (4 cosh^2(x / 2)), at most exp(-|x|)."""
    return 1 / (4 * (x / 2).cosh() ** 2)


def _power(x: acb, exponent: Any, analytic: bool) -> acb:
    if exponent.is_Integer:
        return x ** int(exponent)
    if not analytic and x.real.contains(0):
        return acb(x.real.abs_upper() ** constant(exponent)).union(acb(0))
    return (x.log(analytic=analytic) * constant(exponent)).exp()


def _gamma(shape: Any, scale: Any) -> Weight:
    exponent = sp.sympify(shape) - 1
    rate = math.nextafter(float(1 / sp.sympify(scale)), 0.0)

    def density(x: acb, analytic: bool) -> acb:
        norm = constant(shape).gamma() * constant(scale) ** constant(shape)
        return _power(x, exponent, analytic) * (-x / constant(scale)).exp() / norm

    def tail(bound: Growth, T: arb) -> arb | None:
        norm = constant(shape).gamma() * constant(scale) ** constant(shape)
        return _scaled(_exponential_tail(bound, T, math.nextafter(float(exponent), math.inf), rate), 1 / norm)

    return Weight(0.0, math.inf, density, tail)


def _beta(first: Any, second: Any) -> Weight:
    def density(x: acb, analytic: bool) -> acb:
        a, b = constant(first), constant(second)
        norm = a.gamma() * b.gamma() / (a + b).gamma()
        return _power(x, first - 1, analytic) * _power(1 - x, second - 1, analytic) / norm

    return Weight(0.0, 1.0, density, lambda bound, T: arb(0))


def moment(source: Source, k: int) -> Any | None:
    """E x^k as an exact number where a closed form is known, else None.

    >>> from sympy.stats.crv_types import StudentTDistribution
    >>> t = Source(sp.Dummy("t", real=True), "StudentT", StudentTDistribution(3))
    >>> moment(t, 2), moment(t, 3)
    (3, None)
    """
    if source.is_normal:
        return sp.factorial2(k - 1) if k % 2 == 0 else sp.Integer(0)
    if source.family == "Uniform":
        return sp.Rational(1, k + 1)
    if source.family == "Exponential":
        return sp.factorial(k)
    if source.family == "Laplace":
        return sp.factorial(k) if k % 2 == 0 else sp.Integer(0)
    form = _MOMENTS.get(source.family)
    if form is not None:
        return form(k, *source.law.args)
    outcomes = source.outcomes
    if outcomes is not None:
        return sp.Add(*(sp.sympify(weight) * sp.sympify(value) ** k for value, weight in outcomes.items()))
    return None


def _student_moment(k: int, freedom: Any) -> Any | None:
    """nu^(k/2) Gamma((k+1)/2) Gamma((nu-k)/2) / (sqrt(pi) Gamma(nu/2)) for even k < nu."""
    if not k < freedom:
        return None
    if k % 2:
        return sp.Integer(0)
    half = sp.Rational(k, 2)
    return freedom**half * sp.gamma(half + sp.S.Half) * sp.gamma(freedom / 2 - half) / (sp.sqrt(sp.pi) * sp.gamma(freedom / 2))


def _from_factorial(k: int, factorial_moment: Callable[[int], Any]) -> Any:
    """E x^k = sum_j S(k, j) E[x (x-1) ... (x-j+1)], S the Stirling numbers of the second kind."""
    from sympy.functions.combinatorial.numbers import stirling

    return sp.Add(*(stirling(k, j) * factorial_moment(j) for j in range(k + 1)))


_MOMENTS: dict[str, Callable[..., Any]] = {
    "StudentT": _student_moment,
    "Gamma": lambda k, shape, scale: scale**k * sp.rf(shape, k),
    "ChiSquared": lambda k, freedom: 2**k * sp.rf(freedom / 2, k),
    "Beta": lambda k, first, second: sp.rf(first, k) / sp.rf(first + second, k),
    "Maxwell": lambda k, scale: scale**k * sp.sqrt(2) ** k * sp.gamma(sp.Rational(k + 3, 2)) / sp.gamma(sp.Rational(3, 2)),
    "Poisson": lambda k, rate: _from_factorial(k, lambda j: rate**j),
    "NegativeBinomial": lambda k, count, chance: _from_factorial(k, lambda j: sp.rf(count, j) * ((1 - chance) / chance) ** j),
}
"""E x^k, k >= 1, of laws with parameters, in the order of sympy.stats (the negative binomial has the mass C(k+r-1, k) p^r (1-p)^k)."""


def approximate(expr: Any, source: Source) -> tuple[float, float]:
    """A floating-point integral against any density (QUADPACK, cut at the kinks) and its error estimate.

    Raises Unsupported where the law has no density on an interval, or convergence is in doubt, also that of int |f|.
    """
    from scipy.integrate import quad

    if expr.has(sp.DiracDelta):
        raise Unsupported("a delta function has no values that floating point could integrate")
    x = source.variable
    density, support = _density(source)
    low, high = (float(end) for end in (support.start, support.end))
    inside = sorted({float(root.mid()) for root in _roots(expr, x)} | {0.0})
    points = [low, *(place for place in inside if low < place < high), high]
    function = _in_floating_point(expr, density, x)
    value, error, size = 0.0, 0.0, 0.0
    for left, right in zip(points, points[1:], strict=False):
        for sign in (False, True):
            result = quad(lambda place, sign=sign: abs(function(place)) if sign else function(place), left, right, limit=200, full_output=1)
            if len(result) > 3 or not math.isfinite(result[0]):
                raise Unsupported("floating-point quadrature did not converge, or not absolutely")
            if sign:
                size += result[0]
            else:
                value, error = value + result[0], error + result[1]
    return value, error + size * 2.0**-44


def _in_floating_point(expr: Any, density: Any, x: Any) -> Callable[[float], float]:
    """expr times density; where the density is 0 in floating point, their product as one expression, in which exponents may cancel.

    A density that overflows on its way to 0 is 0 there, whatever is bounded times it too; a complex value is NaN, and any NaN
    stays one.
    """
    import numpy as np

    inner, outer = sp.lambdify(x, expr, "scipy"), sp.lambdify(x, density, "scipy")
    together = sp.lambdify(x, sp.powsimp(sp.Mul(expr, density), combine="exp"), "scipy")

    def vanished(place: float) -> float:
        value = inner(place)
        if np.iscomplexobj(value) or abs(value) <= 1:
            return math.nan if np.iscomplexobj(value) else 0.0
        try:
            return float(together(place))
        except OverflowError:
            return math.inf

    def function(place: float) -> float:
        with np.errstate(all="ignore"):
            try:
                weight = float(outer(place))
            except OverflowError:
                weight = 0.0
            if weight == 0.0 or math.isnan(weight):
                return vanished(place)
            value = inner(place)
            return math.nan if np.iscomplexobj(value) else float(value) * weight

    return function


def _density(source: Source) -> tuple[Any, sp.Interval]:
    x = source.variable
    if source.law is not None:
        support = source.law.set
        if not isinstance(support, sp.Interval):
            raise Unsupported(f"the law {source.family} has no density on an interval")
        return source.law.pdf(x), support
    line, half = sp.Interval(-sp.oo, sp.oo), sp.Interval(0, sp.oo)
    known = {
        "Normal": (sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi), line),
        "Cauchy": (1 / (sp.pi * (1 + x**2)), line),
        "Laplace": (sp.exp(-sp.Abs(x)) / 2, line),
        "Logistic": (1 / (4 * sp.cosh(x / 2) ** 2), line),
        "Exponential": (sp.exp(-x), half),
        "Uniform": (sp.Integer(1), sp.Interval(0, 1)),
    }
    if source.family not in known:
        raise Unsupported(f"no density is known for {source.family}")
    return known[source.family]


def _roots(expr: Any, x: Any) -> list[arb]:
    if not has_switch(expr):
        return []
    return [root for boundary in boundaries(expr) for root in real_roots(boundary, x) or []]
