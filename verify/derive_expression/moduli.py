r"""How far a Gaussian mean moves while the variance moves: what makes a value at a bracket proved.

For m(q) = E g(sqrt(q) s), s standard normal, the density p of sqrt(q) s obeys dp/dq = p''/2, and p'' = p He_2(s)/q. So k times

    m^(k)(q) = E[g(sqrt(q) s) He_2k(s)]/(2 q)^k,        |m^(k)(q)| <= sqrt((2k)! E g(sqrt(q) s)^2)/(2 q)^k

by Cauchy and Schwarz: kinks and jumps of g do not matter. For a <= q <= b the density at q is at most sqrt(b/a) times that at b, hence
E_q g^2 <= sqrt(b/a) E_b g^2.

For F(q, c) = E f(u) f(v) at equal variances q and correlation c, |dF/dq| <= sqrt(E f(u)^2 f(v)^2 Var(r))/(2 q) <= sqrt(E_q f^4)/q, r being
chi squared with at most 2 degrees of freedom, whose variance is at most 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from lemmata.numerics.compile.arb import precision

BITS = 64
"""The working precision of bounds."""

LONG = 1024
"""That of sums in which no digit may be lost."""


@dataclass(frozen=True)
class Bracket:
    """Exact ends between which a number lies, low <= high."""

    low: Fraction
    high: Fraction

    @property
    def middle(self) -> Fraction:
        """The middle."""
        return (self.low + self.high) / 2

    @property
    def half(self) -> Fraction:
        """Half of the width."""
        return (self.high - self.low) / 2

    @property
    def ball(self) -> arb:
        """The interval as a ball with far more bits than any digits that are printed."""
        with precision(LONG):
            return exact(self.low).union(exact(self.high))


def exact(value: Fraction) -> arb:
    """A rational as a ball at the working precision."""
    return arb(value.numerator) / value.denominator


def moved(value: arb, distance: Fraction, rate: arb) -> arb:
    """`value` with the room that a move by at most `distance` at a speed of at most `rate` takes."""
    with precision(BITS):
        room = (exact(distance) * rate).abs_upper()
    with precision(LONG):
        return value + arb(0, room)


def mean_rate(order: int, q: Bracket, square: arb) -> arb:
    """A bound of |m^(order)| on the bracket, from `square` = E g^2 at its upper end.

    >>> bool(mean_rate(1, Bracket(Fraction(1), Fraction(1)), arb(3)) >= 1)  # g = x^2: m(q) = q
    True
    """
    with precision(BITS):
        largest = square.upper() * (exact(q.high) / exact(q.low)).sqrt()
        return (math.factorial(2 * order) * largest).sqrt() / (2 * exact(q.low)) ** order


def pair_rate(q: Bracket, fourth: arb) -> arb:
    """A bound of |dF/dq| on the bracket, from `fourth` = E f^4 at its upper end."""
    with precision(BITS):
        return (fourth.upper() * (exact(q.high) / exact(q.low)).sqrt()).sqrt() / exact(q.low)


def above_root(value: Fraction) -> Fraction:
    """A rational with few digits that is not below the square root of a rational.

    >>> above_root(Fraction(9, 4)) >= Fraction(3, 2)
    True
    """
    shift = max(0, 24 - (value.numerator.bit_length() - value.denominator.bit_length()) // 2)
    scaled = -(-(value.numerator << (2 * shift)) // value.denominator)
    return Fraction(math.isqrt(scaled) + 1, 1 << shift)
