"""A confidence sequence for a probability, exact at every number of trials.

For k successes in n trials of probability p and every real lambda, exp(lambda k - n log(1 + p (e^lambda - 1))) is a martingale,
and so is the mean E_n(p) of these over a grid of lambda > 0. It falls as p rises, so that by Ville's inequality the p with
E_n(p) < 2 / alpha are those above one number: the lower end. The upper end is the lower end of the failures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lemmata.numerics.statistics.moments import Moments
from lemmata.numerics.statistics.sequence import SLACK, ConfidenceSequence, Interval, log_mean_exp, outer_end

STEP = math.sqrt(2)
"""The ratio of the grid: lambda is off by its fourth root at most, which wastes 3% of the exponent."""

STEEPEST = 16.0
"""Beyond it e^-lambda is below the frequencies that any budget can tell from 0."""


@dataclass(frozen=True)
class Binomial(ConfidenceSequence):
    """Trials counted by `moments`: the mean is the frequency of successes; `grid` is fixed beforehand and decides the width alone.

    >>> sequence = Binomial.planned(1e-10, 0.5, 1000, 10**6)
    >>> interval = sequence.interval(Moments(10**6, 0.5, 0.25 * 10**6))
    >>> 0.4961 < interval.low < 0.4967 and 0.5033 < interval.high < 0.5039
    True
    """

    alpha: float
    grid: tuple[float, ...]

    @classmethod
    def planned(cls, alpha: float, frequency: float, first: int, last: int) -> Binomial:
        """The grid for first <= n <= last trials of frequency about p: sqrt(2 log(2 / alpha) / (n p (1 - p))), n = last, last / 2, ..."""
        spread = max(frequency * (1 - frequency), 1 / (4 * first))
        least = math.sqrt(2 * math.log(2 / alpha) / (last * spread))
        count = 1 + math.ceil(math.log(max(1.0, last / first), STEP**2))
        return cls(alpha, tuple(min(STEEPEST, least * STEP**place) for place in range(count)))

    @property
    def method(self) -> str:
        return "exact binomial e-process"

    def interval(self, moments: Moments) -> Interval:
        n = moments.n
        if n == 0:
            return Interval(0.0, 1.0)
        successes = round(moments.mean * n)
        return Interval(self._lower(successes, n), 1 - self._lower(n - successes, n))

    def _lower(self, successes: int, n: int) -> float:
        """The greatest p that is rejected from below, or 0."""
        target = math.log(2 / self.alpha) + SLACK
        rises = [(rate, math.expm1(rate)) for rate in self.grid]

        def excess(p: float) -> float:
            return log_mean_exp([rate * successes - n * math.log1p(p * rise) for rate, rise in rises]) - target

        if successes == 0 or excess(0.0) < 0:
            return 0.0
        return outer_end(excess, successes / n, 0.0)
