"""Deep linear networks: the square loss, its gradient with respect to every layer at once, and where it vanishes."""

from __future__ import annotations

from itertools import combinations

from sympy import Eq, MatrixSymbol, Q, Symbol, Trace, ZeroMatrix, symbols
from sympy.stats import Expectation

from lemmata.theory.gaussian_vector import gaussian_vector
from lemmata.theory.gradients import gradient
from lemmata.theory.linear_networks import LinearNetwork, square_loss
from lemmata.theory.rules.covariance_algebra import covariance_algebra
from lemmata.theory.rules.matrix_calculus import matrix_calculus
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

LOSS = Source("yarotsky-lecture", "slide on linear networks, the loss as a trace, L(W) = 1/2 tr(D* D Sigma)")
GRADIENT = Source("yarotsky-lecture", "slide on linear networks, the gradient with respect to W_k")
EXERCISE = Source("yarotsky-lecture", "slide on linear networks, exercise on W_k = W_n = 0")

m, n, p, q = symbols("m n p q", integer=True, positive=True)
A, B = MatrixSymbol("A", m, p), MatrixSymbol("B", q, n)
W, R = MatrixSymbol("W", p, q), MatrixSymbol("R", m, n)
Sigma = MatrixSymbol("Sigma", n, n)
SECOND_MOMENT = (Q.symmetric(Sigma), Q.positive_definite(Sigma))

# The loss: half the mean square of D x, with the second moment of x that is not centred.

D, mu = MatrixSymbol("D", m, n), MatrixSymbol("mu", n, 1)
x = gaussian_vector("x", Sigma, mu)
squared_error = Trace(x.T * D.T * D * x)
uncentred = Sigma + mu * mu.T

loss_as_trace = Claim(
    "linear-loss-as-trace",
    Eq(Expectation(squared_error) / 2, square_loss(D, uncentred)),
    given=SECOND_MOMENT,
    source=LOSS,
    about="Half the mean square error 1/2 E|f(x) - Rx|^2 is 1/2 tr(D^T D E[x x^T]), D = W_K...W_1 - R (rows Y.38, Y.39).",
    derivation=lambda lhs: lhs.by(covariance_algebra),
)

loss_without_half = Claim(
    "linear-loss-without-half",
    Eq(Expectation(squared_error), square_loss(D, uncentred)),
    given=SECOND_MOMENT,
    source=Source("yarotsky-lecture", "slide on linear networks, L(W) = ||f - f_W||^2"),
    about="The norm is printed without the factor 1/2 that the trace has (row Y.38).",
    expect="refuted",
)

loss_with_centred_covariance = Claim(
    "linear-loss-with-centred-covariance",
    Eq(Expectation(squared_error) / 2, square_loss(D, Sigma)),
    given=SECOND_MOMENT,
    source=Source("yarotsky-lecture", "slide on linear networks, Sigma called the covariance of x"),
    about="With the centred covariance the trace misses the mean of the inputs: Sigma must be E[x x^T] (row Y.39).",
    expect="refuted",
)

# The gradient: A = W_K...W_(k+1) and B = W_(k-1)...W_1 are constant matrices, so one statement covers every layer.

deviation = A * W * B - R

gradient_of_any_layer = Claim(
    "linear-gradient-any-layer",
    Eq(gradient(square_loss(deviation, Sigma), W), A.T * deviation * Sigma * B.T),
    given=SECOND_MOMENT,
    source=GRADIENT,
    about="The gradient with respect to W_k is (W_K...W_(k+1))^T D Sigma (W_(k-1)...W_1)^T, for every k at once (row Y.44).",
    derivation=lambda lhs: lhs.by(matrix_calculus),
)

gradient_without_moment = Claim(
    "linear-gradient-without-second-moment",
    Eq(gradient(square_loss(deviation, Sigma), W), A.T * deviation * B.T),
    given=SECOND_MOMENT,
    source=Source("saxe-2014", "the dynamics for whitened inputs, used where the inputs are not white"),
    about="The gradient for inputs with E[x x^T] = 1 is wrong for any other second moment (row Y.44).",
    expect="refuted",
)


