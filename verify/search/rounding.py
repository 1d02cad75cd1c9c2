"""Simple numbers near a float: few digits from the nearest end of the domain, or the smallest denominator."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction

from lemmata.theory.domain.span import simplest

FULL = 17
"""Digits that tell any two floating-point numbers apart."""


class Style(Enum):
    """How a place is written down exactly: at the ends it is close to, by few digits, or by a small denominator."""

    ENDS = "ends"
    DIGITS = "digits"
    FRACTION = "fraction"


def distance_in(style: Style, end: Fraction, towards: int, distance: Fraction, digits: int) -> Fraction:
    """The number `distance` away from an end, the distance kept to a relative error of 10^-digits at most.

    >>> third = Fraction(0.3333)
    >>> [distance_in(style, Fraction(0), 1, third, 2) for style in (Style.DIGITS, Style.FRACTION)]
    [Fraction(33, 100), Fraction(1, 3)]
    """
    if distance <= 0:
        return end
    match style:
        case Style.FRACTION:
            radius = distance / 10**digits
            target = end + towards * distance
            return simplest(target - radius, target + radius)
        case Style.DIGITS | Style.ENDS:
            return end + towards * significant(distance, digits)


def significant(x: Fraction, digits: int) -> Fraction:
    """A positive number rounded to so many significant decimal digits, exactly.

    >>> significant(Fraction(31415, 100000), 2), significant(Fraction(98765), 1)
    (Fraction(31, 100), Fraction(100000, 1))
    """
    order = len(str(x.numerator)) - len(str(x.denominator))
    while Fraction(10) ** order > x:
        order -= 1
    while Fraction(10) ** (order + 1) <= x:
        order += 1
    unit = Fraction(10) ** (order - digits + 1)
    return round(x / unit) * unit
