"""Two-dimensional certified integrals: kernels with known closed forms, and the methods against one another."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy as sp
from flint import arb
from sympy.stats import Covariance, Expectation, Normal, Probability, Variance

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.instruments.certified_mean import INSTRUMENT
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.measurement import Ball, Refusal
from lemmata.numerics.quadrature import iterated, sectors, strips
from lemmata.numerics.quadrature.directions import project
from lemmata.numerics.streams import Stream

R = sp.Rational
x, y = sp.symbols("x y", real=True)
c = sp.Symbol("c", real=True)
q1, q2 = sp.symbols("q1 q2", positive=True)
s1, s2 = Normal("s1", 0, 1), Normal("s2", 0, 1)
u, v = sp.sqrt(q1) * s1, sp.sqrt(q2) * (c * s1 + sp.sqrt(1 - c**2) * s2)
DIGITS = 15

CORRELATIONS = [R(0), R(1, 2), -R(1, 2), R(99, 100), -R(99, 100), 1 - R(1, 10**12), -1 + R(1, 10**12), R(1), R(-1), sp.sqrt(2) / 2]


def measured(quantity: Any, **at: Any) -> Any:
    values = {c: R(3, 5), q1: sp.Integer(1), q2: sp.Integer(1), **{{"c": c, "q1": q1, "q2": q2}[name]: value for name, value in at.items()}}
    return INSTRUMENT.measure(quantity, values, Budget(), Stream(0))


def holds(result: Any, exact: sp.Expr, at: dict[Any, Any] | None = None) -> bool:
    assert isinstance(result, Ball), result
    return bool(result.value.overlaps(enclose(exact, at or {}, digits=DIGITS + 12)))


def sharp(result: Any) -> bool:
    return bool(result.value.rad() <= abs(result.value.mid()) * arb(10) ** -DIGITS)


RELU = sp.sqrt(q1 * q2) * (sp.sqrt(1 - c**2) + c * (sp.pi - sp.acos(c))) / (2 * sp.pi)
ERF = 2 / sp.pi * sp.asin(2 * c * sp.sqrt(q1 * q2) / sp.sqrt((1 + 2 * q1) * (1 + 2 * q2)))
STEP = (sp.pi - sp.acos(c)) / (2 * sp.pi)


@pytest.mark.parametrize("correlation", CORRELATIONS)
def test_the_relu_kernel_at_every_correlation(correlation: sp.Expr) -> None:
    at = {c: correlation, q1: R(2, 3), q2: sp.Integer(5)}
    result = measured(Expectation(sp.Max(0, u) * sp.Max(0, v)), c=correlation, q1=R(2, 3), q2=sp.Integer(5))
    assert holds(result, RELU, at) and (sharp(result) or correlation == -1)


@pytest.mark.parametrize("correlation", [R(0), R(3, 5), -R(4, 5), R(999, 1000), R(1), R(-1)])
def test_the_erf_and_the_step_kernel(correlation: sp.Expr) -> None:
    at = {c: correlation, q1: sp.Integer(1), q2: R(3, 10)}
    result = measured(Expectation(sp.erf(u) * sp.erf(v)), c=correlation, q2=R(3, 10))
    assert holds(result, ERF, at) and (sharp(result) or correlation == 0)
    assert holds(measured(Expectation(sp.Heaviside(u) * sp.Heaviside(v)), c=correlation), STEP, at)


def test_random_kernels_hold_their_closed_forms() -> None:
    rng = random.Random(3)
    for _ in range(25):
        at = {c: R(rng.randint(-999, 999), 1000), q1: R(rng.randint(1, 60), 10), q2: R(rng.randint(1, 60), 10)}
        named = {"c": at[c], "q1": at[q1], "q2": at[q2]}
        assert holds(measured(Expectation(sp.Max(0, u) * sp.Max(0, v)), **named), RELU, at)
        assert holds(measured(Probability((u > 0) & (v > 0)), **named), STEP, at)
        assert holds(measured(Covariance(u, v), **named), sp.sqrt(q1 * q2) * c, at)
        assert holds(measured(Expectation(sp.exp(u / 2) * sp.exp(v / 3)), **named), sp.exp(q1 / 8 + q2 / 18 + c * sp.sqrt(q1 * q2) / 6), at)
        waves = sp.exp(-(q1 + q2) / 2) * sp.sinh(c * sp.sqrt(q1 * q2))
        assert holds(measured(Expectation(sp.sin(u) * sp.sin(v)), **named), waves, at)


def test_shifted_half_planes_and_relus_with_bias() -> None:
    """P(s1 > s2 + 1) is one normal's tail; E relu(u + 1) relu(v + 1) by two orders of integration."""
    assert holds(measured(Probability(s1 > s2 + 1)), sp.erfc(R(1, 2)) / 2)
    assert holds(measured(Probability(s1 > s2)), R(1, 2))
    both = sp.Max(0, x + 1) * sp.Max(0, R(3, 5) * x + R(4, 5) * y + 1)
    first = iterated.integrate_iterated(both, x, y, DIGITS, closed=True)
    second = iterated.integrate_iterated(both, y, x, DIGITS, closed=True)
    assert first.overlaps(second) and first.rad() <= abs(first.mid()) * arb(10) ** -DIGITS