def _every_gradient(network: LinearNetwork, formula: bool) -> object:
    """sum_k tr(H_k^T G_k) for arbitrary H_k: equal for all H exactly when every G_k is."""
    total = 0
    for layer in range(1, network.depth + 1):
        if formula:
            value = network.above(layer).T * network.deviation * network.moment * network.below(layer).T
        else:
            value = gradient(network.loss, network.weight(layer))
        total += Trace(network.weight(layer, "H").T * value)
    return total


def _gradients_at_depth(depth: int) -> Claim:
    network = LinearNetwork(depth)
    return Claim(
        f"linear-gradient-depth-{depth}",
        Eq(_every_gradient(network, formula=False), _every_gradient(network, formula=True)),
        given=(Q.symmetric(network.moment), Q.positive_definite(network.moment)),
        source=GRADIENT,
        about=f"All {depth} gradients of a network with {depth} layers of any widths, each tested by an arbitrary matrix H_k (row Y.44)."
        if depth > 1
        else "The gradient of linear regression, tested by an arbitrary matrix H_1 (row Y.44).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
        uses=(gradient_of_any_layer,),
    )


gradients_at_depth = [_gradients_at_depth(depth) for depth in range(1, 7)]

# Critical points: every gradient holds all the other layers, so two layers that vanish make all of them vanish.


def _critical(depth: int, first: int, second: int) -> Claim:
    network = LinearNetwork(depth)
    zeros = [Eq(network.weight(k), ZeroMatrix(*network.weight(k).shape)) for k in (first, second)]
    return Claim(
        f"linear-critical-point-depth-{depth}-layers-{first}-{second}",
        Eq(_every_gradient(network, formula=False), 0),
        given=(Q.symmetric(network.moment), Q.positive_definite(network.moment), *zeros),
        source=EXERCISE,
        about=f"Where W_{first} = W_{second} = 0 in {depth} layers, the gradient with respect to every layer is 0 (row Y.46).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    )


critical_points = [_critical(depth, *pair) for depth in (2, 3) for pair in combinations(range(1, depth + 1), 2)] + [_critical(5, 2, 4)]


critical_for_zero_layer = Claim(
    "linear-critical-point-zero-layer",
    Eq(gradient(square_loss(A * W * B - R, Sigma), W), ZeroMatrix(p, q)),
    given=(*SECOND_MOMENT, Eq(A, ZeroMatrix(m, p))),
    source=EXERCISE,
    about="A layer is at rest as soon as the product of the layers above it is 0 (row Y.46).",
    derivation=lambda lhs: lhs.by(matrix_calculus),
    uses=["linear-gradient-any-layer"],
)

one_zero_layer = Claim(
    "linear-critical-point-one-zero-layer",
    Eq(gradient(square_loss(A * W * B - R, Sigma), W), ZeroMatrix(p, q)),
    given=(*SECOND_MOMENT, Eq(W, ZeroMatrix(p, q))),
    source=EXERCISE,
    about="One zero layer is not enough: its own gradient is -A^T R Sigma B^T (row Y.46).",
    expect="refuted",
)

rate = Symbol("r", real=True)
inner, outer = MatrixSymbol("V", p, n), MatrixSymbol("U", m, p)

second_order = Claim(
    "linear-saddle-second-order",
    Eq(
        gradient(square_loss(rate * outer * inner - R, Sigma), rate),
        rate * Trace(inner.T * outer.T * outer * inner * Sigma) - Trace(R.T * outer * inner * Sigma),
    ),
    given=SECOND_MOMENT,
    source=EXERCISE,
    about="Along (W_2, W_1) = sqrt(r) (U, V) the loss falls from W = 0 at the rate tr(R^T U V Sigma) in r: "
    "the critical point W = 0 of two layers is a strict saddle wherever R Sigma is not 0 (row Y.46).",
    derivation=lambda lhs: lhs.by(matrix_calculus),
)
