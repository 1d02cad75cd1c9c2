"""How a run approaches its limit, told from values at n, 2n, 4n, ...: geometrically, like a power of n, or too slowly to tell.

The gaps d_k between neighbouring values shrink by 2^p_k at each doubling. A linear rate q makes p_k double with n (d_k ~ q^n); a power
n^-p keeps p_k near p; for 1/ln n they fall like 1/k and no number of doublings that can be run tells the limit from another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import mpmath

from lemmata.numerics.quadrature.accelerate import SAFETY, limit_of

DOUBLES = 1.5
"""p_k that grow by this factor or more at each doubling are those of a linear rate, where it is 2."""

SETTLES = 0.75
"""Exponents of a power change by less and less: by half at each doubling where the next term is of order 1/n; for 1/ln n by (k/(k+1))^2."""

SLOWEST = 0.125
"""Exponents below this are not told from those of a logarithm."""

FAST, STEADY = 0.5, 64
"""An exponent of at least a half that moves by less than this share of itself may move either way: n^-1 ln n is summed within the error."""

STILL = 3
"""Doublings over which values that do not differ beyond their errors count as settled."""


class Kind(Enum):
    """The ways of approach that can be told: the closed set."""

    SETTLED = "settled"
    LINEAR = "linear"
    POWER = "power"


@dataclass(frozen=True)
class Approach:
    """A limit with its error, the way in which it is approached, and the number of that: the ratio a step, or the power of n."""

    kind: Kind
    limit: Any
    error: Any
    rate: float | None

    def __str__(self) -> str:
        match self.kind:
            case Kind.SETTLED if self.rate is None:
                return "it stands still"
            case Kind.SETTLED | Kind.LINEAR:
                return f"linear, ratio {self.rate:.4g} a step"
            case Kind.POWER:
                return f"like n^-{self.rate:.3g}"


def approach(values: Sequence[Any], radii: Sequence[Any], steps: Sequence[int]) -> Approach | str:
    """The limit of values at these numbers of steps, each twice the one before, with its rate; or why none is told.

    >>> steps = [5 * 2**k for k in range(9)]
    >>> def at(f): return approach([mpmath.mpf(f(n)) for n in steps], [mpmath.mpf(2) ** -50] * 9, steps)
    >>> print(at(lambda n: 2 + 0.9**n), "|", at(lambda n: 3 + (n + 1) ** -0.5), "|", at(lambda n: 1 / mpmath.log(n)))
    linear, ratio 0.9 a step | like n^-0.498 | successive values come closer more slowly than a power of n: no limit can be told
    """
    gaps = [abs(b - a) for a, b in zip(values, values[1:], strict=False)]
    noise = [2 * (a + b) for a, b in zip(radii, radii[1:], strict=False)]
    seen = len(gaps)
    while seen and gaps[seen - 1] <= noise[seen - 1]:
        seen -= 1
    if len(gaps) - seen >= STILL:
        rate = _ratio(gaps[seen - 2 : seen], steps[seen - 2 : seen]) if seen >= 2 and gaps[seen - 1] < gaps[seen - 2] else None
        return Approach(Kind.SETTLED, values[-1], SAFETY * max(radii[seen:]), rate)
    gaps = gaps[:seen]
    if len(gaps) < STILL + 1:
        return f"{len(gaps)} differences are too few to see a limit"
    last = gaps[-STILL - 1 :]
    if any(not later < earlier for earlier, later in zip(last, last[1:], strict=False)):
        return "successive values do not come closer to each other"
    exponents = [mpmath.log(earlier / later, 2) for earlier, later in zip(last, last[1:], strict=False)]
    if all(later >= DOUBLES * earlier for earlier, later in zip(exponents, exponents[1:], strict=False)):
        return _linear(values[: seen + 1], last, steps[seen - 2 : seen], max(radii))
    return _power(values[: seen + 1], last[-1], exponents, max(radii))


def _linear(values: Sequence[Any], gaps: Sequence[Any], steps: Sequence[int], noise: Any) -> Approach:
    """What remains is about the next gap: the last one times a power of its ratio to the one before, as that has been seen to grow."""
    remaining = gaps[-1] * (gaps[-1] / gaps[-2]) ** DOUBLES
    return Approach(Kind.LINEAR, values[-1], SAFETY * (remaining + noise), _ratio(gaps[-2:], steps))


def _power(values: Sequence[Any], gap: Any, exponents: Sequence[Any], noise: Any) -> Approach | str:
    """The sum of all gaps to come, and what it changes by when the exponent is its limit under the steady settling that is seen."""
    p, drift, earlier = exponents[-1], abs(exponents[-1] - exponents[-2]), abs(exponents[-2] - exponents[-3])
    certain = drift <= SAFETY * noise / gap or (p >= FAST and drift <= p / STEADY)
    if p < SLOWEST or not (drift <= SETTLES * earlier or certain):
        return "successive values come closer more slowly than a power of n: no limit can be told"
    unsure = drift * SETTLES / (1 - SETTLES) + SAFETY * noise / gap
    if p - unsure < SLOWEST:
        return f"successive values come closer like n^-{float(p):.2g}, which is not known well enough to tell a limit"
    remaining = gap / (2**p - 1)
    error = SAFETY * (abs(gap / (2 ** (p - unsure) - 1) - remaining) + noise)
    value = values[-1] + (remaining if values[-1] > values[-2] else -remaining)
    accelerated = limit_of(values)
    if isinstance(accelerated, str):
        return accelerated
    other, its_error, _ = accelerated
    if abs(other - value) > error + its_error:
        return "the extrapolations contradict each other"
    best, smaller = (other, its_error) if its_error < error else (value, error)
    return Approach(Kind.POWER, best, smaller + SAFETY * noise, float(p))


def _ratio(gaps: Sequence[Any], steps: Sequence[int]) -> float:
    return float((gaps[1] / gaps[0]) ** (mpmath.mpf(1) / (steps[1] - steps[0])))
