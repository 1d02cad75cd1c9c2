"""What a report over the sources says before its claims: a summary by source, the graph, the errata, the sharper results, the rows.

Everything comes from records and from the tables of rows; a report that does not cover all four sources has none of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lemmata.reports.graph_picture import Picture, pictures
from lemmata.reports.prose import prose, sentence
from lemmata.reports.views import ClaimView
from lemmata.verify.catalogue import Entry
from lemmata.verify.discover import ClaimRef
from lemmata.verify.evidence import Verdict
from lemmata.verify.record import Record
from lemmata.verify.rows.coverage import Covered, coverage
from lemmata.verify.rows.dependencies import RESTS_ON, carriers
from lemmata.verify.rows.errata import ERRATA, Erratum
from lemmata.verify.rows.row import rows_named
from lemmata.verify.rows.sharper import SHARPER
from lemmata.verify.rows.standing import Standing, standing
from lemmata.verify.rows.table import SOURCES


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in the summary: its rows by the weakest verdict of their claims, and its claims by verdict."""

    letter: str
    title: str
    rows: int
    weakest: Mapping[str, int]
    unclaimed: int
    misprinted: int
    claims: Mapping[str, int]
    refuted: int
    unexpected: int


@dataclass(frozen=True, slots=True)
class RowView:
    """A row: name, label, statement and standing, the claims that speak for it, what it rests on, and its reasons (LaTeX)."""

    name: str
    label: str
    statement: str
    audit: str
    word: str
    told: str
    claims: tuple[ClaimView, ...]
    rests_on: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ErratumView:
    """An erratum: the row, the slip, the claims as printed and as corrected; a reason where nothing is refuted."""

    row: RowView
    slip: str
    printed: tuple[ClaimView, ...]
    corrected: tuple[ClaimView, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ResultView:
    """A sharper result with the claims that make its proof."""

    title: str
    sentence: str
    rows: tuple[str, ...]
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True, slots=True)
class Chapters:
    """All that stands before the claims."""

    sources: tuple[SourceLine, ...]
    total: SourceLine
    verdicts: tuple[str, ...]
    rows: tuple[tuple[str, tuple[RowView, ...]], ...]
    unclaimed: tuple[RowView, ...]
    pictures: tuple[Picture, ...]
    labels: Mapping[str, str]
    errata: tuple[ErratumView, ...]
    results: tuple[ResultView, ...]


def chapters(records: Sequence[Record], views: Mapping[str, ClaimView]) -> Chapters | None:
    """The chapters, or None where some source has no row with a claim among the records; `views` are those of the records by name."""
    entries = entries_of(records)
    if not set(SOURCES) <= {name[0] for entry in entries for name in rows_named(entry.about)}:
        return None
    verdicts = {record.name: record.verdict.value for record in records}
    covered = coverage(entries)
    standings = {item.row.name: standing(item, verdicts) for item in covered}
    rows = {item.row.name: _row(item, standings[item.row.name], views) for item in covered}
    lines = tuple(_line(letter, title, covered, standings, verdicts) for letter, title in SOURCES.items())
    return Chapters(
        lines,
        _total(lines),
        tuple(
            verdict.value for verdict in Verdict if any(line.weakest.get(verdict.value) or line.claims.get(verdict.value) for line in lines)
        ),
        tuple((prose(title), tuple(row for name, row in rows.items() if name[0] == letter)) for letter, title in SOURCES.items()),
        tuple(row for row in rows.values() if not row.claims),
        pictures(standings, carriers(entries)),
        {name: row.label for name, row in rows.items()},
        tuple(_erratum(erratum, rows, views) for erratum in ERRATA),
        tuple(
            ResultView(result.title, sentence(result.sentence), result.rows, tuple(views[name] for name in result.claims if name in views))
            for result in SHARPER
        ),
    )


def entries_of(records: Sequence[Record]) -> tuple[Entry, ...]:
    """The records as entries of a catalogue: what rows and edges are looked up by."""
    files = {record.name: record.file for record in records}
    return tuple(
        Entry(
            ClaimRef(record.file, record.name),
            record.line,
            record.file,
            record.text,
            about=record.about,
            expect=record.expect,
            uses=tuple(ClaimRef(files.get(name, ""), name) for name in record.uses),
        )
        for record in records
    )


def _line(
    letter: str, title: str, covered: Sequence[Covered], standings: Mapping[str, Standing], verdicts: Mapping[str, str]
) -> SourceLine:
    own = [item for item in covered if item.row.name[0] == letter]
    claims = {entry.name: entry for item in own for entry in item.claims}
    held = Counter(verdicts[entry.name] for entry in claims.values() if entry.expect is None)
    wrong = [verdicts[entry.name] for entry in claims.values() if entry.expect is not None]
    weak = Counter(standings[item.row.name].word for item in own if item.claims)
    holding = {verdict.value for verdict in Verdict if verdict.holds}
    return SourceLine(
        letter,
        prose(title),
        len(own),
        weak,
        sum(not item.claims for item in own),
        sum(bool(standings[item.row.name].misprints) for item in own),
        held,
        wrong.count(Verdict.REFUTED.value),
        sum(count for word, count in held.items() if word not in holding) + len(wrong) - wrong.count(Verdict.REFUTED.value),
    )


def _total(lines: Sequence[SourceLine]) -> SourceLine:
    return SourceLine(
        "",
        "All",
        sum(line.rows for line in lines),
        sum((Counter(line.weakest) for line in lines), Counter()),
        sum(line.unclaimed for line in lines),
        sum(line.misprinted for line in lines),
        sum((Counter(line.claims) for line in lines), Counter()),
        sum(line.refuted for line in lines),
        sum(line.unexpected for line in lines),
    )


def _row(item: Covered, found: Standing, views: Mapping[str, ClaimView]) -> RowView:
    row = item.row
    return RowView(
        row.name,
        f"row-{row.name}",
        sentence(row.statement),
        prose(row.audit.value),
        found.word,
        prose(found.told),
        tuple(views[entry.name] for entry in item.claims),
        tuple(RESTS_ON.get(row.name, {})),
        sentence(row.unclaimed or row.as_printed),
    )


def _erratum(erratum: Erratum, rows: Mapping[str, RowView], views: Mapping[str, ClaimView]) -> ErratumView:
    row = rows[erratum.row]
    printed = tuple(views[name] for name in erratum.printed if name in views)
    corrected = tuple(views[name] for name in erratum.corrected if name in views)
    missing = "Its claims are not in this report." if erratum.printed and not printed else ""
    return ErratumView(row, prose(erratum.slip), printed, corrected, "" if printed else missing or row.reason)
