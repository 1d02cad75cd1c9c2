"""What it costs to see that a stated value is off by 1%, 0.1% or 0.01%: E[relu(u) relu(v)] at correlation 1/2.

The false-alarm rate is 10^-10, the law is known, the answer is not; an error is seen at the first look whose interval leaves out
the altered value. Goals on two cores: 5 ms, 50 ms, 3 s at 99% power; naive draws take 6e6, 6e8 and 6e10 samples. Reported beside the
time of a whole measurement (standard form, pilot run, certificate of the variance and rounding bound included) is that of
drawing alone, and the values of the integrand, as median and 99% quantile over seeds; one thread, seconds of the processor.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Any

import pytest
import sympy as sp
import torch
from sympy.stats import Expectation, Normal

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.monte_carlo import INSTRUMENT, plan
from lemmata.numerics.measurement import Estimate
from lemmata.numerics.reduction.turns import Turn
from lemmata.numerics.reduction.unit import Reduction
from lemmata.numerics.sampler import Sampler
from lemmata.numerics.statistics.moments import FIRST_LOOK, Moments
from lemmata.numerics.streams import Stream
from lemmata.numerics.targets import target_of

SEEDS = 200
s1, s2 = Normal("s1", 0, 1), Normal("s2", 0, 1)
KERNEL = Expectation(sp.Max(0, s1) * sp.Max(0, s1 / 2 + sp.sqrt(3) * s2 / 2))
TRUTH = float((sp.sqrt(3) / 2 + (sp.pi - sp.pi / 3) / 2) / (2 * sp.pi))


def budget_for(error: float, samples: int = 2**26) -> Budget:
    return Budget(alpha=1e-10, samples=samples, resolution=error / 2)


def whole(error: float, seed: int) -> tuple[float, int]:
    """Seconds of one processor and values until the instrument's interval leaves out the altered value, everything included."""
    start = time.process_time()
    for look in INSTRUMENT.looks(KERNEL, {}, budget_for(error), Stream(seed)):
        assert isinstance(look, Estimate), look
        if abs(look.mean - TRUTH * (1 + error)) > look.radius:
            return time.process_time() - start, look.n
    raise AssertionError(f"an error of {error:g} was not seen with seed {seed}")


def drawing(error: float, seed: int, reduced: bool) -> tuple[float, int]:
    """Seconds of one processor and values from the first draw on, once the plan of the measurement stands."""
    budget = budget_for(error)
    sampler = Sampler(target_of(KERNEL), {}, Stream(seed), "cpu")
    if reduced:
        sampler.reduce(budget)
    else:
        sampler.reduction = Reduction(Turn(sampler.sources, 1))
    most = budget.samples // sampler.evaluations
    sequence, _ = plan(sampler, budget.alpha, most)
    start = time.process_time()
    moments, proposed, index = Moments(), 0, 0
    while proposed < most:
        goal = min(most, proposed + max(FIRST_LOOK, proposed // 16 // FIRST_LOOK * FIRST_LOOK))
        while proposed < goal:
            count = min(sampler.block, goal - proposed)
            moments = moments.merge(Moments.of(sampler.units(index, count)))
            proposed, index = proposed + count, index + 1
        if abs(moments.mean - TRUTH * (1 + error)) > sequence.interval(moments).radius(moments.mean):
            return time.process_time() - start, proposed * sampler.evaluations
    raise AssertionError(f"an error of {error:g} was not seen with seed {seed}")


def quantiles(values: Sequence[float]) -> tuple[float, float]:
    """Median and 99% quantile."""
    ordered = sorted(values)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]


def report(benchmark: Any, name: str, runs: Sequence[tuple[float, int]]) -> None:
    seconds, draws = quantiles([run[0] for run in runs]), quantiles([run[1] for run in runs])
    benchmark.extra_info.update({f"{name}_seconds": seconds, f"{name}_draws": draws})
    print(f"\n{name}: {1e3 * seconds[0]:.2f} ms (99%: {1e3 * seconds[1]:.2f}), {draws[0]:.3g} values (99%: {draws[1]:.3g})")


@pytest.mark.parametrize("error", [1e-2, 1e-3, 1e-4])
def test_seeing_an_error_in_the_relu_kernel(benchmark: Any, error: float) -> None:
    torch.set_num_threads(1)
    whole(error, 0)
    report(benchmark, "whole", [whole(error, seed) for seed in range(SEEDS // 4)])
    report(benchmark, "drawing", [drawing(error, seed, True) for seed in range(SEEDS)])
    benchmark.pedantic(drawing, args=(error, 0, True), rounds=5)


def test_seeing_an_error_with_naive_draws(benchmark: Any) -> None:
    torch.set_num_threads(1)
    report(benchmark, "naive", [drawing(1e-2, seed, False) for seed in range(20)])
    benchmark.pedantic(drawing, args=(1e-2, 0, False), rounds=3)
