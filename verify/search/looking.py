"""One exact point looked at with balls: what it says about the statement, and how close the sides come there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import quantities
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.compare import CannotEvaluate, assemble
from lemmata.verify.evidence import Evidence, Outcome, Road
from lemmata.verify.measure import MAY_LACK_A_VALUE, answers, finding, value_text, without_value

CHEAP = 1
"""The `cost` of instruments that are cheap enough to search with."""

NAME = "search"

AGAINST = (Outcome.DISAGREES, Outcome.LACKING)
"""What ends a search: the statement fails, or a closed side has no value, at an admissible point."""


@dataclass(frozen=True, slots=True)
class Look:
    """A point at which both sides were enclosed: the middles of the two enclosures, equal where these touch."""

    at: Mapping[Any, Any]
    lhs: float
    rhs: float

    def excess(self, relation: Relation) -> float:
        """lhs - rhs for `lhs <= rhs`, the other way round for >=; the larger, the closer to failure."""
        gap = self.rhs - self.lhs if relation in (Relation.GE, Relation.GT) else self.lhs - self.rhs
        return abs(gap) if relation.is_equality else gap

    def share(self, relation: Relation) -> float:
        """lhs/|rhs| for `lhs <= rhs`, its negative for >=: the larger, the tighter, down to the smallest numbers."""
        return (-self.lhs if relation in (Relation.GE, Relation.GT) else self.lhs) / abs(self.rhs)


@dataclass
class Looker:
    """Looks at exact points of one claim, each once, and remembers what was seen."""

    claim: Claim
    budget: Budget
    stream: Stream
    nodes: tuple[Any, ...] = ()
    instruments: dict[Any, list[Instrument]] = field(default_factory=dict)
    points: list[Mapping[Any, Any]] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    seen: dict[tuple[Any, ...], Evidence | None] = field(default_factory=dict)
    agreed: int = 0
    divergent: bool = False

    @classmethod
    def at_claim(cls, claim: Claim, budget: Budget, stream: Stream) -> Looker | None:
        """The looker of a claim, or None where some quantity has no cheap instrument."""
        nodes = tuple(dict.fromkeys((*quantities(claim.lhs), *quantities(claim.rhs))))
        instruments = {node: [one for one in instruments_for(node)[0] if one.cost <= CHEAP] for node in nodes}
        return cls(claim, budget, stream, nodes, instruments) if all(instruments.values()) else None

    def look(self, at: Mapping[Any, Any]) -> Evidence | None:
        """The finding at an admissible point; None where a quantity has no rigorous value there, or the point was seen before."""
        key = tuple(at[symbol] for symbol in self.claim.symbols)
        if key in self.seen:
            return None
        self.points.append(at)
        self.seen[key] = item = self._fresh(at)
        if item is not None:
            self.agreed += item.outcome is Outcome.AGREES
        return item

    def against(self, points: Iterable[Mapping[Any, Any]]) -> Evidence | None:
        """The first finding against the statement among some points, or that a quantity has no value at one."""
        for at in points:
            item = self.look(at)
            if item is not None and (item.outcome in AGAINST or self.divergent):
                return item
        return None

    def _fresh(self, at: Mapping[Any, Any]) -> Evidence | None:
        stream = self.stream.child(len(self.seen))
        given = {node: self._ball(node, at, stream) for node in self.nodes}
        for node, answer in given.items():
            if isinstance(answer, Refusal) and isinstance(node, MAY_LACK_A_VALUE):
                self.divergent = True
                return without_value(at, NAME, answer.reason, Road.SEARCHED)
        known = {node: answer for node, answer in given.items() if isinstance(answer, Ball)}
        if len(known) < len(self.nodes):
            return None
        item = finding(self.claim, at, known, NAME, Road.SEARCHED, self.budget)
        self.remember(at, known)
        return item

    def remember(self, at: Mapping[Any, Any], known: Mapping[Any, Measurement]) -> None:
        """Keep how close the sides of an inequality come at a point, where both are known to the budget's resolution."""
        if self.claim.relation is None or self.claim.relation.is_equality:
            return
        try:
            lhs, rhs = (assemble(side, at, known, self.budget.digits).value for side in (self.claim.lhs, self.claim.rhs))
        except CannotEvaluate:
            return
        if hasattr(lhs, "entries") or hasattr(rhs, "entries"):
            return
        left, right, gap = float(lhs.mid()), float(rhs.mid()), rhs - lhs
        if not (gap.is_finite() and math.isfinite(left) and math.isfinite(right)) or _underflows(lhs) or _underflows(rhs):
            return
        if float(gap.rad()) <= self.budget.resolution * max(abs(left), abs(right)):
            self.looks.append(Look(at, right if gap.contains(0) else left, right))

    def _ball(self, node: Any, at: Mapping[Any, Any], stream: Stream) -> Ball | Refusal | None:
        """The first rigorous answer, or that there is no value; anything less proves no counterexample."""
        lacking: Refusal | None = None
        for instrument in self.instruments[node]:
            (answer,) = answers(instrument, node, [at], self.budget, stream)
            if isinstance(answer, Ball):
                return answer
            if isinstance(answer, Refusal) and answer.divergent:
                lacking = lacking or answer
        return lacking


def _underflows(ball: Any) -> bool:
    """Whether a number that is not 0 is 0 as a float: ratios of such numbers would have to be told otherwise."""
    return float(ball.mid()) == 0 and not ball.contains(0)


def height(at: Mapping[Any, Any]) -> tuple[int, int]:
    """How long a point is to write, rational ones before others: the simplest counterexample is the one that people check by hand."""
    irrational = sum(getattr(value, "is_Rational", True) is False for value in at.values())
    return irrational, sum(len(value_text(value)) for value in at.values())
