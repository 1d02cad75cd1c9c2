"""Records as the templates see them: every field LaTeX already, formulas broken into rows that fit the page."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lemmata.reports.bibliography import Citations
from lemmata.reports.evidence_table import Table, figure, full_place, table_of
from lemmata.reports.notes import granted
from lemmata.reports.prose import prose, sentence
from lemmata.theory.printing.layout import break_lines
from lemmata.theory.printing.notation import escape
from lemmata.theory.printing.width import width
from lemmata.verify.evidence import Verdict
from lemmata.verify.record import Record, StepRecord
from lemmata.verify.show import power

LONGEST_INLINE = 24.0
"""Em beyond which a hypothesis is set as one box, which shrinks where it is wider than the line."""

TEXT_WIDTH = 39.0
"""Em that a displayed row may take; a row that is wider in spite of this is shrunk by the template's \\fit."""

_ROW = re.compile(r"\s*\(rows? [A-Z]\.\d+[^)]*\)")
"""A reference to a list that the reader does not have."""
_LINKS = {"=": "=", "<=": "\\le", ">=": "\\ge", "->": "\\to"}
_TOPICS = {"relu": "ReLU", "erf": "The erf kernel", "ntk": "NTK", "descent": "Gradient descent", "paths": "Paths between networks"}


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim on paper."""

    label: str
    name: str
    heading: str
    about: str
    given: tuple[str, ...]
    statement: str
    source: str
    uses: tuple[str, ...]
    chains: tuple[str, ...]
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
    """The claims of one file."""

    title: str
    claims: tuple[ClaimView, ...]


def topics_of(records: Sequence[Record], citations: Citations) -> tuple[TopicView, ...]:
    """The records grouped by the file that they come from, in the order in which they come."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(topic(record), []).append(record)
    labels = {record.name: f"claim-{index}" for index, record in enumerate(records, start=1)}
    return tuple(TopicView(title, tuple(claim_view(item, labels, citations) for item in items)) for title, items in groups.items())


def topic(record: Record) -> str:
    """A heading from the name of the claim's file: `linear_networks.py` is 'Linear networks'."""
    stem = os.path.splitext(os.path.basename(record.file))[0]
    if stem in _TOPICS:
        return _TOPICS[stem]
    words = escape(stem.replace("_", " ").strip()) or "Claims"
    return words[0].upper() + words[1:]


def claim_view(record: Record, labels: dict[str, str], citations: Citations) -> ClaimView:
    """Everything a page says about one record."""
    counter = record.counterexample
    return ClaimView(
        label=labels.get(record.name, record.name),
        name=hyphenated(record.name),
        heading="As printed" if _misprint(record) else "Claim",
        about=sentence(_ROW.sub("", record.about)),
        given=tuple(f"${item}$" if width(item) < LONGEST_INLINE else f"\\fitinline{{{item}}}" for item in record.given),
        statement=display("gather*", break_lines(record.statement, TEXT_WIDTH)),
        source=citations.cite(record.source_key, record.source_locus) if record.source_key else "",
        uses=tuple(_reference(name, labels) for name in record.uses),
        chains=tuple(_chains(record.derivation, citations)),
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


def _misprint(record: Record) -> bool:
    """Whether a statement that is expected to fail is one that a source prints."""
    return record.expect == "refuted" and bool(record.source_key)


def _remark(record: Record) -> str:
    """What the verdict means against what the claim's author expected."""
    if record.expect == "refuted":
        if record.verdict is Verdict.REFUTED:
            return "as printed, refuted: a misprint of its source, kept as such" if _misprint(record) else "as expected"
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


def _chains(steps: Sequence[StepRecord], citations: Citations) -> list[str]:
    """Consecutive steps joined into aligned chains: a step that does not begin where the last one ended starts a new one."""
    chains: list[list[StepRecord]] = []
    for step in steps:
        if not chains or step.before != chains[-1][-1].after:
            chains.append([])
        chains[-1].append(step)
    return [_chain(part, citations) for part in chains]


def _chain(steps: Sequence[StepRecord], citations: Citations) -> str:
    """The first expression, then for each step its reason and the rows of its result, led by its link."""
    blocks = [_rows(break_lines(steps[0].before, TEXT_WIDTH))]
    for step in steps:
        first, *more = break_lines(step.after, TEXT_WIDTH - 2.0)
        rows = [f"{{}} {_LINKS.get(step.link, step.link)} {first}", *(f"\\quad {_spaced(row)}" for row in more)]
        rule, reason = prose(step.rule.replace("_", " ")), _reason(step, citations)
        label = "" if reason.lower().startswith(rule.lower()) else f"\\textsl{{{rule}}}: "
        blocks.append(f"\\intertext{{\\step{{{label}{reason}}}}}\n{_rows(rows)}")
    return "\\begin{align*}\n" + "\n".join(blocks) + "\n\\end{align*}"


def _rows(rows: Sequence[str]) -> str:
    return "\\\\\n".join(f"&\\fit{{{_spaced(row)}}}" for row in rows)


def _spaced(row: str) -> str:
    """A row whose leading sign is set as a binary one."""
    return f"{{}}{row}" if row.startswith(("+", "-", "=", "<", ">", "\\le", "\\ge", "\\times")) and not row.startswith("\\left") else row


def _reason(step: StepRecord, citations: Citations) -> str:
    reason = sentence(step.because)
    return f"{reason} {citations.aside(step.source)}" if step.source else reason
