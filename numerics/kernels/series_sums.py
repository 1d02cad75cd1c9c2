"""Sums of a_n b_n c^n over both chains of n, even and odd, by Horner's scheme in x = c^2, on whole arrays of NumPy or Torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Array = Any
"""A NumPy array or a Torch tensor; rows are indexed by the place in the chain."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Coefficients of many variances: (place in the chain, variance...) for even n and for odd n."""

    even: Array
    odd: Array

    def take(self, which: Any) -> Vectors:
        """Some of the variances."""
        return Vectors(self.even[:, which], self.odd[:, which])

    def over(self, size: Array) -> Vectors:
        """Divided by a number each."""
        return Vectors(self.even / size, self.odd / size)


def horner(first: Array, second: Array, x: Array, like: Array, xp: Any) -> Array:
    """sum_j first_j second_j x^j; `like` is an array of the shape of the result."""
    total, spare = xp.zeros_like(like), xp.empty_like(like)
    for j in range(len(first) - 1, -1, -1):
        total *= x
        xp.multiply(first[j], second[j], out=spare)
        total += spare
    return total


def value(first: Vectors, second: Vectors, c: Array, xp: Any) -> Array:
    """sum a_n b_n c^n."""
    x = c * c
    total = horner(first.odd, second.odd, x, c, xp)
    total *= c
    total += horner(first.even, second.even, x, c, xp)
    return total


def value_and_slope(first: Vectors, second: Vectors, c: Array, xp: Any) -> tuple[Array, Array]:
    """sum a_n b_n c^n and sum n a_n b_n c^(n-1): each scheme and its derivative by x, d/dc = 2 c d/dx."""
    x = c * c
    even, along_even = _both(first.even, second.even, x, c, xp)
    odd, along_odd = _both(first.odd, second.odd, x, c, xp)
    along_odd *= x
    along_odd *= 2
    along_odd += odd
    along_even *= c
    along_even *= 2
    along_even += along_odd
    odd *= c
    odd += even
    return odd, along_even


def _both(first: Array, second: Array, x: Array, like: Array, xp: Any) -> tuple[Array, Array]:
    """sum p_j x^j and sum j p_j x^(j-1), p_j = first_j second_j."""
    total, along, spare = xp.zeros_like(like), xp.zeros_like(like), xp.empty_like(like)
    for j in range(len(first) - 1, -1, -1):
        along *= x
        along += total
        total *= x
        xp.multiply(first[j], second[j], out=spare)
        total += spare
    return total, along


def defect(first: Vectors, second: Vectors, d: Array, xp: Any) -> Array:
    """1 - sum a_n b_n (1 - d)^n for vectors of length 1, without cancellation where d is small.

    It is |a - b|^2 / 2 + sum a_n b_n (1 - c^n); with the sums s_k over what follows place k, 1 - x^j = (1 - x)(1 + ... + x^(j-1))
    makes an even chain's part (1 - x) sum s_k x^k, and an odd one's d sum p_j + c (1 - x) sum s_k x^k; 1 - x = d (2 - d).
    """
    c = 1 - d
    x = c * c
    distance = xp.zeros_like(d)
    even, _, distance = _suffixes(first.even, second.even, x, distance, xp)
    odd, total, distance = _suffixes(first.odd, second.odd, x, distance, xp)
    odd *= c
    odd += even
    odd *= 2 - d
    odd += total
    odd *= d
    distance *= 0.5
    odd += distance
    return odd


def _suffixes(first: Array, second: Array, x: Array, distance: Array, xp: Any) -> tuple[Array, Array, Array]:
    """sum_k s_k x^k with s_k = sum_(j>k) p_j, the sum of all p_j, and `distance` plus the sum of (first_j - second_j)^2."""
    total, after, spare = xp.zeros_like(x), xp.zeros_like(x), xp.empty_like(x)
    for j in range(len(first) - 1, -1, -1):
        xp.subtract(first[j], second[j], out=spare)
        spare *= spare
        distance += spare
        xp.multiply(first[j], second[j], out=spare)
        after += spare
        if j:
            total *= x
            total += after
    return total, after, distance
