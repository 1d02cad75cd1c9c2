"""The pytest plugin: each claim once, failures that explain themselves, faults as collection errors."""

from __future__ import annotations

from multiprocessing import forkserver
from pathlib import Path
from types import ModuleType

import pytest

from lemmata.verify import supervisor
from tests.verify.helpers import TRUE, WRONG, write

pytest_plugins = ["pytester"]

MISPRINT = 'misprint = Claim("misprint", Le(x**2, 4), given=[Ge(x, -3), Le(x, 3)], expect="refuted")\n'
MISSED = 'missed = Claim("missed", Eq(sin(x)**2 + cos(x)**2, 1), expect="refuted")\n'
TESTS = "def test_ordinary():\n    assert good.name == 'good'\n"


@pytest.fixture
def here(pytester: pytest.Pytester) -> Path:
    return pytester.path


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """A run in this process: its workers come from the server that the other tests have started."""
    assert isinstance(forkserver, ModuleType) and isinstance(supervisor, ModuleType)  # pytester forgets what it imports itself
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *args)


def test_claim_files_are_collected_and_judged(pytester: pytest.Pytester, here: Path) -> None:
    write(here / "some_claims.py", TRUE + WRONG + MISPRINT + MISSED)
    result = run(pytester, "-v")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["some_claims.py::good PASSED*", "some_claims.py::wrong FAILED*", "some_claims.py::misprint PASSED*"])
    text = result.stdout.str()
    for wanted in (
        "wrong: refuted, expected to hold",
        "at           x = ",
        "left         9",
        "right        4",
        "because ",
        "judge again  lemmata check some_claims.py::wrong",
        "expected refuted",
    ):
        assert wanted in text
    assert "Traceback" not in text and "/site-packages/" not in text


@pytest.mark.parametrize(
    "args", [[], ["some_claims.py"], ["."], ["some_claims.py", "-o", "python_files=*_claims.py test_*.py"], ["-o", "python_files=*.py"]]
)
def test_each_claim_is_collected_once(args: list[str], pytester: pytest.Pytester, here: Path) -> None:
    write(here / "some_claims.py", TRUE + MISPRINT)
    result = run(pytester, "--collect-only", "-q", *args)
    assert [line for line in result.outlines if "::" in line] == ["some_claims.py::good", "some_claims.py::misprint"]


def test_a_claim_can_be_named(pytester: pytest.Pytester, here: Path) -> None:
    write(here / "some_claims.py", TRUE + WRONG)
    run(pytester, "some_claims.py::good").assert_outcomes(passed=1)
    run(pytester, "-k", "good").assert_outcomes(passed=1, deselected=1)


def test_a_file_of_any_name_counts_when_it_is_named(pytester: pytest.Pytester, here: Path) -> None:
    write(here / "theorems.py", TRUE)
    write(here / "test_both.py", TRUE + TESTS)
    run(pytester, "theorems.py").assert_outcomes(passed=1)
    run(pytester, "test_both.py").assert_outcomes(passed=2)
    run(pytester).assert_outcomes(passed=1)


def test_tests_in_a_claim_file_stay_tests(pytester: pytest.Pytester, here: Path) -> None:
    write(here / "some_claims.py", TRUE + TESTS)
    run(pytester, "some_claims.py").assert_outcomes(passed=2)


def test_files_that_merely_speak_of_claims_are_left_to_pytest(pytester: pytest.Pytester, here: Path) -> None:
    (here / "test_other.py").write_text("# lemmata: Claim(\ndef test_one():\n    assert True\n")
    run(pytester, "test_other.py").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("y = 1 / 0\n", "some_claims.py:4: ZeroDivisionError: division by zero in `y = 1 / 0`; correct this line"),
        ("y = 1\n", "some_claims.py: no claim in it*"),
        ('b = Claim("sum", x + 1)\n', "some_claims.py:4: sum: the statement is not a relation*"),
        ("x = = 1\n", "some_claims.py:4: not Python*"),
    ],
)
@pytest.mark.parametrize("args", [[], ["some_claims.py"]], ids=["found", "named"])
def test_a_fault_is_a_collection_error_of_one_line(body: str, wanted: str, args: list[str], pytester: pytest.Pytester, here: Path) -> None:
    write(here / "some_claims.py", body)
    write(here / "good_claims.py", TRUE)
    result = run(pytester, "--continue-on-collection-errors", *args)
    result.assert_outcomes(errors=1, passed=0 if args else 1)
    result.stdout.fnmatch_lines([wanted])
    assert "Traceback" not in result.stdout.str()


