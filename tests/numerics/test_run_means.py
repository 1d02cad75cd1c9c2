"""Means over runs: the interval holds for every bounded law, by exact enumeration and by attacks, and the instrument says what it took."""

from __future__ import annotations

import math
from itertools import product

import numpy
import pytest
import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.run_mean import INSTRUMENT
from lemmata.numerics.measurement import Estimate, Refusal
from lemmata.numerics.statistics.bounded_mean import STAKES, bounded_mean
from lemmata.numerics.streams import Stream
from lemmata.theory.experiments import experiment
from lemmata.theory.run_means import mean_over_runs


@experiment(bounds=(-1, 3))
def rare(p: float, *, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    """3 with probability p, else -1: the mean is 4 p - 1."""
    return 4.0 * (torch.rand(size, generator=rng, device=device) < p) - 1


@experiment(bounds=(0, 1))
def liar(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return 2 * torch.rand(size, generator=rng, device=device)


@experiment
def unbounded(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.randn(size, generator=rng, device=device)


@pytest.mark.parametrize("p", [0.0, 0.001, 0.03, 0.2, 0.5, 0.8, 0.97, 1.0])
@pytest.mark.parametrize("alpha", [0.5, 0.2, 0.05])
def test_coverage_computed_exactly(p: float, alpha: float) -> None:
    """All outcomes of n trials of a two-valued law on [0, 1], whose mean the interval must hold with probability 1 - alpha."""
    for n in (1, 2, 5, 13, 40):
        for low, high in ((0.0, 1.0), (0.3, 1.0), (0.0, 0.25), (0.45, 0.55)):
            mean, missed = p * high + (1 - p) * low, 0.0
            for k in range(n + 1):
                interval = bounded_mean([high] * k + [low] * (n - k), 0, 1, alpha)
                if not interval.low <= mean <= interval.high:
                    missed += math.comb(n, k) * p**k * (1 - p) ** (n - k)
            assert missed <= alpha


def test_coverage_of_three_values_by_enumeration() -> None:
    values, weights = (0.0, 0.1, 1.0), (0.05, 0.9, 0.05)
    mean = sum(value * weight for value, weight in zip(values, weights, strict=True))
    for n in (1, 3, 6):
        missed = 0.0
        for chosen in product(range(3), repeat=n):
            interval = bounded_mean([values[place] for place in chosen], 0, 1, 0.3)
            if not interval.low <= mean <= interval.high:
                missed += math.prod(weights[place] for place in chosen)
        assert missed <= 0.3


def test_the_expected_wealth_is_at_most_one_at_the_mean() -> None:
    """The inequality that coverage rests on, for the law that takes the ends alone: it is the extreme one."""
    for m in (0.01, 0.3, 0.99):
        for stake in STAKES:
            wealth = m * (1 - stake + stake / m) + (1 - m) * (1 - stake)
            assert wealth <= 1 + 8 * 2.0**-53 * (1 + stake / m)


def test_wealth_falls_in_the_mean_so_that_the_rejected_are_below_one_number() -> None:
    from lemmata.numerics.statistics.bounded_mean import _log_wealth

    samples = numpy.array([0.0, 0.2, 0.9, 1.0, 0.4])
    grid = [place / 50 for place in range(1, 50)]
    for stake in STAKES[1:]:
        wealths = [_log_wealth(samples, stake, m) for m in grid]
        assert wealths == sorted(wealths, reverse=True)


def test_a_small_gain_is_told_from_nothing_with_about_as_many_runs_as_promised() -> None:
    """24 (high - low)/m runs, and a little for the grid: a gain of m = 0.05 above the middle of [-1, 1] is told from 0."""
    few, many = (bounded_mean([0.0, 0.1] * (runs // 2), -1, 1, 1e-10) for runs in (200, 700))
    assert few.low < 0 < many.low


@pytest.mark.parametrize("p", [0.0, 0.02, 0.5, 1.0])
def test_the_instrument_covers_the_mean(p: float) -> None:
    for seed in range(10):
        found = INSTRUMENT.measure(mean_over_runs(rare(p), 300), {}, Budget(alpha=1e-6), Stream(seed, ("rare",)))
        assert isinstance(found, Estimate) and found.n == 300
        assert abs(found.mean - (4 * p - 1)) <= found.radius
        assert len(found.assumes) == 1 and found.assumes[0].endswith("lies in [-1, 3] (declared)")


def test_constant_samples_do_not_make_the_interval_a_point() -> None:
    """A law that was only ever seen at one value may take another: with n runs, with a probability of about 24/n."""
    interval = bounded_mean([0.5] * 1000, 0, 1, 1e-10)
    assert interval.low < 0.5 - 0.005 and interval.high > 0.5 + 0.005


def test_runs_grow_with_the_budget_and_are_reproducible() -> None:
    node = mean_over_runs(rare(0.5), 50)
    first, again = (INSTRUMENT.measure(node, {}, Budget(), Stream(3)) for _ in range(2))
    wide = INSTRUMENT.measure(node, {}, Budget(samples=2**24), Stream(3))
    assert first == again and isinstance(wide, Estimate) and wide.n == 200


def test_a_value_out_of_the_declared_bounds_is_a_refusal() -> None:
    found = INSTRUMENT.measure(mean_over_runs(liar(), 100), {}, Budget(), Stream(0))
    assert isinstance(found, Refusal) and "out of the declared bounds, 0 to 1" in found.reason


def test_what_is_no_bounded_experiment_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="declares no bounds"):
        mean_over_runs(unbounded(), 10)
    with pytest.raises(TypeError, match="not of 3"):
        mean_over_runs(3, 10)
    with pytest.raises(ValueError, match="a whole number from 1 on, not 0"):
        mean_over_runs(rare(0.5), 0)


@pytest.mark.parametrize(
    ("values", "low", "high", "fault"),
    [([], 0, 1, "one sample"), ([0.5], 1, 1, "lower and a higher"), ([2.0], 0, 1, "out of the declared")],
)
def test_samples_that_cannot_be_are_errors(values: list[float], low: float, high: float, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        bounded_mean(values, low, high, 0.01)
