"""Gradient flow by SciPy's integrators: an explicit and an implicit one, each at two tolerances; their differences are the error."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lemmata.numerics.budget import step_control
from lemmata.numerics.descent.problem import Problem

Vector = NDArray[np.float64]

EVALUATIONS = 8
"""Gradients that one integration may take, for each step that the budget allows."""

FASTER = 2.0**20
"""An integration that breaks down where the flow is this many times faster than at its start has met infinity."""

MOVED = 8
"""Roundoffs by which the coarse integration's start is moved: what the fine one rounds on its way counts as an error of its start."""

SAFETY = 4
"""Two methods disagree where their distance exceeds this many times the sum of their own errors."""


class Breakdown(Exception):
    """An integration that did not arrive; `divergent` when the flow ran off to infinity before its time."""

    def __init__(self, reason: str, divergent: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.divergent = reason, divergent


@dataclass(frozen=True)
class Arrival:
    """Where one method arrived: the watched expression at the fine tolerance, its distance from the coarse one, gradients spent."""

    method: str
    value: float
    error: float
    gradients: int


class _Slope:
    """w -> -grad L(w) on one flat vector, and its Jacobian by differences in one batch."""

    def __init__(self, problem: Problem, like: list[Tensor], parameters: Mapping[Any, Tensor]) -> None:
        self.problem, self.parameters = problem, parameters
        self.shapes = [tuple(x.shape[1:]) for x in like]
        self.sizes = [x[0].numel() for x in like]
        self.device = like[0].device

    def environment(self, rows: Tensor) -> dict[Any, Tensor]:
        """The variables and parameters of a batch of flat vectors."""
        parts = rows.split(self.sizes, dim=1)
        w = {v: p.reshape((-1, *shape)) for v, p, shape in zip(self.problem.variables, parts, self.shapes, strict=True)}
        return {**{symbol: value.expand((len(rows), *value.shape[1:])) for symbol, value in self.parameters.items()}, **w}

    def batch(self, rows: Tensor) -> Tensor:
        """-grad L at each row."""
        return -torch.cat([part.reshape(len(rows), -1) for part in self.problem.gradient(self.environment(rows))], dim=1)

    def __call__(self, _: float, w: Vector) -> Vector:
        found: Vector = self.batch(torch.from_numpy(w).to(self.device)[None])[0].cpu().numpy()
        return found

    def jacobian(self, _: float, w: Vector) -> Vector:
        """Only steers Newton's method inside the implicit integrator: its accuracy is that of no answer."""
        h = np.finfo(np.float64).eps ** 0.5 * np.maximum(np.abs(w), np.abs(w).max() * 2.0**-20 + np.finfo(np.float64).tiny ** 0.5)
        moved = np.vstack([w, w + np.diag(h)])
        slopes = self.batch(torch.from_numpy(moved).to(self.device)).cpu().numpy()
        found: Vector = ((slopes[1:] - slopes[0]) / h[:, None]).T
        return found

    def watch(self, w: Vector) -> float:
        """The watched expression at a flat vector."""
        return float(self.problem.watch(self.environment(torch.from_numpy(w).to(self.device)[None])).reshape(-1)[0])


@torch.no_grad()
def follow(
    problem: Problem, starts: Mapping[Any, Tensor], parameters: Mapping[Any, Tensor], time: float, digits: int, most: int
) -> list[Arrival]:
    """The watched expression at a time along the flow from row 0 of the starts, by each method that arrives.

    Row 1 of starts and parameters is row 0 with what was rounded rounded otherwise: the coarse integration begins there, moved by MOVED
    roundoffs more, in turn up and down, so that the difference from the fine one holds the flow's sensitivity as well: where the
    flow is a straight line both would else round alike and arrive at the same wrong number. Raises Breakdown where no method arrives.

    The explicit method (Dormand and Prince, order 8) is bound by stability on stiff losses and gives up after a number of gradients;
    the implicit one (LSODA: Adams, or backward differences where the loss is stiff) is not. Radau IIA takes ten times its gradients.
    """
    from scipy.integrate import DOP853, LSODA

    w = [starts[variable] for variable in problem.variables]
    flat = torch.cat([x.reshape(len(x), -1) for x in w], dim=1).cpu().numpy()
    given = [{symbol: value[row : row + 1] for symbol, value in parameters.items()} for row in (0, 1)]
    here, there = _Slope(problem, w, given[0]), _Slope(problem, w, given[1])
    coarse, fine = step_control(digits, float(np.abs(flat).max()))
    turns = 1 - 2 * (np.arange(flat.shape[1]) % 2)
    begun = flat[1] * (1 + MOVED * float(np.finfo(np.float64).eps) * turns)
    arrivals, reasons = [], []
    for name, method, extra in (("explicit", DOP853, False), ("implicit", LSODA, True)):
        try:
            rough, spent = _integrate(method, there, begun, time, coarse, extra, EVALUATIONS * most)
            exact, more = _integrate(method, here, flat[0], time, fine, extra, EVALUATIONS * most)
        except Breakdown as failure:
            if failure.divergent:
                raise
            reasons.append(f"{name}: {failure.reason}")
            continue
        value = here.watch(exact)
        rounding = float(np.finfo(np.float64).eps) * max(more, 1) ** 0.5 * abs(value)
        arrivals.append(Arrival(name, value, abs(value - there.watch(rough)) + rounding, spent + more))
    if not arrivals:
        raise Breakdown("; ".join(reasons))
    return arrivals


def settled(arrivals: list[Arrival]) -> tuple[float, float]:
    """The value of the more precise method, and its error: its own, or its distance from the other where that is larger.

    Raises Breakdown where the methods contradict each other; where the expression is no number on any way, so is the value.

    >>> settled([Arrival("explicit", 1.0, 1e-9, 100), Arrival("implicit", 1.0 + 2**-20, 2**-20, 900)])
    (1.0, 9.5367431640625e-07)
    """
    if all(math.isnan(arrival.value) for arrival in arrivals):
        return math.nan, math.nan
    best = min(arrivals, key=lambda arrival: arrival.error)
    apart = max(abs(arrival.value - best.value) for arrival in arrivals)
    if not apart <= SAFETY * sum(arrival.error for arrival in arrivals):
        found = ", ".join(f"{arrival.method} {arrival.value:.6g} +- {arrival.error:.1g}" for arrival in arrivals)
        raise Breakdown(f"the integrators contradict each other: {found}")
    return best.value, max(best.error, apart)


def _integrate(
    method: Callable[..., Any], slope: _Slope, start: Vector, time: float, control: Mapping[str, float], implicit: bool, most: int
) -> tuple[Vector, int]:
    """The flat vector at the time and the gradients that it took; raises Breakdown."""
    if time == 0:
        return start, 0
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what LSODA warns of is seen in its status below
        extra = {"jac": slope.jacobian} if implicit else {}
        first = np.linalg.norm(slope(0.0, start))
        if not np.isfinite(first):
            raise Breakdown("the gradient is not finite at the start")
        solver = method(slope, 0.0, start.copy(), time, **control, **extra)
        while solver.status == "running":
            solver.step()
            if solver.nfev > most:
                raise Breakdown(f"{most} gradients take it only to time {solver.t:.3g}: the loss is stiff or not smooth")
        speed = np.linalg.norm(slope(solver.t, solver.y))
    if solver.status == "failed" or not np.isfinite(solver.y).all():
        far = not speed <= max(FASTER * first, FASTER * np.abs(solver.y).max() / time)
        place = f"at time {solver.t:.6g}"
        raise Breakdown(f"it leaves every bound {place}" if far else f"no step is small enough {place}: the loss is not smooth", far)
    return solver.y, int(solver.nfev)
