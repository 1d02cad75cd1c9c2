"""Sampling stops where the two sides already differ: the first look at which they do decides, and no more is drawn.

The instrument still never sees the other side. It offers looks whose intervals hold all at once; who compares them may
stop at any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Ball, Estimate, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.verify.claim import Claim
from lemmata.verify.compare import CannotEvaluate, Side, assemble, compare
from lemmata.verify.evidence import Outcome


def is_sequential(instrument: Instrument) -> bool:
    """Whether an instrument looks more than once."""
    return type(instrument).looks is not Instrument.looks


def until_rejected(
    instrument: Instrument,
    node: Any,
    places: Sequence[Any],
    rejects: Sequence[Callable[[Measurement], bool]],
    budgets: Sequence[Budget],
    stream: Stream,
) -> list[Measurement]:
    """The answer at each place: the first look that `rejects` there, else the last one; an instrument that raises has refused."""
    found: list[Measurement] = []
    for index, (at, reject, budget) in enumerate(zip(places, rejects, budgets, strict=True)):
        answer: Measurement = Refusal("it did not look")
        try:
            for answer in instrument.looks(node, at, budget, stream.child(index)):
                if isinstance(answer, Estimate) and reject(answer):
                    break
        except Exception as error:  # the border to code that is not ours: named, never swallowed
            answer = Refusal(f"raised {type(error).__name__}: {error}")
        found.append(answer)
    return found


def after(found: Mapping[str, Measurement], budget: Budget) -> Budget:
    """The budget of an instrument that samples a quantity at a point, after what others have answered there.

    Where one of them has enclosed the number far more finely than samples ever will, they are a second road to it and no more.

    >>> from flint import arb
    >>> from lemmata.numerics.budget import BUDGETS, BudgetName
    >>> standard = BUDGETS[BudgetName.STANDARD]
    >>> after({"certified integral": Ball(arb(1, 1e-15))}, standard).samples < after({}, standard).samples
    True
    """
    return budget.second_road() if any(_decides(answer, budget) for answer in found.values()) else budget


def _decides(answer: Measurement, budget: Budget) -> bool:
    if not isinstance(answer, Ball) or answer.refutes_only or not isinstance(answer.value, arb) or not answer.value.is_finite():
        return False
    return budget.is_decided_by(float(answer.value.rad()), abs(float(answer.value.mid())))


def rejecting(
    claim: Claim, node: Any, at: Mapping[Any, Any], others: Mapping[Any, Measurement], digits: int
) -> Callable[[Measurement], bool]:
    """Whether a measurement of `node` at a point, with what is known of the other quantities, makes the two sides differ.

    A side without the node is enclosed once.
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
            return compare(claim.relation, side(0, claim.lhs, known), side(1, claim.rhs, known)).outcome is Outcome.DISAGREES
        except CannotEvaluate:
            return False

    return reject
