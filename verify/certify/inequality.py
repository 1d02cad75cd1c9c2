"""Inequalities over the whole domain: branch and bound with Taylor forms, rays, and exact points where the sides touch."""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass
from typing import Any

from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.compile.ranges import Range
from lemmata.verify.certify.equality import COST, halved
from lemmata.verify.certify.forms import PRECISION, Box, Forms, Look, centre_of
from lemmata.verify.certify.statement import Point, Statement, exactly
from lemmata.verify.certify.tails import holds_on_ray
from lemmata.verify.certify.touching import Contact, candidates, contact, vanishes
from lemmata.verify.claim import Relation

ORDER = 8
"""Degree of the remainder in one variable."""

SEVERAL = 2
"""The same in several."""

STUCK = (30, 100)
"""Halvings in one variable after which the sides are taken to touch in what is left; where they do not, the second limit holds."""

RAY = 3
"""Halvings after which a ray is tried."""


@dataclass(frozen=True, slots=True)
class Held:
    """What was shown of an inequality: that it holds all over the domain, or a point against it, or neither.

    touching   the exact points at which the sides are equal or tend to each other
    """

    holds: bool
    boxes: int
    against: Point | None = None
    touching: tuple[Any, ...] = ()


def hold(statement: Statement, most: int) -> Held:
    """Boxes on which the inequality holds, the most doubtful one cut next, until they cover the domain.

    >>> import sympy as sp
    >>> from lemmata.theory.domain import Domain
    >>> x = sp.Symbol("x", real=True)
    >>> found = hold(Statement(1 - x**2 / 2, sp.cos(x), Relation.LE, Domain((x,))), 1000)
    >>> found.holds, found.touching
    (True, (0,))
    """
    box = statement.box()
    if box is None:
        return Held(False, 0)
    with precision(PRECISION):
        return _Paving(statement, box, most).run()


class _Paving:
    def __init__(self, statement: Statement, box: Box, most: int) -> None:
        self.statement = statement
        self.strict = statement.relation in (Relation.LT, Relation.GT)
        self.upward = statement.relation in (Relation.LE, Relation.LT)
        self.forms = Forms(statement, ORDER, SEVERAL)
        self.most = most if len(box) < 2 else most // COST.get(len(box), 16)
        self.made = 0
        self.waiting: list[tuple[float, int, Box, Look, dict[Any, int]]] = []
        self.stuck: list[tuple[Box, Look, dict[Any, int]]] = []
        self.limit = STUCK[0]
        self.turn = itertools.count()
        self.against: Point | None = None
        self._put(box, dict.fromkeys(box, 0))

    def run(self) -> Held:
        """Cut the most doubtful box until none is left, or a counterexample is met; then see to the places where the sides touch."""
        while self.against is None and self.waiting and self.made < self.most:
            _, _, box, look, depth = heapq.heappop(self.waiting)
            if not box:
                return Held(False, self.made)
            symbol = look.split if look.split is not None else min(box, key=lambda s: (depth[s], str(s)))
            halves = halved(box[symbol])
            if halves is None:
                return Held(False, self.made)
            for half in halves:
                self._put({**box, symbol: half}, {**depth, symbol: depth[symbol] + 1})
        if self.against is not None:
            return Held(False, self.made, self.against)
        if self.waiting:
            return Held(False, self.made)
        found = self._touching()
        if found.holds or found.against is not None or self.limit == STUCK[1]:
            return found
        self.limit, again, self.stuck = STUCK[1], self.stuck, []
        for place in again:
            self._wait(*place)
        return self.run()

    def _put(self, box: Box, depth: dict[Any, int]) -> None:
        look = self.forms.look(box)
        self.made += 1
        if look.outside:
            return
        low = look.gap.low if not self.upward else -look.gap.high
        if low > 0 or (low >= 0 and not self.strict):
            return
        centre = look.centre if look.centre is None or not self.upward else -look.centre
        if centre is not None and centre < 0 and self.against is None:
            self._against(box)
        if len(box) == 1:
            ((symbol, side),) = box.items()
            if depth[symbol] == RAY and not side.finite() and self._ray(symbol, side):
                return
            if depth[symbol] >= self.limit:
                self.stuck.append((box, look, depth))
                return
        self._wait(box, look, depth)

    def _wait(self, box: Box, look: Look, depth: dict[Any, int]) -> None:
        low = look.gap.low if not self.upward else -look.gap.high
        key = float(low) if isinstance(low, arb) else -math.inf
        heapq.heappush(self.waiting, (key, next(self.turn), box, look, depth))

    def _against(self, box: Box) -> None:
        """A point at which the inequality fails; where a hypothesis does not admit it the search goes on."""
        at = {symbol: exactly(centre_of(side)[0]) for symbol, side in box.items()}
        full = {**at, **self.statement.fixed}
        if all(symbol in full for symbol in self.statement.domain.symbols) and self.statement.domain.satisfies(at) is not True:
            return
        self.against = at

    def _ray(self, symbol: Any, side: Range) -> bool:
        smaller, larger = (self.statement.left, self.statement.right) if self.upward else (self.statement.right, self.statement.left)
        return holds_on_ray(smaller, larger, symbol, side, self.strict)

    def _touching(self) -> Held:
        """Every place that is left holds one exact point at which the sides touch and near which they do not cross."""
        room, points = self.statement.room(), []
        for place in _clusters([box for box, _, _ in self.stuck]):
            ((symbol, side),) = place.items()
            if not side.finite() or not self.forms.look(place).gap.finite():
                return Held(False, self.made)
            point = next((p for p in candidates(room, symbol, side, self.statement.domain) if vanishes(room, symbol, p)), None)
            if point is None:
                return Held(False, self.made)
            admitted = self.statement.domain.satisfies({symbol: point})
            if self.strict and admitted is not False:
                return Held(False, self.made, {symbol: point} if admitted else None)
            if contact(room, symbol, point, side, self.statement.domain) is not Contact.ABOVE:
                return Held(False, self.made)
            points.append(point)
        return Held(True, self.made, None, tuple(points))


def _clusters(boxes: list[Box]) -> list[Box]:
    """Neighbouring boxes on a line put together."""
    found: list[Box] = []
    for box in sorted(boxes, key=lambda box: next(iter(box.values())).low):
        ((symbol, side),) = box.items()
        if found and found[-1][symbol].high >= side.low:
            found[-1] = {symbol: Range(found[-1][symbol].low, side.high)}
        else:
            found.append(dict(box))
    return found
