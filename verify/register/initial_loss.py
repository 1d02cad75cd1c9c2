"""How often a random network begins above the zero network: L(P(W)) > L(0), the second condition of the decreasing path.

The last layer's signs are symmetric, and L(P) + L(-P) > 2 L(0) for a strictly convex loss where P is not 0: so one of the two networks
with these weights up to a sign begins above. P is not 0 as soon as one neuron of the last hidden layer is active on the first example:
with probability 1 - 2^-n for one layer, or for biases; without biases every hidden layer has to be alive.
Weights are spherically symmetric: normal, or of bounded length, for which the bound is attained at every scale with n s <= 2. A weight
vector of dimension 1 must have no atoms: the outputs of active neurons cancel otherwise.
"""

from typing import Any

from sympy import Abs, Eq, Ge, Gt, Le, Max, Ne, Rational, Sum, binomial, exp, log, symbols
from sympy.stats import Normal, Probability, Rademacher

from lemmata.theory.experiments import experiment
from lemmata.theory.frequency import frequency
from lemmata.theory.rules.binomial_theorem import binomial_theorem
from lemmata.theory.source import Source
from lemmata.verify.claim import Claim

ASSUMPTION = Source("safran-shamir-2016", "Assumption 1")
CONDITION = Source("safran-shamir-2016", "Theorem 1, the probability of the second condition")

INPUTS = ((1.0, -0.5), (0.5, 2.0), (-1.0, 0.25))
TARGETS = (1.0, -1.0, 1.0)
STARTS = 2**15
"""Starts that are drawn where `initial_loss_by_signs` looks closer."""


def directions(shape: tuple[int, ...], rng: Any, device: str) -> Any:
    """Weight vectors, the last axis: uniform directions, lengths uniform on [1/2, 1]."""
    import torch

    drawn = torch.randn(*shape, generator=rng, device=device)
    return drawn / drawn.norm(dim=-1, keepdim=True) * (1 + torch.rand(*shape[:-1], 1, generator=rng, device=device)) / 2


def last_layer(widths: tuple[int, ...], inputs: Any, size: int, rng: Any, device: str, biases: bool, bounded: bool) -> tuple[Any, Any]:
    """What the last hidden layer is fed, (size, width, examples), and the output weights (size, width); normal, or as in `directions`."""
    import torch

    def draw(*shape: int) -> Any:
        return directions(shape, rng, device) if bounded else torch.randn(*shape, generator=rng, device=device)

    values = heights = torch.tensor(inputs, device=device).T.expand(size, -1, -1)
    for width in widths:
        if biases:
            values = torch.cat([values, torch.ones_like(values[:, :1])], 1)
        heights = draw(size, width, values.shape[1]) @ values
        values = heights.clamp(min=0)
    return heights, draw(size, widths[-1], 1).squeeze(2)


def predictions(widths: tuple[int, ...], inputs: Any, size: int, rng: Any, device: str, biases: bool, bounded: bool) -> Any:
    """(size, examples) outputs of ReLU networks with these hidden widths."""
    heights, outputs = last_layer(widths, inputs, size, rng, device, biases, bounded)
    return (outputs[:, None] @ heights.clamp(min=0)).squeeze(1)


def squared_rise(p: Any, y: Any) -> Any:
    """The sum of (p - y)^2 - y^2, without cancellation."""
    return (p * (p - 2 * y)).sum(1)


def logistic_rise(p: Any, y: Any) -> Any:
    """The sum of log(1 + e^(-y p)) - log 2."""
    from torch.nn.functional import softplus

    return (softplus(-y * p) - softplus(0 * p)).sum(1)


def targets(device: str) -> Any:
    """The targets of the three examples."""
    import torch

    return torch.tensor(TARGETS, device=device)


