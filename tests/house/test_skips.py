"""A skip is no pass: every run of the tests ends with the tests that were not run, each with its reason."""

from __future__ import annotations

import pytest

from tests.house.source import ROOT

pytest_plugins = ["pytester"]

OURS = (ROOT / "tests" / "conftest.py").read_text()

TESTS = """
import pytest

def test_runs():
    assert True

@pytest.mark.skip(reason="the moon is full")
def test_waits():
    assert True

def test_finds_out():
    pytest.skip("no tide today")

def test_other():
    assert True
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "with xdist"])
def test_what_was_not_run_is_listed_with_its_reason(workers: list[str], pytester: pytest.Pytester) -> None:
    if workers:
        pytest.importorskip("xdist", reason="pytest-xdist is an extra of the tests")
    pytester.makeconftest(OURS)
    pytester.makepyfile(test_some=TESTS)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:lemmata", *workers, "-k", "not other")
    assert result.parseoutcomes()["passed"] == 1 and result.parseoutcomes()["skipped"] == 2
    result.stdout.fnmatch_lines(["*not run*"])
    result.stdout.fnmatch_lines_random(["test_some.py::test_waits: the moon is full", "test_some.py::test_finds_out: no tide today"])
    if not workers:  # the workers of pytest-xdist tell nobody what they deselect
        result.stdout.fnmatch_lines(["2 skipped, 1 deselected"])


def test_nothing_is_listed_where_all_are_run(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(OURS)
    pytester.makepyfile(test_some="def test_runs():\n    assert True\n")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:lemmata")
    result.assert_outcomes(passed=1)
    assert "not run" not in result.stdout.str()
