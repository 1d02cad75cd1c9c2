"""E f(x, y) over two standard normals for f piecewise polynomial with kinks on lines through the origin, in polar form.

On a sector between two kinks f is a polynomial; with x = r cos t, y = r sin t the radius integrates in closed form,
int_0^oo r^(d+1) exp(-r^2/2) dr = 2^(d/2) Gamma(d/2 + 1), and a trigonometric polynomial in the angle is left.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import acb, arb, ctx

from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.growth import Growth, growth
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.line import refine
from lemmata.numerics.quadrature.pieces import boundaries, branches, has_switch, linear, resolve


def supports(expr: Any, x: Any, y: Any) -> bool:
    """Whether every branch is a polynomial and every kink lies on a line through the origin."""
    if not has_switch(expr) or not all(branch.is_polynomial(x, y) for branch in branches(expr)):
        return False
    lines = [linear(boundary, [x, y]) for boundary in boundaries(expr)]
    return all(line is not None and line[1].is_zero for line in lines)


def integrate_sectors(expr: Any, x: Any, y: Any, digits: int) -> arb:
    """The mean as a ball of relative radius about 10^-digits, however close the correlation is to 1 or -1.

    >>> x, y = sp.symbols("x y", real=True)
    >>> integrate_sectors(sp.Max(0, x) * sp.Max(0, -x + y / 1000), x, y, 15).overlaps(arb("5.3051613e-11", "1e-16"))
    True
    """
    bound = growth(expr, {x: 0.0, y: 0.0})
    if bound is None or bound.b or bound.a:
        raise Unsupported(f"no polynomial bound is known for {expr}")
    return refine(lambda tolerance: _attempt(expr, x, y, bound, tolerance), float(bound.C.upper()), digits, rounds=6)


def _attempt(expr: Any, x: Any, y: Any, bound: Growth, tolerance: float) -> arb:
    cuts, fuzz = angles(expr, x, y)
    total = arb(0)
    for left, right in zip(cuts, [*cuts[1:], cuts[0] + 2 * arb.pi()], strict=True):
        direction = ((left + right) / 2).mid()
        smooth = resolve(expr, {x: direction.cos(), y: direction.sin()})
        total = total + _sector(smooth, x, y, left, right, tolerance)
    return total + arb(0, (fuzz * _radial(bound)).upper())


def angles(expr: Any, x: Any, y: Any) -> tuple[list[arb], arb]:
    """The angles of the kinks in order (exact numbers), and the total width of the balls in which they lie."""
    balls: list[arb] = []
    for boundary in boundaries(expr):
        line = linear(boundary, [x, y])
        assert line is not None
        a, b = constant(line[0][0]), constant(line[0][1])
        if a.contains(0) and b.contains(0):
            raise Unsupported(f"the coefficients of the kink {boundary} cannot be told from zero")
        for sign in (1, -1):
            angle = _direction(sign * b, -sign * a)
            balls.append(angle if angle > 0 else angle + 2 * arb.pi() if angle < 0 else angle)
    balls.sort(key=lambda ball: float(ball.mid()))
    cuts: list[arb] = []
    width = arb(0)
    for ball in balls:
        if cuts and not ball.lower() > cuts[-1]:
            width = width + 2 * ball.union(cuts[-1]).rad()
            continue
        cuts.append(ball.mid())
        width = width + 2 * ball.rad()
    if not cuts:
        return [arb(0)], width
    if len(cuts) > 1 and not balls[-1].upper() < cuts[0] + 2 * arb.pi():
        width = width + 2 * balls[-1].rad()
    return cuts, width


def _direction(u: arb, v: arb) -> arb:
    """The angle of (u, v), away from the cut of atan2 where the second entry may be zero."""
    if u < 0 and v.contains(0):
        return arb.pi() + (v / u).atan()
    return arb.atan2(v, u)


def _sector(smooth: Any, x: Any, y: Any, left: arb, right: arb, tolerance: float) -> arb:
    poly = sp.Poly(sp.expand(smooth), x, y)
    terms = [(i, j, constant(coefficient) * _moment(i + j)) for (i, j), coefficient in poly.terms() if not coefficient.is_zero]
    if not terms:
        return arb(0)

    def integrand(angle: acb, _: bool) -> acb:
        sine, cosine = angle.sin_cos()
        value = acb(0)
        for i, j, weight in terms:
            value = value + weight * cosine**i * sine**j
        return value

    value = acb.integral(integrand, acb(left), acb(right), rel_tol=arb(2) ** (4 - ctx.prec), abs_tol=arb(tolerance) / 8)
    return value.real


def _moment(degree: int) -> arb:
    """int_0^oo r^(d+1) exp(-r^2/2) dr / (2 pi) = 2^(d/2) Gamma(d/2 + 1) / (2 pi)."""
    half = arb(degree) / 2
    return arb(2) ** half * (half + 1).gamma() / (2 * arb.pi())


def _radial(bound: Growth) -> arb:
    """The integral of twice the bound along a ray: C (1 + sqrt(2) r)^k <= C 2^k (1 + 2^(k/2) r^k), weighted as above."""
    k = arb(bound.k)
    one = 1 / (2 * arb.pi())
    power = arb(2) ** k * (k / 2 + 1).gamma() / (2 * arb.pi())
    return 2 * bound.C * arb(2) ** k * (one + power)
