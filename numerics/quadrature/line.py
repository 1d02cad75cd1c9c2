"""Certified integrals over a line: E f(s) for a standard normal s, and for a law with a density on an interval.

The line is cut where the integrand has kinks or jumps, each piece is integrated by `acb.integral`, and what lies beyond
the cut-off T is bounded: |f(x)| phi(x) <= h(x) with h from the proved growth of f, and
int_T^oo h <= h(T) / m whenever -(log h)' >= m > 0 on [T, oo).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flint import acb, arb, ctx

from lemmata.numerics.compile.arb import BITS_A_DIGIT, precision
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.growth import Growth, growth
from lemmata.numerics.quadrature.holomorphic import Function, compile_holomorphic
from lemmata.numerics.quadrature.pieces import boundaries, has_switch, real_roots, resolve

MOST_EVALUATIONS = 40_000
ROUNDS = 4
FARTHEST_KINK = 1e3
"""Kinks beyond this many standard deviations are left to the tail bound."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A density on an interval: `function` is its holomorphic form, `tail` bounds what lies beyond T.

    low, high  the support, math.inf allowed
    function   the density on complex balls (with the flag `analytic`)
    tail       growth of f and T -> bound of int over |x| > T in the support, or None where nothing is proved for that T
    """

    low: float
    high: float
    function: Callable[[acb, bool], acb]
    tail: Callable[[Growth, arb], arb | None]


def _gaussian(x: acb, _: bool) -> acb:
    return (x * x * MINUS_HALF).exp() * _peak(ctx.prec)


MINUS_HALF = acb(-1) / 2


@lru_cache(maxsize=64)
def _peak(bits: int) -> acb:
    """1/sqrt(2 pi), enclosed so closely that a product at this many bits loses its own rounding alone."""
    with precision(bits + 32):
        return acb(1 / (2 * arb.pi()).sqrt())


def gaussian_tail(bound: Growth, T: arb) -> arb | None:
    """2 h(T) / m with h = C (1 + x)^k exp(b x - (1/2 - a) x^2) / sqrt(2 pi), m = (1 - 2a) T - b - k / (1 + T)."""
    m = (1 - 2 * arb(bound.a)) * T - bound.b - arb(bound.k) / (1 + T)
    return 2 * bound.at(T) * (-T * T / 2).exp() / (2 * arb.pi()).sqrt() / m if m > 0 else None


GAUSSIAN = Weight(-math.inf, math.inf, _gaussian, gaussian_tail)


def integrate_line(expr: Any, variable: Any, digits: int, weight: Weight = GAUSSIAN) -> arb:
    """E f(x) for x of the given weight, as a ball of relative radius about 10^-digits (absolute, where it may be zero).

    Raises Unsupported where no growth bound is proved or no kink can be located, with the reason.

    >>> import sympy as sp
    >>> s = sp.Symbol("s", real=True)
    >>> integrate_line(sp.Max(0, s) ** 2, s, 15).str(15, radius=False)
    '0.500000000000000'
    """
    bound = growth(expr, {variable: 0.0})
    infinite = math.isinf(weight.low) or math.isinf(weight.high)
    if bound is None and infinite:
        raise Unsupported(f"no growth bound is known for {expr}")
    if bound is not None and weight is GAUSSIAN and not bound.a < 0.5:
        raise Unsupported(f"the bound of {expr} grows like exp({bound.a:.4g} x^2) or faster, against exp(-x^2/2)")
    scale = float(bound.C.upper()) if bound is not None else 1.0

    def attempt(tolerance: float) -> arb:
        points = kinks(expr, variable)
        T, tail = cut_off(weight, bound, tolerance, points or [])
        low = arb(weight.low) if math.isfinite(weight.low) else -T
        high = arb(weight.high) if math.isfinite(weight.high) else T
        total, error = arb(0), tail
        if points is None:
            pieces = [(low, high, compile_holomorphic(expr, [variable]))]
        else:
            cuts, fuzz = cut(points, low, high)
            error = error + uncertainty(fuzz, bound, weight)
            pieces = [
                (left, right, compile_holomorphic(resolve(expr, {variable: middle(left, right)}), [variable])) for left, right in cuts
            ]
        for left, right, function in pieces:
            total = total + integrate_piece(function, weight, left, right, tolerance)
        return total + arb(0, error.upper())

    value = refine(attempt, scale, digits)
    if not value.is_finite():
        raise Unsupported(f"the integral of {expr} did not converge")
    return value


def refine(attempt: Callable[[float], arb], scale: float, digits: int, rounds: int = ROUNDS) -> arb:
    """Repeat an integration with more bits and a smaller absolute tolerance until its relative radius is 10^-digits.

    A value that may be zero is pursued once past the size that its bound suggests. A round that does not halve the radius is the
    last: it was asked for a thousandth of what the one before was asked for, so that a limit of evaluations holds both.
    """
    tolerance = scale * 10.0 ** -(digits + 2)
    best: arb | None = None
    for round_ in range(rounds):
        with precision(int(digits * BITS_A_DIGIT) + 30 + 40 * round_ * round_):
            try:
                value = attempt(tolerance)
            except Unsupported:
                if best is None:
                    raise
                break
        stalled = best is not None and best.is_finite() and not 2 * value.rad() < best.rad()
        if best is None or not best.is_finite() or value.rad() < best.rad():
            best = value
        if stalled:
            break
        size = max(0.0, float(abs(value).lower())) if value.is_finite() else 0.0
        if value.is_finite() and value.rad() <= abs(value.mid()) * arb(10) ** -digits:
            break
        if size == 0.0 and round_ > 1:
            break
        reached = size if size > 0 else float(abs(value).upper()) if value.is_finite() else scale
        tolerance = min(tolerance * 2.0**-10, reached * 10.0 ** -(digits + 2))
        if tolerance == 0.0:
            break
    assert best is not None
    return best


def kinks(expr: Any, variable: Any) -> list[arb] | None:
    """Enclosures of all kinks in order, or None when some boundary has zeros that are not located exactly."""
    if not has_switch(expr):
        return []
    points: list[arb] = []
    for boundary in boundaries(expr):
        roots = real_roots(boundary, variable)
        if roots is None:
            return None
        points.extend(roots)
    return sorted(points, key=lambda point: float(point.mid()))


def cut_off(weight: Weight, bound: Growth | None, tolerance: float, points: list[arb]) -> tuple[arb, arb]:
    """T and the bound of what lies beyond; past every kink, so that a value that comes from far out keeps its digits."""
    if math.isfinite(weight.low) and math.isfinite(weight.high):
        return arb(0), arb(0)
    assert bound is not None
    far = max((float(abs(point).upper()) for point in points), default=0.0)
    T = 2.0 + far if far < FARTHEST_KINK else 2.0
    want = arb(tolerance)
    if weight is GAUSSIAN and 0 < far < FARTHEST_KINK:
        want = want * (-arb(far) * far / 2).exp()
    for _ in range(600):
        tail = weight.tail(bound, arb(T))
        if tail is not None and tail <= want:
            return arb(T), tail
        T = T + 0.5 if T < 40 else T * 1.05
    raise Unsupported("no cut-off makes the tail small")


def cut(points: list[arb], low: arb, high: arb) -> tuple[list[tuple[arb, arb]], list[arb]]:
    """The intervals between kinks (in order), and the balls in which a kink is only known to lie."""
    cuts, fuzz = [low], []
    for point in points:
        mid = point.mid()
        if not (mid > low and mid < high):
            fuzz.extend([point] if point.overlaps(low) or point.overlaps(high) else [])
        elif point.lower() > cuts[-1]:
            cuts.append(mid)
            fuzz.extend([point] if point.rad() > 0 else [])
        else:
            fuzz.append(point.union(cuts[-1]))
    cuts.append(high)
    return list(zip(cuts, cuts[1:], strict=False)), fuzz


def middle(left: arb, right: arb) -> arb:
    """The exact middle of an interval."""
    return ((left + right) / 2).mid()


def uncertainty(fuzz: list[arb], bound: Growth | None, weight: Weight) -> arb:
    """On a ball where the wrong branch may be used, the error is at most its length times twice the bound of all branches."""
    total = arb(0)
    for ball in fuzz:
        if bound is None:
            raise Unsupported("a kink is at an irrational place and the integrand has no bound there")
        density = abs(weight.function(acb(ball), False).real)
        total = total + 2 * ball.rad() * 2 * bound.at(abs(ball)) * density
    return total


def integrate_piece(function: Function, weight: Weight, left: arb, right: arb, tolerance: float, most: int = MOST_EVALUATIONS) -> arb:
    """The integral of function times density over one piece; raises Unsupported where it is not real."""
    density = weight.function

    def integrand(x: acb, analytic: bool) -> acb:
        return function((x,), analytic) * density(x, analytic)

    value = acb.integral(integrand, acb(left), acb(right), rel_tol=arb(2) ** (4 - ctx.prec), abs_tol=arb(tolerance) / 8, eval_limit=most)
    if not value.imag.contains(0):
        raise Unsupported("the integrand is not real on the whole range")
    return value.real
