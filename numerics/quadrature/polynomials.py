"""Polynomials with balls for coefficients: no expansion, no exact algebra of roots and sines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import arb

from lemmata.numerics.laws import Source
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.other_laws import moment

Terms = dict[tuple[int, ...], arb]
"""Powers of the variables, in order, to the ball of the coefficient."""

MOST_TERMS = 4_000
"""Of a polynomial; a longer one is left to others."""


def has_irrational(expr: Any) -> bool:
    """Whether an expression holds a number that is not rational, such as sqrt(2) or cos(1).

    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> has_irrational(sp.sqrt(2) * x), has_irrational(x**2 / 3)
    (True, False)
    """
    if expr.is_Atom:
        return bool(expr.is_number and not expr.is_Rational)
    if expr.is_number and (expr.is_Pow or expr.is_Function):
        return True
    return any(has_irrational(arg) for arg in expr.args)


def polynomial_mean(expr: Any, sources: Sequence[Source]) -> arb | None:
    """E of a polynomial in the sources from their exact moments, or None where it is no polynomial, is too long, or has no moments.

    >>> import sympy as sp
    >>> x = Source(sp.Dummy("x", real=True), "Normal")
    >>> polynomial_mean((1 + sp.sqrt(2) * x.variable) ** 4, [x]).contains(25)
    True
    """
    variables = [source.variable for source in sources]
    terms = ball_polynomial(expr, variables) if expr.is_polynomial(*variables) else None
    if terms is None:
        return None
    known: dict[tuple[int, int], arb] = {}
    total = arb(0)
    for powers, coefficient in terms.items():
        product = coefficient
        for place, power in enumerate(powers):
            if power and (place, power) not in known:
                value = moment(sources[place], power)
                if value is None:
                    return None
                known[place, power] = constant(value)
            product = product * known[place, power] if power else product
        total = total + product
    return total


def ball_polynomial(expr: Any, variables: Sequence[Any]) -> Terms | None:
    """The coefficients of a polynomial in the variables, in balls, or None where it is none or longer than `MOST_TERMS`.

    Raises Unsupported for a coefficient without an enclosure.

    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> terms = ball_polynomial((1 + sp.sqrt(2) * x) ** 2, [x])
    >>> sorted(terms), terms[(2,)].contains(2)
    ([(0,), (1,), (2,)], True)
    """
    return _terms(expr, {variable: place for place, variable in enumerate(variables)})


def _terms(node: Any, places: dict[Any, int]) -> Terms | None:
    none = (0,) * len(places)
    if node in places:
        return {tuple(int(place == places[node]) for place in range(len(places))): arb(1)}
    if not node.free_symbols & places.keys():
        return {none: constant(node)}
    if node.is_Add:
        return _sum([_terms(arg, places) for arg in node.args])
    if node.is_Mul:
        factors = list(node.args)
    elif node.is_Pow and node.args[1].is_Integer and node.args[1] > 0:
        factors = [node.args[0]] * int(node.args[1])
    else:
        return None
    total: Terms | None = {none: arb(1)}
    for factor in factors:
        part = _terms(factor, places)
        total = None if part is None or total is None else _product(total, part)
    return total


def _sum(parts: Sequence[Terms | None]) -> Terms | None:
    total: Terms = {}
    for part in parts:
        if part is None:
            return None
        for powers, value in part.items():
            total[powers] = total.get(powers, arb(0)) + value
    return total


def _product(first: Terms, second: Terms) -> Terms | None:
    total: Terms = {}
    for powers, value in first.items():
        for others, factor in second.items():
            key = tuple(a + b for a, b in zip(powers, others, strict=True))
            total[key] = total.get(key, arb(0)) + value * factor
        if len(total) > MOST_TERMS:
            return None
    return total
