"""Means under other laws: enumeration, exact moments, proved tails, and floating point where nothing is proved."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from flint import arb
from sympy import stats
from sympy.stats import Covariance, CrossCovarianceMatrix, Expectation, Moment, Probability, Variance

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.instruments.certified_mean import INSTRUMENT
from lemmata.numerics.laws import Unsupported, cholesky, standardise
from lemmata.numerics.measurement import Approx, Ball, Refusal
from lemmata.numerics.streams import Stream

R = sp.Rational
d1, d2 = stats.Die("d1", 6), stats.Die("d2", 6)
z = stats.Normal("z", 0, 1)
e = stats.Exponential("e", 2)
mu = sp.Symbol("mu", real=True)

EXACT = {
    "die": (Expectation(d1**2), R(91, 6)),
    "two dice": (Probability(d1 + d2 > 9), R(1, 6)),
    "one value": (Probability(sp.Eq(d1, 3)), R(1, 6)),
    "largest of two dice": (Expectation(sp.Max(d1, d2)), R(161, 36)),
    "coin": (Variance(stats.Bernoulli("b", R(1, 3))), R(2, 9)),
    "signs": (Expectation(sp.exp(stats.Rademacher("r"))), sp.cosh(1)),
    "binomial": (Expectation(stats.Binomial("n", 12, R(1, 3)) ** 2), sp.Integer(16) + R(8, 3)),
    "handmade": (Expectation(sp.sqrt(stats.FiniteRV("f", {1: R(1, 2), 4: R(1, 2)}))), R(3, 2)),
    "mixed with a normal": (Expectation(d1 * sp.Max(0, d1 * z)), R(91, 6) / sp.sqrt(2 * sp.pi)),
    "independent factors": (Covariance(d1 * z, d1), sp.Integer(0)),
    "uniform": (Expectation(stats.Uniform("u", -1, 3) ** 2), R(7, 3)),
    "exponential": (Expectation(sp.exp(e)), sp.Integer(2)),
    "exponential beyond": (Probability(e > 3), sp.exp(-6)),
    "gamma": (Expectation(sp.exp(stats.Gamma("g", 2, R(1, 3)))), R(9, 4)),
    "beta": (Expectation(stats.Beta("be", 2, 3) ** 3), R(4, 35)),
    "chi squared": (Variance(stats.ChiSquared("x2", 3)), sp.Integer(6)),
    "lognormal": (Expectation(stats.LogNormal("l", 0, R(1, 2))), sp.exp(R(1, 8))),
    "fourth moment": (Moment(z, 4, 1), sp.Integer(10)),
    "random mean": (Variance(stats.Normal("m", z, 2)), sp.Integer(5)),
    "logistic": (Variance(stats.Logistic("lo", 1, 2)), 4 * sp.pi**2 / 3),
    "poisson": (Expectation(stats.Poisson("po", R(5, 2)) ** 3), R(125, 8) + 3 * R(25, 4) + R(5, 2)),
    "poisson event": (Probability(stats.Poisson("po", 2) < 1), sp.exp(-2)),
    "geometric": (Variance(stats.Geometric("ge", R(1, 4))), sp.Integer(12)),
    "geometric generating function": (Expectation(sp.exp(stats.Geometric("ge", R(9, 10)))), R(9, 10) * sp.E / (1 - sp.E / 10)),
    "exponential against normal": (Probability(z > e), sp.Integer(1) / 2 - sp.exp(2) * sp.erfc(sp.sqrt(2)) / 2),
    "uniform scale": (Expectation(sp.Max(0, stats.Uniform("u", 0, 2) * z)), 1 / sp.sqrt(2 * sp.pi)),
    "laplace plus normal": (Expectation(sp.Max(0, stats.Laplace("la", 0, 1) + z) ** 2), R(3, 2)),
    "event of probability zero": (Probability(sp.Eq(z, 0)), sp.Integer(0)),
}


def measured(quantity: Any, at: dict[Any, Any] | None = None) -> Any:
    return INSTRUMENT.measure(quantity, at or {}, Budget(), Stream(0))


@pytest.mark.parametrize("name", EXACT)
def test_a_known_value_lies_in_the_ball(name: str) -> None:
    quantity, exact = EXACT[name]
    result = measured(quantity)
    assert isinstance(result, Ball), result
    truth = enclose(sp.sympify(exact), {}, digits=30)
    assert result.value.overlaps(truth), (result, truth)
    assert result.value.rad() <= abs(result.value.mid()).max(arb(1)) * arb(10) ** -15


def test_the_parameters_of_a_law_come_from_the_point() -> None:
    normal = stats.Normal("x", mu, sp.sqrt(1 + mu**2))
    result = measured(Expectation(normal**2), {mu: R(3, 2)})
    assert result.value.overlaps(arb("5.5"))
    refused = measured(Expectation(normal**2 * sp.tanh(normal)))
    assert isinstance(refused, Refusal) and "mu" in refused.reason


def test_a_covariance_matrix_entry_by_entry() -> None:
    sigma = sp.MatrixSymbol("Sigma", 2, 2)
    vector = stats.MatrixNormal("X", sp.zeros(2, 1), sigma, sp.eye(1))
    result = measured(CrossCovarianceMatrix(vector, 3 * vector), {sigma: sp.ImmutableMatrix([[2, 1], [1, 3]])})
    assert isinstance(result, Ball)
    assert [[entry.unique_fmpz() for entry in row] for row in result.value.tolist()] == [[6, 3], [3, 9]]


def test_singular_and_indefinite_covariances() -> None:
    assert cholesky(sp.Matrix([[1, 1], [1, 1]])) == sp.Matrix([1, 1])
    with pytest.raises(Unsupported, match="positive semidefinite"):
        cholesky(sp.Matrix([[1, 2], [2, 1]]))
    same = stats.Normal("same", [0, 0], [[1, 1], [1, 1]])
    assert standardise(same[0] - same[1], {}).expr == 0


@pytest.mark.parametrize(
    ("quantity", "exact"),
    [
        (Expectation(sp.log(stats.Uniform("u", 0, 1))), sp.Integer(-1)),
        (Expectation(sp.Abs(stats.StudentT("t", 5))), 4 * sp.sqrt(5) / (3 * sp.pi)),
        (Expectation(stats.Gumbel("gu", 1, 0)), sp.EulerGamma),
    ],
)
def test_what_is_not_proved_is_floating_point_and_says_so(quantity: Any, exact: sp.Expr) -> None:
    result = measured(quantity)
    assert isinstance(result, Approx) and "QUADPACK" in result.basis, result
    assert abs(float(result.value) - float(exact)) <= float(result.error)


@pytest.mark.parametrize(
    "quantity",
    [
        Expectation(stats.Cauchy("c", 0, 1)),
        Expectation(stats.StudentT("t", 2) ** 2),
        Expectation(sp.exp(stats.Exponential("e1", 1))),
        Variance(stats.Cauchy("c", 0, 1)),
    ],
)
def test_means_that_do_not_exist(quantity: Any) -> None:
    result = measured(quantity)
    assert isinstance(result, Refusal) and result.divergent, result


def test_a_tied_pair_of_other_laws_is_refused() -> None:
    pair = stats.Uniform("u1", 0, 1) + stats.Uniform("u2", 0, 1)
    result = measured(Expectation(sp.sin(pair * stats.Uniform("u1", 0, 1))))
    assert isinstance(result, Refusal) and "ties" in result.reason
    inside = measured(Expectation(z - Expectation(z**2)))
    assert isinstance(inside, Refusal) and "inside" in inside.reason


@pytest.mark.parametrize(
    "integrand",
    [
        sp.exp(-sp.Rational(7, 6) * stats.Laplace("l", 0, 1)),
        sp.exp(2 * sp.Abs(stats.Laplace("l", 0, 1))),
        sp.exp(-sp.Rational(7, 6) * stats.Logistic("o", 0, 1)),
        sp.cosh(2 * stats.Exponential("e1", 1)),
        sp.exp(stats.Exponential("e1", 1)) * sp.log(1 + stats.Exponential("e1", 1)),
        sp.cosh(z**2),
        sp.exp(z**2) / (1 + z**2),
        1 / sp.Abs(z),
    ],
    ids=str,
)
def test_a_mean_that_does_not_exist_is_given_no_value(integrand: Any) -> None:
    assert isinstance(measured(Expectation(integrand)), Refusal)
