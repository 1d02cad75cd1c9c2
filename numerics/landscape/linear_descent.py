r"""Deep linear networks on random data under convex losses: batches of runs of descent, and the least loss that any linear map has.

$$L(W) = \frac1n \sum_j \sum_i \ell\left( (W_K \cdots W_1 x_j)_i,\, y_{ij} \right)$$

Everything is batched over runs, each with its own data and start, in double precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch

Tensor = Any

SAMPLES = 40
"""Data points of a task: random labels of so many with three inputs are separable once in 10^9 tasks (Cover 1965, theorem 1)."""

SETTLED = 1e-9
"""The norm of the gradient at which Newton's method has found a convex minimum; its value is then within the square of it."""

MOMENTUM = 0.9


class ConvexLoss(Enum):
    """Losses that are convex and differentiable in the output."""

    SQUARE = "square"
    """(u - y)^2/2, y normal."""
    HUBER = "huber"
    """(u - y)^2/2 up to |u - y| = 1, |u - y| - 1/2 beyond; y twice a normal."""
    LOGISTIC = "logistic"
    """log(1 + e^(-u y)), y = 1 or -1."""

    def labels(self, normal: Tensor) -> Tensor:
        """Labels made of normal variables."""
        match self:
            case ConvexLoss.SQUARE:
                return normal
            case ConvexLoss.HUBER:
                return 2 * normal
            case ConvexLoss.LOGISTIC:
                return torch.where(normal < 0, -1.0, 1.0).to(normal)

    def at(self, u: Tensor, y: Tensor) -> Tensor:
        """l(u, y)."""
        match self:
            case ConvexLoss.SQUARE:
                return (u - y) ** 2 / 2
            case ConvexLoss.HUBER:
                far = (u - y).abs()
                return torch.where(far <= 1, far**2 / 2, far - 1 / 2)
            case ConvexLoss.LOGISTIC:
                return torch.nn.functional.softplus(-u * y)

    def slope(self, u: Tensor, y: Tensor) -> Tensor:
        """dl/du."""
        match self:
            case ConvexLoss.SQUARE:
                return u - y
            case ConvexLoss.HUBER:
                return (u - y).clamp(-1, 1)
            case ConvexLoss.LOGISTIC:
                return -y * torch.sigmoid(-u * y)

    def bend(self, u: Tensor, y: Tensor) -> Tensor:
        """d^2l/du^2, where it exists."""
        match self:
            case ConvexLoss.SQUARE:
                return torch.ones_like(u)
            case ConvexLoss.HUBER:
                return ((u - y).abs() <= 1).to(u)
            case ConvexLoss.LOGISTIC:
                return torch.sigmoid(u * y) * torch.sigmoid(-u * y)

    def majorant(self, u: Tensor, y: Tensor) -> Tensor:
        """The second derivative of a parabola in u that touches the loss at u and is nowhere below it."""
        match self:
            case ConvexLoss.SQUARE:
                return torch.ones_like(u)
            case ConvexLoss.HUBER:
                return 1 / (u - y).abs().clamp(min=1)
            case ConvexLoss.LOGISTIC:
                return torch.full_like(u, 1 / 4)

    def conjugate(self, p: Tensor, y: Tensor) -> Tensor:
        """l*(p) = sup over u of p u - l(u, y), infinite outside the range of slopes.

        >>> half, one = torch.tensor(0.5), torch.tensor(1.0)
        >>> float(ConvexLoss.HUBER.conjugate(half, one)), float(ConvexLoss.LOGISTIC.conjugate(2 * half, one))
        (0.625, inf)
        """
        match self:
            case ConvexLoss.SQUARE:
                return p * y + p**2 / 2
            case ConvexLoss.HUBER:
                return torch.where(p.abs() <= 1, p * y + p**2 / 2, torch.inf)
            case ConvexLoss.LOGISTIC:
                q = -p * y
                inside = (q >= 0) & (q <= 1)
                return torch.where(inside, torch.xlogy(q, q) + torch.xlogy(1 - q, 1 - q), torch.inf)


