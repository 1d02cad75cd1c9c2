"""Runs seen from their start: what the rules derive at every size, and what they and their checks turn down."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy import MatrixSymbol, Symbol, Trace, ZeroMatrix, symbols

from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.rules.local import Replacement
from lemmata.theory.rules.shifted_start import at_start, least_squares_outputs, shifted_start
from lemmata.theory.trajectory import descent, flow

n, p = symbols("n p", integer=True, positive=True)
N = Symbol("N", integer=True, nonnegative=True)
t, alpha = symbols("t alpha", positive=True)
a, w, v, x, y, w0 = symbols("a w v x y w_0", real=True)
Phi, H, Y = MatrixSymbol("Phi", n, p), MatrixSymbol("H", n, 1), MatrixSymbol("Y", n, 1)
W, W0, g = (MatrixSymbol(name, p, 1) for name in ("W", "W_0", "g"))
ZERO = ZeroMatrix(p, 1)


def chain(expr: Any) -> Derivation:
    return Derivation(expr, Domain(tuple(sorted(expr.free_symbols, key=str))))


def squares(labels: Any) -> Any:
    return Trace((Phi * W - labels).T * (Phi * W - labels)) / (2 * n)


def test_a_start_of_matrices_becomes_a_shift_of_labels() -> None:
    found = chain(flow(squares(Y), {W: W0})[t, Trace(g.T * W)]).by(shifted_start).end
    assert found == Trace(g.T * W0) + flow(squares(Y - Phi * W0), {W: ZERO})[t, Trace(g.T * W)]


@pytest.mark.parametrize("method", ["gradient", "heavy_ball", "nesterov"])
def test_descent_is_shifted_with_its_momentum(method: str) -> None:
    beta = 0 if method == "gradient" else sp.Rational(1, 2)
    node = descent((a * w - y) ** 2, {w: w0}, alpha, beta, method)[N, w]
    found = chain(node).by(shifted_start).end
    assert found == w0 + descent((a * w + a * w0 - y) ** 2, {w: 0}, alpha, beta, method)[N, w]


def test_shifted_runs_are_the_same_number_by_number() -> None:
    """At given numbers both sides are unrolled, three steps of a loss that is not quadratic."""
    node = descent(w**4 / 4 - w, {w: sp.Rational(1, 2)}, sp.Rational(1, 8))[3, w**2]
    shifted = chain(node).by(shifted_start).end

    def unrolled(run: Any) -> Any:
        (variable,), (value,) = run.variables, run.starts
        for _ in range(int(run.time)):
            value = value - run.step * sp.diff(run.loss, variable).xreplace({variable: value})
        return run.expr.xreplace({variable: value})

    runs = {run: unrolled(run) for run in shifted.atoms(type(node))}
    assert shifted.xreplace(runs) == unrolled(node)


@pytest.mark.parametrize(
    "node",
    [
        flow((w - y) ** 2, {w: 0})[t, w],
        descent((w - y) ** 2, {w: w0}, alpha).least[N + 1, w],
        flow((Symbol("q", positive=True) - y) ** 2, {Symbol("q", positive=True): 1})[t, Symbol("q", positive=True)],
        descent((w - y) ** 2, {w: w0}, alpha, sp.Rational(1, 2), "heavy_ball_printed")[N, w],
    ],
)
def test_what_cannot_be_shifted(node: Any) -> None:
    with pytest.raises(NotApplicable):
        chain(node).by(shifted_start)


def test_a_shift_by_another_start_is_not_discharged() -> None:
    node = flow((a * w - y) ** 2, {w: w0})[t, w]
    domain = chain(node).domain
    right = shifted_start.replace(node, domain=domain)
    for wrong in (
        right.after.xreplace({w0: 2 * w0}),
        right.after + 1,
        2 * right.after,
        w0 + flow((a * w + a * w0 - y) ** 2, {w: v})[t, w],
        w0 + flow((a * w + a * w0 - y) ** 2, {w: 0})[2 * t, w],
    ):
        with pytest.raises(NotDischarged):
            shifted_start.check_replacement(Replacement(node, wrong, domain))


def test_outputs_of_least_squares_are_a_power_of_a_matrix() -> None:
    node = descent(squares(Y), {W: W0}, alpha)[N, Trace(H.T * Phi * W)]
    found = chain(node).by(least_squares_outputs).end
    step = sp.Identity(n) - alpha / n * Phi * Phi.T
    assert found == Trace(H.T * (Y + step**N * (Phi * W0 - Y)))


@pytest.mark.parametrize(
    "node",
    [
        descent(squares(Y), {W: W0}, alpha)[N, Trace(g.T * W)],
        descent(squares(Y) + Trace(W.T * W), {W: W0}, alpha)[N, Trace(H.T * Phi * W)],
        descent(squares(Y), {W: W0}, alpha, sp.Rational(1, 2), "nesterov")[N, Trace(H.T * Phi * W)],
        descent(squares(Y), {W: W0}, alpha).least[N + 1, Trace(H.T * Phi * W)],
    ],
)
def test_what_is_not_the_output_of_least_squares(node: Any) -> None:
    with pytest.raises(NotApplicable):
        chain(node).by(least_squares_outputs)


def test_another_power_is_not_discharged() -> None:
    node = descent(squares(Y), {W: W0}, alpha)[N, Trace(H.T * Phi * W)]
    domain = chain(node).domain
    right = least_squares_outputs.replace(node, domain=domain)
    for wrong in (right.after.xreplace({alpha: 2 * alpha}), right.after.xreplace({N: N + 1}), right.after + 1):
        with pytest.raises(NotDischarged):
            least_squares_outputs.check_replacement(Replacement(node, wrong, domain))


def test_nothing_moves_in_no_time() -> None:
    assert chain(flow(w**2, {w: w0})[0, sp.tanh(w)]).by(at_start).end == sp.tanh(w0)
    assert chain(descent(squares(Y), {W: W0}, alpha)[0, Trace(g.T * W)]).by(at_start).end == Trace(g.T * W0)


@pytest.mark.parametrize(
    "node", [flow(w**2, {w: w0})[t, w], descent(w**2, {w: w0}, alpha)[1, w], descent(w**2, {w: w0}, alpha).total[1, w]]
)
def test_later_something_has_moved(node: Any) -> None:
    with pytest.raises(NotApplicable):
        chain(node).by(at_start)
