"""The record file: what a killed run leaves is gone on with; what cannot be gone on with is one line and exit status 2."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lemmata.numerics.budget import Budget
from lemmata.verify import conditions, journal, state
from lemmata.verify.discover import ClaimRef
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road, Verdict
from lemmata.verify.journal import Finished, Journal, RecordsBusy, RecordsUnusable
from lemmata.verify.record import Record
from tests.calibration.kill_resume import COMMAND, killed_and_resumed
from tests.verify.helpers import TRUE, WRONG, document, lemmata, verdicts, write

BUDGET = Budget()
A, B = ClaimRef("/a.py", "a"), ClaimRef("/a.py", "b")


def record(name: str = "a", **values: Any) -> Record:
    return replace(Record(name, Verdict.PROVED, "derived"), **values)


@pytest.fixture
def source(tmp_path: Path) -> tuple[str, str]:
    path = tmp_path / "made_from.py"
    path.write_text("x = 1\n")
    return str(path), conditions.file_digest(str(path))


@pytest.fixture
def path(tmp_path: Path, source: tuple[str, str]) -> Path:
    """A record file with two claims."""
    place = tmp_path / "records.jsonl"
    kept = Journal(str(place), BUDGET)
    kept.add(A, Finished(record("a"), (("b", B), ("nowhere", None)), "it said", (source,)))
    kept.add(B, Finished(record("b"), (), "", (source,)))
    kept.close()
    return place


def recalled(path: Path, budget: Budget = BUDGET) -> dict[ClaimRef, Finished]:
    kept = Journal(str(path), budget, resume=True)
    kept.close()
    return kept.recalled


def test_a_run_killed_in_two_random_places(tmp_path: Path) -> None:
    assert killed_and_resumed(tmp_path, times=2, seed=1) == []


def test_what_is_written_is_recalled(path: Path, source: tuple[str, str]) -> None:
    found = recalled(path)
    assert list(found) == [A, B]
    assert found[A] == Finished(record("a"), (("b", B), ("nowhere", None)), "it said", (source,))


def test_a_file_cut_anywhere_is_gone_on_with(path: Path, source: tuple[str, str]) -> None:
    whole = path.read_bytes()
    ends = [index + 1 for index, byte in enumerate(whole) if byte == ord("\n")]
    for cut in [*range(40), *range(40, len(whole), 97), *ends, *(end - 1 for end in ends)]:
        path.write_bytes(whole[:cut])
        kept = Journal(str(path), BUDGET, resume=True)
        assert len(kept.recalled) == max(0, sum(end <= cut for end in ends) - 1), cut
        kept.add(B, Finished(record("b"), (), "", (source,)))
        kept.close()
        assert B in recalled(path), cut
        assert all(json.loads(line) for line in path.read_text().splitlines())


def test_without_resume_the_file_begins_anew(path: Path) -> None:
    Journal(str(path), BUDGET).close()
    assert recalled(path) == {}


def test_a_changed_source_is_judged_again(path: Path, source: tuple[str, str]) -> None:
    Path(source[0]).write_text("x = 2\n")
    kept = Journal(str(path), BUDGET, resume=True)
    kept.close()
    assert kept.recalled == {} and kept.changed == 2
    os.unlink(source[0])
    assert recalled(path) == {}


def test_what_an_emergency_stop_ended_is_judged_again_under_another(path: Path, source: tuple[str, str]) -> None:
    stopped = record("b", evidence=(Evidence(Road.DERIVED, "derivation", Outcome.STOPPED, Rigour.EXACT, "stopped"),))
    kept = Journal(str(path), BUDGET, resume=True)
    kept.add(B, Finished(stopped, (), "", (source,)))
    kept.close()
    assert list(recalled(path)) == [A, B]
    assert list(recalled(path, replace(BUDGET, deadline=90.0))) == [A]
    assert list(recalled(path, replace(BUDGET, memory=2**34))) == [A]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"seed": 1}, "seed 0, now 1"),
        ({"alpha": 1e-3}, "alpha 1e-06, now 0.001"),
        ({"name": "thorough"}, "budget quick, now thorough"),
        ({"samples": 7}, "samples 1048576, now 7"),
        ({"device": "cuda"}, "device cpu, now cuda"),
    ],
)
def test_another_budget_is_named(change: dict[str, Any], wanted: str, path: Path) -> None:
    with pytest.raises(RecordsUnusable, match="recorded under other conditions") as caught:
        recalled(path, replace(BUDGET, **change))
    assert wanted in str(caught.value) and "without --resume" in str(caught.value)


def altered(path: Path, number: int, change: Callable[[dict[str, Any]], object]) -> None:
    lines = path.read_text().splitlines()
    data = json.loads(lines[number])
    change(data)
    path.write_text("\n".join([*lines[:number], json.dumps(data), *lines[number + 1 :], ""]))


def header(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda data: data["conditions"].update({key: value})


def inside(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda data: data["record"].update({key: value})


DAMAGES: dict[str, tuple[int, Callable[[dict[str, Any]], object], str]] = {
    "another lemmata": (0, header("lemmata", "0.0.9"), "lemmata 0.0.9, now"),
    "other code": (0, header("code", "f" * 32), "other code of lemmata"),
    "another python": (0, header("python", "3.99.0"), "python 3.99.0, now"),
    "a package fewer": (0, lambda data: data["conditions"]["versions"].pop("sympy"), "sympy unknown, now"),
    "a format to come": (0, lambda data: data.update({"lemmata records": 2}), "format 2 and this version reads 1"),
    "no conditions": (0, lambda data: data.pop("conditions"), "the conditions of the run are missing"),
    "no record": (1, lambda data: data.pop("record"), ":2: a: the key 'record' is missing"),
    "no sources": (1, lambda data: data.pop("sources"), ":2: a: the key 'sources' is missing"),
    "a record without a verdict": (1, lambda data: data["record"].pop("verdict"), ":2: a: the key 'verdict' is missing"),
    "a record that is a number": (2, lambda data: data.update({"record": 7}), ":3: b: a record is an object with keys, not int"),
    "a verdict that does not exist": (2, inside("verdict", "true"), ":3: b: 'true' is not a valid Verdict"),
    "a verdict that was altered": (2, inside("verdict", "refuted"), ":3: b: its digest does not fit what it says"),
    "a list for a text": (1, inside("because", []), ":2: a: because is str, not list"),
    "sources that are a list": (1, lambda data: data.update({"sources": []}), ":2: a: a value of another type"),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_a_damaged_file_is_named_with_the_line_and_the_claim(case: str, path: Path) -> None:
    number, change, wanted = DAMAGES[case]
    altered(path, number, change)
    before = path.read_bytes()
    with pytest.raises(RecordsUnusable) as caught:
        recalled(path)
    assert wanted in str(caught.value) and path.name in str(caught.value) and "\n" not in str(caught.value)
    assert path.read_bytes() == before


def test_a_line_in_the_middle_that_is_not_json(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[1][:50] + "\n" + lines[2])
    with pytest.raises(RecordsUnusable, match=r"records.jsonl:2: not JSON; judge anew without --resume, or remove this line"):
        recalled(path)


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("text", ["my notes", '{"schema": 1, "claims": []}\n', "{\n"])
def test_a_file_that_holds_no_records_is_left_as_it_is(text: str, resume: bool, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(text)
    with pytest.raises(RecordsUnusable, match="is not a record file, and is left as it is"):
        Journal(str(path), BUDGET, resume)
    assert path.read_text() == text


def test_two_runs_never_share_a_file(path: Path) -> None:
    before = path.read_bytes()
    first = Journal(str(path), BUDGET, resume=True)
    for resume in (False, True):
        with pytest.raises(RecordsBusy, match="another run is writing"):
            Journal(str(path), BUDGET, resume)
    first.close()
    first.close()
    assert path.read_bytes() == before
    assert list(recalled(path)) == [A, B]


def test_the_same_command_twice_at_once_gets_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    first, said = state.open_journal("check", ["a.py"], BUDGET, None, False)
    second, said_too = state.open_journal("check", ["a.py"], BUDGET, None, False)
    assert first is not None and second is not None and first.path != second.path
    assert said == "" and second.path in said_too and "--records" in said_too
    with pytest.raises(RecordsBusy):
        state.open_journal("check", ["a.py"], BUDGET, None, True)
    first.close()
    second.close()


def test_old_record_files_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    old, new = (tmp_path / "lemmata" / "records" / name for name in ("old.jsonl", "new.jsonl"))
    old.parent.mkdir(parents=True)
    for path in (old, new):
        path.touch()
    then = time.time() - 86_400 * (state.KEPT_DAYS + 1)
    os.utime(old, (then, then))
    kept, _ = state.open_journal("check", [], BUDGET, None, False)
    assert kept is not None
    kept.close()
    assert not old.exists() and new.exists()


def test_a_home_that_cannot_be_written_costs_no_verdict(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        ran = lemmata(capfd, "check", write(tmp_path / "good_claims.py", TRUE))
        assert ran.status == 0 and len(ran.errors) == 1 and "no records are kept" in ran.err
        again = lemmata(capfd, "check", tmp_path / "good_claims.py", "--resume")
        assert again.status == 2 and len(again.errors) == 1 and "without --resume" in again.err


def test_a_full_disk_ends_the_records_and_not_the_run(tmp_path: Path) -> None:
    path = write(tmp_path / "some_claims.py", TRUE + WRONG)
    records = tmp_path / "records.jsonl"
    size = 4_000

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    command = [*COMMAND, "check", str(path), "--jobs", "1", "--records", str(records)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=small_files)
    assert ran.returncode == 1 and "2 claims" in ran.stdout, ran.stderr
    assert "the last claims are not recorded: cannot write" in ran.stderr
    assert records.stat().st_size <= size
    again = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert again.returncode == 1 and "2 claims" in again.stdout and "judged before" in again.stderr


def test_a_file_system_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal.os, "write", full)
    with pytest.raises(RecordsUnusable, match="No space left on device; make room or name another file"):
        Journal(str(tmp_path / "records.jsonl"), BUDGET)


def test_resuming_a_finished_run_prints_it_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    side = tmp_path / "side.txt"
    noting = f"def noting(lhs):\n    open({str(side)!r}, 'a').write('x')\n    print('aloud')\n    return lhs\n"
    body = noting + 'noted = Claim("noted", Le(x**2, 4), given=[Ge(x, -3), Le(x, 3)], derivation=noting)\n' + TRUE
    path = write(tmp_path / "some_claims.py", body)
    first = lemmata(capfd, "check", path, "--json", tmp_path / "first.json")
    again = lemmata(capfd, "check", path, "--json", tmp_path / "again.json", "--resume")
    assert first.status == again.status == 1
    assert "2 judged before" in again.err
    assert side.read_text() == "x"
    tables = [[line for line in ran.out.splitlines() if not line.startswith("[") and "claims:" not in line] for ran in (first, again)]
    assert tables[0] == tables[1] and any("| aloud" in line for line in tables[0])
    assert document(tmp_path / "first.json") == document(tmp_path / "again.json")


def test_only_what_changed_is_judged_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    helper = tmp_path / "numbers_of_mine.py"
    helper.write_text("FOUR = 4\n")
    other = write(tmp_path / "other_claims.py", TRUE)
    body = "from numbers_of_mine import FOUR\n" + WRONG.replace("4", "FOUR")
    path = write(tmp_path / "some_claims.py", body)
    args = ("check", path, other, "--records", tmp_path / "records.jsonl", "--json", tmp_path / "out.json")
    assert lemmata(capfd, *args).status == 1
    helper.write_text("FOUR = 9\n")
    ran = lemmata(capfd, *args, "--resume")
    assert ran.status == 0, ran.out
    assert "1 judged before; 1 changed since and judged again" in ran.err
    assert verdicts(tmp_path / "out.json")["wrong"] in ("certified", "supported", "proved")


def test_what_is_used_is_recalled_too_and_still_caps(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "uses_claims.py", WRONG + 'user = Claim("user", Eq(sin(x)**2 + cos(x)**2, 1), uses=[wrong])\n')
    records = tmp_path / "records.jsonl"
    args = ("check", f"{path}::user", "--records", records, "--json", tmp_path / "out.json")
    assert lemmata(capfd, *args).status == 1
    lines = len(records.read_text().splitlines())
    ran = lemmata(capfd, *args, "--resume")
    assert ran.status == 1 and verdicts(tmp_path / "out.json") == {"user": "inconclusive"}
    assert len(records.read_text().splitlines()) == lines == 3


def test_what_was_killed_from_outside_is_no_outcome(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    body = """
    import os, signal
    killed = Claim("killed", Eq(sin(x)**2 + cos(x)**2, 1), derivation=lambda lhs: os.kill(os.getpid(), signal.SIGKILL))
    """
    path = write(tmp_path / "some_claims.py", body + TRUE)
    records = tmp_path / "records.jsonl"
    assert lemmata(capfd, "check", path, "--records", records).status == 1
    assert [json.loads(line)["name"] for line in records.read_text().splitlines()[1:]] == ["good"]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--records", "{tmp}"], "it is a folder; name a file"),
        (["--records", "{tmp}/nowhere/records.jsonl"], "there is no folder {tmp}/nowhere; create it"),
        (["--records", "{tmp}/good_claims.py"], "is not a record file, and is left as it is"),
        (["--records", os.devnull], "no ordinary file"),
        (["--records", "{tmp}/one", "--json", "{tmp}/../" + "{name}/one"], "--json and --records name the same file"),
    ],
)
def test_usage(options: list[str], wanted: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "good_claims.py", TRUE)
    ran = lemmata(capfd, "check", path, *(option.format(tmp=tmp_path, name=tmp_path.name) for option in options))
    assert ran.status == 2 and ran.out == "" and len(ran.errors) == 1
    assert wanted.format(tmp=tmp_path) in ran.errors[0]


def test_nothing_to_resume_is_said_and_all_is_judged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "good_claims.py", TRUE)
    ran = lemmata(capfd, "check", path, "--resume", "--records", tmp_path / "records.jsonl")
    assert ran.status == 0 and "1 claim: 1" in ran.out
    assert len(ran.errors) == 1 and "nothing to resume" in ran.err


def test_a_record_file_is_of_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    found = state.records_of("check", ["a.py"], BUDGET)
    assert found.startswith(str(tmp_path))
    others = [
        state.records_of("verify", ["a.py"], BUDGET),
        state.records_of("check", ["b.py"], BUDGET),
        state.records_of("check", ["a.py"], replace(BUDGET, seed=1)),
        state.records_of("check", ["a.py"], replace(BUDGET, name="thorough")),
    ]
    monkeypatch.chdir(tmp_path)
    others.append(state.records_of("check", ["a.py"], BUDGET))
    assert len({found, *others}) == 6
    assert sys.platform == "win32" or state.state_folder() == str(tmp_path / "lemmata")
