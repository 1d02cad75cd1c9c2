"""Chances that are numbers of sign patterns over a power of 2: the patterns are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flint import arb, fmpq

from lemmata.numerics.basins.counting import VISITED, patterns_that_serve
from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import BITS_A_DIGIT, precision
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.basins import Data, Served, demands_of

WIDEST = 2_000
"""Neurons of a network whose patterns are counted, at most."""


class SignPatterns(Instrument):
    """Every sign pattern is looked at; where there are too many, those that serve the same demands together."""

    name: ClassVar[str] = "sign patterns, counted"
    cost: ClassVar[int] = 1
    kinds: ClassVar[tuple[type, ...]] = (Served,)

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it counts sign patterns only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        width = quantity.neurons.xreplace(dict(at))
        data = Data(quantity.data.kind, tuple(count.xreplace(dict(at)) for count in quantity.data.counts))
        if not (width.is_Integer and 0 <= width <= WIDEST):
            return Refusal(f"patterns are counted for 0 to {WIDEST} neurons, not for {width}")
        try:
            found, total = patterns_that_serve(int(width), demands_of(data))
        except ValueError as error:
            return Refusal(str(error))
        how = "each visited" if total <= VISITED else "those that serve the same demands together"
        with precision(int(budget.digits * BITS_A_DIGIT) + 32):
            return Ball(arb(fmpq(found, total)), f"{found} of {total} patterns, {how}" if total <= VISITED else f"all patterns, {how}")


INSTRUMENT = SignPatterns()
