"""Many points at once, where instruments measure a batch for little more than one point: trajectories from many starts.

The points of measurement are few and each becomes a line of the record; a batch looks at many more and becomes one
line: how many it looked at, and where the two sides of an inequality come closest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.measurement import Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import quantities
from lemmata.verify.claim import Claim
from lemmata.verify.compare import CannotEvaluate, Comparison
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.measure import answers, compared, finding, written
from lemmata.verify.second_look import same_again
from lemmata.verify.sequential import is_sequential

NAME = "batch"


def batch_evidence(claim: Claim, budget: Budget, stream: Stream) -> Iterator[Evidence]:
    """One finding for a whole batch, or the first disagreement in it with what the other instruments say there.

    Only where every quantity has an instrument that declares a `batch`, so many points for each that the budget has.
    """
    nodes = tuple(dict.fromkeys((*quantities(claim.lhs), *quantities(claim.rhs))))
    chosen = {node: _batched(node) for node in nodes}
    if not nodes or claim.expect == "refuted" or not all(chosen.values()):
        return
    count = budget.points * min(instrument.batch for instrument in chosen.values() if instrument is not None)
    places = claim.domain.points(count, stream.child(NAME).python())
    measured = _measured(nodes, chosen, places, budget, stream)
    outcomes: list[tuple[Mapping[Any, Any], Comparison]] = []
    for at, known in zip(places, measured, strict=True):
        if any(isinstance(answer, Refusal) for answer in known.values()):
            continue
        try:
            outcome = compared(claim, at, known, budget)
        except CannotEvaluate:
            continue
        if outcome.outcome is Outcome.DISAGREES:
            names = " and ".join(dict.fromkeys(instrument.name for instrument in chosen.values() if instrument is not None))
            yield from _against(claim, names, nodes, at, known, budget, stream)
            return
        outcomes.append((at, outcome))
    if outcomes:
        yield _summary(outcomes, len(places))


def _batched(node: Any) -> Instrument | None:
    return next((instrument for instrument in instruments_for(node)[0] if instrument.batch), None)


def _measured(
    nodes: Sequence[Any], chosen: Mapping[Any, Any], places: Sequence[Any], budget: Budget, stream: Stream
) -> list[dict[Any, Measurement]]:
    found: list[dict[Any, Measurement]] = [{} for _ in places]
    for node in nodes:
        for slot, answer in zip(found, answers(chosen[node], node, places, budget, stream.child(NAME, str(node))), strict=True):
            slot[node] = answer
    return found


def _summary(outcomes: Sequence[tuple[Mapping[Any, Any], Comparison]], tried: int) -> Evidence:
    """How many obey, and the point where an inequality is tightest."""
    held = sum(outcome.outcome is Outcome.AGREES for _, outcome in outcomes)
    ratios = [(float(outcome.ratio), at, outcome) for at, outcome in outcomes if outcome.ratio is not None]
    because = f"{held} of {tried} further points in one batch obey"
    touching = len(outcomes) - held
    because += f", {touching} touch within the error" if touching else ""
    because += f", {tried - len(outcomes)} could not be measured" if tried > len(outcomes) else ""
    if not ratios:
        return Evidence(Road.SEARCHED, NAME, Outcome.AGREES, Rigour.FLOATING, because)
    ratio, at, outcome = max(ratios, key=lambda item: item[0])
    because += f"; lhs/rhs at most {ratio:.6g}, there"
    return Evidence(Road.SEARCHED, NAME, Outcome.AGREES, Rigour.FLOATING, because, written(at), outcome.lhs, outcome.rhs)


def _against(claim: Claim, names: str, nodes: Sequence[Any], at: Any, known: Any, budget: Budget, stream: Stream) -> Iterator[Evidence]:
    """The disagreement, and the same point by every other instrument: floating point alone refutes nothing.

    It bears the names of the instruments, not that of the batch: else they would confirm what they say one point at a time.
    """
    yield finding(claim, at, known, names, Road.SEARCHED, budget)
    willing = [instrument for node in nodes for instrument in instruments_for(node)[0]]
    others = {one.name: one for one in willing if not one.batch and not is_sequential(one)}  # samples have spent their error rate
    for name, instrument in others.items():
        again = {}
        for node in nodes:
            (answer,) = answers(instrument, node, [at], budget, stream.child(NAME, name, str(node)))
            again[node] = known[node] if isinstance(answer, Refusal) else answer
        if again != known:
            yield replace(finding(claim, at, again, name, Road.SEARCHED, budget), instrument=name)
    yield from _again(claim, names, nodes, at, known, budget, stream)


def _again(claim: Claim, names: str, nodes: Sequence[Any], at: Any, known: Any, budget: Budget, stream: Stream) -> Iterator[Evidence]:
    """The same instruments with twice the digits, where they then give other numbers: only that is a second look."""
    twice = replace(budget, digits=2 * budget.digits)
    again: dict[Any, Measurement] = {}
    for node in nodes:
        instrument = _batched(node)
        assert instrument is not None
        (answer,) = answers(instrument, node, [at], twice, stream.child(NAME, "again", str(node)))
        if isinstance(answer, Refusal) or same_again(answer, known[node]):
            return
        again[node] = answer
    yield finding(claim, at, again, f"{names}, again with {twice.digits} digits", Road.SEARCHED, twice)
