"""The search for counterexamples where the points of measurement did not look: ends, corners, far away, in between.

Closed sides are cheap to enclose, so many points are tried; a disagreement is a rigorous counterexample at an exact
point. Boxes over the domain of an inequality then look between the points; where they cover it, it is certified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.measurement import Ball, Instrument, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import quantities
from lemmata.verify.certify import boxed
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.measure import MAY_LACK_A_VALUE, answers, finding, without_value, written
from lemmata.verify.stationary import stationary_points

CLOSED_POINTS = 40
"""Points tried for closed sides, for each point that the budget measures at."""

MEASURED_POINTS = 4
"""The same where quantities have to be measured, and a cheap instrument gives balls for each of them."""

CHEAP = 1
"""The `cost` of instruments that are cheap enough to search with."""


def search_evidence(claim: Claim, budget: Budget, stream: Stream) -> Iterator[Evidence]:
    """A counterexample found off the points of measurement, or a certificate over the whole domain, or nothing."""
    if not claim.symbols:
        return
    nodes = tuple(dict.fromkeys((*quantities(claim.lhs), *quantities(claim.rhs))))
    cheap = {node: _cheap(node) for node in nodes}
    if not all(cheap.values()):
        return
    count = (MEASURED_POINTS if nodes else CLOSED_POINTS) * budget.points
    places = sorted(claim.domain.points(count, stream.child("search").python(), wide=True), key=_height)
    if not nodes and claim.relation is not None and not claim.relation.is_equality:
        places += list(stationary_points(claim.rhs - claim.lhs, claim.domain, places))
    looked = 0
    for index, at in enumerate(places):
        given = {node: _ball(node, cheap[node], at, budget, stream.child(index)) for node in nodes}
        lacking = next((answer for node, answer in given.items() if _lacks(node, answer)), None)
        if isinstance(lacking, Refusal):
            yield without_value(at, "search", lacking.reason, Road.SEARCHED)
            return
        known = {node: answer for node, answer in given.items() if isinstance(answer, Ball)}
        if len(known) < len(nodes):
            continue
        item = finding(claim, at, known, "search", Road.SEARCHED, budget)
        looked += item.outcome is Outcome.AGREES
        if item.outcome in (Outcome.DISAGREES, Outcome.LACKING):
            yield item
            return
    found = None if nodes else boxed(claim, budget)
    if found is not None and found.outcome in (Outcome.CERTIFIES, Outcome.DISAGREES):
        yield found
    elif looked:
        because = f"no counterexample at {looked} further points"
        yield Evidence(Road.SEARCHED, "search", Outcome.AGREES, Rigour.RIGOROUS, because)


def _height(at: Mapping[Any, Any]) -> int:
    """How long a point is to write: the simplest counterexample is the one that people check by hand."""
    return sum(len(text) for text in written(at).values())


def _cheap(node: Any) -> list[Instrument]:
    return [instrument for instrument in instruments_for(node)[0] if instrument.cost <= CHEAP]


def _ball(node: Any, instruments: list[Instrument], at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Ball | Refusal | None:
    """The first rigorous answer, or that there is no value; anything less proves no counterexample."""
    lacking: Refusal | None = None
    for instrument in instruments:
        (answer,) = answers(instrument, node, [at], budget, stream)
        if isinstance(answer, Ball):
            return answer
        if isinstance(answer, Refusal) and answer.divergent:
            lacking = lacking or answer
    return lacking


def _lacks(node: Any, answer: Ball | Refusal | None) -> bool:
    return isinstance(answer, Refusal) and isinstance(node, MAY_LACK_A_VALUE)
