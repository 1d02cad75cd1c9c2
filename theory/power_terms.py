"""Sums of powers of one positive variable whose exponents may be symbols: polynomials in every respect but their degree."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.domain import Domain
from lemmata.theory.monotone import direction

MOST = 6
"""Sums are multiplied out up to this power."""


def power_terms(expr: Any, w: Any) -> dict[Any, Any] | None:
    """The coefficients of a sum of powers of w > 0 by their exponents; None for another shape.

    >>> w, K = sp.Symbol("w", positive=True), sp.Symbol("K", positive=True)
    >>> power_terms(w ** (K - 1) * (2 - 3 * w**K), w) == {K - 1: 2, 2 * K - 1: -3}
    True
    """
    listed = _listed(sp.sympify(expr), w)
    if listed is None:
        return None
    found: dict[Any, Any] = {}
    for coefficient, exponent in listed:
        exponent = sp.expand(sp.cancel(exponent))
        found[exponent] = found.get(exponent, sp.S.Zero) + coefficient
    summed = {exponent: sp.powsimp(sp.cancel(coefficient)) for exponent, coefficient in found.items()}
    return {exponent: coefficient for exponent, coefficient in summed.items() if coefficient != 0}


def _listed(expr: Any, w: Any) -> list[tuple[Any, Any]] | None:
    """(coefficient, exponent) of each term, products multiplied out; None for another shape, or for a power too high to be."""
    if not expr.has(w):
        return [(expr, sp.S.Zero)]
    match expr:
        case sp.Symbol():
            return [(sp.S.One, sp.S.One)]
        case sp.Add():
            parts = [_listed(term, w) for term in expr.args]
            return None if None in parts else [term for part in parts for term in part or ()]
        case sp.Mul():
            return _multiplied([_listed(factor, w) for factor in expr.args])
        case sp.Pow():
            return _powered(expr, w)
        case _:
            return None


def _multiplied(parts: list[Any]) -> list[tuple[Any, Any]] | None:
    if any(part is None for part in parts):
        return None
    total = [(sp.S.One, sp.S.Zero)]
    for part in parts:
        total = [(a * b, e + f) for a, e in total for b, f in part]
    return total


def _powered(expr: Any, w: Any) -> list[tuple[Any, Any]] | None:
    base, exponent = expr.args
    inner = _listed(base, w)
    if inner is None or exponent.has(w):
        return None
    if len(inner) == 1 and (exponent.is_integer or inner[0][0].is_nonnegative):
        (coefficient, power), *_ = inner
        return [(coefficient**exponent, power * exponent)]
    return _multiplied([inner] * int(exponent)) if exponent.is_Integer and 0 < exponent <= MOST else None


def slope_terms(motion: Any) -> tuple[Any, dict[Any, Any]] | None:
    """(w, the terms of w' = -dL/dw for w > 0) of a flow in one scalar variable; None where they are no sum of powers."""
    if len(motion.variables) != 1 or not isinstance(motion.variables[0], sp.Symbol):
        return None
    w, y = motion.variables[0], sp.Dummy("w", positive=True)
    terms = power_terms(-sp.diff(motion.loss.xreplace({w: y}), y), y)
    return None if terms is None else (y, terms)


def nonnegative_below(terms: dict[Any, Any], w: Any, top: Any, domain: Domain) -> bool:
    """Whether a sum of powers is proved >= 0 for 0 < w <= top: its terms are, or it is a power times what falls in w to a value >= 0.

    >>> w, q = sp.Symbol("w", positive=True), sp.Symbol("q", positive=True)
    >>> nonnegative_below({q: 1, 2 * q: -1}, w, sp.S.One, Domain((q,))), nonnegative_below({q: 1, 2 * q: -2}, w, sp.S.One, Domain((q,)))
    (True, False)
    """
    for lowest in terms:
        rest = sp.Add(*(coefficient * w ** sp.expand(exponent - lowest) for exponent, coefficient in terms.items()))
        if exact.nonnegative(rest, domain):
            return True
        moves = direction(rest, w, domain)
        if moves is not None and moves <= 0 and exact.nonnegative(rest.xreplace({w: top}), domain):
            return True
    return not terms
