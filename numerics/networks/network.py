"""Fully connected networks as data: activation, widths, variances, and the laws of weights and biases."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch

Activation = Callable[[torch.Tensor], torch.Tensor]


class EntryLaw(Enum):
    """Laws of one weight or bias before scaling, all of mean 0 and variance 1.

    GAUSSIAN    N(0, 1), fourth moment 3
    RADEMACHER  -1 or 1 with probability 1/2 each, fourth moment 1
    UNIFORM     uniform on [-sqrt(3), sqrt(3)], fourth moment 9/5
    """

    GAUSSIAN = "gaussian"
    RADEMACHER = "rademacher"
    UNIFORM = "uniform"

    @property
    def fourth_moment(self) -> float:
        """E X^4.

        >>> [law.fourth_moment for law in EntryLaw]
        [3.0, 1.0, 1.8]
        """
        match self:
            case EntryLaw.GAUSSIAN:
                return 3.0
            case EntryLaw.RADEMACHER:
                return 1.0
            case EntryLaw.UNIFORM:
                return 1.8

    def draw(self, *shape: int, rng: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
        """Independent entries on the generator's device.

        >>> EntryLaw.RADEMACHER.draw(2, 3, rng=torch.Generator().manual_seed(0), dtype=torch.float64).abs().unique()
        tensor([1.], dtype=torch.float64)
        """
        match self:
            case EntryLaw.GAUSSIAN:
                return torch.randn(shape, generator=rng, device=rng.device, dtype=dtype)
            case EntryLaw.RADEMACHER:
                bits = torch.randint(0, 2, shape, generator=rng, device=rng.device, dtype=torch.int8)
                return bits.to(dtype).mul_(2).sub_(1)
            case EntryLaw.UNIFORM:
                return torch.rand(shape, generator=rng, device=rng.device, dtype=dtype).sub_(0.5).mul_(math.sqrt(12))


@dataclass(frozen=True)
class Network:
    """z^(1) = sigma_w W x / sqrt(d) + sigma_b b, z^(l+1) = sigma_w W f(z^(l)) / sqrt(n_l) + sigma_b b: independent entries in W and b.

    `widths` are n_1, n_2, ... of the hidden layers, so that the output is z^(depth) with depth = len(widths) + 1. Entries of W
    and b have the laws `weights` and `biases`, of mean 0 and variance 1.

    Raises ValueError for a width below 1, for a deviation that is negative or not finite, and for an activation that is none.

    >>> Network(torch.relu, (4, 8), sigma_w=2**0.5).depth
    3
    """

    activation: Activation
    widths: tuple[int, ...]
    sigma_w: float
    sigma_b: float = 0.0
    weights: EntryLaw = EntryLaw.GAUSSIAN
    biases: EntryLaw = EntryLaw.GAUSSIAN

    def __post_init__(self) -> None:
        if not callable(self.activation):
            raise ValueError(f"an activation maps a tensor to a tensor of its shape: {self.activation!r} cannot be called")
        if not all(isinstance(width, int) and not isinstance(width, bool) and width >= 1 for width in self.widths):
            raise ValueError(f"a hidden layer has a whole number of units, at least 1: widths={self.widths!r}")
        for name, value in (("sigma_w", self.sigma_w), ("sigma_b", self.sigma_b)):
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} is a standard deviation: a finite number that is not negative, not {value!r}")

    @property
    def depth(self) -> int:
        """Layers of weights."""
        return len(self.widths) + 1

    @property
    def gaussian(self) -> bool:
        """Whether preactivations are Gaussian given the layer below: weights are, and biases are or have no part in them."""
        return self.weights is EntryLaw.GAUSSIAN and (self.biases is EntryLaw.GAUSSIAN or self.sigma_b == 0)

    def features(self, preactivations: torch.Tensor) -> torch.Tensor:
        """f(z), checked: an activation must keep the shape and be finite where the preactivations are."""
        values = self.activation(preactivations)
        if not isinstance(values, torch.Tensor) or values.shape != preactivations.shape:
            shape = getattr(values, "shape", type(values).__name__)
            raise ValueError(f"the activation returned {shape} for preactivations of shape {tuple(preactivations.shape)}: keep the shape")
        return values

    def features_and_slopes(self, preactivations: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """f(z) and f'(z), by automatic differentiation: at a kink the slope that Torch takes there."""
        z = preactivations.detach().requires_grad_(True)
        features = self.features(z)
        (slopes,) = torch.autograd.grad(features.sum(), z)
        return features.detach(), slopes

    def rows(self, features: torch.Tensor) -> torch.Tensor:
        """A = [sigma_w f / sqrt(n); sigma_b 1], of shape (..., n + 1, inputs): the next layer is [W, b] A, its covariance A^T A.

        The last row is left out where there are no biases.
        """
        scaled = features * (self.sigma_w / math.sqrt(features.shape[-2]))
        if self.sigma_b == 0:
            return scaled
        ones = torch.full_like(scaled[..., :1, :], self.sigma_b)
        return torch.cat([scaled, ones], dim=-2)

    def entries(self, batch: int, units: int, rows: int, *, rng: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
        """[W, b] of `batch` networks, shape (batch, units, rows): a last column of biases, if the layer has any."""
        if self.sigma_b == 0 or self.weights is self.biases:
            return self.weights.draw(batch, units, rows, rng=rng, dtype=dtype)
        weights = self.weights.draw(batch, units, rows - 1, rng=rng, dtype=dtype)
        return torch.cat([weights, self.biases.draw(batch, units, 1, rng=rng, dtype=dtype)], dim=2)


@dataclass(frozen=True)
class Inputs:
    """Inputs without repetitions: `distinct` has one column an input, shape (d, N), and input i is column `place[i]`.

    Equal inputs then have equal preactivations, exactly. Raises ValueError for what is no finite matrix with at least one row and column.

    >>> Inputs.of([[1.0, 0.0], [0.0, 2.0], [1.0, -0.0]]).place.tolist()
    [1, 0, 1]
    """

    distinct: torch.Tensor
    place: torch.Tensor

    @classmethod
    def of(cls, inputs: Any) -> Inputs:
        """From a matrix with one input a row."""
        rows = torch.as_tensor(inputs, dtype=torch.float64).cpu()
        if rows.ndim != 2 or 0 in rows.shape or not bool(torch.isfinite(rows).all()):
            raise ValueError(f"inputs are the rows of a finite matrix with at least one entry, not of shape {tuple(rows.shape)}")
        distinct, place = torch.unique(rows + 0.0, dim=0, return_inverse=True)
        return cls(distinct.T.contiguous(), place)

    def spread(self, kernel: torch.Tensor) -> torch.Tensor:
        """A matrix over distinct inputs as one over all of them."""
        place = self.place.to(kernel.device)
        return kernel[..., place[:, None], place[None, :]]
