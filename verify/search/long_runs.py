"""Limits of runs at many points: one batch of long runs tells where a limit is not approached, and there the limit itself is measured.

A limit takes minutes at a handful of points; the same run at a fixed number of steps takes a batch no longer than a point. A run
that leaves the range of floating point, or that is as far from the other side after N steps as after N/2, is a suspect and no
more: what is said of it is said by the instruments of limits, at that point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import CannotEvaluate, enclose
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.measurement import Approx, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import quantities
from lemmata.theory.trajectory import Trajectory
from lemmata.verify.claim import Claim
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road
from lemmata.verify.measure import answers, finding, without_value
from lemmata.verify.search.looking import height

NAME = "long runs"

POINTS = 32
"""Points of the batch for each that the budget measures at."""

STEPS = 1024
"""Steps of each run; half of them before, to see whether it still comes closer."""

SUSPECTS = 2
"""Suspects at which the limit is measured, the simplest of them first: each takes as long as a point of measurement."""

CLOSER = sp.Rational(63, 64)
"""A gap that twice the steps have not brought below this share of itself does not close like any power n^(-1/44) or faster."""


def long_run_evidence(claim: Claim, budget: Budget, stream: Stream) -> Iterator[Evidence]:
    """What is against an equality with a limit of runs, or how many of a batch of long runs come closer to the other side.

    Only where a single quantity is measured, the limit of one trajectory over its count as it goes to infinity.
    """
    node = _limit_of_a_run(claim)
    if node is None or claim.expect == "refuted":
        return
    places = claim.domain.points(POINTS * budget.points, stream.child(NAME).python(), wide=True)
    far, near = (_values(node, places, steps, budget, stream) for steps in (STEPS // 2, STEPS))
    suspects = [at for at, before, after in zip(places, far, near, strict=True) if _suspect(claim, node, at, before, after)]
    for at in sorted(suspects, key=height)[:SUSPECTS]:
        item = _looked_at(claim, node, at, budget, stream)
        if item is not None:
            yield item
            return
    seen = sum(isinstance(after, Approx) for after in near)
    if seen:
        because = f"{seen - len(suspects)} of {len(places)} further points: runs are closer after {STEPS} steps than after {STEPS // 2}"
        because += f"; of {len(suspects)} others {min(SUSPECTS, len(suspects))} were followed further" if suspects else ""
        yield Evidence(Road.SEARCHED, NAME, Outcome.AGREES, Rigour.FLOATING, because)


def _limit_of_a_run(claim: Claim) -> Any:
    """The one quantity of an equality, if it is the limit of what a trajectory is after n steps; else None."""
    nodes = {*quantities(claim.lhs), *quantities(claim.rhs)}
    if len(nodes) != 1 or claim.relation is None or not claim.relation.is_equality or not claim.symbols:
        return None
    (node,) = nodes
    if not isinstance(node, sp.Limit):
        return None
    body, variable, place, _ = node.args
    inner = quantities(body)
    if place is not sp.oo or len(inner) != 1 or any(not isinstance(item, Trajectory) or item.time != variable for item in inner):
        return None
    return node


def _values(node: Any, places: Sequence[Mapping[Any, Any]], steps: int, budget: Budget, stream: Stream) -> list[Measurement]:
    """What stands under the limit after so many steps, at each point."""
    body, variable = node.args[:2]
    (inner,) = quantities(body)
    run = inner.xreplace({variable: sp.Integer(steps)})
    instrument = next((one for one in instruments_for(run)[0] if one.batch), None)
    if instrument is None:
        return [Refusal("no instrument runs a batch")] * len(places)
    found: list[Measurement] = []
    for at, answer in zip(places, answers(instrument, run, places, budget, stream.child(NAME, steps)), strict=True):
        if isinstance(answer, Approx):
            try:
                ball = enclose(
                    body.xreplace({inner: run, variable: sp.Integer(steps)}), at, digits=budget.digits, known={run: _ball(answer)}
                )
                answer = Approx(float(ball.mid()), float(ball.rad()), answer.basis)
            except CannotEvaluate as error:
                answer = Refusal(error.reason)
        found.append(answer)
    return found


def _ball(answer: Approx) -> arb:
    return arb(float(answer.value), float(answer.error))


def _suspect(claim: Claim, node: Any, at: Mapping[Any, Any], before: Measurement, after: Measurement) -> bool:
    """Whether a run has left floating point, or is beyond its errors no closer to the other side than it was."""
    if isinstance(after, Refusal):
        return after.divergent
    if not (isinstance(before, Approx) and isinstance(after, Approx)):
        return False
    try:
        gaps = [enclose(claim.lhs - claim.rhs, at, digits=15, known={node: _ball(item)}) for item in (before, after)]
    except CannotEvaluate:
        return False
    first, last = (abs(gap) for gap in gaps)
    return bool(last > 0) and bool(last > first * (arb(CLOSER.p) / CLOSER.q))


def _looked_at(claim: Claim, node: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Evidence | None:
    """What the instruments of limits find at a suspect, where that is not agreement."""
    for instrument in instruments_for(node)[0]:
        (answer,) = answers(instrument, node, [at], budget, stream.child(NAME, instrument.name))
        if isinstance(answer, Refusal):
            if answer.divergent:
                return without_value(at, f"{NAME}, {instrument.name}", answer.reason, Road.SEARCHED)
            continue
        item = finding(claim, at, {node: answer}, instrument.name, Road.SEARCHED, budget)
        if item.outcome is Outcome.DISAGREES:
            return item
    return None
