"""Worst cases of descent as PEPit computes them: a second number, from code that is not ours, with nothing proved of it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.performance_estimation import case_within
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.worst_cases import WorstCase

SOLVER_MISSES = 1e-5
"""What the values of an interior point method have been seen to miss by, relatively, five times over."""

SOLVER_ENDS = 1e-7
"""Where it ends, ten times over, in a programme whose start is bounded by 1."""


class PEPit(Instrument):
    """PEPit's own classes of functions and its own programme, solved by Clarabel through cvxpy."""

    name = "PEPit"
    kinds = (WorstCase,)
    cost = 4

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, self.kinds):
            return Refusal("it estimates worst cases of descent only")
        lacking = [name for name in ("PEPit", "cvxpy", "clarabel") if find_spec(name) is None]
        return Refusal(f"{' and '.join(lacking)} not installed: pip install 'lemmata[pep]'") if lacking else None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.compile.arb import precision
        from lemmata.numerics.performance.case import BITS
        from lemmata.numerics.performance.pepit import NotPosed, posed

        with precision(BITS):
            case = case_within(quantity, at, budget)
            if isinstance(case, Refusal):
                return case
            try:
                found = posed(case)
            except NotPosed as fault:
                return Refusal(str(fault))
            factor = float(case.factor())
        error = abs(found.dual - found.primal) + SOLVER_MISSES * abs(found.dual) + SOLVER_ENDS
        return Approx(factor * found.dual, factor * error, "the gap between PEPit's two values, and what such solvers miss by")


INSTRUMENT = PEPit()
