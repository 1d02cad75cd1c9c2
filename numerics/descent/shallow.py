r"""Gradient descent on one-dimensional shallow ReLU networks, thousands of runs at once.

    f(x) = sum_i v_i (w_i x + b_i)_+,      L = (1/(2k)) sum_j (f(x_j) - y_j)^2

The gradient is written out (that of a unit at its kink is the one of its inactive side, as everywhere in Torch), runs are the
last dimension, and runs whose end is known leave the batch: those that are solved, and those with less than two active units,
which no number of steps can save (a unit that no input activates has gradient zero, so that it stays as it is).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

LOOK = 200
"""Steps between two looks at which runs leave."""


@dataclass(frozen=True)
class Shallow:
    """A batch of networks of one width: weights, biases and output weights, each (width, runs)."""

    weights: Tensor
    biases: Tensor
    outputs: Tensor

    @property
    def width(self) -> int:
        """Units a network."""
        return int(self.weights.shape[0])

    @property
    def runs(self) -> int:
        """Networks in the batch."""
        return int(self.weights.shape[1])

    def part(self, rows: Tensor) -> Shallow:
        """Some of the runs, by their indices."""
        return Shallow(self.weights[:, rows], self.biases[:, rows], self.outputs[:, rows])

    def preactivations(self, inputs: Tensor) -> Tensor:
        """w_i x_j + b_i, (inputs, width, runs). Its sign is exact where the products are: addition rounds to the right side of 0."""
        return self.weights * inputs[:, None, None] + self.biases

    def values(self, inputs: Tensor) -> Tensor:
        """f(x_j), (inputs, runs)."""
        return (self.outputs * self.preactivations(inputs).clamp(min=0)).sum(1)

    def invariants(self) -> Tensor:
        """v_i^2 - w_i^2 - b_i^2, which gradient flow conserves for each unit."""
        return self.outputs.square() - self.weights.square() - self.biases.square()


@dataclass(frozen=True)
class Target:
    """The data: inputs and labels, both (k,)."""

    inputs: Tensor
    labels: Tensor

    @classmethod
    def absolute_value(cls, device: str = "cpu") -> Target:
        """|x| at -1, -1/2, 0, 1/2, 1.

        >>> Target.absolute_value().labels.tolist()
        [1.0, 0.5, 0.0, 0.5, 1.0]
        """
        inputs = torch.linspace(-1, 1, 5, dtype=torch.float64, device=device)
        return cls(inputs, inputs.abs())

    def loss(self, networks: Shallow) -> Tensor:
        """Half the mean square error of each run."""
        return (networks.values(self.inputs) - self.labels[:, None]).square().mean(0) / 2


@dataclass(frozen=True)
class Trained:
    """Where each run ended, its loss there, and the rate at which the logarithm of the loss fell over the last tenth (per unit of time)."""

    networks: Shallow
    loss: Tensor
    rate: Tensor


def gaussian_start(width: int, runs: int, rng: Any, device: str = "cpu") -> Shallow:
    """Weights and biases N(0, 1), output weights N(0, 1/width).

    >>> gaussian_start(3, 7, torch.Generator().manual_seed(0)).outputs.shape
    torch.Size([3, 7])
    """
    drawn = torch.randn(3, width, runs, generator=rng, device=device, dtype=torch.float64)
    return Shallow(drawn[0], drawn[1], drawn[2] / width**0.5)


def train(networks: Shallow, target: Target, *, step: float, steps: int, goal: float, least: int = 2) -> Trained:
    """`steps` steps of gradient descent; runs leave at a loss of `goal` or with fewer active units than `least` (or than they have).

    Raises ValueError for a step that is not positive or less than two steps.

    >>> start = gaussian_start(2, 4, torch.Generator().manual_seed(1))
    >>> ended = train(start, Target.absolute_value(), step=0.1, steps=100, goal=1e-6)
    >>> bool((ended.loss <= Target.absolute_value().loss(start)).all())
    True
    """
    if not step > 0 or steps < 2:
        raise ValueError(f"descent takes a positive step and at least 2 steps, not {step} and {steps}")
    early = steps - max(1, steps // 10)
    ended = {"weights": networks.weights.clone(), "biases": networks.biases.clone(), "outputs": networks.outputs.clone()}
    before = torch.full((networks.runs,), torch.nan, dtype=torch.float64, device=networks.weights.device)
    index, now, taken = torch.arange(networks.runs, device=before.device), networks, 0
    while taken < steps and len(index):
        taking = min(LOOK, (early if taken < early else steps) - taken)
        now, taken = _advance(now, target, step, taking), taken + taking
        loss = target.loss(now)
        if taken == early:
            before[index] = loss
        for name, values in ended.items():
            values[:, index] = getattr(now, name)
        active = (now.preactivations(target.inputs) > 0).any(0).sum(0)
        going = ((loss > goal) & (active >= min(least, now.width)) & torch.isfinite(loss)).nonzero()[:, 0]
        now, index = now.part(going), index[going]
    networks = Shallow(**ended)
    loss = target.loss(networks)
    rate = (before / loss).log() / (step * (steps - early))
    return Trained(networks, loss, torch.where(torch.isfinite(rate), rate, torch.zeros_like(rate)))


@torch.no_grad()
def _advance(networks: Shallow, target: Target, step: float, steps: int) -> Shallow:
    x, y = target.inputs[:, None, None], target.labels[:, None]
    w, b, v = networks.weights, networks.biases, networks.outputs
    scale = step / len(target.inputs)
    for _ in range(steps):
        z = torch.addcmul(b, w, x)
        active = z.clamp(min=0)
        pull = (((v * active).sum(1) - y) * scale)[:, None]
        seen = (z > 0) * pull
        w, b, v = w - (seen * x).sum(0) * v, b - seen.sum(0) * v, v - (active * pull).sum(0)
    return Shallow(w, b, v)