@dataclass(frozen=True)
class Tasks:
    """A batch of data sets: inputs (runs, d_0, n), labels (runs, d_K, n)."""

    loss: ConvexLoss
    inputs: Tensor
    labels: Tensor

    @classmethod
    def drawn(cls, loss: ConvexLoss, widths: Sequence[int], size: int, rng: Any, device: str) -> Tasks:
        """Normal inputs, and labels that have nothing to do with them."""
        kind = {"generator": rng, "device": device, "dtype": torch.float64}
        inputs = torch.randn(size, widths[0], SAMPLES, **kind)
        return cls(loss, inputs, loss.labels(torch.randn(size, widths[-1], SAMPLES, **kind)))

    def value(self, maps: Tensor) -> Tensor:
        """The loss of linear maps (runs, d_K, d_0)."""
        return self.loss.at(maps @ self.inputs, self.labels).sum(1).mean(1)

    def gradient(self, maps: Tensor) -> Tensor:
        """Its gradient with respect to the maps."""
        return self.loss.slope(maps @ self.inputs, self.labels) @ self.inputs.mT / SAMPLES

    def least(self) -> Tensor:
        """The least loss of any linear map, as `best` finds it."""
        return self.value(self.best())

    def best(self) -> Tensor:
        """The linear maps of least loss: a convex problem for each run and output, by Newton's method and majorants.

        Raises ArithmeticError where a run does not settle, and for data that a map separates: they have no least logistic loss.
        """
        maps = torch.zeros(*self.labels.shape[:2], self.inputs.shape[1], dtype=torch.float64, device=self.inputs.device)
        ridge = 1e-9 * torch.eye(maps.shape[2], dtype=torch.float64, device=maps.device)
        for _ in range(500):
            slope = self.gradient(maps)
            if float(slope.abs().max()) < SETTLED:
                return self._not_separating(maps)
            steps = [
                -torch.linalg.solve(self.curvature(bend(maps @ self.inputs, self.labels)) + ridge, slope[..., None])[..., 0]
                for bend in (self.loss.bend, self.loss.majorant)
            ]
            maps = self._searched(maps, steps)
        raise ArithmeticError("a convex minimum was not found in 500 steps: the data may be degenerate")

    def curvature(self, bend: Tensor) -> Tensor:
        """The second moments of the inputs, weighted by a bend (runs, d_K, n) of the loss: (runs, d_K, d_0, d_0)."""
        return torch.einsum("rkn,rin,rjn->rkij", bend, self.inputs, self.inputs) / SAMPLES

    def floor(self, maps: Tensor) -> Tensor:
        r"""A proved lower bound on the loss of every linear map, from the slopes p at some maps; sharp where these are best.

        $$\sum_j p_j x_j^T = 0 \implies \frac1n \sum_j \ell(A x_j, y_j) \ge \frac1n \sum_j \bigl(p_j \cdot A x_j - \ell^*(p_j)\bigr)
        = -\frac1n \sum_j \ell^*(p_j) \quad \text{for all } A$$

        The slopes are projected on that condition and shortened into the range of l*; up to roundings of some 10^-15. Where they
        do not fit the bound is -inf. Source: Rockafellar (1970), Convex Analysis, theorem 31.1 (Fenchel's inequality suffices).
        """
        p = self.loss.slope(maps @ self.inputs, self.labels)
        moment = self.inputs @ self.inputs.mT
        p = p - torch.linalg.solve(moment, (p @ self.inputs.mT).mT).mT @ self.inputs
        if self.loss is ConvexLoss.HUBER:
            p = p / p.abs().amax(2, keepdim=True).clamp(min=1)
        return -self.loss.conjugate(p, self.labels).sum(1).mean(1)

    def _not_separating(self, maps: Tensor) -> Tensor:
        """The maps themselves; the gradient of a logistic loss vanishes at infinity, too, where every label has the sign of its output."""
        if self.loss is ConvexLoss.LOGISTIC and bool((maps @ self.inputs * self.labels > 0).all(2).any()):
            raise ArithmeticError("the data are separable, so that the logistic loss has no minimum: take more of them")
        return maps

    def _searched(self, maps: Tensor, steps: Sequence[Tensor]) -> Tensor:
        """For each output of each run Newton's step where it halves the gradient, else the best of its halves and the majorant's step.

        A step to the least of a majorant never rises; near the minimum values differ by roundings only, and gradients tell more.
        """
        newton, safe = steps
        tried = torch.stack([maps + newton * 0.5**k for k in range(12)] + [maps + safe])
        best = torch.stack([self.loss.at(each @ self.inputs, self.labels).mean(2) for each in tried]).argmin(0)
        norms = [self.gradient(each).norm(dim=2) for each in (maps, tried[0])]
        best = torch.where(2 * norms[1] < norms[0], 0, best)
        return tried.gather(0, best[None, :, :, None].expand(1, *maps.shape))[0]


def product(layers: Sequence[Tensor]) -> Tensor:
    """W_K ... W_1, for the layers W_1, ..., W_K."""
    found = layers[0]
    for layer in layers[1:]:
        found = layer @ found
    return found


def gradients(layers: Sequence[Tensor], of_product: Tensor) -> list[Tensor]:
    """(W_K...W_(k+1))^T G (W_(k-1)...W_1)^T for every layer k, where G is the gradient with respect to the product.

    >>> one = torch.ones(1, 1, 1)
    >>> [float(g) for g in gradients([2 * one, 3 * one], 5 * one)]
    [15.0, 10.0]
    """
    found: list[Tensor] = []
    above: list[Tensor] = [of_product]
    for layer in reversed(layers[1:]):
        above.append(layer.mT @ above[-1])
    below = None
    for layer, down in zip(layers, reversed(above), strict=True):
        found.append(down if below is None else down @ below.mT)
        below = layer if below is None else layer @ below
    return found


