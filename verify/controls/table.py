"""The kill rate of a run: of the altered copies that each instrument was shown, how many it refuted by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lemmata.verify.evidence import Evidence, Outcome, Road
from lemmata.verify.record import Record

TOGETHER = "controls"
"""The name of the findings that count all instruments together: they alone can make a claim inconclusive."""


PASSED = "would have passed: "
"""How the finding of a survivor begins."""


def is_survivor(item: Evidence) -> bool:
    """Whether a finding names an altered copy that would have passed all instruments."""
    return item.road is Road.CONTROL and item.instrument == TOGETHER and item.outcome is Outcome.AGREES


def survivors(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The altered copies that would have passed all instruments, as a record lists them.

    >>> from lemmata.verify.evidence import Rigour
    >>> survivors([Evidence(Road.CONTROL, TOGETHER, Outcome.AGREES, Rigour.EXACT, PASSED + "negated: -x")])
    ('negated: -x',)
    """
    return tuple(item.because.removeprefix(PASSED) for item in evidence if is_survivor(item))


@dataclass(frozen=True, slots=True)
class KillRate:
    """One instrument over a run: claims, altered copies, those refuted, those too small to see, claims with survivors."""

    instrument: str
    claims: int
    altered: int
    caught: int
    small: int
    survived: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Refuted copies among the altered ones; 1 where there was none."""
        return self.caught / self.altered if self.altered else 1.0


def kill_rates(records: Iterable[Record]) -> list[KillRate]:
    """The rate of each instrument, dearest to see last: most claims first, all together at the end.

    >>> from lemmata.verify.evidence import Rigour, Verdict
    >>> seen = Evidence(Road.CONTROL, "quadrature", Outcome.CAUGHT, Rigour.EXACT, cost={"altered": 4, "caught": 3, "small": 1})
    >>> [(rate.instrument, rate.caught, rate.survived) for rate in kill_rates([Record("half", Verdict.PROVED, "", evidence=(seen,))])]
    [('quadrature', 3, ('half',))]
    """
    rows: dict[str, list[tuple[str, Evidence]]] = {}
    for record in records:
        for item in record.evidence:
            if item.road is Road.CONTROL and "altered" in item.cost:
                rows.setdefault(item.instrument, []).append((record.name, item))
    rates = [_rate(name, found) for name, found in rows.items()]
    return sorted(rates, key=lambda rate: (rate.instrument == TOGETHER, -rate.claims, rate.instrument))


def _rate(name: str, found: Sequence[tuple[str, Evidence]]) -> KillRate:
    total = {key: int(sum(item.cost.get(key, 0) for _, item in found)) for key in ("altered", "caught", "small")}
    survived = tuple(claim for claim, item in found if item.cost["caught"] < item.cost["altered"])
    return KillRate(name, len(found), total["altered"], total["caught"], total["small"], survived)


SHOWN = 3
"""Claims with survivors that a row names; the others are counted."""


def kill_table(records: Iterable[Record], ascii_only: bool = False) -> Any:
    """The kill rates of a run as a table for the terminal (a rich renderable).

    Columns: instrument, claims, altered copies, refuted, rate, below the resolution, claims with survivors.
    """
    from rich.box import ASCII, SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=ASCII if ascii_only else SIMPLE_HEAD, header_style="bold", show_edge=False, pad_edge=False, collapse_padding=True)
    for title in ("instrument", "claims", "altered", "refuted", "rate", "too small", "survivors in"):
        table.add_column(title, justify="left" if title in ("instrument", "survivors in") else "right", overflow="fold")
    for rate in kill_rates(records):
        named = ", ".join(rate.survived[:SHOWN]) + (f" and {len(rate.survived) - SHOWN} more" if len(rate.survived) > SHOWN else "")
        name = "all together" if rate.instrument == TOGETHER else rate.instrument
        table.add_row(name, str(rate.claims), str(rate.altered), str(rate.caught), f"{100 * rate.rate:.1f}%", str(rate.small), named)
    return table
