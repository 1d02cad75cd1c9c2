"""Numbers of sign patterns of a neuron: the cells of an arrangement, counted exactly."""

from __future__ import annotations

from collections.abc import Mapping
from math import lcm
from typing import Any, ClassVar

from flint import arb

from lemmata.numerics.basins.arrangement import count_cells
from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.cells import Cells, moment_curve

MOST_CELLS = 10**5
"""Cells that are counted, at most."""


class CountedCells(Instrument):
    """Deletion and restriction in whole numbers."""

    name: ClassVar[str] = "cells, counted"
    cost: ClassVar[int] = 1
    kinds: ClassVar[tuple[type, ...]] = (Cells,)

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it counts cells of arrangements only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        m, d = (size.xreplace(dict(at)) for size in quantity.sizes)
        if not (m.is_Integer and d.is_Integer and m >= 1 and d >= 1):
            return Refusal(f"points and dimensions are whole numbers from 1 on, not m = {m} and d = {d}")
        if min(2**m, 2 * int(m) ** int(d)) > MOST_CELLS:
            return Refusal(f"m = {m} points in dimension {d} may have more than {MOST_CELLS} cells")
        return Ball(arb(count_cells(_rows(quantity, int(m), int(d)))), "deletion and restriction")


def _rows(quantity: Any, m: int, d: int) -> list[list[int]]:
    if quantity.points is None:
        return moment_curve(m, d)
    rows = [[quantity.points[i, j] for j in range(d)] for i in range(m)]
    return [[int(entry * lcm(*(int(other.q) for other in row))) for entry in row] for row in rows]


INSTRUMENT = CountedCells()
