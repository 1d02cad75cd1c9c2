"""Upper bounds of a variance, from the units seen and one crude bound that is certain; valid at every look at once.

For y >= 0, exp(-y) <= 1 - y + y^2/2. With W = (X - x0)^2, whose mean w is at least the variance whatever the centre x0 is, and
lambda > 0, exp(lambda (n w - sum W) - n lambda^2 E[W^2] / 2) is therefore a supermartingale; by Ville's inequality, with equal
shares of alpha for the lambda of a grid fixed beforehand,

    w <= sum W / n + log(K / alpha) / (n lambda) + lambda E[W^2] / 2        for all n and all K of the grid, P >= 1 - alpha.

E[W^2] is bounded by a fourth moment, or, where |X - x0| <= B, by B^2 w, which leaves w (1 - lambda B^2 / 2) on the left.
"""

from __future__ import annotations

import abc
import math
from dataclasses import dataclass

from lemmata.numerics.statistics.moments import Moments

STEP = 2.0
"""The ratio of a grid: a lambda that is off by its root costs 6% of what is added."""


class LearnedVariance(abc.ABC):
    """P(variance <= bound at every look) >= 1 - alpha."""

    @abc.abstractmethod
    def bound(self, moments: Moments) -> float:
        """An upper bound of the variance after these units."""

    @property
    @abc.abstractmethod
    def method(self) -> str:
        """What it is learned from."""


def squares(moments: Moments, centre: float) -> float:
    """sum (X - centre)^2."""
    return moments.m2 + moments.n * (moments.mean - centre) ** 2


@dataclass(frozen=True)
class FromFourthMoment(LearnedVariance):
    """E[(X - centre)^4] <= fourth; the grid serves first <= n <= last.

    >>> learned = FromFourthMoment(alpha=1e-6, centre=0.0, fourth=3.0, first=1000, last=10**6)
    >>> 1 < learned.bound(Moments(10**6, 0.0, 10.0**6)) < 1.02
    True
    """

    alpha: float
    centre: float
    fourth: float
    first: int
    last: int

    @property
    def method(self) -> str:
        return "learned from a bound of the fourth moment"

    def bound(self, moments: Moments) -> float:
        count = 1 + math.ceil(math.log(max(1.0, self.last / self.first), STEP**2))
        cost = math.log(count / self.alpha)
        largest = math.sqrt(2 * cost / (self.first * self.fourth))
        seen = squares(moments, self.centre) / moments.n
        grid = (largest * STEP**-place for place in range(count))
        return seen + min(cost / (moments.n * rate) + rate * self.fourth / 2 for rate in grid)


@dataclass(frozen=True)
class FromBound(LearnedVariance):
    """|X - centre| <= reach for certain; the grid serves variances down to reach^2 first / last.

    >>> learned = FromBound(alpha=1e-6, centre=0.0, reach=1.0, first=1000, last=10**6)
    >>> 0.25 < learned.bound(Moments(10**6, 0.0, 0.25 * 10**6)) < 0.26
    True
    """

    alpha: float
    centre: float
    reach: float
    first: int
    last: int

    @property
    def method(self) -> str:
        return "learned from a bound of the units"

    def bound(self, moments: Moments) -> float:
        count = 2 + math.ceil(math.log(max(1.0, self.last / self.first), STEP))
        cost = math.log(count / self.alpha)
        square = self.reach**2
        seen = squares(moments, self.centre)
        grid = (STEP**-place / square for place in range(count))
        return min(square, *((seen + cost / rate) / (moments.n * (1 - rate * square / 2)) for rate in grid))
