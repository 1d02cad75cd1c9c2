"""The derived road: from the left-hand side by discharged steps, and whether it reaches the stated side."""

from __future__ import annotations

import itertools
from typing import Any

from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged
from lemmata.theory.exact.defined import unproved_conditions
from lemmata.theory.printing.plain_text import text
from lemmata.theory.quantity import quantities
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road

NAME = "derivation"


class DerivedRoad:
    """One attempt to derive a claim; `derivations` holds what was reached even when `run` is stopped."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.derivations: list[Derivation] = []

    def run(self) -> Evidence:
        """The evidence of the derived road."""
        try:
            left = self._left()
            right = self._right(left) if left is not None else None
        except (NotApplicable, NotDischarged) as error:
            return _failed(str(error))
        except Exception as error:  # SymPy may fail in any way at all: that is an outcome of this road, not of the run
            return _failed(f"{type(error).__name__}: {error}")
        if left is None:
            return Evidence(Road.DERIVED, NAME, Outcome.REFUSED, Rigour.EXACT, "the automatic rules found no derivation")
        self.derivations.append(left)
        if right is None:
            return Evidence(Road.DERIVED, NAME, Outcome.REFUSED, Rigour.EXACT, "the right-hand side could not be derived")
        if right.steps:
            self.derivations.append(right)
        try:
            return self._meet(left, right)
        except Exception as error:  # as above
            return _failed(f"{type(error).__name__}: {error}")

    def _left(self) -> Derivation | None:
        claim = self.claim
        if claim.derivation is not None:
            return _own(claim.derivation(Derivation(claim.lhs, claim.domain)), claim)
        return _automatic(claim.lhs, claim.rhs, claim)

    def _right(self, left: Derivation) -> Derivation | None:
        claim = self.claim
        if not quantities(claim.rhs):
            return Derivation(claim.rhs, claim.domain)
        if left.end == claim.rhs:
            return Derivation(claim.rhs, claim.domain)
        return _automatic(claim.rhs, claim.lhs, claim)

    def _meet(self, left: Derivation, right: Derivation) -> Evidence:
        """Whether the two ends are proved to be in the claimed relation."""
        claim = self.claim
        link = left.link
        if link is None:
            return _failed("the steps of the derivation point in different directions, so nothing follows from them")
        if right.link is not Link.EQUAL:
            return _failed("the right-hand side was derived by inequalities")
        verdict = relation_holds(claim.relation, left.end, right.end, link, claim.domain)
        sides = (unproved_conditions(side, claim.domain) for side in (left.end, right.end))
        assumed = tuple(dict.fromkeys((*left.assumes, *right.assumes, *itertools.chain(*sides))))
        taken = f"; taking for granted: {'; '.join(assumed)}" if assumed else ""
        count = len(left.steps) + len(right.steps)
        if verdict is True:
            steps = f"derived in {count} step{'s' if count != 1 else ''}" if count else "exact algebra"
            return Evidence(Road.DERIVED, NAME, Outcome.PROVES, Rigour.EXACT, f"{steps}{taken}")
        if verdict is False:
            return Evidence(
                Road.DERIVED,
                NAME,
                Outcome.DISAGREES,
                Rigour.EXACT,
                f"the derivation ends in {text(left.end)}, which is not {text(right.end)}{taken}",
                lhs=text(left.end),
                rhs=text(right.end),
            )
        return _failed("the derived side could not be brought to the stated one by exact algebra")


def _own(derivation: Derivation, claim: Claim) -> Derivation:
    """The derivation, if it is one of this claim's left-hand side over this claim's domain, step after step."""
    if not isinstance(derivation, Derivation):
        raise NotDischarged(f"`derivation` returned {type(derivation).__name__}: it maps the left-hand side to `lhs.by(rule, ...)`")
    if derivation.start != claim.lhs or derivation.domain != claim.domain:
        raise NotDischarged("the derivation is that of another expression or over another domain: lengthen the one that is handed in")
    ends = [derivation.start, *(step.after for step in derivation.steps)]
    if any(step.before != end for step, end in zip(derivation.steps, ends, strict=False)):
        raise NotDischarged("a step does not begin where the one before it ends")
    return derivation


def relation_holds(relation: Relation | None, left: Any, right: Any, link: Link, domain: Any) -> bool | None:
    """Whether `start link left` and exact algebra give `start relation right`: proved True, proved False, or unknown.

    False is claimed only where the chain is an equality: a chain of inequalities that overshoots disproves nothing.
    """
    from lemmata.theory import exact

    if relation is Relation.EQ:
        return exact.equal(left, right, domain) if link is Link.EQUAL else None
    upward = relation in (Relation.LE, Relation.LT)
    strictly = Link.BELOW if upward else Link.ABOVE
    if link not in (Link.EQUAL, strictly, Link.AT_MOST if upward else Link.AT_LEAST):
        return None
    room = right - left if upward else left - right
    strict = relation in (Relation.LT, Relation.GT) and link is not strictly
    if not strict and exact.equal(left, right, domain):
        return True
    proved = exact.positive(room, domain) if strict else exact.nonnegative(room, domain)
    return True if proved else None


def _automatic(expr: Any, other: Any, claim: Claim) -> Derivation | None:
    from lemmata.theory.automatic import derive

    return derive(expr, other, claim.domain)


def _failed(because: str) -> Evidence:
    return Evidence(Road.DERIVED, NAME, Outcome.FAILED, Rigour.EXACT, because)
