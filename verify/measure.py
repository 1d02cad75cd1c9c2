"""The measured road: every quantity of both sides, by every instrument that can, at every point."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.measurement import Approx, Ball, Estimate, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.gradients import ScalarGradient
from lemmata.theory.near_identity import FactorRadius
from lemmata.theory.quantity import ANALYTIC, PROBABILISTIC, free_parameters, quantities
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.compare import CannotEvaluate, Comparison, assemble, compare
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.exhibits import exhibited
from lemmata.verify.lacking import (
    CLOSED,
    closed_side_without_value,
    hidden,
    place_in_words,
    substituted,
    undefined,
    value_text,
    without_value,
    written,
)
from lemmata.verify.second_look import closer_look, same_again, symbolic_limit
from lemmata.verify.sequential import after, is_sequential, rejecting, until_rejected

SHARES_A_NODE = 8
"""A claim's share of the error rate is split over its points and nodes, and at each over this many instruments."""

LOOKS_AGAIN = 2
"""Points, the simplest first, at which an instrument's disagreements in floating point are looked at again until one is confirmed."""

MAY_LACK_A_VALUE = (*PROBABILISTIC, *ANALYTIC, ScalarGradient, FactorRadius)
"""Quantities that may diverge at a point; an iterate of descent always has a value, however far the run goes, unless it is undefined."""


