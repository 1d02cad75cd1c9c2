"""Numbers and expressions as a definition takes them: real and finite, or positive; anything else is an error in one line."""

from __future__ import annotations

from typing import Any

import sympy as sp


def real(what: str, value: Any) -> Any:
    """The value as an expression that may be real and finite; raises ValueError for what is known not to be.

    >>> real("the momentum", "1/2")
    1/2
    >>> real("the momentum", sp.nan)
    Traceback (most recent call last):
    ValueError: the momentum is a real number or expression, not nan
    """
    found = sp.sympify(value)
    if not _may_be_real(found):
        raise ValueError(f"{what} is a real number or expression, not {found}")
    return found


def positive(what: str, value: Any) -> Any:
    """The value as an expression that may be positive and finite; raises ValueError for what is known not to be.

    >>> positive("the step", sp.Symbol("alpha", positive=True))
    alpha
    >>> positive("the step", 0)
    Traceback (most recent call last):
    ValueError: the step is a positive number or expression, not 0
    """
    found = sp.sympify(value)
    if not _may_be_real(found) or found.is_nonpositive:
        raise ValueError(f"{what} is a positive number or expression, not {found}")
    return found


def _may_be_real(value: Any) -> bool:
    plain = isinstance(value, sp.Expr) and not getattr(value, "is_Matrix", False)
    return plain and not value.has(sp.nan, sp.zoo) and value.is_extended_real is not False and not value.is_infinite
