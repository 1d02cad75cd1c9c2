"""The command: exit statuses, what is printed, JSON, and that nothing heavy is imported for its help."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lemmata.verify.cli import OWN, main
from lemmata.verify.evidence import Verdict
from lemmata.verify.record import Record
from lemmata.verify.show import console, count_line, show_table
from tests.verify.helpers import HEADER, TRUE, WRONG, document, lemmata, verdicts, write

HEAVY = ("sympy", "mpmath", "numpy", "scipy", "torch", "flint", "matplotlib", "sklearn", "jinja2", "rich")
EXPECTED_WRONG = WRONG.replace("wrong = ", "misprint = ").replace('"wrong"', '"misprint"').replace(")\n", ', expect="refuted")\n')
RUN = [sys.executable, "-c", "import sys; from lemmata.verify.cli import main; sys.exit(main())"]


@pytest.mark.parametrize("args", [["--help"], [], ["--version"], *([name, "--help"] for name in OWN)], ids=" ".join)
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    probe = f"""
import sys
from lemmata.verify.cli import main
status = main({args!r})
heavy = [name for name in {HEAVY!r} if name in sys.modules]
assert status == 0, status
assert heavy == [], heavy
"""
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout


@pytest.mark.parametrize(
    "module", ["verify.pytest_plugin", "verify.supervisor", "verify.run", "verify.catalogue", "verify", "theory", "numerics"]
)
def test_faces_import_nothing_heavy(module: str) -> None:
    probe = f"import sys, lemmata.{module}; heavy = [n for n in {HEAVY!r} if n in sys.modules]; assert heavy == [], heavy"
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("name", OWN)
def test_every_command_says_what_it_does_and_its_exit_status(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    ran = lemmata(capfd, name, "--help")
    assert ran.status == 0 and ran.err == ""
    assert "Exit status: 0" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("body", "status"),
    [(TRUE, 0), (WRONG, 1), (TRUE + WRONG, 1), (TRUE + EXPECTED_WRONG, 0), (TRUE.replace("1))", '1), expect="refuted")'), 1)],
    ids=["true", "wrong", "both", "known to be wrong", "true, expected to be wrong"],
)
def test_exit_status(body: str, status: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ran = lemmata(capfd, "check", write(tmp_path / "some_claims.py", body))
    assert (ran.status, ran.err) == (status, "")


def test_what_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "some_claims.py", TRUE + WRONG + EXPECTED_WRONG)
    ran = lemmata(capfd, "check", "some_claims.py", "--seed", "3", "--jobs", "1")
    lines = ran.out.splitlines()
    assert re.match(r"\[1/3\] (proved|certified|supported) +good ", lines[0])
    assert lines[1].endswith("NOT AS EXPECTED")
    assert "\x1b" not in ran.out
    for text in (
        "wrong: refuted, expected to hold",
        "statement    x**2 <= 4",
        "at           x = ",
        "left         9",
        "right        4",
        "judge again  lemmata check some_claims.py::wrong --seed 3",
    ):
        assert text in ran.out
    assert "misprint: " not in ran.out
    assert re.search(r"3 claims: 1 \w+, 1 refuted as expected; 1 not as expected: 1 refuted \(\d+\.\d s\)$", lines[-1])


def test_the_printed_command_judges_the_claim_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "some_claims.py", TRUE + WRONG)
    first = lemmata(capfd, "check", "some_claims.py", "--json", "first.json")
    again = next(line for line in first.out.splitlines() if "judge again" in line).partition("lemmata ")[2].split()
    assert lemmata(capfd, *again, "--json", "again.json").status == 1
    (claim,) = document(tmp_path / "again.json")["claims"]
    assert claim["digest"] == document(tmp_path / "first.json")["claims"][1]["digest"]


def test_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "some_claims.py", TRUE + WRONG)
    lemmata(capfd, "check", path, "--json", tmp_path / "out.json")
    written = document(tmp_path / "out.json")
    assert written["schema"] == 1 and written["problems"] == []
    good, wrong = written["claims"]
    assert {"name", "verdict", "expected", "counterexample", "resolution", "evidence"} <= set(good)
    assert Record.from_json(wrong).verdict is Verdict.REFUTED
    assert wrong["counterexample"]["at"]
    assert sorted(item.name for item in tmp_path.iterdir()) == ["out.json", "some_claims.py"]


def test_a_claim_a_pattern_or_a_folder_can_be_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "some_claims.py", TRUE + WRONG + 'b = Claim("sum", x + 1)\n')
    out = tmp_path / "out.json"
    assert lemmata(capfd, "check", f"{path}::good", "--json", out).status == 0
    assert list(verdicts(out)) == ["good"]
    assert lemmata(capfd, "check", f"{path}::w*", "--json", out).status == 1
    assert list(verdicts(out)) == ["wrong"]
    missing = lemmata(capfd, "check", f"{path}::goood", path, "--json", out)
    assert missing.status == 2 and list(verdicts(out)) == ["good", "wrong"]
    alone = lemmata(capfd, "check", f"{path}::goood")
    assert alone.status == 2 and "no claim matches 'goood'; it holds good, wrong" in alone.err
    assert lemmata(capfd, "check", tmp_path, "--json", out).status == 2
    assert list(verdicts(out)) == ["good", "wrong"]


def test_new_writes_a_file_that_runs(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = lemmata(capfd, "new", "my_claims.py")
    assert (made.status, made.err) == (0, "")
    assert "lemmata check my_claims.py" in made.out
    ran = lemmata(capfd, "check", "my_claims.py", "--json", "out.json")
    assert (ran.status, ran.err) == (0, "")
    assert set(verdicts(tmp_path / "out.json")) == {"square-of-relu", "tangent-below-exponential", "young-with-a-misprint"}


def test_new_never_overwrites(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my_claims.py"
    path.write_text("mine")
    for target, wanted in (
        (path, "exists and is left as it is"),
        (tmp_path / "x" / "a.py", "there is no folder"),
        ("a.txt", "not the name"),
    ):
        ran = lemmata(capfd, "new", target)
        assert ran.status == 2 and len(ran.errors) == 1 and wanted in ran.err
    assert path.read_text() == "mine"


def test_show_tells_the_whole_story(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "some_claims.py", WRONG.replace(")\n", ', about="A slip.", source="nobody (1900), eq. (1)")\n'))
    ran = lemmata(capfd, "show", f"{path}::wrong")
    assert ran.status == 1 and ran.err == ""
    for text in (
        "A slip.",
        "x^2 <= 4",
        "x >= -3; x <= 3",
        "nobody (1900), eq. (1)",
        "NOT as expected",
        "evidence",
        "fails at",
        "lemmata check",
    ):
        assert text in ran.out


@pytest.mark.parametrize("command", ["verify", "list", "show"])
def test_a_name_that_is_not_in_the_register(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    ran = lemmata(capfd, command, "no-such-claim-at-all")
    assert ran.status == 2 and len(ran.errors) == 1
    assert "no claim or topic matches 'no-such-claim-at-all'" in ran.err and "lemmata list" in ran.err


def test_list_names_what_the_register_holds(capfd: pytest.CaptureFixture[str]) -> None:
    from lemmata.verify.discover import register

    ran = lemmata(capfd, "list")
    assert (ran.status, ran.err) == (0, "")
    lines = [line.strip().removesuffix("  (known to be wrong)") for line in ran.out.splitlines()]
    assert {claim.name for claim in register()} <= set(lines)


def test_a_command_that_does_not_exist(capfd: pytest.CaptureFixture[str]) -> None:
    ran = lemmata(capfd, "chekc")
    assert ran.status == 2 and len(ran.errors) == 1 and "chekc" in ran.err and "lemmata --help" in ran.err


def test_ctrl_c_prints_what_is_judged_and_exits_130(tmp_path: Path) -> None:
    slow = "import time\nslow = Claim('slow', Le(x, x + 1, evaluate=False), derivation=lambda lhs: time.sleep(60))\n"
    path = write(tmp_path / "some_claims.py", TRUE + slow)
    command = [*RUN, "check", str(path), "--jobs", "1", "--deadline", "300", "--json", str(tmp_path / "out.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline().startswith("[1/2]")
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "1 claim: 1" in out and "Traceback" not in err
    assert "stopped by Ctrl-C: 1 of 2 claims were judged; the same command with --resume goes on" in err
    assert list(verdicts(tmp_path / "out.json")) == ["good"]


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    ran = subprocess.run(["bash", "-c", f"{sys.executable} -c '{RUN[2]}' --help | head -1"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and ran.stderr == ""


def test_output_survives_an_ascii_terminal(tmp_path: Path) -> None:
    path = write(tmp_path / "some_claims.py", HEADER and WRONG.replace('"wrong"', '"χ-wrong"'))
    plain = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    ran = subprocess.run([*RUN, "check", str(path)], capture_output=True, text=True, check=False, env=plain)
    assert ran.returncode == 1 and ran.stderr == "" and "?-wrong" in ran.stdout


RECORDS = [
    Record("a-name-as-long-as-names-of-claims-become-here", Verdict.PROVED, "derived in 3 steps", resolution=3e-3, seconds=1.5),
    Record("short", Verdict.INCONCLUSIVE, "every instrument refused: " + "a long reason " * 8, seconds=123.4),
    Record(
        "misprint",
        Verdict.REFUTED,
        "",
        expect="refuted",
        counterexample={"at": {"c": "1/2", "q": "3"}, "lhs": "0.333333333333333333", "rhs": "0.5"},
    ),
]


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_a_table_never_cuts_a_name_or_a_verdict(width: int, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    show_table(console(), RECORDS)
    out = capfd.readouterr().out
    lines = out.splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in out and "..." not in out
    for record in RECORDS:
        (row,) = [line for line in lines if f"{record.seconds:.1f}" in line]
        assert record.verdict.value in row.split()
        assert ("yes" if record.as_expected else "NO") in row.split()
        assert record.name in (row if width >= 80 else out.replace("\n", "").replace(" ", ""))


def test_the_line_that_counts() -> None:
    assert count_line(RECORDS, 41.23) == "3 claims: 1 proved, 1 refuted as expected; 1 not as expected: 1 inconclusive (41.2 s)"
    assert count_line(RECORDS[:1], 1, 2).endswith("; 0 not as expected (1.0 s); 2 problems in the input, listed first")
    assert count_line(RECORDS[1:2], 1).startswith("1 claim: none as expected; 1 not as expected")


def test_main_returns_and_does_not_exit(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 2
    assert capfd.readouterr().err.count("\n") == 1
