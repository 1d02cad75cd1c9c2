"""Fractions as people write them."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

LONGEST = 20
"""Characters up to which a number is written as a decimal where it is one exactly."""


def decimal(value: Any) -> str:
    """A fraction whose denominator is a power of ten, as a decimal number.

    >>> decimal(Fraction(-1, 8)), decimal(Fraction(3)), decimal(Fraction(12345, 10**12))
    ('-0.125', '3', '0.000000012345')
    """
    exact = Context(prec=400)
    number = exact.divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{number.normalize(exact):f}"


def written(value: Any) -> str:
    """A fraction, as a decimal number where it is a short one."""
    value = Fraction(value)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    short = decimal(value) if rest == 1 else ""
    return short if short and len(short) <= LONGEST else str(value)
