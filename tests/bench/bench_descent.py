"""Descent of 10^4 runs of a 100-parameter network: seconds, times faster than a loop of automatic differentiation, overhead."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor

from lemmata.numerics.descent.batch_loss import of_function
from lemmata.numerics.descent.table import End, runs
from lemmata.numerics.streams import Stream

RUNS, STEPS, HIDDEN, POINTS, ALPHA = 10_000, 1_000, 33, 10, 0.05

X = torch.linspace(-1, 1, POINTS, dtype=torch.float64)
Y = torch.sin(3 * X)


def network(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    """The mean squared error of d + sum_i c_i tanh(a_i x + b_i): 3 * 33 + 1 parameters, ten points."""
    return ((torch.tanh(X[:, None] * a + b) @ c + d - Y) ** 2).mean()


def starts(count: int) -> dict[str, Tensor]:
    rng = Stream(0, ("bench", "descent")).torch()

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=rng, dtype=torch.float64)

    return {"a": normal(count, HIDDEN), "b": normal(count, HIDDEN), "c": normal(count, HIDDEN) / HIDDEN**0.5, "d": normal(count)}


def a_loop_of_autograd(count: int, steps: int) -> float:
    """Seconds a run and step of one run after the other."""
    found = starts(count)
    began = time.perf_counter()
    for row in range(count):
        w = [part[row].clone().requires_grad_() for part in found.values()]
        for _ in range(steps):
            slopes = torch.autograd.grad(network(*w), w)
            with torch.no_grad():
                for x, slope in zip(w, slopes, strict=True):
                    x -= ALPHA * slope
    return (time.perf_counter() - began) / (count * steps)


@torch.no_grad()
def bare(found: dict[str, Tensor], steps: int) -> Tensor:
    """The same steps with the gradient written by hand, and nothing looked at."""
    a, b, c, d = (part.clone() for part in found.values())
    for _ in range(steps):
        h = torch.tanh(a[:, None, :] * X[:, None] + b[:, None, :])
        e = (torch.matmul(h, c[:, :, None])[..., 0] + d[:, None] - Y) * (2 / POINTS)
        s = (1 - h * h) * (e[:, :, None] * c[:, None, :])
        c -= ALPHA * torch.matmul(e[:, None, :], h)[:, 0]
        b -= ALPHA * s.sum(1)
        a -= ALPHA * torch.matmul(X, s)
        d -= ALPHA * e.sum(1)
    return c


def test_ten_thousand_runs_of_a_network(benchmark: Any) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    slow = a_loop_of_autograd(4, 100)
    table = benchmark.pedantic(lambda: runs(network, starts(RUNS), ALPHA, STEPS, threads=2), rounds=1)
    torch.set_num_threads(before)
    spent = benchmark.stats.stats.min
    assert table.count(End.TIME) == RUNS
    benchmark.extra_info["seconds, goal 60"] = round(spent, 1)
    benchmark.extra_info["times faster than a loop of autograd (4 runs of 100 steps, scaled), goal 5"] = round(
        slow * RUNS * STEPS / spent, 1
    )


def test_overhead_over_bare_tensors(benchmark: Any) -> None:
    """Both in turn and the least of each: other work on the machine falls on both."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    count, steps, loss = 512, 320, of_function(network, ["a", "b", "c", "d"])
    found = starts(count)
    table = runs(loss, found, ALPHA, 32)
    least = [float("inf")] * 2
    for _ in range(7):
        for which, call in enumerate((lambda: bare(found, steps), lambda: runs(loss, found, ALPHA, steps))):
            began = time.perf_counter()
            call()
            least[which] = min(least[which], time.perf_counter() - began)
    benchmark.pedantic(lambda: runs(loss, found, ALPHA, steps), rounds=3)
    torch.set_num_threads(before)
    benchmark.extra_info["overhead, goal 0.15"] = round(least[1] / least[0] - 1, 3)
    apart = (bare(found, 32) - table.final["c"]).abs().max()
    assert bool(apart <= 32 * 64 * torch.finfo(torch.float64).eps * 10)
