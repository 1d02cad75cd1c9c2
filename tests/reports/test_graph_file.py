"""The graph of rows as a file of its own: which forms it has, what stands on it, and what cannot be drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lemmata.reports.graph_file import write_graph
from lemmata.verify import catalogue
from lemmata.verify.catalogue import Entry
from lemmata.verify.commands_look import list_claims
from lemmata.verify.discover import ClaimRef
from lemmata.verify.options import Mistake


def entry(name: str, about: str, uses: tuple[str, ...] = ()) -> Entry:
    return Entry(ClaimRef("file.py", name), 1, "topic", "1 = 1", about=about, uses=tuple(ClaimRef("file.py", used) for used in uses))


ENTRIES = (entry("lemma", "The lemma (row Y.11)."), entry("bound", "The bound (row Y.10).", ("lemma",)))


@pytest.mark.parametrize(("suffix", "begins"), [(".svg", b"<?xml"), (".pdf", b"%PDF"), (".png", b"\x89PNG"), (".PNG", b"\x89PNG")])
def test_each_form_is_written(tmp_path: Path, suffix: str, begins: bytes) -> None:
    file = tmp_path / f"graph{suffix}"
    assert write_graph(str(file), ENTRIES, {}, {"Y.10", "Y.11"}) == f"wrote {file}: 2 rows and 1 links"
    assert file.read_bytes().startswith(begins)


def test_all_rows_stand_on_it_in_letters(tmp_path: Path) -> None:
    file = tmp_path / "graph.svg"
    assert "and 102 links" in write_graph(str(file), ENTRIES, {"lemma": "proved"}, None)
    drawn = file.read_text(encoding="utf-8")
    assert all(f">{word}<" in drawn for word in ("Y.10", "descent bound", "S.22", "Funk-Hecke"))


def test_colours_are_those_of_the_weakest_verdict(tmp_path: Path) -> None:
    file = tmp_path / "graph.svg"
    write_graph(str(file), ENTRIES, {"lemma": "proved", "bound": "refuted"}, {"Y.10", "Y.11"})
    before, _, nodes = file.read_text(encoding="utf-8").partition(">Y.10<")
    assert "#b91919" in before and nodes


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    for suffix in (".svg", ".pdf", ".png"):
        one, other = (tmp_path / f"{name}{suffix}" for name in ("one", "other"))
        for file in (one, other):
            write_graph(str(file), ENTRIES, {}, {"Y.10", "Y.11"})
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("file", "wanted", "says"),
    [
        ("graph.jpg", None, "a picture of the graph is a .svg, a .pdf or a .png"),
        ("graph", None, "name one of these"),
        ("graph.svg", {"C.3"}, "none of these rows rests on another"),
        ("missing/graph.svg", None, "No such file or directory; name another place"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(tmp_path: Path, file: str, wanted: set[str] | None, says: str) -> None:
    with pytest.raises(Mistake, match=says):
        write_graph(str(tmp_path / file), ENTRIES, {}, wanted)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--output", "graph.svg"], "--output goes with --graph"),
        (["--graph", "--output", "graph.svg", "--dot", "graph.dot"], "ask for one of them"),
    ],
)
def test_the_command_says_what_goes_together(arguments: list[str], says: str) -> None:
    with pytest.raises(Mistake, match=says):
        CliRunner().invoke(list_claims, arguments, standalone_mode=False, catch_exceptions=False)


def test_the_command_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "survey_register", lambda: catalogue.Catalogue(ENTRIES, ()))
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(list_claims, ["--graph", "Y.12", "--output", "graph.svg"], standalone_mode=False)
    assert shown.return_value == 0 and "wrote graph.svg: 3 rows and 2 links" in shown.output
    assert (tmp_path / "graph.svg").stat().st_size > 0