@dataclass
class Measured:
    """The measurements of one claim: `values[index][node][instrument]`, each made once and reused by the controls."""

    claim: Claim
    points: Sequence[Mapping[Any, Any]]
    budget: Budget
    stream: Stream
    values: list[dict[Any, dict[str, Measurement]]] = field(default_factory=list)
    seconds: dict[tuple[Any, str], float] = field(default_factory=dict)
    loose: list[tuple[Any, str, int, Ball]] = field(default_factory=list)

    def evidence(self) -> Iterator[Evidence]:
        """One finding for each instrument and point, and one for each refusal."""
        nodes = tuple(dict.fromkeys((*quantities(self.claim.lhs), *quantities(self.claim.rhs))))
        self.values = [{node: {} for node in nodes} for _ in self.points]
        yield from self._undefined()
        if not nodes:
            yield from self._closed()
            return
        share = self.budget.share(len(self.points) * len(nodes) * SHARES_A_NODE)
        used: dict[str, Instrument] = {}
        for node in nodes:
            yield from self._measure(node, share, used)
        for name in used:
            yield from self._compared(name, nodes)
        for last in self.loose:
            yield self._against(*last)

    def _undefined(self) -> Iterator[Evidence]:
        """The first point at which something in the statement has no real value, within quantities too; instruments may pass over it."""
        lacking = next((found for at in self.points if (found := undefined(self.claim, at)) is not None), None)
        lacking = lacking or hidden(self.claim, self.points)
        if lacking is not None:
            yield lacking

    def _closed(self) -> Iterator[Evidence]:
        """No quantity at all: both sides are enclosed directly."""
        for at in self.points:
            yield finding(self.claim, at, {}, CLOSED, Road.MEASURED, self.budget)

    def _measure(self, node: Any, share: Budget, used: dict[str, Instrument]) -> Iterator[Evidence]:
        """Hand one quantity to every instrument that can try it; refusals are findings too."""
        willing, declined = instruments_for(node)
        symbols = free_parameters(node)
        places = [_restricted(at, symbols) for at in self.points]
        if not willing:
            reasons = "; ".join(dict.fromkeys(f"{instrument.name}: {refusal.reason}" for instrument, refusal in declined))
            yield Evidence(Road.MEASURED, "", Outcome.REFUSED, Rigour.EXACT, f"no instrument for {node}: {reasons or 'none is known'}")
        without: list[tuple[str, int, Refusal]] = []
        printed = str(node)  # slow for products of matrices
        for instrument in willing:
            started = time.monotonic()
            stream = self.stream.child(instrument.name, printed)
            given = self._given(instrument, node, places, share, stream)
            self.seconds[node, instrument.name] = (time.monotonic() - started) / max(1, len(places))
            for index, (at, slot, answer) in enumerate(zip(self.points, self.values, given, strict=True)):
                if isinstance(answer, Refusal) and (answer.undefined or (answer.divergent and isinstance(node, MAY_LACK_A_VALUE))):
                    without.append((instrument.name, index, answer))
                elif isinstance(answer, Refusal):
                    because = f"{'divergent: ' if answer.divergent else ''}{answer.reason}"
                    yield Evidence(Road.MEASURED, instrument.name, Outcome.REFUSED, Rigour.EXACT, because, written(at))
                elif isinstance(answer, Ball) and answer.refutes_only:
                    self.loose.append((node, instrument.name, index, answer))
                else:
                    slot[node][instrument.name] = answer
                    used[instrument.name] = instrument
        for name, index, refusal in without:
            yield self._without_value(node, name, index, refusal)

    def _given(self, instrument: Instrument, node: Any, places: Sequence[Any], share: Budget, stream: Stream) -> Sequence[Measurement]:
        """An instrument's answers; where it samples and every other quantity is known, it stops once the two sides differ."""
        others = [self._others(index, node) for index in range(len(places))]
        if not is_sequential(instrument) or any(known is None for known in others):
            return answers(instrument, node, places, share, stream)
        digits = self.budget.digits
        rejects = [rejecting(self.claim, node, at, known or {}, digits) for at, known in zip(self.points, others, strict=True)]
        budgets = [after(slot[node], share) for slot in self.values]
        return until_rejected(instrument, node, places, rejects, budgets, stream)

    def _others(self, index: int, node: Any) -> dict[Any, Measurement] | None:
        """The strongest value of every quantity but one at a point; None where some has none yet."""
        chosen = {other: strongest(found) for other, found in self.values[index].items() if other != node}
        known = {other: value for other, value in chosen.items() if value is not None}
        return known if len(known) == len(chosen) else None

    def _against(self, node: Any, name: str, index: int, answer: Ball) -> Evidence:
        """What a ball that is sharp on one side alone has against the statement; where it has nothing, it supports nothing."""
        others = self._others(index, node)
        if others is not None:
            item = finding(self.claim, self.points[index], {**others, node: answer}, name, Road.MEASURED, self.budget)
            if item.outcome is Outcome.DISAGREES:
                return item
        because = f"{answer.note}: nothing against the statement was found, which is no support for it"
        return Evidence(Road.MEASURED, name, Outcome.REFUSED, Rigour.EXACT, because, written(self.points[index]))

    def _without_value(self, node: Any, name: str, index: int, refusal: Refusal) -> Evidence:
        """A quantity that one instrument finds without a value; where another has a ball for it, a refusal only."""
        if any(isinstance(answer, Ball) for answer in self.values[index][node].values()):
            return Evidence(Road.MEASURED, name, Outcome.REFUSED, Rigour.EXACT, f"divergent: {refusal.reason}", written(self.points[index]))
        item = without_value(self.points[index], name, refusal.reason, Road.MEASURED)
        # a law of conservation is derived for as long as the flow exists: where it does not, the statement says nothing true
        return replace(item, outcome=Outcome.LACKING) if refusal.undefined else item

    def _compared(self, name: str, nodes: Sequence[Any]) -> Iterator[Evidence]:
        """The comparison at each point with this instrument's values, and the best others where it has none."""
        unsure: list[tuple[int, dict[Any, Measurement]]] = []
        for index, at in enumerate(self.points):
            known = self.known(index, name)
            if known is None or not any(name in self.values[index][node] for node in nodes):
                continue
            item = finding(self.claim, at, known, name, Road.MEASURED, self.budget)
            spent = sum(self.seconds.get((node, name), 0.0) for node in nodes)
            estimates = [answer for answer in known.values() if isinstance(answer, Estimate)]
            item = replace(item, cost={"seconds": spent, **sampled(estimates, item.resolution)})
            yield item
            if item.outcome is Outcome.DISAGREES and item.rigour is Rigour.FLOATING:
                unsure.append((index, known))
        for index, known in sorted(unsure, key=lambda found: simplicity(self.points[found[0]]))[:LOOKS_AGAIN]:
            found = list(self._repeated(name, index, known))
            yield from found
            if any(item.outcome is Outcome.DISAGREES for item in found):
                return  # one point refutes

    def _repeated(self, name: str, index: int, known: Mapping[Any, Measurement]) -> Iterator[Evidence]:
        """A floating-point disagreement is measured again with twice the digits: only a second look can confirm it.

        An instrument that gives the very same number again did not look twice. Extrapolated limits and sums are excepted: the
        same extrapolation fooled once is fooled twice. SymPy's limit at the exact point is another road to it.
        """
        twice = replace(self.budget, digits=2 * self.budget.digits)
        again = dict(known)
        at = self.points[index]
        names = []
        for node, answers in self.values[index].items():
            if not isinstance(answers.get(name), Approx):
                continue
            if isinstance(node, sp.Limit) and not quantities(node.args[0]):
                answer: Measurement = symbolic_limit(node, at, self.budget.digits)
                names.append("SymPy's limit at the point")
            elif node.has(sp.Limit, sp.Sum, sp.Product):
                return
            else:
                instrument = next(one for one in instruments_for(node)[0] if one.name == name)
                answer = instrument.measure(node, _restricted(at, free_parameters(node)), twice, self.stream.child(name, "again", index))
                names.append(f"{name}, again with {twice.digits} digits")
            if isinstance(answer, Refusal) or same_again(answer, answers[name]):
                return
            again[node] = answer
        yield finding(self.claim, at, again, " and ".join(dict.fromkeys(names)), Road.MEASURED, twice)

    def known(self, index: int, name: str) -> dict[Any, Measurement] | None:
        """A value for every node at a point: this instrument's where it has one, else the strongest other; None if some has none."""
        chosen: dict[Any, Measurement] = {}
        for node, answers in self.values[index].items():
            answer = answers.get(name) or strongest(answers)
            if answer is None:
                return None
            chosen[node] = answer
        return chosen

    def assumes(self) -> tuple[str, ...]:
        """What the measurements take from the authors of experiments, each once."""
        found = (answer for slot in self.values for answers in slot.values() for answer in answers.values())
        return tuple(dict.fromkeys(item for answer in found if isinstance(answer, Estimate) for item in answer.assumes))

    def best(self, index: int) -> dict[Any, Measurement] | None:
        """The strongest value for every node at a point."""
        return self.known(index, "")


