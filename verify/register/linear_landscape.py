"""The landscape of deep linear networks: where a point at rest is a global minimum, where it is not, and what it is then.

With square layers that are all invertible it is global. Where two layers vanish the Hessian is that of a saddle, or nothing. A dead
ReLU network is a spurious minimum at any width.
"""

from itertools import permutations
from typing import Any

from sympy import (
    Add,
    Eq,
    Gt,
    Lambda,
    Le,
    Lt,
    Matrix,
    MatrixSymbol,
    Mul,
    Q,
    Rational,
    Symbol,
    Trace,
    ZeroMatrix,
    diag,
    exp,
    eye,
    hessian,
    sqrt,
    symbols,
)
from sympy.combinatorics import Permutation
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from lemmata.theory.activations import relu
from lemmata.theory.gradients import gradient
from lemmata.theory.linear_networks import square_loss
from lemmata.theory.rules.matrix_calculus import matrix_calculus
from lemmata.theory.source import Source
from lemmata.theory.spectral_radii import spectral_radius
from lemmata.verify.claim import Claim

GLOBAL = Source("hardt-ma-2017", "theorem 2.2, stationary points with layers near the identity")
SADDLES = Source("yarotsky-lecture", "slide on linear networks, exercise on W_k = W_n = 0")
NO_SPURIOUS = Source("yarotsky-lecture", "slide on special networks: wide shallow networks have no spurious minima")

m, n, p, q = symbols("m n p q", integer=True, positive=True)
A, B, W, R, Sigma = (MatrixSymbol(name, n, n) for name in ("A", "B", "W", "R", "Sigma"))
moment = (Q.symmetric(Sigma), Q.positive_definite(Sigma))
deviation = A * W * B - R

# Square layers: the other layers cancel from a gradient that vanishes.

SQUARE = [
    Claim(
        "linear-stationary-square-layers",
        Eq(A.T.inverse() * gradient(square_loss(deviation, Sigma), W) * B.T.inverse() * Sigma.inverse(), deviation),
        given=(*moment, Q.invertible(A), Q.invertible(B)),
        source=GLOBAL,
        about="With square layers that are invertible the deviation W_K...W_1 - R is the gradient with respect to any W_k times invertible "
        "matrices: where the gradient vanishes the loss is 0, which is global (row Y.45).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
        uses=["linear-gradient-any-layer"],
    ),
    Claim(
        "linear-stationary-without-transposes",
        Eq(A.inverse() * gradient(square_loss(deviation, Sigma), W) * B.inverse() * Sigma.inverse(), deviation),
        given=(*moment, Q.invertible(A), Q.invertible(B)),
        source=GLOBAL,
        about="The layers to be cancelled are transposed (row Y.45).",
        expect="refuted",
    ),
]

# Two layers that vanish: the second order.

rate, z = symbols("r z", real=True)
entries = a, b, c, d = symbols("a b c d", real=True)
first, second = symbols("sigma_1 sigma_2", positive=True)
target, spread = Matrix([[a, b], [c, d]]), diag(first, second)
outer, middle, inner = MatrixSymbol("U_3", m, p), MatrixSymbol("U_2", p, q), MatrixSymbol("U_1", q, n)
wide = MatrixSymbol("R", m, n)
direction = outer * middle * inner
inputs = MatrixSymbol("Sigma", n, n)
upper, lower, change, shift = MatrixSymbol("V", m, p), MatrixSymbol("U", p, n), MatrixSymbol("G", p, n), MatrixSymbol("H", p, q)


def determinant(matrix: Any) -> Any:
    """Leibniz's sum over permutations, products of entries that SymPy does not expand."""
    size = range(matrix.rows)
    return Add(*(Permutation(list(order)).signature() * Mul(*(matrix[i, order[i]] for i in size)) for order in permutations(size)))


def hessian_at_zero(hidden: int) -> Any:
    """The Hessian of the loss of two layers, 2 - hidden - 2, at W_1 = W_2 = 0, for R = (a, b; c, d) and a diagonal second moment."""
    first_layer = Matrix(hidden, 2, symbols(f"u_1:{2 * hidden + 1}", real=True))
    second_layer = Matrix(2, hidden, symbols(f"v_1:{2 * hidden + 1}", real=True))
    weights = [*first_layer, *second_layer]
    error = second_layer * first_layer - target
    return hessian((error.T * error * spread).trace() / 2, weights).xreplace(dict.fromkeys(weights, 0 * m))


product = target * spread
squares, area = sum(entry**2 for entry in product), product.det()
largest = sqrt((squares + sqrt((squares - 2 * area) * (squares + 2 * area))) / 2)
"""The larger singular value of R Sigma: s^2 + s'^2 = squares, s s' = |area|."""
bounded = [*(Le(entry**2, 4) for entry in entries), Le(first, 3), Le(second, 3)]

