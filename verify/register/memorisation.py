"""Memorisation: a ReLU network with 2 n + d numbers takes any n different inputs of d entries to any labels."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, Lambda, Lt, OneMatrix, Symbol, Trace, symbols
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from lemmata.theory.activations import relu
from lemmata.theory.data import DataMatrix
from lemmata.theory.rules.complete_square import complete_square
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

EXERCISE = Source("yarotsky-lecture", "slide on expressivity, exercise: a network with 2n + d weights fits any n labels")

# Twenty images, each by the sums of its 8 lines of pixels, with labels that have nothing to do with them: 48 numbers, exact.

n, d = 20, 8
LOADED = "lemmata.numerics.memorisation"
X, y = DataMatrix("X", n, d, f"{LOADED}:images"), DataMatrix("y", n, 1, f"{LOADED}:labels")
a, b, v = (
    DataMatrix("a", d, 1, f"{LOADED}:direction"),
    DataMatrix("b", 1, n, f"{LOADED}:biases"),
    DataMatrix("v", n, 1, f"{LOADED}:outputs"),
)
u = Symbol("u", real=True)
every, each = OneMatrix(n, 1), OneMatrix(1, n)


def rectified(matrix: Any) -> Any:
    """relu, entry by entry."""
    return ElementwiseApplyFunction(Lambda(u, relu(u)), matrix)


def misfit(outputs: Any) -> Any:
    """The sum of the squared errors."""
    return Trace((outputs - y).T * (outputs - y))


IMAGES = [
    Claim(
        "memorisation-one-hidden-layer",
        Eq(misfit(rectified(X * a * each - every * b) * v), 0),
        source=EXERCISE,
        about="One hidden layer of n units with one direction a: d + n + n numbers take 20 images to arbitrary labels, error exactly 0 "
        "(row Y.58).",
    ),
    Claim(
        "memorisation-two-hidden-layers",
        Eq(misfit(rectified(rectified(X * a + every) * each - every * (b + each)) * v), 0),
        source=EXERCISE,
        about="Two hidden layers, as the words say: one unit (a.x + 1)_+, active on all images, and n units after it (row Y.58).",
    ),
]

# Any two samples, by their projections z: the triangular system solved.

z1, z2, y1, y2, s1, s2 = symbols("z_1:3 y_1:3 s_1:3", real=True)
v1 = y1
v2 = (y2 - (z2 - z1 + 1) * v1) / (z2 - z1)


def network(at: Any) -> Any:
    """v_1 (z - z_1 + 1)_+ + v_2 (z - z_1)_+."""
    return v1 * relu(at - z1 + 1) + v2 * relu(at - z1)


SYMBOLIC = [
    Claim(
        "memorisation-two-samples",
        Eq(s1 * network(z1) + s2 * network(z2), s1 * y1 + s2 * y2),
        given=[Lt(z1, z2)],
        source=EXERCISE,
        about="Any two samples whose projections differ, any labels: both errors are 0, tested by arbitrary factors s (row Y.58).",
    ),
    Claim(
        "memorisation-equal-samples",
        Ge((u - y1) ** 2 + (u - y2) ** 2, (y1 - y2) ** 2 / 2),
        source=EXERCISE,
        about="The samples must differ, which is not said: on one input with two labels every network is wrong, whatever its output u "
        "(row Y.58).",
        derivation=lambda lhs: lhs.by(complete_square, u),
    ),
]
