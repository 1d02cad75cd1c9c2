"""Claims about runs of descent in a user's file: losses that are code, limits with rates, Lipschitz constants, bad input as verdicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp
import torch

from lemmata.numerics.descent.modules import module_loss
from lemmata.theory.computed_loss import loss
from lemmata.theory.lipschitz_gradients import lipschitz
from lemmata.theory.losses import logistic, saturating
from lemmata.theory.trajectory import descent, flow, grad_norm_squared
from lemmata.verify import Claim, Verdict, check

R = sp.Rational
w, x, y, u = sp.symbols("w x y u", real=True)
a, alpha, t = sp.symbols("a alpha t", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
V, P, Q = (sp.MatrixSymbol(name, 2, 1) for name in ("V", "P", "Q"))


@loss
def parabola(w: torch.Tensor, a: torch.Tensor) -> torch.Tensor:
    return a * w * w / 2


@loss
def cosines(V: torch.Tensor) -> torch.Tensor:
    return (1 - V.cos()).sum()


def tiny() -> Any:
    return module_loss("tiny", torch.nn.Linear(1, 1), torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [0.0]]))


NET = tiny()
SHORT = [sp.Le(n, 40), sp.Le(a * alpha, R(3, 2)), sp.Ge(a * alpha, R(1, 10))]
CODE = descent(parabola(w, a), {w: u}, alpha)
HOLD: dict[str, Callable[[], Claim]] = {
    "code in closed form": lambda: Claim("code", sp.Eq(CODE[n, w], (1 - a * alpha) ** n * u), given=SHORT),
    "code and its bound": lambda: Claim(
        "bound",
        sp.Le(descent(cosines(V), {V: P}, alpha).least[n, grad_norm_squared(cosines(V), [V])], cosines(P) / (n * alpha * (1 - alpha / 2))),
        given=[sp.Le(n, 40), sp.Lt(alpha, R(19, 10))],
    ),
    "a module gains": lambda: Claim(
        "module",
        sp.Le(descent(NET(*NET.variables), NET.starts(1), alpha)[n, NET(*NET.variables)], NET(*NET.starts(1).values())),
        given=[sp.Le(alpha, R(1, 4)), sp.Le(n, 30)],
    ),
    "flow of code": lambda: Claim("flow", sp.Eq(flow(parabola(w, a), {w: u})[t, w], u * sp.exp(-a * t)), given=[sp.Le(a * t, 4)]),
    "limit": lambda: Claim("limit", sp.Eq(sp.Limit(descent(w**4 / 4, {w: 1}, R(1, 3))[n, n * w**2], n, sp.oo), R(3, 2))),
    "Lipschitz": lambda: Claim("lipschitz", lipschitz(logistic(w), {w: (x, y)}, R(1, 4))),
    "Lipschitz code": lambda: Claim("lipschitz-code", lipschitz(cosines(V), {V: (P, Q)}, 1)),
}
FAIL: dict[str, Callable[[], Claim]] = {
    "code in another closed form": lambda: Claim("code-wrong", sp.Eq(CODE[n, w], (1 - a * alpha) ** (n + 1) * u), given=SHORT),
    "flow of code with another rate": lambda: Claim(
        "flow-wrong", sp.Eq(flow(parabola(w, a), {w: u})[t, w], u * sp.exp(-R(101, 100) * a * t)), given=[sp.Le(a * t, 4)]
    ),
    "a constant too small": lambda: Claim("small", lipschitz(saturating(w), {w: (x, y)}, R(19, 10))),
    "a constant too small for code": lambda: Claim("small-code", lipschitz(cosines(V), {V: (P, Q)}, R(4, 5))),
}
OPEN: dict[str, tuple[Callable[[], Claim], str]] = {
    "a step that is not positive": (
        lambda: Claim(
            "step", sp.Le(descent(saturating(w) + w**4, {w: u}, x)[n, w**2], u**2), given=[sp.Le(x, 0), sp.Ge(x, -1), sp.Le(n, 9)]
        ),
        "the step of descent is",
    ),
    "a start without a loss": (
        lambda: Claim("start", sp.Le(descent(sp.log(w), {w: u}, alpha)[n, w], 5), given=[sp.Lt(u, -1), sp.Le(n, 9)]),
        "the loss is not a number at the start",
    ),
    "a logarithm is no limit": (
        lambda: Claim("log", sp.Eq(sp.Limit(descent(sp.exp(-w), {w: 0}, 1)[n, 1 / (1 + w)], n, sp.oo), 0)),
        "more slowly than a power of n",
    ),
    "infinity in finite time": (
        lambda: Claim("infinity", sp.Le(flow(-(w**4) / 4, {w: 1})[t, w], 10**9), given=[sp.Ge(t, 1), sp.Le(t, 2)]),
        "it leaves every bound at time 0.5",
    ),
}


@pytest.mark.parametrize("name", HOLD)
def test_what_holds_is_not_refuted_and_is_seen(name: str) -> None:
    record = check(HOLD[name]())
    assert record.verdict in (Verdict.SUPPORTED, Verdict.CERTIFIED, Verdict.PROVED), [item.because for item in record.evidence]


@pytest.mark.parametrize("name", FAIL)
def test_what_fails_is_refuted_at_a_named_point(name: str) -> None:
    claim = FAIL[name]()
    record = check(claim)
    assert record.verdict is Verdict.REFUTED, [item.because for item in record.evidence]
    assert record.counterexample and set(record.counterexample["at"]) == {str(symbol) for symbol in claim.symbols}


@pytest.mark.parametrize("name", OPEN)
def test_bad_input_is_inconclusive_and_says_why(name: str) -> None:
    make, reason = OPEN[name]
    record = check(make())
    assert record.verdict is Verdict.INCONCLUSIVE
    assert any(reason in item.because for item in record.evidence)


def test_a_flow_that_ends_before_its_time_leaves_the_statement_open() -> None:
    """The invariant is derived for as long as the flow exists; at most points it leaves every bound first."""
    record = check(Claim("invariant", sp.Eq(flow(-((x * y) ** 4), {x: u, y: w})[t, x**2 - y**2], u**2 - w**2)))
    assert record.verdict is Verdict.INCONCLUSIVE
    assert "leaves every bound" in record.because
