"""Instruments of descent against each other and against exact answers; error estimates that cover; refusals with reasons."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import precision, to_arb
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.instruments.descent_balls import INSTRUMENT as BALLS
from lemmata.numerics.instruments.descent_runs import INSTRUMENT as RUNS
from lemmata.numerics.instruments.gradient_flow import INSTRUMENT as FLOW
from lemmata.numerics.measurement import Approx, Ball, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.data import DataMatrix
from lemmata.theory.losses import half_square, logistic, margin_loss, saturating
from lemmata.theory.trajectory import Method, descent, flow, grad_norm_squared

torch.set_num_threads(1)
BUDGET, STREAM = Budget(), Stream(0, ("test",))
w, x = sp.symbols("w x", real=True)
M, alpha, beta, u, t = sp.symbols("M alpha beta u t", positive=True)
n = sp.Symbol("n", integer=True, nonnegative=True)


def rational(rng: random.Random, low: int, high: int, q: int = 12) -> sp.Rational:
    return sp.Rational(rng.randint(low * q, high * q), q)


def test_balls_hold_the_exact_iterate_and_are_small() -> None:
    """On M w^2/2 the iterate is (1 - M alpha)^n u, a rational number."""
    rng = random.Random(1)
    node = descent(M * w**2 / 2, {w: u}, alpha)[n, w]
    for _ in range(40):
        at = {M: rational(rng, 1, 4), alpha: rational(rng, 1, 2), u: rational(rng, 1, 5), n: sp.Integer(rng.randint(0, 60))}
        truth = (1 - at[M] * at[alpha]) ** at[n] * at[u]
        found = BALLS.measure(node, at, BUDGET, STREAM)
        assert isinstance(found, Ball)
        middle, radius = exactly(found.value.mid()), exactly(found.value.rad())
        assert abs(middle - Fraction(int(truth.p), int(truth.q))) <= radius
        assert radius <= abs(middle) / 10**BUDGET.digits + 1 / Fraction(10) ** 100


def exactly(number: Any) -> Fraction:
    """The dyadic number that an exact ball is."""
    mantissa, exponent = number.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


LOSSES = {
    "saturating": saturating(w),
    "logistic": logistic(w) + w**2 / 10,
    "cosine": 1 - sp.cos(w),
    "quartic": (3 * w**4 + 4 * w**3) / 100,
    "kink": sp.Max(0, w) ** 2 + sp.Max(0, -w),
}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("method", list(Method))
def test_the_error_of_a_run_covers_its_distance_from_the_ball(name: str, method: Method) -> None:
    """Steps up to 5 make some runs chaotic; those are refused, and the others' errors are small."""
    rng = random.Random(f"{name} {method}")
    loss = LOSSES[name]
    answered = 0
    momentum = 0 if method is Method.GRADIENT else sp.Rational(3, 10)
    motion = descent(loss, {w: u}, alpha, momentum, method)
    nodes = [motion[n, w], motion[n, grad_norm_squared(loss, [w])], motion.least[n, grad_norm_squared(loss, [w])], motion.total[n, loss]]
    points = [{alpha: sp.Rational(rng.randint(1, 150), 60), u: rational(rng, 1, 2), n: sp.Integer(rng.randint(1, 80))} for _ in range(3)]
    for node in nodes:
        answers = RUNS.measure_all(node, points, BUDGET, STREAM)
        for at, found in zip(points, answers, strict=True):
            if isinstance(found, Refusal):
                assert found.divergent or found.reason.startswith("chaotic: ")
                continue
            truth = BALLS.measure(node, at, BUDGET, STREAM)
            assert isinstance(found, Approx)
            assert isinstance(truth, Ball)
            assert abs(Fraction(found.value) - exactly(truth.value.mid())) <= Fraction(found.error)
            answered += 1
    assert answered >= 4


def test_matrix_variables_in_balls_and_in_runs() -> None:
    rows, cols = sp.symbols("m d", integer=True, positive=True)
    B, v, v0 = sp.MatrixSymbol("B", rows, cols), sp.MatrixSymbol("v", cols, 1), sp.MatrixSymbol("v_0", cols, 1)
    loss = half_square(v, B)
    node = descent(loss, {v: v0}, alpha).least[n, grad_norm_squared(loss, [v])]
    rng = random.Random(5)
    points = []
    for m_, d_ in ((2, 3), (4, 2), (2, 3)):
        matrix = sp.ImmutableMatrix(m_, d_, lambda i, j: rational(rng, -2, 2, 3))
        start = sp.ImmutableMatrix(d_, 1, lambda i, j: rational(rng, -2, 2, 3))
        points.append({rows: sp.Integer(m_), cols: sp.Integer(d_), B: matrix, v0: start, alpha: sp.Rational(1, 20), n: sp.Integer(25)})
    for at, found in zip(points, RUNS.measure_all(node, points, BUDGET, STREAM), strict=True):
        truth = BALLS.measure(node, at, BUDGET, STREAM)
        assert isinstance(found, Approx) and isinstance(truth, Ball)
        assert abs(Fraction(found.value) - exactly(truth.value.mid())) <= Fraction(found.error)
        assert found == RUNS.measure(node, at, BUDGET, STREAM)


