"""Sampling stops where the two sides already differ, or where an inequality is decided far beyond its need.

The instrument still never sees the other side. It offers looks whose intervals hold all at once; who compares them may
stop at any of them. What was drawn says how small an error would have been caught: a look that stops early says so by that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Estimate, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.compare import CannotEvaluate, Side, assemble, compare
from lemmata.verify.evidence import Outcome

ROOM, SHARPNESS = 4, 100
"""An inequality is decided far beyond its need once the error is the fourth part of the gap at most, and 1% of each side."""


def is_sequential(instrument: Instrument) -> bool:
    """Whether an instrument looks more than once."""
    return type(instrument).looks is not Instrument.looks


def until_rejected(
    instrument: Instrument,
    node: Any,
    places: Sequence[Any],
    rejects: Sequence[Callable[[Measurement], bool]],
    budget: Budget,
    stream: Stream,
) -> list[Measurement]:
    """The answer at each place: the first look that ends the sampling there, else the last one; an instrument that raises has refused."""
    found: list[Measurement] = []
    for index, (at, reject) in enumerate(zip(places, rejects, strict=True)):
        answer: Measurement = Refusal("it did not look")
        try:
            for answer in instrument.looks(node, at, budget, stream.child(index)):
                if isinstance(answer, Estimate) and reject(answer):
                    break
        except Exception as error:  # the border to code that is not ours: named, never swallowed
            answer = Refusal(f"raised {type(error).__name__}: {error}")
        found.append(answer)
    return found


def rejecting(
    claim: Claim, node: Any, at: Mapping[Any, Any], others: Mapping[Any, Measurement], digits: int
) -> Callable[[Measurement], bool]:
    """Whether a measurement of `node` at a point, with what is known of the other quantities, ends the sampling.

    It does where the two sides differ, and where an inequality holds with room to spare. A side without the node is enclosed once.
    """
    fixed: dict[int, Side] = {}

    def side(which: int, expr: Any, known: Mapping[Any, Measurement]) -> Side:
        if expr.has(node):
            return assemble(expr, at, known, digits)
        if which not in fixed:
            fixed[which] = assemble(expr, at, others, digits)
        return fixed[which]

    def reject(answer: Measurement) -> bool:
        known = {**others, node: answer}
        assert claim.relation is not None
        try:
            left, right = side(0, claim.lhs, known), side(1, claim.rhs, known)
            outcome = compare(claim.relation, left, right).outcome
            return outcome is Outcome.DISAGREES or (outcome is Outcome.AGREES and far_beyond(claim.relation, left, right))
        except CannotEvaluate:
            return False

    return reject


def far_beyond(relation: Relation, left: Side, right: Side) -> bool:
    """Whether an inequality that holds is decided far beyond its need: its error is small beside the gap and beside both sides.

    >>> from flint import arb
    >>> from lemmata.verify.evidence import Rigour
    >>> left, right = Side(arb(0.5, 0.004), Rigour.STATISTICAL), Side(arb(0.75), Rigour.RIGOROUS)
    >>> far_beyond(Relation.LE, left, right), far_beyond(Relation.EQ, left, right)
    (True, False)
    """
    if relation.is_equality or hasattr(left.value, "entries") or hasattr(right.value, "entries"):
        return False
    gap = right.value - left.value
    error = float(gap.rad()) + left.margin + right.margin
    sides = [abs(float(side.value.mid())) for side in (left, right)]
    return ROOM * error <= abs(float(gap.mid())) and SHARPNESS * error <= min(sides)
