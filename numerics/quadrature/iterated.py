"""E f(x, y) over two standard normals as an integral over x of the integral over y.

Kinks lie on lines. Between the x at which two of them cross (or one stands upright) the lines keep their order, so the
inner integral is a sum over the intervals between them, each with a smooth integrand and ends linear in x: an analytic
function of x. Where f is piecewise polynomial in y it is a closed form in the incomplete moments

    M_k(t) = int_-oo^t y^k phi(y) dy,   M_0 = Phi,   M_1 = -phi,   M_k = (k - 1) M_(k-2) - t^(k-1) phi(t),

and the mean comes with all its digits; otherwise it is integrated numerically, with a few.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import sympy as sp
from flint import acb, arb

from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.growth import Growth, growth
from lemmata.numerics.quadrature.holomorphic import Function, compile_holomorphic, constant
from lemmata.numerics.quadrature.line import GAUSSIAN, Weight, cut, cut_off, integrate_piece, middle, refine, uncertainty
from lemmata.numerics.quadrature.pieces import boundaries, branches, linear, resolve

Inner = Callable[[Sequence[acb], bool], acb]

FAR = 40
"""Crossings of kinks within this many standard deviations lie inside the cut-off, so that small values keep their digits."""
NESTED_DIGITS = 7
COARSEST = 2**12
"""A radius above this part of the integrand's size is no measurement."""
NESTED_OUTER = 600
NESTED_INNER = 400


@dataclass(frozen=True, slots=True)
class Line:
    """A kink at y = slope x + offset."""

    slope: Any
    offset: Any


def is_closed(expr: Any, y: Any) -> bool:
    """Whether every branch is a polynomial in y, so that the inner integral is a closed form."""
    try:
        return all(branch.is_polynomial(y) for branch in branches(expr))
    except Unsupported:
        return False


def integrate_iterated(expr: Any, x: Any, y: Any, digits: int, closed: bool, weight: Weight = GAUSSIAN) -> arb:
    """The mean as a ball for a standard normal y; `closed` asks for the inner integral in closed form (`is_closed`).

    `weight` is the law of x, the standard normal one unless another is given.

    Raises Unsupported for kinks that are not on lines, and where no growth bound is proved.

    >>> x, y = sp.symbols("x y", real=True)
    >>> integrate_iterated(sp.Heaviside(y - x - 1) * y, x, y, 12, closed=True).str(12, radius=False)
    '0.219695644734'
    """
    bound = growth(expr, {x: 0.0, y: 0.0})
    if bound is None:
        raise Unsupported(f"no growth bound is known for {expr}")
    if not bound.a < 0.25:
        raise Unsupported(f"the bound of {expr} grows like exp({bound.a:.4g} |x|^2)")
    upright, lines = _lines(expr, x, y)
    share = Growth(bound.C, bound.k, bound.b, 2 * bound.a)
    outer = Growth(bound.C * _share(bound), bound.k, bound.b, 2 * bound.a)
    goal = digits if closed else min(digits, NESTED_DIGITS)

    def attempt(tolerance: float) -> arb:
        reach, missed = (None, arb(0)) if closed else cut_off(GAUSSIAN, share, tolerance, [])
        points = [constant(place) for place in upright]
        if reach is not None:
            points.extend(_leaving(lines, reach))
        for first, second in combinations(lines, 2):
            slope = constant(first.slope - second.slope)
            if not slope.contains(0):
                points.append(constant(second.offset - first.offset) / slope)
            elif not slope.is_zero():
                raise Unsupported("two kinks are so nearly parallel that their order cannot be told")
        points.sort(key=lambda point: float(point.mid()))
        T, tail = cut_off(weight, outer, tolerance, [point for point in points if abs(point) < FAR])
        low = arb(weight.low) if math.isfinite(weight.low) else -T
        high = arb(weight.high) if math.isfinite(weight.high) else T
        cuts, fuzz = cut(points, low, high)
        total, error = arb(0), tail + uncertainty(fuzz, outer, weight)
        for left, right in cuts:
            at = middle(left, right)
            ordered, smooth = _intervals(expr, x, y, lines, at)
            if reach is None:
                inner = _closed_inner(smooth, ordered, x, y)
            else:
                inner = _nested_inner(*_within(smooth, ordered, at, reach), x, y, reach, tolerance)
            most = NESTED_OUTER if not closed else 40_000
            total = total + integrate_piece(inner, weight, left, right, tolerance, most)
            error = error + missed * (_share(bound) if weight is GAUSSIAN else _largest(share, left, right))
        return total + arb(0, error.upper())

    value = refine(attempt, float(bound.C.upper()), goal, rounds=4 if closed else 1)
    if not value.is_finite() or not COARSEST * value.rad() < abs(value.mid()).max(bound.C.upper()):
        raise Unsupported(f"the iterated integral of {expr} did not converge")
    return value


def _share(bound: Growth) -> arb:
    """E (1 + |y|)^k exp(b |y| + 2 a y^2): what the other variable adds to a bound, by (1 + t)^k <= k! e^(1 + t)."""
    k = math.ceil(bound.k)
    slope, left = arb(bound.b) + (1 if k else 0), 1 - 4 * arb(bound.a)
    return 2 * math.factorial(k) * (arb(1).exp() if k else 1) * (slope * slope / (2 * left)).exp() / left.sqrt()


def _largest(share: Growth, left: arb, right: arb) -> arb:
    """One variable's share of the bound at the far end of an interval."""
    return Growth(arb(1), share.k, share.b, share.a).at(abs(left).max(abs(right)))


