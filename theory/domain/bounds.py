"""Bounds that inequalities put on a symbol: from numbers, from the values of other symbols, and by propagation of ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from lemmata.theory.domain.span import Span
from lemmata.theory.exact.order import sign

STRICT = {"<": True, "<=": False, ">": True, ">=": False}


@dataclass(frozen=True, slots=True)
class Affine:
    """An inequality `a x + b <= 0` (or < 0) in one symbol x, with coefficients that may hold other symbols."""

    symbol: Any
    a: Any
    b: Any
    strict: bool

    def tighten(self, span: Span, known: Mapping[Any, Any]) -> Span:
        """The span cut by this inequality once the other symbols are known; unchanged where the sign of a is not proved."""
        a, b = self.a.xreplace(dict(known)), self.b.xreplace(dict(known))
        if a.free_symbols or b.free_symbols or not (a.is_finite and b.is_finite):
            return span
        slope = sign(a)
        if not slope:
            return span
        return span.below(-b / a, strict=self.strict) if slope > 0 else span.above(-b / a, strict=self.strict)


def affine_forms(relation: Any) -> tuple[Affine, ...]:
    """An inequality, or both halves of an equation, solved for each scalar symbol in which it is affine.

    Denominators whose sign is known are multiplied out: `alpha < 2/M` with M positive bounds M as well.

    >>> from sympy import symbols
    >>> alpha, M = symbols("alpha M", positive=True)
    >>> [(form.symbol, form.a, form.b) for form in affine_forms(alpha < 2 / M)]
    [(M, alpha, -2), (alpha, M, -2)]
    """
    if not isinstance(relation, Relational) or getattr(relation.lhs, "is_Matrix", False) or relation.rel_op == "!=":
        return ()
    numerator, denominator = sp.fraction(sp.together(relation.lhs - relation.rhs))
    if denominator.is_negative:
        numerator = -numerator
    elif not denominator.is_positive:
        numerator = relation.lhs - relation.rhs
    halves = {"<": (numerator,), "<=": (numerator,), ">": (-numerator,), ">=": (-numerator,), "==": (numerator, -numerator)}
    forms = []
    for half in halves[relation.rel_op]:
        for symbol in sorted(half.free_symbols, key=str):
            if isinstance(symbol, sp.Symbol) and half.is_polynomial(symbol):
                coefficients = sp.Poly(half, symbol).all_coeffs()
                if len(coefficients) == 2:
                    forms.append(Affine(symbol, coefficients[0], coefficients[1], STRICT.get(relation.rel_op, False)))
    return tuple(forms)


def polynomial_hull(span: Span, relation: Any) -> Span:
    """The span cut to the hull of a univariate polynomial inequality of degree two or more: between its extreme real roots."""
    if not isinstance(relation, Relational) or relation.rel_op not in STRICT or len(relation.free_symbols) != 1:
        return span
    (x,) = relation.free_symbols
    difference = relation.lhs - relation.rhs if relation.rel_op in ("<", "<=") else relation.rhs - relation.lhs
    if not isinstance(x, sp.Symbol) or not difference.is_polynomial(x):
        return span
    polynomial = sp.Poly(difference, x)
    if polynomial.degree() < 2 or not (polynomial.domain.is_ZZ or polynomial.domain.is_QQ):
        return span
    roots = polynomial.real_roots()
    rises_right = polynomial.LC() > 0
    rises_left = rises_right == (polynomial.degree() % 2 == 0)
    if not roots:
        return span.among(()) if rises_right and rises_left else span
    strict = STRICT[relation.rel_op]
    if rises_right:
        span = span.below(roots[-1], strict=strict)
    return span.above(roots[0], strict=strict) if rises_left else span


def propagate(spans: Mapping[Any, Span], forms: tuple[Affine, ...], rounds: int = 4) -> dict[Any, Span]:
    """Ranges narrowed by what affine inequalities say about the ranges of the other symbols (interval arithmetic, exact).

    Only forms with a rational slope and an affine rest are used, so `0 < a < b < 1` bounds a by 1 and b by 0.
    """
    narrowed = dict(spans)
    candidates = [(form, _linear_rest(form, spans)) for form in forms if form.symbol in spans]
    linear = [(form, *rest) for form, rest in candidates if rest is not None]
    for _ in range(rounds):
        before = dict(narrowed)
        for form, constant, rest in linear:
            least, is_open = constant, form.strict
            for symbol, coefficient in rest.items():
                span = narrowed[symbol]
                end, end_open = (span.lower, span.left_open) if coefficient > 0 else (span.upper, span.right_open)
                least, is_open = least + coefficient * end, is_open or end_open
            if not least.is_Rational:
                continue
            bound, span = -least / form.a, narrowed[form.symbol]
            narrowed[form.symbol] = span.below(bound, strict=is_open) if form.a > 0 else span.above(bound, strict=is_open)
        if narrowed == before:
            break
    return narrowed


def _linear_rest(form: Affine, spans: Mapping[Any, Span]) -> tuple[Any, dict[Any, Any]] | None:
    """b = constant + sum of coefficient * symbol with rational coefficients, or None."""
    if not form.a.is_Rational or not form.b.free_symbols <= set(spans):
        return None
    symbols = sorted(form.b.free_symbols, key=str)
    if not symbols:
        return (form.b, {}) if form.b.is_Rational else None
    if not form.b.is_polynomial(*symbols):
        return None
    polynomial = sp.Poly(form.b, *symbols)
    if polynomial.total_degree() > 1 or not all(c.is_Rational for c in polynomial.coeffs()):
        return None
    rest = {symbol: polynomial.coeff_monomial(symbol) for symbol in symbols}
    return polynomial.coeff_monomial(1), {symbol: c for symbol, c in rest.items() if c != 0}
