"""Gradient flow in batches: the classical Runge-Kutta method, its step halved until two answers agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lemmata.numerics.descent.problem import Problem

FIRST = 16
"""Steps of the first attempt, at least; more digits begin with more, so that a second look is on another grid."""

NODES, WEIGHTS = (0.0, 0.5, 0.5, 1.0), (1 / 6, 1 / 3, 1 / 3, 1 / 6)
"""Kutta's method of order 4: stage i starts from the slope of stage i - 1 over a fraction of the step."""


@torch.no_grad()
def integrate(problem: Problem, starts: Mapping[Any, Tensor], parameters: Mapping[Any, Tensor], times: Tensor, steps: int) -> Tensor:
    """The watched expression at each run's time, after `steps` equal steps of dw/dt = -grad L(w)."""
    w = [starts[variable] for variable in problem.variables]
    steplengths = [(times / steps).reshape(-1, *(1,) * (x.dim() - 1)) for x in w]

    def slope(at: list[Tensor]) -> list[Tensor]:
        return [-part for part in problem.gradient({**parameters, **dict(zip(problem.variables, at, strict=True))})]

    for _ in range(steps):
        slopes: list[list[Tensor]] = []
        for node in NODES:
            at = w if not slopes else [x + h * node * k for x, h, k in zip(w, steplengths, slopes[-1], strict=True)]
            slopes.append(slope(at))
        for weight, stage in zip(WEIGHTS, slopes, strict=True):
            w = [x + h * weight * k for x, h, k in zip(w, steplengths, stage, strict=True)]
    seen = problem.watch({**parameters, **dict(zip(problem.variables, w, strict=True))})
    return torch.broadcast_to(seen, times.shape)


def follow(
    problem: Problem, starts: Mapping[Any, Tensor], parameters: Mapping[Any, Tensor], times: Tensor, digits: int, most: int
) -> tuple[Tensor, Tensor]:
    """Values at the runs' times and error estimates, run by run.

    The number of steps doubles until it passes `most`, or until for every run two answers differ by less than 10^-digits
    of their size. Of each run the pair that differs least is kept; the finer value is returned with that difference, to
    which the rounding of the steps is added. An infinite error marks a run that no pair settled.
    """
    eps = torch.finfo(times.dtype).eps
    steps = max(FIRST, digits)
    coarse = integrate(problem, starts, parameters, times, steps)
    value, error = coarse, torch.full_like(times, torch.inf)
    while 2 * steps <= most:
        steps *= 2
        fine = integrate(problem, starts, parameters, times, steps)
        apart = (fine - coarse).abs() + eps * steps**0.5 * fine.abs()
        better = torch.isfinite(apart) & (apart < error)
        value, error = torch.where(better, fine, value), torch.where(better, apart, error)
        if bool((error <= value.abs() * 10.0**-digits).all()):
            break
        coarse = fine
    return value, error