SECOND_ORDER = [
    Claim(
        "linear-hessian-at-zero-spectrum",
        Eq(determinant(z * eye(4) - hessian_at_zero(1)), z**4 - squares * z**2 + area**2),
        source=SADDLES,
        about="At W_1 = W_2 = 0, widths 2 - 1 - 2, the eigenvalues of the Hessian are plus and minus the singular values of R Sigma, "
        "the zeros of z^4 - (s^2 + s'^2) z^2 + (s s')^2 (row Y.46).",
    ),
    Claim(
        "linear-hessian-at-zero-norm",
        Eq(spectral_radius(hessian_at_zero(2)), largest),
        given=bounded,
        source=SADDLES,
        about="The largest of them is the norm of R Sigma, here for two hidden neurons: a strict saddle unless R = 0 (row Y.46).",
    ),
    Claim(
        "linear-hessian-at-zero-two-layers",
        Eq(
            gradient(square_loss(rate * upper * (rate * lower + change) - wide, inputs), change),
            rate**3 * upper.T * upper * lower * inputs - rate * upper.T * wide * inputs,
        ),
        given=[Q.symmetric(inputs), Eq(change, ZeroMatrix(p, n))],
        source=SADDLES,
        about="Two layers of any widths, r (V, U) from 0: the gradient by the first begins with -r V^T R Sigma, that by the second with "
        "-r R Sigma U^T. The Hessian takes V to R Sigma (R Sigma)^T V when applied twice: eigenvalues +- singular values (row Y.46).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    ),
    Claim(
        "linear-hessian-at-zero-three-layers",
        Eq(
            gradient(square_loss(rate * outer * (rate * middle + shift) * (rate * inner) - wide, inputs), shift),
            rate**5 * outer.T * direction * inputs * inner.T - rate**2 * outer.T * wide * inputs * inner.T,
        ),
        given=[Q.symmetric(inputs), Eq(shift, ZeroMatrix(p, q))],
        source=SADDLES,
        about="Three layers of any widths: no gradient has a part linear in r, so that the Hessian at 0 is 0; more layers make more "
        "factors r (row Y.46).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    ),
    Claim(
        "linear-hessian-at-zero-without-moment",
        Eq(determinant(z * eye(4) - hessian_at_zero(1)), z**4 - sum(entry**2 for entry in entries) * z**2 + target.det() ** 2),
        source=SADDLES,
        about="The singular values of R alone are those for inputs with E[x x^T] = 1 only (row Y.46).",
        expect="refuted",
    ),
    Claim(
        "linear-saddle-third-order",
        Eq(
            gradient(square_loss(rate**3 * direction - wide, Sigma), rate),
            3 * rate**5 * Trace(direction.T * direction * Sigma) - 3 * rate**2 * Trace(wide.T * direction * Sigma),
        ),
        given=moment,
        source=SADDLES,
        about="From W = 0 with three layers the slope along any (U_1, U_2, U_3) begins with the square of the distance: the Hessian "
        "is 0, the saddle is not strict, and the loss falls at third order (row Y.46).",
        derivation=lambda lhs: lhs.by(matrix_calculus),
    ),
]

# A wide ReLU network that is dead: a spurious minimum, flat and not strict.

WIDTH = 2
units = [symbols(f"{name}_1:{WIDTH + 1}", real=True) for name in ("w", "b", "v")]
dead = [Lt(bias + side * weight, 0) for weight, bias in zip(units[0], units[1], strict=True) for side in (0, 1)]


def wide_network(weights: Any, biases: Any, outputs: Any) -> Any:
    """Half the mean square error on the target x at the inputs 0 and 1, of a shallow ReLU network."""
    errors = [
        sum(output * relu(weight * x + bias) for weight, bias, output in zip(weights, biases, outputs, strict=True)) - x for x in (0, 1)
    ]
    return sum(error**2 for error in errors) / 4


hidden, outputs_, samples = symbols("h k N", integer=True, positive=True)
v_ = Symbol("u", real=True)
Z, V, labels = MatrixSymbol("Z", hidden, samples), MatrixSymbol("V", outputs_, hidden), MatrixSymbol("Y", outputs_, samples)


def entrywise(function: Any, matrix: Any) -> Any:
    """A function of one variable, entry by entry."""
    return ElementwiseApplyFunction(Lambda(v_, function(v_)), matrix)


dead_error = V * entrywise(relu, -entrywise(exp, Z)) - labels

WIDE = [
    Claim(
        "wide-shallow-dead-any-width",
        Eq(Trace(dead_error.T * dead_error) / (2 * samples), Trace(labels.T * labels) / (2 * samples)),
        source=NO_SPURIOUS,
        about="Any width, any data: where all that the units are given is negative, -exp(Z), the loss is that of the output 0 whatever Z "
        "and V. This region is open: each of its points is a flat local minimum, not a strict one (row Y.25).",
        derivation=lambda lhs: lhs,
    ),
    Claim(
        "wide-shallow-dead-region",
        Eq(wide_network(*units), Rational(1, 4)),
        given=dead,
        source=NO_SPURIOUS,
        about="Two units for two inputs, none of them active: the loss is 1/4 in a whole region, so that each of its points is a "
        "local minimum (row Y.25)...",
    ),
    Claim(
        "wide-shallow-global-minimum",
        Eq(wide_network((z, -1), (0, 0), (1 / z, 0)), 0, evaluate=False),
        given=[Gt(z, 0), Le(z, 4)],
        source=NO_SPURIOUS,
        about="... and the global minimum is 0: each of them is spurious, whatever the width (row Y.25).",
    ),
    Claim(
        "wide-shallow-no-spurious-minima-printed",
        Le(wide_network(*units), 0),
        given=dead,
        source=NO_SPURIOUS,
        about="As printed, wide shallow networks have no spurious minima, so that those points would be global (row Y.25).",
        expect="refuted",
    ),
]
