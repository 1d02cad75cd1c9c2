"""Averages over the spurious minima in which runs of descent end: from runs of our own, with the scatter of both averages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from lemmata.numerics.budget import BUDGETS, Budget, BudgetName
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.spurious_minima import Look, RunAverage

QUICK_RUNS = 64
"""Our own runs of a batch in the quick budget; they grow with the root of the budget's samples."""

BATCHES = 8
"""Batches at most: they end when half as many runs as a batch has have ended in a spurious minimum."""

FEWEST = 8
"""Spurious ends below which their scatter is not known."""

DEVIATIONS = 7
"""Standard errors on either side: what a normal law exceeds with probability 3e-12, less than the share of a claim."""

UNSEEN = 26
"""What occurs with probability above 26/m is met among m ends, but for a chance of e^-26 = 5e-12."""


class RunAverages(Instrument):
    """The mean over our spurious ends, give or take seven standard errors of the difference of two such means, and what is unseen.

    One mean is ours, the other is over the runs that the quantity names, with the ends to be expected among them. Minima that
    were not met among our m ends have a probability of at most 26/m, and are taken to differ from the mean by no more than
    its size. Neither this nor that means are normal is proved: the interval supports at most and refutes nothing by itself.
    """

    name: ClassVar[str] = "averaged runs"
    kinds: ClassVar[tuple[type, ...]] = (RunAverage,)
    cost: ClassVar[int] = 10

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it averages over the ends of runs only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.landscape.student_runs import least_eigenvalue

        fixed = quantity.xreplace(dict(at))
        if not all(size.is_Integer and size > 0 for size in fixed.shape):
            return Refusal(f"numbers of neurons are whole and at least 1, not {fixed.shape}")
        n, k = (int(size) for size in fixed.shape)
        batch = QUICK_RUNS * math.isqrt(max(1, budget.samples // BUDGETS[BudgetName.QUICK].samples))
        runs, ends, objective = _spurious_ends(n, k, batch, stream)
        if len(ends) < FEWEST:
            return Refusal(f"{len(ends)} of {runs} runs end in a spurious minimum, too few for an average: take a larger budget")
        look: Look = fixed.look
        match look:
            case Look.OBJECTIVE:
                values = 2 * objective
            case Look.CURVATURE:
                values = np.array([least_eigenvalue(w) for w in ends])
        expected = fixed.runs * len(ends) / runs
        spread = float(values.std(ddof=1))
        mean, rounding = float(values.mean()), n * k * float(np.finfo(float).eps) * (n + k)
        scatter = DEVIATIONS * spread * math.sqrt(1 / len(ends) + 1 / expected)
        error = scatter + UNSEEN / len(ends) * abs(mean) + rounding + float(fixed.unit)
        basis = f"seven standard errors of {len(ends)} ends of ours and {expected:.0f} of the average; ends are foretold by a rule of thumb"
        return Approx(mean, error, basis)


def _spurious_ends(n: int, k: int, batch: int, stream: Stream) -> tuple[int, Any, Any]:
    """How many runs were made, where the spurious ones of them ended, and F/2 there."""
    from lemmata.numerics.landscape.student_runs import Until, descend, xavier

    places: list[Any] = []
    values: list[Any] = []
    generator, runs = stream.numpy(), 0
    while runs < BATCHES * batch and 2 * sum(len(ends) for ends in places) < batch:
        found = descend(xavier(batch, n, k, generator), Until.DECIDED)
        runs += batch
        places.append(found.w[found.spurious])
        values.append(found.objective[found.spurious])
    return runs, np.concatenate(places), np.concatenate(values)


INSTRUMENT = RunAverages()
