"""Paths between trained networks with one hidden layer, on handwritten digits: the lowest accuracy on the way.

Neuron i of one network goes to neuron i of the other, since in the mean-field picture neurons are independent draws from one law, so
that any pairing will do; `matched` pairs similar ones instead. Many networks are trained at once: neurons of all are columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch

from lemmata.numerics.datasets import digits

TRAINING, TESTING = 100, 400
"""The first images train, the next ones test."""
STEPS, STEP, MOMENTUM = 40, 0.25, 0.9
PLACES = 4
"""A path is looked at where t = 1/4, 1/2, 3/4."""


class Activation(Enum):
    """What the neurons do."""

    RELU = 0
    TANH = 1


class Path(Enum):
    """How a neuron goes from X to Y: (1-t) X + t Y, cos X + sin Y at the angle pi t/2, or that arc around the mean neuron."""

    LINE = 0
    ARC = 1
    CENTRED_ARC = 2

    def factors(self, t: float) -> tuple[float, float]:
        """What X and Y are multiplied by.

        >>> Path.LINE.factors(0.25), Path.ARC.factors(0.0)
        ((0.75, 0.25), (1.0, 0.0))
        """
        if self is Path.LINE:
            return 1 - t, t
        return math.cos(math.pi * t / 2), math.sin(math.pi * t / 2)


@dataclass(frozen=True, slots=True)
class Networks:
    """R networks of n neurons (l, b, c): `inner` holds the rows l and, last, b, of shape (65, R, n); `outer` the c, (10, R, n)."""

    inner: Any
    outer: Any

    def half(self, second: bool) -> Networks:
        """The first or the second half of the networks."""
        count = self.inner.shape[1] // 2
        part = slice(count, 2 * count) if second else slice(0, count)
        return Networks(self.inner[:, part], self.outer[:, part])


def images(first: int, last: int, device: str) -> tuple[Any, Any]:
    """Images with grey levels in [-0.3, 0.7] and an entry 1 for the biases, and their classes."""
    rows = torch.tensor(digits()[first:last], dtype=torch.float32, device=device)
    pixels = rows[:, :-1] / 16 - 0.3
    return torch.cat([pixels, torch.ones_like(pixels[:, :1])], 1), rows[:, -1].long()


def _hidden(networks: Networks, inputs: Any, activation: Activation) -> Any:
    sums = (inputs @ networks.inner.flatten(1)).reshape(len(inputs), *networks.inner.shape[1:])
    return sums.clamp(min=0) if activation is Activation.RELU else sums.tanh()


def train(count: int, width: int, activation: Activation, rng: Any, device: str = "cpu") -> Networks:
    """`count` networks by gradient descent with momentum on the cross-entropy of all training images, from independent normal starts.

    Raises ValueError for less than one network or neuron.

    >>> train(2, 3, Activation.RELU, torch.Generator().manual_seed(1)).outer.shape
    torch.Size([10, 2, 3])
    """
    if count < 1 or width < 1:
        raise ValueError(f"{count} networks of {width} neurons were asked for: at least one of each is needed")
    inputs, classes = images(0, TRAINING, device)
    inner = torch.randn(65, count, width, generator=rng, device=device) / 8
    inner[-1] = 0
    outer = torch.randn(count, width, 10, generator=rng, device=device) / math.sqrt(width)
    wanted = torch.nn.functional.one_hot(classes, 10).float()
    speeds = [torch.zeros_like(inner), torch.zeros_like(outer)]
    for _ in range(STEPS):
        hidden = _hidden(Networks(inner, outer), inputs, activation).transpose(0, 1)
        error = (torch.softmax(hidden @ outer, -1) - wanted) / TRAINING
        slope = (hidden > 0) if activation is Activation.RELU else 1 - hidden * hidden
        back = ((error @ outer.mT) * slope).transpose(0, 1).flatten(1)
        for weights, slopes, speed in zip((inner, outer), ((inputs.T @ back).reshape(inner.shape), hidden.mT @ error), speeds, strict=True):
            speed.mul_(MOMENTUM).add_(slopes)
            weights.sub_(STEP * speed)
    return Networks(inner, outer.permute(2, 0, 1))


def accuracy(networks: Networks, activation: Activation, data: tuple[Any, Any]) -> Any:
    """The share of images that each network puts into the right class."""
    inputs, classes = data
    hidden = _hidden(networks, inputs, activation).transpose(0, 1)
    return ((hidden @ networks.outer.permute(1, 2, 0)).argmax(-1) == classes).float().mean(1)


def between(first: Networks, second: Networks, path: Path, t: float) -> Networks:
    """The networks at t on the paths from each of the first to its partner."""
    u, v = path.factors(t)
    parts = []
    for x, y in ((first.inner, second.inner), (first.outer, second.outer)):
        middle = torch.cat([x, y], -1).mean(-1, keepdim=True) if path is Path.CENTRED_ARC else torch.zeros_like(x[..., :1])
        parts.append(middle + u * (x - middle) + v * (y - middle))
    return Networks(*parts)


def lowest_accuracy(first: Networks, second: Networks, path: Path, activation: Activation, data: tuple[Any, Any]) -> Any:
    """For each pair the lowest accuracy among the inner places of its path."""
    found = [accuracy(between(first, second, path, place / PLACES), activation, data) for place in range(1, PLACES)]
    return torch.stack(found).amin(0)


def matched(first: Networks, second: Networks) -> Networks:
    """The second networks with their neurons in the order that brings them nearest to those of the first, in squared distance."""
    from scipy.optimize import linear_sum_assignment

    one, other = (torch.cat([networks.inner, networks.outer]) for networks in (first, second))
    alike = torch.einsum("krn,krm->rnm", one, other).cpu().numpy()
    orders = torch.tensor([linear_sum_assignment(table, maximize=True)[1].tolist() for table in alike], device=one.device)

    def ordered(weights: Any) -> Any:
        return torch.gather(weights, 2, orders.expand(len(weights), *orders.shape))

    return Networks(ordered(second.inner), ordered(second.outer))


def pairs(count: int, width: int, activation: Activation, rng: Any, device: str = "cpu") -> tuple[Networks, Networks]:
    """Two networks each for `count` pairs, all trained from independent starts."""
    networks = train(2 * count, width, activation, rng, device)
    return networks.half(False), networks.half(True)


def table(count: int, width: int, activation: Activation, rng: Any, device: str = "cpu") -> dict[str, tuple[float, float]]:
    """The lowest accuracy on unseen images along each path, its mean over `count` independent pairs and its standard error.

    The ends themselves and the line between matched neurons are rows too. Raises ValueError for less than two pairs.

    >>> rows = table(2, 3, Activation.TANH, torch.Generator().manual_seed(1))
    >>> list(rows)
    ['ends', 'line', 'arc', 'centred_arc', 'matched_line']
    """
    if count < 2:
        raise ValueError(f"a standard error over {count} pairs was asked for: at least 2 are needed")
    first, second = pairs(count, width, activation, rng, device)
    data = unseen_images(device)
    found = {"ends": torch.minimum(accuracy(first, activation, data), accuracy(second, activation, data))}
    found |= {path.name.lower(): lowest_accuracy(first, second, path, activation, data) for path in Path}
    found["matched_line"] = lowest_accuracy(first, matched(first, second), Path.LINE, activation, data)
    return {name: (float(values.mean()), float(values.std()) / math.sqrt(count)) for name, values in found.items()}


def unseen_images(device: str = "cpu") -> tuple[Any, Any]:
    """The images on which paths are looked at."""
    return images(TRAINING, TRAINING + TESTING, device)
