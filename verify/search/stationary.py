"""Where an inequality is tightest along one symbol: exact points that no grid meets.

A strict inequality may fail on a thin set only, such as alpha = 1/M; there the difference of the two sides is
stationary along each symbol. Where that condition is a polynomial equation its real roots are exact algebraic numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy as sp

from lemmata.theory.domain import Domain

HIGHEST = 6
"""Degree of the polynomials whose roots are looked for."""

LARGEST = 300
"""Differences with more operations than this are not differentiated."""

MOST = 8
"""Points of departure: the other symbols keep their values there."""


def stationary_points(room: Any, domain: Domain, places: Sequence[Mapping[Any, Any]]) -> Iterator[dict[Any, Any]]:
    """Admissible points at which `room` is stationary along one symbol, the others as at one of `places`.

    >>> M, alpha = sp.symbols("M alpha", positive=True)
    >>> room = 1 / (2 * M) - alpha * (1 - M * alpha / 2)
    >>> next(stationary_points(room, Domain((M, alpha)), [{M: sp.Integer(3), alpha: sp.Integer(1)}]))
    {M: 1, alpha: 1}
    """
    if not isinstance(room, sp.Expr) or sp.count_ops(room) > LARGEST or room.has(sp.MatrixSymbol, sp.Max, sp.Min, sp.Abs, sp.Piecewise):
        return
    for symbol in sorted((s for s in room.free_symbols if s.is_Symbol and not s.is_integer), key=str):
        condition = sp.fraction(sp.together(sp.diff(room, symbol)))[0]
        if not condition.has(symbol) or not condition.is_polynomial(symbol):
            continue
        for at in places[:MOST]:
            others = {other: value for other, value in at.items() if other != symbol}
            for root in _roots(condition.xreplace(others), symbol):
                point = {**at, symbol: root}
                if domain.satisfies(point) is True:
                    yield point


def _roots(condition: Any, symbol: Any) -> list[Any]:
    """The real roots of a polynomial with rational coefficients, none where it has others or too high a degree."""
    try:
        polynomial = sp.Poly(condition, symbol, domain="QQ")
    except (sp.PolynomialError, sp.CoercionFailed):  # coefficients such as pi
        return []
    if not 0 < polynomial.degree() <= HIGHEST:
        return []
    return list(dict.fromkeys(polynomial.real_roots()))
