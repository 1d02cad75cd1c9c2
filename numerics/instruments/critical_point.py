"""Numbers at symmetric critical points of two-layer ReLU networks: interval Newton proves the point, balls enclose the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.spurious_minima import WITHIN, AtCriticalPoint, Look, middle_of_box

if TYPE_CHECKING:
    from lemmata.numerics.landscape.symmetric_point import SymmetricPoint

GUARD = 64
"""Bits beyond the digits asked for: inverses and eigenvectors lose some twenty."""


class IntervalNewton(Instrument):
    """A ball around the objective or the least eigenvalue at the one critical point that a box is proved to hold."""

    name: ClassVar[str] = "interval Newton"
    kinds: ClassVar[tuple[type, ...]] = (AtCriticalPoint,)
    cost: ClassVar[int] = 1

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it encloses critical points of two-layer networks only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from lemmata.numerics.landscape.symmetric_point import NotProved

        fixed = quantity.xreplace(dict(at))
        if not fixed.k.is_Integer:
            return Refusal(f"a number of neurons is a whole number, not k = {fixed.k}")
        try:
            near = middle_of_box(int(fixed.k), fixed.near, fixed.extra)
            point = _point(int(fixed.k), near, int(budget.digits * 3.33) + GUARD)
        except (NotProved, ValueError) as error:
            return Refusal(str(error))
        look: Look = fixed.look
        size = fixed.k * (fixed.k + fixed.extra)
        match look:
            case Look.OBJECTIVE:
                return Ball(point.objective, "exactly one critical point in the box")
            case Look.CURVATURE:
                return Ball(point.least, f"exactly one critical point in the box; {size} eigenvalues in {len(point.parts)} parts")


@lru_cache(maxsize=64)
def _point(k: int, near: tuple[Any, ...], bits: int) -> SymmetricPoint:
    from lemmata.numerics.compile.arb import precision
    from lemmata.numerics.landscape.symmetric_point import symmetric_point

    with precision(bits):
        return symmetric_point(k, [_ball(x) for x in near], _ball(WITHIN), bits)


def _ball(value: Any) -> Any:
    from flint import arb, fmpq

    return arb(fmpq(int(value.p), int(value.q)))


INSTRUMENT = IntervalNewton()
