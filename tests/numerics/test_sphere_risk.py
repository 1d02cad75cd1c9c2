"""Risks on spheres: eigenvalues against quadrature, sums against NumPy's, balls that hold the infimum, and bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from flint import arb
from scipy.special import eval_gegenbauer

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.sphere_risk import INSTRUMENT, SphereRisk, degrees
from lemmata.numerics.measurement import Ball, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.sphere_risk import best_sphere_risk

EPS = np.finfo(float).eps


def measured(*arguments: object) -> Ball:
    found = INSTRUMENT.measure(best_sphere_risk(*arguments), {}, Budget(), Stream(0))
    assert isinstance(found, Ball)
    return found


@pytest.mark.parametrize("d", [2, 3, 5])
def test_eigenvalues_are_those_of_funk_and_hecke(d: int) -> None:
    """A trapezoid rule in the angle with 2^14 cells: its error is below (pi/2^14)^2 times a second derivative below 10^3."""
    phi = np.linspace(0, math.pi, 2**14 + 1)
    features = (np.sin(phi) + (math.pi - phi) * np.cos(phi)) / math.pi
    tangent = features + (math.pi - phi) * np.cos(phi) / math.pi
    weight = math.gamma((d + 1) / 2) / (math.sqrt(math.pi) * math.gamma(d / 2)) * np.sin(phi) ** (d - 1)
    for k, one in zip((1, 0, 2, 4, 6), degrees(d, 6), strict=True):
        legendre = eval_gegenbauer(k, (d - 1) / 2, np.cos(phi)) / eval_gegenbauer(k, (d - 1) / 2, 1.0)
        for kernel, value in ((tangent, one.tangent), (features, one.features)):
            assert abs(np.trapezoid(kernel * legendre * weight, phi) - float(value.mid())) < 1e3 * (math.pi / 2**14) ** 2


@pytest.mark.parametrize("d", [2, 3, 4, 7])
def test_traces_bound_what_is_left_out(d: int) -> None:
    short, long = (sum((one.count * one.tangent for one in degrees(d, last)), arb(0)) for last in (40, 400))
    assert short < long < 2
    short, long = (sum((one.count * one.features for one in degrees(d, last)), arb(0)) for last in (40, 400))
    assert short < long < 1


def test_eigenvalues_fall_with_even_degrees() -> None:
    for d in (2, 5, 9):
        tangent = [one.tangent for one in degrees(d)[1:]]
        assert all(second < first for first, second in zip(tangent, tangent[1:], strict=False))


@pytest.mark.parametrize(("n", "d", "start"), [(32, 5, 1), (128, 5, 0), (10**4, 2, 1), (10**6, 3, 0)])
def test_the_ball_holds_the_least_value_of_a_grid(n: int, d: int, start: int) -> None:
    found = measured(n, d, start)
    count, tangent, features = (np.array([float(x) for x in column]) for column in zip(
        *((one.count, one.tangent.mid(), one.features.mid()) for one in degrees(d)), strict=True))  # fmt: skip
    times = np.exp(np.linspace(-4, 20, 4001))[:, None]
    bias = (count * (tangent**2 + start * features) * np.exp(-2 * tangent * times)).sum(1)
    variance = (count * (1 - np.exp(-tangent * times)) ** 2).sum(1) / (4 * n)
    least, beyond = float((bias + variance).min()), start * (1 - float((count * features).sum()))
    assert float(found.value.lower()) <= least + beyond and least * (1 - 2**-10) <= float(found.value.upper())
    assert float(found.value.rad()) <= 2**-10 * float(found.value.mid())


def test_more_degrees_lie_within_the_ball() -> None:
    for start in (0, 1):
        risks = [SphereRisk(arb(1000), arb(start), arb(1) / 4, degrees(3, last), 3) for last in (20, 60, 400)]
        for t in (arb(1), arb(30), arb(1000)):
            values = [risk.at(t) for risk in risks]
            assert all(wide.contains(narrow.mid()) for wide, narrow in zip(values, values[1:], strict=False))


def test_risks_grow_with_the_start_and_fall_with_samples() -> None:
    assert measured(100, 5, 0).value < measured(100, 5, sp.Rational(1, 2)).value < measured(100, 5, 1).value
    assert measured(400, 5, 1).value < measured(100, 5, 1).value
    assert measured(100, 5, 1, sp.Rational(1, 16)).value < measured(100, 5, 1).value


def test_bad_input_is_one_clear_line() -> None:
    with pytest.raises(ValueError, match="integer d >= 2, not 1"):
        best_sphere_risk(10, 1, 0)
    with pytest.raises(ValueError, match="n > 0, start >= 0 and noise > 0, not 10, -1 and 1/4"):
        best_sphere_risk(10, 3, -1)
    d = sp.Symbol("d", integer=True, positive=True)
    refused = INSTRUMENT.measure(best_sphere_risk(10, d, 0), {d: sp.Integer(100)}, Budget(), Stream(0))
    assert isinstance(refused, Refusal) and "from 2 to 64, not 100" in refused.reason


@pytest.mark.parametrize("start", [0, 1])
def test_more_samples_than_degrees_can_tell_is_a_refusal(start: int) -> None:
    """The variance of the degrees that are added, 80601/(4 n) for d = 2, never reaches the bound of the bias of the others."""
    refused = INSTRUMENT.measure(best_sphere_risk(10**20, 2, start), {}, Budget(), Stream(0))
    assert isinstance(refused, Refusal) and "n is too large" in refused.reason
