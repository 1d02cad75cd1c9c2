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

QUICK_RUNS = 128
"""Our own runs in the quick budget; they grow with the root of the budget's samples."""

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
        from lemmata.numerics.landscape.student_runs import Until, descend, least_eigenvalue, xavier

        fixed = quantity.xreplace(dict(at))
        if not all(size.is_Integer and size > 0 for size in fixed.shape):
            return Refusal(f"numbers of neurons are whole and at least 1, not {fixed.shape}")
        n, k = (int(size) for size in fixed.shape)
        runs = QUICK_RUNS * math.isqrt(max(1, budget.samples // BUDGETS[BudgetName.QUICK].samples))
        ends = descend(xavier(runs, n, k, stream.numpy()), Until.DECIDED)
        chosen = np.nonzero(ends.spurious)[0]
        if len(chosen) < FEWEST:
            return Refusal(f"{len(chosen)} of {runs} runs end in a spurious minimum, too few for an average: take a larger budget")
        look: Look = fixed.look
        match look:
            case Look.OBJECTIVE:
                values = 2 * ends.objective[chosen]
            case Look.CURVATURE:
                values = np.array([least_eigenvalue(ends.w[place]) for place in chosen])
        expected = fixed.runs * len(chosen) / runs
        spread = float(values.std(ddof=1))
        mean, rounding = float(values.mean()), n * k * float(np.finfo(float).eps) * (n + k)
        scatter = DEVIATIONS * spread * math.sqrt(1 / len(chosen) + 1 / expected)
        error = scatter + UNSEEN / len(chosen) * abs(mean) + rounding
        return Approx(mean, error, f"seven standard errors of {len(chosen)} ends of ours and {expected:.0f} of the average")


INSTRUMENT = RunAverages()