def test_the_digits_descend_the_same_alone_and_in_a_batch() -> None:
    Z = DataMatrix("Z", 357, 64, "lemmata.numerics.datasets:threes_and_eights")
    v, v0 = sp.MatrixSymbol("w", 64, 1), sp.MatrixSymbol("w_0", 64, 1)
    loss = margin_loss(logistic, Z, v)
    node = descent(loss, {v: v0}, alpha).least[n, grad_norm_squared(loss, [v])]
    rng = random.Random(6)
    points: list[dict[Any, Any]] = [
        {v0: sp.ImmutableMatrix(64, 1, lambda i, j: rational(rng, -2, 2, 5)), alpha: rational(rng, 1, 5, 10), n: sp.Integer(15)}
        for _ in range(3)
    ]
    together = RUNS.measure_all(node, points, BUDGET, STREAM)
    for at, found in zip(points, together, strict=True):
        alone = RUNS.measure(node, at, BUDGET, STREAM)
        assert isinstance(found, Approx) and isinstance(alone, Approx)
        assert abs(found.value - alone.value) <= found.error + alone.error
    start = RUNS.measure(descent(loss, {v: v0}, alpha)[0, loss], {v0: sp.zeros(64, 1).as_immutable(), alpha: sp.Integer(1)}, BUDGET, STREAM)
    assert isinstance(start, Approx)
    assert abs(start.value - math.log(2)) <= start.error


def test_what_runs_off_is_enclosed_by_balls_and_refused_by_runs() -> None:
    node = descent(M * w**2 / 2, {w: u}, alpha)[n, w**2]
    at = {M: sp.Integer(2), alpha: sp.Integer(2), u: sp.Integer(1), n: sp.Integer(1000)}
    huge = BALLS.measure(node, at, BUDGET, STREAM)
    assert isinstance(huge, Ball)
    assert abs(exactly(huge.value.mid()) - 9**1000) <= exactly(huge.value.rad())
    refused = RUNS.measure(node, at, BUDGET, STREAM)
    assert refused == Refusal("the run leaves the range of float64 at step 324", divergent=True)
    faster = descent(w**4, {w: u}, alpha)[n, w]
    refused = BALLS.measure(faster, {alpha: sp.Integer(2), u: sp.Integer(3), n: sp.Integer(100)}, BUDGET, STREAM)
    assert isinstance(refused, Refusal) and refused.divergent
    assert refused.reason.startswith("the iterates exceed 2^1048576 from step")


@pytest.mark.parametrize("instrument", [BALLS, RUNS])
def test_refusals_say_what_is_missing(instrument: Any) -> None:
    node = descent(M * w**2 / 2, {w: u}, alpha)[n, w]
    at = {M: sp.Integer(1), alpha: sp.Integer(1), u: sp.Integer(1)}
    assert "is no integer: give one" in instrument.measure(node, at, BUDGET, STREAM).reason
    assert "take a larger budget" in instrument.measure(node, {**at, n: sp.Integer(10**6)}, BUDGET, STREAM).reason
    assert instrument.supports(flow(w**2, {w: 1})[1, w]) is not None
    undefined = descent(sp.Function("f")(w) + w**2, {w: u}, alpha)[n, w]
    assert isinstance(instrument.measure(undefined, {**at, n: sp.Integer(2)}, BUDGET, STREAM), Refusal)


def test_the_instruments_of_descent_are_found() -> None:
    node = descent(w**2, {w: 1}, 1)[2, w]
    assert {instrument.name for instrument in instruments_for(node)[0]} == {"descent in balls", "descent runs"}
    along_flow = {instrument.name for instrument in instruments_for(flow(w**2, {w: 1})[2, w])[0]}
    assert along_flow == {"gradient flow", "descent with ever smaller steps"}


@pytest.mark.parametrize(("curvature", "time"), [("1/2", "1"), ("3", "2"), ("1", "0"), ("7/3", "5")])
def test_flow_on_a_parabola_is_an_exponential(curvature: str, time: str) -> None:
    at = {M: sp.Rational(curvature), t: sp.Rational(time), u: sp.Integer(2)}
    found = FLOW.measure(flow(M * w**2 / 2, {w: u})[t, w], at, BUDGET, STREAM)
    assert isinstance(found, Approx)
    with precision(128):
        assert abs(to_arb(found.value) - to_arb(2 * sp.exp(-at[M] * at[t]))) <= to_arb(found.error)
    assert found.error <= BUDGET.resolution * abs(found.value)


