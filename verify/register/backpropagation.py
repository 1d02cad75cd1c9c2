"""Backpropagation: what a gradient costs by a reverse sweep, counted on programs, and what by difference quotients."""

from sympy import DiagMatrix, Eq, Ge, Gt, Lambda, Le, MatrixSymbol, Symbol, Trace, symbols, tanh
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from lemmata.theory.gradients import gradient
from lemmata.theory.rules.cheap_gradient import first_contributions, per_operation
from lemmata.theory.rules.cost_in_sizes import cost_in_sizes
from lemmata.theory.rules.layer_jacobians import layer_jacobians
from lemmata.theory.rules.matrix_calculus import matrix_calculus
from lemmata.theory.sample_programs import (
    additive_line,
    continued_fraction,
    multilayer,
    rectified,
    repeated_squaring,
    straight_line,
)
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

EXERCISE = Source("yarotsky-lecture", "exercise: backpropagation takes O(N), finite differences O(W N)")
BAUR_STRASSEN = Source("baur-strassen-1983", "theorem 2")
GRIEWANK = Source("griewank-walther-2008", "section 3.4")

d, N, k, n = symbols("d N k n", integer=True, positive=True)
sizes = [Le(d, 8), Le(N, 120), Le(k, 10**6)]

line, positive = straight_line(d, N, k), additive_line(d, N, k)
fraction, square = continued_fraction(n), repeated_squaring(n)

BOUNDS = [
    Claim(
        "reverse-sweep-costs-five",
        Le(line.gradient, 5 * line.forward),
        given=sizes,
        source=BAUR_STRASSEN,
        about="Output and all partial derivatives cost at most five times the output, for every program of "
        "elementary operations (row Y.8).",
        derivation=lambda lhs: lhs.by(per_operation),
    ),
    Claim(
        "reverse-sweep-attains-five",
        Eq(fraction.gradient, 5 * fraction.forward - 1),
        given=[Le(n, 200)],
        source=GRIEWANK,
        about="Five cannot be improved while changes of sign count: z <- x/z does all it can have to do at every step but one (row Y.8).",
    ),
    Claim(
        "reverse-sweep-costs-four",
        Le(fraction.gradient, 4 * fraction.forward),
        given=[Le(n, 200)],
        source=GRIEWANK,
        about="Four times is not enough for it (row Y.8).",
        expect="refuted",
    ),
    Claim(
        "reverse-sweep-without-signs-costs-four",
        Le(positive.gradient, 4 * positive.forward),
        given=sizes,
        source=GRIEWANK,
        about="Four times is enough where no adjoint subtracts: first contributions are copies (row Y.8).",
        derivation=lambda lhs: lhs.by(first_contributions),
    ),
    Claim(
        "reverse-sweep-without-signs-attains-four",
        Eq(square.gradient, 4 * square.forward),
        given=[Le(n, 200)],
        source=GRIEWANK,
        about="Repeated squaring attains it at every length (row Y.8).",
    ),
]

# Layered networks d_0 - d_1 - d_2 - 1 without biases, differentiated by their weights.

d0, d1, d2 = symbols("d_0 d_1 d_2", integer=True, positive=True)
small = [Le(d0, 20), Le(d1, 20), Le(d2, 20)]
network, rectifiers = multilayer(d0, d1, d2), rectified(d0, d1, d2)

NETWORKS = [
    Claim(
        "network-evaluation-cost",
        Eq(network.forward, 2 * (d0 * d1 + d1 * d2 + d2) - 1),
        given=small,
        source=EXERCISE,
        derivation=lambda lhs: lhs.by(cost_in_sizes),
        about="A network costs two operations a weight, a product and a sum, less one (row Y.8)...",
    ),
    Claim(
        "network-gradient-cost",
        Eq(network.gradient, 3 * d0 * d1 + 5 * d1 * d2 + 2 * d1 + 7 * d2 - 1),
        given=small,
        source=EXERCISE,
        derivation=lambda lhs: lhs.by(cost_in_sizes),
        about="... and with its gradient three in the first layer, which is not differentiated by its inputs, and "
        "five in the others (row Y.8).",
    ),
    Claim(
        "network-gradient-costs-three",
        Gt(3 * network.forward - network.gradient, 0),
        given=[Ge(d0, 2), *small],
        source=EXERCISE,
        derivation=lambda lhs: lhs.by(cost_in_sizes),
        about="Less than three evaluations for every network with at least two inputs (row Y.8)...",
    ),
    Claim(
        "network-gradient-costs-three-always",
        Gt(3 * network.forward - network.gradient, 0),
        given=[Le(d0, 2), Le(d1, 2), Le(d2, 4)],
        source=EXERCISE,
        about="... but not for the thinnest ones, where the derivatives of tanh count (row Y.8).",
        expect="refuted",
    ),
    Claim(
        "rectifier-gradient-costs-three",
        Gt(3 * rectifiers.forward - rectifiers.gradient, 0),
        given=small,
        source=EXERCISE,
        derivation=lambda lhs: lhs.by(cost_in_sizes),
        about="With relu, less than three evaluations for every one (row Y.8).",
    ),
    Claim(
        "network-10-50-50-1",
        Eq(multilayer(10, 50, 50).gradient, 14449),
        source=EXERCISE,
        about="10-50-50-1: 14449 operations against 6099 of an evaluation, 2.37 times as many (row Y.8).",
    ),
]

