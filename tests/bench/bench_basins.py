"""Chances of optimal basins and of starts above the zero network to a thousandth: goal 5 s a claim on two cores; 10^7 starts in seconds.

`--benchmark-only -s` prints what each claim would have caught, and the processor's seconds, which other work on the machine disturbs less.
The resolution is the standard budget's, 1e-3: sampling stops once an interval's half width is a thousandth of the chance, and what
is caught with 99% probability is 1.3 times that.
"""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import torch

from lemmata.numerics.basins.packed import events, shares
from lemmata.numerics.budget import BUDGETS, BudgetName
from lemmata.numerics.streams import Stream
from lemmata.theory.basins import demands_of, orthogonal, singletons
from lemmata.verify.judge import judge
from lemmata.verify.register import basin_clusters, basin_starts
from lemmata.verify.register.basin_clusters import BY_SYMMETRY, WANTED, cones
from lemmata.verify.register.basin_starts import AXES, ORTHOGONAL, TEACHERS, TO_A_THOUSANDTH, alone
from lemmata.verify.register.initial_loss_by_signs import ABOVE

CLAIMS = {
    claim.name: claim
    for claim in (*TO_A_THOUSANDTH, *BY_SYMMETRY, *ABOVE, *basin_starts.STARTS, *basin_clusters.STARTS, *TEACHERS)
    if claim.expect is None
}
BUDGET = replace(BUDGETS[BudgetName.STANDARD], points=BUDGETS[BudgetName.QUICK].points, samples=2**24)
MANY = 10**7


@pytest.mark.parametrize("budget", [BUDGET, BUDGETS[BudgetName.STANDARD]], ids=["thousandth", "standard"])
@pytest.mark.parametrize("name", list(CLAIMS))
def test_a_claim_to_a_thousandth(benchmark, name, budget):
    torch.set_num_threads(1)
    began = time.process_time()
    record = benchmark.pedantic(lambda: judge(CLAIMS[name], budget), rounds=1, iterations=1)
    spent = time.process_time() - began
    benchmark.extra_info |= {"resolution": record.resolution, "cpu": spent}
    print(f"{name}: {record.verdict.value}, {record.resolution:.2e}, {spent:.2f} s of the processor")
    assert record.verdict.holds


@pytest.mark.parametrize("draw", [events, shares])
@pytest.mark.parametrize("data", ["axes", "orthogonal", "clusters"])
def test_ten_million_starts(benchmark, draw, data):
    clusters, demands = {
        "axes": (alone(AXES, "cpu"), demands_of(singletons(1, 1, 1))),
        "orthogonal": (alone(ORTHOGONAL, "cpu"), demands_of(orthogonal(2, 1))),
        "clusters": (cones("cpu"), WANTED),
    }[data]
    torch.set_num_threads(1)
    rng = Stream(0, ("bench", data)).torch()
    found = benchmark.pedantic(lambda: draw(0, 16, clusters, demands, size=MANY, rng=rng, device="cpu"), rounds=1, iterations=1)
    assert len(found) == MANY