def test_flow_of_a_matrix_variable() -> None:
    """dw/dt = -B^T B w with B = diag(1, 2): |w|^2 = e^(-2t) + e^(-8t)."""
    v = sp.MatrixSymbol("v", 2, 1)
    node = flow(half_square(v, sp.ImmutableMatrix([[1, 0], [0, 2]])), {v: sp.Matrix([1, 1])})[t, sp.Trace(v.T * v)]
    found = FLOW.measure(node, {t: sp.Rational(1, 2)}, BUDGET, STREAM)
    assert isinstance(found, Approx)
    with precision(128):
        assert abs(to_arb(found.value) - to_arb(sp.exp(-1) + sp.exp(-4))) <= to_arb(found.error)


def test_flow_that_leaves_every_bound_is_refused() -> None:
    refused = FLOW.measure(flow(-(w**4), {w: 3})[t, w], {t: sp.Integer(2)}, BUDGET, STREAM)
    assert isinstance(refused, Refusal) and refused.divergent


def test_runs_on_the_digits_lie_within_their_error_of_the_balls() -> None:
    """The ball is rigorous: whole matrices, gradients by matrix calculus; the run differentiates automatically."""
    Z = DataMatrix("Z", 357, 64, "lemmata.numerics.datasets:threes_and_eights")
    v, v0 = sp.MatrixSymbol("w", 64, 1), sp.MatrixSymbol("w_0", 64, 1)
    loss = margin_loss(logistic, Z, v)
    rng = random.Random(7)
    at = {v0: sp.ImmutableMatrix(64, 1, lambda i, j: rational(rng, -2, 2, 5)), alpha: sp.Rational(2, 5), n: sp.Integer(12)}
    motion = descent(loss, {v: v0}, alpha)
    for node in (motion.least[n, grad_norm_squared(loss, [v])], motion[n, loss]):
        found, truth = RUNS.measure(node, at, BUDGET, STREAM), BALLS.measure(node, at, BUDGET, STREAM)
        assert isinstance(found, Approx) and isinstance(truth, Ball)
        assert abs(Fraction(found.value) - exactly(truth.value.mid())) <= Fraction(found.error)
        assert exactly(truth.value.rad()) <= Fraction(found.error)


def test_small_data_give_the_same_ball_whole_and_entry_by_entry() -> None:
    """Both enclose the same number, so they overlap; each is smaller than 10^-15 of it."""
    from lemmata.numerics.descent.balls import enclose_descent
    from lemmata.numerics.descent.explicit import explicit
    from lemmata.numerics.descent.matrixwise import matrixwise

    H = DataMatrix("H", 2, 2, "lemmata.theory.data:hilbert")
    v = sp.MatrixSymbol("w", 2, 1)
    loss = margin_loss(logistic, H, v)
    node = descent(loss, {v: sp.Matrix([1, -2])}, 3).least[9, grad_norm_squared(loss, [v])]
    whole, entries = (
        enclose_descent(problem, 9, node.step, node.momentum, node.method, node.reduction, 15)
        for problem in (matrixwise(node, {}), explicit(node, {}))
    )
    assert whole.overlaps(entries)
    assert 0 < exactly(entries.mid()) < 1


def test_the_error_of_a_run_covers_a_difference_of_its_variables() -> None:
    """w - v shrinks by 1 - 2 alpha a step while w + v stays: the difference keeps the rounding errors of its large terms."""
    v, a, b = sp.symbols("v a b", real=True)
    node = descent((w - v) ** 2 / 2, {w: a, v: b}, alpha)[n, w - v]
    rng = random.Random(3)
    for _ in range(20):
        at = {a: rational(rng, -3, 3, 31), b: rational(rng, -3, 3, 17), alpha: sp.Rational(15, 31), n: sp.Integer(rng.randint(6, 12))}
        truth = (1 - 2 * at[alpha]) ** at[n] * (at[a] - at[b])
        found = RUNS.measure(node, at, BUDGET, STREAM)
        assert isinstance(found, Refusal) or abs(Fraction(found.value) - Fraction(int(truth.p), int(truth.q))) <= Fraction(found.error)


def test_a_second_look_at_a_flow_takes_other_steps() -> None:
    node, at = flow(w**4 / 4, {w: u})[t, w], {u: sp.Integer(1), t: sp.Rational(3, 2)}
    once, again = (FLOW.measure(node, at, Budget(digits=digits), STREAM) for digits in (15, 30))
    assert isinstance(once, Approx) and isinstance(again, Approx) and once != again
    assert abs(once.value - again.value) <= once.error + again.error


def test_the_error_of_a_run_covers_steps_that_cancel() -> None:
    """With a step close to 1 each update of w^2/2 subtracts nearly all of w, and what is left carries the rounding of w."""
    rng = random.Random(4)
    node = descent(w**2 / 2, {w: u}, alpha)[n, w]
    for _ in range(30):
        at = {u: rational(rng, 1, 9, 7), alpha: 1 - sp.Rational(1, rng.randint(50, 5000)), n: sp.Integer(rng.randint(1, 5))}
        truth = (1 - at[alpha]) ** at[n] * at[u]
        found = RUNS.measure(node, at, BUDGET, STREAM)
        assert isinstance(found, Refusal) or abs(Fraction(found.value) - Fraction(int(truth.p), int(truth.q))) <= Fraction(found.error)
