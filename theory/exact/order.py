"""The exact sign and order of real numbers: rational enclosures that are refined, and exact zero tests; no floating point.

What decides whether a point is admissible must be exact. A number is enclosed between two rationals whose distance
shrinks with the working precision; if zero stays inside, an algebraic number is settled by its minimal polynomial.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from lemmata.theory.exact.constants import NotEnclosed, enclose

PRECISIONS = (64, 256, 1024)
"""Bits of the successive enclosures."""


def sign(value: Any) -> int | None:
    """-1, 0 or 1 when the sign of a closed real expression is proved, None when it is not.

    >>> import sympy as sp
    >>> sign(sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5 + 2 * sp.sqrt(6))), sign(sp.pi - sp.Rational(355, 113))
    (0, -1)
    """
    value = sp.sympify(value)
    if value.is_Rational:
        return (value.p > 0) - (value.p < 0)
    if value in (sp.oo, -sp.oo):
        return 1 if value is sp.oo else -1
    return _sign_of_irrational(value)


@lru_cache(maxsize=4096)
def _sign_of_irrational(value: Any) -> int | None:
    if not isinstance(value, sp.Expr) or value.free_symbols or value.has(sp.nan, sp.zoo, sp.oo, sp.I, sp.Float):
        return None
    for bits in PRECISIONS:
        try:
            lower, upper = enclose(value, bits)
        except (NotEnclosed, ZeroDivisionError, OverflowError):
            break
        if lower > 0:
            return 1
        if upper < 0:
            return -1
    return 0 if _vanishes(value) else None


def _vanishes(value: Any) -> bool:
    """Whether a number is proved to be zero, by expansion or by its minimal polynomial."""
    if sp.expand(value) == 0:
        return True
    if value.is_algebraic and sp.count_ops(value) <= 40:
        x = sp.Dummy("x")
        return bool(sp.minimal_polynomial(value, x) == x)
    return False


def compare(left: Any, right: Any) -> int | None:
    """The sign of left - right for closed real numbers or infinities, None when it is not proved.

    >>> import sympy as sp
    >>> compare(sp.sqrt(2), 1), compare(-sp.oo, 3), compare(sp.oo, sp.oo)
    (1, -1, 0)
    """
    if left == right:
        return 0
    if left in (sp.oo, -sp.oo) or right in (sp.oo, -sp.oo):
        return 1 if left is sp.oo or right == -sp.oo else -1
    return sign(left - right)
