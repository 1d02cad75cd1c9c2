"""The gap between a loss's gradients at two points, by automatic differentiation, every operation rounded otherwise in copies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.lipschitz_gradients import GradientGap

BASIS = "spread over copies whose every operation is rounded otherwise"


class GapOfGradients(Instrument):
    """|grad L(x) - grad L(y)|^2 in float64, many pairs in one batch."""

    name = "gap of gradients"
    kinds = (GradientGap,)
    cost = 2
    batch = 32

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, GradientGap) else Refusal("it compares gradients at two points only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        return self.measure_all(quantity, [at], budget, stream)[0]

    def measure_all(self, quantity: Any, points: Sequence[Mapping[Any, Any]], budget: Budget, stream: Stream) -> list[Measurement]:
        from lemmata.numerics.compile.errors import CannotEvaluate
        from lemmata.numerics.descent.admission import second_look
        from lemmata.numerics.descent.batches import gaps, same_sizes

        answers: list[Measurement] = [Refusal("it was not measured")] * len(points)
        for group in same_sizes(quantity, points):
            try:
                found = [_answer(*pair) for pair in gaps(quantity, [points[index] for index in group], budget.device, second_look(budget))]
            except CannotEvaluate as error:
                found = [Refusal(error.reason)] * len(group)
            for index, answer in zip(group, found, strict=True):
                answers[index] = answer
        return answers


def _answer(value: float, error: float) -> Measurement:
    if not (math.isfinite(value) and math.isfinite(error)):
        return Refusal("a gradient is not finite at one of the two points")
    return Approx(value, error, BASIS)


INSTRUMENT = GapOfGradients()
