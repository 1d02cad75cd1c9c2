"""Gradient descent in batches: thousands of runs (starts x steps x parameters) advance together, each for its own time.

A run that reaches a fixed point of its iteration in floating point stops early: every later iterate is the same. A run
that leaves the range of the numbers is counted as diverged with the iterate at which it did; its value is never used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from lemmata.numerics.descent.methods import UPDATES
from lemmata.numerics.descent.problem import Problem
from lemmata.theory.trajectory import Method, Reduction

LOOK = 32
"""Steps between two looks at which runs have ended: a look waits for the device."""


@dataclass(frozen=True)
class Runs:
    """A batch of B runs: starts (B, ...) by variable, parameters (B, ...) by symbol, step and momentum (B,), times (B,)."""

    starts: Mapping[Any, Tensor]
    parameters: Mapping[Any, Tensor]
    step: Tensor
    momentum: Tensor
    times: Tensor

    def __len__(self) -> int:
        return int(self.times.shape[0])

    def part(self, rows: Any) -> Runs:
        """Some of the runs: a slice, or a tensor of indices."""
        return Runs(
            {key: value[rows] for key, value in self.starts.items()},
            {key: value[rows] for key, value in self.parameters.items()},
            self.step[rows],
            self.momentum[rows],
            self.times[rows],
        )


@dataclass(frozen=True)
class Outcome:
    """What a batch gave: values (B,), and the iterate at which each run left the range of floating point (-1: none did).

    The value of a run that diverged is the last one seen, and infinite when none was. `scales` is the largest magnitude
    that the expression took along each run.
    """

    values: Tensor
    diverged_at: Tensor
    scales: Tensor
    steps: int

    @property
    def diverged(self) -> int:
        """How many runs diverged."""
        return int((self.diverged_at >= 0).sum())


@dataclass
class _State:
    """The runs still under way, and where their results go."""

    runs: Runs
    w: list[Tensor]
    v: list[Tensor]
    index: Tensor
    value: Tensor
    diverged_at: Tensor = field(init=False)
    scale: Tensor = field(init=False)
    stopped: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.diverged_at = torch.full_like(self.runs.times, -1)
        self.scale = torch.zeros_like(self.runs.step)
        self.stopped = torch.zeros_like(self.runs.times, dtype=torch.bool)

    def keep(self, rows: Tensor) -> None:
        self.runs = self.runs.part(rows)
        self.w, self.v = [x[rows] for x in self.w], [x[rows] for x in self.v]
        self.index, self.value, self.scale = self.index[rows], self.value[rows], self.scale[rows]
        self.diverged_at, self.stopped = self.diverged_at[rows], self.stopped[rows]


def run(
    problem: Problem,
    runs: Runs,
    *,
    method: Method = Method.GRADIENT,
    reduction: Reduction = Reduction.AT,
    noise: Tensor | None = None,
    chunk: int | None = None,
) -> Outcome:
    """The watched expression of every run: at its time, or its least or total before it.

    `noise`, (B, P, Q) of relative sizes, perturbs entry i of the iterates at step k by noise[:, (k + i // Q) mod P, i mod Q]
    times the larger of its old and new size: it stands for the rounding of a step. `chunk` bounds the runs that are held at
    once; results do not depend on it.
    """
    size = len(runs) if chunk is None else max(1, chunk)
    parts = []
    for first in range(0, len(runs), size):
        rows = slice(first, first + size)
        parts.append(_run_chunk(problem, runs.part(rows), method, reduction, None if noise is None else noise[rows]))
    return Outcome(
        torch.cat([part.values for part in parts]),
        torch.cat([part.diverged_at for part in parts]),
        torch.cat([part.scales for part in parts]),
        max(part.steps for part in parts),
    )


@torch.no_grad()
def _run_chunk(problem: Problem, runs: Runs, method: Method, reduction: Reduction, noise: Tensor | None) -> Outcome:
    update = UPDATES[method]
    w = [runs.starts[variable] for variable in problem.variables]
    start_value = 0.0 if reduction is Reduction.TOTAL else torch.inf
    everyone = torch.arange(len(runs), device=runs.step.device)
    state = _State(runs, w, [torch.zeros_like(x) for x in w], everyone, torch.full_like(runs.step, start_value))
    values, diverged_at, scales = torch.empty_like(runs.step), torch.empty_like(runs.times), torch.empty_like(runs.step)
    k, last = 0, int(runs.times.max())
    while True:
        _observe(problem, state, reduction, k)
        if (k % LOOK == 0 or k >= last) and bool(state.stopped.any()):
            ended = state.stopped
            values[state.index[ended]] = state.value[ended]
            diverged_at[state.index[ended]] = state.diverged_at[ended]
            scales[state.index[ended]] = state.scale[ended]
            noise = None if noise is None else noise[~ended]
            state.keep((~ended).nonzero()[:, 0])
            if not len(state.runs):
                return Outcome(values, diverged_at, scales, k)
        _advance(problem, state, update, reduction, k, noise)
        k += 1


def _observe(problem: Problem, state: _State, reduction: Reduction, k: int) -> None:
    """Look at iterate k: record, and stop the runs whose time has come or whose numbers have left the range."""
    seen = torch.broadcast_to(problem.watch(_environment(problem, state, state.w)), state.value.shape)
    going, times = ~state.stopped, state.runs.times
    lost = going & ~torch.isfinite(seen)
    state.diverged_at = torch.where(lost, k, state.diverged_at)
    going = going & ~lost
    state.scale = torch.where(going, torch.maximum(state.scale, seen.abs()), state.scale)
    match reduction:
        case Reduction.AT:
            state.value = torch.where(going, seen, state.value)
            ended = times <= k
        case Reduction.LEAST:
            state.value = torch.where(going & (seen < state.value), seen, state.value)
            ended = times <= k + 1
        case Reduction.TOTAL:
            state.value = torch.where(going, state.value + seen, state.value)
            ended = times <= k + 1
    state.stopped = state.stopped | lost | ended


def _advance(problem: Problem, state: _State, update: Any, reduction: Reduction, k: int, noise: Tensor | None) -> None:
    """One step of every run; runs that stand still, and those whose iterates are no longer finite, stop."""

    def gradient(at: list[Tensor]) -> list[Tensor]:
        return problem.gradient(_environment(problem, state, at))

    alphas = [_aligned(state.runs.step, x) for x in state.w]
    betas = [_aligned(state.runs.momentum, x) for x in state.w]
    w, v = _by_variable(update, state, gradient, alphas, betas)
    if noise is not None:
        w = _kicked(w, state.w, noise, k)
    still = _all(torch.eq, [*w, *v], [*state.w, *state.v])
    lost = ~_finite([*w, *v]) & ~state.stopped
    if reduction is Reduction.TOTAL:
        left = (state.runs.times - k - 1).to(state.value.dtype)
        seen = torch.broadcast_to(problem.watch(_environment(problem, state, w)), state.value.shape)
        state.value = torch.where(still & ~state.stopped, state.value + left * seen, state.value)
    state.diverged_at = torch.where(lost, k + 1, state.diverged_at)
    state.stopped = state.stopped | lost | still
    state.w, state.v = w, v


def _kicked(w: Sequence[Tensor], before: Sequence[Tensor], noise: Tensor, k: int) -> list[Tensor]:
    """The iterates with every entry of every variable perturbed by itself: a common factor would spare their differences.

    The size is that of the larger of the old and the new entry, since a step that cancels keeps the errors of its terms.
    """
    _, period, kinds = noise.shape
    moved, first = [], 0
    for x, old in zip(w, before, strict=True):
        entries = torch.arange(first, first + x[0].numel(), device=x.device)
        kicks = noise[:, (k + entries // kinds) % period, entries % kinds].reshape(x.shape)
        moved.append(x + kicks * torch.maximum(x.abs(), old.abs()))
        first += len(entries)
    return moved


def _by_variable(update: Any, state: _State, gradient: Any, alphas: list[Tensor], betas: list[Tensor]) -> tuple[Any, Any]:
    """The update with one step size and momentum a variable, aligned with its shape."""
    if len({x.dim() for x in state.w}) == 1:
        return update(state.w, state.v, gradient, alphas[0], betas[0])
    shapes = [x.shape for x in state.w]

    def packed(parts: Sequence[Tensor]) -> Tensor:
        return torch.cat([part.reshape(part.shape[0], -1) for part in parts], dim=1)

    def unpacked(whole: Tensor) -> list[Tensor]:
        pieces = whole.split([max(1, shape[1:].numel()) for shape in shapes], dim=1)
        return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]

    w, v = update(
        [packed(state.w)],
        [packed(state.v)],
        lambda at: [packed(gradient(unpacked(at[0])))],
        state.runs.step[:, None],
        state.runs.momentum[:, None],
    )
    return unpacked(w[0]), unpacked(v[0])


def _environment(problem: Problem, state: _State, w: Sequence[Tensor]) -> dict[Any, Tensor]:
    return {**state.runs.parameters, **dict(zip(problem.variables, w, strict=True))}


def _aligned(per_run: Tensor, like: Tensor) -> Tensor:
    """One number a run, with the dimensions of a tensor of that batch."""
    return per_run.reshape(-1, *(1,) * (like.dim() - 1))


def _all(test: Any, left: Sequence[Tensor], right: Sequence[Tensor]) -> Tensor:
    flags = [test(a, b).reshape(a.shape[0], -1).all(dim=1) for a, b in zip(left, right, strict=True)]
    return torch.stack(flags).all(dim=0)


def _finite(parts: Sequence[Tensor]) -> Tensor:
    return torch.stack([torch.isfinite(part).reshape(part.shape[0], -1).all(dim=1) for part in parts]).all(dim=0)
