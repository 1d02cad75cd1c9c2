"""What breaks a bound on a supremum: among the objects that an instrument exhibits, the simplest that already does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lemmata.numerics.measurement import Ball, Measurement
from lemmata.verify.claim import Claim
from lemmata.verify.compare import CannotEvaluate, assemble, compare
from lemmata.verify.evidence import Outcome


def exhibited(claim: Claim, at: Mapping[Any, Any], known: Mapping[Any, Measurement], digits: int) -> str:
    """The text of the first exhibit with which alone, as a lower bound of its supremum, the statement fails; else nothing.

    >>> from flint import arb
    >>> from sympy import Le, Symbol
    >>> from lemmata.numerics.measurement import Exhibit
    >>> from lemmata.theory import Smooth, worst_case
    >>> node = worst_case(Smooth(1), 1, excess=1)[0, "gradient"]
    >>> shown = (Exhibit(arb("1.9"), "a plain function"), Exhibit(arb("1.99"), "a worse function"))
    >>> exhibited(Claim("low", Le(node, 1.95)), {}, {node: Ball(arb(2), exhibits=shown)}, 15)
    'a worse function'
    """
    if claim.relation is None:
        return ""
    balls = {node: answer for node, answer in known.items() if isinstance(answer, Ball)}
    for node, answer in balls.items():
        for exhibit in answer.exhibits:
            instead = {**known, node: Ball(exhibit.value.union(answer.value))}
            try:
                left, right = (assemble(side, at, instead, digits) for side in (claim.lhs, claim.rhs))
            except CannotEvaluate:
                continue
            if compare(claim.relation, left, right).outcome is Outcome.DISAGREES:
                return str(exhibit.text)
    return ""
