"""Which claims of the register speak for which row, and what is missing.

A claim says in its `about` which rows it speaks for, `(row Y.67)` or `(rows C.11, C.12)`; a row says why it has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lemmata.verify.catalogue import Entry
from lemmata.verify.rows import basins, duality, initialisation, networks, optimisation
from lemmata.verify.rows.row import Row, rows_named

ROWS: tuple[Row, ...] = (*duality.ROWS, *initialisation.ROWS, *optimisation.ROWS, *networks.ROWS, *basins.ROWS)
"""All rows, source by source."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A row and the claims that speak for it."""

    row: Row
    claims: tuple[Entry, ...]

    @property
    def refuted_as_printed(self) -> bool:
        """Whether one of its claims is known to be wrong."""
        return any(entry.expect == "refuted" for entry in self.claims)


def coverage(entries: Iterable[Entry]) -> tuple[Covered, ...]:
    """Each row with its claims, in the rows' order."""
    speaking: dict[str, list[Entry]] = {row.name: [] for row in ROWS}
    for entry in entries:
        for name in rows_named(entry.about):
            if name in speaking:
                speaking[name].append(entry)
    return tuple(Covered(row, tuple(speaking[row.name])) for row in ROWS)


def faults(entries: Iterable[Entry]) -> Iterator[str]:
    """What keeps the coverage from being whole, one sentence each.

    A row has claims or says why not, never both; a misprint has a claim that is known to be wrong or says why not; a claim
    names rows that exist.
    """
    entries = tuple(entries)
    known = {row.name for row in ROWS}
    for entry in entries:
        for name in rows_named(entry.about):
            if name not in known:
                yield f"{entry.name} speaks for the row {name}, which does not exist: correct it"
    for covered in coverage(entries):
        row = covered.row
        if not covered.claims and not row.unclaimed:
            yield f"{row.name} has neither a claim nor a reason for having none: {row.statement}"
        if covered.claims and row.unclaimed:
            yield f"{row.name} has claims ({covered.claims[0].name}) and still a reason for having none: remove the reason"
        if row.audit.misprinted and covered.claims and not (covered.refuted_as_printed or row.as_printed):
            yield f"{row.name} is {row.audit.value}, but no claim states it as printed, expected to be refuted"
