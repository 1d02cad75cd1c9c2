"""Descent on many runs at once, as a table: what each run ended with, why it ended, and what was seen on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch
from torch import Tensor

from lemmata.numerics.descent.batch_loss import BatchLoss, held, of_expression, of_function
from lemmata.numerics.descent.marching import Batch, Code, NotFinite, Plan, Results, march
from lemmata.theory.trajectory import Method

HELD = 1 << 30
"""Bytes that all chunks under way may hold together, unless another bound is given."""

NEAR = 1 << 24
"""Bytes of intermediate results of a chunk on the CPU: beyond, they leave the caches and a step gains nothing."""

INNERMOST = 4
"""How many times as many runs a chunk holds where they lie innermost: operations are many and short, and their results soon freed."""


class End(Enum):
    """Why a run ended: the closed set."""

    TIME = "all its steps were taken"
    CONVERGED = "its gradient is as short as was asked"
    STILL = "a step moves no number of it any more"
    DIVERGED = "its iterate, its loss or its gradient left the range of floating point"


@dataclass(frozen=True)
class Table:
    """What B runs of descent gave; every number is finite, but for `inf` at looks that a diverged run never reached.

    ends            why each run ended
    steps           (B,) the steps it took; for a diverged run the iterate that is not finite
    final           each variable's last iterate (B, ...): of a diverged run the last one that is finite
    loss, gradient_norm   (B,) there
    looks           the iterates that were looked at
    losses, gradient_norms   (B, looks) there; a run that ended keeps its last values
    """

    ends: tuple[End, ...]
    steps: Tensor
    final: Mapping[Any, Tensor]
    loss: Tensor
    gradient_norm: Tensor
    looks: tuple[int, ...]
    losses: Tensor
    gradient_norms: Tensor

    def __len__(self) -> int:
        return len(self.ends)

    def ended(self, end: End) -> Tensor:
        """(B,) whether each run ended so."""
        return torch.tensor([one is end for one in self.ends], dtype=torch.bool, device=self.loss.device)

    def count(self, end: End) -> int:
        """How many runs ended so."""
        return sum(1 for one in self.ends if one is end)


def runs(
    loss: Any,
    starts: Mapping[Any, Tensor] | Tensor,
    step: Tensor | float,
    steps: int,
    *,
    parameters: Mapping[Any, Tensor] | None = None,
    momentum: Tensor | float = 0.0,
    method: Method | str = Method.GRADIENT,
    looks: Sequence[int] = (),
    gradient_below: float | None = None,
    memory: int = HELD,
    threads: int = 1,
) -> Table:
    """Descent from many starts, with steps, momenta and parameters of their own, in float64 on the device of the starts.

    w_(k+1) = w_k - alpha grad L(w_k), or the iteration of another `Method`, for k < steps. `loss` is a SymPy expression (starts by
    Symbol or MatrixSymbol), a `BatchLoss`, or a function of one run's tensors, `loss(*variables, *parameters)`, in the order of
    the two mappings; `starts` has tensors (B, ...), or is one for a single variable. `step`, `momentum` are numbers or (B,) tensors, each
    parameter a (B, ...) tensor. A run ends early when it diverges, and at multiples of 32 steps when a step changes nothing or its
    gradient is no longer than `gradient_below`. Chunks keep what is held below `memory` bytes; they and `threads` change no result.

    Raises ValueError for wrong shapes, complex numbers, step <= 0, or a loss that is not finite at a start; CannotEvaluate for a loss
    that raises.

    >>> table = runs(lambda w: (w * w).sum() / 2, torch.tensor([[1.0], [-3.0]]), torch.tensor([0.5, 3.0]), 10)
    >>> table.final["w"].flatten().tolist(), table.ends[0]
    ([0.0009765625, -3072.0], <End.TIME: 'all its steps were taken'>)
    """
    named = dict(starts) if isinstance(starts, Mapping) else {"w": starts}
    given = dict(parameters or {})
    whole = _batch(named, given, step, momentum)
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
        raise ValueError(f"descent takes a whole number of steps >= 0, not {steps!r}")
    chosen = _method(method, whole.momentum)
    shapes = dict(zip((*named, *given), (tuple(x.shape[1:]) for x in (*whole.w, *whole.parameters)), strict=True))
    compiled = _compiled(loss, tuple(named), tuple(given), shapes)
    seen = tuple(sorted({int(k) for k in looks}))
    if seen and not 0 <= seen[0] <= seen[-1] <= steps:
        raise ValueError(f"iterates 0 to {steps} can be looked at, not {seen[0] if seen[0] < 0 else seen[-1]}")
    plan = Plan(compiled, chosen, steps, seen, gradient_below)
    with _one_thread(threads):
        return _table(plan, tuple(named), _marched(plan, whole, _chunk(compiled, whole, memory, threads), threads))


def _batch(starts: Mapping[Any, Tensor], parameters: Mapping[Any, Tensor], step: Any, momentum: Any) -> Batch:
    """The tensors of all runs, in float64 on one device; raises ValueError for what does not fit."""
    if not starts or not all(isinstance(x, Tensor) and x.dim() for x in starts.values()):
        raise ValueError("starts are tensors (B, ...), one row a run, by variable")
    first = next(iter(starts.values()))
    count = len(first)
    if not count:
        raise ValueError("there is no run: starts have 0 rows")

    def column(value: Any, what: str) -> Tensor:
        if isinstance(value, complex) or (isinstance(value, Tensor) and value.is_complex()):
            raise ValueError(f"{what} is complex: descent runs in real numbers")
        found = torch.as_tensor(value, dtype=torch.float64, device=first.device)
        if found.dim() and found.shape[0] != count:
            raise ValueError(f"{what} has {found.shape[0]} rows, and {next(iter(starts))} has {count}: one row a run")
        return found

    def per_run(value: Any, what: str) -> Tensor:
        found = column(value, what)
        if found.dim() > 1:
            raise ValueError(f"{what} is a number, or one a run, not a tensor of shape {tuple(found.shape)}")
        return found.expand(count).clone()

    alpha, beta = per_run(step, "the step"), per_run(momentum, "the momentum")
    wrong = ~((alpha > 0) & torch.isfinite(alpha))
    if bool(wrong.any()):
        raise ValueError(f"a step of descent is a finite number > 0, not {float(alpha[wrong][0]):g} (run {int(wrong.nonzero()[0, 0])})")
    if not bool(torch.isfinite(beta).all()):
        raise ValueError("a momentum of descent is a finite number")
    w = [column(x, f"the start of {name}") for name, x in starts.items()]
    p = [column(x, f"the parameter {name}") for name, x in parameters.items()]
    p = [x if x.dim() else x.expand(count) for x in p]
    return Batch(w, [torch.zeros_like(x) for x in w], p, alpha, beta)


def _method(method: Method | str, momentum: Tensor) -> Method:
    try:
        chosen = Method(method)
    except ValueError:
        names = ", ".join(item.value for item in Method)
        raise ValueError(f"descent has no method {method!r}: choose one of {names}") from None
    if chosen is Method.GRADIENT and bool(momentum.any()):
        raise ValueError("method 'gradient' has no momentum: choose heavy_ball or nesterov")
    return chosen


def _compiled(loss: Any, variables: tuple[Any, ...], parameters: tuple[Any, ...], shapes: Mapping[Any, tuple[int, ...]]) -> BatchLoss:
    import sympy as sp

    if isinstance(loss, BatchLoss):
        found = loss
    elif isinstance(loss, sp.Basic):
        _shaped(shapes)
        found = of_expression(loss, variables, parameters)
    elif callable(loss):
        found = of_function(loss, variables, parameters)
    else:
        raise ValueError(f"a loss is a SymPy expression, a BatchLoss or a function of one run's tensors, not {type(loss).__name__}")
    if found.variables != variables or found.parameters != parameters:
        have, want = (*variables, *parameters), (*found.variables, *found.parameters)
        raise ValueError(f"the loss is in {_names(want)}, but starts and parameters are given for {_names(have)}")
    return found


def _shaped(shapes: Mapping[Any, tuple[int, ...]]) -> None:
    """Raises ValueError where the tensors of one run have another shape than their symbol, as far as that has numbers."""
    for symbol, have in shapes.items():
        want = tuple(getattr(symbol, "shape", ()))
        if len(want) != len(have) or any(side.is_Integer and int(side) != size for side, size in zip(want, have, strict=True)):
            raise ValueError(f"{symbol} has the shape {want} in one run, and its tensor (B, {', '.join(map(str, have))}) does not fit")


def _names(names: Sequence[Any]) -> str:
    return ", ".join(map(str, names)) or "nothing"


def _chunk(loss: BatchLoss, batch: Batch, memory: int, threads: int) -> int:
    """How many runs are held at once: a power of two, so that few sizes are ever recorded."""
    pair = batch.rows(torch.arange(2, device=batch.step.device) % len(batch))
    one = max(1, held(lambda: loss.value_and_gradient(pair.w, pair.parameters)) // 2) + 8 * 4 * sum(x[0].numel() for x in batch.w)
    room = memory // threads
    if one > room:
        raise ValueError(f"one run holds {one} bytes and {room} are allowed a thread: allow more memory")
    if batch.step.device.type == "cpu":
        room = min(room, NEAR * INNERMOST if loss.runs_last() else NEAR)
    return 1 << max(0, (room // one).bit_length() - 1)


def _marched(plan: Plan, whole: Batch, chunk: int, threads: int) -> list[Results]:
    slices = [slice(first, first + chunk) for first in range(0, len(whole), chunk)]

    def one(rows: slice) -> Results:
        try:
            return march(plan, whole.rows(rows))
        except NotFinite as error:
            row = rows.start + error.row
            raise ValueError(
                f"the loss or its gradient is not finite at the start of run {row}, where the loss is {error.value:g}: start elsewhere"
            ) from None

    if threads == 1 or len(slices) == 1:
        return [one(rows) for rows in slices]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, slices))


@contextmanager
def _one_thread(threads: int) -> Iterator[None]:
    """One thread inside Torch while chunks have one each; as before afterwards."""
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ValueError(f"chunks run on at least 1 thread, not {threads!r}")
    before = torch.get_num_threads()
    if threads > 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if threads > 1:
            torch.set_num_threads(before)


def _table(plan: Plan, variables: tuple[Any, ...], parts: list[Results]) -> Table:
    codes = torch.cat([part.codes for part in parts]).tolist()
    final = {name: torch.cat([part.final[j] for part in parts]) for j, name in enumerate(variables)}
    return Table(
        tuple(ENDS[Code(code)] for code in codes),
        torch.cat([part.steps for part in parts]),
        final,
        torch.cat([part.loss for part in parts]),
        torch.cat([part.norm for part in parts]),
        plan.looks,
        torch.cat([part.losses for part in parts]),
        torch.cat([part.norms for part in parts]),
    )


ENDS = {Code.TIME: End.TIME, Code.CONVERGED: End.CONVERGED, Code.STILL: End.STILL, Code.DIVERGED: End.DIVERGED}
