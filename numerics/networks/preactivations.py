"""Random layers with their weights really drawn: samples of the second moments of the next layer's preactivations.

A layer of width n maps preactivations h to W sigma(h) + b, with W_ij ~ N(0, sigma_w^2 / n) and b_i ~ N(0, sigma_b^2),
independent. Given two preactivation vectors whose entries are independent pairs with variances q1, q2 and correlation c,
the products of the next preactivations have mean sigma_w^2 E[sigma(u1) sigma(u2)] + sigma_b^2 at every width.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

Activation = Callable[[torch.Tensor], torch.Tensor]

MOST_ENTRIES = 2**23
"""Weights and preactivations held at a time: 64 MiB."""


def correlated_pairs(
    shape: tuple[int, ...], q1: float, q2: float, c: float, *, rng: torch.Generator, device: str = "cpu"
) -> tuple[torch.Tensor, torch.Tensor]:
    """Independent pairs (u1, u2) of centred normals with variances q1, q2 and correlation c: u2 = sqrt(q2) (c s1 + sqrt(1 - c^2) s2).

    Raises ValueError for a negative variance or a correlation outside [-1, 1].
    """
    if not (q1 >= 0 and q2 >= 0 and -1 <= c <= 1):
        raise ValueError(f"variances {q1}, {q2} and correlation {c}: variances are not negative and correlations lie in [-1, 1]")
    s1 = torch.randn(shape, generator=rng, device=device, dtype=torch.float64)
    s2 = torch.randn(shape, generator=rng, device=device, dtype=torch.float64)
    return math.sqrt(q1) * s1, math.sqrt(q2) * (c * s1 + math.sqrt((1 - c) * (1 + c)) * s2)


def next_preactivations(
    first: torch.Tensor, second: torch.Tensor, activation: Activation, units: int, sigma_w: float, sigma_b: float, *, rng: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """`units` entries of W sigma(h) + b for two batches h of shape (size, width), one fresh W and b a sample, shared by both inputs."""
    size, width = first.shape
    options = {"generator": rng, "device": first.device, "dtype": first.dtype}
    weights = torch.randn(size, units, width, **options) * (sigma_w / math.sqrt(width))
    biases = torch.randn(size, units, **options) * sigma_b
    features = torch.stack([activation(first), activation(second)], dim=2)
    after = weights @ features + biases[:, :, None]
    return after[:, :, 0], after[:, :, 1]


def layer_second_moments(
    activation: Activation,
    width: int,
    sigma_w: float,
    sigma_b: float,
    q1: float,
    q2: float,
    c: float,
    size: int,
    rng: torch.Generator,
    device: str = "cpu",
) -> torch.Tensor:
    """`size` independent samples of z1 z2, the product of one next preactivation for two inputs.

    Their mean is sigma_w^2 E[sigma(u1) sigma(u2)] + sigma_b^2 at every width; the length map is q1 = q2, c = 1.

    >>> rng = torch.Generator().manual_seed(0)
    >>> layer_second_moments(torch.relu, 8, 1.0, 0.5, 1.0, 1.0, 0.0, 5, rng).shape
    torch.Size([5])
    """
    chunk = max(1, MOST_ENTRIES // (5 * width))

    def product(count: int) -> torch.Tensor:
        u1, u2 = correlated_pairs((count, width), q1, q2, c, rng=rng, device=device)
        z1, z2 = next_preactivations(u1, u2, activation, 1, sigma_w, sigma_b, rng=rng)
        return (z1 * z2)[:, 0]

    return _in_chunks(product, size, chunk)


def layer_overlaps(
    activation: Activation,
    width: int,
    sigma_w: float,
    sigma_b: float,
    q1: float,
    q2: float,
    c: float,
    size: int,
    rng: torch.Generator,
    device: str = "cpu",
) -> torch.Tensor:
    """`size` samples of (z1 . z1 / n, z1 . z2 / n, z2 . z2 / n) over all n = width next preactivations: shape (size, 3).

    Entries of one sample share the layer's inputs, so they fluctuate by O(1/sqrt(n)) about the same means as above.

    >>> rng = torch.Generator().manual_seed(0)
    >>> layer_overlaps(torch.relu, 8, 1.0, 0.5, 1.0, 1.0, 0.0, 5, rng).shape
    torch.Size([5, 3])
    """
    chunk = max(1, MOST_ENTRIES // (width * (width + 8)))

    def overlaps(count: int) -> torch.Tensor:
        u1, u2 = correlated_pairs((count, width), q1, q2, c, rng=rng, device=device)
        z1, z2 = next_preactivations(u1, u2, activation, width, sigma_w, sigma_b, rng=rng)
        return torch.stack([(z1 * z1).mean(1), (z1 * z2).mean(1), (z2 * z2).mean(1)], dim=1)

    return _in_chunks(overlaps, size, chunk)


def _in_chunks(draw: Callable[[int], torch.Tensor], size: int, chunk: int) -> torch.Tensor:
    """`size` samples drawn at most `chunk` at a time, so that memory is bounded."""
    return torch.cat([draw(min(chunk, size - done)) for done in range(0, size, chunk)])
