"""Records as the templates see them: every field LaTeX already, formulas broken into rows that fit the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lemmata.reports.bibliography import Citations
from lemmata.reports.evidence_table import Table, figure, full_place, table_of
from lemmata.reports.notes import granted
from lemmata.reports.prose import prose, sentence
from lemmata.reports.topics import heading, part_of, place_in_report
from lemmata.theory.printing.layout import break_lines
from lemmata.theory.printing.notation import escape
from lemmata.theory.printing.width import width
from lemmata.verify.evidence import Verdict
from lemmata.verify.record import Record, StepRecord
from lemmata.verify.rows.errata import as_printed
from lemmata.verify.show import power

LONGEST_INLINE = 24.0
"""Em beyond which a hypothesis is set as one box, which shrinks where it is wider than the line."""

TEXT_WIDTH = 39.0
"""Em that a displayed row may take; a row that is wider in spite of this is shrunk by the template's \\fit."""

_ROW = re.compile(r"\s*\(rows? [A-Z]\.\d+[^)]*\)")
"""A reference to a list that the reader does not have."""
_LINKS = {"=": "=", "<=": "\\le", ">=": "\\ge", "->": "\\to"}


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of a derivation: its reason (LaTeX), the sign that leads to its result, and the result; the first has neither."""

    reason: str
    link: str
    formula: str


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim on paper; `formula` and `steps` are the unbroken formulas of `statement` and `chains`, for other pages than paper.

    `alone` is `about` for a place where the claims before and after it do not stand: without dots at its ends.
    """

    label: str
    name: str
    heading: str
    about: str
    alone: str
    given: tuple[str, ...]
    statement: str
    formula: str
    source: str
    uses: tuple[str, ...]
    chains: tuple[str, ...]
    steps: tuple[tuple[StepView, ...], ...]
    assumes: tuple[str, ...]
    table: Table
    verdict: str
    because: str
    remark: str
    conflict: str
    counterexample: tuple[str, ...]
    counter_sides: tuple[str, str] | None
    counter_note: str
    power: str
    seconds: str


@dataclass(frozen=True, slots=True)
class TopicView:
    """The claims of one file, with a title in words, a paragraph or two about it, and the part of the report it belongs to."""

    title: str
    claims: tuple[ClaimView, ...]
    introduction: tuple[str, ...] = ()
    part: str = ""


def topics_of(records: Sequence[Record], citations: Citations) -> tuple[TopicView, ...]:
    """The records grouped by the file that they come from: the register's files in the order of its parts, others as they come."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.file, []).append(record)
    labels = {record.name: f"claim-{index}" for index, record in enumerate(records, start=1)}
    ordered = sorted(groups.items(), key=lambda group: place_in_report(group[0]))
    return tuple(
        TopicView(
            prose(heading(file).title),
            tuple(claim_view(item, labels, citations) for item in items),
            tuple(sentence(paragraph) for paragraph in heading(file).paragraphs),
            part_of(file),
        )
        for file, items in ordered
    )


def _alone(about: str) -> str:
    """A sentence without the dots that lead to its neighbours; it begins with a capital letter where it went on from one of them."""
    text = about.strip()
    whole = text.removeprefix("...").strip()
    whole = whole.removesuffix("...").strip()
    return whole[:1].upper() + whole[1:] if whole != text and whole.split(" ")[0].isalpha() else whole


def claim_view(record: Record, labels: dict[str, str], citations: Citations) -> ClaimView:
    """Everything a page says about one record."""
    counter = record.counterexample
    return ClaimView(
        label=labels.get(record.name, record.name),
        name=hyphenated(record.name),
        heading=_heading(record),
        about=sentence(_ROW.sub("", record.about)),
        alone=sentence(_alone(_ROW.sub("", record.about))),
        given=tuple(f"${item}$" if width(item) < LONGEST_INLINE else f"\\fitinline{{{item}}}" for item in record.given),
        statement=display("gather*", break_lines(record.statement, TEXT_WIDTH)),
        formula=record.statement,
        source=citations.cite(record.source_key, record.source_locus) if record.source_key else "",
        uses=tuple(_reference(name, labels) for name in record.uses),
        chains=tuple(_chain(part, citations) for part in _chains(record.derivation)),
        steps=tuple(_steps(part, citations) for part in _chains(record.derivation)),
        assumes=tuple(sentence(item) for item in granted(record.assumes)),
        table=table_of([item for item in record.evidence if item.lhs or not item.because or item.because != record.because]),
        verdict=record.verdict.value,
        because=sentence(record.because),
        remark=_remark(record),
        conflict=sentence(record.conflict),
        counterexample=tuple(full_place(counter.get("at") or {})) if counter else (),
        counter_sides=_sides(record),
        counter_note=sentence(str(counter.get("because") or "")) if counter and not counter.get("lhs") else "",
        power=sentence(power(record)),
        seconds=f"{record.seconds:.1f}",
    )


def hyphenated(name: str) -> str:
    """A claim's name that may be broken after its hyphens."""
    return escape(name).replace("-", "-\\allowbreak{}").replace("\\_", "\\_\\allowbreak{}")


