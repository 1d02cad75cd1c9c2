"""`lemmata report`: where it writes, what it refuses before any work, and the records it can be rebuilt from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lemmata.reports.pdf import TeXFailed, has_tex
from lemmata.reports.store import Stored, to_json
from lemmata.verify.cli import main

from . import samples

needs_tex = pytest.mark.skipif(not has_tex(), reason="pdflatex is not installed on this machine")

CLAIMS = """
from sympy import Eq, Symbol, cos, sin
from lemmata.verify import Claim

x = Symbol("x", real=True)
pythagoras = Claim("pythagoras", Eq(sin(x)**2 + cos(x)**2, 1), about="The circle.", source="Euclid, book I, proposition 47")
"""


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.json"
    path.write_text(to_json(Stored(tuple(samples.all_records()), samples.FIGURE_DATA)), encoding="utf-8")
    return path


def run(*args: object) -> int:
    return main(["report", *map(str, args)])


def test_a_tex_file_with_its_figures(tmp_path: Path, records: Path) -> None:
    status = run("--from", records, "--output", tmp_path / "theorems.tex")
    assert status == 1  # one of the records is inconclusive
    assert r"\begin{claim}" in (tmp_path / "theorems.tex").read_text(encoding="utf-8")
    assert (tmp_path / "path-variance.pdf").read_bytes().startswith(b"%PDF")


@needs_tex
def test_a_folder_gets_everything(tmp_path: Path, records: Path) -> None:
    folder = tmp_path / "out"
    run("--from", records, "--output", f"{folder}/")
    assert {path.name for path in folder.iterdir()} >= {"report.pdf", "report.tex", "report.json", "correlation-map.pdf"}
    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["claims"][0]["name"] == "relu-kernel"


def test_a_report_from_its_own_json_is_the_same(tmp_path: Path, records: Path) -> None:
    run("--from", records, "--output", tmp_path / "a.tex", "--json", tmp_path / "again.json")
    run("--from", tmp_path / "again.json", "--output", tmp_path / "b.tex")
    assert (tmp_path / "a.tex").read_bytes() == (tmp_path / "b.tex").read_bytes()


def test_without_tex_the_tex_file_is_written(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    run("--from", records, "--output", tmp_path / "report.pdf")
    assert not (tmp_path / "report.pdf").exists()
    assert (tmp_path / "report.tex").exists()
    error = capsys.readouterr().err
    assert "texlive-latex-base texlive-pictures" in error
    assert "report.tex was written instead" in error


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("{tmp}/none/report.pdf", "there is no folder"),
        ("{tmp}/report.odt", "a report is a .pdf, a .html, a .tex or a folder"),
        ("{tmp}/records.json/", "it is a file, not a folder"),
        ("/proc/report.pdf", "cannot write /proc/report.pdf"),
        ("/proc/", "cannot write /proc/"),
    ],
)
def test_a_place_that_cannot_be_written_is_one_line(
    tmp_path: Path, records: Path, output: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--from", records, "--output", output.format(tmp=tmp_path)) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read"),
        ("not json", "is not JSON"),
        ("{}", "holds no claims"),
        ('{"schema": 99, "claims": []}', "has schema 99"),
        ('{"schema": 1, "claims": {}}', "holds no claims"),
        ('{"claims": []}', "has schema None"),
        ('{"schema": 1, "claims": [{"name": "x"}]}', "holds a claim that cannot be read (x: the key 'verdict' is missing)"),
        ('{"schema": 1, "claims": [7]}', "holds a claim that cannot be read (1: a record is an object with keys, not int)"),
        ('{"schema": 1, "claims": [], "figures": [1]}', "figures is list, not dict"),
        ('{"schema": 1, "claims": [', "is not JSON"),
        ('{"lemmata records": 1, "conditions": {}}\n{"file": "a.py"}\n', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_file_that_is_no_record_is_one_line(
    tmp_path: Path, content: str | None, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert run("--from", path, "--output", tmp_path / "report.tex") == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_from_takes_no_selection(tmp_path: Path, records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("relu-*", "--from", records, "--output", tmp_path / "report.tex") == 2
    assert "leave out the selection" in capsys.readouterr().err


def test_claims_of_a_file_are_judged_and_reported(tmp_path: Path) -> None:
    file = tmp_path / "circle_claims.py"
    file.write_text(CLAIMS, encoding="utf-8")
    assert run(file, "--output", tmp_path / "circle.tex", "--json", tmp_path / "circle.json", "--jobs", 1) == 0
    tex = (tmp_path / "circle.tex").read_text(encoding="utf-8")
    assert r"\sin^{2}(x) + \cos^{2}(x) = 1" in tex
    assert "Euclid, book I, proposition 47" in tex
    stored = json.loads((tmp_path / "circle.json").read_text(encoding="utf-8"))
    assert [claim["name"] for claim in stored["claims"]] == ["pythagoras"]


def test_a_selection_that_matches_nothing_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("no-such-claim", "--output", tmp_path / "report.tex", "--jobs", 1) == 2
    assert "no claim or topic matches 'no-such-claim'" in capsys.readouterr().err


def test_a_document_that_tex_refuses_is_a_fault(
    tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise TeXFailed("pdflatex failed: Undefined control sequence.")

    monkeypatch.setattr("lemmata.reports.output.compile_tex", refuse)
    assert run("--from", records, "--output", tmp_path / "report.pdf") == 2
    assert "Undefined control sequence" in capsys.readouterr().err
    assert (tmp_path / "report.tex").exists()
