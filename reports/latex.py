"""The document: records, figures and works put into the LaTeX templates.

Everything comes from plain data (records as JSON, figures as files), so a report is rebuilt years later without
running anything and without Torch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from lemmata.reports.bibliography import Citations
from lemmata.reports.chapters import chapters
from lemmata.reports.exact import number
from lemmata.reports.graph_picture import reasons, tikz, tool_name
from lemmata.reports.prose import prose
from lemmata.reports.views import TopicView, misprint, topics_of
from lemmata.theory.printing.notation import escape
from lemmata.verify.evidence import Outcome, Rigour, Road, Verdict
from lemmata.verify.record import Record

if TYPE_CHECKING:
    import jinja2

READING = (
    (Verdict.PROVED, "the derivation reaches the stated side, every step checked exactly, and the measurements agree."),
    (Verdict.CERTIFIED, "rigorous enclosures cover the whole domain, or there is no free symbol and one enclosure decides."),
    (Verdict.SUPPORTED, "both sides agree at points or in statistics; the smallest error that would have been caught is given."),
    (Verdict.REFUTED, "the two sides differ at a named, exact point, beyond every error of the measurement."),
    (Verdict.INCONCLUSIVE, "nothing looked, or not well enough; the reason is given. Inconclusive is never a pass."),
)


_RUN_ROWS = (("budget", "Budget"), ("seed", "Seed"), ("device", "Device"), ("alpha", "Error rate of the run"), ("python", "Python"))


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn figure: its file's name, its content as PDF, what stands below it (LaTeX), and the same picture as SVG."""

    name: str
    content: bytes
    caption: str
    svg: bytes = b""


def document(records: Sequence[Record], *, figures: Sequence[Figure] = (), notes: Sequence[str] = ()) -> str:
    """The LaTeX of a report; `notes` are sentences for its end (a figure that could not be drawn, and why)."""
    captions = tuple((figure.name, figure.caption) for figure in figures)
    return (
        _environment()
        .get_template("report.tex.j2")
        .render(**content(records, notes), figures=captions, tikz=tikz, reasons=reasons(), prose=prose)
    )


def content(records: Sequence[Record], notes: Sequence[str] = ()) -> dict[str, Any]:
    """What a report says, by the names that templates know it by, every text LaTeX: the same on paper and on a screen."""
    citations = Citations()
    topics = topics_of(records, citations)
    views = {record.name: view for record, view in zip(_in_order(topics, records), _claims(topics), strict=True)}
    said = chapters(records, views)
    tools = _tools(records, citations)
    return {
        "topics": topics,
        "summary": _summary(records),
        "overview": _overview(topics, records),
        "chapters": said,
        "reading": [(verdict.value, text) for verdict, text in READING],
        "run": _run(records),
        "tools": tools,
        "notes": [prose(note) for note in notes],
        "works": citations.works(),
    }


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lemmata.reports", "templates"),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
    )
    environment.filters["tool_name"] = tool_name
    return environment


def _summary(records: Sequence[Record]) -> str:
    """One paragraph: how many claims, how they ended, what was not as expected."""
    count = Counter(record.verdict for record in records if record.expect is None)
    wrong = [record for record in records if record.expect == "refuted"]
    misprints = [record for record in wrong if misprint(record)]
    unexpected = [record for record in records if not record.as_expected]
    told = [f"{count[verdict]} {verdict.value}" for verdict in Verdict if count[verdict]]
    parts = [f"This report holds {_counted(len(records), 'claim')}."]
    if told:
        parts.append(f"Of {_counted(sum(count.values()), 'statement')} held to be true, {_listed(told)}.")
    if misprints:
        right = sum(record.as_expected for record in misprints)
        verb = "is" if len(misprints) == 1 else "are"
        parts.append(
            f"{_counted(len(misprints), 'statement')} {verb} known to be misprinted in {'its' if len(misprints) == 1 else 'their'} "
            f"source and kept beside the corrected form; {right} of {len(misprints)} {'was' if right == 1 else 'were'} refuted."
        )
    if others := len(wrong) - len(misprints):
        right = sum(record.as_expected for record in wrong if not misprint(record))
        parts.append(f"{_counted(others, 'statement')} {'is' if others == 1 else 'are'} expected to fail; {right} of {others} did.")
    if unexpected:
        parts.append(f"{_counted(len(unexpected), 'claim')} did not come out as expected.")
    elif records:
        parts.append("Every claim came out as expected.")
    return " ".join(parts)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _overview(topics: Sequence[TopicView], records: Sequence[Record]) -> list[dict[str, Any]]:
    """The rows of the table of claims, topic by topic."""
    expected = {record.name: record.as_expected for record in records}
    names = {view.label: record.name for record, view in zip(_in_order(topics, records), _claims(topics), strict=True)}
    return [{"title": group.title, "claims": [(view, expected[names[view.label]]) for view in group.claims]} for group in topics]


def _claims(topics: Sequence[TopicView]) -> list[Any]:
    return [claim for group in topics for claim in group.claims]


def _in_order(topics: Sequence[TopicView], records: Sequence[Record]) -> list[Record]:
    by_label = {f"claim-{index}": record for index, record in enumerate(records, start=1)}
    return [by_label[claim.label] for claim in _claims(topics)]


def _run(records: Sequence[Record]) -> list[tuple[str, str]]:
    """The environment of the run as pairs; a value that differs between records lists all of them."""
    rows: list[tuple[str, str]] = []
    for key, title in (
        ("budget", "Budget"),
        ("seed", "Seed"),
        ("device", "Device"),
        ("alpha", "Error rate of the run"),
        ("python", "Python"),
    ):
        values = list(dict.fromkeys(str(record.environment[key]) for record in records if key in record.environment))
        if values:
            rows.append((title, ", ".join(f"${number(item)}$" if key == "alpha" else escape(item) for item in values)))
    versions: dict[str, dict[str, None]] = {}
    for record in records:
        for package, version in dict(record.environment.get("versions") or {}).items():
            versions.setdefault(package, {})[str(version)] = None
    if versions:
        rows.append(("Versions", ", ".join(f"{escape(name)} {escape('/'.join(found))}" for name, found in versions.items())))
    rows.append(("Time", f"{sum(record.seconds for record in records):.1f} s, summed over the claims"))
    return rows


def _tools(records: Sequence[Record], citations: Citations) -> str:
    """The software that the evidence rests on, cited."""
    evidence = [item for record in records for item in record.evidence]
    phrases = []
    if any(record.derivation for record in records) or any(item.road is Road.DERIVED for item in evidence):
        phrases.append(f"derivations are made with SymPy {citations.aside('sympy')}")
    if any(item.rigour is Rigour.RIGOROUS and item.outcome is not Outcome.REFUSED for item in evidence):
        phrases.append(f"enclosures are computed with Arb {citations.aside('arb')}")
    if any(item.rigour is Rigour.STATISTICAL for item in evidence):
        phrases.append(f"samples are drawn with PyTorch {citations.aside('pytorch')}")
    if not phrases:
        return ""
    text = _listed(phrases)
    return text[0].upper() + text[1:] + "."


def files_of(figures: Sequence[Figure]) -> Mapping[str, bytes]:
    """The files that the document includes."""
    return {f"{figure.name}.pdf": figure.content for figure in figures}
