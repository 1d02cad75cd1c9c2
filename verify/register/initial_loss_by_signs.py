"""The same chances of L(P(W)) > L(0) to a thousandth: the neurons of the last hidden layer are drawn, their signs are summed over.

Spherically symmetric weights and outputs keep their law where the sign of one neuron's weights, or of its output, is turned. So the
share of the 4^n choices of signs with a loss above L(0) has the chance as its mean, and spreads far less than the event.
"""

from typing import Any

from sympy import Eq, Ge, Le, Rational
from sympy.stats import Expectation

from lemmata.theory.experiments import experiment
from lemmata.verify.claim import Claim
from lemmata.verify.register.initial_loss import (
    CONDITION,
    INPUTS,
    alive,
    bound,
    few,
    k,
    last_layer,
    logistic_rise,
    n,
    scale,
    squared_rise,
    targets,
)


def share_above(heights: Any, outputs: Any, rise: Any) -> Any:
    """For each start the share of the signs of its neurons and of their outputs for which `rise` of the predictions is above 0.

    `heights` (size, n, examples) is what the neurons are fed, `outputs` (size, n); `rise` maps (many, examples) to (many,).
    """
    import torch

    size, neurons, examples = heights.shape
    on, off = heights.clamp(min=0) * outputs[:, :, None], (-heights).clamp(min=0) * outputs[:, :, None]
    choices = torch.stack([on, -on, off, -off], 2)
    total = torch.zeros(size, 1, examples, device=heights.device)
    for neuron in range(neurons):
        total = (total[:, :, None] + choices[:, neuron, None]).reshape(size, -1, examples)
    above = rise(total.reshape(-1, examples)) > 0
    return above.view(size, -1).double().mean(1)


@experiment(bounds=(0, 1))
def shallow_squared_share(n: int, *, size: int, rng: Any, device: str) -> Any:
    """One hidden layer, normal weights, squared loss, three examples."""
    y = targets(device)
    return share_above(*last_layer((n,), INPUTS, size, rng, device, False, False), lambda p: squared_rise(p, y))


@experiment(bounds=(0, 1))
def shallow_logistic_share(n: int, *, size: int, rng: Any, device: str) -> Any:
    """The same for the logistic loss and weights of bounded length."""
    y = targets(device)
    return share_above(*last_layer((n,), INPUTS, size, rng, device, False, True), lambda p: logistic_rise(p, y))


@experiment(bounds=(0, 1))
def small_share(n: int, scale: float, *, size: int, rng: Any, device: str) -> Any:
    """One example of length 1 in the plane, weights and outputs of length 1, the prediction scaled."""
    import torch

    heights = (2 * torch.pi * torch.rand(size, n, 1, generator=rng, device=device)).cos()
    return share_above(heights, torch.ones(size, n, device=device), lambda p: squared_rise(scale * p, 1))


@experiment(bounds=(0, 1))
def biased_share(n: int, k: int, *, size: int, rng: Any, device: str) -> Any:
    """Hidden widths n and k, with biases: squared loss, three examples."""
    y = targets(device)
    return share_above(*last_layer((n, k), INPUTS, size, rng, device, True, False), lambda p: squared_rise(p, y))


@experiment(bounds=(0, 1))
def unbiased_share(n: int, k: int, *, size: int, rng: Any, device: str) -> Any:
    """The same without biases."""
    y = targets(device)
    return share_above(*last_layer((n, k), INPUTS, size, rng, device, False, False), lambda p: squared_rise(p, y))


@experiment(bounds=(0, 1))
def small_deep_share(n: int, k: int, *, size: int, rng: Any, device: str) -> Any:
    """Two hidden layers without biases, lengths in [1/2, 1], one example, the scale 1/100."""
    y = targets(device)[:1]
    return share_above(*last_layer((n, k), INPUTS[:1], size, rng, device, False, True), lambda p: squared_rise(p / 100, y))


ABOVE = [
    Claim(
        "shallow-squared-begins-above-by-signs",
        Ge(Expectation(shallow_squared_share(n)), bound),
        given=few[:1],
        source=CONDITION,
        about="One hidden layer, squared loss, the signs summed over: above L(0) with probability (1 - 2^-n)/2 at least (row S.9).",
    ),
    Claim(
        "shallow-logistic-begins-above-by-signs",
        Ge(Expectation(shallow_logistic_share(n)), bound),
        given=few[:1],
        source=CONDITION,
        about="The same for the logistic loss and weights of bounded length (row S.9).",
    ),
    Claim(
        "small-network-begins-above-by-signs",
        Eq(Expectation(small_share(n, scale)), bound),
        given=[*few[:1], Ge(scale, Rational(1, 1000)), Le(scale * n, 2)],
        source=CONDITION,
        about="Sharp for one example and small weights: exactly (1 - 2^-n)/2, whatever the neurons are (row S.9).",
    ),
    Claim(
        "deep-with-biases-begins-above-by-signs",
        Ge(Expectation(biased_share(n, k)), (1 - 2 ** (-k)) / 2),
        given=few,
        source=CONDITION,
        about="Two hidden layers with biases: the width of the last one alone counts (row S.9).",
    ),
    Claim(
        "deep-without-biases-begins-above-by-signs",
        Ge(Expectation(unbiased_share(n, k)), alive),
        given=few,
        source=CONDITION,
        about="Without biases: at least (1/2) prod (1 - 2^-n_l) (row S.9)...",
    ),
    Claim(
        "small-deep-network-begins-above-by-signs",
        Eq(Expectation(small_deep_share(n, 2)), Rational(3, 8) * (1 - 2 ** (-n))),
        given=[Le(n, 3)],
        source=CONDITION,
        about="... and not more for one example and small weights: here with k = 2 (row S.9).",
    ),
]
