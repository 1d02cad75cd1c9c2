"""The landscape of deep linear networks: where a point at rest is a global minimum, where it is not, and what it is then.

With square layers that are all invertible it is global. With a convex differentiable loss and hidden layers at least as wide as
input or output there are no spurious minima; one narrow layer, or a loss with a kink, and there may be some. Where two layers
vanish the Hessian is that of a saddle, or nothing. A dead ReLU network is a spurious minimum at any width.
"""

from itertools import permutations
from typing import Any

from sympy import Abs, Add, Eq, Ge, Le, Lt, Matrix, MatrixSymbol, Mul, Q, Rational, Trace, diag, eye, hessian, sqrt, symbols
from sympy.combinatorics import Permutation

from lemmata.theory.activations import relu
from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.gradients import gradient
from lemmata.theory.linear_networks import square_loss
from lemmata.theory.rules.inequality import at_most
from lemmata.theory.rules.matrix_calculus import matrix_calculus
from lemmata.theory.source import Source
from lemmata.theory.spectral_radii import spectral_radius
from lemmata.verify.claim import Claim

GLOBAL = Source("hardt-ma-2017", "theorem 2.2, stationary points with layers near the identity")
SADDLES = Source("yarotsky-lecture", "slide on linear networks, exercise on W_k = W_n = 0")
FIRST = Source("laurent-von-brecht-linear-2018", "theorem 1, convex differentiable losses")
SECOND = Source("laurent-von-brecht-linear-2018", "theorem 2, convex losses with a kink")
LEMMA = Source("yarotsky-lecture", "slide on the theorem of Laurent and von Brecht, lemma and its note on products")
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


def determinant(matrix: Any) -> Any:
    """Leibniz's sum over permutations, products of entries that SymPy does not expand."""
    size = range(matrix.rows)
    return Add(*(Permutation(list(order)).signature() * Mul(*(matrix[i, order[i]] for i in size)) for order in permutations(size)))


