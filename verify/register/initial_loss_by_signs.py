"""The same chances of L(P(W)) > L(0) to a thousandth: the neurons are drawn, their signs are summed over, lengths are integrated.

Spherically symmetric weights keep their law where the sign of one neuron's weights, or of all outputs, is turned. So the share of
these choices of signs with a loss above L(0) has the chance as its mean, and spreads far less than the event
(`lemmata.numerics.basins.above`). Where the outputs are normal, so does their length, which is integrated too.
"""

from collections.abc import Callable
from typing import Any

from sympy import Eq, Ge, Le, Rational
from sympy.stats import Expectation

from lemmata.theory.experiments import experiment
from lemmata.verify.claim import Claim
from lemmata.verify.register.initial_loss import CONDITION, INPUTS, TARGETS, alive, bound, few, k, n, scale

TURNED = 3
"""Neurons of the last layer whose signs are summed over one by one; the others, and those of the first layer, turn together: the sums
over more signs cost more than they save."""

AT_ONCE = 2**15
"""Starts that are asked for at once, at most."""

BLOCK = 2**17
"""Predictions that are computed at once: they stay in the cache."""


def weights(shape: tuple[int, ...], size: int, rng: Any, device: str, bounded: bool = False) -> Any:
    """Weight vectors (*shape, dimension, size), normal, or uniform directions with lengths uniform on [1/2, 1]."""
    import torch

    drawn = torch.randn(*shape, size, generator=rng, device=device)
    if not bounded:
        return drawn
    lengths = (1 + torch.rand(*shape[:-1], 1, size, generator=rng, device=device)) / 2
    return drawn / drawn.square().sum(-2, keepdim=True).sqrt() * lengths


def first(neurons: int, inputs: Any, size: int, rng: Any, device: str, bounded: bool = False, biases: bool = False) -> Any:
    """What the first hidden layer is fed: (neurons, examples, size)."""
    import torch

    points = torch.tensor([[*point, 1.0] if biases else point for point in inputs], device=device)
    return points @ weights((neurons, points.shape[1]), size, rng, device, bounded)


def in_blocks(size: int, patterns: int, share: Callable[[int], Any]) -> Any:
    """`share` of so many starts, a block after the other."""
    import torch

    block = max(2**9, BLOCK // (patterns * len(INPUTS)))
    return torch.cat([share(min(block, size - done)) for done in range(0, size, block)])


@experiment(bounds=(0, 1), block=AT_ONCE)
def shallow_squared_share(n: int, *, size: int, rng: Any, device: str) -> Any:
    """One hidden layer, normal weights, squared loss, three examples."""
    from lemmata.numerics.basins.above import by_signs, squared_share_of_lengths

    def share(count: int) -> Any:
        heights, outputs = first(n, INPUTS, count, rng, device), weights((n,), count, rng, device)
        return squared_share_of_lengths(by_signs(heights, of_length_one(outputs), TURNED), TARGETS, n)

    return in_blocks(size, 2 ** min(n, TURNED), share)


@experiment(bounds=(0, 1), block=AT_ONCE)
def shallow_logistic_share(n: int, *, size: int, rng: Any, device: str) -> Any:
    """The same for the logistic loss and weights of bounded length."""
    from lemmata.numerics.basins.above import by_signs, logistic_share

    def share(count: int) -> Any:
        heights, outputs = first(n, INPUTS, count, rng, device, bounded=True), weights((n, 1), count, rng, device, bounded=True)
        return logistic_share(by_signs(heights, outputs[:, 0], TURNED), TARGETS)

    return in_blocks(size, 2 ** min(n, TURNED), share)


@experiment(bounds=(0, 1), block=AT_ONCE)
def small_share(n: int, scale: float, *, size: int, rng: Any, device: str) -> Any:
    """One example of length 1 in the plane, weights and outputs of length 1, the prediction scaled."""
    import torch

    from lemmata.numerics.basins.above import by_signs, squared_share

    def share(count: int) -> Any:
        heights = (2 * torch.pi * torch.rand(n, 1, count, generator=rng, device=device)).cos()
        outputs = torch.randint(0, 2, (n, count), generator=rng, device=device) * 2 - 1
        return squared_share(by_signs(heights, scale * outputs), [1.0])

    return in_blocks(size, 2**n, share)


@experiment(bounds=(0, 1), block=AT_ONCE)
def biased_share(n: int, k: int, *, size: int, rng: Any, device: str) -> Any:
    """Hidden widths n and k, with biases: squared loss, three examples."""
    from lemmata.numerics.basins.above import by_signs, layer_by_signs, squared_share_of_lengths

    def share(count: int) -> Any:
        last = weights((k, n + 1), count, rng, device)
        heights = layer_by_signs(first(n, INPUTS, count, rng, device, biases=True), last[:, :n], 1) + last[:, n, None, None]
        return squared_share_of_lengths(by_signs(heights, of_length_one(weights((k,), count, rng, device))), TARGETS, k)

    return in_blocks(size, 2 ** (1 + k), share)


@experiment(bounds=(0, 1), block=AT_ONCE)
def unbiased_share(n: int, k: int, *, size: int, rng: Any, device: str) -> Any:
    """The same without biases."""
    from lemmata.numerics.basins.above import by_signs, layer_by_signs, squared_share_of_lengths

    def share(count: int) -> Any:
        heights = layer_by_signs(first(n, INPUTS, count, rng, device), weights((k, n), count, rng, device), 1)
        return squared_share_of_lengths(by_signs(heights, of_length_one(weights((k,), count, rng, device))), TARGETS, k)

    return in_blocks(size, 2 ** (1 + k), share)


@experiment(bounds=(0, 1), block=AT_ONCE)
def small_deep_share(n: int, k: int, *, size: int, rng: Any, device: str) -> Any:
    """Two hidden layers without biases, lengths in [1/2, 1], one example, the scale 1/100, the signs of both layers summed over."""
    from lemmata.numerics.basins.above import by_signs, layer_by_signs, squared_share

    def share(count: int) -> Any:
        heights = layer_by_signs(first(n, INPUTS[:1], count, rng, device, True), weights((k, n), count, rng, device, bounded=True))
        return squared_share(by_signs(heights, weights((k, 1), count, rng, device, True)[:, 0] / 100), TARGETS[:1])

    return in_blocks(size, 2 ** (n + k), share)


def of_length_one(outputs: Any) -> Any:
    """Each start's outputs (neurons, size) over their length, which is independent of them where they are normal."""
    return outputs / outputs.square().sum(0).sqrt()


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
        "large-network-begins-above-by-signs",
        Le(Expectation(small_share(n, scale)), 1 - 2 ** (-n)),
        given=[*few[:1], Ge(scale, Rational(1, 1000)), Le(scale, 10000)],
        source=CONDITION,
        about="At no scale is it more than 1 - 2^-n: with no active neuron L(P) = L(0) (row S.9)...",
    ),
    Claim(
        "large-network-begins-above-nearly-always",
        Ge(Expectation(small_share(n, 10000)), 1 - 2 ** (-n) - Rational(1, 100)),
        given=few[:1],
        source=CONDITION,
        about="... to which it comes close at large scales (row S.9).",
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
