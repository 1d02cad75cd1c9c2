"""Linear networks under convex losses: where no minimum is spurious, and where one is.

With a convex differentiable loss and hidden layers at least as wide as input or output there are no spurious minima; one narrow layer,
or a loss with a kink, and there may be some.
"""

from typing import Any

from sympy import Abs, Eq, Ge, Le, MatrixSymbol, Q, Rational, Trace, symbols

from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.gradients import gradient
from lemmata.theory.linear_networks import square_loss
from lemmata.theory.rules.inequality import at_most
from lemmata.theory.rules.matrix_calculus import matrix_calculus
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

FIRST = Source("laurent-von-brecht-linear-2018", "theorem 1, convex differentiable losses")
SECOND = Source("laurent-von-brecht-linear-2018", "theorem 2, convex losses with a kink")
LEMMA = Source("yarotsky-lecture", "slide on the theorem of Laurent and von Brecht, lemma and its note on products")

m, n = symbols("m n", integer=True, positive=True)
a, b = symbols("a b", real=True)
wide = MatrixSymbol("R", m, n)

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
            Ge(frequency(reaches_the_floor(loss, widths), 1024 if widths == 3 else 512), Rational(99, 100)),
            source=FIRST,
            about=f"Random data and starts, widths {' - '.join(map(str, WIDTHS[widths]))}, the {LOSSES[loss]} loss: descent by damped "
            "steps ends within 1e-8 of a bound that no linear map is below, proved by duality (row Y.53).",
        )
        for loss, widths in ((0, 1), (0, 3), (1, 1), (1, 2), (1, 3), (2, 1), (2, 3))
    ),
    *(
        Claim(
            f"linear-narrow-layer-{name}",
            Ge(frequency(stays_above(loss, 4), 512), Rational(99, 100)),
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
        Eq(absolute_loss(-y, a, 1 / y + u) + absolute_loss(-y, a, 1 / y - u), 2 * y * (Abs(a) + u)),
        source=SECOND,
        about="Around -y and (0, 1/y) the loss grows as y (|a| + u) to both sides of 1/y: it is 0 there for every y > 0, so that the "
        "other minimum is spurious (row Y.54).",
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
