"""The strictly decreasing path between two networks, walked in balls: its losses, its scales, its largest step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.decreasing_path import Asked, PathQuantity

MOST_POINTS = 1 << 14
"""More points than this in one quantity are declined."""

GUARD = 48
"""Bits beyond the digits asked for."""


class PathWalk(Instrument):
    """Exact predictions, enclosed scales of the last layer, and the loss of the network that they give."""

    name: ClassVar[str] = "path walk"
    kinds: ClassVar[tuple[type, ...]] = (PathQuantity,)
    cost: ClassVar[int] = 3

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, PathQuantity) else Refusal("it walks decreasing paths between networks only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.compile.arb import BITS_A_DIGIT, precision
        from lemmata.numerics.compile.errors import CannotEvaluate
        from lemmata.numerics.decreasing_paths import HypothesisFails, WalkedPath

        values = [value.xreplace(dict(at)) for value in quantity.parameters]
        if not all(value.is_Rational for value in values):
            return Refusal("it walks to rational points of a path")
        try:
            with precision(int(budget.digits * BITS_A_DIGIT) + GUARD):
                return _answer(quantity.asked, values, WalkedPath(quantity.path), budget.boxes)
        except (HypothesisFails, CannotEvaluate) as failure:
            return Refusal(str(failure))


def _answer(asked: Asked, values: list[Any], walked: Any, boxes: int) -> Measurement:
    match asked:
        case Asked.RAY:
            return _on_ray(walked, *values)
        case Asked.LARGEST_STEP:
            return _largest_step(walked, *values)
        case Asked.LEAST:
            return _least(walked, boxes, *values)
        case Asked.LOSS | Asked.SCALE:
            return _at(walked, asked, *values)


def _on_ray(walked: Any, c: Any, s: Any) -> Measurement:
    from flint import arb, fmpq

    if not 0 <= s <= 1:
        return Refusal(f"the straight line goes from 0 to 1, and {s} is not on it")
    return Ball(walked.ray(int(s.p), int(s.q))(arb(fmpq(int(c.p), int(c.q)))), "exact predictions, the loss in balls")


def _least(walked: Any, boxes: int, c: Any) -> Measurement:
    from flint import arb, fmpq

    from lemmata.numerics.least_on_line import least_on_line

    value, pieces = least_on_line(walked, arb(fmpq(int(c.p), int(c.q))), boxes)
    return Ball(value, f"branch and bound over the whole line, {pieces} pieces")


def _at(walked: Any, asked: Asked, s: Any) -> Measurement:
    if not 0 <= s <= 2:
        return Refusal(f"the path goes from 0 to 2, and {s} is not on it")
    part, whole = int(s.p), int(s.q)
    if asked is Asked.LOSS:
        (value,) = walked.losses([part], whole)
    else:
        value = walked.scales([part], whole)[0] if part <= whole else walked.scale_beyond(part, whole)
    return Ball(value, "the scale enclosed by two signs, the loss of the rescaled network in balls")


def _largest_step(walked: Any, points: Any) -> Measurement:
    if not (points.is_Integer and 2 <= points <= MOST_POINTS):
        return Refusal(f"a path is walked in 2 to {MOST_POINTS} steps, not in {points}")
    count = int(points)
    losses = walked.losses([2 * place for place in range(count + 1)], count)
    largest = losses[1] - losses[0]
    for before, after in zip(losses[1:], losses[2:], strict=False):
        largest = largest.max(after - before)
    return Ball(largest, f"the largest of {count} differences, from {losses[0].str(8)} to {losses[-1].str(8)}")


INSTRUMENT = PathWalk()
