r"""Test errors of wide networks on spheres, trained from a random and from a mirrored start and stopped at the best time.

Beside each of them the kernel flow at infinite width with the same samples, the same start and the same steps: what a network does
that the kernel does not is how far the two are apart.

$f(x) = \sqrt{2/m} \sum_r c_r \max(0, w_r \cdot x)$ on S^d, inputs uniform, labels $f^*(x) + \sigma \varepsilon$. The target is
the tangent kernel at a pole, $f^*(x) = \kappa_1(x_1) + x_1 \kappa_0(x_1)$. Its coefficient at each degree is that of the kernel, so
that its smoothness is $s = (d + 2)/(d + 1)$: $\sum N_k \lambda_k^{2 - s}$ is finite up to there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

STEP = 1.0
"""Time of a step: below 2 over the largest eigenvalue of the kernel, near 0.7 on S^2 and less in higher dimensions."""

NOISE = 0.5
UNSEEN = 512
"""Test points; the target there is known without noise."""


class Start(Enum):
    """How a network begins."""

    RANDOM = 0
    MIRRORED = 1


@dataclass(frozen=True)
class Task:
    """Samples on S^d for `size` networks: inputs, labels, test inputs, the target there."""

    x: Any
    y: Any
    unseen: Any
    target: Any


def target(x: Any) -> Any:
    """The tangent kernel at the pole (1, 0, ..., 0)."""
    import torch

    cosine = x[..., 0].clamp(-1, 1)
    angle = cosine.acos()
    return (angle.sin() + 2 * (torch.pi - angle) * cosine) / torch.pi


def sphere(d: int, size: int, n: int, rng: Any, device: str) -> Any:
    """n uniform points of S^d for each of `size` networks; raises ValueError for d < 1."""
    import torch

    if d < 1:
        raise ValueError(f"a sphere S^d has d >= 1, not {d}")
    points = torch.randn(size, n, d + 1, generator=rng, device=device)
    return points / points.norm(dim=-1, keepdim=True)


def posed(d: int, n: int, size: int, rng: Any, device: str, unseen: int = UNSEEN) -> Task:
    """A task drawn anew for each network, with so many test points."""
    import torch

    x, points = sphere(d, size, n, rng, device), sphere(d, size, unseen, rng, device)
    noise = torch.randn(size, n, generator=rng, device=device)
    return Task(x, target(x) + NOISE * noise, points, target(points))


def outputs(w: Any, c: Any, x: Any) -> Any:
    """f at each point."""
    return (2 / w.shape[1]) ** 0.5 * ((x @ w.mT).clamp(min=0) @ c[..., None])[..., 0]


def stepped(w: Any, c: Any, x: Any, error: Any) -> tuple[Any, Any]:
    """One step of descent, `error` the derivative of the loss by the outputs."""
    hidden = x @ w.mT
    scale = STEP * (2 / w.shape[1]) ** 0.5
    active = (hidden > 0) * error[..., None]
    return w - scale * c[..., None] * (active.mT @ x), c - scale * (hidden.clamp(min=0) * error[..., None]).sum(1)


@dataclass(frozen=True)
class Networks:
    """One network a task: a single layer, or two equal copies whose difference over sqrt(2) is the output."""

    copies: tuple[tuple[Any, Any], ...]

    @property
    def signs(self) -> tuple[float, ...]:
        """By what each copy enters the output."""
        return (2**-0.5, -(2**-0.5)) if len(self.copies) == 2 else (1.0,)

    def outputs(self, x: Any) -> Any:
        """f at each point."""
        return sum(sign * outputs(w, c, x) for sign, (w, c) in zip(self.signs, self.copies, strict=True))

    def stepped(self, x: Any, error: Any) -> Networks:
        """The networks after one step of descent."""
        return Networks(tuple(stepped(w, c, x, sign * error) for sign, (w, c) in zip(self.signs, self.copies, strict=True)))


def begun(start: Start, task: Task, width: int, rng: Any, device: str) -> Networks:
    """Networks with standard normal weights, as many as there are tasks."""
    import torch

    size, _, dimension = task.x.shape
    half = (torch.randn(size, width, dimension, generator=rng, device=device), torch.randn(size, width, generator=rng, device=device))
    return Networks((half, half) if start is Start.MIRRORED else (half,))


def looks(steps: int) -> list[int]:
    """The steps after which errors are looked at: 0, `steps`, and powers of 5/4 between.

    >>> looks(10)
    [0, 1, 2, 3, 4, 5, 6, 7, 9, 10]
    """
    return sorted({0, steps} | {step for step in (round(1.25**power) for power in range(60)) if step <= steps})


def best_errors(networks: Networks, task: Task, steps: int) -> Any:
    """The least mean squared test error of each network over geometrically spaced times up to `steps`."""
    import torch

    size, n, _ = task.x.shape
    places = set(looks(steps))
    best = torch.full((size,), torch.inf, device=task.x.device)
    for step in range(steps + 1):
        if step in places:
            best = best.minimum((networks.outputs(task.unseen) - task.target).square().mean(1))
        networks = networks.stepped(task.x, (networks.outputs(task.x) - task.y) / n)
    return best.double()


def tangent_kernel(first: Any, second: Any) -> Any:
    """The tangent kernel at infinite width between points of a sphere, from the angle seen against their distance."""
    import torch

    distance = torch.cdist(first, second, compute_mode="donot_use_mm_for_euclid_dist")
    angle = 2 * torch.asin((distance / 2).clamp(max=1))
    return (angle.sin() + 2 * (torch.pi - angle) * angle.cos()) / torch.pi


def best_kernel_errors(networks: Networks, task: Task, steps: int) -> Any:
    r"""The same for the kernel in their place, exactly: from the same f_0, in the same steps, at the same times.

    $f_T = f_0 + \frac1n k^T \frac{I - (I - K/n)^T}{K/n} (y - f_0)$ for steps of time 1, through the eigenvectors of K/n.
    """
    import torch

    n = task.x.shape[1]
    x, unseen, y, wanted = (part.double() for part in (task.x, task.unseen, task.y, task.target))
    values, vectors = torch.linalg.eigh(tangent_kernel(x, x) / n)
    values = values.clamp(min=n * torch.finfo(values.dtype).eps)  # below that an eigenvalue is rounding: nothing is learnt along it
    residual = (vectors.mT @ (y - networks.outputs(task.x).double())[..., None])[..., 0]
    towards, at_start = tangent_kernel(unseen, x) @ vectors / n, networks.outputs(task.unseen).double()
    best = torch.full((len(x),), torch.inf, dtype=torch.float64, device=x.device)
    for step in looks(steps):
        slow = -torch.expm1(step * torch.log1p(-values.clamp(max=0.5)))
        learnt = torch.where(values < 0.5, slow, 1 - (1 - values) ** step) / values * residual
        best = best.minimum((at_start + (towards @ learnt[..., None])[..., 0] - wanted).square().mean(1))
    return best
