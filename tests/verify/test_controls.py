"""Controls: what is altered, that real evidence catches it, and that a blind check is called blind."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Eq, Le, Rational, Symbol, acos, cos, pi, sin, sqrt
from sympy.stats import Expectation, Normal

from lemmata.numerics.budget import BUDGETS, BudgetName
from lemmata.numerics.measurement import Approx, Ball, Estimate
from lemmata.numerics.streams import Stream
from lemmata.verify.claim import Claim
from lemmata.verify.controls import alterations, control_evidence
from lemmata.verify.evidence import Outcome
from lemmata.verify.measure import Measured

c = Symbol("c", real=True)
q1, q2 = sp.symbols("q1 q2", positive=True)
s = Normal("s", 0, 1)


def test_every_kind_of_slip_is_among_the_alterations() -> None:
    done = {control.what for control in alterations(q1 * cos(c) + sqrt(q2) * acos(c) / (2 * pi))}
    for kind in ("scaled by 1 + 1/128", "negated", "a term dropped", "a sign changed", "a constant changed", "two symbols swapped"):
        assert kind in done
    assert {"sin for cos", "asin for acos", "an exponent off by one"} <= done


@pytest.mark.parametrize("side", [sin(c), q1 * q2, Rational(1, 3), sp.Integer(0), (1 + c) ** 2, sp.MatrixSymbol("W", 2, 3)])
def test_no_alteration_is_the_original(side: sp.Expr) -> None:
    assert all(control.altered != side for control in alterations(side))
    assert alterations(side)


def test_what_is_measured_is_never_altered() -> None:
    node = Expectation(sin(s))
    assert all(control.altered.has(node) or control.what == "a term dropped" for control in alterations(node + cos(c)))


def _measured(claim: Claim, value: Ball | Approx | Estimate) -> Measured:
    budget = BUDGETS[BudgetName.QUICK]
    measured = Measured(claim, [{}], budget, Stream(0))
    measured.values = [{node: {"given": value} for node in (claim.lhs,)}]
    return measured


def test_a_sharp_measurement_catches_them_all() -> None:
    from flint import arb

    claim = Claim("half", Eq(Expectation(s**2), Rational(1, 2)))
    found = list(control_evidence(claim, _measured(claim, Ball(arb(0.5)))))
    assert [item.outcome for item in found] == [Outcome.CAUGHT]


def test_a_measurement_too_coarse_to_see_anything_is_blind() -> None:
    claim = Claim("half", Eq(Expectation(s**2), Rational(1, 2)))
    coarse = Estimate(mean=0.5, stderr=1.0, n=10, radius=10.0, alpha=1e-10)
    found = list(control_evidence(claim, _measured(claim, coarse)))
    assert [item.outcome for item in found] == [Outcome.BLIND]


def test_a_bound_is_tightened_past_what_was_measured() -> None:
    from flint import arb

    claim = Claim("bounded", Le(Expectation(s**2), 1))
    sharp = list(control_evidence(claim, _measured(claim, Ball(arb(0.5)))))
    assert [item.outcome for item in sharp] == [Outcome.CAUGHT] and "0.5" in sharp[0].because
    blind = list(control_evidence(claim, _measured(claim, Estimate(0.5, 1.0, 10, 10.0, 1e-10))))
    assert [item.outcome for item in blind] == [Outcome.BLIND]


def test_a_slip_that_leaves_the_reals_is_no_control() -> None:
    x = Symbol("x", positive=True)
    claim = Claim("root", Eq(sqrt(x + 4), sqrt(x + 4) + 0, evaluate=False))
    measured = Measured(claim, [{x: Rational(1, 2)}], BUDGETS[BudgetName.QUICK], Stream(0), values=[{}])
    (found,) = control_evidence(claim, measured)
    assert found.outcome is Outcome.CAUGHT and "below the resolution" not in found.because
