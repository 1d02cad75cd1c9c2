"""Gradient descent in batches: thousands of runs (starts x steps x parameters) advance together, each for its own time.

The expression is looked at where a run's value needs it, and every LOOK steps. A run that reaches a fixed point of its iteration
in floating point stops early: every later iterate is the same. A run that leaves the range of the numbers is counted as diverged with
the iterate at which it did, for which the steps since the last look are taken again; its value is never used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from lemmata.numerics.descent.marching import LOOK, Batch, advance, finite
from lemmata.numerics.descent.problem import Problem
from lemmata.theory.trajectory import Method, Reduction


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
    that the expression was seen to take along each run.
    """

    values: Tensor
    diverged_at: Tensor
    scales: Tensor
    steps: int

    @property
    def diverged(self) -> int:
        """How many runs diverged."""
        return int((self.diverged_at >= 0).sum())


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
    return _Chunk(problem, runs, method, reduction, noise).run()


class _Chunk:
    """The runs still under way, row by row, and where their results go."""

    def __init__(self, problem: Problem, runs: Runs, method: Method, reduction: Reduction, noise: Tensor | None) -> None:
        self.problem, self.method, self.reduction, self.noise = problem, method, reduction, noise
        w = [runs.starts[variable].clone() for variable in problem.variables]
        parameters = [runs.parameters[symbol] for symbol in problem.parameters]
        self.batch = Batch(w, [torch.zeros_like(x) for x in w], parameters, runs.step, runs.momentum)
        self.times = runs.times
        self.index = torch.arange(len(runs), device=runs.step.device)
        self.value = torch.full_like(runs.step, 0.0 if reduction is Reduction.TOTAL else torch.inf)
        self.scale = torch.zeros_like(runs.step)
        self.lost_at = torch.full_like(runs.times, -1)
        self.stopped = torch.zeros_like(runs.times, dtype=torch.bool)
        self.outcome = Outcome(torch.empty_like(runs.step), torch.empty_like(runs.times), torch.empty_like(runs.step), 0)
        self.every = reduction is not Reduction.AT
        self.awaited, self.last = set(runs.times.tolist()), int(runs.times.max())
        self.k = self.careful = 0
        self.before = (0, self.batch.copy())

    def run(self) -> Outcome:
        def gradient(w: list[Tensor]) -> list[Tensor]:
            return self.problem.gradient(self._environment(w))

        while True:
            k = self.k
            if self.every or k % LOOK == 0 or k in self.awaited or k <= self.careful or k >= self.last:
                if not self._observe():
                    continue
                if (k % LOOK == 0 or k >= self.last) and bool(self.stopped.any()) and not self._take_out():
                    return replace(self.outcome, steps=k)
                if not self.every or k % LOOK == 0:
                    self.before = (k, self.batch.copy())
            old = None if self.noise is None else [x.clone() for x in self.batch.w]
            advance(self.method, gradient, self.batch, None)
            if old is not None:
                self._kick(old)
            if k % LOOK == 0:
                self._stop_still()
            self.k += 1

    def _observe(self) -> bool:
        """Look at iterate k: record, and stop the runs whose time has come or that are lost; False after going back for the latter."""
        k = self.k
        seen = torch.broadcast_to(self.problem.watch(self._environment(self.batch.w)), self.value.shape)
        lost = ~self.stopped & ~(torch.isfinite(seen) & finite(self.batch.w))
        if bool(lost.any()):
            last, (w, v) = self.before
            if not self.every and last < k - 1:
                self.careful, self.k = k, last
                for here, there in zip([*self.batch.w, *self.batch.v], [*w, *v], strict=True):
                    here.copy_(there)
                return False
            self.lost_at = torch.where(lost, k, self.lost_at)
        going = ~self.stopped & ~lost
        self.scale = torch.where(going, torch.maximum(self.scale, seen.abs()), self.scale)
        match self.reduction:
            case Reduction.AT:
                self.value = torch.where(going, seen, self.value)
                ended = self.times <= k
            case Reduction.LEAST:
                self.value = torch.where(going & (seen < self.value), seen, self.value)
                ended = self.times <= k + 1
            case Reduction.TOTAL:
                self.value = torch.where(going, self.value + seen, self.value)
                ended = self.times <= k + 1
        self.stopped = self.stopped | lost | ended
        self.seen = seen
        return True

    def _take_out(self) -> bool:
        """Write down the runs that stopped and go on with the others; False when none is left."""
        ended, found = self.index[self.stopped], self.outcome
        found.values[ended], found.scales[ended] = self.value[self.stopped], self.scale[self.stopped]
        found.diverged_at[ended] = self.lost_at[self.stopped]
        rows = (~self.stopped).nonzero()[:, 0]
        self.batch, self.index, self.times = self.batch.rows(rows), self.index[rows], self.times[rows]
        self.value, self.scale, self.seen = self.value[rows], self.scale[rows], self.seen[rows]
        self.lost_at, self.stopped = self.lost_at[rows], self.stopped[rows]
        self.noise = None if self.noise is None else self.noise[rows]
        return len(rows) > 0

    def _stop_still(self) -> None:
        """Stop the runs that the step after a look has not moved: every later iterate is this one."""
        _, (w, v) = self.before
        still = ~self.stopped
        for new, old in zip([*self.batch.w, *self.batch.v], [*w, *v], strict=True):
            still = still & (new == old).reshape(len(old), -1).all(dim=1)
        if self.reduction is Reduction.TOTAL:
            left = (self.times - self.k - 1).to(self.value.dtype)
            self.value = torch.where(still, self.value + left * self.seen, self.value)
        self.stopped = self.stopped | still

    def _kick(self, before: list[Tensor]) -> None:
        """Every entry of every variable perturbed by itself: a common factor would spare their differences.

        The size is that of the larger of the old and the new entry, since a step that cancels keeps the errors of its terms.
        """
        assert self.noise is not None
        _, period, kinds = self.noise.shape
        first = 0
        for x, old in zip(self.batch.w, before, strict=True):
            entries = torch.arange(first, first + x[0].numel(), device=x.device)
            kicks = self.noise[:, (self.k + entries // kinds) % period, entries % kinds].reshape(x.shape)
            x.add_(kicks.mul_(torch.maximum(x.abs(), old.abs_())))
            first += len(entries)

    def _environment(self, w: list[Tensor]) -> dict[Any, Tensor]:
        parameters = zip(self.problem.parameters, self.batch.parameters, strict=True)
        return {**dict(parameters), **dict(zip(self.problem.variables, w, strict=True))}
