"""Both sides of a worst case at a point: a bound that is proved above, functions that are exhibited below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flint import arb

from lemmata.numerics.measurement import Exhibit
from lemmata.numerics.performance.case import Case
from lemmata.numerics.performance.certificate import bounded_above
from lemmata.numerics.performance.decimals import decimal
from lemmata.numerics.performance.layout import lay_out
from lemmata.numerics.performance.program import Unsolved, proposed
from lemmata.numerics.performance.runs import worst_runs
from lemmata.numerics.performance.witness import Witness, as_arb, witnesses
from lemmata.theory.worst_cases import Measure, Start

TRACES = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
"""Room for the dual solution, least first: the bound grows by this times the trace of the Gram matrix."""

SHARP = (
    *((1e-8, 15, 0.0), (1e-7, 14, 0.0), (0.0, 14, 1e-7), (1e-6, 12, 0.0), (0.0, 13, 1e-6), (1e-5, 10, 0.0), (0.0, 12, 1e-5)),
    *((1e-4, 11, 0.0), (0.0, 11, 1e-4), (1e-4, 11, 1e-4), (1e-3, 10, 0.0), (0.0, 10, 1e-3), (1e-2, 9, 0.0)),
)
"""Room for the primal solution, the decimal digits of its data, and the part of an inner function in it; sharpest first."""

PLAIN = ((1e-3, 6, 0.0), (1e-4, 7, 0.0), (1e-5, 8, 0.0))
"""The same for functions that are shown, the ones that are shortest to write first."""

PLAIN_ENOUGH = 0.99
"""The part of the supremum that a function must reach to be shown as a plain one."""

CLOSED = 1e-6
"""The relative gap between both sides at which no better function is looked for."""

COARSE = 1e-5
LONG = 20
"""Steps past which only the coarser rooms are tried: each programme then takes seconds."""

FAR = 1e3
"""How far away the minimiser may be, in units of the start, where a supremum is approached as it moves away."""


@dataclass(frozen=True)
class Estimated:
    """A supremum between `lower` and `upper`, and functions that come close to it, the simplest first."""

    lower: arb
    upper: arb
    exhibits: tuple[Exhibit, ...]


def estimate(case: Case) -> Estimated:
    """Both sides; raises Unsolved where no bound could be proved. Call it within `precision(BITS)`.

    Runs of simple functions come first; where they leave a gap, the data of worse ones are taken from the programme.
    """
    upper = _above(case)
    attained, simple = of_runs(case)
    if attained >= (1 - CLOSED) * upper:
        return _consistent(attained, upper, simple)
    sharp = max(_below(_reachable(case), SHARP), key=_middle, default=None)
    shown = []
    if sharp is not None and not any(one.value >= PLAIN_ENOUGH * sharp.reached for one in simple):
        plain = next((one for one in _below(_reachable(case), PLAIN) if one.reached >= PLAIN_ENOUGH * sharp.reached), None)
        shown = [plain] if plain is not None else []
    shown += [sharp] if sharp is not None else []
    exhibits = (*simple, *(Exhibit(one.reached, described(case, one)) for one in shown))
    lower = attained
    for one in exhibits:
        lower = lower.max(one.value)
    return _consistent(lower, upper, exhibits)


def _consistent(lower: arb, upper: arb, exhibits: tuple[Exhibit, ...]) -> Estimated:
    """Both sides, unless they contradict each other: then one of them is wrong, and neither is told."""
    if lower > upper:
        raise Unsolved(f"a function reaches {lower.str(8)} and {upper.str(8)} is proved to bound it: one of the two is wrong")
    return Estimated(lower, upper, exhibits)


def of_runs(case: Case) -> tuple[arb, tuple[Exhibit, ...]]:
    """What simple functions attain when they are run, and the functions; 0 and none where constants are irrational."""
    runs = worst_runs(case.node, case.rational) if case.rational is not None else ()
    attained = as_arb(runs[-1].attained) if runs else arb(0)
    return attained, tuple(Exhibit(as_arb(run.reached), run.text()) for run in runs)


def _middle(witness: Witness) -> float:
    return float(witness.reached.mid())


def _above(case: Case) -> arb:
    """A bound of the supremum, from the first multipliers that can be made into a proof."""
    floating, normalised = case.floating(), case.normalised()
    exact = lay_out(normalised, arb(1))
    trouble = "no multipliers could be made exactly feasible"
    for trace in TRACES if case.n <= LONG else TRACES[2:]:
        try:
            bound = bounded_above(normalised, exact, proposed(floating, trace=trace))
        except Unsolved as error:
            trouble = str(error)
            continue
        if bound is not None:
            return bound * case.factor()
    raise Unsolved(f"no bound could be proved: {trouble}")


def _reachable(case: Case) -> Case:
    """The case from which functions are taken: with a minimiser where only far minimisers come close to the supremum."""
    far = not case.lower > 0 and case.node.start is Start.EXCESS and case.node.measure is Measure.EXCESS
    return replace(case, anchored=True) if far else case


def _below(case: Case, rooms: Any) -> Iterator[Witness]:
    """Witnesses from the first room that yields any, from the lowest dimension up."""
    floating = case.floating()
    exact = case.layout()
    radius = FAR if case.anchored and case.node.start is Start.EXCESS and not case.lower > 0 else 0.0
    for narrower, digits, blend in rooms if case.n <= LONG else [room for room in rooms if max(room[0], room[2]) >= COARSE]:
        try:
            proposal = proposed(floating, narrower=narrower, radius=radius)
        except Unsolved:
            continue
        found = list(witnesses(case, exact, proposal, digits, blend))
        yield from found
        if found:
            return


def described(case: Case, witness: Witness) -> str:
    """A witness in words: where it lives, its data as decimals, and that they are enough."""
    anchored = len(witness.free) > len(witness.values)
    gradients = witness.free[1:] if anchored else witness.free
    where = "of one variable" if witness.dimension == 1 else f"on R^{witness.dimension}"
    start = f"w_0 - w_* = {_vector(witness.free[0])}, " if anchored else ""
    lowest = "0" if anchored else witness.lowest.str(8, radius=False)
    points = "at w_0" if len(gradients) == 1 else f"at the {len(gradients)} points where the run asks for them, in order,"
    data = f"gradients {'; '.join(map(_vector, gradients))}, values {'; '.join(map(decimal, witness.values))}"
    return (
        f"a function {where} reaches {witness.reached.str(8, radius=False)}: {start}{points} {data}, inf L = {lowest}; "
        f"these satisfy every interpolation condition of {case.node.among.name}, so such a function exists"
    )


def _vector(entries: Any) -> str:
    return decimal(entries[0]) if len(entries) == 1 else f"({', '.join(map(decimal, entries))})"
