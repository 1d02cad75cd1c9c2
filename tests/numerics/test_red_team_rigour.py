"""Edges of the conditions that proved bounds rest on: where one is not met there is no bound."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
import sympy as sp

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.integral import INSTRUMENT as INTEGRAL
from lemmata.numerics.measurement import Approx, Ball, Refusal
from lemmata.numerics.quadrature.growth import growth
from lemmata.numerics.quadrature.improper import as_mpf
from lemmata.numerics.streams import Stream
from lemmata.theory.caps import cone_split
from lemmata.theory.near_identity import near_identity_radius, polar_radius
from lemmata.verify import Claim, Verdict, check

x = sp.Symbol("x", real=True)


@pytest.mark.parametrize("function", [sp.cos(sp.sqrt(x)), sp.sech(sp.sqrt(x)), 1 / sp.cosh(sp.sqrt(1 - x)), sp.tanh(sp.log(x)) ** 2])
def test_what_bounds_a_function_of_real_arguments_bounds_none_of_imaginary_ones(function: Any) -> None:
    """cos(sqrt(x)) is cosh(sqrt(-x)) for x < 0: real, and not bounded."""
    assert growth(function, {x: 0.0}) is None


@pytest.mark.parametrize("function", [sp.cos(sp.sqrt(1 + x**2)), sp.sech(sp.sqrt(sp.Abs(x))), sp.tanh(sp.log(1 + sp.exp(x)))])
def test_real_arguments_are_seen_to_be_real(function: Any) -> None:
    bound = growth(function, {x: 0.0})
    assert bound is not None and bound.bounded


@pytest.mark.parametrize("end", [sp.besselj(0, 1), sp.erfinv(sp.Rational(1, 2)), sp.re(sp.asin(2))])
@pytest.mark.parametrize("other", [sp.S.Zero, -sp.oo])
def test_an_end_that_sympy_does_not_know_to_be_finite_is_a_number(end: Any, other: Any) -> None:
    """Such an end is no infinity, and a range up to it is not empty."""
    assert end.is_finite is None
    found = INTEGRAL.measure(sp.Integral(sp.exp(x), (x, other, end)), {}, Budget(), Stream(0))
    truth = sp.exp(end) - (0 if other.is_infinite else 1)
    assert isinstance(found, (Ball, Approx))
    with mpmath.workdps(30):
        found = Approx(as_mpf(found.value.mid()), as_mpf(found.value.rad()), "") if isinstance(found, Ball) else found
        exact = mpmath.mpf(str(truth.n(30)))
        assert abs(mpmath.mpf(found.value) - exact) <= mpmath.mpf(found.error)


@pytest.mark.parametrize("end", [sp.asin(3), sp.pi / 2 - sp.asin(3), sp.acos(2), sp.log(-2), sp.I])
def test_a_range_that_ends_off_the_real_line_has_no_integral(end: Any) -> None:
    found = INTEGRAL.measure(sp.Integral(1, (x, end, 1)), {}, Budget(), Stream(0))
    assert isinstance(found, Refusal) and found.undefined and "no real number" in found.reason


def test_a_cone_with_a_sine_above_one_is_no_bound() -> None:
    with pytest.raises(ValueError, match=r"lies in \[0, 1\], and 3 does not"):
        cone_split(sp.S(3), 2)
    h = sp.Symbol("h", positive=True)
    record = check(Claim("wide-cone", sp.Le(cone_split(h, 2), 1), given=[h <= 6]))
    assert record.verdict is Verdict.INCONCLUSIVE and "asin(h) has no real value" in record.because


@pytest.mark.parametrize(
    "statement, given",
    [(near_identity_radius([[1, 0], [0, x]], 4) <= 1, [x**2 <= 1]), (polar_radius([[1, x], [x, 1]], 4) <= 5, [x**2 <= 4])],
)
def test_a_domain_with_negative_determinants_supports_no_statement_on_factors(statement: Any, given: Any) -> None:
    """Where det A < 0 there is no radius, and what holds at the other points alone does not hold."""
    record = check(Claim("factors-for-some", statement, given=given))
    assert record.verdict is Verdict.INCONCLUSIVE and "det A < 0" in record.because


def test_no_derivation_gives_a_value_to_a_range_that_ends_off_the_real_line() -> None:
    """The antiderivative at the ends is h - 2 for every h > 0, and the range ends at the logarithm of a negative number for h < 1."""
    h = sp.Symbol("h", positive=True)
    statement = sp.Integral(sp.exp(x), (x, 0, sp.log(h - 1))) <= 5
    assert check(Claim("all-h", statement, given=[h <= 2])).verdict is Verdict.INCONCLUSIVE
    assert check(Claim("real-ends", statement, given=[h > 1, h <= 2])).verdict is Verdict.PROVED
