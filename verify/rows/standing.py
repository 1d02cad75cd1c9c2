"""How a row stands after a run: the verdicts of its claims, and the weakest of those that are held to be true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lemmata.verify.catalogue import Entry
from lemmata.verify.evidence import Verdict
from lemmata.verify.rows.coverage import Covered
from lemmata.verify.rows.errata import as_printed

UNJUDGED = "not judged"
UNCLAIMED = "no claim"

_WEAKNESS = (Verdict.REFUTED, Verdict.INCONCLUSIVE, None, Verdict.SUPPORTED, Verdict.CERTIFIED, Verdict.PROVED)
"""From what is worst for a row: a claim that was not judged is weaker than one that holds in any way."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A row's verdicts: `found` counts those of the claims held to be true, `misprints` the printed forms that were refuted.

    `weakest` is None for a row without claims that are held to be true, or where the weakest of them was not judged.
    """

    weakest: Verdict | None
    found: Mapping[Verdict, int]
    unjudged: int
    misprints: int
    claimed: bool

    @property
    def word(self) -> str:
        """The row in a word or two.

        >>> Standing(Verdict.PROVED, {Verdict.PROVED: 2}, 0, 1, True).word
        'proved'
        """
        if not self.claimed:
            return UNCLAIMED
        if self.weakest is not None:
            return self.weakest.value
        return UNJUDGED if self.unjudged else Verdict.REFUTED.value

    @property
    def told(self) -> str:
        """The word and what it is made of.

        >>> Standing(Verdict.SUPPORTED, {Verdict.PROVED: 2, Verdict.SUPPORTED: 1}, 0, 1, True).told
        'supported (2 proved, 1 supported); as printed refuted'
        """
        parts = [f"{self.found[verdict]} {verdict.value}" for verdict in Verdict if self.found.get(verdict)]
        parts += [f"{self.unjudged} not judged"] if self.unjudged and parts else []
        made = f" ({', '.join(parts)})" if len(parts) > 1 else ""
        if not self.misprints:
            return f"{self.word}{made}"
        return f"{self.word}{made}; as printed refuted" if parts else f"{self.word} as printed"


def standing(covered: Covered, verdicts: Mapping[str, str]) -> Standing:
    """How a row stands, from the verdicts by claim name."""
    return standing_of(covered.claims, verdicts)


def standing_of(claims: Iterable[Entry], verdicts: Mapping[str, str]) -> Standing:
    """How some claims stand together."""
    claims = tuple(claims)
    held = [_verdict(entry, verdicts) for entry in claims if entry.expect is None]
    wrong = [entry for entry in claims if entry.expect is not None]
    refuted = [entry for entry in wrong if _verdict(entry, verdicts) is Verdict.REFUTED]
    return Standing(
        min(held, key=_WEAKNESS.index, default=None),
        Counter(verdict for verdict in held if verdict is not None),
        held.count(None) + sum(_verdict(entry, verdicts) is None for entry in wrong),
        sum(as_printed(entry.name, entry.about) for entry in refuted),
        bool(claims),
    )


def _verdict(entry: Entry, verdicts: Mapping[str, str]) -> Verdict | None:
    return Verdict(verdicts[entry.name]) if entry.name in verdicts else None
