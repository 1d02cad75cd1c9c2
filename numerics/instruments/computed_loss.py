"""A loss that only code can state, at one point: its function called in float64, and again with what was rounded rounded otherwise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.computed_loss import LossValue

BASIS = "spread over arguments rounded otherwise"


class ComputedLoss(Instrument):
    """The function of a loss at a point; its error is the spread over copies whose arguments are moved by a few roundings.

    What the function itself loses beyond that (a sum that cancels, a cast to single precision) is not seen.
    """

    name = "computed loss"
    kinds = (LossValue,)
    cost = 2

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, LossValue) else Refusal("it computes losses that are code only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.compile.errors import CannotEvaluate
        from lemmata.numerics.descent.batches import loss_at

        try:
            value, error = loss_at(quantity, at, budget.device)
        except CannotEvaluate as failure:
            return Refusal(failure.reason)
        if not (math.isfinite(value) and math.isfinite(error)):
            return Refusal(f"the loss {quantity.label} is {value:g} there", divergent=True)
        return Approx(value, error, BASIS)


INSTRUMENT = ComputedLoss()
