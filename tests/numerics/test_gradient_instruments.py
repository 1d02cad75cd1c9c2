"""Instruments for gradients against exact rationals, and covariances of gaussian vectors against exact products."""

from __future__ import annotations

import random

import pytest
import sympy as sp
from flint import arb, arb_mat, fmpq, fmpq_mat
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.stats import Expectation, Normal, Variance
from sympy.stats.symbolic_multivariate_probability import CrossCovarianceMatrix, ExpectationMatrix, VarianceMatrix

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import precision
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.instruments.autodiff import INSTRUMENT as AUTODIFF
from lemmata.numerics.instruments.complex_step import INSTRUMENT as COMPLEX_STEP
from lemmata.numerics.instruments.exact_gradient import INSTRUMENT as EXACT
from lemmata.numerics.instruments.vector_covariance import INSTRUMENT as COVARIANCE
from lemmata.numerics.measurement import Approx, Ball, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.domain import Domain
from lemmata.theory.gaussian_vector import gaussian_vector
from lemmata.theory.gradients import gradient
from lemmata.theory.linear_networks import LinearNetwork

BUDGET, STREAM = Budget(), Stream(0)
x, y = sp.symbols("x y", real=True)


def rational(matrix: sp.Matrix) -> fmpq_mat:
    return fmpq_mat(matrix.rows, matrix.cols, [fmpq(int(entry.p), int(entry.q)) for entry in matrix])


def encloses(balls: arb_mat, truth: fmpq_mat) -> bool:
    """Whether balls of the budget's digits hold the rational numbers, up to 2^-300 of each."""
    with precision(300):
        pairs = list(zip(balls.entries(), truth.entries(), strict=True))
        largest = max(abs(arb(value)) for _, value in pairs)
        return all(ball.overlaps(arb(value)) and ball.rad() <= largest * 2.0**-45 for ball, value in pairs)


def product(matrices: list, size: int) -> fmpq_mat:
    total = fmpq_mat(size, size, [fmpq(int(i == j)) for i in range(size) for j in range(size)])
    for matrix in matrices:
        total = total * matrix
    return total


def points_of(network: LinearNetwork, count: int) -> list[dict]:
    S = network.moment
    domain = Domain((*network.weights, network.target, S), (sp.Q.symmetric(S), sp.Q.positive_definite(S)))
    return domain.points(count, random.Random(network.depth))


def by_hand(network: LinearNetwork, layer: int, point: dict) -> fmpq_mat:
    """The gradient at a point in exact rationals, from its formula."""
    W = [rational(point[weight]) for weight in network.weights]
    above, below = list(reversed(W[layer:])), list(reversed(W[: layer - 1]))
    deviation = product(list(reversed(W)), W[-1].nrows()) - rational(point[network.target])
    left = product(above, W[-1].nrows()).transpose() if above else product([], W[layer - 1].nrows())
    right = product(below, W[layer - 2].nrows() if below else W[0].ncols()).transpose()
    return left * deviation * rational(point[network.moment]) * right


@pytest.mark.parametrize("depth", range(1, 7))
def test_random_networks_of_unequal_widths(depth: int) -> None:
    network = LinearNetwork(depth)
    for point in points_of(network, 2):
        widths = [point[width] for width in network.widths]
        assert len(set(widths)) == len(widths)
        for layer in range(1, depth + 1):
            node = gradient(network.loss, network.weight(layer))
            truth = by_hand(network, layer, point)
            exact = EXACT.measure(node, point, BUDGET, STREAM)
            assert isinstance(exact, Ball)
            assert encloses(exact.value, truth)
            for instrument in (AUTODIFF, COMPLEX_STEP):
                found = instrument.measure(node, point, BUDGET, STREAM)
                assert isinstance(found, Approx)
                assert found.value.shape == (truth.nrows(), truth.ncols())
                for value, error, wanted in zip(found.value.ravel(), found.error.ravel(), truth.entries(), strict=True):
                    assert abs(arb(fmpq(*map(int, float(value).as_integer_ratio()))) - arb(wanted)) <= arb(float(error))


def test_the_error_is_small_and_not_zero() -> None:
    network = LinearNetwork(3)
    (point,) = points_of(network, 1)
    found = AUTODIFF.measure(gradient(network.loss, network.weight(2)), point, BUDGET, STREAM)
    assert 0 < found.error.max() < 2.0**-30 * abs(found.value).max()


def test_a_wrong_gradient_is_outside_every_error() -> None:
    network = LinearNetwork(2)
    (point,) = points_of(network, 1)
    node, other = (gradient(loss, network.weight(1)) for loss in (network.loss, network.loss * sp.Rational(129, 128)))
    exact = EXACT.measure(other, point, BUDGET, STREAM).value.entries()
    found = AUTODIFF.measure(node, point, BUDGET, STREAM)
    triples = zip(exact, found.value.ravel(), found.error.ravel(), strict=True)
    gaps = [abs(ball - arb(float(value))) > arb(float(error)) for ball, value, error in triples]
    assert any(gaps)


