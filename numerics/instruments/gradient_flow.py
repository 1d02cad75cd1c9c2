"""Gradient flow by integrators with step control: an explicit and an implicit one, each at two tolerances."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.trajectory import FlowValue


class GradientFlow(Instrument):
    """dw/dt = -grad L(w), followed to a time by Dormand and Prince's method of order 8 and by LSODA.

    The error is the distance of two tolerances, and of the two methods where both arrive; where they contradict each other, where
    neither arrives, and where the flow leaves every bound before its time, the answer is a refusal that says so.
    """

    name = "gradient flow"
    kinds = (FlowValue,)
    cost = 3

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it follows gradient flow only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.compile.errors import CannotEvaluate
        from lemmata.numerics.descent.batches import follow_point
        from lemmata.numerics.descent.flow import Breakdown, settled

        try:
            arrivals = follow_point(quantity, at, budget.device, budget.digits, budget.steps)
            value, error = settled(arrivals)
        except CannotEvaluate as failure:
            return Refusal(failure.reason)
        except Breakdown as failure:
            return Refusal(failure.reason, divergent=failure.divergent, undefined=failure.divergent)  # the flow does not exist that long
        if not (math.isfinite(value) and math.isfinite(error)):
            return Refusal("the expression has no finite value at that time", divergent=True, undefined=True)
        spent = sum(arrival.gradients for arrival in arrivals)
        return Approx(value, error, f"{' and '.join(arrival.method for arrival in arrivals)} at two tolerances, {spent} gradients")


INSTRUMENT = GradientFlow()
