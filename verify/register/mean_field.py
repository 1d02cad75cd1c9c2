"""Mean field: a network as an integral over the law p of its neurons, in which a convex loss is convex; in finitely many neurons it is not.

A neuron w = (l, b, c) computes c sigma(l x + b), and the network is the mean of its neurons, E_p[c sigma(l x + b)]: linear in p.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Eq, Ge, Gt, Le, Lt, Rational, Symbol, cos, pi, sin, symbols, tanh
from sympy.stats import Bernoulli, Expectation, Normal, Uniform, Variance

from lemmata.theory.activations import relu
from lemmata.theory.paths import arc_path, linear_path
from lemmata.theory.source import Source
from lemmata.theory.spurious_minima import critical_point
from lemmata.verify.claim import Claim

NETWORK = Source("yarotsky-lecture", "slide on mean field, the network as a mean over its neurons")
CONVEX = Source("yarotsky-lecture", "slide on mean field, L convex in the output is convex in p: no spurious minima")
UNIQUE = Source("yarotsky-lecture", "slide on mean field, the minimum is unique up to permutations of neurons")
PATH = Source("yarotsky-lecture", "slide on linear and arc connection, the equation of a path")

x, l, b, c, s, t, y, u, v, h = symbols("x l b c s t y u v h", real=True)
k = Symbol("k", positive=True)

# The network, and how well N neurons stand for their law.

L, L1, L2 = Normal("L", 0, 1), Normal("L_1", 0, 1), Normal("L_2", 0, 1)

NETWORKS = [
    Claim(
        "mean-field-network-of-two-neurons",
        Eq(Variance((relu(L1) + relu(L2)) / 2), Variance(relu(L)) / 2),
        source=NETWORK,
        about="Neurons drawn from p miss the mean over p by 1/N of a neuron's variance, here for N = 2 and relu(l x) at x = 1 (row Y.31).",
    ),
    Claim(
        "mean-field-network-printed",
        Eq(c * tanh(l * l + b), c * tanh(x * l + b)),
        source=NETWORK,
        about="As printed a neuron multiplies its weight by itself and not by the input, which the network then does not see (row Y.31).",
        expect="refuted",
    ),
]

# Convexity in p: a mixture of laws is the mixture of their networks.

coin = Bernoulli("B", Rational(1, 3))
P, Q_ = Normal("P", 1, 1), Normal("Q", -1, 2)

CONVEXITY = [
    Claim(
        "mean-field-network-is-linear",
        Eq(Expectation(relu(coin * P + (1 - coin) * Q_)), Expectation(relu(P)) / 3 + 2 * Expectation(relu(Q_)) / 3),
        source=CONVEX,
        about="The network of the mixture p/3 + 2q/3 is the mixture of the networks of p and q: linear in the law (row Y.32).",
    ),
    Claim(
        "mean-field-square-loss",
        Eq((1 - s) * (u - y) ** 2 + s * (v - y) ** 2 - ((1 - s) * u + s * v - y) ** 2, s * (1 - s) * (u - v) ** 2),
        source=CONVEX,
        about="So the square loss lies below its chord between two laws by s(1-s)(u - v)^2, u and v their outputs (row Y.32)...",
    ),
    Claim(
        "mean-field-no-spurious-minima",
        Le(((1 - s) * u + s * y - y) ** 2, (1 - s) * (u - y) ** 2),
        given=[Ge(s, 0), Le(s, 1)],
        source=CONVEX,
        about="... and falls on the straight way from any law to one that fits: no spurious minima in the space of laws (row Y.32).",
    ),
]

# In finitely many neurons: relu(w x) at x = 1 and -1, targets 1 and 2.


def loss(*weights: Any) -> Any:
    """((f(1) - 1)^2 + (f(-1) - 2)^2)/2 for the mean f of neurons relu(w x)."""
    n = len(weights)
    return ((sum(map(relu, weights)) / n - 1) ** 2 + (sum(relu(-w) for w in weights) / n - 2) ** 2) / 2


w1, w2, w3 = symbols("w_1:4", real=True)
FIT, ANOTHER_ORDER = (w1, -6, 3 - w1), (-6, 3 - w1, w1)
BETWEEN = tuple((one + other) / 2 for one, other in zip(FIT, ANOTHER_ORDER, strict=True))

FINITE = [
    Claim(
        "one-neuron-spurious-minimum",
        Eq(loss(1 + h), 2 + h**2 / 2),
        given=[Gt(h, -1)],
        source=CONVEX,
        about="One neuron has a strict local minimum at w = 1, of loss 2... (row Y.32)",
    ),
    Claim(
        "one-neuron-global-minimum",
        Lt(loss(-2 + h), 2),
        given=[Abs(h) <= 1],
        source=CONVEX,
        about="... while near w = -2 the loss is lower: the minimum at 1 is spurious (row Y.32).",
    ),
    Claim(
        "three-neurons-spurious-minimum",
        Ge(loss(w1, w2, w3), 2),
        given=[Gt(w1, 0), Gt(w2, 0), Gt(w3, 0)],
        source=CONVEX,
        about="More neurons do not help: where all look the same way the loss is at least 2, and 2 where their mean is 1 (row Y.32)...",
    ),
    Claim(
        "three-neurons-fit",
        Eq(loss(w1, -6, 3 - w1), 0),
        given=[Ge(w1, 0), Le(w1, 3)],
        source=CONVEX,
        about="... although three neurons fit both points (row Y.32).",
    ),
    Claim(
        "three-neurons-between-two-fits",
        Eq(loss(*BETWEEN), Rational(1, 4)),
        given=[Ge(w1, 0), Le(w1, 3)],
        source=CONVEX,
        about="N = 3: half way between such a fit and itself with the neurons in another order the loss is 1/4 (row Y.32)...",
    ),
    Claim(
        "loss-convex-in-three-neurons",
        Le(loss(*BETWEEN), (loss(*FIT) + loss(*ANOTHER_ORDER)) / 2),
        given=[Ge(w1, 0), Le(w1, 3)],
        source=CONVEX,
        about="... where the mean of the two losses, and the loss of half of each law, is 0: not convex in the neurons (row Y.32).",
        expect="refuted",
    ),
    Claim(
        "spurious-minimum-falls-in-the-law",
        Lt((1 - s) ** 2 * critical_point(6).objective, critical_point(6).objective),
        given=[Gt(s, 0), Le(s, 1)],
        source=CONVEX,
        about="Six neurons in a strict local minimum that is not global: towards the target's law the loss falls at once, (1 - s)^2 F, "
        "though in the neurons it rises in every direction (row Y.32).",
        uses=["spurious-minimum-is-strict", "spurious-minimum-is-spurious"],
    ),
    Claim(
        "loss-convex-in-finitely-many-neurons",
        Le(loss((w1 + w2) / 2), (loss(w1) + loss(w2)) / 2),
        source=CONVEX,
        about="That the loss is convex in the neurons themselves is wrong (row Y.32).",
        expect="refuted",
    ),
]

# Uniqueness: a relu neuron may be scaled.

SCALING = [
    Claim(
        "relu-neuron-scaling",
        Eq(c / k * relu(k * (l * x + b)), c * relu(l * x + b)),
        source=UNIQUE,
        about="(l, b, c) and (k l, k b, c/k) are the same relu neuron for every k > 0: the law of a minimum is not unique (row Y.33).",
    ),
    Claim(
        "tanh-neuron-scaling",
        Eq(c / k * tanh(k * l * x + k * b), c * tanh(l * x + b)),
        source=UNIQUE,
        about="A tanh neuron cannot be scaled so (row Y.33).",
        expect="refuted",
    ),
]

# The equation of a path, with delta(w - w_i(t)): the mean of any test function over the neurons does not change on the way.

X, Y = Normal("X", 0, 1), Normal("Y", 0, 1)
U, V = Uniform("U", -1, 1), Uniform("V", -1, 1)
U0, V0 = Uniform("U_0", 0, 1), Uniform("V_0", 0, 1)
angle = pi * t / 2
ON_THE_WAY = [Ge(t, 0), Le(t, 1)]

PATHS = [
    Claim(
        "arc-keeps-the-measure",
        Eq(Expectation(arc_path(X, Y, t) ** 4), 3),
        given=ON_THE_WAY,
        source=PATH,
        about="Read as d/dt E g(w(t)) = 0 for every g, here w^4: true of the arc between normal neurons (row Y.34)...",
    ),
    Claim(
        "line-keeps-the-measure",
        Eq(Expectation(linear_path(X, Y, t) ** 4), 3),
        given=ON_THE_WAY,
        source=PATH,
        about="... and not of the straight line (row Y.34).",
        expect="refuted",
    ),
    Claim(
        "arc-uniform-fourth-moment",
        Eq(Expectation(arc_path(U, V, t) ** 4), (cos(angle) ** 4 + sin(angle) ** 4) / 5 + 2 * cos(angle) ** 2 * sin(angle) ** 2 / 3),
        given=ON_THE_WAY,
        source=PATH,
        about="Between other laws it is not: on the arc between uniform neurons the fourth moment is m_4 (cos^4 + sin^4) + "
        "6 m_2^2 cos^2 sin^2, constant only where m_4 = 3 m_2^2, as for normal ones (row Y.35).",
    ),
    Claim(
        "arc-keeps-the-mean",
        Eq(Expectation(arc_path(U0, V0, t)), Rational(1, 2)),
        given=ON_THE_WAY,
        source=PATH,
        about="Nor is the mean kept where it is not 0: neurons must be centred first (row Y.35).",
        expect="refuted",
    ),
]
