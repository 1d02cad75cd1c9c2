"""One polynomial of a table: as short as the goal allows, with a proof of what it and its evaluation in doubles can be wrong by.

The value is u^p P(u), where u is the coordinate. Everything that is evaluated is a sum, a product or a quotient, which IEEE 754
rounds correctly, or a square root, for which the proof allows a whole unit in the last place: it needs no more of any library.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb

from flint import arb, arb_poly

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.compile.stable.series import BITS, arb_of

UNIT = Fraction(1, 1 << 53)
PARTS = 32
"""Parts of a piece on which errors are bounded one by one."""

SMALLEST = Fraction(1, 1 << 1000)
"""Far above what underflow can change, far below every value of P that is accepted."""

FLOOR = Fraction(1, 64)
"""The truncation is made this much smaller than the rounding unit where that costs little."""


@dataclass(frozen=True)
class Polynomial:
    """u^power P(u) on a piece: the coefficients of P as doubles, and the proved relative error of the result."""

    power: int
    coefficients: tuple[float, ...]
    error: Fraction


@dataclass(frozen=True)
class Reach:
    """The values of the coordinate on a piece; whether it is a square root, or a difference to a centre that is no double.

    These two are known up to two units; every other coordinate is exact.
    """

    low: Fraction
    high: Fraction
    root: bool
    rounded: bool = False

    @property
    def most(self) -> Fraction:
        """The largest modulus."""
        return max(abs(self.low), abs(self.high))

    @property
    def exact(self) -> bool:
        """Whether the coordinate has no error of its own."""
        return not (self.root or self.rounded)


def shortest(power: int, terms: list[arb], rest: arb, reach: Reach, degrees: int) -> Polynomial | None:
    """The shortest polynomial whose truncation is far below the rounding unit, at most of this degree; None where there is none."""
    with precision(BITS):
        chebyshev, rest = _chebyshev(terms, rest, reach)
        parts = covering(reach)
        whole = arb_poly(terms)
        sizes = [whole(part).abs_lower() for part in parts]
        if not all(size > arb_of(SMALLEST) * 2**120 for size in sizes):
            return None
        least = min(sizes, key=float)
        allowed = arb_of(UNIT * FLOOR) * least
        kept = len(chebyshev)
        while kept > 1 and rest + abs(chebyshev[kept - 1]) < allowed:
            rest = rest + abs(chebyshev[kept - 1])
            kept -= 1
        if kept > degrees + 1 or not rest < allowed:
            return None
        return _rounded(power, chebyshev[:kept], rest, reach, parts, whole)


def covering(reach: Reach) -> list[arb]:
    """The piece as balls that cover it."""
    width = (reach.high - reach.low) / PARTS
    return [arb_of(reach.low + i * width).union(arb_of(reach.low + (i + 1) * width)) for i in range(PARTS)]


def _chebyshev(terms: list[arb], rest: arb, reach: Reach) -> tuple[list[arb], arb]:
    """Coefficients in Chebyshev polynomials on the piece; their radii, and those of the terms, go to the rest."""
    middle, half = arb_of((reach.low + reach.high) / 2), arb_of((reach.high - reach.low) / 2)
    powers = arb_poly(terms)(arb_poly([middle, half])).coeffs()
    found = [arb(0)] * len(powers)
    for k, value in enumerate(powers):  # y^k = 2^(1-k) sum over j of C(k, j) T_(k - 2j), half of it for T_0
        for j in range(k // 2 + 1):
            share = arb(comb(k, j)) * value / arb(2) ** (k - 1 if 2 * j != k else k)
            found[k - 2 * j] += share
    return [value.mid() for value in found], rest + sum((value.rad() for value in found), arb(0))


def _rounded(power: int, chebyshev: list[arb], rest: arb, reach: Reach, parts: list[arb], whole: arb_poly) -> Polynomial | None:
    """Coefficients in powers of u, rounded to doubles, and what everything together can be wrong by.

    Horner's rule gives sum p_k u^k (1 + t_k) with |t_k| <= gamma(2k + 1) (Higham, Accuracy and Stability, section 5.1), 2k units more
    where u itself is known up to two units; gamma(n) = n unit/(1 - n unit). The rounding of p_k
    is measured. Underflow in between changes the sum by less than SMALLEST in all.
    """
    middle, half = arb_of((reach.low + reach.high) / 2), arb_of((reach.high - reach.low) / 2)
    y = arb_poly([-middle / half, 1 / half])
    before, current, total = arb_poly([1]), y, arb_poly([chebyshev[0]])
    for value in chebyshev[1:]:
        total = total + value * current
        before, current = current, 2 * y * current - before
    exact = (total.coeffs() + [arb(0)] * len(chebyshev))[: len(chebyshev)]
    coefficients = tuple(float(value.mid()) for value in exact)
    losses = [
        abs(arb(p) - value) + _gamma(2 * k + 1 + 2 * k * (not reach.exact)) * abs(arb(p))
        for k, (p, value) in enumerate(zip(coefficients, exact, strict=True))
    ]
    worst = arb(0)
    for part in parts:
        size = arb(abs(part).abs_upper())
        error = rest + arb_of(SMALLEST)
        for k, loss in enumerate(losses):
            error = error + loss * size**k
        worst = worst.max(error / (whole(part).abs_lower() - rest))
    if not worst.is_finite() or not worst < 1:
        return None
    last = _gamma(roundings(power, reach))
    return Polynomial(power, coefficients, _upper(worst + last + worst * last))


def roundings(power: int, reach: Reach) -> int:
    """The units that u^power costs: products with d = u^2, and for odd powers one with sqrt(d), which counts twice itself."""
    if reach.root:
        return abs(power) // 2 + (3 if power % 2 else 0)
    return abs(power) * (3 if reach.rounded else 1)


def _gamma(n: int) -> arb:
    return arb_of(n * UNIT / (1 - n * UNIT))


def _upper(value: arb) -> Fraction:
    """A rational above a ball."""
    top = value.abs_upper()
    mantissa, exponent = top.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
