"""Sequential intervals are calibrated: over many runs they miss the truth no more often than their level says.

Each test counts the runs in which any look's interval missed, and rejects when that many misses have probability below
1e-6 under the nominal level: the streams are fixed, so a failure here is a fault and not bad luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from scipy.stats import binom

from lemmata.numerics.confidence import (
    FIRST_LOOK,
    Moments,
    Sequential,
    binary_interval,
    bounded_interval,
    level_at,
    studentised_interval,
)
from lemmata.numerics.streams import Stream

ALPHA = 0.05
RUNS = 2_000
LOOKS = 3

Law = Callable[[torch.Generator, tuple[int, int]], torch.Tensor]


def normal(rng: torch.Generator, shape: tuple[int, int]) -> torch.Tensor:
    return torch.randn(shape, generator=rng, dtype=torch.float64)


def uniform(rng: torch.Generator, shape: tuple[int, int]) -> torch.Tensor:
    return torch.rand(shape, generator=rng, dtype=torch.float64)


def student(freedom: int) -> Law:
    def draw(rng: torch.Generator, shape: tuple[int, int]) -> torch.Tensor:
        below = sum(normal(rng, shape) ** 2 for _ in range(freedom))
        return normal(rng, shape) / torch.sqrt(torch.as_tensor(below) / freedom)

    return draw


LAWS: dict[str, tuple[Law, float]] = {
    "normal": (normal, 0.0),
    "exponential": (lambda rng, shape: -torch.log1p(-uniform(rng, shape)), 1.0),
    "relu squared": (lambda rng, shape: torch.relu(normal(rng, shape)) ** 2, 0.5),
    "relu kernel": (lambda rng, shape: torch.relu(normal(rng, shape)) * torch.relu(normal(rng, shape)), 1 / (2 * math.pi)),
    "lognormal": (lambda rng, shape: torch.exp(normal(rng, shape)), math.exp(0.5)),
    "student 2": (student(2), 0.0),
    "pareto 3/2": (lambda rng, shape: (1 - uniform(rng, shape)) ** (-2 / 3), 3.0),
    "rare": (lambda rng, shape: (uniform(rng, shape) < 0.01).double() * 100, 1.0),
}


def moments_of_rows(samples: torch.Tensor) -> list[Moments]:
    """The moments of each row, by the same formulas as `Moments.of`."""
    mean = samples.mean(1, keepdim=True)
    centred = samples - mean
    columns = [mean[:, 0], *((centred**k).sum(1) for k in (2, 3, 4)), samples.amin(1), samples.amax(1)]
    return [Moments(samples.shape[1], *row) for row in torch.stack(columns, 1).tolist()]


def missed_runs(law: Law, truth: float, stream: Stream, alpha: float = ALPHA) -> tuple[int, int]:
    """Runs in which some look's interval missed, and runs in which some look gave an interval at all."""
    rng = stream.torch()
    totals, missed, spoke = [Moments()] * RUNS, [False] * RUNS, [False] * RUNS
    for look in range(LOOKS):
        width = FIRST_LOOK if look < 2 else FIRST_LOOK * 2 ** (look - 1)
        batch = moments_of_rows(law(rng, (RUNS, width)))
        for run in range(RUNS):
            totals[run] = totals[run].merge(batch[run])
            interval = studentised_interval(totals[run], level_at(look, alpha))
            missed[run] = missed[run] or abs(interval.centre - truth) > interval.radius
            spoke[run] = spoke[run] or math.isfinite(interval.radius)
    return sum(missed), sum(spoke)


def not_above(misses: int, runs: int, level: float) -> bool:
    """Whether so many misses are no evidence, at level 1e-6, of a rate above `level`."""
    return bool(binom.logsf(misses - 1, runs, level) > math.log(10) * -6)


@pytest.mark.parametrize("name", LAWS)
def test_a_run_of_looks_misses_no_more_often_than_its_level(name: str) -> None:
    law, truth = LAWS[name]
    misses, _ = missed_runs(law, truth, Stream(11).child(name))
    assert not_above(misses, RUNS, ALPHA), f"{misses} of {RUNS} runs missed"


