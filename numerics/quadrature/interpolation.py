r"""From values at finitely many points to a bound on a whole interval, for functions analytic around it.

Let D be analytic in the open Bernstein ellipse with foci m - h, m + h and parameter rho > 1, and |D| <= M there. Its Chebyshev
series cut after degree n - 1 is a polynomial p with (Trefethen, Approximation Theory and Approximation Practice, theorem 8.2)

$$|D - p| \le e = \frac{2 M \rho^{-(n-1)}}{\rho - 1} \quad\text{on } [m - h, m + h].$$

At the n zeros of the Chebyshev polynomial T_n any p of degree below n satisfies max |p| <= L max_j |p(x_j)| with
L <= (2/pi) log n + 1 (Rivlin, Chebyshev Polynomials, theorem 1.2). Where the points x_j are moved by at most tau h within the
interval, Markov's inequality |p'| <= (n - 1)^2 max |p| / h turns this into

$$\max |p| \le \Lambda \max_j |p(\tilde x_j)|, \qquad \Lambda = \frac{L}{1 - L \tau (n-1)^2},$$

and since |p(x~_j)| <= |D(x~_j)| + e, on the whole interval |D| <= Lambda max_j |D(x~_j)| + (1 + Lambda) e. No polynomial is formed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq

from lemmata.numerics.compile.arb import to_arb

MOST_LOST = Fraction(1, 2)
"""Of the norming inequality at most this share may be lost to the rounding of the points."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Points t_j on the half line for a function of w = -log t on [middle - half, middle + half], and what they are worth.

    points    exact, near exp(-w_j) for the zeros w_j of the Chebyshev polynomial
    norming   Lambda: how much larger than at the points a polynomial of degree len(points) - 1 may be in between
    decay     2 (1 + Lambda) rho^(1-n) / (rho - 1): times M, what the function may differ by from such a polynomial
    """

    points: tuple[Fraction, ...]
    norming: arb
    decay: arb

    def bound(self, largest: arb, M: arb) -> arb:
        """The bound on the whole interval from the largest modulus at the points and the bound M in the ellipse."""
        return (self.norming * largest + self.decay * M).upper()


def parameter(half: arb, height: arb) -> arb:
    """rho of the ellipse with foci +-half whose smaller semi-axis is `height`: half (rho - 1/rho) / 2 = height.

    >>> parameter(arb(1), arb(3) / 4)
    2.00000000000000
    """
    return (height + (height * height + half * half).sqrt()) / half


def reach(half: arb, height: arb) -> arb:
    """The larger semi-axis of the same ellipse."""
    return (height * height + half * half).sqrt()


def enough(rho: arb, M: arb, tolerance: float) -> int:
    """How many points make the share of M smaller than the tolerance, by a guess that `Grid.decay` then proves or not."""
    size, rate = float(M.log().upper()) if M > 0 else 0.0, math.log(float(rho.mid()))
    wanted = (size + math.log(12 / (float(rho.mid()) - 1)) - math.log(tolerance)) / rate
    return max(2, 2 + math.ceil(min(wanted, 2.0**40)))


def grid(middle: Fraction, half: Fraction, rho: arb, count: int) -> Grid | None:
    """`count` dyadic points near the Chebyshev points of an interval of w = -log t; None where rounding costs too much.

    >>> found = grid(Fraction(0), Fraction(1), arb(2), 8)
    >>> found.points[0], bool(found.norming < 3)
    (Fraction(1572933, 4194304), True)
    """
    bits = 16 + 2 * math.ceil(math.log2(count))
    centre, size = _ball(middle), _ball(half)
    points = tuple(_rounded(math.exp(-float(middle) - float(half) * _cosine(j, count)), bits) for j in range(count))
    tau = arb(0)
    for j, point in enumerate(points):
        place = (-_ball(point).log() - centre) / size
        if not abs(place) <= 1:
            return None
        tau = tau.max(abs(place - (arb.pi() * fmpq(2 * j + 1, 2 * count)).cos()))
    lebesgue = 2 / arb.pi() * arb(count).log() + 1
    lost = lebesgue * tau * (count - 1) ** 2
    if not lost <= _ball(MOST_LOST):
        return None
    norming = (lebesgue / (1 - lost)).upper()
    return Grid(points, norming, (2 * (1 + norming) * rho ** (1 - count) / (rho - 1)).upper())


def _cosine(j: int, count: int) -> float:
    return math.cos((2 * j + 1) * math.pi / (2 * count))


def _rounded(value: float, bits: int) -> Fraction:
    mantissa, exponent = math.frexp(value)
    return Fraction(round(mantissa * 2**bits)) * Fraction(2) ** (exponent - bits)


def _ball(value: Fraction) -> arb:
    return to_arb(fmpq(value.numerator, value.denominator))
