"""Data that a claim reads belong to its record: changed data are judged anew, by a run that goes on from its records too."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lemmata.verify import conditions
from lemmata.verify.conditions import file_digest
from lemmata.verify.reading import Reading
from tests.verify.helpers import lemmata

CLAIMS = """
from pathlib import Path
from sympy import Eq, Symbol
from lemmata.verify import Claim

HERE = Path(__file__).parent
x = Symbol("x", real=True)
k = int((HERE / "k.txt").read_text())
try:
    extra = int(open("extra.txt").read())
except FileNotFoundError:
    extra = 0


def late(lhs):
    (HERE / "own.txt").write_text("mine")
    (HERE / "own.txt").read_text()
    assert (HERE / "late.txt").read_text()
    return lhs


early = Claim("early", Eq((x + k + extra) ** 2, x**2 + 2 * x + 1, evaluate=False), source="-")
judged = Claim("judged", Eq((x + 1) ** 2, x**2 + 2 * x + 1, evaluate=False), derivation=late, source="-")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data_claims.py").write_text(CLAIMS)
    (tmp_path / "k.txt").write_text("1")
    (tmp_path / "late.txt").write_text("there")
    return tmp_path


def records(folder: Path) -> dict[str, dict[str, str]]:
    """The sources of the last record of each claim, by the names of files."""
    lines = [json.loads(line) for line in (folder / "r.jsonl").read_text().splitlines()]
    return {line["name"]: {os.path.basename(path): digest for path, digest in line["sources"].items()} for line in lines if "name" in line}


@pytest.fixture
def judged(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[[], tuple[int, int]]:
    """A run that goes on from the records: how many claims it judged, and its exit status."""
    monkeypatch.chdir(folder)

    def run() -> tuple[int, int]:
        before = len((folder / "r.jsonl").read_text().splitlines()) if (folder / "r.jsonl").exists() else 1
        status = lemmata(capfd, "check", "data_claims.py", "--records", "r.jsonl", "--resume", "--jobs", "1").status
        return len((folder / "r.jsonl").read_text().splitlines()) - before, status

    return run


def test_changed_data_are_judged_anew(folder: Path, judged: Callable[[], tuple[int, int]]) -> None:
    assert judged() == (2, 0)
    found = records(folder)
    assert found["early"].keys() == {"data_claims.py", "k.txt", "extra.txt"} and found["early"]["extra.txt"] == ""
    assert found["judged"].keys() == {"data_claims.py", "k.txt", "extra.txt", "late.txt"}, "what the claim writes itself is no source"
    assert judged() == (0, 0), "unchanged data"
    (folder / "late.txt").write_text("changed")
    assert judged() == (1, 0), "read while one claim was judged"
    (folder / "k.txt").write_text("3")
    assert judged() == (2, 1), "read while the file was loaded; now the statement is false"
    (folder / "k.txt").write_text("1")
    (folder / "extra.txt").write_text("1")
    assert judged() == (2, 1), "a file that was not there has come"
    (folder / "extra.txt").unlink()
    assert judged() == (2, 0)
    (folder / "late.txt").unlink()
    assert judged()[0] == 1, "a file that vanished"


def test_reads_are_told_from_writes(tmp_path: Path) -> None:
    reading = Reading(lambda place: False)
    reading.look_beside(str(tmp_path / "claims.py"))
    data, own, moved, device = (tmp_path / "data.bin", tmp_path / "own.bin", tmp_path / "moved.bin", "/dev/null")
    data.write_bytes(b"data")
    own.write_bytes(b"own")
    moved.write_bytes(b"moved")
    for path, mode, flags in (
        (str(data), "rb", 0),
        (os.fsencode(data), None, os.O_RDONLY),
        (3, "rb", 0),
        (device, "r", 0),
        (tmp_path, "r", 0),
    ):
        reading.hook("open", (path, mode, flags))
    reading.hook("open", (str(own), "r", 0))
    reading.hook("open", (str(own), "r+", 0))
    reading.hook("open", (str(moved), None, os.O_RDWR))
    reading.hook("os.rename", (str(own), str(moved), -1, -1))
    reading.hook("open", (str(moved), "r", 0))
    reading.hook("open", ("\0", "r", 0))
    assert reading.found() == ((str(data), file_digest(str(data))),)
    assert reading.news() and not reading.news()


def test_the_hash_is_that_from_before_the_first_reading(tmp_path: Path) -> None:
    reading = Reading(lambda place: False)
    reading.look_beside(str(tmp_path / "claims.py"))
    data = tmp_path / "data.txt"
    data.write_text("first")
    before = file_digest(str(data))
    reading.hook("open", (str(data), "r", 0))
    data.write_text("second")
    reading.hook("open", (str(data), "r", 0))
    assert dict(reading.found())[str(data)] == before != file_digest(str(data))


def test_installed_files_and_temporary_ones_of_others_are_no_data(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("temporary")
    reading = Reading(lambda place: place.endswith("installed.txt"))
    reading.look_beside(str(tmp_path / "claims" / "claims.py"))
    reading.hook("open", (str(other), "r", 0))
    reading.hook("open", (str(tmp_path / "claims" / "installed.txt"), "r", 0))
    assert reading.found() == ()


def test_a_large_file_is_told_by_its_length_and_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "LARGEST_HASHED", 8)
    large = tmp_path / "large.bin"
    large.write_bytes(b"123456789")
    first = file_digest(str(large))
    assert first.startswith("9 bytes of ")
    large.write_bytes(b"1234567890")
    assert file_digest(str(large)) != first
