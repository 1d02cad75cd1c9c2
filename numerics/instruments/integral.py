"""Integrals over intervals: certified by complex balls with proved tails where possible, else double-exponential quadrature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import BITS_A_DIGIT, CannotEvaluate, precision, to_arb
from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.measurement import Approx, Ball, Instrument, Measurement, Refusal
from lemmata.numerics.quadrature.analytic import integrate
from lemmata.numerics.quadrature.improper import DIGITS as QUADRATURE_DIGITS
from lemmata.numerics.quadrature.improper import as_mpf, quadrature_1d, quadrature_nd, settled_sign
from lemmata.numerics.quadrature.tails import tail
from lemmata.numerics.streams import Stream
from lemmata.theory.pieces import kinks
from lemmata.theory.quantity import quantities, random_symbols

FARTHEST = 2**40
"""The cut of an infinite range is sought among the powers of two up to here."""

FAR_END = sp.Rational(1, 2**10)
"""An infinite end is cut at this times 2^digits."""

ENDLESS = (sp.oo, -sp.oo)
"""Every other end is a number: SymPy does not know of each that it is finite, and one it does not know of is no infinity."""

SETTLED = 10
"""Bits to which two levels of a quadrature have to agree."""


class IntervalIntegral(Instrument):
    """`Integral(f, (x, a, b))` of a closed f: a ball where f continues to the complex plane and its tails are proved.

    Otherwise, and in more than one dimension, double-exponential quadrature at two levels.
    """

    name = "integral over an interval"
    cost = 2

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, sp.Integral):
            return Refusal("not an integral")
        if quantities(quantity.function) or random_symbols(quantity.function):
            return Refusal(f"the integrand holds a quantity: {shorten(quantity.function)}")
        if not all(len(limit) == 3 for limit in quantity.limits):
            return Refusal("an integral without both ends has no value")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            if len(quantity.limits) > 1:
                return _several(quantity, at)
            return _one(quantity, at, budget)
        except FAILURES as error:
            return Refusal(f"the integral cannot be evaluated: {error}")


def scalars(at: Mapping[Any, Any]) -> dict[Any, Any]:
    """The scalar part of a point, for substitution into an expression."""
    return {symbol: sp.sympify(value) for symbol, value in at.items() if not getattr(symbol, "is_Matrix", False)}


def _one(quantity: Any, at: Mapping[Any, Any], budget: Budget) -> Measurement:
    (variable, low, high), x = quantity.limits[0], sp.Dummy("x", real=True)
    integrand = quantity.function.xreplace({variable: x}).xreplace(scalars(at))
    low, high = low.xreplace(scalars(at)), high.xreplace(scalars(at))
    if low == high:
        return Ball(arb(0), "an empty range")
    for end in (low, high):
        if _not_real(end):
            return Refusal(f"the range ends at {shorten(end)}, which is no real number", divergent=True, undefined=True)
    if low == sp.oo or high == -sp.oo:
        low, high, integrand = high, low, -integrand
    if (found := _poles(integrand, x, low, high)) is not None:
        return found
    ball = _certified(integrand, x, low, high, dict(at), budget)
    if ball is not None:
        return Ball(ball, "complex balls" + (" with a proved tail" if low in ENDLESS or high in ENDLESS else ""))
    for end, other in ((high, low), (low, high)):
        if settled_sign(integrand, x, end, other):
            return Refusal(f"the integral diverges at {end}: {shorten(integrand)}", divergent=True)
    around = _around_a_proved_middle(integrand, x, low, high, dict(at), budget)
    if around is not None:
        return around
    value, error = quadrature_1d(integrand, x, low, high, _breaks(integrand, x, low, high))
    return _settled(value, error, "double-exponential quadrature at two levels")


def _not_real(end: Any) -> bool:
    """Whether an end is a closed number that neither balls nor SymPy find real, as the arc sine of 3 is."""
    if end in ENDLESS or end.free_symbols or quantities(end):
        return False
    try:
        return not to_arb(end).is_finite()
    except FAILURES:
        return not end.is_comparable


def _around_a_proved_middle(f: Any, x: Any, low: Any, high: Any, at: dict[Any, Any], budget: Budget) -> Approx | None:
    """Complex balls over all but the ends, quadrature at two levels there: nodes alone would miss a narrow peak.

    The cuts move with the digits, so that a second look with more of them is another computation.
    """
    apart = sp.Integer(2) ** budget.digits
    width = sp.S.One if low in ENDLESS or high in ENDLESS else high - low
    left = min(high, sp.S.Zero) - FAR_END * apart if low in ENDLESS else low + width / apart
    right = max(low, sp.S.Zero) + FAR_END * apart if high in ENDLESS else high - width / apart
    middle = _certified(f, x, left, right, at, budget)
    if middle is None:
        return None
    try:
        ends = [quadrature_1d(f, x, *piece, _breaks(f, x, *piece)) for piece in ((low, left), (right, high))]
    except (CannotEvaluate, ArithmeticError, ValueError):  # a node that rounds to a singular end: the whole range may do better
        return None
    with mpmath.workdps(QUADRATURE_DIGITS):
        value = as_mpf(middle.mid()) + sum(part for part, _ in ends)
        error = as_mpf(middle.rad()) + sum(part for _, part in ends)
        settled = error <= abs(value) / 2**SETTLED
    return Approx(value, error, "complex balls, and double-exponential quadrature at the ends") if settled else None


def _breaks(f: Any, x: Any, low: Any, high: Any) -> list[Any]:
    """Places inside the range where f may have a kink or a singularity, as far as they are roots of polynomials."""
    if low > high:
        low, high = high, low
    places: set[Any] = set()
    for kink in kinks(f):
        if kink.has(x) and kink.is_polynomial(x):
            polynomial = sp.Poly(kink, x)
            if polynomial.degree() == 1:
                places.add(-polynomial.coeff_monomial(1) / polynomial.coeff_monomial(x))
            elif all(c.is_Rational for c in polynomial.all_coeffs()):
                places.update(sp.real_roots(polynomial))
    return [place for place in places if low < place and place < high]


def _poles(f: Any, x: Any, low: Any, high: Any) -> Refusal | None:
    """Rational functions: a pole in the range, or too slow a decay, is divergence."""
    if not f.is_rational_function(x) or f.free_symbols - {x} or not f.is_number and not f.has(x):
        return None
    above, below = sp.fraction(sp.cancel(f))
    if not all(part.is_polynomial(x) and all(c.is_Rational for c in sp.Poly(part, x).all_coeffs()) for part in (above, below)):
        return None
    if low > high:
        low, high = high, low
    ends = [None if end in ENDLESS else end for end in (low, high)]
    if all(end is None or end.is_Rational for end in ends) and sp.Poly(below, x).count_roots(*ends) > 0:
        return Refusal(f"the integral diverges: {shorten(f)} has a pole in the range", divergent=True)
    if None in ends and above != 0 and sp.degree(above, x) - sp.degree(below, x) > -2:
        return Refusal(f"the integral diverges: {shorten(f)} decays too slowly", divergent=True)
    return None


def _certified(f: Any, x: Any, low: Any, high: Any, at: dict[Any, Any], budget: Budget) -> arb | None:
    """The ball, its precision raised until its radius is as small as asked; None where nothing rigorous was found."""
    bits = int(budget.digits * BITS_A_DIGIT) + 30
    best: arb | None = None
    for _ in range(3):
        with precision(bits):
            try:
                value = _at_precision(f, x, low, high, at, bits)
            except CannotEvaluate:
                return best
        if value is None or not value.is_finite():
            return best
        best = value
        if value.rad() <= abs(value) * arb(10) ** -budget.digits or (value.contains(0) and value.rad() <= arb(10) ** (-2 * budget.digits)):
            break
        bits *= 2
    return (
        best if best is not None and best.rel_accuracy_bits() > 20 or best is not None and best.rad() < arb(10) ** -budget.digits else None
    )


def _at_precision(f: Any, x: Any, low: Any, high: Any, at: dict[Any, Any], bits: int) -> arb | None:
    values = {symbol: to_arb(value) for symbol, value in at.items()}
    if low not in ENDLESS and high not in ENDLESS:
        return integrate(f, x, to_arb(low), to_arb(high), values)
    middle = low if low not in ENDLESS else (high if high not in ENDLESS else sp.S.Zero)
    total = arb(0)
    if high in ENDLESS:
        right = _half_line(f, x, middle, values, bits)
        if right is None:
            return None
        total = total + right
    if low in ENDLESS:
        left = _half_line(f.xreplace({x: -x}), x, -middle, values, bits)
        if left is None:
            return None
        total = total + left
    return total


def _half_line(f: Any, x: Any, low: Any, values: dict[Any, Any], bits: int) -> arb | None:
    """The integral over [low, oo): up to a cut N by balls, beyond it a proved bound or, for rational f, the substitution 1/t."""
    positive = sp.Dummy("x", positive=True)
    far = f.xreplace({x: positive})
    start, cut = to_arb(low), 1
    while cut <= FARTHEST:
        bound = tail(far, positive, cut, values) if start < cut else None
        if bound is not None and bound[1] < arb(2) ** -bits:
            return integrate(f, x, start, arb(cut), values) + arb(0, bound[1])
        cut *= 2
    if not far.is_rational_function(positive):
        return None
    cut = max(1, int(sp.ceiling(low)) + 1)
    inverted = sp.cancel(far.xreplace({positive: 1 / positive}) / positive**2)
    return integrate(f, x, start, arb(cut), values) + integrate(inverted, positive, arb(0), arb(1) / cut, values)


def _several(quantity: Any, at: Mapping[Any, Any]) -> Measurement:
    """Limits from the innermost to the outermost, as SymPy keeps them."""
    if len(quantity.limits) > 3:
        return Refusal("an integral in more than three variables needs the Monte Carlo instrument")
    renamed = {limit[0]: sp.Dummy(str(limit[0]), real=True) for limit in quantity.limits}
    inside = {**scalars(at), **renamed}
    f = quantity.function.xreplace(inside)
    limits = [(renamed[variable], low.xreplace(inside), high.xreplace(inside)) for variable, low, high in quantity.limits]
    value, error = quadrature_nd(f, limits)
    return _settled(value, error, f"double-exponential quadrature in {len(limits)} variables at two levels")


def _settled(value: Any, error: Any, basis: str) -> Measurement:
    """Levels that differ by more than 2^-SETTLED of their value do not converge, and their difference bounds nothing."""
    if error > abs(value) / 2**SETTLED and error > 2.0 ** (-4 * SETTLED):
        return Refusal(f"quadrature does not settle: {float(value):.6g} with levels {float(error):.1g} apart")
    return Approx(value, error, basis)


INSTRUMENT = IntervalIntegral()
