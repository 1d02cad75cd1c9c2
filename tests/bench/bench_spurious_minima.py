"""Runs of two-layer students of 20 neurons to the end: seconds, and how many times faster than a loop of automatic differentiation."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor

from lemmata.numerics.budget import BUDGETS, BudgetName
from lemmata.numerics.instruments.critical_point import INSTRUMENT, _point
from lemmata.numerics.landscape.student_runs import STEP, Fate, Until, descend, xavier
from lemmata.numerics.streams import Stream
from lemmata.theory.spurious_minima import critical_point

RUNS, WIDTH = 1000, 20


def objective(w: Tensor) -> Tensor:
    """F/2 of each run, up to the constant of the target, as one would write it for automatic differentiation."""
    norms = w.norm(dim=2)
    units = w / norms[:, :, None]

    def kernel(cosines: Tensor) -> Tensor:
        c = cosines.clamp(-1 + 1e-15, 1 - 1e-15)
        angle = torch.acos(c)
        return (torch.sqrt(1 - c * c) + (torch.pi - angle) * c) / (2 * torch.pi)

    among = (norms[:, :, None] * norms[:, None, :] * kernel(units @ units.transpose(1, 2))).sum((1, 2))
    return among / 2 - (norms[:, :, None] * kernel(units)).sum((1, 2))


def autograd_loop(starts: Any, steps: int) -> float:
    """Seconds a step of all runs in one batch."""
    w = torch.from_numpy(starts.copy()).requires_grad_()
    began = time.perf_counter()
    for _ in range(steps):
        (slope,) = torch.autograd.grad(objective(w).sum(), w)
        with torch.no_grad():
            w -= STEP * slope
    return (time.perf_counter() - began) / steps


def ours(starts: Any, steps: int) -> float:
    """Seconds a step of all runs, from a share of them; nothing is stopped before its time."""
    share = starts[:: len(starts) // 120]
    began = time.perf_counter()
    descend(share, Until.STOPPED, most=steps)
    return (time.perf_counter() - began) / steps * len(starts) / len(share)


def test_a_thousand_students_to_the_end(benchmark: Any) -> None:
    """Against the loop in turn, each on one thread: other work on the machine falls on both."""
    starts = xavier(RUNS, WIDTH, WIDTH, Stream(0, ("bench", "students")).numpy())
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    pairs = [(autograd_loop(starts, 6), ours(starts, 200)) for _ in range(5)]
    torch.set_num_threads(before)
    ends = benchmark.pedantic(lambda: descend(starts, Until.STOPPED, threads=2), rounds=1)
    assert ends.count(Fate.TIME) == 0
    slow, fast = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    benchmark.extra_info["seconds to gradient norm 1e-9, goal 600"] = round(benchmark.stats.stats.min, 1)
    benchmark.extra_info["times faster a step than vectorised autograd, goal 5"] = round(slow / fast, 1)
    benchmark.extra_info["steps of a run, mean and most"] = f"{ends.steps.mean():.0f}, {ends.steps.max()}"
    benchmark.extra_info["% spurious (the source: 94)"] = round(100 * float(ends.spurious.mean()), 1)


def test_the_proof_for_one_k(benchmark: Any) -> None:
    """Interval Newton and all eigenvalues for k = 20, the largest."""
    node = critical_point(WIDTH).curvature

    def proof() -> Any:
        _point.cache_clear()
        return INSTRUMENT.measure(node, {}, BUDGETS[BudgetName.QUICK], Stream(0))

    assert benchmark(proof).value > 0
    benchmark.extra_info["goal, seconds"] = 5
