"""Numbers in decimal of which every digit is proved: both ends of the ball round to the same one."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.verify.derive_expression.moduli import LONG
from lemmata.verify.derive_expression.numbers import NoNumber

PLAIN = 18
"""Numbers from 10^-5 up to so many digits before the point are written without an exponent."""


def proved_text(ball: arb, most: int) -> str:
    """The number in as many significant digits, at most `most`, as all of the ball rounds to.

    Raises NoNumber where not even the first digit is settled.

    >>> proved_text(arb("2.5 +/- 1e-6"), 15), proved_text(arb(1) / 3, 5), proved_text(arb(0), 15)
    ('2.50000', '0.33333', '0')
    """
    if ball.is_zero():
        return "0"
    if not ball.is_finite():
        raise NoNumber("no finite enclosure was found")
    with precision(LONG):
        low, high = (_fraction(end) for end in (ball.lower(), ball.upper()))
    for digits in range(most, 0, -1):
        first = _rounded(low, digits)
        if first == _rounded(high, digits) and first:
            return _written(first, digits)
    raise NoNumber(f"certified to lie between {arb(float(low)).str(3, radius=False)} and {arb(float(high)).str(3, radius=False)}")


def _fraction(value: arb) -> Fraction:
    mantissa, exponent = value.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _rounded(value: Fraction, digits: int) -> Decimal:
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emax=10**9, Emin=-(10**9))
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def _written(value: Decimal, digits: int) -> str:
    size = value.adjusted()
    if not -5 <= size < min(digits, PLAIN):
        return format(value, f".{digits - 1}e")
    last = Decimal(1).scaleb(size - digits + 1)
    return format(value.quantize(last, context=Context(prec=digits + 2)), "f")
