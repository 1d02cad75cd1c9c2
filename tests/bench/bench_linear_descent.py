"""Descent on deep linear networks: 10^4 runs of 1000 steps at width 5 and depth 4.

6 s of the processor in all, on two threads; 17 s with batched products in place of those unrolled over runs that lie innermost.
"""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor

from lemmata.numerics.descent.table import End, runs
from lemmata.numerics.streams import Stream

RUNS, STEPS, WIDTH, DEPTH, ALPHA = 10_000, 1_000, 5, 4, 0.05

TARGET = torch.diag(torch.linspace(0.5, 1.5, WIDTH, dtype=torch.float64))


def network(*layers: Tensor) -> Tensor:
    """tr(D^T D)/2, D = W_4 W_3 W_2 W_1 - R."""
    product = layers[0]
    for layer in layers[1:]:
        product = layer @ product
    return ((product - TARGET) ** 2).sum() / 2


def starts(count: int) -> dict[str, Tensor]:
    """The identity, each entry moved by a normal number of size 1/10."""
    rng = Stream(0, ("bench", "linear descent")).torch()
    one = torch.eye(WIDTH, dtype=torch.float64)
    return {f"W_{k}": one + torch.randn(count, WIDTH, WIDTH, generator=rng, dtype=torch.float64) / 10 for k in range(1, DEPTH + 1)}


def test_ten_thousand_runs_of_a_deep_linear_network(benchmark: Any) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    runs(network, starts(512), ALPHA, 2)
    began = time.process_time()
    table = benchmark.pedantic(lambda: runs(network, starts(RUNS), ALPHA, STEPS, threads=2), rounds=1)
    spent = time.process_time() - began
    torch.set_num_threads(before)
    assert table.count(End.DIVERGED) == 0
    assert bool((table.loss <= 2.0**-40).all())
    benchmark.extra_info["seconds on two threads, goal 20"] = round(benchmark.stats.stats.min, 1)
    benchmark.extra_info["processor's seconds"] = round(spent, 1)
