"""Ways up: many places at once climb an objective by its gradient, by trial steps, or by BFGS, and none needs to be smooth.

All coordinates run from -REACH to REACH, so a step of one size means the same factor near an end and far out.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lemmata.verify.search.chart import REACH
from lemmata.verify.search.gap import Objective

LONGEST, SHORTEST = 3.0, 1e-15
"""The longest step along a coordinate, and the shortest that is worth taking."""


Pull = Callable[[Tensor], Tensor]
"""Brings places that lie outside the domain back to it."""


def scored(objective: Objective, u: Tensor) -> Tensor:
    """The objective, -inf where it has no finite value."""
    with torch.no_grad():
        value = objective(u)
    return torch.where(torch.isfinite(value), value, -torch.inf)


def slopes(objective: Objective, u: Tensor) -> tuple[Tensor, Tensor]:
    """The objective and its gradient, 0 where there is none."""
    there = u.detach().requires_grad_()
    value = objective(there)
    if not value.requires_grad:
        return torch.where(torch.isfinite(value), value, -torch.inf), torch.zeros_like(u)
    (slope,) = torch.autograd.grad(torch.where(torch.isfinite(value), value, 0.0).sum(), there)
    value = value.detach()
    return torch.where(torch.isfinite(value), value, -torch.inf), torch.nan_to_num(slope, nan=0.0, posinf=0.0, neginf=0.0)


def by_signs(objective: Objective, start: Tensor, rounds: int) -> Tensor:
    """Steps along the signs of the gradient, each coordinate with its own length: longer while the sign stays, halved when it flips.

    Only signs count, so a slope of 10^-300 leads on where the values themselves are equal in floating point. Returned are the
    best places on the way and the last ones, stacked (Riedmiller & Braun 1993, "RPROP", section II).

    >>> bool((by_signs(lambda u: -((u[:, 0] - 1) ** 2), torch.zeros(1, 1), 60)[0] - 1).abs() < 1e-6)
    True
    """
    u, step = start.clone(), torch.full_like(start, 0.3)
    best, height = start.clone(), torch.full_like(start[:, 0], -torch.inf)
    before = torch.zeros_like(start)
    for _ in range(rounds):
        value, slope = slopes(objective, u)
        better = value > height
        best, height = torch.where(better[:, None], u, best), torch.maximum(height, value)
        lost = torch.isneginf(value) & ~torch.isneginf(height)
        sign = torch.sign(slope)
        turn = sign * before
        step = torch.where(turn > 0, step * 1.4, torch.where(turn < 0, step * 0.5, step)).clamp(SHORTEST, LONGEST)
        step = torch.where(lost[:, None], step * 0.25, step)
        u = torch.where(lost[:, None], best, (u + sign * step).clamp(-REACH, REACH))
        before = torch.where(lost[:, None], torch.zeros_like(sign), sign)
    return torch.cat((best, u))


def by_trial(objective: Objective, start: Tensor, rounds: int, generator: torch.Generator, pull: Pull = lambda u: u) -> Tensor:
    """Steps to the best of some trial places: both ways along each coordinate and along two random directions.

    The step grows with success and shrinks without, so kinks, jumps and integers are climbed too. `pull` brings back the
    places that lie outside the domain.
    """
    many, size = start.shape
    u, height = start.clone(), scored(objective, start)
    step = torch.full((many, 1, 1), 0.5, dtype=start.dtype)
    axes = torch.eye(size, dtype=start.dtype).expand(many, size, size)
    for _ in range(rounds):
        ways = axes if size == 1 else torch.cat((axes, _directions(many, size, start.dtype, generator)), dim=1)
        trials = (u[:, None, :] + step * torch.cat((ways, -ways), dim=1)).clamp(-REACH, REACH)
        trials = pull(trials.reshape(-1, size)).reshape(trials.shape)
        values = scored(objective, trials.reshape(-1, size)).reshape(many, -1)
        top, which = values.max(dim=1)
        better = top > height
        u = torch.where(better[:, None], trials[torch.arange(many), which], u)
        height = torch.where(better, top, height)
        step = (step * torch.where(better, 2.0, 0.4)[:, None, None]).clamp(SHORTEST, LONGEST)
    return u


def _directions(many: int, size: int, dtype: torch.dtype, generator: torch.Generator) -> Tensor:
    ways = torch.randn(many, 2, size, dtype=dtype, generator=generator)
    return ways / ways.norm(dim=2, keepdim=True)


def by_bfgs(objective: Objective, start: Tensor, rounds: int) -> Tensor:
    """Each place on its own by L-BFGS-B, which follows curved ridges (Byrd, Lu, Nocedal & Zhu 1995, algorithm L-BFGS-B)."""
    import numpy as np
    from scipy.optimize import minimize

    def descend(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = slopes(objective, torch.from_numpy(x.reshape(1, -1)))
        return (-float(value) if torch.isfinite(value) else 1e300), -slope.numpy()[0]

    found = []
    for place in start:
        solution = minimize(
            descend, place.numpy(), jac=True, method="L-BFGS-B", bounds=[(-REACH, REACH)] * start.shape[1], options={"maxiter": rounds}
        )
        found.append(torch.from_numpy(np.clip(solution.x, -REACH, REACH)))
    return torch.stack(found)


def towards_middle(objective: Objective, u: Tensor, floor: Tensor) -> Tensor:
    """Each place with its coordinates, one after the other, as near to 0 as keeps the objective above its floor.

    What a failure does not depend on becomes a simple number so, and a remote failure is told where it begins.
    """
    shares = torch.tensor([0.0, 0.125, 0.25, 0.5, 0.75, 0.9, 1.0], dtype=u.dtype)
    u = u.clone()
    for k in range(u.shape[1]):
        trials = u[:, None, :].repeat(1, len(shares), 1)
        trials[:, :, k] *= shares
        kept = scored(objective, trials.reshape(-1, u.shape[1])).reshape(len(u), -1) >= floor[:, None]
        kept[:, -1] = True
        u = trials[torch.arange(len(u)), kept.to(torch.int8).argmax(dim=1)]
    return u