def test_the_methods_agree_where_several_apply() -> None:
    smooth = sp.tanh(x) * sp.tanh(x / 2 + y)
    assert strips.integrate_strips(smooth, x, y, DIGITS).overlaps(iterated.integrate_iterated(smooth, x, y, DIGITS, closed=False))
    kinked = sp.Max(0, x) * sp.Abs(x + y) ** 3
    polar = sectors.integrate_sectors(kinked, x, y, DIGITS)
    assert polar.overlaps(iterated.integrate_iterated(kinked, x, y, DIGITS, closed=True))
    assert polar.overlaps(iterated.integrate_iterated(kinked, x, y, DIGITS, closed=False))
    mixed = sp.tanh(x) * sp.Max(0, x + y)
    assert iterated.integrate_iterated(mixed, x, y, DIGITS, closed=True).overlaps(
        iterated.integrate_iterated(mixed, x, y, DIGITS, closed=False)
    )


def test_dependent_directions_are_found_exactly() -> None:
    result = measured(Expectation(sp.tanh(s1 + s2) ** 2 * sp.Max(0, (s1 + s2) / sp.sqrt(2))))
    single = measured(Expectation(sp.tanh(sp.sqrt(2) * s1) ** 2 * sp.Max(0, s1)))
    assert sharp(result) and result.value.overlaps(single.value)
    many = [Normal(f"w{k}", 0, 1) for k in range(5)]
    assert holds(measured(Expectation(sp.Max(0, sum(many)) ** 2)), R(5, 2))
    with pytest.raises(Unsupported, match="directions"):
        project(sp.tanh(x) * sp.tanh(y) * sp.tanh(sp.Symbol("z", real=True)), [x, y, sp.Symbol("z", real=True)])


def test_correlated_vectors_and_variances() -> None:
    pair = Normal("pair", [1, 0], [[2, R(1, 2)], [R(1, 2), 1]])
    assert holds(measured(Covariance(pair[0], pair[1])), R(1, 2))
    assert holds(measured(Variance(pair[0] - pair[1])), sp.Integer(2))
    assert holds(measured(Variance(sp.Max(0, s1))), R(1, 2) - 1 / (2 * sp.pi))
    assert holds(measured(Expectation(s1, s1 > 0)), sp.sqrt(2 / sp.pi))


def test_what_is_out_of_reach_is_refused_with_its_reason() -> None:
    refused = measured(Expectation(sp.Max(s1, s2, Normal("s3", 0, 1))))
    assert isinstance(refused, Refusal) and "directions" in refused.reason
    steep = measured(Expectation(sp.tanh(60 * s1) * sp.tanh(60 * (s1 + s2 / 2))))
    assert isinstance(steep, Refusal) and "nodes" in steep.reason
    for divergent in (sp.exp(s1**2), sp.exp(s1**2 / 2), 1 / s1, s1 + sp.exp(s1**3)):
        refusal = measured(Expectation(divergent))
        assert isinstance(refusal, Refusal) and refusal.divergent, divergent
