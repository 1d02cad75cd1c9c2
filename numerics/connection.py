"""Paths between trained networks with one hidden layer, on handwritten digits: the lowest accuracy on the way.

Neuron i of one network goes to neuron i of the other, since in the mean-field picture neurons are independent draws from one law, so
that any pairing will do: this is how the source pairs them. `matched` pairs similar ones instead. Many networks are trained at
once: neurons of all are columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch

from lemmata.numerics.pictures import Task

MOMENTUM = 0.9
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
    """R networks of n neurons (l, b, c): `inner` holds the rows l and, last, b, (pixels + 1, R, n); `outer` the c, (10, R, n)."""

    inner: Any
    outer: Any

    def half(self, second: bool) -> Networks:
        """The first or the second half of the networks."""
        count = self.inner.shape[1] // 2
        part = slice(count, 2 * count) if second else slice(0, count)
        return Networks(self.inner[:, part], self.outer[:, part])


def _hidden(networks: Networks, inputs: Any, activation: Activation) -> Any:
    sums = (inputs @ networks.inner.flatten(1)).reshape(len(inputs), *networks.inner.shape[1:])
    return sums.clamp_(min=0) if activation is Activation.RELU else sums.tanh_()


def train(count: int, width: int, activation: Activation, task: Task, rng: Any, device: str = "cpu") -> Networks:
    """`count` networks by gradient descent with momentum on the cross-entropy of all training pictures, from independent normal starts.

    Raises ValueError for less than one network or neuron.

    >>> train(2, 3, Activation.RELU, Task(), torch.Generator().manual_seed(1)).outer.shape
    torch.Size([10, 2, 3])
    """
    if count < 1 or width < 1:
        raise ValueError(f"{count} networks of {width} neurons were asked for: at least one of each is needed")
    inputs, classes = task.seen(device)
    inner = torch.randn(task.entries, count, width, generator=rng, device=device) / task.pictures.side
    inner[-1] = 0
    outer = torch.randn(count, width, 10, generator=rng, device=device) / math.sqrt(width)
    wanted = torch.nn.functional.one_hot(classes, 10).float()
    speeds = [torch.zeros_like(inner), torch.zeros_like(outer)]
    for _ in range(task.steps):
        hidden = _hidden(Networks(inner, outer), inputs, activation).transpose(0, 1)
        error = (torch.softmax(hidden @ outer, -1) - wanted) / task.training
        slope = (hidden > 0) if activation is Activation.RELU else 1 - hidden * hidden
        back = ((error @ outer.mT) * slope).transpose(0, 1).flatten(1)
        for weights, slopes, speed in zip((inner, outer), ((inputs.T @ back).reshape(inner.shape), hidden.mT @ error), speeds, strict=True):
            speed.mul_(MOMENTUM).add_(slopes)
            weights.sub_(task.step * speed)
    return Networks(inner, outer.permute(2, 0, 1))


def accuracy(networks: Networks, activation: Activation, data: tuple[Any, Any]) -> Any:
    """The share of pictures that each network puts into the right class."""
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


def pairs(count: int, width: int, activation: Activation, task: Task, rng: Any, device: str = "cpu") -> tuple[Networks, Networks]:
    """Two networks each for `count` pairs, all trained from independent starts."""
    networks = train(2 * count, width, activation, task, rng, device)
    return networks.half(False), networks.half(True)


def table(count: int, width: int, activation: Activation, task: Task, rng: Any, device: str = "cpu") -> dict[str, tuple[float, float]]:
    """The lowest accuracy along each path, its mean over `count` independent pairs and its standard error.

    On the pictures that trained ("train ...") and on unseen ones ("test ..."). The ends themselves and the line between matched
    neurons are rows too. Raises ValueError for less than two pairs.

    >>> rows = table(2, 3, Activation.TANH, Task(), torch.Generator().manual_seed(1))
    >>> list(rows)[:5]
    ['train ends', 'train line', 'train arc', 'train centred arc', 'train matched line']
    """
    if count < 2:
        raise ValueError(f"a standard error over {count} pairs was asked for: at least 2 are needed")
    found: dict[str, list[Any]] = {}
    for some in chunks(count, width, task.training):
        first, second = pairs(some, width, activation, task, rng, device)
        near = matched(first, second)
        for part, data in (("train", task.seen(device)), ("test", task.unseen(device))):
            ends = torch.minimum(accuracy(first, activation, data), accuracy(second, activation, data))
            rows = {"ends": ends} | {path.name.lower(): lowest_accuracy(first, second, path, activation, data) for path in Path}
            rows["matched line"] = lowest_accuracy(first, near, Path.LINE, activation, data)
            for name, values in rows.items():
                found.setdefault(f"{part} {name.replace('_', ' ')}", []).append(values)
    columns = {name: torch.cat(parts) for name, parts in found.items()}
    return {name: (float(values.mean()), float(values.std()) / math.sqrt(count)) for name, values in columns.items()}


AT_ONCE = 2**17
"""Numbers in a hidden layer that is computed at once, on all pictures: more do not fit into the processor's own memory."""


def chunks(count: int, width: int, pictures: int) -> list[int]:
    """Into how many pairs at a time `count` of them are cut, so that a layer of both networks has about `AT_ONCE` numbers.

    >>> chunks(100, 16, 50), chunks(2, 2000, 4000)
    ([81, 19], [1, 1])
    """
    most = max(1, AT_ONCE // (2 * width * pictures))
    return [most] * (count // most) + ([count % most] if count % most else [])
