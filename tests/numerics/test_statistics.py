"""Confidence sequences: each inequality is proved again here, and coverage over all looks is computed exactly, not sampled."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from statistics import NormalDist

import pytest
import sympy as sp

from lemmata.numerics.measurement import Estimate
from lemmata.numerics.statistics.binomial import Binomial
from lemmata.numerics.statistics.learned_variance import FromBound, FromFourthMoment, squares
from lemmata.numerics.statistics.moments import FIRST_LOOK, Moments
from lemmata.numerics.statistics.self_normalised import SelfNormalised, scales
from lemmata.numerics.statistics.sequence import NARROW, log_mean_exp, outer_end
from lemmata.numerics.streams import Stream

ALPHA = 0.1
LEVEL = 1e-10
"""Of one point in a run."""

STEPS = 150
"""Samples after each of which the exact computations look."""


def two_valued(n: int, k: int, low: float, high: float) -> Moments:
    """k samples of `high` and n - k of `low`."""
    mean = low + (high - low) * k / n
    return Moments(n, mean, (high - low) ** 2 * k * (n - k) / n)


def ever(event: Callable[[int, int], bool], p: float, steps: int = STEPS) -> float:
    """The probability that the event happens at some number n <= steps of trials with k successes, by dynamic programming."""
    alive, caught = {0: 1.0}, 0.0
    for n in range(1, steps + 1):
        following: dict[int, float] = {}
        for k, weight in alive.items():
            for up, chance in ((1, p), (0, 1 - p)):
                following[k + up] = following.get(k + up, 0.0) + weight * chance
        caught += sum(weight for k, weight in following.items() if event(n, k))
        alive = {k: weight for k, weight in following.items() if not event(n, k)}
    return caught


def test_the_inequality_of_the_self_normalised_process() -> None:
    """log(1 + x + x^2/3) - x + x^2/6 is 0 at 0 and its derivative is x^3 over something positive."""
    x = sp.Symbol("x", real=True)
    gap = sp.log(1 + x + x**2 / 3) - x + x**2 / 6
    assert gap.subs(x, 0) == 0
    slope = sp.cancel(sp.together(sp.diff(gap, x)))
    assert sp.cancel(slope * (x**2 + 3 * x + 3) / x**3) == sp.Rational(1, 3)
    assert sp.discriminant(x**2 + 3 * x + 3, x) < 0


def test_the_inequality_of_the_learned_variance() -> None:
    """1 - y + y^2/2 - exp(-y) is 0 with its first derivative at 0, and its second, 1 - exp(-y), is not negative for y >= 0."""
    y = sp.Symbol("y", nonnegative=True)
    gap = 1 - y + y**2 / 2 - sp.exp(-y)
    assert gap.subs(y, 0) == 0 and sp.diff(gap, y).subs(y, 0) == 0
    assert sp.expand(sp.diff(gap, y, 2)) == 1 - sp.exp(-y)


@pytest.mark.parametrize("p", [0.02, 0.3, 0.5, 0.9])
def test_the_binomial_sequence_misses_at_some_look_no_more_often_than_its_level(p: float) -> None:
    sequence = Binomial.planned(ALPHA, 0.3, 10, STEPS)
    interval = cache(lambda n, k: sequence.interval(Moments(n, k / n, 0.0)))
    missed = ever(lambda n, k: not interval(n, k).low <= p <= interval(n, k).high, p)
    assert 0 < missed <= ALPHA


@pytest.mark.parametrize("p", [0.03, 0.2, 0.5])
def test_the_self_normalised_sequence_misses_no_more_often_than_its_level(p: float) -> None:
    """Two values of mean 0 and variance 1, as skewed as p says; the level is looked at after every sample."""
    low, high = -math.sqrt(p / (1 - p)), math.sqrt((1 - p) / p)
    sequence = SelfNormalised(ALPHA, 1.0 + 2.0**-40, scales(1.0, 10, STEPS))
    radius = cache(lambda n, k: sequence.radius(two_valued(n, k, low, high)))
    missed = ever(lambda n, k: abs(two_valued(n, k, low, high).mean) > radius(n, k), p)
    assert 0 < missed <= ALPHA


@pytest.mark.parametrize("p", [0.05, 0.3, 0.5])
def test_learned_variances_are_too_small_no_more_often_than_their_level(p: float) -> None:
    truth = p * (1 - p)
    fourth = p * (1 - 0.4) ** 4 + (1 - p) * 0.4**4
    for learned in (FromBound(ALPHA, 0.4, 0.6, 10, STEPS), FromFourthMoment(ALPHA, 0.4, fourth, 10, STEPS)):
        bound = cache(lambda n, k, learned=learned: learned.bound(two_valued(n, k, 0.0, 1.0)))
        assert ever(lambda n, k, bound=bound: bound(n, k) < truth, p) <= ALPHA
        assert learned.bound(two_valued(10**6, int(p * 10**6), 0.0, 1.0)) < 1.5 * squares(two_valued(100, int(100 * p), 0.0, 1.0), 0.4)


def test_a_learned_variance_costs_nothing_that_is_not_in_its_share() -> None:
    """With the learned bound in place of the true one the interval is wider, and still misses no more often than both shares."""
    p, share = 0.3, ALPHA / 4
    sequence = SelfNormalised(ALPHA - share, 0.25, scales(0.2, 10, STEPS), FromBound(share, 0.5, 0.5, 10, STEPS))
    radius = cache(lambda n, k: sequence.radius(two_valued(n, k, 0.0, 1.0)))
    assert ever(lambda n, k: abs(k / n - p) > radius(n, k), p) <= ALPHA


@pytest.mark.parametrize("samples", [2**16, 2**20, 2**24, 2**28])
def test_the_cost_against_the_best_fixed_size_test(samples: int) -> None:
    """At a level of 1e-10 and 99% power at most 1.25 times the samples of the two-sided z-test that knows sigma, at every n.

    An error e is found with 99% probability by n samples where e = radius + 2.33 sigma / sqrt(n); the z-test takes
    ((6.47 + 2.33) sigma / e)^2.
    """
    alpha, power = LEVEL, NormalDist().inv_cdf(0.99)
    fixed = -NormalDist().inv_cdf(alpha / 2) + power
    mean, binomial = SelfNormalised(alpha, 1.0, scales(1.0, FIRST_LOOK, samples)), Binomial.planned(alpha, 0.5, FIRST_LOOK, samples)
    n = FIRST_LOOK
    while n <= samples:
        widths = [mean.radius(Moments(n, 0.0, float(n))) * math.sqrt(n)]
        widths.append(2 * math.sqrt(n) * (0.5 - binomial.interval(Moments(n, 0.5, n / 4)).low))
        assert all(((width + power) / fixed) ** 2 <= 1.25 for width in widths), (n, widths)
        n *= 2


def test_a_declared_variance_of_zero_is_exact_and_a_huge_one_is_no_interval() -> None:
    constant = Moments(5000, 0.1, 0.0)
    assert SelfNormalised(LEVEL, 0.0, (1.0,)).radius(constant) == 0
    assert SelfNormalised(LEVEL, 1.0, scales(1.0, FIRST_LOOK, 5000)).radius(constant) > 0
    assert SelfNormalised(LEVEL, 1.0, scales(1.0, FIRST_LOOK, 5000)).radius(Moments(20, 0.0, 20.0)) == math.inf
    plain = SelfNormalised(LEVEL, 1.0, scales(1.0, FIRST_LOOK, 5000)).radius(Moments(5000, 0.0, 5000.0))
    huge = SelfNormalised(LEVEL, 2.0**900, scales(2.0**900, FIRST_LOOK, 5000)).radius(Moments(5000, 0.0, 5000 * 2.0**900))
    assert huge == plain * 2.0**450


def test_one_wild_draw_widens_the_interval() -> None:
    sequence = SelfNormalised(1e-6, 1.0, scales(1.0, FIRST_LOOK, 2**16))
    calm = Moments(2**14, 0.0, 2.0**14)
    wild = calm.merge(Moments.of([1e4]))
    assert sequence.radius(wild) > 5 * sequence.radius(calm)


def test_the_ends_of_a_search_err_outwards() -> None:
    rng = Stream(1).python()
    for _ in range(200):
        root, power, far = rng.uniform(0.01, 1), rng.choice([1, 3, 9]), rng.uniform(1, 1e6)
        found = outer_end(lambda x, root=root, power=power: (x / root) ** power - 1, 0.0, root * far)
        assert root <= found * (1 + 2.0**-50) and found - root <= 2 * NARROW * found
    assert log_mean_exp([-math.inf, -math.inf]) == -math.inf


def test_moments_merge_to_those_of_the_whole() -> None:
    """Exact in integers: sums of dyadic samples are dyadic numbers that float64 holds."""
    rng = Stream(15).python()
    samples = [float(rng.randint(-8, 8)) for _ in range(64)]
    merged = Moments()
    for start in range(0, 64, 16):
        merged = merged.merge(Moments.of(samples[start : start + 16]))
    mean = sum(samples) / 64
    exact = sum((x - mean) ** 2 for x in samples)
    for moments in (Moments.of(samples), merged):
        assert moments.n == 64 and moments.mean == mean
        assert abs(moments.m2 - exact) <= 64 * exact * 2.0**-52
    assert merged.batches == 4


def test_moments_far_from_zero_keep_their_digits() -> None:
    """Samples near 1e8 with spread 1: the variance comes from centred sums, and the mean's rounding is told."""
    import torch

    samples = torch.randn(4096, generator=Stream(16).torch(), dtype=torch.float64)
    near, far = Moments.of(samples), Moments.of(samples + 2.0**27)
    rounding = 2.0**27 * 2.0**-52 * 4
    assert abs(near.variance - far.variance) <= 4 * rounding * math.sqrt(near.variance)
    assert abs((far.mean - 2.0**27) - near.mean) <= far.rounding < 2.0**-18


def test_what_an_estimate_would_have_caught_and_what_less_would_take() -> None:
    estimate = Estimate(1.0, 0.01, 10_000, 0.07, 1e-10, rounding=0.001)
    assert 0.0932 < estimate.caught < 0.0933
    tenth = estimate.samples_for(estimate.caught / 10)
    assert 100 * 10_000 < tenth < 130 * 10_000
    assert estimate.samples_for(0.001) == math.inf
