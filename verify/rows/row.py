"""A row: one statement of the sources that lemmata was founded on, in our words, and how it fared on paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_MENTION = re.compile(r"\(rows? ([A-Z]\.\d+(?:, [A-Z]\.\d+)*)\)")


class Audit(Enum):
    """What an audit on paper found; the claims of a row are judged anew at each run, whatever stands here."""

    TRUE = "true"
    CONDITIONAL = "true under a condition that is not stated"
    FALSE = "false as printed"
    GARBLED = "garbled: several readings, or a misprint that changes the meaning"
    EMPIRICAL = "empirical"
    HEURISTIC = "heuristic: no truth value"

    @property
    def misprinted(self) -> bool:
        """Whether the row wants two claims: as printed, known to be wrong, and corrected."""
        return self in (Audit.FALSE, Audit.GARBLED)


@dataclass(frozen=True, slots=True)
class Row:
    """A statement of a source: `unclaimed` is the reason why no claim of the register speaks for it, if none does.

    `as_printed` is the reason why a misprint has no claim of its own that is known to be wrong, where it has none.
    """

    name: str
    audit: Audit
    statement: str
    unclaimed: str = ""
    as_printed: str = ""


def rows_named(about: str) -> tuple[str, ...]:
    """The rows that a claim's `about` says it speaks for.

    >>> rows_named("The length map of the ReLU (row Y.67)."), rows_named("Both (rows C.11, C.12)."), rows_named("A row of W.")
    (('Y.67',), ('C.11', 'C.12'), ())
    """
    return tuple(name for found in _MENTION.findall(about) for name in found.split(", "))
