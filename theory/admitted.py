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
    found = _expression(what, value)
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
    found = _expression(what, value)
    if not _may_be_real(found) or found.is_nonpositive:
        raise ValueError(f"{what} is a positive number or expression, not {found}")
    return found


def whole(what: str, value: Any, least: int = 1) -> Any:
    """The value as an expression that may be an integer from `least` on; raises ValueError for what is known not to be.

    >>> whole("the number of runs", 100)
    100
    >>> whole("the number of runs", 2.5)
    Traceback (most recent call last):
    ValueError: the number of runs is a whole number from 1 on, not 2.50000000000000
    """
    found = _expression(what, value)
    plain = isinstance(found, sp.Expr) and not found.is_infinite and found is not sp.nan
    if not plain or found.is_integer is False or (found.is_number and not found.is_Integer) or (found - least).is_negative:
        raise ValueError(f"{what} is a whole number from {least} on, not {found}")
    return found


def rational_rows(what: str, entries: Any) -> Any:
    """Rows of exact rational numbers as an ImmutableMatrix; raises ValueError for anything else, naming the row or the entry.

    >>> rational_rows("the points", [[1, 0], [1]])
    Traceback (most recent call last):
    ValueError: the points must have rows of one length, but row 1 has 2 entries and row 2 has 1
    """
    shape = f"{what} must be rows of exact rational numbers"
    rows = table(what, entries, shape)
    for place, row in enumerate(rows, 1):
        for entry in row:
            if isinstance(entry, (str, float)) or not getattr(_expression(what, entry), "is_Rational", False):
                advice = ": write a fraction, such as Rational(1, 2)" if isinstance(entry, float) else ""
                raise ValueError(f"{shape}, and row {place} holds {entry!r}{advice}")
    return sp.ImmutableMatrix(rows)


def table(what: str, entries: Any, shape: str = "") -> list[Any]:
    """Rows of one length; raises ValueError for what is none, for no row, an empty one, or one of another length.

    >>> table("the matrix", [[1, 2], [3]])
    Traceback (most recent call last):
    ValueError: the matrix must have rows of one length, but row 1 has 2 entries and row 2 has 1
    """
    rows: list[Any]
    shape = shape or f"{what} must be a list of rows"
    if isinstance(entries, sp.MatrixBase):
        rows = entries.tolist()
    else:
        try:
            rows = [row if isinstance(row, str) else list(row) for row in entries]
        except TypeError:
            raise ValueError(f"{shape}, such as [[1, 0], [0, 1]], not {entries!r}") from None
    if not rows or not all(rows):
        empty = f"row {next(place for place, row in enumerate(rows, 1) if not row)} is empty" if rows else "there is none"
        raise ValueError(f"{shape}, such as [[1, 0], [0, 1]]: {empty}")
    for place, row in enumerate(rows, 1):
        if isinstance(row, str):
            raise ValueError(f"{shape}, and row {place} is the text {row!r}")
        if len(row) != len(rows[0]):
            raise ValueError(f"{what} must have rows of one length, but row 1 has {len(rows[0])} entries and row {place} has {len(row)}")
    return rows


def _expression(what: str, value: Any) -> Any:
    """The value as SymPy has it; raises ValueError for what it cannot read."""
    try:
        return sp.sympify(value)
    except (sp.SympifyError, SyntaxError, TypeError, AttributeError):
        raise ValueError(f"{what} is a number or expression, not {value!r}") from None


def _may_be_real(value: Any) -> bool:
    plain = isinstance(value, sp.Expr) and not getattr(value, "is_Matrix", False)
    return plain and not value.has(sp.nan, sp.zoo) and value.is_extended_real is not False and not value.is_infinite