SCALARS = [
    (x**2 * y + sp.exp(x), x, 2 * x * y + sp.exp(x)),
    (sp.Max(x, y) * x, x, 2 * x),
    (sp.Abs(y) * sp.erf(x), y, -sp.erf(x)),
    (sp.sqrt(x) / (1 + x), x, (1 - x) / (2 * sp.sqrt(x) * (1 + x) ** 2)),
    (sp.tanh(x * y) ** 3, y, 3 * x * sp.tanh(x * y) ** 2 * (1 - sp.tanh(x * y) ** 2)),
    (y**2, x, sp.S.Zero),
]


@pytest.mark.parametrize(("loss", "variable", "slope"), SCALARS, ids=lambda value: str(value)[:24])
def test_scalar_losses(loss: sp.Expr, variable: sp.Symbol, slope: sp.Expr) -> None:
    point = {x: sp.Rational(1, 3), y: sp.Rational(-2, 7)}
    truth = slope.xreplace(point).evalf(60)
    node = gradient(loss, variable)
    exact = EXACT.measure(node, point, BUDGET, STREAM)
    assert isinstance(exact, Ball) and exact.value.overlaps(arb(str(truth), 1e-55))
    for instrument in (AUTODIFF, COMPLEX_STEP):
        if instrument.supports(node) is None:
            found = instrument.measure(node, point, BUDGET, STREAM)
            assert isinstance(found, Approx)
            assert abs(sp.Rational(found.value) - truth) <= sp.Rational(found.error)


def test_functions_entry_by_entry_and_inverses() -> None:
    W, S = sp.MatrixSymbol("W", 2, 3), sp.MatrixSymbol("S", 3, 3)
    losses = [
        (sp.Trace(W * W.T * ElementwiseApplyFunction(sp.tanh, W * W.T)), W),
        (sp.Trace(W * sp.Inverse(S) * W.T), S),
        (sp.log(sp.Determinant(S)), S),
        (sp.Trace(sp.HadamardProduct(S, S.T) * S), S),
    ]
    point = {W: sp.ImmutableMatrix([[1, 2, 3], [0, -1, 1]]) / 5, S: sp.ImmutableMatrix([[3, 1, 0], [1, 2, 1], [0, 2, 4]]) / 3}
    for loss, variable in losses:
        node = gradient(loss, variable)
        exact = EXACT.measure(node, point, BUDGET, STREAM).value
        for instrument in (AUTODIFF, COMPLEX_STEP):
            found = instrument.measure(node, point, BUDGET, STREAM)
            assert isinstance(found, Approx), found
            for ball, value, error in zip(exact.entries(), found.value.ravel(), found.error.ravel(), strict=True):
                assert abs(ball - arb(float(value))) <= arb(float(error)) * 2


def test_no_gradient_at_a_kink() -> None:
    node, point = gradient(sp.Max(x, y), x), {x: sp.Integer(1), y: sp.Integer(1)}
    for instrument in (AUTODIFF, EXACT):
        answer = instrument.measure(node, point, BUDGET, STREAM)
        assert isinstance(answer, Refusal) and "no derivative" in answer.reason
    assert isinstance(COMPLEX_STEP.measure(node, point, BUDGET, STREAM), Refusal)


def test_a_complex_step_that_floating_point_may_put_on_the_wrong_side_of_a_kink_is_refused() -> None:
    third = sp.Rational(1, 3)
    node = gradient(sp.Max(x, y), x)
    for gap in (sp.Rational(1, 10**16), -sp.Rational(1, 10**16), sp.Rational(1, 10**30)):
        assert isinstance(COMPLEX_STEP.measure(node, {x: third + gap, y: third}, BUDGET, STREAM), Refusal)
    beside = COMPLEX_STEP.measure(node, {x: third + sp.Rational(1, 10**10), y: third}, BUDGET, STREAM)
    assert isinstance(beside, Approx) and beside.value == 1
    assert isinstance(COMPLEX_STEP.supports(gradient(sp.Abs(x) + sp.Max(x, y), x)), Refusal)


def test_a_kink_that_has_a_derivative_is_told_from_one_that_has_none() -> None:
    at = {x: sp.Integer(0)}
    square = EXACT.measure(gradient(sp.Max(0, x) ** 2, x), at, BUDGET, STREAM)
    assert isinstance(square, Ball) and square.value == 0
    corner = EXACT.measure(gradient(sp.Abs(x), x), at, BUDGET, STREAM)
    assert isinstance(corner, Refusal) and corner.divergent
    beside = EXACT.measure(gradient(sp.Abs(x), x), {x: sp.Rational(-1, 10**9)}, BUDGET, STREAM)
    assert isinstance(beside, Ball) and beside.value == -1


