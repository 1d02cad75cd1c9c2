"""The report as a page: well formed, loads nothing, every link leads somewhere, and it says what the document says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from lemmata.reports.commands import report
from lemmata.reports.figures import draw_figures
from lemmata.reports.html import page
from lemmata.reports.markup import markup
from lemmata.reports.mathml import mathml
from lemmata.reports.store import Stored, write_document

from . import samples

EMPTY = frozenset(["meta", "br", "wbr", "img", "link", "hr", "input"])


class Reader(HTMLParser):
    """Reads a page: elements that are closed out of turn, anchors, links, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.anchors += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if tag == "a" else []
        self.loads += [given[key] for key in ("src", "srcset", "data") if key in given]
        self.loads += [given["href"]] if tag == "link" else []
        self.faults += ["script"] if tag == "script" else []
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY and (not self.open or self.open.pop() != tag):
            self.faults.append(f"{tag} is closed out of turn at {self.getpos()}")


def test_the_page_is_well_formed_and_loads_nothing() -> None:
    figures, _ = draw_figures(samples.FIGURE_DATA)
    text = page([*samples.all_records(), *samples.of_four_sources()], figures=figures, notes=["a_note & more"])
    read = Reader(text)
    assert not read.faults and not read.open
    assert len(read.anchors) == len(set(read.anchors))
    assert {link.removeprefix("#") for link in read.links} <= set(read.anchors)
    assert read.loads and all(loaded.startswith("data:image/svg+xml;base64,") for loaded in read.loads)
    assert not re.search(r"@import|url\(", text)
    assert 'name="viewport"' in text


def test_a_fault_would_be_seen() -> None:
    assert Reader("<p><em></p>").faults and Reader('<img src="x">').loads == ["x"] and Reader("<script></script>").faults


def test_no_latex_is_left_on_the_page() -> None:
    text = page([*samples.all_records(), *samples.of_four_sources()])
    words = re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", text, flags=re.DOTALL))
    assert not re.findall(r"\\[A-Za-z]+|\$", words)
    assert "claim-1" in text and "?</a>" not in text


def test_it_says_what_the_document_says() -> None:
    text = page([*samples.all_records(), *samples.of_four_sources()])
    for said in (
        "Errata of the sources",
        "Sharper than in the sources",
        "row by row",
        'class="graph"',
        "Price",
        "No claim states it as printed",
    ):
        assert said in text
    order = [
        text.index(f'id="{name}"') for name in ("reading", "sources", "graph", "errata", "sharper", "rows", "topic-1", "claims", "run")
    ]
    assert order == sorted(order)


def test_a_report_on_a_few_claims_has_no_chapters() -> None:
    text = page(samples.all_records())
    assert "Errata" not in text and 'id="claim-1"' in text


@pytest.mark.parametrize(
    ("fragment", "shown"),
    [
        (r"50\% of a\_b \& c", "50% of a_b &amp; c"),
        (r"a < b -- \textbf{c} --- ``d''", "a &lt; b – <strong>c</strong> — “d”"),
        (r"\hyperref[claim-1]{\texttt{a-\allowbreak{}b}}", '<a href="#claim-1"><code>a-<wbr>b</code></a>'),
        (r"\ref{claim-7}", '<a href="#claim-7">3</a>'),
        (r"\citet[{eq. (6)}]{cho-saul-2009}", '<a href="#work-cho-saul-2009">Cho and Saul</a> (2009, eq. (6))'),
        (r"{\raggedright x}", "x"),
        (r"Erd\H{o}s and \'{e}t\'e", "Erdo\u030bs and e\u0301te\u0301"),
        (r"\verdict{proved}", '<span class="verdict proved">proved</span>'),
    ],
)
def test_fragments(fragment: str, shown: str) -> None:
    assert markup(fragment, {"claim-7": "3"}) == shown


@pytest.mark.parametrize("formula", [samples.KERNEL, samples.CLOSED, r"\fit{x}", r"\begin{psmallmatrix} 1 & 2 \\ 3 & 4 \end{psmallmatrix}"])
def test_formulas_are_mathml(formula: str) -> None:
    element = ElementTree.fromstring(mathml(formula).replace("&", "&amp;"))
    assert element.tag == "math" and len(element)


def test_a_formula_that_cannot_be_read_is_shown_as_it_stands() -> None:
    assert mathml(r"\frac{1}{2}^3^4 <") == r"<code>\frac{1}{2}^3^4 &lt;</code>"


def test_the_command_writes_one_file(tmp_path: Path) -> None:
    source, target = tmp_path / "run.json", tmp_path / "out.html"
    write_document(str(source), Stored((samples.certified(),)))
    shown = CliRunner().invoke(report, ["--from", str(source), "--output", str(target)], standalone_mode=False)
    assert shown.exception is None and shown.return_value == 0 and f"wrote {target}" in shown.output
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.html", "run.json"]
