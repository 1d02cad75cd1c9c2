"""Worst cases of descent from below by runs of simple functions of the class, from above by what a Lipschitz gradient allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.worst_cases import WorstCase


class WorstRuns(Instrument):
    """A wide ball: a supremum is at least what one function reaches when it is run, exactly; its upper end is crude.

    It needs no solver and takes many more steps than a programme does, so it finds a function against a rate that is
    too good to be true; that a rate holds it cannot see, unless the two ends meet.
    """

    name = "runs of simple functions"
    kinds = (WorstCase,)
    cost = 2

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it runs worst cases of descent only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.compile.arb import precision
        from lemmata.numerics.performance.case import BITS, NoCase, case_at
        from lemmata.numerics.performance.ceiling import ceiling
        from lemmata.numerics.performance.estimate import of_runs

        with precision(BITS):
            try:
                case = case_at(quantity, at)
            except NoCase as error:
                return Refusal(str(error), divergent=error.divergent)
            if case.rational is None:
                return Refusal("runs are exact: the constants of the class, step and start are to be rational")
            steps = min(budget.steps, MOST_STEPS)
            if case.n > steps:
                return Refusal(f"{case.n} steps, and {steps} are run exactly: take fewer")
            attained, exhibits = of_runs(case)
            if not exhibits:
                return Refusal("no simple function of the class does any harm here")
            above = ceiling(case)
            loose = not attained >= (1 - budget.resolution) * above
            return Ball(attained.union(above), f"runs of {case.n} steps", exhibits, refutes_only=loose)


MOST_STEPS = 200
"""Steps of an exact run, at most: its fractions grow with every step."""

INSTRUMENT = WorstRuns()
