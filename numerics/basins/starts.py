"""Random starts that satisfy the assumption of spherical symmetry: independent neurons, rotation-invariant weights, symmetric outputs."""

from __future__ import annotations

from enum import IntEnum
from typing import Any


class Law(IntEnum):
    """Laws of a weight vector that no rotation changes; a closed set, numbered so that a claim may range over it."""

    NORMAL = 0
    """N(0, I)."""
    SPHERE = 1
    """Uniform on the unit sphere."""
    HEAVY = 2
    """A normal vector over an independent normal number: radii without a mean."""
    UNEQUAL = 3
    """N(0, 4^-j I) for neuron j, and outputs as unequal."""


def start(law: int, size: int, neurons: int, dimension: int, rng: Any, device: str) -> tuple[Any, Any]:
    """Weights of shape (size, neurons, dimension) and outputs of shape (size, neurons), in single precision.

    That a normal number is drawn as exactly 0 (below 2^-24) makes a sign wrong with at most that chance.

    >>> import torch
    >>> w, v = start(Law.SPHERE, 5, 2, 3, torch.Generator().manual_seed(0), "cpu")
    >>> tuple(w.shape), tuple(v.shape)
    ((5, 2, 3), (5, 2))
    """
    import torch

    weights = neurons_alone(law, size, neurons, dimension, rng, device)
    outputs = torch.randn(neurons, size, generator=rng, device=device).T
    match Law(law):
        case Law.NORMAL | Law.HEAVY:
            return weights, outputs
        case Law.SPHERE:
            return weights, outputs.sign()
        case Law.UNEQUAL:
            return weights, outputs * _scale(neurons, device)


def neurons_alone(law: int, size: int, neurons: int, dimension: int, rng: Any, device: str) -> Any:
    """The weights alone, where the outputs' signs are summed over: starts lie side by side in memory."""
    import torch

    drawn = torch.randn(dimension, neurons, size, generator=rng, device=device)
    weights = drawn.permute(2, 1, 0)
    match Law(law):
        case Law.NORMAL:
            return weights
        case Law.SPHERE:
            return weights / drawn.square().sum(0).sqrt().T[:, :, None]  # `norm` of a strided view takes fifty times as long
        case Law.HEAVY:
            return weights / torch.randn(neurons, size, generator=rng, device=device).abs().T[:, :, None]
        case Law.UNEQUAL:
            return weights * _scale(neurons, device)[:, None]


def _scale(neurons: int, device: str) -> Any:
    """4^-j is a variance: 2^-j for neuron j."""
    import torch

    return 2.0 ** -torch.arange(neurons, device=device)


def activity(weights: Any, points: Any) -> Any:
    """Which neuron is active on which point: shape (size, neurons, points).

    >>> import torch
    >>> activity(torch.tensor([[[1.0, -1.0]]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])).tolist()
    [[[True, False]]]
    """
    size, neurons, dimension = weights.shape
    return (weights.reshape(-1, dimension) @ points.T).reshape(size, neurons, -1) > 0
