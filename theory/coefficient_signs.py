"""Signs of polynomials on boxes by their coefficients: each variable is written as a fraction of a new one that is not negative."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import interval


def between(a: Any, b: Any, y: Any) -> Any:
    """The point (a y + b)/(1 + y): for 0 < y < oo those strictly between a and b, in whichever order they stand.

    >>> y = sp.Symbol("y", positive=True)
    >>> between(1, 3, y)
    (y + 3)/(y + 1)
    """
    return (a * y + b) / (1 + y)


def coefficients(expr: Any, domain: Domain, extra: Iterable[Any] = ()) -> list[Any] | None:
    r"""The coefficients of numerator and denominator of a rational expression in new variables that run over (0, oo).

    A symbol on [a, b] is (a y + b)/(1 + y), one on [a, oo) is a + y, one on (-oo, b] is b - y; the `extra` ones run over (0, oo) as they
    are. Where all coefficients are >= 0, so is the expression: inside the box (and > 0 there), and on its boundary by continuity.
    None where a symbol has no bound or the expression is not rational.

    >>> s, u = sp.symbols("s u", positive=True)
    >>> domain = Domain((s, u), (sp.Ge(s, 1), sp.Le(u, 1)))
    >>> min(coefficients(s**2 - u * s, domain)) >= 0, min(coefficients(s**2 - 2 * u * s, domain)) >= 0
    (True, False)
    """
    written: dict[Any, Any] = {}
    fresh: list[Any] = list(extra)
    for symbol in sorted(expr.free_symbols - set(fresh), key=str):
        span, y = interval(symbol, domain), sp.Dummy(str(symbol), positive=True)
        low, high = span.start, span.end
        if not (low.is_Rational or high.is_Rational):
            return None
        if low.is_Rational and high.is_Rational:
            written[symbol] = between(low, high, y)
        else:
            written[symbol] = low + y if low.is_Rational else high - y
        fresh.append(y)
    parts = sp.fraction(sp.cancel(sp.together(expr.xreplace(written))))
    if not all(part.is_polynomial(*fresh) for part in parts):
        return None
    found = [coefficient for part in parts for coefficient in (sp.Poly(part, *fresh).coeffs() if fresh else [part])]
    return found if all(coefficient.is_Rational for coefficient in found) else None


def never_negative(expr: Any, domain: Domain, extra: Iterable[Any] = ()) -> bool:
    """Whether an expression is proved >= 0 on a domain by the signs of its coefficients; False says nothing.

    >>> x = sp.Symbol("x", positive=True)
    >>> never_negative(1 - x**3, Domain((x,), (sp.Le(x, 1),))), never_negative(1 - 2 * x, Domain((x,), (sp.Le(x, 1),)))
    (True, False)
    """
    if expr == 0:
        return True
    found = coefficients(expr, domain, extra)
    return found is not None and all(bool(coefficient >= 0) for coefficient in found)


def open_box(symbols: Iterable[Any], domain: Domain) -> bool:
    """Whether no symbol reaches a finite end of its interval, so that a sign by coefficients is strict."""
    spans = [interval(symbol, domain) for symbol in symbols]
    return all((span.left_open or span.start.is_infinite) and (span.right_open or span.end.is_infinite) for span in spans)