def simplicity(at: Mapping[Any, Any]) -> int:
    """How much there is to write of a point: what is short is also fast where SymPy computes with it."""
    return sum(len(value_text(value)) for value in at.values())


def sampled(estimates: Sequence[Estimate], resolution: float | None) -> dict[str, float]:
    """What sampling cost, and what it would cost to see a tenth of the error that was seen."""
    if not estimates:
        return {}
    spent = {"samples": float(sum(answer.n for answer in estimates))}
    if resolution:
        spent["samples for a tenth"] = float(sum(answer.samples_for(answer.caught / 10) for answer in estimates))
    return spent


def answers(instrument: Instrument, node: Any, places: Sequence[Any], budget: Budget, stream: Stream) -> list[Measurement]:
    """An instrument's answers; one that raises (a third party's, say) has refused, with what it raised as the reason."""
    try:
        return instrument.measure_all(node, places, budget, stream)
    except Exception as error:  # the border to code that is not ours: named, never swallowed
        return [Refusal(f"raised {type(error).__name__}: {error}")] * len(places)


def strongest(answers: Mapping[str, Measurement]) -> Measurement | None:
    """The strongest of several answers: balls before estimates before floating point."""
    for kind in (Ball, Estimate, Approx):
        for answer in answers.values():
            if isinstance(answer, kind):
                return answer
    return None


