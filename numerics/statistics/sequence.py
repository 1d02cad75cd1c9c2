"""What a confidence sequence is, and the one-sided search for its ends."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable
from dataclasses import dataclass

from lemmata.numerics.statistics.moments import Moments

SLACK = 2.0**-30
"""Added to every threshold log(1/alpha): it covers what floating point loses of a log e-value (relative 2^-45), and a remote set."""

NARROW = 2.0**-14
"""The relative width to which an end is located; the outer end counts."""


@dataclass(frozen=True, slots=True)
class Interval:
    """low <= truth <= high."""

    low: float
    high: float

    def radius(self, centre: float) -> float:
        """The smallest r with [low, high] in [centre - r, centre + r]."""
        return max(self.high - centre, centre - self.low)


class ConfidenceSequence(abc.ABC):
    """Intervals for the mean m of independent units of one law: P(m in every interval, whenever one looks) >= 1 - alpha."""

    @abc.abstractmethod
    def interval(self, moments: Moments) -> Interval:
        """The interval after these units; infinite where nothing is known yet."""

    @property
    @abc.abstractmethod
    def method(self) -> str:
        """A few words for the reader."""


def outer_end(excess: Callable[[float], float], inside: float, outside: float) -> float:
    """A point with excess >= 0, within `NARROW` of where excess first reaches 0 between `inside` (< 0) and `outside` (>= 0).

    Regula falsi (the Illinois variant, halving at every third step); what is returned is a point at which `excess` was >= 0, so that
    the result errs outwards whatever the convergence.

    >>> end = outer_end(lambda x: x * x - 2, 0.0, 4.0)
    >>> 0 <= end - 2**0.5 < 1e-3
    True
    """
    low, high, below, above = inside, outside, excess(inside), excess(outside)
    width = abs(outside - inside)
    last = 0
    for step in range(90):
        if abs(high - low) <= NARROW * abs(high - inside) or abs(high - low) <= math.ulp(width):
            break
        middle = high - above * (high - low) / (above - below) if math.isfinite(above - below) else (low + high) / 2
        if step % 3 == 2 or not min(low, high) < middle < max(low, high):
            middle = (low + high) / 2
        value = excess(middle)
        if value >= 0:
            high, above = middle, value
            below, last = (below / 2, 1) if last == 1 else (below, 1)
        else:
            low, below = middle, value
            above, last = (above / 2, -1) if last == -1 else (above, -1)
    return high


def log_mean_exp(terms: list[float]) -> float:
    """log of the mean of exp(t): the log of an average of e-values."""
    top = max(terms)
    if not math.isfinite(top):
        return top
    return top + math.log(math.fsum(math.exp(term - top) for term in terms) / len(terms))
