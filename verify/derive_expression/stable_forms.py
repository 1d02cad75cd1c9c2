"""Closed forms rewritten so that floating point keeps their digits: d = 1 - c and e = 1 + c are exact near c = 1 and c = -1.

1 - c^2 = d e,    asin(n/m) = atan2(n, sqrt(m^2 - n^2)),    acos(n/m) = atan2(sqrt(m^2 - n^2), n),
a c + b = (a + b) - a d = (b - a) + a e,    k exp(A) - k exp(B) = k exp(B) expm1(A - B).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.kernels.duals import Q1, Q2, C
from lemmata.verify.derive_expression.printing import expm1

D, E, W = sp.symbols("d e w", nonnegative=True)
"""1 - c, 1 + c and their product 1 - c^2."""


def stable(expr: Any) -> Any:
    """The same function of c, d, e and w, with fewer differences of large or nearly equal numbers.

    >>> q = sp.Symbol("q", positive=True)
    >>> stable(sp.asin(2 * C * q / (1 + 2 * q)))
    atan(2*c*q/sqrt(4*q**2*w + 4*q + 1))
    """
    return _difference(_walk(expr))


def gradient(form: Any, symbol: Any) -> Any:
    """The derivative of a stable form, d, e and w being functions of c."""
    found = sp.diff(form, symbol)
    if symbol == C:
        found += sp.diff(form, E) - sp.diff(form, D) - 2 * C * sp.diff(form, W)
    return _difference(found)


def _walk(node: Any) -> Any:
    if not node.args:
        return node
    if isinstance(node, (sp.asin, sp.acos)):
        top, bottom = sp.fraction(sp.together(node.args[0]))
        other = sp.sqrt(_factored(sp.expand(bottom**2 - top**2)))
        return sp.atan2(_walk(top), other) if isinstance(node, sp.asin) else sp.atan2(other, _walk(top))
    if isinstance(node, sp.exp):
        return sp.exp(_exponent(sp.expand(node.args[0])))
    if node.is_Add and node.is_polynomial(C) and sp.degree(node, C) > 1:
        return _factored(sp.expand(node))
    if node.is_Pow and node.base.is_Add:
        return _factored(sp.expand(node.base)) ** node.exp
    return node.func(*(_walk(arg) for arg in node.args))


def _factored(polynomial: Any) -> Any:
    """A polynomial in c^2 as one in w: c^2 = 1 - w."""
    if not polynomial.is_polynomial(C):
        return _walk(polynomial) if not polynomial.is_Add else polynomial
    total = sp.S.Zero
    for (power,), coefficient in sp.Poly(polynomial, C).terms():
        total += coefficient * (1 - W) ** (power // 2) * C ** (power % 2)
    return sp.expand(total)


def _exponent(inner: Any) -> Any:
    """a c + b in the distance to that end of [-1, 1] at which it is largest, the rest as a square of a difference where it is one."""
    if not inner.is_polynomial(C):
        return inner
    poly = sp.Poly(inner, C)
    if poly.degree() == 2 and poly.coeff_monomial(C) == 0:
        return sp.factor_terms(_factored(inner))
    if poly.degree() != 1:
        return inner
    a, b = poly.coeff_monomial(C), poly.coeff_monomial(1)
    if a.is_positive:
        return _square(a + b) - a * D
    return _square(b - a) + a * E if a.is_negative else inner


def _square(rest: Any) -> Any:
    """-(x - y)^2/2 for -x^2/2 + x y - y^2/2, x and y the roots of the variances; other expressions as they are."""
    whole = -((sp.sqrt(Q1) - sp.sqrt(Q2)) ** 2) / 2
    for factor in (1, 4, sp.Rational(1, 4), 9, sp.Rational(1, 9)):
        if sp.expand(rest - factor * whole) == 0:
            return factor * whole
    return rest


def _difference(expr: Any) -> Any:
    """A sum of two exponentials of opposite coefficients by expm1."""
    if not expr.is_Add or len(expr.args) != 2:
        return expr
    (k, first), (other, second) = (term.as_independent(sp.exp, as_Add=False) for term in expr.args)
    if k + other != 0 or not (isinstance(first, sp.exp) and isinstance(second, sp.exp)):
        return expr
    if k.could_extract_minus_sign():
        k, first, second = other, second, first
    back = {D: 1 - C, E: 1 + C, W: 1 - C**2}
    gap = sp.expand((first.args[0] - second.args[0]).xreplace(back))
    return k * second * expm1(gap)
