"""Gradient flow by a Runge-Kutta method whose step is halved until two answers agree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.trajectory import FlowValue

BASIS = "difference between two step sizes"


class GradientFlow(Instrument):
    """dw/dt = -grad L(w), followed to a time by Kutta's method of order 4 at two step sizes.

    A flow that two step sizes do not agree on within the budget (it leaves every bound, or it is stiff) is refused.
    """

    name = "gradient flow"
    kinds = (FlowValue,)
    cost = 3

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it follows gradient flow only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.compile.errors import CannotEvaluate
        from lemmata.numerics.descent.batches import follow_point

        try:
            value, error = follow_point(quantity, at, budget.device, budget.digits, budget.steps)
        except CannotEvaluate as failure:
            return Refusal(failure.reason)
        if not (math.isfinite(value) and math.isfinite(error)):
            return Refusal(f"no two step sizes agree within {budget.steps} steps: it diverges, or is stiff", divergent=True)
        return Approx(value, error, BASIS)


INSTRUMENT = GradientFlow()
