"""Where a statement comes from: a key of the bibliography and a place in it, down to the equation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A work and a place in it.

    `key` is a key of the bibliography (`lemmata.reports.bibliography`), or any text when the work is not there;
    `locus` is the place, down to the equation.

    >>> str(Source("cho-saul-2009", "eq. (6)"))
    'cho-saul-2009, eq. (6)'
    """

    key: str
    locus: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.key, self.locus) if part)

    @classmethod
    def of(cls, source: Source | str) -> Source:
        """A `Source` from what a claim was given: a source, or free text such as `Cho & Saul (2009), eq. (6)`."""
        return source if isinstance(source, Source) else cls(source)
