"""E f(x, y) over two standard normals for f analytic in strips: the trapezoid rule with its proved error.

For g analytic in |Im x| < w with int |g(x + i v)| dx <= M there, the trapezoid sum of step h is within
2 M / (exp(2 pi w / h) - 1) of the integral (Trefethen & Weideman, SIAM Review 56 (2014), theorem 5.1). It is applied to
x first and then to y at each node; both strips and both constants come from the proved growth of f.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.growth import Growth, growth
from lemmata.numerics.quadrature.holomorphic import Function, compile_holomorphic
from lemmata.numerics.quadrature.line import gaussian_tail, refine
from lemmata.numerics.quadrature.pieces import has_switch

MOST_NODES = 200_000


@dataclass(frozen=True, slots=True)
class Strip:
    """A half-width, the constant M without its share of the other variable, and the step that they ask for."""

    width: float
    bound: Growth
    step: float


def integrate_strips(expr: Any, x: Any, y: Any, digits: int, most: int = MOST_NODES) -> arb:
    """The mean as a ball; raises Unsupported for kinks, for functions without a strip, and beyond `most` nodes.

    >>> x, y = sp.symbols("x y", real=True)
    >>> integrate_strips(sp.tanh(x) * sp.tanh(x / 2 + y), x, y, 12).str(12, radius=False)
    '0.173408924732'
    """
    if has_switch(expr):
        raise Unsupported("the trapezoid rule needs an integrand without kinks")
    real = growth(expr, {x: 0.0, y: 0.0})
    if real is None:
        raise Unsupported(f"no growth bound is known for {expr}")
    if not real.a < 0.25:
        raise Unsupported(f"the bound of {expr} grows like exp({real.a:.4g} |x|^2)")
    bound = real
    return refine(lambda tolerance: _attempt(expr, x, y, bound, tolerance, most), float(bound.C.upper()), digits, rounds=3)


def _attempt(expr: Any, x: Any, y: Any, real: Growth, tolerance: float, most: int) -> arb:
    across, along = _strip(expr, x, y, tolerance), _strip(expr, y, x, tolerance)
    T = _cut_off(real, tolerance)
    counts = [int(math.ceil(T / strip.step)) for strip in (across, along)]
    nodes = (2 * counts[0] + 1) * (2 * counts[1] + 1)
    if nodes > most:
        raise Unsupported(f"the trapezoid rule needs {nodes} nodes where {most} are allowed")
    steps = [_dyadic(strip.step) for strip in (across, along)]
    total = _sum(expr, x, y, steps, counts)
    K = [_mass(real, step, count) for step, count in zip(steps, counts, strict=True)]
    tails = [_tail(real, step, count) for step, count in zip(steps, counts, strict=True)]
    error = real.C * (tails[0] * (K[1] + tails[1]) + K[0] * tails[1])
    share = _mass(along.bound, steps[0], counts[0]) + _tail(along.bound, steps[0], counts[0])
    error = error + _rule(across, steps[0]) * _mean(across.bound) + _rule(along, steps[1]) * share
    return total + arb(0, error.upper())


def _strip(expr: Any, variable: Any, other: Any, tolerance: float) -> Strip:
    """The half-width that asks for the fewest nodes: wide strips allow long steps, but the bound grows with the width."""
    best: Strip | None = None
    width = 16.0
    while width > 2.0**-7:
        candidate = _candidate(expr, variable, other, width, tolerance)
        if candidate is not None and (best is None or candidate.step > best.step):
            best = candidate
        elif best is not None:
            break
        width *= 0.7
    if best is None:
        raise Unsupported(f"no strip was found in which {expr} is analytic and bounded")
    return best


def _candidate(expr: Any, variable: Any, other: Any, width: float, tolerance: float) -> Strip | None:
    bound = growth(expr, {variable: width, other: 0.0})
    if bound is None or not bound.a < 0.25:
        return None
    scaled = Growth(bound.C * (arb(width) ** 2 / 2).exp(), bound.k, bound.b, bound.a)
    size = float(arb(scaled.C * _mean(scaled) ** 2).log().upper()) - math.log(tolerance) + 2.0
    return Strip(width, scaled, 2 * math.pi * width / max(size, 1.0))


def _mean(bound: Growth) -> arb:
    """E (1 + |s|)^k exp(b |s| + 2 a s^2) <= k! e 2 (1 - 4 a)^(-1/2) exp((b + [k > 0])^2 / (2 (1 - 4 a))).

    From (1 + t)^k <= k! e^(1 + t).
    """
    if bound.bounded:
        return arb(1)
    k = math.ceil(bound.k)
    slope = arb(bound.b) + (1 if k else 0)
    left = 1 - 4 * arb(bound.a)
    return 2 * math.factorial(k) * (arb(1).exp() if k else 1) * (slope * slope / (2 * left)).exp() / left.sqrt()


def _cut_off(real: Growth, tolerance: float) -> float:
    T = 2.0
    split = Growth(real.C, real.k, real.b, 2 * real.a)
    for _ in range(400):
        tail = gaussian_tail(split, arb(T))
        if tail is not None and tail * _mean(real) * 4 <= tolerance:
            return T
        T += 0.25 if T < 40 else T / 20
    raise Unsupported("no cut-off makes the tail small")


def _dyadic(step: float) -> arb:
    """The step rounded down to few bits, so that the nodes are exact."""
    exponent = math.floor(math.log2(step)) - 12
    return arb(math.floor(step / 2.0**exponent)) * arb(2) ** exponent


def _sum(expr: Any, x: Any, y: Any, steps: list[arb], counts: list[int]) -> arb:
    """h h' sum f(j h, l h') phi(j h) phi(l h'): factors of one variable computed once a node, an even f on half the plane."""
    alone_x, alone_y, both = _split(expr, x, y)
    even = expr.xreplace({x: -x, y: -y}) == expr
    xs = [steps[0] * j for j in range(0 if even else -counts[0], counts[0] + 1)]
    ys = [steps[1] * j for j in range(-counts[1], counts[1] + 1)]
    weight_x = _weights(compile_holomorphic(alone_x, [x], real=True), xs)
    columns = list(zip(ys, _weights(compile_holomorphic(alone_y, [y], real=True), ys), strict=True))
    function = compile_holomorphic(both, [x, y], real=True)
    total = arb(0)
    for index, (node, weight) in enumerate(zip(xs, weight_x, strict=True)):
        row = arb(0)
        for there, other in columns:
            row = row + function((node, there), False) * other
        total = total + row * weight * (2 if even and index else 1)
    return total * steps[0] * steps[1] / (2 * arb.pi())


def _weights(function: Function, nodes: list[arb]) -> list[arb]:
    return [function((node,), False) * (-node * node / 2).exp() for node in nodes]


def _split(expr: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Factors that hold x alone, y alone, and the rest."""
    alone_x: list[Any] = []
    alone_y: list[Any] = []
    both: list[Any] = []
    for factor in sp.Mul.make_args(expr):
        symbols = factor.free_symbols
        (both if x in symbols and y in symbols else alone_y if y in symbols else alone_x).append(factor)
    return sp.Mul(*alone_x), sp.Mul(*alone_y), sp.Mul(*both)


def _density(bound: Growth, t: arb) -> arb:
    """(1 + t)^k exp(b t + 2 a t^2) phi(t): one variable's share of the bound, C left out."""
    return Growth(arb(1), bound.k, bound.b, 2 * bound.a).at(t) * (-t * t / 2).exp() / (2 * arb.pi()).sqrt()


def _mass(bound: Growth, step: arb, count: int) -> arb:
    """The trapezoid sum of one variable's share of the bound over the nodes kept."""
    return step * (2 * sum((_density(bound, step * j) for j in range(1, count + 1)), arb(0)) + _density(bound, arb(0)))


def _tail(real: Growth, step: arb, count: int) -> arb:
    """The trapezoid sum beyond the nodes kept is at most the integral from the last of them, where the bound decreases."""
    tail = gaussian_tail(Growth(arb(1), real.k, real.b, 2 * real.a), step * count)
    if tail is None:
        raise Unsupported("the trapezoid sum was cut before the bound decreases")
    return tail


def _rule(strip: Strip, step: arb) -> arb:
    """2 C / (exp(2 pi w / h) - 1), to be multiplied by the shares of both variables."""
    return 2 * strip.bound.C * _mean(strip.bound) / ((2 * arb.pi() * strip.width / step).exp() - 1)
