r"""An interval for the mean of a bounded law from few samples: betting on what was seen, with no variance known beforehand.

Let X_1, ..., X_n be independent, of one law on [0, 1] with mean mu. For 0 < m <= 1 and a stake 0 <= g <= 1 put

    f_g(x, m) = (1 - g) + g x / m,        E_n(m) = mean over a fixed grid of g of  prod_i f_g(X_i, m).

f_g >= 0, and E f_g(X, m) <= 1 where mu <= m: so E_n(m) is a nonnegative random variable whose expectation is at most 1, and
P(E_n(m) >= 2 / alpha) <= alpha / 2 by Markov's inequality. E_n falls as m rises, whatever the samples. Therefore the m with
E_n(m) >= 2 / alpha are those below one number, which exceeds mu with probability alpha / 2 at most: were it above mu,
then E_n(mu) >= 2 / alpha. The upper end is 1 less the lower end of 1 - X.

Source: Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting, section 4; here with a mixture of
constant stakes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy

from lemmata.numerics.statistics.sequence import SLACK, Interval, log_mean_exp, outer_end

STAKES = (1.0, *(2.0**-place for place in range(1, 12)), 0.75, 0.875, 0.9375)
"""The grid: between two powers of two the best stake is missed by a root of two at most, which wastes 3% of the exponent."""


def bounded_mean(values: Sequence[float], low: float, high: float, alpha: float) -> Interval:
    """The interval; it holds the mean with probability at least 1 - alpha, for any law on [low, high] and any number of samples.

    `alpha` is spent on this one look. Raises ValueError for values out of bounds, an empty range, or no sample.

    >>> interval = bounded_mean([0.25, 0.5] * 100, 0, 1, 1e-10)
    >>> 0.27 < interval.low < 0.375 < interval.high < 0.48
    True
    """
    if not low < high:
        raise ValueError(f"bounds are a lower and a higher number, not {low:g} and {high:g}")
    if not values:
        raise ValueError("a mean needs at least one sample")
    outside = [value for value in values if not low <= value <= high]
    if outside:
        raise ValueError(f"{outside[0]:g} is out of the declared bounds, {low:g} to {high:g}")
    width = high - low
    # Two subtractions and a division lose 3 eps of the width at most, to either side.
    lost = 4 * 2.0**-53 * (abs(low) + abs(high) + width)
    samples = numpy.asarray(values, dtype=float)
    below, above = _lower_end((samples - low) / width, alpha), _lower_end((high - samples) / width, alpha)
    return Interval(max(low, low + width * below - lost), min(high, high - width * above + lost))


def _lower_end(shares: Any, alpha: float) -> float:
    """The greatest m that is rejected from below, or 0."""
    target = math.log(2 / alpha) + SLACK
    mean = math.fsum(shares) / len(shares)
    if mean <= 0:
        return 0.0

    def excess(m: float) -> float:
        return log_mean_exp([_log_wealth(shares, stake, m) for stake in STAKES]) - target

    smallest = mean * 2.0**-60
    return outer_end(excess, min(mean, 1.0), smallest) if excess(smallest) >= 0 else 0.0


def _log_wealth(shares: Any, stake: float, m: float) -> float:
    """sum log(1 - g + g x / m), -inf where a factor is 0."""
    factors = shares * (stake / m) + (1 - stake)
    return float(numpy.log(factors).sum()) if factors.min() > 0 else -math.inf
