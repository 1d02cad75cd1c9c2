"""Gradient descent run in Torch: all points in one batch, float64, on the CPU or on CUDA."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.descent.admission import declined, not_finite, second_look
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.trajectory import Trajectory

BASIS = "spread over runs whose every step is rounded otherwise"


class DescentRuns(Instrument):
    """Actual runs in floating point; the error is the spread over copies in which every step is rounded otherwise.

    A run that leaves the range of float64 is refused as divergent, with the iterate at which it did: its later values are
    beyond what the numbers hold, so nothing is said about them. So is one whose copies end too far apart (chaos).
    """

    name = "descent runs"
    kinds = (Trajectory,)
    cost = 3
    batch = 32

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it runs gradient descent only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        return self.measure_all(quantity, [at], budget, stream)[0]

    def measure_all(self, quantity: Any, points: Sequence[Mapping[Any, Any]], budget: Budget, stream: Stream) -> list[Measurement]:
        from lemmata.numerics.compile.errors import CannotEvaluate
        from lemmata.numerics.descent.batches import run_points, same_sizes

        jittered = second_look(budget)
        answers: list[Measurement | None] = [declined(quantity, at, budget) for at in points]
        for group in same_sizes(quantity, points):
            going = [index for index in group if answers[index] is None]
            if not going:
                continue
            try:
                found = run_points(quantity, [points[index] for index in going], budget.device, jittered)
            except CannotEvaluate as error:
                for index in going:
                    answers[index] = Refusal(error.reason)
                continue
            columns = zip(going, found.values, found.errors, found.diverged_at, found.settled, found.starts, strict=True)
            for index, value, spread, lost, settled, start in columns:
                answers[index] = _answer(value, spread, lost, settled) if math.isfinite(start) else Refusal(not_finite(start))
        return [answer if answer is not None else Refusal("it was not run") for answer in answers]


def _answer(value: float, error: float, lost: int, settled: bool) -> Measurement:
    if lost >= 0:
        return Refusal(f"the run leaves the range of float64 at step {lost}", divergent=True)
    if not (settled and math.isfinite(value) and math.isfinite(error)):
        return Refusal(f"chaotic: runs that differ only by rounding end {error:.1e} apart")
    return Approx(value, error, BASIS)


INSTRUMENT = DescentRuns()
