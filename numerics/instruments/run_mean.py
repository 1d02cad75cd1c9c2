"""Bounded numbers that cost a run of descent each: their mean over a fixed number of runs, with an interval that rests on the bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.run_frequency import runs_of
from lemmata.numerics.measurement import Estimate, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.run_means import RunMean


class MeanOverRuns(Instrument):
    """The mean over independent runs; their number is fixed before the first one, and grows with the root of the budget's samples.

    The interval is that of `lemmata.numerics.statistics.bounded_mean`, valid for every law within the bounds that the experiment
    declares; a value out of these bounds is a refusal.
    """

    name: ClassVar[str] = "averaged bounded runs"
    kinds: ClassVar[tuple[type, ...]] = (RunMean,)
    cost: ClassVar[int] = 10

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, RunMean) else Refusal("it averages the runs of an experiment only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.sampling import ExperimentFailed, declared_of, draw_experiment
        from lemmata.numerics.statistics.bounded_mean import bounded_mean
        from lemmata.numerics.statistics.moments import Moments

        runs = runs_of(quantity, budget)
        try:
            draw = quantity.xreplace(dict(at)).draw
            bounds = declared_of(draw, budget.device).bounds
            if bounds is None:
                return Refusal(f"the experiment {draw} declares no bounds: @experiment(bounds=(low, high))")
            if not bounds[0] < bounds[1]:
                return Refusal(f"the experiment {draw} declares bounds of width 0: state the number {bounds[0]:g} itself")
            numbers, _ = draw_experiment(draw, runs, stream.torch(budget.device), budget.device)
            interval = bounded_mean(numbers.tolist(), bounds[0], bounds[1], budget.alpha)
        except (ExperimentFailed, ValueError) as failure:
            return Refusal(str(failure))
        moments = Moments.of(numbers)
        radius = interval.radius(moments.mean)
        assumes = (f"{draw} lies in [{bounds[0]:g}, {bounds[1]:g}] (declared)",)
        return Estimate(moments.mean, moments.stderr, runs, radius, budget.alpha, f"{runs} runs; bets on a bounded law", assumes=assumes)


INSTRUMENT = MeanOverRuns()
