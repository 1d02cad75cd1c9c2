"""Equalities over the whole domain: boxes on which the difference of the sides is enclosed, the worst one cut next."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Any

from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.compile.ranges import Range
from lemmata.verify.certify.forms import PRECISION, Box, Forms, Look, centre_of
from lemmata.verify.certify.statement import Point, Statement, exactly

ORDER = 20
"""Degree of the remainder in one variable."""

SEVERAL = {2: 5, 3: 4}
"""The same in several variables, by their number; 3 where there are more."""

COST = {2: 5, 3: 8}
"""Boxes of one variable that take as long as one box of several; 16 where there are more."""

DEEPEST = 160
"""How often one side of a box may be halved: what has no range after that has a singularity there."""

SHALLOW = 10
"""Halvings after which a box on which both sides may vanish shows that no relative error can be promised."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What boxes showed of an equality: |left - right| <= eps (times the larger side if `relative`), or a point against it.

    `absolute` bounds |left - right| itself in either case.
    """

    eps: float | None
    relative: bool
    boxes: int
    against: Point | None = None
    absolute: float = math.inf


def cover(statement: Statement, target: float, most: int) -> Covered:
    """Boxes over the domain, until the error is at most `target`, or `most` boxes have been looked at.

    >>> import sympy as sp
    >>> from lemmata.theory.domain import Domain
    >>> from lemmata.verify.claim import Relation
    >>> c = sp.Symbol("c", real=True)
    >>> unit = Domain((c,), (c >= -1, c <= 1))
    >>> found = cover(Statement(sp.acos(-c), sp.pi - sp.acos(c), Relation.EQ, unit), 1e-12, 1000)
    >>> found.eps < 1e-12, found.relative, found.against
    (True, False, None)
    """
    box = statement.box()
    if box is None:
        return Covered(None, False, 0)
    with precision(PRECISION):
        return _Cover(statement, box, target, most).run()


class _Cover:
    def __init__(self, statement: Statement, box: Box, target: float, most: int) -> None:
        self.statement = statement
        self.forms = Forms(statement, ORDER, SEVERAL.get(len(box), 3))
        self.target = target
        self.most = most if len(box) < 2 else most // COST.get(len(box), 16)
        self.relative = True
        self.made = 0
        self.waiting: list[tuple[float, int, Box, Look, dict[Any, int]]] = []
        self.against: Point | None = None
        self._put(box, dict.fromkeys(box, 0))

    def run(self) -> Covered:
        """Cut the worst box until the promise is small enough."""
        while self.against is None and self.waiting and -self.waiting[0][0] > self.target and self.made < self.most:
            _, _, box, look, depth = heapq.heappop(self.waiting)
            if not box:
                return Covered(None, self.relative, self.made)
            symbol = look.split if look.split is not None else min(box, key=lambda s: (depth[s], str(s)))
            halves = halved(box[symbol])
            if depth[symbol] >= DEEPEST or halves is None:
                return Covered(None, self.relative, self.made)
            for half in halves:
                self._put({**box, symbol: half}, {**depth, symbol: depth[symbol] + 1})
        if self.against is not None:
            return Covered(None, self.relative, self.made, self.against)
        if self.relative and not all(look.size > 0 for *_, look, _ in self.waiting):
            self._absolute()
            return self.run()
        worst = -self.waiting[0][0] if self.waiting else math.inf
        absolute = max((upwards(look.gap.magnitude().high) for *_, look, _ in self.waiting if look.gap.finite()), default=math.inf)
        return Covered(worst if math.isfinite(worst) else None, self.relative, self.made, None, absolute)

    def _absolute(self) -> None:
        """No relative error can be promised where both sides may vanish: from here on errors are absolute."""
        self.relative = False
        self.waiting = [(self._key(look), index, box, look, depth) for _, index, box, look, depth in self.waiting]
        heapq.heapify(self.waiting)

    def _put(self, box: Box, depth: dict[Any, int]) -> None:
        self.made += 1
        look = self.forms.look(box)
        if look.outside:
            return
        if look.centre is not None and self.against is None and not look.centre.contains(0):
            self.against = {symbol: exactly(centre_of(side)[0]) for symbol, side in box.items()}
        if self.relative and not look.size > 0 and sum(depth.values()) >= SHALLOW:
            self._absolute()
        heapq.heappush(self.waiting, (self._key(look), self.made, box, look, depth))

    def _key(self, look: Look) -> float:
        """Minus the error on a box: of what cannot be promised yet, the worst is cut first."""
        if not look.gap.finite():
            return -math.inf
        error = look.gap.magnitude().high
        if self.relative and look.size > 0 and isinstance(look.size, arb):
            error = (error / look.size).upper()
        return -upwards(error)


def upwards(value: arb) -> float:
    """A float that is not smaller."""
    found = float(value.upper())
    return math.nextafter(found, math.inf) if found else 0.0 if value == 0 else math.ulp(0.0)


def halved(side: Range) -> tuple[Range, Range] | None:
    """A side cut in two: in the middle where it has two ends, else twice as far from 0 as its only end; None if it is a point."""
    if side.finite():
        middle = centre_of(side)[0]
        if not (side.low < middle and middle < side.high):
            return None
    elif isinstance(side.low, arb):
        middle = 2 * side.low if side.low >= 1 else side.low + 1 if side.low > -1 else arb(0)
        middle = middle.mid()
    elif isinstance(side.high, arb):
        middle = 2 * side.high if side.high <= -1 else side.high - 1 if side.high < 1 else arb(0)
        middle = middle.mid()
    else:
        middle = arb(0)
    return Range(side.low, middle), Range(middle, side.high)
