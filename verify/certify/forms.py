"""The range of a difference of two sides over one box: Taylor forms where the sides are analytic, ranges where they are not.

Taylor's theorem with Lagrange's remainder: on a box with centre m, f(m + d) is the sum of the terms of degree < N of its series
at m plus the sum of the terms of degree N of its series at some point of the box. The former come from the series at m, where
what cancels between the sides does cancel; the latter from the series over the whole box.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile import range_functions
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.jets import in_several_variables, monomials
from lemmata.numerics.compile.ranges import INF, Range, Ranges
from lemmata.numerics.compile.series import in_one_variable
from lemmata.theory.exact.sign_tactics import hypotheses
from lemmata.verify.certify.statement import Proved, Statement, outside

assert range_functions

PRECISION = 160

SHORT = 100
"""Operations of sides that are expanded to see whether they are one polynomial: it may grow without an end on both sides."""

Box = Mapping[Any, Range]


@dataclass(frozen=True, slots=True)
class Look:
    """What is known on one box.

    gap       the range of left - right
    size      a lower bound of the larger of |left| and |right| (0 where there is none)
    centre    left - right at the centre of the box, None where it has no value there
    outside   whether a hypothesis fails all over the box
    split     the symbol whose side is to be cut next
    """

    gap: Range
    size: Any
    centre: arb | None = None
    outside: bool = False
    split: Any = None


WHOLE = Range(-INF, INF)


class Forms:
    """Looks at boxes of one statement; what does not depend on the box is kept."""

    def __init__(self, statement: Statement, order: int, several: int) -> None:
        self.sides = (statement.left, statement.right)
        self.order = order
        self.several = several
        self.proofs = Proved(statement.domain)
        self.hypotheses = hypotheses(statement.domain)
        self.constants: dict[Any, arb] = {}
        self.same = sum(sp.count_ops(side) for side in self.sides) <= SHORT and sp.expand(self.sides[0] - self.sides[1]) == 0

    def look(self, box: Box) -> Look:
        """The best range of the difference that is known here; infinite where a side is not shown to be real and finite."""
        ranges = Ranges(box, self.proofs, self.constants)
        if self.hypotheses and outside(self.hypotheses, ranges):
            return Look(Range(arb(0), arb(0)), INF, None, True)
        found = None
        if box and all(side.finite() for side in box.values()):
            found = self._line(box) if len(box) == 1 else self._space(box)
        if found is not None:
            return found
        centre = self._centre(box)
        try:
            left, right = (ranges(side) for side in self.sides)
        except CannotEvaluate:
            return Look(WHOLE, arb(0), centre)
        sizes = [side.magnitude().low for side in (left, right)]
        return Look(Range(arb(0), arb(0)) if self.same else left + -right, max(sizes), centre)

    def _line(self, box: Box) -> Look | None:
        ((symbol, side),) = box.items()
        middle, radius = centre_of(side)
        try:
            whole = in_one_variable(self.sides, symbol, side.ball(), self.order + 1, self.constants)
            near = in_one_variable(self.sides, symbol, middle, self.order, self.constants)
        except CannotEvaluate:
            return None
        gap, waves = arb(0), _powers(radius, self.order)
        for k in range(self.order):
            gap += (near[0][k] - near[1][k]) * waves[k]
        gap += (whole[0][self.order] - whole[1][self.order]) * waves[self.order]
        return self._look(gap, whole, near[0][0] - near[1][0])

    def _look(self, gap: arb, whole: Any, centre: arb) -> Look | None:
        if not gap.is_finite():
            return None
        size = max(abs(side[0]).lower() for side in whole)
        return Look(Range.of(gap), size if size > 0 else arb(0), centre)

    def _space(self, box: Box) -> Look | None:
        middles = {symbol: centre_of(side)[0] for symbol, side in box.items()}
        waves = [_powers(centre_of(side)[1], self.several) for side in box.values()]
        balls = {symbol: side.ball() for symbol, side in box.items()}
        try:
            whole = in_several_variables(self.sides, balls, self.several, self.constants)
            near = in_several_variables(self.sides, middles, self.several, self.constants)
        except CannotEvaluate:
            return None
        gap = arb(0)
        blame = dict.fromkeys(box, 0.0)
        for index, powers in enumerate(monomials(len(box), self.several)):
            last = sum(powers) == self.several
            term = (whole[0][index] - whole[1][index]) if last else (near[0][index] - near[1][index])
            for wave, n in zip(waves, powers, strict=True):
                term *= wave[n]
            gap += term
            if any(powers):
                for symbol, n in zip(box, powers, strict=True):
                    blame[symbol] += n * float(term.rad())
        found = self._look(gap, whole, near[0][0] - near[1][0])
        if found is None:
            return None
        return Look(found.gap, found.size, found.centre, False, max(blame, key=lambda symbol: blame[symbol]))

    def _centre(self, box: Box) -> arb | None:
        """The difference at the centre of a box on which there is no series."""
        if not all(side.finite() for side in box.values()):
            return None
        point = {symbol: Range(middle, middle) for symbol, side in box.items() for middle in (centre_of(side)[0],)}
        try:
            left, right = (Ranges(point, self.proofs, self.constants)(side) for side in self.sides)
            return (left + -right).ball()
        except CannotEvaluate:
            return None


def centre_of(side: Range) -> tuple[arb, arb]:
    """An exact point near the middle of a bounded side, and a bound of the distance to its ends."""
    middle = ((side.low + side.high) / 2).mid()
    return middle, max((side.high - middle).upper(), (middle - side.low).upper())


def _powers(radius: arb, order: int) -> list[arb]:
    """The ranges of d^0, ..., d^order for |d| <= radius: even powers are not negative."""
    found, top = [arb(1)], arb(1)
    for k in range(1, order + 1):
        top = (top * radius).upper()
        found.append((-top if k % 2 else arb(0)).union(top))
    return found