def _lines(expr: Any, x: Any, y: Any) -> tuple[list[Any], list[Line]]:
    """Upright kinks x = place, and the others, each once."""
    upright: dict[Any, None] = {}
    lines: dict[Line, None] = {}
    for boundary in boundaries(expr):
        found = linear(boundary, [x, y])
        if found is None:
            raise Unsupported(f"the kink {boundary} = 0 is not a line")
        (a, b), c = found
        if sp.expand(b).is_zero:
            if sp.expand(a).is_zero:
                continue
            upright[sp.radsimp(-c / a)] = None
        else:
            lines[Line(sp.radsimp(-a / b), sp.radsimp(-c / b))] = None
    return list(upright), list(lines)


def _intervals(expr: Any, x: Any, y: Any, lines: list[Line], at: arb) -> tuple[list[Line], list[Any]]:
    """The lines in their order at x = at, and the smooth expression below, between and above them."""
    heights = sorted(((constant(line.slope) * at + constant(line.offset), line) for line in lines), key=lambda pair: float(pair[0].mid()))
    for (first, _), (second, _) in zip(heights, heights[1:], strict=False):
        if not first < second:
            raise Unsupported("the order of two kinks cannot be told")
    values = [height.mid() for height, _ in heights]
    probes = [arb(0)]
    if values:
        probes = [values[0] - 1, *(middle(low, high) for low, high in zip(values, values[1:], strict=False)), values[-1] + 1]
    return [line for _, line in heights], [resolve(expr, {x: at, y: probe}) for probe in probes]


def _ends(ordered: list[Line], x: Any) -> list[Function]:
    return [compile_holomorphic(line.slope * x + line.offset, [x]) for line in ordered]


def _closed_inner(smooth: list[Any], ordered: list[Line], x: Any, y: Any) -> Inner:
    """sum over intervals and powers of p_k(x) (M_k(upper end) - M_k(lower end))."""
    rows: list[list[tuple[int, Function]]] = []
    for expr in smooth:
        poly = sp.Poly(sp.expand(expr), y)
        rows.append([(power, compile_holomorphic(value, [x])) for (power,), value in poly.terms() if not value.is_zero])
    highest = max((power for row in rows for power, _ in row), default=0)
    ends = _ends(ordered, x)
    total_moments = _full_moments(highest)

    def inner(at: Sequence[acb], analytic: bool) -> acb:
        moments = [[acb(0)] * (highest + 1), *(_incomplete(end(at, analytic), highest) for end in ends), total_moments]
        value = acb(0)
        for index, row in enumerate(rows):
            for power, coefficient in row:
                value = value + coefficient(at, analytic) * (moments[index + 1][power] - moments[index][power])
        return value

    return inner


def _full_moments(highest: int) -> list[acb]:
    moments = [acb(1), acb(0)]
    for k in range(2, highest + 1):
        moments.append((k - 1) * moments[k - 2])
    return moments[: highest + 1]


def _incomplete(t: acb, highest: int) -> list[acb]:
    """M_0(t) to M_highest(t)."""
    density = (-t * t / 2).exp() / (2 * arb.pi()).sqrt()
    moments = [(-t / arb(2).sqrt()).erfc() / 2, -density]
    power = t
    for k in range(2, highest + 1):
        moments.append((k - 1) * moments[k - 2] - power * density)
        power = power * t
    return moments[: highest + 1]


def _leaving(lines: list[Line], reach: arb) -> list[arb]:
    """Where a line passes y = reach or y = -reach: between those x the same lines lie within the cut-off."""
    found: list[arb] = []
    for line in lines:
        slope, offset = constant(line.slope), constant(line.offset)
        if not slope.contains(0):
            found.extend((end - offset) / slope for end in (reach, -reach))
        elif not slope.is_zero():
            raise Unsupported("a kink is so nearly level that it cannot be told where it leaves the cut-off")
    return found


def _within(smooth: list[Any], ordered: list[Line], at: arb, reach: arb) -> tuple[list[Any], list[Line]]:
    """The kinks within the cut-off and the branches between them: a branch obeys the bound only where it is taken."""
    heights = [constant(line.slope) * at + constant(line.offset) for line in ordered]
    if not all(height <= -reach or height >= reach or (height > -reach and height < reach) for height in heights):
        raise Unsupported("it cannot be told whether a kink lies within the cut-off")
    below = sum(bool(height <= -reach) for height in heights)
    above = sum(bool(height >= reach) for height in heights)
    return smooth[below : len(smooth) - above], ordered[below : len(ordered) - above]


def _nested_inner(smooth: list[Any], ordered: list[Line], x: Any, y: Any, reach: arb, tolerance: float) -> Inner:
    """The inner integral by `acb.integral` from -reach to reach through the kinks."""
    functions = [compile_holomorphic(expr, [x, y]) for expr in smooth]
    ends = _ends(ordered, x)
    density = GAUSSIAN.function

    def inner(at: Sequence[acb], analytic: bool) -> acb:
        stops = [acb(-reach), *(end(at, analytic) for end in ends), acb(reach)]
        value = acb(0)
        for function, low, high in zip(functions, stops, stops[1:], strict=False):

            def integrand(y: acb, inner_analytic: bool, function: Function = function) -> acb:
                return function((at[0], y), analytic or inner_analytic) * density(y, inner_analytic)

            value = value + acb.integral(integrand, low, high, rel_tol=arb(2) ** -30, abs_tol=arb(tolerance) / 8, eval_limit=NESTED_INNER)
        return value

    return inner
