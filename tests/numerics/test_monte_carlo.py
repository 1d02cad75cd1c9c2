"""Monte Carlo: right values, honest refusals, and the same numbers for the same stream."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp
import torch
from flint import arb
from sympy import stats
from sympy.stats import Covariance, Expectation, Probability, Variance

from lemmata.numerics import moment_bounds
from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments import monte_carlo
from lemmata.numerics.instruments.certified_mean import INSTRUMENT as CERTIFIED
from lemmata.numerics.instruments.monte_carlo import INSTRUMENT
from lemmata.numerics.measurement import Ball, Estimate, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.experiments import experiment

R = sp.Rational
c = sp.Symbol("c", real=True)
q = sp.Symbol("q", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
s1, s2 = stats.Normal("s1", 0, 1), stats.Normal("s2", 0, 1)
u, v = sp.sqrt(q) * s1, sp.sqrt(q) * (c * s1 + sp.sqrt(1 - c**2) * s2)
pair = stats.Normal("pair", [1, 0], [[2, c], [c, 1]])
POINT = {c: R(3, 5), q: R(1, 2)}
BUDGET = Budget(samples=2**17, alpha=1e-9)


@experiment
def coin(p: float, *, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.rand(size, generator=rng, device=device, dtype=torch.float64) < p


@experiment(bounds=(0, 1))
def largest(count: int, *, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    assert isinstance(count, int)
    return torch.rand(size, count, generator=rng, device=device, dtype=torch.float64).amax(1)


@experiment(fourth_moment=105 * 5.0**4)
def quadratic_form(matrix: torch.Tensor, *, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    z = torch.randn(size, len(matrix), generator=rng, device=device, dtype=torch.float64)
    return ((z @ matrix) * z).sum(1)


@experiment
def too_many(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.rand(size + 1, generator=rng, device=device)


@experiment
def not_a_number(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.log(torch.rand(size, generator=rng, device=device) - 0.5)


@experiment
def undeclared(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.rand(size, generator=rng, device=device)


@experiment(bounds=(0, 0.5))
def beyond(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.rand(size, generator=rng, device=device)


@experiment(variance=lambda n: -n)
def negative(n: int, *, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.rand(size, generator=rng, device=device)


@experiment
def raises(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    raise ZeroDivisionError("width is zero")


@experiment
def no_tensor(*, size: int, rng: torch.Generator, device: str) -> list[float]:
    return [0.0] * size


def measured(quantity: Any, at: dict[Any, Any] | None = None, budget: Budget = BUDGET, stream: Stream | None = None) -> Any:
    return INSTRUMENT.measure(quantity, POINT if at is None else at, budget, stream or Stream(1))


SAME = {
    "relu kernel": Expectation(sp.Max(0, u) * sp.Max(0, v)),
    "tanh": Expectation(sp.tanh(u) ** 2),
    "event": Probability((u > 0) & (v < 1)),
    "variance": Variance(sp.Max(0, u)),
    "covariance": Covariance(sp.erf(u), sp.erf(v)),
    "conditional": Expectation(s2 + s1, s1 > 0),
    "joint normal": Expectation(pair[0] * pair[1] ** 2),
    "die": Expectation(stats.Die("d", 6) ** 2 * s1**2),
    "uniform": Expectation(stats.Uniform("un", -1, 2) ** 3),
    "exponential": Probability(stats.Exponential("e", 2) > 1),
    "gamma": Expectation(stats.Gamma("g", 3, R(1, 2))),
    "beta": Expectation(stats.Beta("be", 2, 3)),
    "chi squared": Expectation(stats.ChiSquared("x2", 4)),
    "poisson": Variance(stats.Poisson("po", R(5, 2))),
    "geometric": Expectation(stats.Geometric("ge", R(1, 3))),
    "binomial": Probability(sp.Eq(stats.Binomial("bi", 4, R(1, 3)), 2)),
    "rademacher": Expectation(sp.exp(stats.Rademacher("ra"))),
    "laplace": Expectation(sp.Abs(stats.Laplace("la", 1, 2))),
    "logistic": Variance(stats.Logistic("lo", 0, 1)),
    "random mean": Variance(stats.Normal("m", s1, 1)),
}


@pytest.mark.parametrize("name", SAME)
def test_estimates_agree_with_certified_balls(name: str) -> None:
    estimate, ball = measured(SAME[name]), CERTIFIED.measure(SAME[name], POINT, BUDGET, Stream(0))
    assert isinstance(estimate, Estimate) and isinstance(ball, Ball), (estimate, ball)
    assert arb(estimate.mean, estimate.radius).overlaps(ball.value), (estimate, ball)
    assert 0 < estimate.radius < 1 and estimate.stderr <= estimate.radius


@pytest.mark.parametrize(
    ("law", "mean"),
    [
        (stats.StudentT("t", 9), 0.0),
        (stats.Weibull("w", 1, 2), float(sp.gamma(R(3, 2)))),
        (stats.Pareto("pa", 1, 9), 9 / 8),
        (stats.Maxwell("mx", 1), float(2 * sp.sqrt(2 / sp.pi))),
        (stats.NegativeBinomial("nb", 2, R(1, 2)), 2.0),
        (stats.DiscreteUniform("du", [1, 2, 6]), 3.0),
    ],
)
def test_laws_that_are_drawn_by_other_ways(law: Any, mean: float) -> None:
    estimate = measured(Expectation(law))
    assert isinstance(estimate, Estimate), estimate
    assert abs(estimate.mean - mean) <= estimate.radius


def test_experiments() -> None:
    third = measured(Expectation(coin(R(1, 3))))
    assert abs(third.mean - 1 / 3) <= third.radius and "exact binomial" in third.method
    assert measured(Probability(coin(R(1, 3)))).mean == third.mean
    top = measured(Expectation(largest(n)), {n: sp.Integer(4)})
    assert abs(top.mean - 4 / 5) <= top.radius
    form = measured(Expectation(quadratic_form(sp.ImmutableMatrix([[1, 2], [2, 3]]))), {})
    assert abs(form.mean - 4) <= form.radius
    assert len(form.assumes) == 1 and form.assumes[0].endswith("is at most 65625 (declared)")
    assert top.assumes == ("largest(4) lies in [0, 1] (declared)",) and third.assumes == ()
    mixed = measured(Expectation(largest(3) * s1**2), {})
    assert abs(mixed.mean - 3 / 4) <= mixed.radius and "learned" in mixed.method


def test_equal_arguments_are_the_same_draw_and_different_ones_are_independent() -> None:
    same = measured(Variance(largest(2) - largest(2) + coin(R(1, 2))), {})
    assert abs(same.mean - 1 / 4) <= same.radius
    other = measured(Covariance(largest(2), largest(3)), {})
    assert abs(other.mean) <= other.radius
    own = measured(Covariance(largest(2), 2 * largest(2)), {})
    assert abs(own.mean - 2 / 18) <= own.radius


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        (Expectation(too_many()), "too_many() returned shape (1025,)"),
        (Expectation(not_a_number()), "NaN or infinite"),
        (Expectation(raises()), "raises() raised ZeroDivisionError: width is zero"),
        (Expectation(no_tensor()), "returned list"),
        (Probability(largest(2)), "other than 0 and 1"),
        (Expectation(sp.log(s1 - 10)), "NaN or infinite"),
        (Expectation(stats.Cauchy("ca", 0, 1)), "no valid test of its mean"),
        (Expectation(stats.StudentT("t", 2)), "no valid test of its mean"),
        (Expectation(sp.exp(s1**2 / 3)), "no valid test of its mean"),
        (Expectation(undeclared()), "undeclared() returns numbers of which nothing is certain"),
        (Expectation(beyond()), "outside the bounds (0, 0.5) it declares"),
        (Expectation(negative(2)), "negative declares variance=-2"),
        (Expectation(s1, s1 > 8), "at none of"),
        (Expectation(s1, s1 > 40), "the probability of the condition may be zero"),
        (Expectation(s1 - Expectation(s1**2)), "inside"),
        (Expectation(u), "no value was given for q"),
    ],
)
def test_refusals_say_what_was_met(quantity: Any, reason: str) -> None:
    refusal = measured(quantity, {})
    assert isinstance(refusal, Refusal) and reason in refusal.reason, refusal


def test_the_same_stream_gives_the_same_numbers_and_another_one_others() -> None:
    quantity = Expectation(sp.tanh(u) * sp.Max(0, v))
    assert measured(quantity) == measured(quantity)
    assert measured(quantity).mean != measured(quantity, stream=Stream(2)).mean
    experiments = Expectation(largest(3) * s1**2)
    assert measured(experiments, {}) == measured(experiments, {})


def test_a_longer_run_begins_with_the_shorter_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are addressed by their number: a smaller budget draws the first blocks of a larger one."""
    seen: list[list[float]] = []
    original = monte_carlo.Sampler.units

    def recorded(self: monte_carlo.Sampler, index: int, count: int) -> torch.Tensor:
        units = original(self, index, count)
        seen[-1].extend(units.tolist())
        return units

    monkeypatch.setattr(monte_carlo.Sampler, "units", recorded)
    for samples in (2**12, 2**14):
        seen.append([])
        measured(Expectation(u**2), budget=replace(BUDGET, samples=samples, resolution=2.0**-20))
    assert len(seen[0]) == 2**12 and len(seen[1]) == 2**14
    assert seen[1][: 2**12] == seen[0]