def hessian_at_zero(hidden: int) -> Any:
    """The Hessian of the loss of two layers, 2 - hidden - 2, at W_1 = W_2 = 0, for R = (a, b; c, d) and a diagonal second moment."""
    lower = Matrix(hidden, 2, symbols(f"u_1:{2 * hidden + 1}", real=True))
    upper = Matrix(2, hidden, symbols(f"v_1:{2 * hidden + 1}", real=True))
    weights = [*lower, *upper]
    error = upper * lower - target
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
    *(
        Claim(
            f"linear-hessian-at-zero-hidden-{hidden}",
            Eq(spectral_radius(hessian_at_zero(hidden)), largest),
            given=bounded,
            source=SADDLES,
            about=f"The largest of them is the norm of R Sigma, for {hidden} hidden neurons: a strict saddle unless R = 0 (row Y.46).",
        )
        for hidden in (1, 2)
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

# Theorem 1: runs of descent against the convex optimum, and without its assumption on widths.

WIDTHS = {1: (3, 4, 5, 2), 2: (3, 3, 2), 3: (3, 2, 2, 2), 4: (3, 1, 2)}
GOAL = 1e-8
"""A loss that near the least is at the bottom; the gaps of narrow networks are many thousands of times as large."""
STEPS = 100


def _ends(loss: str, widths: int, size: int, rng: Any, device: str) -> Any:
    from lemmata.numerics.landscape.linear_descent import ConvexLoss, ends

    return ends(ConvexLoss(loss), WIDTHS[widths], size, rng, device, steps=STEPS)


LOSSES = ("square", "huber", "logistic")


@experiment
def reaches_the_floor(loss: int, widths: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether damped descent ends within GOAL of a proved lower bound (Fenchel's) on the loss of every linear map."""
    return _ends(LOSSES[loss], widths, size, rng, device).above_floor < GOAL


@experiment
def stays_above(loss: int, widths: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether it ends above the loss of a linear map that is at hand, by more than 100 GOAL."""
    return _ends(LOSSES[loss], widths, size, rng, device).above_witness > 100 * GOAL


MANY_RUNS = [
    *(
        Claim(
            f"linear-no-spurious-minima-{LOSSES[loss]}-{'-'.join(map(str, WIDTHS[widths]))}",
            Ge(frequency(reaches_the_floor(loss, widths), 1024), Rational(99, 100)),
            source=FIRST,
            about=f"Random data and starts, widths {' - '.join(map(str, WIDTHS[widths]))}, the {LOSSES[loss]} loss: descent by damped "
            "steps ends within 1e-8 of a bound that no linear map is below, proved by duality (row Y.53).",
        )
        for loss, widths in ((0, 1), (0, 3), (1, 1), (1, 2), (1, 3), (2, 1), (2, 3))
    ),
    *(
        Claim(
            f"linear-narrow-layer-{name}",
            Ge(frequency(stays_above(loss, 4), 1024), Rational(99, 100)),
            source=FIRST,
            about=f"Widths 3 - 1 - 2, the {name} loss: a hidden layer narrower than input and output ends above a linear map that is at "
            "hand, by more than 1e-6 (row Y.53).",
        )
        for loss, name in enumerate(LOSSES)
    ),
]

# Theorem 2: the mean of |.| over two inputs e_1, e_2, a target (0, -1), one hidden neuron (a, b), output weight w.

w, t = symbols("w t", real=True)
y, z_ = symbols("y s", positive=True)
beyond, u = symbols("c u", nonnegative=True)


def absolute_loss(output: Any, e1: Any, e2: Any) -> Any:
    """|w a| + |w b + 1|."""
    return Abs(output * e1) + Abs(output * e2 + 1)


def squared(output: Any, e1: Any, e2: Any) -> Any:
    """(w a)^2 + (w b + 1)^2."""
    return (output * e1) ** 2 + (output * e2 + 1) ** 2


KINK = [
    Claim(
        "l1-local-minimum-same-signs",
        Eq(absolute_loss(u, y + beyond, y), 1 + u * (2 * y + beyond)),
        source=SECOND,
        about="Near w = 0, (a, b) = (1, 0), where |b| <= |a| (a = b + c), the loss |w a| + |w b + 1| is at least 1: where w b >= 0 it is "
        "1 + |w| (|a| + |b|)... (row Y.54)",
    ),
    Claim(
        "l1-local-minimum-opposite-signs",
        Eq(absolute_loss(-1 / (y + z_), y + beyond, y), 1 + beyond / (y + z_)),
        source=SECOND,
        about="... where -1 < w b < 0, w = -1/(b + s), it is 1 + |w| (|a| - |b|)... (row Y.54)",
    ),
    Claim(
        "l1-local-minimum-beyond",
        Eq(absolute_loss(-1 / y - u, y + beyond, y), 1 + beyond / y + u * (2 * y + beyond)),
        source=SECOND,
        about="... and beyond it, w = -1/b - u, it is |w| (|a| + |b|) - 1 = 1 + c/b + u (2 b + c). Other signs of w, a and b are "
        "mirror images: so 1 is a local minimum (row Y.54).",
    ),
    Claim(
        "l1-local-minimum",
        Ge(absolute_loss(w, a, b), 1),
        given=[Le(b**2, a**2)],
        source=SECOND,
        about="All of it at once: the loss is at least 1 wherever |b| <= |a|, and 1 at w = 0 (row Y.54).",
    ),
    Claim(
        "l1-global-minimum",
        Eq(absolute_loss(-1, 0 * m, 1), 0, evaluate=False),
        source=SECOND,
        about="The global minimum is 0, at w = -1, (a, b) = (0, 1): the other one is spurious (row Y.54).",
    ),
    Claim(
        "l1-no-spurious-minimum",
        Ge(absolute_loss(w, a, b), 1),
        given=[Le(a**2, 4), Le(b**2, 4), Le(w**2, 4)],
        source=FIRST,
        about="Elsewhere the loss is below 1: theorem 1 needs a differentiable loss (row Y.54).",
        expect="refuted",
    ),
    Claim(
        "squared-loss-no-local-minimum",
        Ge(squared(w, a, b), 1),
        given=[Le(b**2, a**2), Le(w**2, Rational(1, 100)), Ge(a, Rational(9, 10)), Le(a, Rational(11, 10))],
        source=SECOND,
        about="With the square loss the same point is no local minimum: it falls along w < 0 < b (row Y.54).",
        expect="refuted",
    ),
    Claim(
        "product-map-not-open",
        Le((w * a * t) ** 2, (w * a) ** 2),
        given=[Le(t, 1), Ge(t, -1)],
        source=LEMMA,
        about="(w, a, b) -> (w a, w b), b = a t, maps a neighbourhood of (0, 1, 0) into the double cone |y| <= |x|, which is no "
        "neighbourhood of 0: the product map is not open there (row Y.56).",
        derivation=lambda lhs: lhs.by(at_most, (w * a) ** 2),
    ),
]

# The exercise that follows the lemma: what is stationary as a product is global, because the loss of the product is convex.

X, Y = MatrixSymbol("X", m, n), MatrixSymbol("Y", m, n)
inputs_moment = MatrixSymbol("Sigma", n, n)

LEMMAS = [
    Claim(
        "linear-product-stationary-is-global",
        Eq(
            square_loss(X - wide, inputs_moment)
            - square_loss(Y - wide, inputs_moment)
            - Trace((X - Y).T * gradient(square_loss(Y - wide, inputs_moment), Y)),
            square_loss(X - Y, inputs_moment),
        ),
        given=(Q.symmetric(inputs_moment), Q.positive_definite(inputs_moment)),
        source=LEMMA,
        about="A linear map Y at which the loss is stationary is a global minimum: any other exceeds it by 1/2 E|(X - Y) x|^2 "
        "(rows Y.53, Y.56).",
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


WIDE = [
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
        Eq(wide_network((1, -1), (0 * m, 0), (1, 0)), 0, evaluate=False),
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
