"""Events that cost a run of descent each: counted over a fixed number of runs, with an exact binomial interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from lemmata.numerics.budget import BUDGETS, Budget, BudgetName
from lemmata.numerics.measurement import Estimate, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.frequency import Frequency
from lemmata.theory.over_runs import OverRuns


class RunFrequency(Instrument):
    """The share of independent runs in which the event took place; the number of runs is fixed before the first one.

    It grows with the root of the budget's samples, so that the resolution of a run follows that of sampling more slowly.
    """

    name: ClassVar[str] = "counted runs"
    kinds: ClassVar[tuple[type, ...]] = (Frequency,)
    cost: ClassVar[int] = 10

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, Frequency) else Refusal("it counts the runs of an experiment only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.sampling import ExperimentFailed, draw_experiment
        from lemmata.numerics.statistics.binomial import Binomial
        from lemmata.numerics.statistics.moments import Moments

        runs = runs_of(quantity, budget)
        try:
            draw = quantity.xreplace(dict(at)).draw
            events, boolean = draw_experiment(draw, runs, stream.torch(budget.device), budget.device)
        except ExperimentFailed as failure:
            return Refusal(str(failure))
        if not boolean:
            return Refusal(f"the experiment {draw} returned numbers: an event's experiment returns booleans")
        sequence = Binomial.planned(budget.alpha, 0.5, max(1, runs // 64), runs)
        moments = Moments.of(events)
        interval = sequence.interval(moments)
        radius = interval.radius(moments.mean)
        assumes = (quantity.granted,) if quantity.granted else ()
        return Estimate(moments.mean, moments.stderr, runs, radius, budget.alpha, f"{runs} runs; {sequence.method}", assumes=assumes)


def runs_of(quantity: OverRuns, budget: Budget) -> int:
    """The runs that a budget takes: those of the statement in the quick one.

    >>> [runs_of(Frequency("event", (), 100), BUDGETS[name]) for name in BudgetName]
    [100, 200, 1600]
    """
    return max(1, quantity.runs * math.isqrt(max(1, budget.samples // BUDGETS[BudgetName.QUICK].samples)))


INSTRUMENT = RunFrequency()