def _sides(record: Record) -> tuple[str, str] | None:
    counter = record.counterexample
    if not counter or not counter.get("lhs"):
        return None
    return figure(str(counter["lhs"])), figure(str(counter["rhs"]))


def _reference(name: str, labels: dict[str, str]) -> str:
    shown = f"\\texttt{{{hyphenated(name)}}}"
    return f"\\hyperref[{labels[name]}]{{{shown}}}" if name in labels else shown


def misprint(record: Record) -> bool:
    """Whether a statement that is expected to fail is one that a source prints."""
    return record.expect == "refuted" and bool(record.source_key) and as_printed(record.name, record.about)


def _heading(record: Record) -> str:
    if misprint(record):
        return "As printed"
    return "Known to be false" if record.expect == "refuted" else "Claim"


def _remark(record: Record) -> str:
    """What the verdict means against what the claim's author expected."""
    if record.expect == "refuted":
        if record.verdict is Verdict.REFUTED:
            return "as printed, refuted: a misprint of its source, kept as such" if misprint(record) else "as expected"
        return "expected to be refuted, and was not"
    return "" if record.verdict.holds else "not as expected"


def display(environment: str, rows: Sequence[str]) -> str:
    r"""A display of rows, each of which shrinks where it does not fit.

    >>> print(display("gather*", ["a", "+ b"]))
    \begin{gather*}
    \fit{a}\\
    \fit{{}+ b}
    \end{gather*}
    """
    body = "\\\\\n".join(f"\\fit{{{_spaced(row)}}}" for row in rows)
    return f"\\begin{{{environment}}}\n{body}\n\\end{{{environment}}}"


def _chains(steps: Sequence[StepRecord]) -> list[list[StepRecord]]:
    """Consecutive steps joined: a step that does not begin where the last one ended starts a new chain."""
    chains: list[list[StepRecord]] = []
    for step in steps:
        if not chains or step.before != chains[-1][-1].after:
            chains.append([])
        chains[-1].append(step)
    return chains


def _steps(steps: Sequence[StepRecord], citations: Citations) -> tuple[StepView, ...]:
    first = StepView("", "", steps[0].before)
    return (first, *(StepView(_label(step, citations), _LINKS.get(step.link, step.link), step.after) for step in steps))


def _chain(steps: Sequence[StepRecord], citations: Citations) -> str:
    """The first expression, then for each step its reason and the rows of its result, led by its link."""
    blocks = [_rows(break_lines(steps[0].before, TEXT_WIDTH))]
    for step in steps:
        first, *more = break_lines(step.after, TEXT_WIDTH - 2.0)
        rows = [f"{{}} {_LINKS.get(step.link, step.link)} {first}", *(f"\\quad {_spaced(row)}" for row in more)]
        blocks.append(f"\\intertext{{\\step{{{_label(step, citations)}}}}}\n{_rows(rows)}")
    return "\\begin{align*}\n" + "\n".join(blocks) + "\n\\end{align*}"


def _rows(rows: Sequence[str]) -> str:
    return "\\\\\n".join(f"&\\fit{{{_spaced(row)}}}" for row in rows)


def _spaced(row: str) -> str:
    """A row whose leading sign is set as a binary one."""
    return f"{{}}{row}" if row.startswith(("+", "-", "=", "<", ">", "\\le", "\\ge", "\\times")) and not row.startswith("\\left") else row


def _label(step: StepRecord, citations: Citations) -> str:
    """The rule's name in words, unless the reason begins with it, and the reason."""
    rule, reason = prose(step.rule.replace("_", " ")), _reason(step, citations)
    return reason if reason.lower().startswith(rule.lower()) else f"\\textsl{{{rule}}}: {reason}"


def _reason(step: StepRecord, citations: Citations) -> str:
    reason = sentence(step.because)
    return f"{reason} {citations.aside(step.source)}" if step.source else reason