def starts(tasks: Tasks, widths: Sequence[int], rng: Any) -> list[Tensor]:
    """Layers of independent normal weights of variance 1/d_(k-1).

    Raises ValueError for less than one layer, a width below one, or widths that are not those of the data.
    """
    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(f"a network has at least one layer and no empty ones, not the widths {tuple(widths)}")
    ends = (tasks.inputs.shape[1], tasks.labels.shape[1])
    if (widths[0], widths[-1]) != ends:
        raise ValueError(f"the data map {ends[0]} numbers to {ends[1]}, and the widths {tuple(widths)} do not begin and end so")
    kind = {"generator": rng, "device": tasks.inputs.device, "dtype": torch.float64}
    pairs = zip(widths, widths[1:], strict=False)
    return [torch.randn(len(tasks.inputs), after, before, **kind) / before**0.5 for before, after in pairs]


def descend(tasks: Tasks, widths: Sequence[int], rng: Any, *, step: float, steps: int) -> Tensor:
    """The losses at which runs of descent with momentum end, from normal starts of variance 1/d_(k-1).

    Raises ValueError for less than one layer or a width below one.
    """
    layers = starts(tasks, widths, rng)
    speeds = [torch.zeros_like(layer) for layer in layers]
    for _ in range(steps):
        for layer, speed, slope in zip(layers, speeds, gradients(layers, tasks.gradient(product(layers))), strict=True):
            speed.mul_(MOMENTUM).sub_(slope, alpha=step)
            layer.add_(speed)
    return tasks.value(product(layers))


def settled(tasks: Tasks, widths: Sequence[int], rng: Any, *, steps: int) -> Tensor:
    r"""The losses at which damped steps end, from the same starts: of descent they have the direction, and none of them rises.

    $$\delta = -J^T (C J J^T + \lambda)^{-1} G = -(J^T C J + \lambda)^{-1} J^T G$$

    J is the derivative of the product W_K...W_1, G the loss's gradient and C its majorant's curvature there; lambda falls to a third
    after a step that lowers the loss and rises fourfold where none was taken. Where descent crawls past rank-deficient products for
    thousands of steps these take tens. Raises ValueError as `starts` does. Source: Marquardt (1963), section on the algorithm.
    """
    layers = starts(tasks, widths, rng)
    value = tasks.value(product(layers))
    damping = torch.ones_like(value)
    for _ in range(steps):
        maps = product(layers)
        slope = tasks.gradient(maps)
        curvature = tasks.curvature(tasks.loss.majorant(maps @ tasks.inputs, tasks.labels))
        system = torch.einsum("rlmj,rkilm->rljki", curvature, _gram(layers)).reshape(len(value), slope[0].numel(), -1)
        system = system + damping[:, None, None] * torch.eye(slope[0].numel(), dtype=torch.float64, device=value.device)
        solved = torch.linalg.solve(system, slope.reshape(len(value), -1, 1)).view_as(slope)
        tried = [layer - move for layer, move in zip(layers, gradients(layers, solved), strict=True)]
        found = tasks.value(product(tried))
        lower = found < value
        layers = [torch.where(lower[:, None, None], new, old) for new, old in zip(tried, layers, strict=True)]
        value = torch.where(lower, found, value)
        damping = torch.where(lower, damping / 3, damping * 4).clamp(1e-12, 1e12)
    return value


def _gram(layers: Sequence[Tensor]) -> Tensor:
    """J J^T as (runs, d_K, d_0, d_K, d_0): the sum over layers of (A A^T)_kl (B^T B)_im, A and B the products above and below."""
    one, kind = layers[0], {"dtype": torch.float64, "device": layers[0].device}
    below = [torch.eye(one.shape[2], **kind).expand(len(one), -1, -1)]
    above = [torch.eye(layers[-1].shape[1], **kind).expand(len(one), -1, -1)]
    for up, down in zip(layers, reversed(layers), strict=True):
        below.append(up @ below[-1])
        above.append(above[-1] @ down)
    pairs = zip(reversed(above[:-1]), below[:-1], strict=True)
    return sum(torch.einsum("rkl,rim->rkilm", a @ a.mT, b.mT @ b) for a, b in pairs)


@dataclass(frozen=True)
class Ends:
    """Where runs ended, between which bounds the least loss of any linear map lies: `floor` proved, `witness` that of a map."""

    reached: Tensor
    floor: Tensor
    witness: Tensor

    @property
    def above_floor(self) -> Tensor:
        """At most so much above the least loss."""
        return self.reached - self.floor

    @property
    def above_witness(self) -> Tensor:
        """At least so much above the least loss."""
        return self.reached - self.witness


def ends(loss: ConvexLoss, widths: Sequence[int], size: int, rng: Any, device: str, *, steps: int = 100) -> Ends:
    """Random tasks, each solved from a random start, beside the convex optimum.

    >>> generator = torch.Generator().manual_seed(1)
    >>> found = ends(ConvexLoss.SQUARE, (3, 3, 2), 4, generator, "cpu")
    >>> bool((found.above_floor < 1e-12).all())
    True
    """
    tasks = Tasks.drawn(loss, widths, size, rng, device)
    best = tasks.best()
    return Ends(settled(tasks, widths, rng, steps=steps), tasks.floor(best), tasks.value(best))