def test_options(pytester: pytest.Pytester, here: Path) -> None:
    write(here / "some_claims.py", TRUE + WRONG)
    run(pytester, "--lemmata-budget", "huge").stderr.fnmatch_lines(["*there is no budget 'huge': use quick, standard or thorough"])
    run(pytester, "--lemmata-device", "abacus").stderr.fnmatch_lines(["*there is no device 'abacus': use auto, cpu or cuda"])
    result = run(pytester, "--lemmata-budget", "standard", "--lemmata-seed", "5")
    result.stdout.fnmatch_lines(["*judge again*some_claims.py::wrong --budget standard --seed 5"])


def test_what_ends_a_worker_is_a_failure_of_its_claim(pytester: pytest.Pytester, here: Path) -> None:
    body = 'import os\nill = Claim("ill", Eq(sin(x)**2 + cos(x)**2, 1), derivation=lambda lhs: os._exit(3))\n'
    write(here / "some_claims.py", body + TRUE)
    result = run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["ill: inconclusive, expected to hold", "*its process ended itself while deriving (exit status 3)*"])


def test_with_xdist(pytester: pytest.Pytester, here: Path) -> None:
    pytest.importorskip("xdist", reason="pytest-xdist is an extra of the tests")
    write(here / "some_claims.py", TRUE + WRONG + MISPRINT)
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-n", "2").assert_outcomes(passed=2, failed=1)


SKIPPING = """
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        if item.name == "misprint":
            item.add_marker(pytest.mark.skip(reason="known since 1923"))
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "with xdist"])
def test_claims_that_are_not_judged_are_named(workers: list[str], pytester: pytest.Pytester, here: Path) -> None:
    if workers:
        pytest.importorskip("xdist", reason="pytest-xdist is an extra of the tests")
    write(here / "some_claims.py", TRUE + WRONG + MISPRINT)
    (here / "conftest.py").write_text(SKIPPING)
    runs = pytester.runpytest_subprocess if workers else pytester.runpytest_inprocess
    result = runs("-p", "no:cacheprovider", *workers, "-k", "not wrong")
    assert "passed" in result.parseoutcomes() and result.parseoutcomes()["skipped"] == 1
    result.stdout.fnmatch_lines(["*claims not judged*"])
    result.stdout.fnmatch_lines_random(
        ["some_claims.py::wrong: deselected", "some_claims.py::misprint: known since 1923", "2 claims not judged"]
    )


def test_claims_that_were_not_reached_are_named(pytester: pytest.Pytester, here: Path) -> None:
    write(here / "some_claims.py", WRONG + TRUE)
    result = run(pytester, "-x")
    result.stdout.fnmatch_lines(["*claims not judged*", "some_claims.py::good: not reached", "1 claim not judged"])


def test_nothing_is_said_where_all_are_judged(pytester: pytest.Pytester, here: Path) -> None:
    write(here / "some_claims.py", TRUE)
    assert "not judged" not in run(pytester).stdout.str()
    assert "not judged" not in run(pytester, "--collect-only").stdout.str()


@pytest.mark.parametrize(
    ("option", "wanted"),
    [
        (["--lemmata-alpha", "2"], "*--lemmata-alpha is the probability of a false alarm: a number above 0 and below 1, not 2.0"),
        (["--lemmata-deadline", "0"], "*--lemmata-deadline is the emergency stop of a claim in seconds: a finite number above 0, not 0.0"),
    ],
)
def test_options_that_cannot_be(option: list[str], wanted: str, pytester: pytest.Pytester, here: Path) -> None:
    write(here / "some_claims.py", TRUE)
    result = run(pytester, *option)
    result.stderr.fnmatch_lines([wanted])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
