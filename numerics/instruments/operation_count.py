"""Costs of programs: the program is run on scalars that count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.programs.sweeps import run
from lemmata.numerics.streams import Stream
from lemmata.theory.programs import Cost, Sweep

WORK_A_STEP = 100
"""Operations that may be counted, for each step that the budget allows."""


class OperationCount(Instrument):
    """Every operation adds one to a meter: additions, subtractions, products, quotients, changes of sign, functions. Copies are free."""

    name: ClassVar[str] = "counted operations"
    cost: ClassVar[int] = 1
    kinds: ClassVar[tuple[type, ...]] = (Cost,)

    def supports(self, quantity: Any) -> Refusal | None:
        return None if isinstance(quantity, self.kinds) else Refusal("it counts the operations of programs only")

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        values = [value.xreplace(dict(at)) for value in quantity.parameters]
        if not all(value.is_Integer for value in values):
            return Refusal(f"a program has integer parameters, not {', '.join(map(str, values))}")
        try:
            graph, output = quantity.program().graph(*map(int, values))
            inputs = [place for place, (operation, _) in enumerate(graph.steps) if operation is None and place not in graph.constants]
            times = {Sweep.FORWARD: 1, Sweep.GRADIENT: 5, Sweep.FORWARD_DIFFERENCES: 1 + len(graph.variables)}
            work = len(graph.steps) * times.get(quantity.sweep, 2 * len(graph.variables))
            if work > WORK_A_STEP * budget.steps:
                return Refusal(f"about {work} operations, and the budget {budget.name} allows {WORK_A_STEP * budget.steps}")
            draw = stream.python()
            found = run(graph, output, quantity.sweep, [draw.uniform(0.5, 1.5) for _ in inputs])
        except FAILURES as error:
            return Refusal(f"the program cannot be run: {error}")
        return Ball(arb(found.cost), "operations counted")


INSTRUMENT = OperationCount()