@experiment
def shallow_squared_above(n: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a network with n neurons and normal weights begins above the zero network: squared loss, three examples."""
    return squared_rise(predictions((n,), INPUTS, size, rng, device, False, False), targets(device)) > 0


@experiment
def shallow_logistic_above(n: int, *, size: int, rng: Any, device: str) -> Any:
    """The same for the logistic loss and weights of bounded length."""
    return logistic_rise(predictions((n,), INPUTS, size, rng, device, False, True), targets(device)) > 0


@experiment
def biased_above(n: int, k: int, *, size: int, rng: Any, device: str) -> Any:
    """Whether a network with hidden widths n and k, and biases, begins above the zero network: squared loss, three examples."""
    return squared_rise(predictions((n, k), INPUTS, size, rng, device, True, False), targets(device)) > 0


@experiment
def unbiased_above(n: int, k: int, *, size: int, rng: Any, device: str) -> Any:
    """The same without biases."""
    return squared_rise(predictions((n, k), INPUTS, size, rng, device, False, False), targets(device)) > 0


@experiment
def small_above(n: int, scale: float, *, size: int, rng: Any, device: str) -> Any:
    """Whether n neurons begin above the zero network: (p - 1)^2 at one example of length 1, weights of length 1, p scaled.

    In the plane w.x is the cosine of a uniform angle, and an output weight of length 1 a sign.
    """
    import torch

    heights = (2 * torch.pi * torch.rand(size, n, generator=rng, device=device)).cos().clamp(min=0)
    signs = torch.randint(0, 2, (size, n), generator=rng, device=device) * 2 - 1
    return squared_rise(scale * (signs * heights).sum(1, keepdim=True), 1) > 0


@experiment
def small_deep_above(n: int, k: int, *, size: int, rng: Any, device: str) -> Any:
    """The same with two hidden layers of widths n and k without biases, lengths in [1/2, 1], at the scale 1/100."""
    p = predictions((n, k), INPUTS[:1], size, rng, device, False, True) / 100
    return squared_rise(p, targets(device)[:1]) > 0


@experiment
def insensitive_above(n: int, *, size: int, rng: Any, device: str) -> Any:
    """The same for the loss max(0, |p - 1/10| - 1/2), which is flat around 0, and the scale 1/100."""
    p = predictions((n,), INPUTS[:1], size, rng, device, False, True) / 100
    return ((p - 0.1).abs() - 0.5).clamp(min=0).sum(1) > 0


n, k = symbols("n k", integer=True, positive=True)
p, y, scale = symbols("p y s", real=True)
W, B, V = Normal("W", 0, 1), Normal("B", 0, 1), Normal("V", 0, 1)
fair = [Rademacher(f"r_{place}") for place in range(4)]
few = [Le(n, 5), Le(k, 3)]
bound = (1 - 2 ** (-n)) / 2
alive = (1 - 2 ** (-n)) * (1 - 2 ** (-k)) / 2

SYMMETRY = [
    Claim(
        "neuron-active-half-of-the-time",
        Eq(Probability(Gt(2 * W + B, 0)), Rational(1, 2)),
        source=ASSUMPTION,
        about="A neuron with normal weights is active on an example with probability 1/2 (row S.3).",
    ),
    Claim(
        "squared-loss-of-opposite-predictions",
        Gt((p - y) ** 2 + (-p - y) ** 2, 2 * y**2),
        given=[Ne(p, 0)],
        source=CONDITION,
        about="L(P) + L(-P) > 2 L(0) for the squared loss: one of P, -P begins above the zero network (row S.9).",
    ),
    Claim(
        "logistic-loss-of-opposite-predictions",
        Gt(log(1 + exp(-p)) + log(1 + exp(p)), 2 * log(2)),
        given=[Gt(p, 0)],
        source=CONDITION,
        about="The same for the logistic loss; both sides are even in p (row S.9).",
    ),
    Claim(
        "insensitive-loss-of-opposite-predictions",
        Gt(Max(0, Abs(p - y) - 1) + Max(0, Abs(-p - y) - 1), 2 * Max(0, Abs(y) - 1)),
        given=[Ne(p, 0)],
        source=CONDITION,
        about="A convex loss that is not strictly convex, |p - y| beyond 1: where it is flat neither is above (row S.9).",
        expect="refuted",
    ),
    Claim(
        "some-neuron-active",
        Eq(Sum(binomial(n, k) / 2**n / 2, (k, 0, n)) - 2 ** (-n) / 2, bound),
        source=CONDITION,
        about="k of n neurons are active on x_1 with probability C(n,k) 2^-n; for k >= 1, not for 0, the output's sign is fair (row S.9).",
        derivation=lambda lhs: lhs.by(binomial_theorem),
        uses=["neuron-active-half-of-the-time"],
    ),
    Claim(
        "one-neuron-below-zero",
        Eq(Probability(V * Max(0, W) < 0), Rational(1, 4)),
        source=CONDITION,
        about="n = 1 on one example: the output is negative with probability 1/4 (row S.9).",
    ),
]

SHALLOW = [
    Claim(
        "shallow-squared-begins-above",
        Ge(frequency(shallow_squared_above(n), STARTS), bound),
        given=few[:1],
        source=CONDITION,
        about="One hidden layer, normal weights, squared loss: above L(0) with probability (1 - 2^-n)/2 at least (row S.9).",
    ),
    Claim(
        "shallow-logistic-begins-above",
        Ge(frequency(shallow_logistic_above(n), STARTS), bound),
        given=few[:1],
        source=CONDITION,
        about="The same for weights of length in [1/2, 1] and the logistic loss (row S.9).",
    ),
    Claim(
        "small-network-begins-above",
        Eq(frequency(small_above(n, scale), STARTS), bound),
        given=[*few[:1], Ge(scale, Rational(1, 1000)), Le(scale * n, 2)],
        source=CONDITION,
        about="Sharp: one example, units of length at most s with n s <= 2: exactly 1/4, 3/8, 31/64 at n = 1, 2, 5 (row S.9).",
    ),
    Claim(
        "large-network-begins-above",
        Le(frequency(small_above(n, scale), STARTS), 1 - 2 ** (-n)),
        given=[*few[:1], Ge(scale, Rational(1, 1000)), Le(scale, 10000)],
        source=CONDITION,
        about="At no scale is it more than 1 - 2^-n: with no active neuron L(P) = L(0) (row S.9).",
    ),
    *(
        Claim(
            f"fair-signs-begin-above{name}",
            relation(Probability(fair[0] * Max(0, fair[1]) + fair[2] * Max(0, fair[3]) < 0), value),
            source=CONDITION,
            about=f"{told} (row S.9).",
            expect=expect,
        )
        for name, relation, value, told, expect in (
            (
                "-printed",
                Ge,
                Rational(3, 8),
                "As printed, for every symmetric law: not for w, v = -1, 1 in one dimension, n = 2",
                "refuted",
            ),
            ("", Eq, Rational(5, 16), "There two active neurons cancel half of the time, and 5/16 is left: weights need a density", None),
        )
    ),
    Claim(
        "insensitive-loss-begins-above",
        Ge(Probability(Eq(insensitive_above(n), 1)), bound),
        given=few[:1],
        source=CONDITION,
        about="As printed, for every convex loss: one that is flat around 0 is never above L(0) at small weights (row S.9).",
        expect="refuted",
    ),
]

DEEP = [
    Claim(
        "deep-with-biases-begins-above",
        Ge(frequency(biased_above(n, k), STARTS), (1 - 2 ** (-k)) / 2),
        given=few,
        source=CONDITION,
        about="Two hidden layers with biases: the width of the last one alone counts (row S.9).",
    ),
    Claim(
        "deep-without-biases-begins-above-printed",
        Ge(Probability(Eq(small_deep_above(1, 20), 1)), (1 - Rational(1, 2**20)) / 2),
        source=CONDITION,
        about="As printed, also without biases: a first layer of one neuron is dead half of the time, and 1/4 is left (row S.9).",
        expect="refuted",
    ),
    Claim(
        "deep-without-biases-begins-above",
        Ge(frequency(unbiased_above(n, k), STARTS), alive),
        given=few,
        source=CONDITION,
        about="Without biases every hidden layer has to be alive on x_1: at least (1/2) prod (1 - 2^-n_l) (row S.9)...",
    ),
    Claim(
        "small-deep-network-begins-above",
        Eq(frequency(small_deep_above(n, 2), STARTS), Rational(3, 8) * (1 - 2 ** (-n))),
        given=[Le(n, 3)],
        source=CONDITION,
        about="... and not more for one example and small weights: here with k = 2 (row S.9).",
    ),
]
