r"""Test errors of wide networks on spheres, trained from a random and from a mirrored start and stopped at the best time.

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


def best_errors(start: Start, task: Task, width: int, steps: int, rng: Any, device: str) -> Any:
    """The least mean squared test error of each network over geometrically spaced times up to `steps`."""
    import torch

    size, n, dimension = task.x.shape
    half = (torch.randn(size, width, dimension, generator=rng, device=device), torch.randn(size, width, generator=rng, device=device))
    copies = [half, half] if start is Start.MIRRORED else [half]
    signs = (2**-0.5, -(2**-0.5)) if start is Start.MIRRORED else (1.0,)
    looks = {round(1.25**power) for power in range(60)}
    best = torch.full((size,), torch.inf, device=device)
    for step in range(steps + 1):
        if step == 0 or step in looks or step == steps:
            seen = sum(sign * outputs(w, c, task.unseen) for sign, (w, c) in zip(signs, copies, strict=True))
            best = best.minimum((seen - task.target).square().mean(1))
        fitted = sum(sign * outputs(w, c, task.x) for sign, (w, c) in zip(signs, copies, strict=True))
        residual = (fitted - task.y) / n
        copies = [stepped(w, c, task.x, sign * residual) for sign, (w, c) in zip(signs, copies, strict=True)]
    return best.double()