def test_sampling_stops_once_the_resolution_is_reached() -> None:
    rough = measured(Expectation(1 + sp.tanh(u) ** 2), budget=replace(BUDGET, resolution=0.1))
    fine = measured(Expectation(1 + sp.tanh(u) ** 2), budget=replace(BUDGET, resolution=0.01))
    assert rough.n < fine.n <= BUDGET.samples
    assert rough.radius <= 0.1 * rough.mean and fine.radius <= 0.01 * fine.mean


def test_units_are_reduced_where_it_pays() -> None:
    assert "antithetic" in measured(Expectation(sp.exp(u))).method
    assert "rotations" in measured(SAME["relu kernel"]).method
    assert "independent draws" in measured(Expectation(stats.Poisson("k", 2) ** 2), {}).method


def test_units_that_are_constant_err_by_rounding_alone() -> None:
    """Mirror images of a linear function cancel: the variance is 0 for certain."""
    linear = measured(Expectation(u))
    assert linear.mean == 0 and 0 < linear.radius <= 2 * linear.rounding


@pytest.mark.parametrize("scale", [R(1, 2), R(3, 7), R(1, 10**9)])
def test_rounding_noise_above_a_tiny_certified_variance_is_no_contradiction(scale: Any) -> None:
    """Units of polynomials in the controls are constant but for rounding."""
    estimate = measured(Expectation(sp.Max(0, sp.sqrt(scale) * s1) ** 2), {})
    assert isinstance(estimate, Estimate)
    assert abs(sp.Rational(estimate.mean) - scale / 2) <= sp.Rational(estimate.radius)
    assert estimate.radius < 2.0**-20 * float(scale)