def finding(claim: Claim, at: Mapping[Any, Any], known: Mapping[Any, Measurement], instrument: str, road: Road, budget: Budget) -> Evidence:
    """Both sides assembled and compared at one point, as evidence."""
    try:
        outcome = compared(claim, at, known, budget)
    except CannotEvaluate as error:
        lacking = closed_side_without_value(claim, at)
        if lacking is not None:
            without = f"{place_in_words(at)}{lacking} has no real value"
            because = f"{without}, and a statement without a value has no truth: exclude the point in `given`"
            return Evidence(road, instrument, Outcome.LACKING, Rigour.EXACT, because, written(at))
        return Evidence(road, instrument, Outcome.REFUSED, Rigour.EXACT, str(error), written(at))
    if outcome.outcome is Outcome.DISAGREES and (without_truth := undefined(claim, at)) is not None:
        return replace(without_truth, road=road, instrument=instrument)
    shown = exhibited(claim, at, known, budget.digits) if outcome.outcome is Outcome.DISAGREES else approached(known)
    return Evidence(
        road,
        instrument,
        outcome.outcome,
        outcome.rigour,
        "; ".join(part for part in (_because(claim, outcome), shown) if part),
        written(at),
        outcome.lhs,
        outcome.rhs,
        outcome.resolution,
    )


def approached(known: Mapping[Any, Measurement]) -> str:
    """How fast limits were approached, and how far they were followed: without that a measured limit says little."""
    told = (answer.basis for node, answer in known.items() if isinstance(node, sp.Limit) and isinstance(answer, Approx))
    return "; ".join(dict.fromkeys(told))


def compared(claim: Claim, at: Mapping[Any, Any], known: Mapping[Any, Measurement], budget: Budget) -> Comparison:
    """The comparison at a point; a strict inequality that balls leave undecided is settled exactly where that is possible."""
    left = assemble(claim.lhs, at, known, budget.digits)
    right = assemble(claim.rhs, at, known, budget.digits)
    assert claim.relation is not None
    outcome = compare(claim.relation, left, right)
    if not known and outcome.outcome is not Outcome.DISAGREES and (closer := closer_look(claim, at, left, right)) is not None:
        return closer
    if outcome.outcome is Outcome.UNDECIDED and not known and claim.relation in (Relation.LT, Relation.GT):
        from lemmata.theory import exact

        if exact.is_zero(substituted(claim.lhs - claim.rhs, at)) is True:
            return replace(outcome, outcome=Outcome.DISAGREES, rigour=Rigour.EXACT)
    return outcome


def _because(claim: Claim, outcome: Comparison) -> str:
    assert claim.relation is not None
    where = f" in entry {outcome.entry}" if outcome.entry is not None else ""
    match outcome.outcome:
        case Outcome.DISAGREES:
            return f"lhs {claim.relation.value} rhs fails{where}: lhs is {outcome.lhs}, rhs is {outcome.rhs}"
        case Outcome.UNDECIDED:
            return f"the two sides touch within the error{where}: lhs is {outcome.lhs}, rhs is {outcome.rhs}"
        case _:
            if claim.relation.is_equality or outcome.ratio is None:
                return ""
            return f"lhs/rhs = {outcome.ratio:.6g}"


def _restricted(at: Mapping[Any, Any], symbols: set[Any]) -> dict[Any, Any]:
    """The part of a point that a quantity depends on; sizes of matrices included."""
    sizes = {symbol for symbol in at if getattr(symbol, "is_integer", False)}
    return {symbol: value for symbol, value in at.items() if symbol in symbols or symbol in sizes}
