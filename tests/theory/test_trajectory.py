"""Descent and flow as nodes: what is bound, what is free, how they print, and what is refused with which words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp

from lemmata.theory.data import DataMatrix
from lemmata.theory.losses import half_square
from lemmata.theory.quantity import free_parameters, quantities
from lemmata.theory.trajectory import Method, Reduction, Trajectory, bound, descent, flow, grad_norm_squared

w, x = sp.symbols("w x", real=True)
M, alpha = sp.symbols("M alpha", positive=True)
u = sp.Symbol("u", real=True)
n = sp.Symbol("n", integer=True, positive=True)
LOSS = M * w**2 / 2


def node(start: object = u) -> Trajectory:
    return descent(LOSS, {w: start}, alpha)[n, w**2]


def test_the_variable_is_bound_and_everything_else_free() -> None:
    assert node().free_symbols == {M, u, alpha, n}
    assert free_parameters(node() + w) == {M, u, alpha, n, w}


def test_a_start_of_the_same_name_is_free() -> None:
    same = node(start=w)
    assert w in same.free_symbols
    assert same.xreplace({w: sp.Integer(3)}).starts == (3,)
    assert same.xreplace({w: sp.Integer(3)}).loss == same.loss


def test_substitution_leaves_the_bound_variable_alone() -> None:
    moved = node().subs({w: 5, M: 2, n: 4})
    assert moved.loss == bound(w) ** 2
    assert moved.time == 4
    assert moved.expr == bound(w) ** 2


def test_equal_descents_are_equal_nodes() -> None:
    assert node() == node()
    assert hash(node()) == hash(node())
    assert node() - node() == 0
    assert node() != descent(LOSS, {w: u}, alpha).least[n, w**2]
    assert node() != descent(LOSS, {w: u}, alpha, 0, "nesterov")[n, w**2]


def test_it_rebuilds_from_its_arguments() -> None:
    heavy = descent(LOSS, {w: u}, alpha, momentum=sp.Rational(1, 2), method="heavy_ball").total[n, w]
    assert heavy.func(*heavy.args) == heavy
    assert (heavy.method, heavy.reduction) == (Method.HEAVY_BALL, Reduction.TOTAL)


def test_a_trajectory_is_one_quantity_of_a_statement() -> None:
    statement = sp.Le(3 * node() + 1, M)
    assert quantities(statement.lhs) == (node(),)


def test_its_derivative_in_a_parameter_is_not_taken_to_be_zero() -> None:
    assert sp.diff(node(), x) == 0
    assert sp.diff(node(), alpha).has(node())


def test_squares_stay_nonnegative_along_a_run() -> None:
    assert node().is_nonnegative is True
    assert descent(LOSS, {w: u}, alpha)[n, w].is_nonnegative is None


def test_matrix_variables_carry_their_sizes() -> None:
    rows, cols = sp.symbols("m d", integer=True, positive=True)
    B, v, v0 = sp.MatrixSymbol("B", rows, cols), sp.MatrixSymbol("v", cols, 1), sp.MatrixSymbol("v_0", cols, 1)
    loss = half_square(v, B)
    run = descent(loss, {v: v0}, alpha)[n, grad_norm_squared(loss, [v])]
    assert run.free_symbols == {B, v0, alpha, n, cols}
    assert free_parameters(run) == {B, v0, alpha, n, rows, cols}
    sized = run.xreplace({cols: sp.Integer(3)})
    assert sized.variables[0].shape == (3, 1)
    assert sized.expr.variables == sized.variables


def test_grad_norm_squared_of_scalars_is_explicit() -> None:
    assert grad_norm_squared(w**2 * x, [w, x]) == 4 * w**2 * x**2 + w**4


def test_the_value_at_the_start() -> None:
    assert node().at_start() == u**2


def test_descent_prints_in_the_language_of_the_field() -> None:
    run = descent(LOSS, {w: u}, alpha)
    assert sp.latex(run[n, w]) == "w^{(n)}"
    assert sp.latex(run.least[n, w**2]) == r"\min_{0 \le k \le n - 1} \left[ \left(w^{(k)}\right)^{2} \right]"
    assert sp.latex(flow(LOSS, {w: u})[x, w]) == "w(x)"
    assert str(run[3, w]) == "descent(M*w**2/2, {w: u}, alpha)[3, w]"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: descent(w**2, {w: 1}, -1), "the step of descent is a positive number or expression, not -1"),
        (lambda: descent(w**2, {w: 1}, 0), "the step of descent is a positive number or expression, not 0"),
        (lambda: descent(w**2, {w: 1}, sp.nan), "the step of descent is a positive number or expression, not nan"),
        (lambda: descent(w**2, {w: 1}, sp.oo), "the step of descent is a positive number or expression, not oo"),
        (lambda: descent(w**2, {w: 1}, sp.I), "the step of descent is a positive number or expression, not I"),
        (lambda: descent(w**2, {w: 1}, True), "the step of descent is a positive number or expression, not True"),
        (lambda: descent(w**2, {w: 1}, 1, sp.nan, "heavy_ball"), "the momentum of descent is a real number or expression, not nan"),
        (lambda: descent(w**2, {w: sp.I}, 1), "the start of w is a real number or expression, not I"),
        (lambda: descent(w > 0, {w: 1}, 1), "the loss of descent is an expression, not w > 0"),
        (lambda: flow(w**2, {w: 1})[sp.oo, w], "the time of gradient flow is a real number or expression, not oo"),
        (lambda: descent(w**2, {w + 1: 1}, 1), "a variable of descent is a Symbol or a MatrixSymbol, not w + 1"),
        (lambda: descent(w**2, {}, 1), "descent takes its starts as a dictionary {variable: start} with at least one variable"),
        (
            lambda: descent(w**2, {w: 1}, 1, method="adam"),
            "descent has no method 'adam': choose one of gradient, heavy_ball, heavy_ball_printed, nesterov",
        ),
        (
            lambda: descent(w**2, {w: 1}, 1, momentum=sp.Rational(1, 2)),
            "method 'gradient' has no momentum, but momentum=1/2: choose heavy_ball or nesterov",
        ),
        (lambda: descent(w**2, {w: sp.Matrix([1, 2])}, 1), "w has no shape (a scalar), but its start"),
        (
            lambda: descent(sp.Trace(sp.MatrixSymbol("A", 2, 2)), {sp.MatrixSymbol("A", 2, 2): sp.Matrix([1, 2])}, 1),
            "A has the shape 2 x 2, but its start",
        ),
        (lambda: descent(sp.MatrixSymbol("A", 2, 2), {w: 1}, 1), "the loss of descent is a scalar, not a matrix of shape (2, 2)"),
        (lambda: descent(w**2, {w: 1}, 1)[w], "index it by a pair [n, expression], not by w"),
        (lambda: descent(w**2, {w: 1}, 1)[-1, w], "descent is looked at after n steps, n an integer >= 0, not -1"),
        (lambda: descent(w**2, {w: 1}, 1).least[0, w], "descent is looked at after n steps, n an integer >= 1, not 0"),
        (lambda: flow(w**2, {w: 1})[-1, w], "gradient flow is looked at at a time t >= 0, not -1"),
        (
            lambda: descent(w**2, {w: 1}, 1)[2, descent(w**2, {w: 1}, 1)[1, w]],
            "descent inside descent over the same variable w: give the inner variable another name",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value).replace(str(sp.Matrix([1, 2])), "")


def test_data_are_constants_of_a_claim() -> None:
    H = DataMatrix("H", 2, 2, "lemmata.theory.data:hilbert")
    assert free_parameters(sp.Trace(H) * w) == {w}
    assert H.exact() == sp.ImmutableMatrix([[1, sp.Rational(1, 2)], [sp.Rational(1, 2), sp.Rational(1, 3)]])
    assert H.func(*H.args) == H
    assert sp.latex(H * sp.MatrixSymbol("v", 2, 1)) == "H v"


@pytest.mark.parametrize(
    ("name", "rows", "loader", "message"),
    [("H", 2, "hilbert", "the loader of data H is named"), ("H", 3, "lemmata.theory.data:hilbert", "returned 2 x 2 numbers, but H was")],
)
def test_bad_data_are_refused(name: str, rows: int, loader: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DataMatrix(name, rows, 2, loader).exact()
