"""Where an expression is defined: the conditions on its denominators, roots and logarithms that are not proved."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sympy as sp

from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NONNEGATIVE, POSITIVE, signs, within_unit
from lemmata.theory.quantity import is_quantity

REGULAR = {"invertible", "positive_definite", "orthogonal"}
"""Hypotheses under which a matrix has an inverse."""


def unproved_conditions(expr: Any, domain: Domain) -> tuple[str, ...]:
    """What must hold for `expr` to be a real number and is not proved on the domain, in words; quantities are not looked into.

    >>> x = sp.Symbol("x", real=True)
    >>> unproved_conditions((x**2 - 1) / (x - 1) + sp.log(1 + x**2), Domain((x,)))
    ('x - 1 is not 0',)
    """
    return _remembered(expr, domain) if isinstance(expr, sp.Basic) else tuple(dict.fromkeys(_conditions(expr, domain)))


@lru_cache(maxsize=1024)
def _remembered(expr: Any, domain: Domain) -> tuple[str, ...]:
    """The same: a derivation, its meeting with the other side and the record ask for the same sides."""
    return tuple(dict.fromkeys(_conditions(expr, domain)))


def _conditions(expr: Any, domain: Domain) -> Iterator[str]:
    if is_quantity(expr) or not expr.args or not expr.free_symbols:
        return
    for arg in expr.args:
        if isinstance(arg, sp.Basic):
            yield from _conditions(arg, domain)
    if isinstance(expr, sp.Inverse):
        if isinstance(expr.arg, sp.MatrixSymbol) and not domain.properties.get(expr.arg, frozenset()) & REGULAR:
            yield f"{expr.arg} is invertible"
    elif isinstance(expr, sp.Pow) and not isinstance(expr, sp.exp):
        yield from _power(expr.base, expr.exp, domain)
    elif isinstance(expr, sp.log):
        if not signs(expr.args[0], domain) <= POSITIVE:
            yield f"{expr.args[0]} > 0"
    elif isinstance(expr, sp.acos | sp.asin):
        if not within_unit(expr.args[0], domain):
            yield f"{expr.args[0]} lies in [-1, 1]"
    elif isinstance(expr, sp.tan | sp.sec):
        if 0 in signs(sp.cos(expr.args[0]), domain):
            yield f"cos({expr.args[0]}) is not 0"


def _power(base: Any, exponent: Any, domain: Domain) -> Iterator[str]:
    if getattr(base, "is_Matrix", False):
        return
    sign = signs(base, domain)
    whole = bool(exponent.is_integer)
    if 0 in sign and not signs(exponent, domain) <= NONNEGATIVE:
        yield f"{base} is not 0" if whole or sign <= NONNEGATIVE else f"{base} > 0"
    elif not whole and not sign <= NONNEGATIVE:
        yield f"{base} >= 0"
