"""Torch, NumPy and balls compute the same functions: within the rounding bound that balls at double precision give."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
import torch
from flint import arb, arb_mat
from sympy.stats import Expectation, Normal

from lemmata.numerics.compile.arb import CannotEvaluate, enclose, rounding_bound
from lemmata.numerics.compile.array_backend import LARGE
from lemmata.numerics.compile.numpy_backend import compile_numpy
from lemmata.numerics.compile.tape import record
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.theory.data import DataMatrix

torch.set_num_threads(1)

x, y, q = sp.Symbol("x", real=True), sp.Symbol("y", real=True), sp.Symbol("q", positive=True)
n, m = sp.symbols("n m", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, m)
R = sp.Rational

FUNCTIONS = [
    x**3 - 2 * x + R(1, 3),
    x * y - y**2 + 1,
    sp.exp(x) * sp.sin(y),
    sp.tanh(x) - sp.cos(x) / 3,
    sp.atan(x) + sp.asinh(y) + sp.sinh(x / 4),
    sp.erf(x / sp.sqrt(2)) * y,
    sp.erfc(x),
    sp.Abs(x - y),
    sp.Max(0, x, y),
    sp.Min(x, y**2),
    sp.Heaviside(x) * y + sp.sign(y),
    sp.Piecewise((x, x > 0), (sp.exp(x) - 1, True)),
    sp.Piecewise((sp.log(x), x > R(1, 5)), (sp.sqrt(1 - x), x < 0), (y, True)),
    1 / (1 + sp.exp(-x)),
    sp.log(1 + sp.exp(x)),
    sp.diff(x / (1 + sp.exp(-x)), x),
    x * sp.erfc(-x / sp.sqrt(2)) / 2,
    (1 + x**2) ** R(-3, 2),
    sp.sqrt(1 + y**2) ** 3 / sp.pi,
    sp.floor(x) + sp.ceiling(y),
    sp.sech(x) + sp.cosh(x / 3),
    sp.Sum(x**m / sp.factorial(m), (m, 0, 5)),
    sp.gamma(2 + x**2) + sp.loggamma(3 + y**2),
    sp.besseli(0, x) + sp.besseli(1, y),
    sp.acos(x / 10) + sp.asin(y / 20) + sp.atanh(x / 30),
    sp.GoldenRatio * x + sp.EulerGamma,
]
POINTS = [(R(a), R(b)) for a, b in ((0, 0), (1, -2), ("1/3", "7/5"), ("-9/4", "1/8"), ("1e-12", "-1e-12"), ("5/2", "5/2"), ("-19/4", 3))]


def agrees(value: float, expr: sp.Expr, at: dict) -> bool:
    """Whether a double lies where double precision can have put it: in the ball of an evaluation rounded more coarsely."""
    return bool(rounding_bound(expr, at).contains(arb(value)))


@pytest.mark.parametrize("expr", FUNCTIONS, ids=str)
def test_three_evaluators_agree(expr: sp.Expr) -> None:
    columns = [np.array([float(value) for value in column]) for column in zip(*POINTS, strict=True)]
    from_numpy = compile_numpy(expr, [x, y])(*columns)
    from_torch = compile_torch(expr, [x, y])({x: torch.tensor(columns[0]), y: torch.tensor(columns[1])})
    assert from_torch.dtype == torch.float64 and tuple(from_torch.shape) == from_numpy.shape == (len(POINTS),)
    for i in range(len(POINTS)):
        at = {x: R(columns[0][i]), y: R(columns[1][i])}
        assert agrees(float(from_numpy[i]), expr, at), (at, from_numpy[i])
        assert agrees(float(from_torch[i]), expr, at), (at, from_torch[i])


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_extreme_scales(scale: float) -> None:
    for expr in (sp.sqrt(q) * sp.atan(sp.sqrt(q)), q / (1 + q) ** 2, sp.log(1 + q) - sp.log(q), 1 / sp.sqrt(1 + 2 * q)):
        value = compile_numpy(expr, [q])(scale)
        assert agrees(float(value), expr, {q: R(scale)}), expr
        assert agrees(float(compile_torch(expr, [q])({q: torch.tensor(scale, dtype=torch.float64)})), expr, {q: R(scale)}), expr


@pytest.mark.parametrize("c", [1.0, -1.0])
def test_ends_of_the_domain(c: float) -> None:
    kernel = sp.sqrt(1 - x**2) + x * (sp.pi - sp.acos(x))
    for value in (compile_numpy(kernel, [x])(c), compile_torch(kernel, [x])({x: torch.tensor(c, dtype=torch.float64)})):
        assert float(value) == (math.pi if c == 1.0 else 0.0)


def test_batches_broadcast() -> None:
    column, row = torch.arange(3.0)[:, None], torch.arange(4.0)[None, :]
    value = compile_torch(x * y + 1, [x, y])({x: column, y: row})
    assert value.shape == (3, 4) and value.dtype == torch.float32 and float(value[2, 3]) == 7.0
    assert compile_torch(x + 1, [x, y])({x: column, y: row}).shape == (3, 4)
    assert compile_torch(sp.pi, [x])({x: column}).shape == (3, 1)
    assert compile_numpy(x + 1, [x, y])(np.zeros((3, 1)), np.zeros(4)).shape == (3, 4)
    assert compile_numpy(x + R(1, 3), [x])(np.zeros(2, dtype=np.float32)).dtype == np.float32


def test_relations_are_zero_and_one() -> None:
    values = torch.tensor([-1.0, 0.0, 1.0])
    for condition, expected in (
        (x > 0, [0, 0, 1]),
        (x >= 0, [0, 1, 1]),
        (sp.Eq(x, 0), [0, 1, 0]),
        (sp.Ne(x, 0), [1, 0, 1]),
        (sp.Or(x < 0, x > R(1, 2)), [1, 0, 1]),
        (sp.And(x > -2, sp.Not(x > 0)), [1, 1, 0]),
        (sp.Contains(x, sp.Interval(0, 1)), [0, 1, 1]),
    ):
        assert compile_torch(condition, [x])({x: values}).tolist() == expected, condition


def gradient_of(expr: sp.Expr, points: list[float]) -> list[float]:
    values = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(compile_torch(expr, [x])({x: values}).sum(), values)
    return slope.tolist()


def test_gradients_at_kinks_are_the_middle() -> None:
    assert gradient_of(sp.Max(0, x), [-1, 0, 1]) == [0, 0.5, 1]
    assert gradient_of(sp.Min(x, 2 * x), [-1, 0, 1]) == [2, 1.5, 1]
    assert gradient_of(sp.Abs(x), [-1, 0, 1]) == [-1, 0, 1]


def test_branches_that_are_not_taken_leave_the_gradient_alone() -> None:
    elu = sp.Piecewise((x, x > 0), (sp.exp(x) - 1, True))
    assert gradient_of(elu, [-1e4, 1e4]) == [0, 1]
    roots = sp.Piecewise((sp.sqrt(x), x > 0), (sp.sqrt(-x), x < 0), (0, True))
    assert gradient_of(roots, [-4, 0, 4]) == [-0.25, 0, 0.25]
    hole = sp.Piecewise((sp.sin(x) / x, sp.Ne(x, 0)), (1, True))
    assert gradient_of(hole, [0])[0] == 0 and float(compile_torch(hole, [x])({x: torch.zeros(1)})) == 1
    nested = sp.Piecewise((sp.Piecewise((1 / x, x > 1), (sp.log(x), True)), x > 0), (x, True))
    assert gradient_of(nested, [-3, 1, 2]) == [1, 1, -0.25]


def test_guards_broadcast_over_other_inputs() -> None:
    expr = sp.Piecewise((sp.log(x) * y, x > 0), (y, True))
    xs = torch.tensor([[-1.0], [1.0]], dtype=torch.float64, requires_grad=True)
    ys = torch.tensor([2.0, 3.0, 4.0], dtype=torch.float64, requires_grad=True)
    value = compile_torch(expr, [x, y])({x: xs, y: ys})
    assert value.tolist() == [[2, 3, 4], [0, 0, 0]]
    slopes = torch.autograd.grad(value.sum(), [xs, ys])
    assert slopes[0].tolist() == [[0], [9]] and slopes[1].tolist() == [1, 1, 1]


def test_logistic_forms_do_not_overflow() -> None:
    far = [-1e4, -800.0, 800.0, 1e4]
    assert compile_numpy(sp.log(1 + sp.exp(x)), [x])(np.array(far)).tolist() == [0, 0, 800, 1e4]
    assert compile_numpy(1 / (1 + sp.exp(-x)), [x])(np.array(far)).tolist() == [0, 0, 1, 1]
    bell = sp.diff(1 / (1 + sp.exp(-x)), x)
    assert compile_numpy(bell, [x])(np.array(far)).tolist() == [0, 0, 0, 0]
    assert gradient_of(x / (1 + sp.exp(-x)), [-1e4, 1e4]) == [0, 1]


def test_where_no_branch_holds_the_value_is_nan() -> None:
    partial = sp.Piecewise((x, x > 0), (-x, x < -1))
    assert np.isnan(compile_numpy(partial, [x])(np.array([1.0, -0.5, -2.0]))).tolist() == [False, True, False]


COMPLEX = [
    x**3 - 2 * x,
    sp.exp(x) * sp.sin(x),
    sp.tanh(x),
    sp.log(2 + x**2),
    sp.Max(0, x) ** 2 + sp.Abs(x),
    sp.log(1 + sp.exp(x)),
    1 / (1 + sp.exp(-x)),
    sp.erf(x),
    sp.sqrt(1 + x**2) / (1 + x**4),
]


@pytest.mark.parametrize("expr", COMPLEX, ids=str)
def test_complex_steps_are_derivatives(expr: sp.Expr) -> None:
    """Im f(x + ih)/h has no cancellation: with h = 2^-200 it is the derivative to the rounding of one evaluation."""
    function, step = compile_numpy(expr, [x]), 2.0**-200
    for point in (R(-3, 2), R(1, 8), R(7, 4)):
        slope = float(function(np.array(float(point) + 1j * step)).imag) / step
        derivative = rounding_bound(sp.diff(expr, x), {x: point}, bits=50)
        assert derivative.contains(arb(slope)), (point, slope, derivative)


def test_complex_matrices() -> None:
    step = 2.0**-200
    trace = compile_numpy(sp.Trace(A**3), [A])
    base = np.array([[1.0, 2.0], [3.0, 4.0]])
    direction = np.array([[0.0, 1.0], [0.0, 0.0]])
    assert float(trace(base + 1j * step * direction).imag) / step == 3 * float((base @ base)[1, 0])


MATRIX_EXPRESSIONS = [
    A * B,
    A + A.T,
    2 * A - 3 * sp.Identity(n) / n,
    A**3,
    A.inv() * B,
    B.T * A * B,
    sp.HadamardProduct(A, A.T),
    A.applyfunc(sp.Lambda(y, sp.Max(0, y) * x)),
    sp.ZeroMatrix(n, m) + B,
    sp.OneMatrix(n, n) * A,
    sp.HadamardPower(A, 2),
    sp.BlockMatrix([[A, B], [B.T, sp.Identity(m)]]),
    x * A * sp.ImmutableMatrix([[1, x], [0, R(1, 2)]]),
    sp.Trace(A * A.T) / n,
    sp.Determinant(A),
    A[0, 1] + A[n - 1, 0] * x,
    sp.Sum(A[m, m], (m, 0, 1)),
]


def nearby(matrix: np.ndarray) -> arb_mat:
    """All matrices within the backward error of an elimination in double precision, 2^-50 of the largest entry."""
    radius = float(np.abs(matrix).max()) * 2.0**-50
    return arb_mat(*matrix.shape, [arb(float(entry), radius) for entry in matrix.reshape(-1)])


@pytest.mark.parametrize("expr", MATRIX_EXPRESSIONS, ids=str)
def test_matrices_in_batches(expr: sp.Expr) -> None:
    generator = np.random.default_rng(20250101)
    a, b, scale = generator.integers(-8, 9, (4, 2, 2)) / 4.0 + 3 * np.eye(2), generator.integers(-8, 9, (2, 3)) / 4.0, np.arange(4.0)
    from_numpy = compile_numpy(expr, [A, B, x])(a, b, scale)
    from_torch = compile_torch(expr, [A, B, x])({A: torch.tensor(a), B: torch.tensor(b), x: torch.tensor(scale)})
    assert tuple(from_torch.shape) == from_numpy.shape and from_numpy.shape[0] == 4
    for i in range(4):
        at = {n: 2, m: 3, A: nearby(a[i]), B: nearby(b), x: R(scale[i])}
        bound = rounding_bound(expr, at)
        bounds = bound.entries() if hasattr(bound, "entries") else [bound]
        for array in (from_numpy, from_torch.numpy()):
            for ball, value in zip(bounds, array[i].reshape(-1), strict=True):
                assert ball.contains(arb(float(value)))


def test_matrix_gradients() -> None:
    a = torch.tensor([[1.0, 2.0], [3.0, 5.0]], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(compile_torch(sp.Trace(A.T * A), [A])({A: a}), a)
    assert slope.tolist() == [[2, 4], [6, 10]]


def test_data_matrices_and_sizes() -> None:
    hilbert = DataMatrix("H", 2, 2, "lemmata.theory.data:hilbert")
    shifted = compile_torch(hilbert + x * sp.Identity(2), [x])({x: torch.tensor([0.0, 1.0], dtype=torch.float64)})
    assert shifted.shape == (2, 2, 2) and shifted[1, 0].tolist() == [2, 0.5]
    assert float(compile_torch(n / m, [B])({B: torch.zeros(2, 4)})) == 0.5
    assert compile_torch(sp.OneMatrix(n, 2), [n])({n: torch.tensor(3)}).shape == (3, 2)


def test_random_symbols_and_quantities_are_inputs() -> None:
    s = Normal("s", 0, 1)
    mean = Expectation(s**2)
    value = compile_torch(sp.Max(0, s) + 2 * mean, [s, mean])({s: torch.tensor([-1.0, 1.0]), mean: torch.tensor(3.0)})
    assert value.tolist() == [6, 7]
    with pytest.raises(CannotEvaluate):
        compile_torch(sp.Max(0, s), [x])


def test_what_cannot_be_compiled_is_named() -> None:
    with pytest.raises(CannotEvaluate, match="mystery"):
        compile_torch(sp.Function("mystery")(x), [x])
    with pytest.raises(CannotEvaluate, match="y is not among the inputs"):
        compile_numpy(x + y, [x])
    for missing in (sp.erfi(x), sp.besselj(0, x)):
        with pytest.raises(CannotEvaluate, match=type(missing).__name__):
            compile_torch(missing, [x])({x: torch.zeros(1)})
    with pytest.raises(CannotEvaluate, match="Integral"):
        compile_numpy(sp.Integral(sp.exp(x * y), (y, 0, 1)), [x])


def test_closed_parts_are_the_nearest_double() -> None:
    """Each closed factor is folded to the double nearest to it, by balls, not evaluated step by step."""
    constant = sp.sqrt(2) * sp.pi ** R(3, 2) / sp.gamma(R(1, 3))
    assert float(compile_numpy(constant, [x])(0.0)) == float(enclose(constant, {}, digits=30).mid())


def test_each_subexpression_once_and_dropped_after_its_last_use() -> None:
    shared = sp.tanh(x * y)
    tape = record(shared**2 + shared + sp.exp(shared), [x, y])
    assert sum(step.payload == "tanh" for step in tape.steps) == 1
    freed = [slot for step in tape.steps for slot in step.frees]
    assert len(freed) == len(set(freed)) and tape.result not in freed and set(freed) >= {0, 1}


def test_large_batches_are_the_small_ones() -> None:
    """Block by block or at once: the same numbers, whatever the shape, with scalars beside the batch."""
    expr = sp.Piecewise((sp.log(x) * y, x > 0), (sp.exp(x) - y, True)) + sp.Max(x, y)
    generator = np.random.default_rng(7)
    large, few = generator.standard_normal((3, LARGE // 2)), np.array(0.5)
    values = compile_numpy(expr, [x, y])(large, few)
    assert values.shape == large.shape
    assert np.array_equal(values[2, -1000:], compile_numpy(expr, [x, y])(large[2, -1000:], few))
    tensors = {x: torch.tensor(large), y: torch.tensor(0.5, dtype=torch.float64)}
    with_gradient = {x: tensors[x].clone().requires_grad_(), y: tensors[y]}
    function = compile_torch(expr, [x, y])
    assert torch.equal(function(tensors), function(with_gradient).detach())
    spread = compile_numpy(x + y, [x, y])(large, large[:, :1])
    assert np.array_equal(spread, large + large[:, :1])