def test_the_method_is_the_one_whose_condition_is_certified() -> None:
    assert "exact binomial" in measured(Probability(u > v)).method
    assert "learned" not in measured(Expectation(u**2)).method, "its variance is an integral"
    many = [stats.Normal(f"w{index}", 0, 1) for index in range(moment_bounds.MOST_SOURCES + 1)]
    assert "variance learned from a bound of the units" in measured(Expectation(sp.tanh(sp.Add(*many)) ** 2), {}).method
    relu = measured(Expectation(sp.Max(0, sp.Add(*many))), {})
    assert "variance learned from a bound of the fourth moment" in relu.method
    assert abs(relu.mean - math.sqrt(len(many) / (2 * math.pi))) <= relu.radius


def test_heavy_tails_with_a_variance_have_an_interval() -> None:
    student = measured(Expectation(stats.StudentT("t", 3)), {})
    assert abs(student.mean) <= student.radius < math.sqrt(3 / 2**17) * 8


def test_a_constant_is_exact_up_to_rounding() -> None:
    one = measured(Expectation(stats.Bernoulli("b", 1)), {})
    assert one.mean == 1 and one.radius == one.rounding < 2.0**-40


def test_looks_narrow_and_end_with_the_measurement() -> None:
    looks = list(INSTRUMENT.looks(Expectation(sp.tanh(u) ** 2), POINT, BUDGET, Stream(1)))
    assert len(looks) > 10 and all(isinstance(look, Estimate) for look in looks)
    drawn = [look.n for look in looks if isinstance(look, Estimate)]
    assert drawn == sorted(set(drawn)) and looks[-1] == measured(Expectation(sp.tanh(u) ** 2))
    radii = [look.radius for look in looks if isinstance(look, Estimate)]
    assert radii[-1] < radii[0] / 5


def test_cuda_without_a_device_is_one_line() -> None:
    if torch.cuda.is_available():
        quantity = SAME["relu kernel"]
        ball = CERTIFIED.measure(quantity, POINT, BUDGET, Stream(0))
        estimate = measured(quantity, budget=replace(BUDGET, device="cuda"))
        assert arb(estimate.mean, estimate.radius).overlaps(ball.value)
    else:
        refusal = measured(SAME["relu kernel"], budget=replace(BUDGET, device="cuda"))
        assert isinstance(refusal, Refusal) and "cuda" in refusal.reason and "\n" not in refusal.reason


def test_a_complex_integrand_is_refused_by_every_instrument() -> None:
    root = sp.sqrt(sp.Symbol("m", real=True))
    node, at = Expectation(root * stats.Normal("g", 0, 1) ** 2), {sp.Symbol("m", real=True): sp.Integer(-1)}
    for instrument in (INSTRUMENT, CERTIFIED):
        assert isinstance(instrument.measure(node, at, BUDGET, Stream(0)), Refusal)


ASKED: list[int] = []


@experiment(bounds=(0, 1), block=2**11)
def few_at_once(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    ASKED.append(size)
    return torch.rand(size, generator=rng, device=device)


@experiment(bounds=(0, 1), block=2**13)
def many_at_once(*, size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return few_at_once.function(size=size, rng=rng, device=device)


@pytest.mark.parametrize("uniform", [few_at_once, many_at_once])
def test_an_experiment_is_asked_for_its_block_at_most(uniform: Any) -> None:
    ASKED.clear()
    found = INSTRUMENT.measure(Expectation(uniform()), {}, replace(BUDGET, resolution=1e-4, samples=2**19), Stream(0, "block"))
    assert isinstance(found, Estimate) and abs(found.mean - 0.5) < found.radius
    assert max(ASKED) == uniform.block and sum(ASKED) > found.n
