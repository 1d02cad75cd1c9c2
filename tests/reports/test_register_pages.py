"""The register on paper: every statement with its setting and source, unjudged, fits the page in the field's notation."""

from __future__ import annotations

import re
from functools import cache

import pytest

from lemmata.reports.latex import document
from lemmata.reports.pdf import compile_tex, has_tex
from lemmata.verify.discover import register
from lemmata.verify.evidence import Verdict
from lemmata.verify.record import Record
from lemmata.verify.recording import stated


@cache
def records() -> tuple[Record, ...]:
    return tuple(Record(verdict=Verdict.INCONCLUSIVE, because="not judged here", **stated(claim)) for claim in register())


@pytest.mark.skipif(not has_tex(), reason="pdflatex is not installed on this machine")
def test_the_statements_of_the_register_fit_the_page() -> None:
    compiled = compile_tex(document(records()), {})
    assert compiled.overfull == ()
    assert compiled.undefined == ()


@pytest.mark.parametrize("record", records(), ids=lambda record: record.name)
def test_a_statement_is_in_the_notation_of_the_field(record: Record) -> None:
    for formula in (record.statement, *record.given):
        bare = re.sub(r"\\(?:begin|end)\{\w+\}(?:\{\w+\})?", "", formula)
        for _ in range(2):  # upright words may hold upright words
            bare = re.sub(r"\\(?:operatorname|text|mathrm)\{[^{}]*\}", "", bare)
        assert not re.search(r"(?<![\\A-Za-z])[A-Za-z]{3,}(?![A-Za-z])", re.sub(r"\\[A-Za-z]+", " ", bare)), formula
        for raw in ("operatorname{acos}", "operatorname{asin}", "_{star}", "^{T}", "\\limits", "\\_"):
            assert raw not in formula
        assert formula.count("{") == formula.count("}")
        assert formula.count(r"\left") - formula.count(r"\leftarrow") == formula.count(r"\right") - formula.count(r"\rightarrow")
