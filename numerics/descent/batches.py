"""From points of a domain to one batch of runs, each accompanied by copies whose every step is rounded otherwise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
import torch
from flint import arb_mat
from torch import Tensor

from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.tape_losses import checked_function, over_batch
from lemmata.numerics.descent.admission import not_finite
from lemmata.numerics.descent.batch_loss import held
from lemmata.numerics.descent.engine import Outcome, Runs, run
from lemmata.numerics.descent.flow import Arrival, follow
from lemmata.numerics.descent.jitter import Jitter
from lemmata.numerics.descent.problem import Problem, compile_problem, squared_norm
from lemmata.numerics.streams import Stream
from lemmata.theory.computed_loss import LossValue
from lemmata.theory.data import DataMatrix
from lemmata.theory.lipschitz_gradients import GradientGap
from lemmata.theory.trajectory import Along, FlowValue, Trajectory

COPIES = 4
"""Copies of each run with other roundings; the spread over them is the error estimate."""

KICKS = (-1.0, 1.0, 2.0, -1.5)
"""What is rounded on the way in is moved by these in the copies, in units of a copy's perturbation."""

ROUNDINGS = 32
"""Size of a copy's perturbation of an iterate, in units of the roundoff: what a step's own operations may lose."""

KINDS = 8
"""Neighbouring entries that are perturbed independently; further ones are perturbed as these are at other steps."""

PERIOD = 97
"""Steps after which the pattern of perturbations repeats; prime, so that it does not lock to a cycle of the iteration."""

JITTERED = 2
"""A second run's error, in spreads over its copies, each of which is moved by many times what rounding moves it."""

HELD = 1 << 28
"""Bytes of intermediate tensors held at once, about: it sets the length of a chunk."""


@dataclass(frozen=True)
class Values:
    """One answer a point: value and error estimate, and the iterate at which it left floating point (-1: it did not).

    `settled` says whether rounding acts linearly: the copies differ by less than the root of the roundoff, relative to
    the largest value along the run. Past that the spread of a few copies bounds nothing. `starts` are the losses at the start.
    """

    values: list[float]
    errors: list[float]
    diverged_at: list[int]
    settled: list[bool]
    starts: list[float]


