"""Statements that a stranger wrote against the judge, each beside what was wrong with the judgement of it."""

from __future__ import annotations

import pytest
from sympy import Abs, Eq, Le, Rational, Symbol, exp
from sympy.stats import Normal, Probability

from lemmata.verify import Claim, check
from lemmata.verify.evidence import Verdict

x = Symbol("x", real=True)
s1, s2, s3, s4 = (Normal(f"s_{k}", 0, 1) for k in range(1, 5))


def test_samples_that_saw_nothing_do_not_support_a_bound_of_a_rare_event() -> None:
    """P(s1 s2 + s3 s4 > 20) = exp(-20)/2 is ten times the bound; a million samples hold no such event."""
    found = check(Claim("rare", Le(Probability(s1 * s2 + s3 * s4 > 20), Rational(1, 10**10))))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "blind" in found.because


def test_samples_that_saw_nothing_support_a_bound_that_is_far_above_what_they_can_tell_from_0() -> None:
    found = check(Claim("rare", Le(Probability(s1 * s2 + s3 * s4 > 20), Rational(1, 100))))
    assert found.verdict is Verdict.SUPPORTED


@pytest.mark.parametrize("given", [Abs(x) <= Rational(1, 1000), Abs(x - 7) < Rational(1, 1000), Abs(x) ** 1 <= Rational(1, 1000)])
def test_a_narrow_interval_may_be_stated_by_a_modulus(given: object) -> None:
    assert check(Claim("narrow", Le(exp(x), exp(8)), given=[given])).verdict in (Verdict.PROVED, Verdict.CERTIFIED)
    assert check(Claim("wrong", Eq(exp(x), 1 + x + x**2 / 2 + x**3 / 6), given=[given])).verdict is Verdict.REFUTED