# Difference quotients: one evaluation for each weight, and one more.

weights = d0 * d1 + d1 * d2 + d2
tiny = [Le(d0, 4), Le(d1, 4), Le(d2, 4)]

DIFFERENCES = [
    Claim(
        "forward-differences-cost",
        Eq(network.forward_differences, (weights + 1) * (2 * weights - 1) + 3 * weights),
        given=tiny,
        source=EXERCISE,
        about="Forward differences take W + 1 evaluations, and three operations more for each weight: a step, a "
        "difference, a quotient (row Y.8).",
    ),
    Claim(
        "forward-differences-cost-printed",
        Eq(network.forward_differences, (weights + 1) * network.forward),
        given=tiny,
        source=EXERCISE,
        about="(W + 1) N counts the evaluations alone (row Y.8).",
        expect="refuted",
    ),
    Claim(
        "central-differences-cost",
        Eq(network.central_differences, 2 * weights * (2 * weights - 1) + 4 * weights),
        given=tiny,
        source=EXERCISE,
        about="Central differences take 2 W evaluations and four operations more for each weight (row Y.8).",
    ),
    Claim(
        "differences-cost-more",
        Ge(3 * network.forward_differences, (weights + 1) * network.gradient),
        given=[Ge(d0, 2), *tiny],
        source=EXERCISE,
        about="Difference quotients cost at least (W + 1)/3 reverse sweeps (row Y.8).",
    ),
]

# The gradient as a product of Jacobians, last layer first: a network d_0 - d_1 - d_2 - d_3 of any widths, g the gradient by its output.

p0, p1, p2, p3 = symbols("p_0 p_1 p_2 p_3", integer=True, positive=True)
W1, W2, W3 = MatrixSymbol("W_1", p1, p0), MatrixSymbol("W_2", p2, p1), MatrixSymbol("W_3", p3, p2)
b1, input_, g = MatrixSymbol("b_1", p1, 1), MatrixSymbol("x", p0, 1), MatrixSymbol("g", p3, 1)
t = Symbol("u", real=True)


def entrywise(function, column):
    """A function of one variable, entry by entry."""
    return ElementwiseApplyFunction(Lambda(t, function), column)


z1 = W1 * input_ + b1
a1 = entrywise(tanh(t), z1)
z2 = W2 * a1
a2 = entrywise(tanh(t), z2)
loss = Trace(g.T * W3 * a2)
J1, J2 = (DiagMatrix(entrywise(1 - tanh(t) ** 2, z)) for z in (z1, z2))
CHAIN = Source("yarotsky-lecture", "backpropagation")


def layer(name, variable, product, about, expect=None):
    """The gradient by the parameters of one layer."""
    derivation = None if expect else lambda lhs: lhs.by(matrix_calculus).by(layer_jacobians)
    return Claim(name, Eq(gradient(loss, variable), product), source=CHAIN, about=about, derivation=derivation, expect=expect)


LAYERS = [
    Claim(
        "backpropagation-last-layer",
        Eq(gradient(loss, W3), g * a2.T),
        source=CHAIN,
        about="The gradient by the last weights: the gradient by the output times what comes in (row Y.7).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    ),
    layer(
        "backpropagation-second-layer",
        W2,
        J2 * W3.T * g * a1.T,
        "One layer down: through the last weights and the Jacobian diag(phi'(z_2)) of the activations (row Y.7).",
    ),
    layer(
        "backpropagation-first-layer",
        W1,
        J1 * W2.T * J2 * W3.T * g * input_.T,
        "Two layers down: the product of the Jacobians of all layers above (row Y.7).",
    ),
    layer(
        "backpropagation-first-bias", b1, J1 * W2.T * J2 * W3.T * g, "The same for a bias, whose own Jacobian is the identity (row Y.7)."
    ),
    layer(
        "backpropagation-without-a-jacobian",
        W2,
        W3.T * g * a1.T,
        "With the Jacobian of a layer left out (row Y.7).",
        "refuted",
    ),
]
