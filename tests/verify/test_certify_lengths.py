"""Certificates over compact intervals of variances: true length maps are certified, what is off by little never below its gap."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sympy import Eq, Ge, Gt, Integer, Le, Max, Rational, Symbol, asin, cos, erf, exp, log, pi, sin, sqrt, symbols, tanh
from sympy.stats import Expectation, Normal, Probability, Variance

from lemmata.numerics.budget import Budget
from lemmata.verify import Claim
from lemmata.verify.certify.kernels import kernel_certificate
from lemmata.verify.evidence import Evidence, Outcome

q = Symbol("q", positive=True)
sigma_w, sigma_b = symbols("sigma_w sigma_b", positive=True)
s = Normal("s", 0, 1)
z = sqrt(q) * s

COMPACT = (Ge(q, Rational(1, 10)), Le(q, 5))
ARCSINE = 2 / pi * asin(2 * q / (1 + 2 * q))


def relu(x: Any) -> Any:
    return Max(0, x)


def judged(statement: Any, given: Any = COMPACT, budget: Budget | None = None) -> Evidence | None:
    return kernel_certificate(Claim("length", statement, given=given), budget or Budget())


TRUE = {
    "erf": Eq(Expectation(erf(z) ** 2), ARCSINE),
    "relu with other symbols": Eq(sigma_w**2 * Expectation(relu(z) ** 2) + sigma_b**2, sigma_w**2 * q / 2 + sigma_b**2),
    "Stein": Eq(Expectation(s * tanh(z)) / sqrt(q), Expectation(1 - tanh(z) ** 2)),
    "two ways to write a law": Eq(Expectation(tanh(Normal("y", 0, sqrt(q))) ** 2), Expectation(tanh(z) ** 2)),
    "a log-normal mean": Eq(Expectation(exp(z)), exp(q / 2)),
    "a characteristic function": Eq(Expectation(cos(2 * z)), exp(-2 * q)),
    "a shifted kink": Eq(Expectation(relu(z + 1)) - Expectation(relu(-z - 1)), 1),
    "a tail": Eq(Probability(Normal("x", 0, sqrt(q)) > 1), (1 - erf(1 / sqrt(2 * q))) / 2),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_length_map_is_certified(name: str) -> None:
    found = judged(TRUE[name])
    assert found is not None and found.outcome is Outcome.CERTIFIES, name
    assert found.resolution is not None and found.resolution <= Rational(1, 10**9)


def test_a_wide_interval_takes_more_points() -> None:
    narrow, wide = judged(TRUE["erf"]), judged(TRUE["erf"], (Ge(q, Rational(1, 1000)), Le(q, 1000)))
    assert narrow is not None and wide is not None and wide.outcome is Outcome.CERTIFIES
    assert wide.cost["integrals"] > 2 * narrow.cost["integrals"]


@pytest.mark.parametrize("given", [(), (Ge(q, 1),), (Le(q, 1),), (Gt(q, 0), Le(q, 1))], ids=["no end", "from 1", "to 1", "from 0"])
def test_without_a_compact_interval_nothing_is_certified(given: Any) -> None:
    assert judged(TRUE["erf"], given) is None


WRONG = {
    "the misprint": (Eq(Expectation(erf(z) ** 2), 2 / pi * asin(q / (1 + q))), 1e-2),
    "off by little": (Eq(Expectation(erf(z) ** 2), ARCSINE + (q - 1) * (q - 2) / 10**9), 1e-8),
    "off by a bump": (Eq(Expectation(erf(z) ** 2), ARCSINE + exp(-(10**6) * (q - Rational(31415, 10**5)) ** 2) / 10**6), 1e-6),
    "off by a tall bump": (Eq(Expectation(erf(z) ** 2), ARCSINE + exp(-(10**4) * (q - Rational(31415, 10**5)) ** 2)), 1.0),
    "off by a wave": (Eq(Expectation(relu(z) ** 2), q / 2 + sin(100 * q) / 10**7), 1e-7),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_length_map_is_never_certified_below_its_gap(name: str) -> None:
    statement, gap = WRONG[name]
    found = judged(statement)
    assert found is None or found.outcome is Outcome.DISAGREES or (found.resolution is not None and found.resolution >= gap)


@pytest.mark.parametrize("name", ["the misprint", "off by little", "off by a wave"])
def test_a_wrong_length_map_is_refuted_at_a_simple_point(name: str) -> None:
    found = judged(WRONG[name][0])
    assert found is not None and found.outcome is Outcome.DISAGREES and len(found.at["q"]) <= 6


def test_random_alterations_are_never_certified_below_their_gap() -> None:
    draw = random.Random(11)
    for _ in range(15):
        middle, steep = Rational(draw.randrange(1, 50), 10), Integer(draw.choice([1, 10, 10**4, 10**6]))
        bump = Rational(1, 10 ** draw.randrange(2, 11)) * draw.choice([exp(-steep * (q - middle) ** 2), sin(steep * (q - middle))])
        found = judged(Eq(Expectation(relu(z) ** 2), q / 2 + bump), budget=Budget(boxes=1000))
        if found is not None and found.outcome is Outcome.CERTIFIES:
            gap = max(abs(bump.xreplace({q: Rational(k, 10)}).evalf()) for k in range(1, 51))
            assert found.resolution is not None and found.resolution >= gap / 3, bump


REFUSED = {
    "a pole inside": Eq(Expectation(relu(z) ** 2), q / 2 + 1 / (10**14 * (q - 1))),
    "a root of what turns negative": Eq(Expectation(relu(z) ** 2), q / 2 + sqrt(q - 1) / 10**12),
    "a logarithm that ends": Eq(Expectation(relu(z) ** 2), q / 2 + log(q - 1) / 10**12),
    "a product of means": Eq(Variance(z**2), 2 * q**2),
    "a kink": Eq(Expectation(relu(z) ** 2), q / 2 + relu(q - 1) / 10**14),
    "a mean that ends to exist": Eq(Expectation(exp(s**2 * q)), 1 / sqrt(1 - 2 * q)),
    "two directions": Eq(Expectation(tanh(z) * relu(Normal("r", 0, 1) + s)), Expectation(s * tanh(z))),
    "what is not homogeneous beside it": Eq(Expectation(tanh(z) * tanh(s)), Expectation(s * tanh(z))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_covered_is_not_certified(name: str) -> None:
    found = judged(REFUSED[name])
    assert found is None or found.outcome is not Outcome.CERTIFIES


def test_the_mean_of_an_exploding_integrand_stays_inside_its_half_plane() -> None:
    """E exp(q s^2 / 8) = (1 - q/4)^(-1/2) exists for q < 4 only: certified below, nothing beyond."""
    statement = Eq(Expectation(exp(z**2 / 8)), 1 / sqrt(1 - q / 4))
    assert judged(statement, (Ge(q, 1), Le(q, 5))) is None
