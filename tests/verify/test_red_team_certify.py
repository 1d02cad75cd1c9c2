"""False statements that a certificate must never be given for, each the edge of a condition that a proof rests on."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy.stats import Expectation, Normal

from lemmata.numerics.budget import Budget
from lemmata.numerics.streams import Stream
from lemmata.verify.certify.certificate import certificate
from lemmata.verify.certify.kernels import kernel_certificate
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Outcome
from lemmata.verify.measure import Measured

c = sp.Symbol("c", real=True)
s, t, r = (Normal(name, 0, 1) for name in "str")
turned = c * s + sp.sqrt(1 - c**2) * t
UNIT = [c >= -1, c <= 1]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Expectation(s**2 * t**2), 1 + 2 * c**2),
        (Expectation(sp.sign(s) * sp.sign(t)), 2 / sp.pi * sp.asin(c)),
        (Expectation(sp.tanh(s) * t), c * Expectation(s * sp.tanh(s))),
    ],
)
def test_independent_normals_are_no_pair_of_correlation_c(left: Any, right: Any) -> None:
    found = kernel_certificate(Claim("independent", sp.Eq(left, right), given=UNIT), Budget())
    assert found is None or found.outcome is not Outcome.CERTIFIES


def test_a_third_normal_beside_a_pair_is_put_outside() -> None:
    claim = Claim("beside", sp.Eq(Expectation(sp.sign(s) * sp.sign(turned) * r**2), 2 / sp.pi * sp.asin(c)), given=UNIT)
    found = kernel_certificate(claim, Budget())
    assert found is not None and found.outcome is Outcome.CERTIFIES


x, y = sp.symbols("x y", real=True)


@pytest.mark.parametrize("gap", [x**2 >= 1, (x - 1) * (x + 1) >= 0])
def test_a_difference_that_rises_on_both_sides_of_a_gap_may_fall_across_it(gap: Any) -> None:
    """x^3 - 3x rises where x^2 >= 1, but is 9/8 at -3/2 and -2 at 1."""
    given = [gap, x >= sp.Rational(-3, 2), x <= 2, y >= 0, y <= 1]
    claim = Claim("gap", sp.Ge(x**3 - 3 * x + 1 + y, 0), given=given)
    measured = Measured(claim, (), Budget(), Stream(0))
    assert not any(item.outcome is Outcome.CERTIFIES for item in certificate(claim, measured, (), Budget()))
