"""The inner loop of many runs: steps in place, looks now and then, runs that ended taken out, chunks over threads.

Between two looks nothing is asked of the runs, and they end at multiples of LOOK only, so that none depends on its neighbours. A look
that finds numbers out of range sends its chunk back to the look before, from where it goes on one step at a time, so that the step
at which a run was lost is known and its last finite iterate kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import torch
from torch import Tensor

from lemmata.numerics.descent.batch_loss import BatchLoss, innermost
from lemmata.theory.trajectory import Method

LOOK = 32
"""Steps between two looks, which cost about as much as a step and wait for the device."""


class NotFinite(Exception):
    """The loss or its gradient has no finite value at the start of run `row` of a chunk."""

    def __init__(self, row: int, value: float) -> None:
        super().__init__(f"the loss is {value:g} at the start of run {row}")
        self.row, self.value = row, value


class Code(IntEnum):
    """Why a run ended, as it is kept in a tensor."""

    TIME = 0
    CONVERGED = 1
    STILL = 2
    DIVERGED = 3


@dataclass(frozen=True)
class Plan:
    """What is the same for all runs: the loss, the iteration, how many steps, where to look, when a run is done."""

    loss: BatchLoss
    method: Method
    steps: int
    looks: tuple[int, ...]
    gradient_below: float | None


@dataclass(frozen=True)
class Batch:
    """Runs under way: iterates and velocities by variable, parameters, step and momentum of each run."""

    w: list[Tensor]
    v: list[Tensor]
    parameters: list[Tensor]
    step: Tensor
    momentum: Tensor

    def __len__(self) -> int:
        return len(self.step)

    def rows(self, rows: Tensor | slice) -> Batch:
        """Some of the runs."""
        return Batch(
            [x[rows] for x in self.w], [x[rows] for x in self.v], [x[rows] for x in self.parameters], self.step[rows], self.momentum[rows]
        )

    def copy(self) -> tuple[list[Tensor], list[Tensor]]:
        """The iterates and velocities, to come back to."""
        return [x.clone() for x in self.w], [x.clone() for x in self.v]


@dataclass(frozen=True)
class Results:
    """One row a run: code, steps taken, last iterates, the loss and gradient norm there and at the looks."""

    codes: Tensor
    steps: Tensor
    final: list[Tensor]
    loss: Tensor
    norm: Tensor
    losses: Tensor
    norms: Tensor

    @classmethod
    def room(cls, batch: Batch, looks: int) -> Results:
        """Empty rows for a batch; looks that are never reached stay infinite."""
        like, count = batch.step, len(batch)
        whole = torch.zeros(count, dtype=torch.int64, device=like.device)
        far = torch.full((count, looks), torch.inf, dtype=like.dtype, device=like.device)
        final = [x.clone() for x in batch.w]
        return cls(whole, whole.clone(), final, torch.full_like(like, torch.inf), torch.full_like(like, torch.inf), far, far.clone())


def advance(method: Method, gradient: Callable[[list[Tensor]], list[Tensor]], batch: Batch, slopes: list[Tensor] | None) -> None:
    """One step of every run, in place; `slopes` are the gradients at the iterates where they are known already.

    The same operations in the same order as `UPDATES`, each rounded for itself. A gradient may be an iterate itself, as both of x y
    are: all gradients are multiplied by the step, into tensors of their own, before the first iterate moves.
    """
    w, v = batch.w, batch.v
    alphas, betas = [_aligned(batch.step, x) for x in w], [_aligned(batch.momentum, x) for x in w]
    at = [x - b * y for x, y, b in zip(w, v, betas, strict=True)] if method is Method.NESTEROV else w
    slopes = gradient(at) if method is Method.NESTEROV or slopes is None else slopes
    moves = [g * a for g, a in zip(slopes, alphas, strict=True)]
    match method:
        case Method.GRADIENT:
            for x, move in zip(w, moves, strict=True):
                x.sub_(move)
        case Method.HEAVY_BALL | Method.NESTEROV:
            for x, y, move, b in zip(w, v, moves, betas, strict=True):
                y.mul_(b).add_(move)
                x.sub_(y)
        case Method.HEAVY_BALL_PRINTED:
            for x, y, move, b in zip(w, v, moves, betas, strict=True):
                x.sub_(y)
                y.mul_(b).add_(move)


@torch.no_grad()
def march(plan: Plan, batch: Batch) -> Results:
    """All steps of one chunk; the batch's tensors are used up."""
    return _March(plan, batch).run()


