"""A law whose parameters make none has no mean: nothing is refuted or supported there."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy.stats import Bernoulli, Expectation, Normal, Probability, Uniform

from lemmata.numerics.budget import Budget
from lemmata.numerics.undefined import without_real_value
from lemmata.verify import Claim
from lemmata.verify.evidence import Verdict
from lemmata.verify.judge import judge

x = sp.Symbol("x", real=True)
p = sp.Symbol("p", positive=True)
B, N, U = Bernoulli("B", x), Normal("N", 0, x), Uniform("U", 0, x)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (sp.Ge(Expectation(B), 0, evaluate=False), "Bernoulli"),
        (sp.Ge(Expectation(N**2), 0, evaluate=False), "Normal"),
        (sp.Le(Probability(U > 1), 1, evaluate=False), "Uniform"),
    ],
)
def test_a_law_that_is_none_leaves_no_truth(statement: Any, name: str) -> None:
    record = judge(Claim("law", statement), Budget())
    assert record.verdict is Verdict.INCONCLUSIVE and f"has no law: {name}(" in record.because


@pytest.mark.parametrize(
    ("law", "at"),
    [(B, 0), (B, 1), (B, sp.Rational(1, 3)), (N, 0), (N, 2), (U, 0), (U, 3)],
)
def test_laws_at_their_ends_are_laws(law: Any, at: int) -> None:
    assert without_real_value(Expectation(law), {x: sp.sympify(at)}) is None


def test_inside_its_domain_the_claim_is_judged() -> None:
    claim = Claim("coin", sp.Eq(Expectation(Bernoulli("C", p)), p, evaluate=False), given=[p <= 1])
    assert judge(claim, Budget()).verdict is Verdict.PROVED


def test_a_disagreement_where_there_is_no_value_is_no_counterexample() -> None:
    record = judge(
        Claim("root", sp.Ge(Expectation(Normal("M", 0, 1) ** 2) * sp.sqrt(x) + 1, 1, evaluate=False), given=[x**2 <= 1]), Budget()
    )
    assert record.verdict is Verdict.INCONCLUSIVE and "sqrt(x) has no real value" in record.because
