"""Statements that a stranger wrote against the judge, each beside what was wrong with the judgement of it."""

from __future__ import annotations

import pytest
from sympy import Abs, Eq, Ge, Gt, Le, Lt, Rational, Symbol, cos, cot, csc, exp, log, pi, sec, sin, sqrt, tan, tanh
from sympy.stats import Normal, Probability

from lemmata.theory import exact
from lemmata.verify import Claim, check
from lemmata.verify.evidence import Verdict

x = Symbol("x", real=True)
q, p = Symbol("q", positive=True), Symbol("p", positive=True)
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


@pytest.mark.parametrize(
    ("statement", "given"),
    [
        (Le(log(log(q + 3)), Rational(48, 10)), []),
        (Le(log(q), 18 * q ** Rational(1, 50)), []),
        (Le(-p * log(p), 18 * p ** Rational(49, 50)), [p < 1]),
        (Le(log(q), 18 * q ** Rational(1, 50) + Abs(x)), []),
    ],
)
def test_failures_beyond_every_usual_decade_are_found(statement: object, given: list[object]) -> None:
    """log q = 18 q^(1/50) first near exp(42), and log log q = 48/10 beyond exp(121)."""
    assert check(Claim("remote", statement, given=given)).verdict is Verdict.REFUTED


def test_what_holds_in_every_decade_is_not_refuted() -> None:
    """50/e = 18.394 is the largest log q/q^(1/50)."""
    assert check(Claim("remote", Le(log(q), Rational(1840, 100) * q ** Rational(1, 50)))).verdict is not Verdict.REFUTED


def test_tangents_and_secants_are_quotients() -> None:
    """A zero test that never ended: SymPy leaves tan(x) as it is when asked for it in sines and cosines."""
    for zero in (tan(x) - sin(x) / cos(x), cot(x) * tan(x) - 1, 1 + tan(x) ** 2 - sec(x) ** 2, csc(x) ** 2 - cot(x) ** 2 - 1):
        assert exact.is_zero(zero) is True
    huygens = Gt(2 * sin(x) + tan(x), 3 * x)
    assert check(Claim("huygens", huygens, given=[Gt(x, 0), Lt(x, pi / 2)])).verdict is Verdict.SUPPORTED
    assert check(Claim("at-an-end", huygens, given=[x >= 0, Lt(x, pi / 2)])).verdict is Verdict.REFUTED


@pytest.mark.parametrize("statement", [Eq(tanh(q), 1), Ge(tanh(q), 1), Eq(sqrt(1 + exp(-2 * q)), 1), Eq(log(1 + exp(q)), q)])
def test_sides_that_differ_beyond_the_digits_of_a_double_are_told_apart(statement: object) -> None:
    assert check(Claim("close", statement, given=[q >= 60])).verdict is Verdict.REFUTED


def test_sides_that_are_equal_stay_so_with_any_number_of_digits() -> None:
    assert check(Claim("equal", Eq(sqrt(q**2 + 2 * q * p + p**2), q + p))).verdict is Verdict.PROVED
    assert check(Claim("above", Gt(sqrt(1 + exp(-2 * q)), 1), given=[q >= 60])).verdict is not Verdict.REFUTED
