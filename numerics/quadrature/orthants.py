r"""E f(U) g(V) for standard normals of correlation r, f and g polynomials on either side of 0: sums of moments on quadrants.

With U = rho cos t, V = rho cos(t - a), r = cos a, the quadrant U, V > 0 is a - pi/2 < t < pi/2, so

$$\mathbb{E}\,[U^i V^j;\ U, V > 0] = \frac{2^{d/2}\,\Gamma(d/2 + 1)}{2 \pi} \int_{a - \pi/2}^{\pi/2} \cos^i t\,\cos^j (t - a)\,dt,
\qquad d = i + j,$$

and the other quadrants follow from U -> -U and V -> -V, the odd ones at the correlation -r.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import acb, arb, ctx

from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.pieces import boundaries, linear, resolve

MOST_DEGREE = 12


@dataclass(frozen=True, slots=True)
class Halves:
    """Coefficients, from the constant term up, of the polynomials that a function is for x > 0 and for x < 0."""

    above: tuple[Any, ...]
    below: tuple[Any, ...]


def halves(function: Any, x: Any) -> Halves | None:
    """The two polynomials of a function whose only kinks and jumps are at 0, else None.

    >>> x = sp.Symbol("x", real=True)
    >>> halves(sp.Max(0, x) + 1, x)
    Halves(above=(1, 1), below=(1,))
    """
    try:
        for boundary in boundaries(function):
            line = linear(boundary, [x])
            if line is None or not line[1].is_zero or constant(line[0][0]).contains(0):
                return None
        sides = [resolve(function, {x: arb(side)}) for side in (1, -1)]
    except Unsupported:
        return None
    if not all(side.is_polynomial(x) for side in sides):
        return None
    polynomials = [sp.Poly(sp.expand(side), x) for side in sides]
    if any(polynomial.degree() > MOST_DEGREE or polynomial.free_symbols - {x} for polynomial in polynomials):
        return None
    above, below = (tuple(reversed(polynomial.all_coeffs())) for polynomial in polynomials)
    return Halves(above, below)


def quadrants(f: Halves, g: Halves, r: Any, root: Any) -> arb:
    """The mean at an exact correlation r with `root` = sqrt(1 - r^2), at the working precision.

    >>> relu = Halves((sp.Integer(0), sp.Integer(1)), (sp.Integer(0),))
    >>> quadrants(relu, relu, sp.Rational(3, 5), sp.Rational(4, 5)).str(10, radius=False)
    '0.3387737839'
    """
    angle = arb.atan2(constant(root), constant(r))
    total = arb(0)
    for i in range(max(len(f.above), len(f.below))):
        for j in range(max(len(g.above), len(g.below))):
            p, m = _at(f.above, i), _at(f.below, i)
            q, n = _at(g.above, j), _at(g.below, j)
            same = p * q + (-1) ** (i + j) * m * n
            across = (-1) ** j * p * n + (-1) ** i * m * q
            if same != 0:
                total = total + constant(same) * _moment(i, j, angle)
            if across != 0:
                total = total + constant(across) * _moment(i, j, arb.pi() - angle)
    return total


def _at(coefficients: tuple[Any, ...], index: int) -> Any:
    return coefficients[index] if index < len(coefficients) else sp.Integer(0)


def _moment(i: int, j: int, angle: arb) -> arb:
    """E[U^i V^j; U, V > 0] where the correlation is the cosine of the angle."""
    half = arb(i + j) / 2
    weight = arb(2) ** half * (half + 1).gamma() / (2 * arb.pi())
    quarter, turn = arb.pi() / 2, acb(angle)
    value = acb.integral(
        lambda t, _: t.cos() ** i * (t - turn).cos() ** j, acb(angle - quarter), acb(quarter), abs_tol=arb(2) ** (4 - ctx.prec)
    )
    if not value.is_finite():
        raise Unsupported("the integral over a quadrant has no finite enclosure")
    return weight * value.real
