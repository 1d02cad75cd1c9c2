"""What becomes of an altered copy: the evidence refutes it, is blind to it, or could not have seen so small a change.

The unaltered other side was measured once, by each instrument at each point; an altered side is assembled there and
compared in the same way as the claim was. Nothing is measured again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from flint import arb_mat

from lemmata.numerics.compile.arb import CannotEvaluate
from lemmata.theory.quantity import quantities
from lemmata.verify.claim import Relation
from lemmata.verify.compare import Side, assemble, compare
from lemmata.verify.controls.altered import NUDGE, Control
from lemmata.verify.evidence import Outcome
from lemmata.verify.measure import CLOSED, Measured


class Fate(Enum):
    """CAUGHT: refuted. BLIND: it moves the side by more than the evidence can see, and yet it passes. SMALL: by less.
    EQUAL: proved to be the same side. UNDEFINED: it has no value at any point where it could differ."""

    CAUGHT = "caught"
    BLIND = "blind"
    SMALL = "small"
    EQUAL = "equal"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True)
class View:
    """What one instrument holds against a claim at one point: the values of the quantities, and both sides."""

    instrument: str
    index: int
    at: Mapping[Any, Any]
    known: Mapping[Any, Any]
    theirs: Side
    ours: Side


def views(measured: Measured, side: Any, other: Any) -> list[View]:
    """Each instrument at each point where both sides have an enclosure, as they were compared when the claim was judged."""
    names = list(dict.fromkeys(name for slot in measured.values for answers in slot.values() for name in answers)) or [CLOSED]
    found = []
    for index, at in enumerate(measured.points):
        for name in names:
            known = measured.known(index, name) if measured.values else {}
            if known is None or (known and not any(name in answers for answers in measured.values[index].values())):
                continue
            try:
                theirs = assemble(other, at, known, measured.budget.digits)
                ours = assemble(side, at, known, measured.budget.digits)
            except CannotEvaluate:
                continue
            found.append(View(name, index, at, known, theirs, ours))
    return found


@dataclass
class Trial:
    """One side of a claim on trial: the views of it, and the enclosures of altered copies, each made once."""

    measured: Measured
    side: Any
    views: Sequence[View]
    _enclosed: dict[tuple[Any, ...], Side | None] = field(default_factory=dict)

    def instruments(self) -> list[str]:
        """Who looked, in the order of measurement."""
        return list(dict.fromkeys(view.instrument for view in self.views))

    def fates(self, control: Control) -> dict[str, Fate]:
        """What each instrument alone makes of an altered copy."""
        found: dict[str, Fate] = {}
        moved = False
        for name in self.instruments():
            found[name], shifted = self._alone(control, [view for view in self.views if view.instrument == name])
            moved = moved or shifted or found[name] is Fate.CAUGHT
        if not moved and Fate.SMALL in found.values() and self._is_equal(control):
            return dict.fromkeys(found, Fate.EQUAL)
        return found

    def _alone(self, control: Control, seen: Sequence[View]) -> tuple[Fate, bool]:
        """The fate by the views of one instrument, and whether the copy certainly differs from the side at one of them."""
        moved = visible = False
        there: list[tuple[View, Side]] = []
        for view in seen:
            altered = self._altered(control, view)
            if altered is None:
                continue
            if compare(Relation.EQ, view.theirs, altered).outcome is Outcome.DISAGREES:
                return Fate.CAUGHT, True
            there.append((view, altered))
        for view, altered in there:
            margin = view.theirs.margin + view.ours.margin
            for shift, radius in self._shifts(control, view, altered):
                moved = moved or not shift.contains(0)
                visible = visible or abs(float(shift.mid())) - float(shift.rad()) > radius + margin
        if visible:
            return Fate.BLIND, moved
        return (Fate.SMALL if moved or len(there) == len(seen) else Fate.UNDEFINED), moved

    def _altered(self, control: Control, view: View) -> Side | None:
        """The altered side in a view; None where the slip has left the reals, a root of what is negative, say."""
        holds = bool(quantities(control.altered))
        key = (control.altered, control.entry, view.index, view.instrument if holds else "")
        if key not in self._enclosed:
            try:
                side = assemble(control.altered, view.at, view.known, self.measured.budget.digits)
            except CannotEvaluate:
                self._enclosed[key] = None
            else:
                self._enclosed[key] = side if control.entry is None else replace(side, value=_entry_moved(side.value, control.entry))
        return self._enclosed[key]

    def _shifts(self, control: Control, view: View, altered: Side) -> Iterator[tuple[Any, float]]:
        """By how much the slip moves the side, entry by entry, and what the comparison could not see there.

        What both hold of a measured quantity cancels in the difference of the two expressions, not in that of two balls.
        """
        shift = altered.value - view.ours.value if _alike(altered.value, view.ours.value) else None
        if not isinstance(altered.value, arb_mat) and quantities(control.altered):
            try:
                shift = assemble(control.altered - self.side, view.at, view.known, self.measured.budget.digits).value
            except CannotEvaluate:
                shift = None
        if shift is None:
            return
        parts = (shift, view.theirs.value, altered.value)
        flat = zip(*(part.entries() if isinstance(part, arb_mat) else [part] for part in parts), strict=False)
        for by, theirs, ours in flat:
            yield by, float(theirs.rad()) + float(ours.rad())

    def _is_equal(self, control: Control) -> bool:
        from lemmata.theory import exact

        return control.entry is None and exact.equal(control.altered, self.side, self.measured.claim.domain) is True


def together(fates: Mapping[str, Fate]) -> Fate:
    """The fate by all instruments: one that catches it is enough; if none does, one that should have makes the check blind.

    >>> together({"quadrature": Fate.CAUGHT, "Monte Carlo": Fate.SMALL}), together({"Monte Carlo": Fate.BLIND})
    (<Fate.CAUGHT: 'caught'>, <Fate.BLIND: 'blind'>)
    """
    order = (Fate.CAUGHT, Fate.BLIND, Fate.SMALL, Fate.EQUAL, Fate.UNDEFINED)
    return min(fates.values(), key=order.index, default=Fate.UNDEFINED)


def _alike(first: Any, second: Any) -> bool:
    """Whether two enclosures can be subtracted: two numbers, or two matrices of one shape."""
    if isinstance(first, arb_mat) and isinstance(second, arb_mat):
        return bool((first.nrows(), first.ncols()) == (second.nrows(), second.ncols()))
    return not isinstance(first, arb_mat) and not isinstance(second, arb_mat)


def _entry_moved(value: Any, entry: tuple[int, int]) -> Any:
    """The matrix with one entry changed by 1/128 of itself, or by 1/128 where it may be 0."""
    moved = arb_mat(value)
    was = moved[entry]
    moved[entry] = was + float(NUDGE) if was.contains(0) else was * (1 + float(NUDGE))
    return moved
