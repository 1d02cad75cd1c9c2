"""The report as one page of HTML that loads nothing: formulas as MathML, figures and the graph as SVG, links between claims."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from lemmata.reports.graph_picture import COLOURS, reasons, svg
from lemmata.reports.latex import Figure, content
from lemmata.reports.markup import markup
from lemmata.reports.mathml import mathml
from lemmata.reports.prose import prose
from lemmata.theory.printing.layout import break_lines
from lemmata.theory.printing.width import width
from lemmata.verify.record import Record

if TYPE_CHECKING:
    import jinja2

WIDEST = 50.0
"""Em beyond which a formula is broken into rows; what is wider than a narrow screen scrolls there by itself."""


def page(records: Sequence[Record], *, figures: Sequence[Figure] = (), notes: Sequence[str] = ()) -> str:
    """The whole page; it says what the LaTeX document says, in the same order."""
    said = content(records, notes)
    numbers = _numbers(said["topics"])
    environment = _environment()
    return environment.get_template("report.html.j2").render(
        **said,
        text=lambda fragment: markup(fragment, numbers),
        rows=_rows,
        chain=_chain,
        figures=[(figure.name, _embedded(figure.svg), figure.caption) for figure in figures if figure.svg],
        svg=svg,
        reasons=reasons(),
        prose=prose,
        numbers=numbers,
        colours={verdict.value: "#" + "".join(f"{part:02x}" for part in colour) for verdict, colour in COLOURS.items()},
    )


def _numbers(topics: Sequence[Any]) -> Mapping[str, str]:
    """The number of each claim, in the order of the page."""
    labels = [claim.label for group in topics for claim in group.claims]
    return {label: str(number) for number, label in enumerate(labels, start=1)}


def _rows(formula: str) -> list[str]:
    """A formula as display rows of MathML."""
    rows = [formula] if width(formula) <= WIDEST else break_lines(formula, WIDEST)
    return [mathml(row, display=True) for row in rows]


def _chain(link: str, formula: str) -> list[str]:
    """The result of a step, led by its sign."""
    first, *more = _parts(formula)
    return [mathml(f"{link} {first}" if link else first, display=True), *(mathml(f"\\quad {row}", display=True) for row in more)]


def _parts(formula: str) -> list[str]:
    return [formula] if width(formula) <= WIDEST else break_lines(formula, WIDEST)


def _embedded(picture: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(picture).decode("ascii")


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("lemmata.reports", "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # every text goes through `markup`, which escapes
    )
