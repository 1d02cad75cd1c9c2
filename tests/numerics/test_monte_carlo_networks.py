"""Random layers: with weights really drawn, the next second moments are what the covariance map says."""

from __future__ import annotations

import math

import pytest
import sympy as sp
import torch
from sympy.stats import Expectation, Normal

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.certified_mean import INSTRUMENT
from lemmata.numerics.networks.preactivations import correlated_pairs, layer_overlaps, layer_second_moments
from lemmata.numerics.statistics.moments import Moments
from lemmata.numerics.statistics.self_normalised import SelfNormalised, scales
from lemmata.numerics.statistics.sequence import Interval
from lemmata.numerics.streams import Stream

SIGMA_W, SIGMA_B = 1.5, 0.3
Q1, Q2, C = 2.0, 0.5, -0.25


def truth(name: str, q1: float, q2: float, c: float) -> float:
    """sigma_w^2 E[sigma(u1) sigma(u2)] + sigma_b^2 from a certified integral."""
    s1, s2 = Normal("s1", 0, 1), Normal("s2", 0, 1)
    a, b, r = sp.Rational(q1), sp.Rational(q2), sp.Rational(c)
    u, v = sp.sqrt(a) * s1, sp.sqrt(b) * (r * s1 + sp.sqrt(1 - r**2) * s2)
    f = {"relu": lambda x: sp.Max(0, x), "tanh": sp.tanh}[name]
    ball = INSTRUMENT.measure(Expectation(f(u) * f(v)), {}, Budget(), Stream(0))
    return SIGMA_W**2 * float(ball.value) + SIGMA_B**2


def interval_of(samples: torch.Tensor, variance: float) -> Interval:
    """An interval that misses with probability 1e-6 at the most, for samples of at most this variance."""
    return SelfNormalised(1e-6, variance, scales(variance, len(samples), len(samples))).interval(Moments.of(samples))


@pytest.mark.parametrize("name", ["relu", "tanh"])
@pytest.mark.parametrize("width", [4, 64])
def test_the_covariance_map_holds_in_the_mean_at_every_width(name: str, width: int) -> None:
    rng = Stream(21).child(name, width).torch()
    samples = layer_second_moments(getattr(torch, name), width, SIGMA_W, SIGMA_B, Q1, Q2, C, 2**17, rng)
    largest = [SIGMA_W**2 * {"relu": math.sqrt(1.5) * q, "tanh": 1.0}[name] + SIGMA_B**2 for q in (Q1, Q2)]
    interval = interval_of(samples, 3 * largest[0] * largest[1])  # E (z z')^2 <= 3 ||V||_2 ||V'||_2 for normal z, z' given V, V'
    assert -math.inf < interval.low <= truth(name, Q1, Q2, C) <= interval.high


def test_overlaps_have_the_same_means_and_shrink_with_the_width() -> None:
    exact = [truth("tanh", Q1, Q1, 1.0), truth("tanh", Q1, Q2, C), truth("tanh", Q2, Q2, 1.0)]
    spreads = []
    for width in (8, 128):
        samples = layer_overlaps(torch.tanh, width, SIGMA_W, SIGMA_B, Q1, Q2, C, 2**11, Stream(22).child(width).torch())
        for column, mean in enumerate(exact):
            interval = interval_of(samples[:, column], 3 * (SIGMA_W**2 + SIGMA_B**2) ** 2)  # a mean of products as above, |tanh| <= 1
            assert -math.inf < interval.low <= mean <= interval.high
        spreads.append(float(samples[:, 1].std()))
    assert spreads[1] < spreads[0] / 2


def test_a_correlation_outside_its_range_is_an_error() -> None:
    with pytest.raises(ValueError, match="correlation"):
        correlated_pairs((2, 2), 1.0, 1.0, 1.5, rng=Stream(0).torch())
    u, v = correlated_pairs((5, 5), 1.0, 4.0, -1.0, rng=Stream(0).torch())
    assert torch.equal(v, -2 * u)
