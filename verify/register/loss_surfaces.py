"""Flat regions, kinks and bent valleys: what the surface of a loss does to descent.

A ReLU network is positively homogeneous in each unit, so that none of its minima is strict; where no unit is active its loss is
constant, at any width. Differentiable minima exist with the square loss; with the hinge loss every minimum is flat or a kink.
"""

from typing import Any

from sympy import Derivative, Eq, Ge, Gt, Le, Limit, Lt, Max, Rational, Symbol, exp, symbols
from sympy.stats import Probability

from lemmata.theory.activations import relu
from lemmata.theory.experiments import experiment
from lemmata.theory.source import Source
from lemmata.theory.trajectory import descent
from lemmata.verify.claim import Claim

alpha, eps, t = symbols("alpha epsilon t", positive=True)
u, v, w, x, y, h = symbols("u v w x y h", real=True)
scale = Symbol("c", real=True)
n = Symbol("n", integer=True, nonnegative=True)
m = Symbol("m", integer=True, positive=True)

# A region where the loss does not change at all: a dead network, of any width.


@experiment
def dead_network_stays(width: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether the loss on |x| of a ReLU network with biases -10 is the same number when every parameter moves by up to 1/2."""
    import torch

    inputs = torch.linspace(-1, 1, 5, dtype=torch.float64, device=device)

    def loss(weights: Any, biases: Any, outputs: Any) -> Any:
        hidden = (weights[:, :, None] * inputs + biases[:, :, None]).clamp(min=0)
        return ((outputs[:, :, None] * hidden).sum(1) - inputs.abs()).square().mean(1)

    def uniform(reach: float) -> Any:
        return (2 * torch.rand(size, width, generator=rng, device=device, dtype=torch.float64) - 1) * reach

    w_, b_, v_ = uniform(3), torch.full((size, width), -10.0, dtype=torch.float64, device=device), uniform(3)
    return loss(w_ + uniform(1 / 2), b_ + uniform(1 / 2), v_ + uniform(1 / 2)) == loss(w_, b_, v_)


def two_units(weights: Any, biases: Any, outputs: Any) -> Any:
    """The mean square error on |x| at -1, 0 and 1."""
    errors = [sum(c * relu(a * at + b) for a, b, c in zip(weights, biases, outputs, strict=True)) - abs(at) for at in (-1, 0, 1)]
    return sum(error**2 for error in errors) / 3


weights, biases, outputs = symbols("w_1:3", real=True), symbols("b_1:3", real=True), symbols("v_1:3", real=True)
BAD_END = Source("yarotsky-lecture", "failure modes of gradient descent")
dead = [Lt(b + side * a, 0) for a, b in zip(weights, biases, strict=True) for side in (-1, 0, 1)]
starts = dict(zip((*weights, *biases, *outputs), symbols("p_1:7", real=True), strict=True))
dead_start = [part.xreplace(starts) for part in dead]

DEAD = [
    Claim(
        "dead-network-loss",
        Eq(two_units(weights, biases, outputs), Rational(2, 3)),
        given=dead,
        source=BAD_END,
        about="Where no unit sees an input the loss is the target's own square, in an open region of parameters (row Y.16).",
    ),
    Claim(
        "dead-network-descent-stands-still",
        Eq(descent(two_units(weights, biases, outputs), starts, alpha)[n, two_units(weights, biases, outputs)], Rational(2, 3)),
        given=[*dead_start, Le(n, 20)],
        source=BAD_END,
        about="Gradient descent from there does not move, for any step (row Y.16)...",
    ),
    Claim(
        "dead-network-is-spurious",
        Eq(two_units((scale, -scale), (0, 0), (1 / scale, 1 / scale)), 0, evaluate=False),
        given=[Gt(scale, 0), Le(scale, 4)],
        source=BAD_END,
        about="... although the same two units can represent the target, whatever their scale (row Y.16).",
    ),
    Claim(
        "dead-network-any-width",
        Ge(Probability(Eq(dead_network_stays(m), 1)), Rational(19, 20)),
        given=[Le(m, 128)],
        source=BAD_END,
        about="At any width, here up to 128: biases -10, every parameter moved by up to 1/2, and the loss is the same number (row Y.16).",
    ),
    Claim(
        "relu-rescaling",
        Eq(v / t * relu(t * u), v * relu(u)),
        given=[Le(t, 10), Le(u**2, 100), Le(v**2, 100)],
        source=Source("yarotsky-lecture", "terminology: local, spurious and stationary points"),
        about="A unit's weights times t, its output weight over t: the same function. No minimum of a ReLU network is strict (row Y.9).",
    ),
]

# Minima of ReLU networks, differentiable and not.

hat = (Max(w, 0) - 1) ** 2 / 2
rise = hat.subs(w, exp(h))
KINKS = Source("yarotsky-lecture", "slide on local minima of ReLU networks")
HINGE = Source("laurent-von-brecht-2018", "theorem 1: local minima with the hinge loss are flat or not differentiable")


def hinge(out: Any, active: Any) -> Any:
    """The hinge loss of one active unit, signed by the label."""
    return Max(0, 1 - out * active)


inner = Symbol("a", positive=True)

DIFFERENTIABLE = [
    Claim(
        "relu-minimum",
        Gt(hat, 0),
        given=[Gt((w - 1) ** 2, 0)],
        source=KINKS,
        about="The loss (max(w, 0) - 1)^2/2 has its minimum 0 at w = 1 and nowhere else (row Y.22)...",
    ),
    Claim(
        "relu-minimum-differentiable",
        Eq(Limit(rise / h, h, 0), 0),
        source=KINKS,
        about="... where it is differentiable, with slope 0 in the coordinate h = log w (row Y.22).",
    ),
    Claim(
        "relu-minima-are-kinks",
        Ge(Limit((rise + rise.subs(h, -h)) / h, h, 0), Rational(1, 1000)),
        source=KINKS,
        about="As printed, local minima of a ReLU network are kinks: the slopes to both sides would differ, by any little (row Y.22).",
        expect="refuted",
    ),
    Claim(
        "hinge-loss-affine-in-output-weight",
        Eq(hinge(v + h, inner) + hinge(v - h, inner), 2 * hinge(v, inner)),
        given=[Gt(1 - (v + h) * inner, 0), Gt(1 - (v - h) * inner, 0), Gt(1 - v * inner, 0)],
        source=HINGE,
        about="With the hinge loss, as long as nothing switches, the loss is affine in each output weight... (row Y.22)",
    ),
    Claim(
        "hinge-loss-affine-in-inner-weight",
        Eq(hinge(v, inner + h) + hinge(v, inner - h), 2 * hinge(v, inner)),
        given=[Gt(1 - v * (inner + h), 0), Gt(1 - v * (inner - h), 0), Gt(1 - v * inner, 0), Gt(inner - h, 0), Gt(inner + h, 0)],
        source=HINGE,
        about="... and in each inner one. Its Hessian has trace 0: a minimum inside a cell is flat, any other lies on a kink (row Y.22).",
    ),
    Claim(
        "square-loss-affine-in-output-weight",
        Eq(((v + h) * inner - 1) ** 2 + ((v - h) * inner - 1) ** 2, 2 * (v * inner - 1) ** 2),
        source=HINGE,
        about="The square loss is not affine: the theorem is one about the hinge loss (row Y.22).",
        expect="refuted",
    ),
]

# A bent valley.

valley = (y - x**2) ** 2 + eps * x**2
VALLEY = Source("yarotsky-lecture", "pictures of loss surfaces, (w_2 - w_1^2)^2 + epsilon w_1^2")

PICTURES = [
    Claim(
        "valley-critical-first",
        Eq(Derivative(valley, x) + 2 * x * Derivative(valley, y), 2 * eps * x),
        source=VALLEY,
        about="Where both derivatives of (y - x^2)^2 + epsilon x^2 vanish, x = 0... (row Y.24)",
    ),
    Claim(
        "valley-critical-second",
        Eq(Derivative(valley, y) / 2 + x**2, y),
        source=VALLEY,
        about="... and y = 0: there is one critical point (row Y.24).",
    ),
    Claim(
        "valley-curvature-along",
        Eq(Limit((valley.xreplace({x: h}) + valley.xreplace({x: -h}) - 2 * valley.xreplace({x: 0})).subs(y, 0) / h**2, h, 0), 2 * eps),
        source=VALLEY,
        about="The curvatures there are 2 epsilon along the valley and 2 across it: its condition is 1/epsilon (row Y.24).",
    ),
    Claim(
        "valley-floor-of-minima",
        Eq(descent(valley.xreplace({eps: 0}), {x: u, y: u**2}, alpha)[n, y], u**2),
        given=[Le(n, 50), Lt(alpha * (1 + 4 * u**2), 1)],
        source=VALLEY,
        about="At epsilon = 0 the minima are the whole parabola y = x^2, on which descent stands still (row Y.24).",
    ),
]
