"""Nonlinear networks: the gradient of every layer, its agreement with linear networks, and the pyramidal theorem.

A batch X of N inputs as columns goes through p_0 - p_1 - p_2 - p_3 to W_3 F(W_2 F(W_1 X)), the last layer linear; E is what comes out
less the targets Y. The pyramidal theorem is one identity: the gradient by the first layer, multiplied by known matrices, is E. So where
these matrices exist it vanishes only together with E.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    BlockMatrix,
    DiagMatrix,
    Eq,
    HadamardProduct,
    Inverse,
    Lambda,
    Le,
    MatrixSymbol,
    Ne,
    OneMatrix,
    Rational,
    Symbol,
    Trace,
    cosh,
    erf,
    symbols,
    tanh,
)
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from lemmata.theory.activations import relu
from lemmata.theory.gradients import gradient
from lemmata.theory.rules.descent_steps import first_step
from lemmata.theory.rules.layer_jacobians import layer_jacobians
from lemmata.theory.rules.matrix_calculus import matrix_calculus
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent
from lemmata.verify.claim import Claim

FORMULA = Source("yarotsky-lecture", "slide on nonlinear networks, the gradient with respect to W_k")
EXERCISE = Source("yarotsky-lecture", "slide on nonlinear networks, exercise: the linear case")
PYRAMID = Source("yarotsky-lecture", "slide on nonlinear networks, theorem on pyramidal networks and its proof")

N = Symbol("N", integer=True, positive=True)
widths = symbols("p_0:4", integer=True, positive=True)
u = Symbol("u", real=True)
X, Y = MatrixSymbol("X", widths[0], N), MatrixSymbol("Y", widths[3], N)
W = [MatrixSymbol(f"W_{k}", widths[k], widths[k - 1]) for k in (1, 2, 3)]


def entrywise(function: Any, matrix: Any) -> Any:
    """A function of one variable, entry by entry."""
    return ElementwiseApplyFunction(Lambda(u, function(u)), matrix)


def slopes(function: Any, matrix: Any) -> Any:
    """F'(Z), entry by entry."""
    return ElementwiseApplyFunction(Lambda(u, function(u).diff(u)), matrix)


class Batch:
    """The layers of a network of depth 3 on the batch, for one activation."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.z1 = W[0] * X
        self.a1 = entrywise(function, self.z1)
        self.z2 = W[1] * self.a1
        self.a2 = entrywise(function, self.z2)
        self.error = W[2] * self.a2 - Y
        self.loss = Trace(self.error.T * self.error) / (2 * N)

    def gradient(self, layer: int) -> Any:
        """F'_k W_(k+1)^T ... W_K^T E F_(k-1)^T / N."""
        if layer == 3:
            return self.error * self.a2.T / N
        second = HadamardProduct(W[2].T * self.error, slopes(self.function, self.z2))
        if layer == 2:
            return second * self.a1.T / N
        return HadamardProduct(W[1].T * second, slopes(self.function, self.z1)) * X.T / N