class _March:
    """One chunk on its way: the runs still going fill the first rows of tensors whose length is a power of two."""

    def __init__(self, plan: Plan, batch: Batch) -> None:
        self.plan = plan
        self.results = Results.room(batch, len(plan.looks))
        self.columns = {k: j for j, k in enumerate(plan.looks)}
        self.index = torch.arange(len(batch), device=batch.step.device)
        self.live = torch.ones(len(batch), dtype=torch.bool, device=batch.step.device)
        self.batch = batch
        self._take(_padded(len(batch), self.index))
        self.k = 0
        self.careful = 0
        self.before = (0, self.batch.copy())

    def run(self) -> Results:
        plan = self.plan

        def gradient(w: list[Tensor]) -> list[Tensor]:
            return plan.loss.gradient(w, self.batch.parameters)

        while True:
            slopes = None
            if self.k % LOOK == 0 or self.k in self.columns or self.k == plan.steps or self.k <= self.careful:
                slopes = self._look()
                if slopes is None:
                    continue
                if not bool(self.live.any()):
                    return self.results
            advance(plan.method, gradient, self.batch, slopes)
            if slopes is not None and self.k % LOOK == 0:
                self._stop_still()
            self.k += 1

    def _look(self) -> list[Tensor] | None:
        """Record and end runs at the current iterate; None after going back to the last look."""
        plan, batch, k = self.plan, self.batch, self.k
        value, slopes = plan.loss.value_and_gradient(batch.w, batch.parameters)
        norm = _norm(slopes)
        lost = self.live & ~(torch.isfinite(value) & torch.isfinite(norm) & finite(batch.w))
        if bool(lost.any()):
            if k == 0:
                row = int(self.index[lost][0])
                raise NotFinite(row, float(value[row]))
            last, (w, v) = self.before
            if last < k - 1:
                self.careful = k
                self._restore(w, v)
                self.k = last
                return None
            self._end(lost, Code.DIVERGED, k, None, None, w)
        self._record(value, norm)
        if plan.gradient_below is not None and k % LOOK == 0:
            self._end(self.live & (norm <= plan.gradient_below), Code.CONVERGED, k, value, norm, batch.w)
        if k == plan.steps:
            self._end(self.live.clone(), Code.TIME, k, value, norm, batch.w)
        going = int(self.live.sum())
        if 0 < going and 2 * _power(going) <= len(batch):
            rows = torch.cat([self.live.nonzero()[:, 0], (~self.live).nonzero()[:, 0]])[: _power(going)]
            self._take(rows)
            slopes = [part[rows] for part in slopes]
            value, norm = value[rows], norm[rows]
        self.seen = (value, norm)
        self.before = (k, self.batch.copy())
        return slopes

    def _stop_still(self) -> None:
        """End the runs that the step after a look has not moved at all."""
        _, (w, v) = self.before
        still = self.live.clone()
        for new, old in zip([*self.batch.w, *self.batch.v], [*w, *v], strict=True):
            still &= (new == old).reshape(len(old), -1).all(dim=1)
        if bool(still.any()):
            self._end(still, Code.STILL, self.k, *self.seen, w)

    def _record(self, value: Tensor, norm: Tensor) -> None:
        column = self.columns.get(self.k)
        if column is not None:
            rows = self.index[self.live]
            self.results.losses[rows, column], self.results.norms[rows, column] = value[self.live], norm[self.live]

    def _end(self, rows: Tensor, code: Code, k: int, value: Tensor | None, norm: Tensor | None, w: list[Tensor]) -> None:
        """Write the last row of some runs; without a value they diverged, and the last look's stands."""
        if not bool(rows.any()):
            return
        found, where = self.results, self.index[rows]
        found.codes[where], found.steps[where] = int(code), k
        if value is None or norm is None:
            value, norm = self.seen
        found.loss[where], found.norm[where] = value[rows], norm[rows]
        for kept, x in zip(found.final, w, strict=True):
            kept[where] = x[rows]
        if code is not Code.DIVERGED:
            for column, look in enumerate(self.plan.looks):
                if look > k:
                    found.losses[where, column], found.norms[where, column] = value[rows], norm[rows]
        self.live = self.live & ~rows

    def _take(self, rows: Tensor) -> None:
        """Go on with these rows only."""
        batch, self.index = self.batch.rows(rows), self.index[rows]
        if self.plan.loss.runs_last():
            batch = replace(batch, w=[innermost(x) for x in batch.w], v=[innermost(x) for x in batch.v])
        self.batch = batch
        self.live = self.live[rows] & _first(self.index)

    def _restore(self, w: list[Tensor], v: list[Tensor]) -> None:
        for here, there in zip([*self.batch.w, *self.batch.v], [*w, *v], strict=True):
            here.copy_(there)


def _padded(count: int, index: Tensor) -> Tensor:
    """The rows of a batch and its first one again and again, up to a power of two: each size is recorded once."""
    return torch.cat([index, index.new_zeros(_power(count) - count)])


def _first(index: Tensor) -> Tensor:
    """Whether a row is the first of its index: what fills up a batch is not one of its runs."""
    order = torch.arange(len(index), device=index.device)
    first = torch.full((int(index.max()) + 1,), len(index), dtype=order.dtype, device=index.device)
    first = first.scatter_reduce(0, index, order, "amin")
    return first[index] == order


def _power(count: int) -> int:
    return 1 << max(0, count - 1).bit_length()


def _norm(slopes: Sequence[Tensor]) -> Tensor:
    """The Euclidean norm of all slopes together, run by run; infinite where its square is out of range."""
    return torch.stack([torch.linalg.vector_norm(part.reshape(part.shape[0], -1), dim=1) for part in slopes]).norm(dim=0)


def finite(parts: Sequence[Tensor]) -> Tensor:
    """Run by run, whether every number of all parts is finite.

    >>> finite([torch.tensor([1.0, torch.inf]), torch.ones(2, 3)]).tolist()
    [True, False]
    """
    return torch.stack([torch.isfinite(part).reshape(part.shape[0], -1).all(dim=1) for part in parts]).all(dim=0)


def _aligned(per_run: Tensor, like: Tensor) -> Tensor:
    return per_run.reshape(-1, *(1,) * (like.dim() - 1))
