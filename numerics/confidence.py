"""Intervals for a mean that stay valid however often they are looked at.

A run looks at its samples at epochs k = 0, 1, 2, ..., each with twice the samples of the one before, and spends the
level alpha 6 / (pi^2 (k + 1)^2) at the k-th look; these sum to alpha, so all looks hold at once with probability at
least 1 - alpha wherever each holds at its own level. What each look's interval rests on:

- **0-1 samples**: Clopper and Pearson's interval. Proved for every n.
- **bounded samples**, a <= X <= b proved beforehand: the empirical Bernstein bound (Maurer & Pontil 2009, theorem 4),
  |mean - truth| <= sqrt(2 s^2 L / n) + 7 (b - a) L / (3 (n - 1)) with L = log(4 / level). Proved for every n.
- **all others**: the studentised mean. Asymptotic: its tail beyond x is the normal tail times exp(R1(x) + R2(x)), with

      R1 = m(x) |g| (2 x^2 + 1) / (6 sqrt n),    R2 = m(x) (|k| |x^2 - 3| / 12 + (x^2 + 3) / 4) x / n,    m = phi / (1 - Phi),

  the first two terms of Hall's expansion (The Annals of Probability 15, 1987, p. 920) in the exponent, where the term
  in g^2 of order 1/n is the square of R1 already; the leading part of R1, g x^3 / (3 sqrt n), is also that of the
  self-normalised large deviations (Jing, Shao & Wang 2003). The skewness g and the excess kurtosis k are the sample's,
  g widened by its own sampling error, and both terms are taken with the sign that widens. The quantile is inflated
  until the corrected tail meets the level; the look gives NO interval (an infinite radius) where R2 > 1 or R1 > x^2/4,
  so that the series is no guide, or where one draw is so large that the exponential moments behind the expansion are
  not small: x max|X - mean| > sqrt(sum (X - mean)^2).
  This cannot see an event that is too rare to have occurred: no method can, without a bound on X.
- **equal samples** of an unbounded law say only that a different value is rare: no interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import betaincinv, log_ndtr, ndtri_exp

from lemmata.numerics.statistics.moments import FIRST_LOOK, Moments

LARGEST_SECOND_TERM = 1.0
"""R2 beyond which the expansion's second term is no correction any more: it would multiply the tail by more than e."""


@dataclass(frozen=True, slots=True)
class Interval:
    """centre - radius <= truth <= centre + radius at the look's level; `because` says why a radius is infinite."""

    centre: float
    radius: float
    because: str = ""


def level_at(look: int, alpha: float) -> float:
    """The level spent at look 0, 1, 2, ...: alpha 6 / (pi^2 (look + 1)^2), which sums to alpha.

    >>> sum(level_at(k, 0.05) for k in range(100_000)) < 0.05
    True
    """
    return alpha * 6 / (math.pi * (look + 1)) ** 2


def binary_interval(successes: int, n: int, level: float) -> Interval:
    """Clopper and Pearson's interval for a probability, exact for every n, widened to be symmetric about the frequency.

    >>> interval = binary_interval(0, 1000, 0.01)
    >>> 0.0052 < interval.radius < 0.0053
    True
    """
    low = float(betaincinv(successes, n - successes + 1, level / 2)) if successes > 0 else 0.0
    high = 1 - float(betaincinv(n - successes, successes + 1, level / 2)) if successes < n else 1.0
    frequency = successes / n
    return Interval(frequency, max(high - frequency, frequency - low))


def bounded_interval(moments: Moments, low: float, high: float, level: float) -> Interval:
    """The empirical Bernstein bound for low <= X <= high (Maurer & Pontil 2009, theorem 4), both sides at `level`."""
    if moments.n < 2:
        return Interval(moments.mean, high - low)
    log_term = math.log(4 / level)
    radius = math.sqrt(2 * moments.variance * log_term / moments.n) + 7 * (high - low) * log_term / (3 * (moments.n - 1))
    return Interval(moments.mean, min(radius, high - low))


def studentised_interval(moments: Moments, level: float) -> Interval:
    """The studentised mean with Hall's correction of its tail; the radius is infinite where the expansion is no guide.

    >>> studentised_interval(Moments.of([1.0] * 5000), 1e-3).radius
    inf
    """
    n = moments.n
    if not moments.finite:
        return Interval(moments.mean, math.inf, "a sum of powers of the samples is not finite")
    if moments.n < FIRST_LOOK:
        return Interval(moments.mean, math.inf, f"{n} samples are fewer than {FIRST_LOOK}")
    if moments.m2 <= n * (_rounding(moments) ** 2):
        return Interval(
            moments.mean,
            math.inf,
            f"all {n} draws are equal, which bounds no mean: state it as the probability of that value, or give a bounded quantity",
        )
    x = _quantile(level / 2, 0.0)
    for _ in range(60):
        first, second = tail_correction(moments, x)
        if second > LARGEST_SECOND_TERM or first > x * x / 4:
            return Interval(
                moments.mean,
                math.inf,
                f"{n} draws of skewness {moments.skewness:.2g} and kurtosis {moments.excess + 3:.2g} are too few "
                "for the normal law at this error rate",
            )
        inflated = _quantile(level / 2, first + second)
        if inflated <= x:
            break
        x = inflated
    if x * moments.dominance > 1:
        return Interval(
            moments.mean,
            math.inf,
            f"one of {n} draws holds {100 * moments.dominance**2:.2g}% of the sum of squares: the tail is too heavy at this error rate",
        )
    return Interval(moments.mean, x * math.sqrt(moments.m2) / n)


def tail_correction(moments: Moments, x: float) -> tuple[float, float]:
    """R1(x) and R2(x): the sizes of the first two terms of Hall's expansion of the studentised mean's tail at x > 0."""
    n = moments.n
    mills = math.exp(-x * x / 2 - math.log(2 * math.pi) / 2 - float(log_ndtr(-x)))
    excess = moments.excess
    skewness = abs(moments.skewness) + math.sqrt(max(6.0, excess + 2) / n)
    first = skewness * (2 * x * x + 1) / (6 * math.sqrt(n))
    second = x * (abs(excess) * abs(x * x - 3) / 12 + (x * x + 3) / 4) / n
    return mills * first, mills * second


def _quantile(tail: float, correction: float) -> float:
    """x with normal tail exp(-correction) tail."""
    return -float(ndtri_exp(math.log(tail) - correction))


def _rounding(moments: Moments) -> float:
    """The spread that rounding alone can give to equal samples."""
    return 4 * math.ulp(max(abs(moments.least), abs(moments.largest)))


@dataclass
class Sequential:
    """A run of looks: feed it merged moments at epochs, it keeps the best interval met so far.

    kind: "binary", "bounded" (with `low`, `high`), or "mean".
    """

    alpha: float
    low: float = -math.inf
    high: float = math.inf
    binary: bool = False
    looks: int = 0
    best: Interval | None = None

    def look(self, moments: Moments) -> Interval:
        """The interval at this look, and the narrowest of all looks from now on in `best`."""
        level = level_at(self.looks, self.alpha)
        self.looks += 1
        if self.binary:
            interval = binary_interval(round(moments.mean * moments.n), moments.n, level)
        elif math.isfinite(self.low) and math.isfinite(self.high):
            interval = bounded_interval(moments, self.low, self.high, level)
        else:
            interval = studentised_interval(moments, level)
        if self.best is None or interval.radius <= self.best.radius:
            self.best = interval
        return interval
