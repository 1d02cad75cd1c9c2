r"""Fixed points of the maps of wide networks in closed form, where these maps are polynomials.

The length map is V(q) = sigma_w^2 L(q) + sigma_b^2 with L(q) = E f(z)^2, z ~ N(0, q). For L = a q + l (a > 0)

    q* = (sigma_b^2 + l sigma_w^2)/(1 - a sigma_w^2) where a sigma_w^2 < 1,    V' = a sigma_w^2,

and for L = a q^2 + m q + l, with p = 1 - m sigma_w^2 > 0 and D = p^2 - 4 a sigma_w^2 (l sigma_w^2 + sigma_b^2) >= 0,

    q* = (p -+ sqrt(D))/(2 a sigma_w^2),    V' = 1 -+ sqrt(D).

At q* the correlation map is R(c) = sum of r_k c^k with r_k >= 0 and R(1) = 1. It is convex on [0, 1], and has one more fixed point there
exactly where chi_1 = R'(1) > 1: for degree 2 it is r_0/r_2, where R' = 2 - chi_1; for degree 3 the positive zero of
r_3 c^2 + (r_2 + r_3) c - r_0 = (R(c) - c)/(c - 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from lemmata.theory.kernels.duals import Q1, Q2, C, Dual, Q

SIGMA_W = sp.Symbol("sigma_w", positive=True)
SIGMA_B = sp.Symbol("sigma_b", nonnegative=True)


@dataclass(frozen=True)
class LengthPoint:
    """q* > 0 as a function of sigma_w and sigma_b, where all `conditions` hold, with the slope of the length map there.

    `attracts` is True where |slope| < 1 follows from the conditions (with sigma_b > 0, and unless two points coincide), False where
    slope > 1 does, None where it depends.
    """

    q: Any
    conditions: tuple[Any, ...]
    slope: Any
    attracts: bool | None


@dataclass(frozen=True)
class CorrelationPoint:
    """c* in [0, 1) as a function of q = q*, sigma_w and sigma_b, where chi_1 > 1, with the slope of the correlation map there."""

    c: Any
    slope: Any


def length_points(dual: Dual) -> tuple[LengthPoint, ...] | None:
    """The positive fixed points of the length map, all of them; None where L is no polynomial of degree at most 2, or not closed.

    A power L = a q^n is solved for sigma_b = 0, which is then a condition. Source: the module's formulas, each put back into V(q) = q.

    >>> from lemmata.theory.kernels.duals import dual
    >>> (point,) = length_points(dual(lambda x: sp.Max(0, x)))
    >>> point.q, point.conditions, point.slope
    (sigma_b**2/(1 - sigma_w**2/2), (sigma_w**2/2 < 1, sigma_b > 0), sigma_w**2/2)
    """
    found = _coefficients(None if dual.length is None else dual.length.end, Q)
    if found is None or dual.parameters:
        return None
    weight, bias = SIGMA_W**2, SIGMA_B**2
    points = tuple(_of_degree(found, weight, bias))
    for point in points:
        left = sum((weight * a * point.q**k for k, a in enumerate(found)), bias)
        bias_free = {SIGMA_B: sp.S.Zero} if sp.Eq(SIGMA_B, 0) in point.conditions else {}
        if sp.simplify((left - point.q).xreplace(bias_free)) != 0:
            return None
    return points or None


def _of_degree(found: list[Any], weight: Any, bias: Any) -> list[LengthPoint]:
    constant = found[0] * weight + bias
    positive = () if found[0] > 0 else (sp.Gt(SIGMA_B, 0),)
    if len(found) == 1:
        return [LengthPoint(constant, positive, sp.S.Zero, True)]
    if len(found) == 2:
        return [LengthPoint(constant / (1 - found[1] * weight), (sp.Lt(found[1] * weight, 1), *positive), found[1] * weight, True)]
    if len(found) == 3:
        p, a = 1 - found[1] * weight, found[2] * weight
        inner = sp.expand(p**2 - 4 * a * constant)
        conditions = (*(() if found[1] <= 0 else (sp.Lt(found[1] * weight, 1),)), sp.Ge(inner, 0))
        lower = LengthPoint((p - sp.sqrt(inner)) / (2 * a), (*conditions, *positive), 1 - sp.sqrt(inner), True if found[1] >= 0 else None)
        return [lower, LengthPoint((p + sp.sqrt(inner)) / (2 * a), conditions, 1 + sp.sqrt(inner), False)]
    if not any(found[:-1]):
        degree = len(found) - 1
        return [LengthPoint((found[-1] * weight) ** sp.Rational(-1, degree - 1), (sp.Eq(SIGMA_B, 0),), sp.Integer(degree), False)]
    return []


def chi_at(dual: Dual, q: Any) -> Any | None:
    """chi_1 = sigma_w^2 E f'(z)^2 at a length; None where it is not closed."""
    slope = dual.slope.length
    return None if slope is None else sp.factor_terms(SIGMA_W**2 * slope.end.xreplace({Q: q}))


def correlation_point(dual: Dual) -> CorrelationPoint | None:
    """c* < 1 at a fixed point q of the length map, where chi_1 > 1; None where the kernel is no polynomial in c of degree 2 or 3.

    >>> from lemmata.theory.kernels.duals import dual
    >>> correlation_point(dual(lambda x: x**2)).c
    (q**2*sigma_w**2 + sigma_b**2)/(2*q**2*sigma_w**2)
    """
    closed = dual.closed
    found = _coefficients(None if closed is None else sp.expand(closed.xreplace({Q1: Q, Q2: Q})), C)
    if found is None or dual.parameters or len(found) not in (3, 4):
        return None
    rates = [SIGMA_W**2 * a for a in found]
    rates[0] += SIGMA_B**2
    if len(rates) == 3:
        c = rates[0] / rates[2]
    else:
        both = rates[2] + rates[3]
        c = sp.factor_terms((sp.sqrt(sp.expand(both**2 + 4 * rates[3] * rates[0])) - both) / (2 * rates[3]))
    return CorrelationPoint(c, sum((k * rate * c ** (k - 1) for k, rate in enumerate(rates) if k), sp.S.Zero) / Q)


def critical_bias(dual: Dual) -> Any | None:
    """sigma_b^2 on the line chi_1 = 1 as a function of sigma_w, where E f'(z)^2 = alpha + beta q is affine in q and not constant.

    Then q = (1/sigma_w^2 - alpha)/beta and sigma_b^2 = q - sigma_w^2 L(q); None elsewhere.

    >>> from lemmata.theory.kernels.duals import dual
    >>> critical_bias(dual(lambda x: sp.Max(0, x) ** 2))
    1/(8*sigma_w**2)
    """
    if dual.length is None or dual.slope.length is None or dual.parameters:
        return None
    found = _coefficients(dual.slope.length.end, Q)
    if found is None or len(found) != 2:
        return None
    q = (1 / SIGMA_W**2 - found[0]) / found[1]
    return sp.factor_terms(sp.expand(q - SIGMA_W**2 * dual.length.end.xreplace({Q: q})))


def _coefficients(expr: Any, symbol: Any) -> list[Any] | None:
    """Of a polynomial, from the constant term up; 0 for the highest degrees is left out."""
    if expr is None or not expr.is_polynomial(symbol):
        return None
    return list(reversed(sp.Poly(expr, symbol).all_coeffs()))
