r"""Spectral radii in balls: the zeros of the characteristic polynomial are squared until its coefficients tell the largest modulus."""

from __future__ import annotations

from collections.abc import Mapping
from math import comb
from typing import Any, ClassVar

from flint import arb, arb_poly

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import BITS_A_DIGIT, enclose_at_precision, precision
from lemmata.numerics.compile.errors import FAILURES, CannotEvaluate
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.spectral_radii import SpectralRadius

LARGEST = 40
"""Rows of a matrix, at most."""

BITS_CAP = 1 << 14
"""Working precision beyond which the enclosure is taken as it is."""


class SquaredZeros(Instrument):
    r"""Graeffe's iteration in balls: rigorous for every matrix, multiple eigenvalues included.

    If $p$ has the zeros $z_i$, then $p(\sqrt z)\, p(-\sqrt z) (-1)^n$ has $z_i^2$. For $z^n + c_1 z^{n-1} + \dots + c_n$ with largest
    modulus $\rho$: $|c_j| \le \binom{n}{j} \rho^j$ (Vieta), and $\rho \le 2 \max_j |c_j|^{1/j} =: 2 B$, since for $|z| > 2 B$ the sum of
    $|c_j| |z|^{n-j}$ is less than $|z|^n \sum_j 2^{-j} < |z|^n$. After k squarings the two bounds on $\rho^{2^k}$ differ by at most the
    factor 2 n, those on $\rho$ by $(2 n)^{2^{-k}}$.
    """

    name: ClassVar[str] = "squared zeros"
    cost: ClassVar[int] = 1
    kinds: ClassVar[tuple[type, ...]] = (SpectralRadius,)

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, SpectralRadius):
            return Refusal("it measures spectral radii only")
        rows = quantity.matrix.rows
        return Refusal(f"the matrix has {rows} rows, and at most {LARGEST} are squared") if rows > LARGEST else None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            value = largest_modulus(quantity, at, budget.digits)
        except FAILURES as error:
            return Refusal(error.reason if isinstance(error, CannotEvaluate) else f"the matrix cannot be evaluated: {error}")
        if not value.is_finite():
            return Refusal("an entry of the matrix is not finite here")
        return Ball(value, "zeros of the characteristic polynomial, squared")


def largest_modulus(quantity: SpectralRadius, at: Mapping[Any, Any], digits: int) -> arb:
    """The spectral radius at a point in a ball of relative radius 10^-digits, where the precision cap admits it."""
    squarings = int(digits * BITS_A_DIGIT) + 8
    bits = 4 * squarings + 64
    while True:
        matrix = enclose_at_precision(quantity.matrix, dict(at), bits)
        with precision(bits):
            value = by_squaring(matrix.charpoly(), squarings)
            if bits >= BITS_CAP or value.rad() <= abs(value) * arb(10) ** -digits or value.rad() <= arb(10) ** (-4 * digits):
                return value
        bits *= 2


def by_squaring(polynomial: arb_poly, squarings: int) -> arb:
    """The largest modulus of a zero of a monic polynomial, from k squarings of its zeros.

    >>> with precision(300):
    ...     by_squaring(arb_poly([2, -3, 1]), 60).str(12, radius=False)
    '2.00000000000'
    """
    n = polynomial.degree()
    c = [polynomial[n - j] for j in range(n + 1)]
    if not all(part.is_finite() for part in c):
        return arb(0, "inf")  # what is no number is in no order: below, neither bound would see it
    for _ in range(squarings):
        c = _squared(c)
    low, high = arb(0), arb(0)
    for j in range(1, n + 1):
        smallest, largest = c[j].abs_lower(), c[j].abs_upper()
        if smallest > 0:
            low = _larger(low, ((smallest / comb(n, j)).log() / j / arb(2) ** squarings).exp().abs_lower())
        if largest > 0:
            high = _larger(high, ((2**j * largest).log() / j / arb(2) ** squarings).exp().abs_upper())
    return low.union(high)


def _squared(c: list[arb]) -> list[arb]:
    """The coefficients of the monic polynomial whose zeros are the squares: c'_j = (-1)^j (c_j^2 + 2 sum (-1)^i c_(j-i) c_(j+i))."""
    n = len(c) - 1
    found = []
    for j in range(n + 1):
        total = c[j] * c[j]
        for i in range(1, min(j, n - j) + 1):
            total += (-1) ** i * 2 * c[j - i] * c[j + i]
        found.append(-total if j % 2 else total)
    return found


def _larger(first: arb, second: arb) -> arb:
    return second if second > first else first


INSTRUMENT = SquaredZeros()
