"""Which theorem rests on which: every edge is there, carried or explained, without circles, and readable on a terminal."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

from lemmata.verify.catalogue import Entry, survey_register
from lemmata.verify.commands_look import list_claims
from lemmata.verify.discover import ClaimRef
from lemmata.verify.evidence import Verdict
from lemmata.verify.graph import dot, forest, reached
from lemmata.verify.options import Mistake
from lemmata.verify.rows import dependencies
from lemmata.verify.rows.coverage import ROWS
from lemmata.verify.rows.dependencies import KIN, RESTS_ON, TOOLS, circle, edges, faults
from lemmata.verify.rows.standing import standing_of

AUDIT = """
Price > D.7, D.14, Y.68, Y.72, Y.75, Y.76
D.7 > D.3, D.10, D.11, D.16, C.12, Y.67, Y.74, Y.28
k_1 series > C.12
C.12 > C.10, C.14, C.17, C.18, C.19
k_1 series > Y.74, D.16, D.10
Funk-Hecke > D.2, D.3, D.11, C.12, C.14
D.1, D.6 > D.9
C.1 > C.8
C.8 > C.5, C.9
C.9 > C.17, C.18
C.13, C.14 > C.18
Y.11 > Y.10
Y.10 > Y.12, Y.13, Y.50
Y.19 > Y.20, Y.21, Y.4, Y.14
Y.7 > Y.60
Y.60 > Y.44, Y.61, Y.62, Y.77
Y.77 > Y.78
Y.78 > Y.80
Y.72 > Y.79, Y.80
Y.44 > Y.45, Y.46, Y.47, Y.51
Y.47 > Y.48
Y.48 > Y.49
Y.49 > Y.50
Y.56 > Y.53
Y.54 > Y.56
Y.41, Y.42, Y.43 > Y.40
Y.65 > Y.66
Y.66 > Y.67, Y.68, Y.69
Y.70 > Y.71
Y.71 > Y.72, Y.73, Y.74, Y.76
Y.68 > Y.75
Y.27 > Y.28, Y.29, Y.30
Y.28, Y.29, Y.30 > Y.32
Y.32 > Y.33, Y.34, Y.35
S.3 > S.9, S.15, S.18, S.20, S.22
S.12 > S.13, S.14, S.16
S.16 > S.15, S.18, S.20, S.22
S.23 > S.22
S.6, S.7, S.8, S.9 > S.5
"""
"""Every dependency that the audit on paper found: lemmas before the mark, what rests on them after it."""


def found_on_paper() -> set[tuple[str, str]]:
    lines = (line.split(" > ") for line in AUDIT.strip().splitlines())
    return {(upper, lower) for lowers, uppers in lines for upper, lower in product(uppers.split(", "), lowers.split(", "))}


def entry(name: str, about: str = "", uses: tuple[str, ...] = (), expect: str | None = None, topic: str = "topic") -> Entry:
    return Entry(ClaimRef("file.py", name), 1, topic, "1 = 1", about=about, expect=expect, uses=tuple(ClaimRef("file.py", u) for u in uses))


def test_the_edges_are_those_that_the_audit_found() -> None:
    assert set(edges()) == found_on_paper()


def test_every_edge_is_carried_by_claims_or_says_why_not() -> None:
    assert not list(faults(survey_register().entries))


def test_nothing_rests_on_itself() -> None:
    assert circle({upper: list(below) for upper, below in RESTS_ON.items()}) == []
    assert circle({entry.name: [used.name for used in entry.uses] for entry in survey_register().entries}) == []


def test_a_circle_is_found_wherever_one_enters_it() -> None:
    assert circle({"start": ["a"], "a": ["b"], "b": ["a"]}) == ["a", "b", "a"]


def test_kindred_rows_and_tools_exist() -> None:
    names = {row.name for row in ROWS}
    assert {name for kin in KIN for name in kin} <= names
    assert not names & {tool.name for tool in TOOLS}


@pytest.mark.parametrize(
    ("uses", "reason", "says"),
    [
        ((), "", "no claim of Y.10 uses one of Y.11"),
        (("below",), "because", "still says why no claim carries it"),
        (("below",), "", ""),
        ((), "because", ""),
    ],
)
def test_each_fault_is_seen(monkeypatch: pytest.MonkeyPatch, uses: tuple[str, ...], reason: str, says: str) -> None:
    monkeypatch.setattr(dependencies, "RESTS_ON", {"Y.10": {"Y.11": reason}})
    found = list(faults([entry("above", "A bound (row Y.10).", uses), entry("below", "A lemma (row Y.11).")]))
    assert [says] == [says] * len(found) + [""] * (not found) and all(says in fault for fault in found)


def test_an_edge_to_nowhere_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "RESTS_ON", {"Y.10": {"Y.81": ""}})
    assert any("names Y.81, which is no row" in fault for fault in faults([]))


def test_a_claim_that_is_known_to_be_wrong_carries_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "RESTS_ON", {"Y.10": {"Y.11": ""}})
    entries = [
        entry("above", "A bound (row Y.10)."),
        entry("wrong", "As printed (row Y.10).", ("below",), "refuted"),
        entry("below", "(row Y.11)"),
    ]
    assert any("no claim of Y.10 uses one of Y.11" in fault for fault in faults(entries))


def test_a_tree_shows_what_has_been_shown_once() -> None:
    claims = [entry("root", uses=("middle",)), entry("other", uses=("middle",)), entry("middle", uses=("leaf",)), entry("leaf")]
    lines = [(line.depth, line.entry.name, line.again) for line in forest(claims, claims)]
    assert lines == [(0, "root", False), (1, "middle", False), (2, "leaf", False), (0, "other", False), (1, "middle", True)]


def test_a_row_is_as_strong_as_the_weakest_claim_that_is_held_true() -> None:
    claims = [entry("a"), entry("b"), entry("c-printed", expect="refuted")]
    found = standing_of(claims, {"a": "proved", "b": "supported", "c-printed": "refuted"})
    assert found.weakest is Verdict.SUPPORTED
    assert found.told == "supported (1 proved, 1 supported); as printed refuted"
    assert standing_of(claims, {"a": "proved", "c-printed": "refuted"}).word == "not judged"
    assert standing_of(claims, {"a": "proved", "b": "inconclusive", "c-printed": "refuted"}).word == "inconclusive"
    assert standing_of(claims[2:], {"c-printed": "refuted"}).told == "refuted as printed"
    assert standing_of((), {}).told == "no claim"


def test_a_row_brings_all_below_it() -> None:
    assert reached(["S.22"]) == {"S.22", "S.3", "S.16", "S.12", "S.23"}


def told(*arguments: str) -> str:
    shown = CliRunner(env={"COLUMNS": "80"}).invoke(list_claims, ["--graph", *arguments], standalone_mode=False)
    assert shown.exception is None and shown.return_value == 0
    return shown.output


def test_the_command_draws_rows_and_trees_in_80_columns(tmp_path: Path) -> None:
    document = tmp_path / "run.json"
    document.write_text(json.dumps({"claims": [{"name": "relu-kernel", "verdict": "proved"}]}))
    text = told("--verdicts", str(document))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert re.search(r"rests on Y\.11 \(not judged\) by\s+descent-bound-quadratic", text)
    assert "  not judged   relu-kernel-angle" in text and "    proved       relu-kernel" in text
    assert f"{len(ROWS)} rows" in text


def test_a_row_or_a_topic_narrows_it() -> None:
    rows = told("Y.12")
    assert "3 rows" in rows and "Y.11" in rows and "claims" not in rows.splitlines()[-2]
    topic = told("satisfiability")
    assert "three-sat-every-set-of-clauses" in topic and "rows" not in topic


def test_graphviz_gets_the_same_graph(tmp_path: Path) -> None:
    file = tmp_path / "rows.dot"
    assert f"wrote {file}" in told("Y.12", "--dot", str(file))
    text = file.read_text()
    assert '"Y.11" -> "Y.10";' in text and '"Y.10" -> "Y.12";' in text and "S.5" not in text
    assert dot([], {}, {"Y.11"}).count("->") == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--graph", "Y.99"], "rows are named like Y.66"),
        (["--graph", "--rows"], "ask for one of them"),
        (["--dot", "x.dot"], "--dot goes with --graph"),
        (["--verdicts", "x.json"], "--verdicts goes with --rows or --graph"),
        (["--graph", "--dot", "/nowhere/x.dot"], "there is no folder"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], says: str) -> None:
    shown = CliRunner().invoke(list_claims, arguments, standalone_mode=False)
    assert isinstance(shown.exception, Mistake) and says in str(shown.exception) and "\n" not in str(shown.exception)
