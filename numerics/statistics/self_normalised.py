"""A confidence sequence for a mean from a bound v of the variance alone: no other moment, no limit theorem.

For all real x, exp(x - x^2/6) <= 1 + x + x^2/3 (Delyon 2009, proof of Proposition 12). With x = lambda (X - m) it follows
that exp(lambda D - lambda^2 V / 2), where D = S_n - n m and V = (sum (X_i - m)^2 + 2 n v) / 3, is a supermartingale for
every real lambda (Howard, Ramdas, McAuliffe & Sekhon 2020, Table 3). Its average over lambda ~ N(0, 1/r) is

    sqrt(r / (r + V)) exp(D^2 / (2 (r + V))),

and so is the mean E_n(m) of these over a few r. By Ville's inequality P(E_n(m) >= 1/alpha for some n) <= alpha, so the m with
E_n(m) < 1/alpha are a confidence set at every n at once.

That set is an interval, but for a remote part. With d = mean - m and c = r + (sum (X - mean)^2 + 2 n v) / 3 the logarithm of a
term is n^2 s / (2 (c + n s / 3)) - log((c + n s / 3) / r) / 2, s = d^2; its derivative in s has the sign of
3 n c - (c + n s / 3): it rises and then falls. So beyond the radius each term stays above its value there up to any R where it
is still above it, and that |mean - m| > R ever has probability at most v (pi^2 / 6) / R^2 (Hajek & Renyi 1955): with
R = 10^6 sqrt(v) / alpha this is less than alpha 2^-39, which the slack of the threshold covers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lemmata.numerics.statistics.learned_variance import LearnedVariance
from lemmata.numerics.statistics.moments import Moments
from lemmata.numerics.statistics.sequence import SLACK, ConfidenceSequence, Interval, log_mean_exp, outer_end

REMOTE = 1e6
"""R in units of sqrt(v) / alpha."""

DECADES = 2.0
"""Decades of n that one scale r serves within a few percent of the best r for each n."""

FAR = 15.0
"""V / r at the first n that a scale serves."""


def scales(variance: float, first: int, last: int) -> tuple[float, ...]:
    """The r of a mixture for first <= n <= last units of about this variance: one for each two decades, 15 r = V at its least n.

    >>> scales(15.0, 1000, 10**6)
    (1000.0, 31622.776601683792)
    """
    span = max(math.log10(last / first), 0.0)
    count = max(1, math.ceil(span / DECADES))
    return tuple(variance * first * 10 ** (span * place / count) / FAR for place in range(count))


@dataclass(frozen=True)
class SelfNormalised(ConfidenceSequence):
    """The m with E_n(m) < 1/alpha.

    alpha     the intervals all hold with probability 1 - alpha, as long as the bound of the variance holds
    variance  v, a bound of the variance fixed beforehand
    mixture   the r of the mixture, fixed beforehand: they decide the width alone
    learned   a second bound of the variance, from the units seen, with an error rate of its own; the smaller one counts
    """

    alpha: float
    variance: float
    mixture: tuple[float, ...]
    learned: LearnedVariance | None = None

    @property
    def method(self) -> str:
        return "self-normalised e-process" + (f", variance {self.learned.method}" if self.learned is not None else "")

    def interval(self, moments: Moments) -> Interval:
        if moments.n == 0:
            return Interval(-math.inf, math.inf)
        radius = self.radius(moments)
        return Interval(moments.mean - radius, moments.mean + radius)

    def radius(self, moments: Moments) -> float:
        """The half-width after these units; infinite while they are too few for the level.

        >>> seen = Moments(10**6, 0.0, 10.0**6)
        >>> 6.6e-3 < SelfNormalised(1e-10, 1.0, scales(1.0, 1000, 10**6)).radius(seen) < 7.6e-3
        True
        """
        v = self.variance if self.learned is None else min(self.variance, self.learned.bound(moments))
        if v == 0:
            return 0.0
        n, least = moments.n, (moments.m2 / v + 2 * moments.n) / 3
        mixture = [r / v for r in self.mixture]
        target = -math.log(self.alpha) + SLACK

        def excess(d: float) -> float:
            return log_mean_exp(_terms(mixture, n, least, d)) - target

        guess = math.sqrt(2 * (least + min(mixture)) * (target + math.log(len(mixture)))) / n
        remote = REMOTE * math.sqrt(self.variance / v) / self.alpha
        while not excess(guess) >= 0:
            guess *= 1.25
            if not guess < remote:
                return math.inf
        radius = outer_end(excess, 0.0, guess)
        ends = zip(_terms(mixture, n, least, radius), _terms(mixture, n, least, remote), strict=True)
        return radius * math.sqrt(v) * (1 + 2.0**-50) if all(near <= far for near, far in ends) else math.inf


def _terms(mixture: Sequence[float], n: int, least: float, d: float) -> list[float]:
    """The log of each term of the mixture at distance d from the mean, in units of sqrt(v); least is V there where d = 0."""
    spread = least + n * d * d / 3
    return [(n * d) ** 2 / (2 * (r + spread)) - math.log((r + spread) / r) / 2 for r in mixture]
