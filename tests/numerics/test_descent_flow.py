"""Gradient flow: closed forms within the stated errors, stiffness, infinity in finite time, and descent with ever smaller steps."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy as sp
import torch

from lemmata.numerics.budget import Budget, step_control
from lemmata.numerics.descent.flow import Arrival, Breakdown, settled
from lemmata.numerics.instruments.gradient_flow import INSTRUMENT as INTEGRATORS
from lemmata.numerics.instruments.small_steps import INSTRUMENT as SMALL_STEPS
from lemmata.numerics.measurement import Approx, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.computed_loss import loss
from lemmata.theory.trajectory import FlowValue, flow

torch.set_num_threads(1)
BUDGET, STREAM = Budget(), Stream(0, ("test",))
R = sp.Rational
x, y, u = sp.symbols("x y u", real=True)
t = sp.Symbol("t", positive=True)
V = sp.MatrixSymbol("V", 2, 1)


@loss
def half_of_the_square(w: torch.Tensor) -> torch.Tensor:
    return w * w / 2


CLOSED: dict[str, tuple[FlowValue, dict[Any, Any], Any]] = {
    "parabola": (flow(x**2 / 2, {x: u})[t, x], {u: 2, t: 3}, 2 * sp.exp(-3)),
    "quartic": (flow(x**4 / 4, {x: u})[t, x], {u: 1, t: 5}, 1 / sp.sqrt(11)),
    "hilltop": (flow(-(x**2) / 2, {x: u})[t, x], {u: R(1, 3), t: 4}, sp.exp(4) / 3),
    "before the end": (flow(-(x**4) / 4, {x: u})[t, x], {u: 1, t: R(1, 4)}, sp.sqrt(2)),
    "coupled": (
        flow(sp.Trace(V.T * sp.Matrix([[2, 1], [1, 2]]) * V) / 2, {V: sp.Matrix([1, 0])})[t, V[0, 0]],
        {t: 1},
        (sp.exp(-3) + sp.exp(-1)) / 2,
    ),
    "no time at all": (flow(x**2 / 2, {x: u})[t, x], {u: 2, t: 0}, sp.Integer(2)),
    "one-sided": (flow(sp.Max(0, x) ** 2, {x: u})[t, x], {u: 1, t: 2}, sp.exp(-4)),
    "a program": (flow(half_of_the_square(x), {x: u})[t, x], {u: 2, t: 3}, 2 * sp.exp(-3)),
}


def measured(instrument: Any, node: FlowValue, at: dict[Any, Any], digits: int = 15) -> Any:
    return instrument.measure(node, {symbol: sp.sympify(value) for symbol, value in at.items()}, Budget(digits=digits), STREAM)


def distance(found: Approx, truth: Any) -> Fraction:
    with mpmath.workdps(40):
        return abs(Fraction(found.value) - Fraction(str(sp.N(truth, 35))))


@pytest.mark.parametrize("name", CLOSED)
def test_both_ways_agree_with_the_closed_form_within_their_errors(name: str) -> None:
    node, at, truth = CLOSED[name]
    for instrument in (INTEGRATORS, SMALL_STEPS):
        found = measured(instrument, node, at)
        assert isinstance(found, Approx), (instrument, found)
        assert distance(found, truth) <= Fraction(found.error)
        assert found.error <= abs(sp.N(truth)) / 2**16


@pytest.mark.parametrize("instrument", [INTEGRATORS, SMALL_STEPS])
def test_a_second_look_is_another_computation(instrument: Any) -> None:
    node, at, truth = CLOSED["quartic"]
    once, again = (measured(instrument, node, at, digits) for digits in (15, 30))
    assert once != again
    assert distance(again, truth) <= Fraction(again.error)


def test_a_stiff_loss_is_followed_by_the_implicit_method_alone() -> None:
    """Curvatures 1 and 10^6: the explicit method is bound to steps of 10^-6, and descent with 1024 steps diverges."""
    node = flow(x**2 / 2 + 10**6 * y**2 / 2, {x: u, y: 1})[t, x + y]
    found = measured(INTEGRATORS, node, {u: 2, t: 1})
    assert isinstance(found, Approx) and found.basis.startswith("implicit at two tolerances")
    assert distance(found, 2 * sp.exp(-1) + sp.exp(-(10**6))) <= Fraction(found.error) <= Fraction(1, 10**6)
    coarse = measured(SMALL_STEPS, node, {u: 2, t: 1})
    assert isinstance(coarse, Refusal) and not coarse.divergent


@pytest.mark.parametrize(
    ("node", "at", "time"),
    [
        (flow(-(x**4) / 4, {x: u})[t, x], {u: 1, t: R(3, 4)}, "0.5"),
        (flow(-sp.exp(x), {x: u})[t, x], {u: 0, t: 2}, "1"),
        (flow(-(x**3) / 3, {x: u})[t, x], {u: 4, t: 1}, "0.25"),
        (flow(-(x**12) / 12, {x: u})[t, x], {u: 1, t: 1}, "0.1"),
    ],
)
def test_infinity_in_finite_time_is_found_and_refused_as_divergent(node: FlowValue, at: dict[Any, Any], time: str) -> None:
    refused = measured(INTEGRATORS, node, at)
    assert refused == Refusal(f"it leaves every bound at time {time}", divergent=True, undefined=True)
    assert isinstance(measured(SMALL_STEPS, node, at), Refusal)


def test_a_corner_is_refused_and_not_called_divergent() -> None:
    """On |x| the flow would have to stop at 0, where it has no direction."""
    refused = measured(INTEGRATORS, flow(sp.Abs(x), {x: u})[t, x], {u: 1, t: 2})
    assert isinstance(refused, Refusal) and not refused.divergent and "not smooth" in refused.reason


@pytest.mark.parametrize(
    ("node", "at"), [(flow(-(x**4) / 4, {x: u})[t, x], {u: 1, t: R(4999, 10**4)}), (flow(x**2 / 2, {x: u})[t, x], {u: 2, t: 60})]
)
def test_steps_that_are_not_small_enough_give_no_answer(node: FlowValue, at: dict[Any, Any]) -> None:
    refused = measured(SMALL_STEPS, node, at)
    assert isinstance(refused, Refusal) and "too coarse for this loss" in refused.reason


def test_a_start_without_a_loss_is_refused() -> None:
    refused = measured(INTEGRATORS, flow(sp.log(x), {x: u})[t, x], {u: -1, t: 1})
    assert refused == Refusal("the loss is not a number at the start: descent starts where it is finite")


def test_methods_that_contradict_each_other_give_no_answer() -> None:
    with pytest.raises(Breakdown, match=r"contradict each other: explicit 1 \+- 1e-09, implicit 2 \+- 1e-09"):
        settled([Arrival("explicit", 1.0, 1e-9, 10), Arrival("implicit", 2.0, 1e-9, 10)])


def test_tolerances_differ_between_looks_and_never_vanish() -> None:
    for digits in (15, 20, 30, 40, 60):
        coarse, fine = step_control(digits, 1.0)
        assert 0 < fine["atol"] < fine["rtol"] < coarse["rtol"] and fine["rtol"] > 100 * torch.finfo(torch.float64).eps
    assert step_control(15, 1.0) != step_control(30, 1.0)
    assert step_control(15, 0.0)[0]["atol"] > 0


@pytest.mark.parametrize(
    ("node", "truth"),
    [
        (flow(sp.Abs(x), {x: 1})[1, x], sp.S.Zero),
        (flow(sp.Abs(x) + sp.Abs(y), {x: R(13, 10), y: 3})[R(13, 10), x + y - 3], -R(13, 10)),
        (flow(x**2 / 2, {x: -R(3, 10)})[0, x], -R(3, 10)),
    ],
)
def test_rounding_on_a_straight_line_is_in_the_error(node: FlowValue, truth: Any) -> None:
    """Both tolerances take the same steps there; at time 0 no step is taken, and the start itself is rounded."""
    found = measured(INTEGRATORS, node, {})
    assert isinstance(found, Approx)
    assert 0 < distance(found, truth) <= Fraction(found.error) < Fraction(1, 10**12)
