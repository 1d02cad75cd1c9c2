"""Sums that converge too slowly to be measured are not said to diverge."""

import pytest
from sympy import Le, Rational, Sum, Symbol, log, oo, sqrt

from lemmata.verify import Claim, check
from lemmata.verify.evidence import Verdict

k = Symbol("k", integer=True, positive=True)


@pytest.mark.parametrize("exponent", [Rational(101, 100), Rational(1001, 1000), Rational(103, 100)])
def test_a_power_just_above_one_is_not_called_divergent(exponent):
    record = check(Claim("slow", Le(Sum(k**-exponent, (k, 1, oo)), 100, evaluate=False)))
    assert record.verdict is Verdict.INCONCLUSIVE
    assert "divergent" not in record.because
    assert "no acceleration can be trusted" in record.because


@pytest.mark.parametrize("term", [1 / sqrt(k**2 + 1), 1 / ((k + 1) * log(k + 1))])
def test_what_falls_like_the_boundary_cases_still_is(term):
    record = check(Claim("divergent", Le(Sum(term, (k, 1, oo)), 100, evaluate=False)))
    assert record.verdict is Verdict.INCONCLUSIVE
    assert "do not fall faster" in record.because
