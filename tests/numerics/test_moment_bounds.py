"""Moment bounds are bounds: against exact moments, and against the certified integrals of what they bound."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy as sp
import torch
from flint import arb
from scipy.integrate import quad
from sympy import stats
from sympy.stats import Covariance, Expectation, Variance

from lemmata.numerics.declared_bounds import spread_of_experiments
from lemmata.numerics.laws import Source, Unsupported, standardise
from lemmata.numerics.moment_bounds import certified_variance, spread_of
from lemmata.numerics.quadrature.mean import Integrator, Model
from lemmata.numerics.quadrature.norms import norm, tails_of
from lemmata.numerics.quadrature.other_laws import moment
from lemmata.numerics.quadrature.polynomials import polynomial_mean
from lemmata.numerics.sampler import Sampler
from lemmata.numerics.streams import Stream
from lemmata.numerics.targets import target_of
from lemmata.theory.experiments import experiment

R = sp.Rational
s1, s2 = stats.Normal("s1", 0, 1), stats.Normal("s2", 0, 1)
u, v = s1, s1 / 2 + sp.sqrt(3) / 2 * s2


@experiment(bounds=(-1, 2), fourth_moment=16)
def spread_out(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return 3 * torch.rand(size, generator=rng, device=device, dtype=torch.float64) - 1


@experiment(second_moment=lambda scale: scale**2)
def scaled(scale: float, *, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return scale * torch.randn(size, generator=rng, device=device, dtype=torch.float64)


def sampler_of(quantity: Any) -> Sampler:
    return Sampler(target_of(quantity), {}, Stream(3), "cpu")


@pytest.mark.parametrize(
    "expr",
    [
        sp.Max(0, u) * sp.Max(0, v),
        sp.exp(u / 4),
        sp.tanh(u) + v**2,
        sp.sqrt(1 + u**2),
        sp.exp(u**2 / 40),
        stats.Uniform("un", -1, 2) ** 3,
        stats.Exponential("e", 2),
        stats.Laplace("l", 1, 2) ** 2,
        sp.exp(stats.Exponential("e2", 1) / 20),
        stats.Die("d", 6) * u,
        stats.Gamma("g", 3, 2),
    ],
)
def test_norms_are_above_the_integrals_they_bound(expr: Any) -> None:
    model = standardise(expr, {})
    assert isinstance(model, Model)
    bound = norm(model.expr, tails_of(model.sources), 4)
    exact = Integrator(12).mean(Model(model.expr**4, model.sources))
    assert bound is not None and bound**4 >= exact.lower(), (bound, exact)


def test_no_norm_where_the_tails_are_too_heavy() -> None:
    x = sp.Symbol("x", real=True)
    assert norm(sp.exp(x**2 / 8), tails_of([Source(x, "Normal")]), 4) is None
    assert norm(x, tails_of([Source(x, "Cauchy")]), 4) is None
    assert norm(sp.exp(x / 8), tails_of([Source(x, "Exponential")]), 4) is None, "the crude bound doubles the rate"


@pytest.mark.parametrize(
    ("family", "law", "generating"),
    [
        ("Poisson", stats.Poisson("p", R(5, 2)), lambda t: sp.exp(R(5, 2) * (t - 1))),
        ("NegativeBinomial", stats.NegativeBinomial("n", 3, R(1, 4)), lambda t: (R(1, 4) / (1 - 3 * t / 4)) ** 3),
    ],
)
def test_moments_of_counts_from_their_generating_functions(family: str, law: Any, generating: Any) -> None:
    t = sp.Symbol("t", positive=True)
    distribution = law.pspace.distribution
    assert sp.simplify(generating(t).diff(t, 2).subs(t, 0) / 2 - distribution.pdf(2)) == 0
    source, value = Source(sp.Dummy("k", real=True), family, distribution), generating(t)
    for order in (1, 2, 3, 4):
        value = sp.expand(t * sp.diff(value, t))
        assert sp.simplify(value.subs(t, 1) - moment(source, order)) == 0


@pytest.mark.parametrize(
    "law",
    [stats.StudentT("t", 7), stats.Gamma("g", R(3, 2), 2), stats.ChiSquared("c", 5), stats.Beta("b", 2, R(7, 2)), stats.Maxwell("m", 2)],
)
def test_moments_of_densities_against_quadrature(law: Any) -> None:
    distribution = law.pspace.distribution
    source = Source(sp.Dummy("x", real=True), type(distribution).__name__.removesuffix("Distribution"), distribution)
    x = sp.Symbol("x", real=True)
    density = sp.lambdify(x, distribution.pdf(x), "math")
    low, high = float(distribution.set.start), float(distribution.set.end)
    for order in (1, 2, 4):
        value, error = quad(lambda place, order=order: place**order * density(place), max(low, -math.inf), high, limit=500)
        assert abs(value - float(moment(source, order))) <= 10 * error


def test_moments_of_student_end_where_they_do() -> None:
    source = Source(sp.Dummy("x", real=True), "StudentT", stats.StudentT("t", 4).pspace.distribution)
    assert moment(source, 3) == 0 and moment(source, 4) is None and moment(source, 2) == 2


def test_variances_are_certified() -> None:
    assert certified_variance(sampler_of(Expectation(3 * s1 + 1))) == 9
    assert certified_variance(sampler_of(Variance(s1))) == 2, "of half a squared difference of two normals"
    half = arb(certified_variance(sampler_of(Expectation(s1, s1 > 0))))
    assert 0 <= half - (1 - 2 / arb.pi()) < arb(2) ** -12
    far = arb(certified_variance(sampler_of(Expectation(10**6 + sp.tanh(s1)))))
    near = arb(certified_variance(sampler_of(Expectation(sp.tanh(s1)))))
    assert abs(far - near) <= near * arb(2) ** -6, "digits that the square of the mean takes are computed again"


def test_a_unit_of_a_covariance_has_the_variance_that_is_certified() -> None:
    """(E x^2 y^2 + Var x Var y) / 2 for centred x, y: (1 + 2 c^2 + 1) / 2 = 5/4 for normals of correlation c = 1/2."""
    certified = arb(certified_variance(sampler_of(Covariance(u, v + 3))))
    assert certified >= arb(5) / 4 and certified - arb(5) / 4 < arb(2) ** -20
    units = sampler_of(Covariance(u, v + 3)).units(0, 2**16)
    assert abs(float(units.var()) - 1.25) <= 6 * float(((units - units.mean()) ** 2).std()) / 2**8


def test_polynomials_in_balls_agree_with_exact_algebra() -> None:
    model = standardise((1 + sp.sqrt(2) * s1 + s2) ** 6, {})
    assert isinstance(model, Model)
    ball = polynomial_mean(model.expr, model.sources)
    assert ball is not None and ball.contains(sum(math.comb(6, 2 * k) * 3**k * (1, 1, 3, 15)[k] for k in range(4)))


def test_what_experiments_declare_carries_over_as_far_as_it_does() -> None:
    plain = spread_of_experiments(sampler_of(Expectation(spread_out())))
    assert (plain.low, plain.high, plain.fourth, plain.variance) == (-1, 2, 16, 4)
    twice = spread_of_experiments(sampler_of(Expectation(1 - 2 * spread_out())))
    assert twice.low <= -3 and twice.high >= 3 and twice.high - twice.low < 6.1 and twice.variance == 16
    pair = spread_of_experiments(sampler_of(Variance(spread_out())))
    assert pair.variance == 64 and pair.high >= 4.5
    assert spread_of_experiments(sampler_of(Expectation(3 * scaled(2)))).variance == 36
    with pytest.raises(Unsupported, match="does not bound this quantity"):
        spread_of_experiments(sampler_of(Expectation(scaled(2) ** 2)))


def test_nothing_is_certified_of_what_has_no_moments() -> None:
    spread = spread_of(sampler_of(Expectation(stats.Cauchy("c", 0, 1))))
    assert spread.variance == spread.fourth == math.inf and not spread.bounded and spread.reasons


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"bounds": (1, 0)}, "low <= high"),
        ({"bounds": 3}, "two numbers"),
        ({"variance": -1}, "not negative"),
        ({"fourth_moment": "x"}, "a number"),
    ],
)
def test_a_declaration_that_is_no_bound_is_an_error_at_once(declared: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):

        @experiment(**declared)
        def wrong(*, size: int, rng: Any, device: str) -> Any: ...
