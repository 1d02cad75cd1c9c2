"""Gradient flow as the limit of gradient descent: steps halved again and again, then extrapolated to steps of length 0."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.trajectory import FlowValue

FIRST, DOUBLINGS = 8, 7
"""Steps of the longest kind, and how often their number is doubled."""

FEWEST = 6
"""Runs that an extrapolation needs: the last two tell how far it moves, the last three ratios whether it may be trusted."""

HALVED = 3
"""Each of the last gaps between neighbouring step sizes must be between 1/3 and 2/3 of the one before: 1/2 when steps are small."""

SEEN = 2**10
"""Gaps below this many roundings are noise."""


class SmallSteps(Instrument):
    """Descent with t/n over n steps for n = 8, 16, ..., 1024, extrapolated in powers of 1/n (Richardson).

    Euler's polygon differs from the flow by a series in the powers of 1/n where the loss is smooth. The error is how far the
    extrapolation moves without its last terms, and for starts rounded otherwise. It shares no integrator with `gradient flow`.
    """

    name = "descent with ever smaller steps"
    kinds = (FlowValue,)
    cost = 4
    batch = 8

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it follows gradient flow only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        return self.measure_all(quantity, [at], budget, stream)[0]

    def measure_all(self, quantity: Any, points: Sequence[Mapping[Any, Any]], budget: Budget, stream: Stream) -> list[Measurement]:
        from lemmata.numerics.compile.errors import CannotEvaluate
        from lemmata.numerics.descent.batches import halved_steps, same_sizes

        first = FIRST + max(0, budget.digits - 15) // 5
        counts = [n for n in (first * 2**k for k in range(DOUBLINGS + 1)) if n <= budget.steps]
        answers: list[Measurement] = [Refusal("it was not run")] * len(points)
        for group in same_sizes(quantity, points):
            try:
                values, scales, lost = halved_steps(quantity, [points[index] for index in group], counts, budget.device)
            except CannotEvaluate as error:
                found: list[Measurement] = [Refusal(error.reason)] * len(group)
            else:
                rows = zip(values.tolist(), scales.tolist(), lost.tolist(), strict=True)
                found = [_answer(value, scale, gone, counts) for value, scale, gone in rows]
            for index, answer in zip(group, found, strict=True):
                answers[index] = answer
        return answers


def _answer(values: list[list[float]], scales: list[list[float]], lost: list[list[int]], counts: Sequence[int]) -> Measurement:
    """The extrapolation of the runs that did not diverge, the last of them; both rows tell the error."""
    from lemmata.numerics.quadrature.accelerate import SAFETY, estimate, neville

    good = min(_kept(gone) for gone in lost)
    if good < FEWEST:
        return Refusal(f"descent with {counts[-1]} steps is too coarse for this loss: only {good} of {len(counts)} step sizes are stable")
    rounding = 2.0**-52 * counts[-1] ** 0.5 * max(scales[0][-good:])
    if not _halving(values[0][-good:], rounding):
        return Refusal(f"descent with {counts[-1]} steps is too coarse for this loss: halving the steps does not halve what they change")
    here, there = (estimate(neville(1), row[-good:]) for row in values)
    if here is None or there is None:
        return Refusal("the extrapolation to small steps breaks down")
    (value, moved), (other, _) = here, there
    error = float(SAFETY * moved + abs(value - other)) + rounding * 2**FEWEST
    if not (math.isfinite(float(value)) and error < scales[0][-1]):
        return Refusal(f"descent with {counts[-1]} steps is too coarse for this loss: its extrapolation says nothing")
    return Approx(float(value), error, f"{good} step sizes down to t/{counts[-1]}, extrapolated")


def _halving(values: list[float], rounding: float) -> bool:
    """Whether the last gaps are each about half the one before, as far as rounding lets them be seen."""
    gaps = [abs(b - a) for a, b in zip(values, values[1:], strict=False)][-HALVED - 1 :]
    return all(
        later <= rounding * SEEN or before / HALVED <= later <= 2 * before / HALVED for before, later in zip(gaps, gaps[1:], strict=False)
    )


def _kept(lost: list[int]) -> int:
    """How many runs at the end of a row stayed in range, without a gap."""
    kept = 0
    for one in reversed(lost):
        if one >= 0:
            break
        kept += 1
    return kept


INSTRUMENT = SmallSteps()
