"""Worst cases of descent by performance estimation: a semidefinite programme proposes, balls and rationals decide."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.worst_cases import WorstCase

if TYPE_CHECKING:
    from lemmata.numerics.performance.case import Case

MOST_STEPS = 40
"""Steps of a worst case, at most: a programme grows with the fourth power of their number."""

STEPS_WITHIN = {"quick": 10, "standard": 20}
"""The same within the smaller budgets: 40 steps may take a minute."""

LACKING = "worst cases need a semidefinite solver: pip install 'lemmata[pep]'"


class PerformanceEstimation(Instrument):
    """A ball around a supremum over a class of functions: above by multipliers made exactly feasible, below by a function.

    Both sides are proved in rationals and balls; the solver's numbers are only where they start from. The functions come
    along as exhibits, data that anyone can check.
    """

    name = "performance estimation"
    kinds = (WorstCase,)
    cost = 1

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, self.kinds):
            return Refusal("it estimates worst cases of descent only")
        return None if find_spec("clarabel") is not None else Refusal(LACKING)

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.compile.arb import precision
        from lemmata.numerics.performance.case import BITS
        from lemmata.numerics.performance.estimate import estimate
        from lemmata.numerics.performance.program import Unsolved

        with precision(BITS):
            case = case_within(quantity, at, budget)
            if isinstance(case, Refusal):
                return case
            try:
                found = estimate(case)
            except Unsolved as error:
                return Refusal(str(error))
            return Ball(found.lower.union(found.upper), f"{case.n} steps", found.exhibits)


def case_within(quantity: Any, at: Mapping[Any, Any], budget: Budget) -> Case | Refusal:
    """The worst case at a point, or why there is none that the budget takes."""
    from lemmata.numerics.performance.case import NoCase, case_at

    try:
        case = case_at(quantity, at)
    except NoCase as error:
        return Refusal(str(error), divergent=error.divergent)
    return _beyond(case.n, budget) or case


def _beyond(steps: int, budget: Budget) -> Refusal | None:
    """A refusal where a worst case over so many steps is more than the budget, or the instrument, takes."""
    if steps > MOST_STEPS:
        return Refusal(f"{steps} steps, and worst cases are estimated up to {MOST_STEPS}: take fewer")
    most = STEPS_WITHIN.get(budget.name, MOST_STEPS)
    if steps > most:
        return Refusal(f"{steps} steps, and the budget {budget.name} allows {most}: take a larger budget, up to {MOST_STEPS} steps")
    return None


INSTRUMENT = PerformanceEstimation()
