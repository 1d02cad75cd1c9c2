"""What the sequential tests cost: samples to reject a mean that is off, against the best test of a fixed size.

At a level of 1e-10 and 99% power the two-sided z-test that knows sigma takes 77.3 (sigma / error)^2 samples. For each law, `RUNS`
runs look after every sixteenth more samples; the figures kept are the median and the 99% quantile of the samples at the
rejection over those of that test, and the time of one look.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import pytest
import torch

from lemmata.numerics.instruments.monte_carlo import LEARNING, LOOK_AGAIN
from lemmata.numerics.statistics.binomial import Binomial
from lemmata.numerics.statistics.learned_variance import FromBound
from lemmata.numerics.statistics.moments import FIRST_LOOK, Moments
from lemmata.numerics.statistics.self_normalised import SelfNormalised, scales
from lemmata.numerics.statistics.sequence import ConfidenceSequence
from lemmata.numerics.streams import Stream

LEVEL = 1e-10
RUNS = 200
FIXED = 2**16
"""Samples of the fixed-size test, which decide the size of the error."""

MOST = 2**20
GOAL = 1.25

Draw = Callable[[int, torch.Generator], torch.Tensor]


def uniform(size: int, rng: torch.Generator) -> torch.Tensor:
    return torch.rand(size, generator=rng, dtype=torch.float64)


def normal(size: int, rng: torch.Generator) -> torch.Tensor:
    return torch.randn(size, generator=rng, dtype=torch.float64)


def relu_kernel(size: int, rng: torch.Generator) -> torch.Tensor:
    """relu(u) relu(v) at correlation 1/2."""
    u = normal(size, rng)
    return u.clamp(min=0) * (u / 2 + math.sqrt(3 / 4) * normal(size, rng)).clamp(min=0)


def relu_moments(c: float) -> tuple[float, float]:
    """E and Var of relu(u) relu(v): (sin t + (pi - t) c) / (2 pi) and ((pi - t)(1 + 2 c^2) + 3 sin t c) / (2 pi) - E^2, t = acos c."""
    t = math.acos(c)
    mean = (math.sin(t) + (math.pi - t) * c) / (2 * math.pi)
    return mean, ((math.pi - t) * (1 + 2 * c * c) + 3 * math.sin(t) * c) / (2 * math.pi) - mean**2


def self_normalised(variance: float) -> ConfidenceSequence:
    return SelfNormalised(LEVEL, variance, scales(variance, FIRST_LOOK, MOST))


def bounded() -> ConfidenceSequence:
    share = LEVEL * LEARNING
    return SelfNormalised(LEVEL - share, 0.25, scales(1 / 12, FIRST_LOOK, MOST), FromBound(share, 0.5, 0.5, FIRST_LOOK, MOST))


LAWS: dict[str, tuple[Draw, float, float, ConfidenceSequence]] = {
    "normal": (normal, 0.0, 1.0, self_normalised(1.0)),
    "relu kernel": (relu_kernel, *relu_moments(0.5), self_normalised(relu_moments(0.5)[1])),
    "bounded, variance learned": (uniform, 0.5, 1 / 12, bounded()),
    "coin": (lambda size, rng: (uniform(size, rng) < 0.5).double(), 0.5, 0.25, Binomial.planned(LEVEL, 0.5, FIRST_LOOK, MOST)),
}


def rejected_after(draw: Draw, stated: float, sequence: ConfidenceSequence, stream: Stream) -> int:
    """The samples after which the stated mean lies outside the interval."""
    rng, moments = stream.torch(), Moments()
    while moments.n < MOST:
        moments = moments.merge(Moments.of(draw(max(FIRST_LOOK, moments.n // LOOK_AGAIN // FIRST_LOOK * FIRST_LOOK), rng)))
        interval = sequence.interval(moments)
        if not interval.low <= stated <= interval.high:
            return moments.n
    raise AssertionError(f"not rejected after {moments.n} samples")


@pytest.mark.parametrize("name", LAWS)
def test_samples_to_reject(benchmark: Any, name: str) -> None:
    draw, mean, variance, sequence = LAWS[name]
    torch.set_num_threads(1)
    reach = -NormalDist().inv_cdf(LEVEL / 2) + NormalDist().inv_cdf(0.99)
    error = reach * math.sqrt(variance / FIXED)
    spent = sorted(rejected_after(draw, mean + (-1) ** run * error, sequence, Stream(5).child(name, run)) / FIXED for run in range(RUNS))
    benchmark.extra_info.update(median=round(spent[RUNS // 2], 3), quantile=round(spent[math.ceil(0.99 * RUNS) - 1], 3))
    seen = Moments.of(draw(FIXED, Stream(6).torch()))
    benchmark(sequence.interval, seen)
    assert spent[math.ceil(0.99 * RUNS) - 1] <= GOAL, spent[-5:]