def test_no_gradient_where_an_entry_meets_a_kink() -> None:
    W = sp.MatrixSymbol("W", 2, 2)
    node = gradient(sp.Trace(ElementwiseApplyFunction(sp.Lambda(x, sp.Max(0, x)), W)), W)
    for instrument in (AUTODIFF, COMPLEX_STEP, EXACT):
        assert isinstance(instrument.measure(node, {W: sp.ImmutableMatrix([[0, 1], [1, 1]])}, BUDGET, STREAM), Refusal)
    answer = EXACT.measure(node, {W: sp.ImmutableMatrix([[-1, 0], [0, 1]])}, BUDGET, STREAM)
    assert isinstance(answer, Refusal)


def test_hadamard_powers_have_gradients() -> None:
    W = sp.MatrixSymbol("W", 2, 2)
    at = {W: sp.ImmutableMatrix([[2, 5], [7, 3]])}
    for power in (2, 3):
        answer = EXACT.measure(gradient(sp.Trace(sp.HadamardPower(W, power)), W), at, BUDGET, STREAM)
        assert isinstance(answer, Ball) and answer.value == arb_mat([[power * 2 ** (power - 1), 0], [0, power * 3 ** (power - 1)]])


def test_what_has_to_be_measured_itself_is_refused() -> None:
    z = Normal("z", 0, 1)
    for instrument in (AUTODIFF, COMPLEX_STEP, EXACT):
        assert isinstance(instrument.supports(gradient(Expectation(sp.Max(z, x)), x)), Refusal)
        assert isinstance(instrument.supports(gradient(z * x, x)), Refusal)
        assert isinstance(instrument.supports(Variance(z)), Refusal)


def test_a_loss_that_is_not_defined_is_a_refusal() -> None:
    node = gradient(sp.log(x), x)
    for instrument in (AUTODIFF, COMPLEX_STEP, EXACT):
        assert isinstance(instrument.measure(node, {x: sp.S.Zero}, BUDGET, STREAM), Refusal)


def test_three_instruments_for_a_gradient() -> None:
    willing, _ = instruments_for(gradient(LinearNetwork(2).loss, LinearNetwork(2).weight(1)))
    assert {"autodiff", "complex_step", "exact_gradient"} <= {instrument.name for instrument in willing}


n = sp.Symbol("n", integer=True, positive=True)
S, A, mu = sp.MatrixSymbol("S", n, n), sp.MatrixSymbol("A", 2, n), sp.MatrixSymbol("mu", n, 1)
X, Y = gaussian_vector("X", S, mu), gaussian_vector("Y", 2 * S)


@pytest.mark.parametrize(
    ("node", "value"),
    [
        (VarianceMatrix(A * X), A * S * A.T),
        (VarianceMatrix(x * X + Y), (x**2 + 2) * S),
        (CrossCovarianceMatrix(X + Y, X - Y), -S),
        (ExpectationMatrix(A * X), sp.MatMul(A, mu)),
    ],
    ids=str,
)
def test_covariances_by_probing(node: sp.Basic, value: sp.Basic) -> None:
    for point in Domain((S, A, mu, x), (sp.Q.symmetric(S), sp.Q.positive_definite(S))).points(3, random.Random(1)):
        sizes = {n: point[n]}
        values = {symbol.xreplace(sizes): point[symbol] for symbol in (S, A, mu)}
        truth = value.xreplace(sizes).xreplace(values).xreplace({x: point[x]}).doit()
        answer = COVARIANCE.measure(node, point, BUDGET, STREAM)
        assert isinstance(answer, Ball)
        assert encloses(answer.value, rational(truth))


def test_quadratic_vectors_are_refused() -> None:
    assert isinstance(COVARIANCE.supports(VarianceMatrix(X * X.T * X)), Refusal)
    assert isinstance(COVARIANCE.supports(Variance(sp.Trace(mu.T * X))), Refusal)


@pytest.mark.parametrize("instrument", [AUTODIFF, COMPLEX_STEP])
@pytest.mark.parametrize("loss", [sp.exp(-(sp.Max(x, y) ** 2)), sp.exp(-(x**2)), sp.exp(-(x**2) / 13) * (1 + sp.Max(x, y))])
def test_what_doubles_cannot_hold_is_within_the_error(instrument, loss) -> None:
    """At x = 100 the derivative is near 10^-4341, or 10^-333: a double is 0 there, and the truth is not."""
    point = {x: sp.Integer(100 if loss.has(sp.exp(-(x**2))) else 95), y: sp.Integer(7)}
    found = instrument.measure(gradient(loss, x), point, BUDGET, STREAM)
    assert isinstance(found, Approx)
    truth = sp.N(loss.xreplace({sp.Max(x, y): x}).diff(x).xreplace(point), 30)
    assert truth != 0 and abs(sp.Float(found.value, 30) - truth) <= found.error
