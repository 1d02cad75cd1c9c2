"""Gradient descent iterated in ball arithmetic: a rigorous value for small losses and moderate numbers of steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.descent.admission import declined
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.computed_loss import LossValue
from lemmata.theory.trajectory import Trajectory

WORK_A_STEP = 100
"""Nodes that may be evaluated in all, for each step that the budget allows."""


class DescentBalls(Instrument):
    """The iteration with every iterate enclosed; derivatives by SymPy, arithmetic by flint.

    Iterates that run off to infinity are enclosed as long as they fit: an upper bound then fails rigorously. Past
    2^(2^20) the answer is a refusal that names the step.
    """

    name = "descent in balls"
    kinds = (Trajectory,)
    cost = 1

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, self.kinds):
            return Refusal("it iterates gradient descent only")
        return Refusal("the loss is code, which balls cannot follow") if quantity.has(LossValue) else None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.compile.errors import CannotEvaluate, Undefined
        from lemmata.numerics.descent.balls import Diverged, check_start, enclose_descent
        from lemmata.numerics.descent.explicit import explicit, over_large_data
        from lemmata.numerics.descent.matrixwise import matrixwise

        try:
            refusal = declined(quantity, at, budget)
            if refusal is not None:
                return refusal
            problem = (matrixwise if over_large_data(quantity) else explicit)(quantity, at)
            n = problem.time
            work = (int(n) + 1) * problem.size
            if work > WORK_A_STEP * budget.steps:
                return Refusal(f"{work} operations in balls, and the budget {budget.name} allows {WORK_A_STEP * budget.steps}")
            check_start(problem)
            fixed = quantity.xreplace(dict(at))
            value = enclose_descent(problem, int(n), fixed.step, fixed.momentum, quantity.method, quantity.reduction, budget.digits)
        except Undefined as error:
            return Refusal(f"the run meets what has no real value: {error.reason}", divergent=True, undefined=True)
        except CannotEvaluate as error:
            return Refusal(error.reason)
        except Diverged as error:
            return Refusal(str(error), divergent=True)
        return Ball(value, f"{n} steps")


INSTRUMENT = DescentBalls()