@pytest.mark.parametrize("name", ["normal", "exponential"])
def test_light_tails_do_get_intervals(name: str) -> None:
    law, truth = LAWS[name]
    _, spoke = missed_runs(law, truth, Stream(12).child(name), alpha=1e-3)
    assert spoke == RUNS


@pytest.mark.parametrize("name", ["student 2", "pareto 3/2", "lognormal", "rare"])
def test_heavy_tails_get_none_at_the_level_of_a_run(name: str) -> None:
    law, truth = LAWS[name]
    misses, spoke = missed_runs(law, truth, Stream(13).child(name), alpha=1e-10)
    assert misses == 0
    assert spoke == 0, f"{spoke} of {RUNS} runs gave an interval from 4096 draws"


def test_the_counting_can_fail() -> None:
    """Without the correction, the normal quantile misses the mean of a lognormal law far too often."""
    rows = moments_of_rows(torch.exp(2 * normal(Stream(14).torch(), (RUNS, 256))))
    naive = sum(abs(row.mean - math.exp(2.0)) > 1.96 * row.stderr for row in rows)
    assert not not_above(naive, RUNS, ALPHA)


def test_clopper_pearson_covers_exactly_by_enumeration() -> None:
    """The probability of missing, summed over all outcomes, is at most the level for every p tried."""
    n, level = 40, 0.05
    intervals = [binary_interval(k, n, level) for k in range(n + 1)]
    for step in range(1, 100):
        p = step / 100
        missed = sum(binom.pmf(k, n, p) for k, interval in enumerate(intervals) if abs(interval.centre - p) > interval.radius)
        assert missed <= level


def test_the_bernstein_bound_covers_exactly_by_enumeration() -> None:
    n, level = 60, 0.1
    for step in range(1, 20):
        p = step / 20
        missed = 0.0
        for k in range(n + 1):
            spread = k * (1 - k / n) ** 2 + (n - k) * (k / n) ** 2
            interval = bounded_interval(Moments(n, k / n, spread), 0.0, 1.0, level)
            missed += binom.pmf(k, n, p) if abs(interval.centre - p) > interval.radius else 0.0
        assert missed <= level


def test_moments_merge_to_those_of_the_whole() -> None:
    """Exact in integers: every central sum of dyadic samples is a dyadic number that float64 holds."""
    rng = Stream(15).python()
    samples = [float(rng.randint(-8, 8)) for _ in range(64)]
    whole = Moments.of(samples)
    merged = Moments()
    for start in range(0, 64, 16):
        merged = merged.merge(Moments.of(samples[start : start + 16]))
    mean = sum(samples) / 64
    exact = [sum((x - mean) ** k for x in samples) for k in (2, 3, 4)]
    for moments in (whole, merged):
        assert moments.n == 64 and moments.mean == mean and (moments.least, moments.largest) == (min(samples), max(samples))
        for found, truth, k in zip((moments.m2, moments.m3, moments.m4), exact, (2, 3, 4), strict=True):
            size = sum(abs(x - mean) ** k for x in samples)
            assert abs(found - truth) <= 64 * size * 2.0**-52


def test_moments_far_from_zero_keep_their_digits() -> None:
    """Samples near 1e8 with spread 1: the variance comes from centred sums, not from a difference of squares."""
    rng = Stream(16).torch()
    samples = normal(rng, (1, 4096))[0]
    near, far = Moments.of(samples), Moments.of(samples + 2.0**27)
    rounding = 2.0**27 * 2.0**-52 * 4
    assert abs(near.variance - far.variance) <= 4 * rounding * math.sqrt(near.variance)


def test_equal_draws_of_an_unknown_law_bound_nothing() -> None:
    interval = studentised_interval(Moments.of([0.1] * 5000), 1e-3)
    assert interval.radius == math.inf and "equal" in interval.because
    assert binary_interval(0, 5000, 1e-3).radius < 1 / 500


def test_the_narrowest_look_is_kept() -> None:
    run = Sequential(1e-3)
    rng = Stream(17).torch()
    moments = Moments.of(normal(rng, (1, 4096)))
    first = run.look(moments)
    spoiled = run.look(moments.merge(Moments.of([1e6])))
    assert spoiled.radius == math.inf and run.best == first
    assert math.fsum(level_at(k, 1.0) for k in range(10_000)) < 1
