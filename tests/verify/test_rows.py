"""The rows of the founding sources: each has claims or a reason, and the table says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from lemmata.verify.catalogue import Entry, survey_register
from lemmata.verify.commands_look import list_claims
from lemmata.verify.discover import ClaimRef
from lemmata.verify.rows.coverage import ROWS, coverage, faults
from lemmata.verify.rows.row import Audit, rows_named
from lemmata.verify.rows.verdicts import NoVerdicts, verdicts_of


def entry(about: str, expect: str | None = None) -> Entry:
    return Entry(ClaimRef("file.py", "name"), 1, "topic", "1 = 1", about=about, expect=expect)


def test_there_are_145_rows_in_four_sources() -> None:
    names = [row.name for row in ROWS]
    want = [f"{letter}.{number}" for letter, numbers in COUNTS.items() for number in numbers]
    assert names == want and len(names) == 145


COUNTS = {"D": range(19), "C": range(1, 23), "Y": range(1, 81), "S": range(1, 25)}


def test_each_row_says_something_of_its_own() -> None:
    assert len({row.statement for row in ROWS}) == len(ROWS)
    assert all(row.statement.endswith(".") for row in ROWS)


def test_every_row_has_a_claim_or_a_reason() -> None:
    assert not list(faults(survey_register().entries))


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([], "D.7 has neither a claim nor a reason"),
        ([entry("Of no source (row Q.3).")], "speaks for the row Q.3, which does not exist"),
        ([entry("A definition after all (row S.1).")], "S.1 has claims (name) and still a reason"),
        ([entry("As corrected (row D.14).")], "D.14 is false as printed, but no claim states it as printed"),
    ],
)
def test_each_fault_is_seen(entries: list[Entry], says: str) -> None:
    assert any(says in fault for fault in faults(entries))


def test_a_misprint_with_a_claim_that_is_known_to_be_wrong_is_whole() -> None:
    whole = [entry("Corrected (row D.14)."), entry("As printed (row D.14).", expect="refuted")]
    assert not any("D.14" in fault for fault in faults(whole))


def test_a_row_collects_the_claims_that_name_it() -> None:
    (found,) = [item for item in coverage([entry("Both (rows C.11, C.12).")]) if item.row.name == "C.12"]
    assert [claim.name for claim in found.claims] == ["name"]


def test_mentions_in_brackets_alone_count() -> None:
    assert rows_named("row Y.5 of the table, and (row of W)") == ()


def test_only_false_and_garbled_rows_want_two_claims() -> None:
    assert [audit for audit in Audit if audit.misprinted] == [Audit.FALSE, Audit.GARBLED]


def test_the_command_tells_rows_claims_and_verdicts(tmp_path: Path) -> None:
    document = tmp_path / "run.json"
    document.write_text(json.dumps({"claims": [{"name": "erf-kernel-printed", "verdict": "refuted"}]}))
    shown = CliRunner().invoke(list_claims, ["--rows", "--verdicts", str(document)], standalone_mode=False)
    assert shown.return_value == 0
    assert "D.14" in shown.output and "refuted       erf-kernel-printed  (known to be wrong)" in shown.output
    assert "145 rows" in shown.output and "not judged    erf-kernel" in shown.output


def test_bad_documents_are_errors_of_one_line(tmp_path: Path) -> None:
    there = tmp_path / "other.json"
    there.write_text("[]")
    for path, says in ((there, "holds no verdicts"), (tmp_path / "none.json", "cannot read")):
        with pytest.raises(NoVerdicts, match=says):
            verdicts_of(str(path))


def test_the_reason_goes_where_a_claim_comes() -> None:
    row = next(row for row in ROWS if row.name == "S.1")
    assert row.unclaimed and replace(row, unclaimed="").unclaimed == ""
