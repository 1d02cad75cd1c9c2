"""Infinite sums of rational functions as balls, through the digamma and the Hurwitz zeta function.

For P / Q with rational coefficients, deg Q >= deg P + 2 and no pole among n >= N, in partial fractions over the complex numbers
P(n) / Q(n) = sum_j c_j / (n - r_j)^k_j. The terms with k_j >= 2 sum to c_j zeta(k_j, N - r_j); those with k_j = 1 have
coefficients of sum 0 (the series converges), so that together they sum to - sum_j c_j psi(N - r_j) (Abramowitz & Stegun, 6.3.16
and 6.8).
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import acb, arb, fmpq, fmpq_poly


def rational_sum(term: Any, n: Any, first: int) -> arb | None:
    """The sum of a rational function of n over n >= first, at the working precision; None where this way does not lead.

    It leads where the series converges absolutely, no term has a pole, and the poles are simple or rational.

    >>> n = sp.Symbol("n", integer=True)
    >>> rational_sum(1 / n**2, n, 1).overlaps(arb.pi() ** 2 / 6)
    True
    >>> rational_sum(1 / (n**2 + 1), n, 0).str(6, radius=False)
    '2.07667'
    >>> rational_sum(1 / n, n, 1) is None
    True
    """
    if not term.is_rational_function(n):
        return None
    above, below = (sp.Poly(part, n) for part in sp.fraction(sp.cancel(term)))
    if not all(c.is_Rational for part in (above, below) for c in part.all_coeffs()) or below.degree() < above.degree() + 2:
        return None
    if any(root.is_integer and root >= first for root in below.ground_roots()):
        return None
    value = _simple(above, below, first) if below.is_sqf else _rational(above, below, n, first)
    if value is None or not (value.is_finite() and value.imag.contains(0)):
        return None
    return value.real


def _simple(above: Any, below: Any, first: int) -> acb | None:
    """Simple poles anywhere: the residues are P(r) / Q'(r)."""
    P, Q = _polynomial(above), _polynomial(below)
    slope = Q.derivative()
    total = acb(0)
    roots: Any = Q.complex_roots()
    for root, _ in roots:
        pole = acb(root)
        total -= _at(P, pole) / _at(slope, pole) * (acb(first) - pole).digamma()
    return total


def _rational(above: Any, below: Any, n: Any, first: int) -> acb | None:
    """Rational poles of any order."""
    if sum(below.ground_roots().values()) != below.degree():
        return None
    total = acb(0)
    for part in sp.Add.make_args(sp.apart(above.as_expr() / below.as_expr(), n)):
        numerator, denominator = sp.fraction(part)
        base, power = sp.Poly(denominator, n).factor_list()[1][0]
        lead = sp.Poly(denominator, n).LC() / base.LC() ** power
        coefficient = numerator / (lead * base.LC() ** power)
        if coefficient.free_symbols:
            return None
        place = _number(first + base.TC() / base.LC())
        weight = _number(coefficient)
        total += -weight * place.digamma() if power == 1 else weight * acb(int(power)).zeta(place)
    return total


def _polynomial(poly: Any) -> fmpq_poly:
    return fmpq_poly([fmpq(int(c.p), int(c.q)) for c in reversed(poly.all_coeffs())])


def _at(poly: fmpq_poly, place: acb) -> acb:
    total = acb(0)
    for coefficient in reversed(poly.coeffs()):
        total = total * place + acb(arb(coefficient))
    return total


def _number(value: Any) -> acb:
    return acb(arb(fmpq(int(value.p), int(value.q))))