def run_points(node: Trajectory, points: Sequence[Mapping[Any, Any]], device: str, jittered: int = 0) -> Values:
    """The trajectory at points that share their matrix sizes, in one batch of (1 + COPIES) runs a point.

    A number `jittered` rounds every single operation of all of them at random, other numbers otherwise: a second run that shares no
    rounding error with the first, those inside the loss included. Raises CannotEvaluate for what has no value or no Torch form.
    """
    sized, points = _sized(node, points)
    problem = compile_problem(sized.loss, sized.variables, sized.expr)
    batch = _batch(sized, problem, points, device)
    noise = _noise(len(points), device)
    chunk = max(1 + COPIES, HELD // _bytes_a_run(sized, problem, batch))
    with Jitter(Stream(0, ("descent", f"jitter {jittered}"))) if jittered else nullcontext():
        starts = problem.loss({**batch.parameters, **batch.starts})
        outcome = run(problem, batch, method=node.method, reduction=node.reduction, noise=noise, chunk=chunk)
    safety = JITTERED if jittered else 1
    return _with_errors(outcome, torch.broadcast_to(starts, batch.step.shape)[:: 1 + COPIES].tolist(), safety)


def follow_point(node: FlowValue, at: Mapping[Any, Any], device: str, digits: int, most: int) -> list[Arrival]:
    """Gradient flow at one point by each method that arrives; raises CannotEvaluate as `run_points` does, or Breakdown."""
    sized, (at,) = _sized(node, [at])
    problem = compile_problem(sized.loss, sized.variables, sized.expr)
    starts = {
        variable: _column(start, [at], device, turn=j)
        for j, (variable, start) in enumerate(zip(sized.variables, sized.starts, strict=True))
    }
    parameters = {symbol: _column(symbol, [at], device, turn=j) for j, symbol in enumerate(problem.parameters)}
    first = float(problem.loss({**parameters, **starts}).reshape(-1)[0])
    if not math.isfinite(first):
        raise CannotEvaluate(not_finite(first))
    return follow(problem, starts, parameters, to_float(sized.time, at)[0], digits, most)


def halved_steps(node: FlowValue, points: Sequence[Mapping[Any, Any]], counts: Sequence[int], device: str) -> tuple[Tensor, Tensor, Tensor]:
    """Descent over each flow's time in these numbers of equal steps: (points, 2, counts) values, scales, where each run diverged.

    The second of the two is run from what was rounded otherwise on the way in.
    """
    sized, points = _sized(node, points)
    problem = compile_problem(sized.loss, sized.variables, sized.expr)
    rows, pair = len(points) * 2 * len(counts), slice(0, 2)

    def spread(column: Tensor) -> Tensor:
        two = column.reshape(len(points), 1 + COPIES, *column.shape[1:])[:, pair]
        return two[:, :, None].expand(len(points), 2, len(counts), *column.shape[1:]).reshape(rows, *column.shape[1:])

    named = enumerate(zip(sized.variables, sized.starts, strict=True))
    starts = {variable: spread(_column(start, points, device, turn=j)) for j, (variable, start) in named}
    parameters = {symbol: spread(_column(symbol, points, device, turn=j)) for j, symbol in enumerate(problem.parameters)}
    times = torch.tensor(list(counts), device=device).repeat(2 * len(points))
    step = spread(_column(sized.time, points, device)) / times
    runs = Runs(starts, parameters, step, torch.zeros_like(step), times)
    chunk = max(1, HELD // _bytes_a_run(sized, problem, runs))
    outcome = run(problem, runs, chunk=chunk)
    shape = (len(points), 2, len(counts))
    return outcome.values.reshape(shape).cpu(), outcome.scales.reshape(shape).cpu(), outcome.diverged_at.reshape(shape).cpu()


def loss_at(node: LossValue, at: Mapping[Any, Any], device: str) -> tuple[float, float]:
    """A computed loss at a point and its spread over copies whose arguments are rounded otherwise; raises CannotEvaluate."""
    columns = [_column(argument, [at], device, turn=j) for j, argument in enumerate(node.arguments)]
    matrices = [bool(getattr(argument, "is_Matrix", False)) for argument in node.arguments]
    values = over_batch(checked_function(node), matrices, columns).cpu()
    error = (values - values[0]).abs().amax() + _unit() * values[0].abs() + torch.finfo(torch.float64).tiny
    return float(values[0]), float(error)


def gaps(node: GradientGap, points: Sequence[Mapping[Any, Any]], device: str, jittered: int) -> list[tuple[float, float]]:
    """|grad L(x) - grad L(y)|^2 at points that share their sizes, with the spread over jittered copies; raises CannotEvaluate.

    A number `jittered` asks for another look: the value is then that of a jittered copy too.
    """
    sized, points = _sized(node, points)
    problem = compile_problem(sized.loss, sized.variables, sized.loss)
    parameters = {symbol: _column(symbol, points, device, turn=j) for j, symbol in enumerate(problem.parameters)}
    ends = [[_column(part, points, device, turn=j) for j, part in enumerate(end)] for end in sized.ends]

    def measured() -> Tensor:
        first, second = (problem.gradient({**parameters, **dict(zip(problem.variables, end, strict=True))}) for end in ends)
        return squared_norm([a - b for a, b in zip(first, second, strict=True)])

    plain = measured()
    with Jitter(Stream(0, ("gap", str(jittered)))):
        moved = measured().reshape(len(points), 1 + COPIES)
    own = moved[:, 0] if jittered else plain.reshape(len(points), 1 + COPIES)[:, 0]
    spread = JITTERED * (moved - own[:, None]).abs().amax(dim=1) + torch.finfo(torch.float64).tiny
    return list(zip(own.tolist(), spread.tolist(), strict=True))


def same_sizes(node: Any, points: Sequence[Mapping[Any, Any]]) -> list[list[int]]:
    """The indices of the points, grouped by the sizes that the node's matrices have there."""
    symbols = sorted(_size_symbols(node), key=str)
    groups: dict[Any, list[int]] = {}
    for index, at in enumerate(points):
        groups.setdefault(tuple(at.get(symbol) for symbol in symbols), []).append(index)
    return list(groups.values())


def _sized(node: Any, points: Sequence[Mapping[Any, Any]]) -> tuple[Any, list[Mapping[Any, Any]]]:
    """The node and the points with the sizes of matrices put in, the same at all points."""
    sizes = {symbol: value for symbol, value in points[0].items() if symbol in _size_symbols(node)}
    return node.xreplace(sizes), [{symbol.xreplace(sizes): value for symbol, value in at.items()} for at in points]


def _size_symbols(node: Any) -> set[Any]:
    return {symbol for matrix in node.atoms(sp.MatrixSymbol) for side in matrix.shape for symbol in sp.sympify(side).free_symbols}


def to_float(expr: Any, at: Mapping[Any, Any]) -> tuple[Any, bool]:
    """An expression at a point as a float, or nested lists of them for a matrix, and whether that is its exact value."""
    value = expr.xreplace(dict(at)) if hasattr(expr, "xreplace") else sp.sympify(expr)
    if value.is_Rational:
        return _nearest(Fraction(int(value.p), int(value.q)))
    if isinstance(value, sp.MatrixBase) and all(entry.is_Rational for entry in value):
        cells = [[to_float(value[i, j], {}) for j in range(value.cols)] for i in range(value.rows)]
        return [[number for number, _ in row] for row in cells], all(exact for row in cells for _, exact in row)
    ball = enclose(expr, at, digits=17)
    if isinstance(ball, arb_mat):
        return [[float(ball[i, j].mid()) for j in range(ball.ncols())] for i in range(ball.nrows())], False
    return float(ball.mid()), False


def _nearest(value: Fraction) -> tuple[float, bool]:
    try:
        number = float(value)
    except OverflowError:
        raise CannotEvaluate("a number of the point is beyond the range of float64") from None
    return number, Fraction(number) == value


def _column(expr: Any, points: Sequence[Mapping[Any, Any]], device: str, kick: bool = True, turn: int = 0) -> Tensor:
    """An expression at every point, each followed by its copies; what was rounded is rounded otherwise in each.

    Entries and variables (`turn`) are rounded otherwise than their neighbours, so that differences of them are moved too.
    """
    rows = []
    for at in points:
        number, exact = to_float(expr, at)
        row = torch.tensor(number, dtype=torch.float64)
        rows.append(row)
        for copy in range(COPIES):
            places = (torch.arange(row.numel()) + copy + turn) % len(KICKS)
            rows.append(row if exact or not kick else row * (1 + _unit() * torch.tensor(KICKS)[places].reshape(row.shape)))
    return torch.stack(rows).to(device)


def _batch(node: Trajectory, problem: Problem, points: Sequence[Mapping[Any, Any]], device: str) -> Runs:
    times = _column(node.time, points, device, kick=False).to(torch.int64)
    named = enumerate(zip(node.variables, node.starts, strict=True))
    starts = {variable: _column(start, points, device, turn=j) for j, (variable, start) in named}
    parameters = {symbol: _column(symbol, points, device, turn=j) for j, symbol in enumerate(problem.parameters)}
    return Runs(starts, parameters, _column(node.step, points, device), _column(node.momentum, points, device), times)


def _unit() -> float:
    return ROUNDINGS * torch.finfo(torch.float64).eps / 2


def _noise(points: int, device: str) -> Tensor:
    """Rows of perturbations: none for a run, the same fixed patterns for the copies of every run.

    Each is between half and all of a copy's perturbation, with a random sign: perturbations of one size would cancel exactly
    in runs that halve, and those of entries that move together would cancel in their differences.
    """
    generator = Stream(0, ("descent", "rounding")).torch()
    drawn = torch.rand((COPIES, PERIOD, KINDS), generator=generator, dtype=torch.float64) * 2 - 1
    kicks = (drawn + drawn.sign()) / 2 * _unit()
    rows = torch.cat([torch.zeros(1, PERIOD, KINDS, dtype=torch.float64), kicks])
    return rows.repeat(points, 1, 1).to(device)


def _bytes_a_run(node: Along, problem: Problem, batch: Runs) -> int:
    """A dozen tensors of the size of the largest data or matrices; what a step of code makes is measured, on the first two runs."""
    if node.has(LossValue):
        pair = batch.part(slice(0, 2))
        env = {**pair.parameters, **pair.starts}
        return max(1, held(lambda: (problem.loss(env), problem.gradient(env), problem.watch(env))) // 2)
    rows = max((int(data.shape[0]) for data in node.atoms(DataMatrix)), default=1)
    entries = sum(int(m.shape[0]) * int(m.shape[1]) for m in node.atoms(sp.MatrixSymbol) if not isinstance(m, DataMatrix))
    return 8 * 12 * (rows + max(entries, len(node.variables)))


def _with_errors(outcome: Outcome, starts: list[float], safety: int) -> Values:
    points = len(starts)
    values = outcome.values.reshape(points, 1 + COPIES).cpu()
    lost = outcome.diverged_at.reshape(points, 1 + COPIES).cpu()
    own = values[:, 0]
    spread = safety * (values - own[:, None]).abs().amax(dim=1) + _unit() * own.abs() + torch.finfo(torch.float64).tiny
    first = torch.where(lost >= 0, lost, lost.max() + 1).amin(dim=1)
    diverged_at = torch.where((lost >= 0).any(dim=1), first, -1)
    scale = outcome.scales.reshape(points, 1 + COPIES).cpu().amax(dim=1)
    settled = spread <= torch.finfo(torch.float64).eps ** 0.5 * scale + torch.finfo(torch.float64).tiny
    return Values(own.tolist(), spread.tolist(), diverged_at.tolist(), settled.tolist(), starts)
