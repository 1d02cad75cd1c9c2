"""Evaluations, reverse sweeps and difference quotients of a recorded program, on scalars that count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lemmata.numerics.programs.meter import Counted, Meter
from lemmata.theory.programs import Graph, Sweep

DIFFERENCE = 2.0**-26
"""The step of a difference quotient."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was computed: the output, the partial derivatives in the order of the variables (where asked for), and the cost."""

    output: float
    gradient: tuple[float, ...]
    cost: int


def run(graph: Graph, output: int, sweep: Sweep, leaves: Sequence[float]) -> Run:
    """A sweep over a recorded program from values of its variables and data, in the order in which the program took them.

    >>> from lemmata.theory.sample_programs import repeated_squaring
    >>> graph, output = repeated_squaring.graph(2)
    >>> run(graph, output, Sweep.GRADIENT, [3.0])
    Run(output=81.0, gradient=(108.0,), cost=8)
    """
    return SWEEPS[sweep](graph, output, leaves)


def evaluate(graph: Graph, leaves: Sequence[float], meter: Meter) -> list[Counted]:
    """All values of a program, one operation after another."""
    values: list[Counted] = []
    given = iter(leaves)
    for place, (operation, inputs) in enumerate(graph.steps):
        if operation is None:
            constant = graph.constants.get(place)
            values.append(Counted(next(given) if constant is None else constant, meter))
        else:
            values.append(operation.compute(*(values[i] for i in inputs)))
    return values


def active(graph: Graph) -> list[bool]:
    """Which values depend on a variable."""
    found = [False] * len(graph.steps)
    for place in graph.variables:
        found[place] = True
    for place, (operation, inputs) in enumerate(graph.steps):
        if operation is not None:
            found[place] = any(found[i] for i in inputs)
    return found


def _forward(graph: Graph, output: int, leaves: Sequence[float]) -> Run:
    meter = Meter()
    values = evaluate(graph, leaves, meter)
    return Run(values[output].value, (), meter.count)


def _reverse(graph: Graph, output: int, leaves: Sequence[float]) -> Run:
    """From the last operation back; a derivative that nothing has been added to yet is a copy, not a sum with 0."""
    meter = Meter()
    values, depends = evaluate(graph, leaves, meter), active(graph)
    bars: list[Counted | None] = [None] * len(values)
    bars[output] = Counted(1.0, meter)
    for place in range(output, -1, -1):
        operation, inputs = graph.steps[place]
        bar = bars[place]
        if operation is None or bar is None or not depends[place]:
            continue
        x = tuple(values[i] for i in inputs)
        for index, sign, amount in operation.adjoint.contributions(bar, values[place], x, tuple(depends[i] for i in inputs)):
            before = bars[inputs[index]]
            if before is None:
                bars[inputs[index]] = amount if sign > 0 else -amount
            else:
                bars[inputs[index]] = before + amount if sign > 0 else before - amount
    found = (bars[place] for place in graph.variables)
    return Run(values[output].value, tuple(0.0 if bar is None else bar.value for bar in found), meter.count)


def _quotients(central: bool) -> Callable[[Graph, int, Sequence[float]], Run]:
    """(f(w + h e_i) - f(w))/h, or (f(w + h e_i) - f(w - h e_i))/(2 h), for each variable."""

    def differences(graph: Graph, output: int, leaves: Sequence[float]) -> Run:
        meter = Meter()
        taken = [place for place, (operation, _) in enumerate(graph.steps) if operation is None and place not in graph.constants]
        order = {place: index for index, place in enumerate(taken)}
        base = None if central else evaluate(graph, leaves, meter)[output]
        found = []
        for place in graph.variables:
            ahead = _moved(graph, output, leaves, order[place], DIFFERENCE, meter)
            behind = base if base is not None else _moved(graph, output, leaves, order[place], -DIFFERENCE, meter)
            found.append(((ahead - behind) / ((2 if central else 1) * DIFFERENCE)).value)
        value = base.value if base is not None else _forward(graph, output, leaves).output
        return Run(value, tuple(found), meter.count)

    return differences


def _moved(graph: Graph, output: int, leaves: Sequence[float], index: int, by: float, meter: Meter) -> Counted:
    moved = Counted(leaves[index], meter) + by
    return evaluate(graph, [*leaves[:index], moved.value, *leaves[index + 1 :]], meter)[output]


SWEEPS: dict[Sweep, Callable[[Graph, int, Sequence[float]], Run]] = {
    Sweep.FORWARD: _forward,
    Sweep.GRADIENT: _reverse,
    Sweep.FORWARD_DIFFERENCES: _quotients(central=False),
    Sweep.CENTRAL_DIFFERENCES: _quotients(central=True),
}