def _gradient_claim(name: str, function: Any, layer: int) -> Claim:
    batch = Batch(function)
    return Claim(
        f"nonlinear-gradient-{name}-layer-{layer}",
        Eq(gradient(batch.loss, W[layer - 1]), batch.gradient(layer)),
        source=FORMULA,
        about=f"The gradient by layer {layer} of a {name} network of any widths on any batch (row Y.60).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    )


GRADIENTS = [
    *(_gradient_claim("tanh", tanh, layer) for layer in (1, 2, 3)),
    _gradient_claim("erf", erf, 1),
]

# For one input this is backpropagation: T_1 T_2 takes the error by the output to that by z_1, T_k = diag(F'(z_k)) W_(k+1)^T.

input_, output_error = MatrixSymbol("x", widths[0], 1), MatrixSymbol("e", widths[3], 1)
z_1 = W[0] * input_
z_2 = W[1] * entrywise(tanh, z_1)
T_1, T_2 = (DiagMatrix(slopes(tanh, at)) * above.T for at, above in ((z_1, W[1]), (z_2, W[2])))

BY_JACOBIANS = Claim(
    "nonlinear-gradient-by-jacobians",
    Eq(
        HadamardProduct(W[1].T * HadamardProduct(W[2].T * output_error, slopes(tanh, z_2)), slopes(tanh, z_1)) * input_.T,
        T_1 * T_2 * output_error * input_.T,
    ),
    source=FORMULA,
    about="For one input the formula for the first layer is the product of Jacobians of backpropagation, T_1 T_2 e x^T (rows Y.60, Y.77).",
    derivation=lambda lhs: lhs.by(layer_jacobians),
    uses=["nonlinear-gradient-tanh-layer-1", "backpropagation-first-layer"],
)

# The same for relu, which has no derivative at 0: with biases and one hidden layer almost no parameters meet it.

V, b, target = MatrixSymbol("V", widths[3], widths[1]), MatrixSymbol("b", widths[1], 1), MatrixSymbol("y", widths[3], 1)
x = MatrixSymbol("x", widths[0], 1)
z = W[0] * x + b
miss = V * entrywise(relu, z) - target
back = HadamardProduct(V.T * miss, slopes(relu, z))

RECTIFIED = [
    Claim(
        f"nonlinear-gradient-relu-{name}",
        Eq(gradient(Trace(miss.T * miss) / 2, variable), value),
        source=FORMULA,
        about=f"With relu, where no unit is at its kink: the gradient by {text} (row Y.60).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    )
    for name, variable, value, text in (
        ("weights", W[0], back * x.T, "the weights of the hidden layer"),
        ("biases", b, back, "its biases"),
        ("outputs", V, miss * entrywise(relu, z).T, "the weights of the last layer, which is linear"),
    )
]

# Two hidden layers of relu, one input: biases keep almost all parameters off the kinks of both.

b_2 = MatrixSymbol("c", widths[2], 1)
second = W[1] * entrywise(relu, z) + b_2
deep_miss = W[2] * entrywise(relu, second) - target
deep_back = HadamardProduct(W[2].T * deep_miss, slopes(relu, second))
through = HadamardProduct(W[1].T * deep_back, slopes(relu, z))

DEEP_RECTIFIED = [
    Claim(
        f"nonlinear-gradient-deep-relu-{name}",
        Eq(gradient(Trace(deep_miss.T * deep_miss) / 2, variable), value),
        source=FORMULA,
        about=f"Two hidden layers of relu, where no unit is at its kink: the gradient by {text} (row Y.60).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    )
    for name, variable, value, text in (
        ("first", W[0], through * x.T, "the weights of the first layer"),
        ("second", W[1], deep_back * entrywise(relu, z).T, "the weights of the second"),
    )
]

# Agreement: the formula for activations c u is that of a linear network with the layers c W_1, c W_2, W_3.

SLOPE = Symbol("c", real=True)


def _linear_claim(layer: int) -> Claim:
    batch = Batch(lambda at: SLOPE * at)
    linear = [SLOPE * W[0], SLOPE * W[1], W[2]]
    error = linear[2] * linear[1] * linear[0] * X - Y
    formulas = {
        1: SLOPE * (linear[2] * linear[1]).T * error * X.T / N,
        2: SLOPE * linear[2].T * error * (linear[0] * X).T / N,
        3: error * (linear[1] * linear[0] * X).T / N,
    }
    return Claim(
        f"nonlinear-gradient-agrees-layer-{layer}",
        Eq(batch.gradient(layer), formulas[layer]),
        source=EXERCISE,
        about=f"With F(u) = c u the formula for layer {layer} is that of linear networks: (W_K...W_(k+1))^T E (W_(k-1)...W_1 X)^T/N "
        "(rows Y.44, Y.61).",
        derivation=lambda lhs: lhs,
        uses=[f"nonlinear-gradient-tanh-layer-{layer}"],
    )


AGREEMENT = [_linear_claim(layer) for layer in (1, 2, 3)]

# The pyramidal theorem: what a gradient by the first layer says about the error.

wide = [Le(N, widths[0]), Le(widths[2], widths[1]), Le(widths[3], widths[2])]


def _left_inverse(matrix: Any) -> Any:
    """(A A^T)^(-1) A, which takes A^T away."""
    return Inverse(matrix * matrix.T) * matrix


def _steepness(at: Any) -> Any:
    """1/tanh'."""
    return cosh(at) ** 2


def _recovered(batch: Batch) -> Any:
    """The error from the gradient by W_1: undo X^T, then F'_1, W_2^T, F'_2 and W_3^T in turn."""
    first = N * gradient(batch.loss, W[0]) * X * Inverse(X.T * X)
    second = _left_inverse(W[1]) * HadamardProduct(first, entrywise(_steepness, batch.z1))
    return _left_inverse(W[2]) * HadamardProduct(second, entrywise(_steepness, batch.z2))


PYRAMIDS = [
    Claim(
        "pyramidal-network",
        Eq(_recovered(Batch(tanh)), Batch(tanh).error),
        given=wide,
        source=PYRAMID,
        about="Where the inputs are independent and W_2, W_3 have full rank, each layer no wider than the one below, the error is a "
        "linear image of the gradient by W_1: a stationary point has loss 0, whatever W_1 (rows Y.62, Y.63).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
        uses=["nonlinear-gradient-tanh-layer-1"],
    )
]

# As printed the biases are columns of the W_k, and their ranks count: one input, one unit, one output, inputs 1 and -1, targets 0 and 2.

w1, b1, w2, b2, beta = symbols("w_1 b_1 w_2 b_2 beta", real=True)
small = sum((w2 * tanh(w1 * at + b1) + b2 - label) ** 2 for at, label in ((1, 0), (-1, 2))) / 4
place = {w1: 0, b1: beta, w2: 0, b2: 1}
alpha = Symbol("alpha", positive=True)
BIASED = Source("yarotsky-lecture", "slide on nonlinear networks, theorem on pyramidal networks, biases in the W_k")

COUNTEREXAMPLE = [
    Claim(
        "pyramidal-counterexample",
        Eq(descent(small, place, alpha)[1, small + w1**2 + (b1 - beta) ** 2 + w2**2 + (b2 - 1) ** 2], Rational(1, 2)),
        source=BIASED,
        about="At W_1 = [0, beta], W_2 = [0, 1] the loss is 1/2 and the gradient exactly 0: after a step of descent of any length the loss "
        "and the square of the way made are 1/2 together (row Y.62).",
        derivation=lambda lhs: lhs.by(first_step),
    ),
    Claim(
        "pyramidal-theorem-printed",
        Eq(descent(small, place, alpha)[1, small], 0),
        given=[Ne(beta, 0)],
        source=BIASED,
        about="Yet [0, beta], [0, 1] and the extended inputs (1, 1), (-1, 1) have full rank: as printed the loss would be 0 (row Y.62).",
        expect="refuted",
    ),
    Claim(
        "pyramidal-counterexample-repaired",
        Eq(
            gradient(small, w1) ** 2 + gradient(small, b1) ** 2,
            w2**2 * sum(((w2 * tanh(w1 * at + b1) + b2 - label) / cosh(w1 * at + b1) ** 2) ** 2 for at, label in ((1, 0), (-1, 2))) / 2,
        ),
        source=BIASED,
        about="With the rank of the weights alone, w_2 not 0, the gradient by the first layer vanishes only with both errors (row Y.62).",
    ),
]

# Biases as weights of an input that is always 1: the same network.

WITHOUT_BIASES = Claim(
    "biases-as-weights",
    Eq(BlockMatrix([[W[0], b]]) * BlockMatrix([[x], [OneMatrix(1, 1)]]), W[0] * x + b),
    source=Source("yarotsky-lecture", "slide on nonlinear networks, elimination of biases"),
    about="A layer with biases is a linear layer on inputs with one more entry, 1: [W, b] (x, 1) = W x + b (row Y.59).",
    derivation=lambda lhs: lhs,
)
