"""The judge on a catalogue of statements: every wrong one is refuted, no true one is.

Wrong ones come from three places: misprints and slips by hand (`catalogue_signals`, `catalogue_landscapes`), those that the
judge's own tests hold, and altered copies of true statements, judged as claims of their own. Nothing here knows how the judge
works: a verdict is asked for, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sympy as sp
from flint import arb_mat

from lemmata.numerics.compile.arb import CannotEvaluate, enclose
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import quantities
from lemmata.verify import Claim, check
from lemmata.verify.controls import Control, alterations
from lemmata.verify.evidence import Verdict
from tests.calibration import catalogue_landscapes, catalogue_signals
from tests.verify.catalogue import FALSE, TRUE

PAIRS = [
    *catalogue_signals.KERNELS,
    *catalogue_signals.SLIDES,
    *catalogue_signals.SIGNALS,
    *catalogue_landscapes.DESCENT,
    *catalogue_landscapes.LINEAR,
    *catalogue_landscapes.BASINS,
]
RIGHT = [(name, true, given) for name, true, _, given in PAIRS if true is not None]
WRONG = [(name, false, given) for name, _, false, given in PAIRS if false is not None]

COPIES = 3
"""Altered copies of each true statement that are judged; a step apart in the list of them, so that they differ in kind."""

STEP = 5

DEAR = {
    "flow-on-a-parabola",
    "conserved-along-the-flow",
    "objective",
    "covariance-map",
    "arc-cosine-lengths",
    "angle",
    "two-layers",
    "half-axes",
}
"""True statements whose copies take seconds each: they are left to the other lists. No ball and no second road exists for
the series of 1/k^2, so that wrong values of it are inconclusive."""

ALTERED = [
    (name, statement, given)
    for name, statement, given in (*TRUE, *RIGHT)
    if isinstance(statement, sp.Eq) and not quantities(statement.rhs) and name not in DEAR | {"basel"}
]


def identifiers(value: Any) -> str:
    return value if isinstance(value, str) else ""


def wrong_copies(name: str, statement: Any, given: list[Any]) -> Iterator[Control]:
    """Altered copies that certainly differ from the stated side, and have a value wherever the statement is measured."""
    domain = Claim(name, statement, given=given).domain
    points = domain.points(6, Stream(0, (name,)).python())
    for control in alterations(statement.rhs)[::STEP]:
        if control.entry is not None:
            continue
        try:
            gaps = [enclose(control.altered - statement.rhs, at) for at in points]
        except CannotEvaluate:
            continue
        if any(not entry.contains(0) for gap in gaps for entry in (gap.entries() if isinstance(gap, arb_mat) else [gap])):
            yield control


@pytest.mark.parametrize(("name", "statement", "given"), RIGHT, ids=identifiers)
def test_true_statements_hold(name: str, statement: Any, given: list[Any]) -> None:
    record = check(Claim(name, statement, given=given))
    assert record.verdict is not Verdict.REFUTED, record.because
    assert record.verdict.holds, (record.verdict, record.because)


@pytest.mark.parametrize(("name", "statement", "given"), WRONG, ids=identifiers)
def test_misprints_are_refuted(name: str, statement: Any, given: list[Any]) -> None:
    record = check(Claim(name, statement, given=given))
    assert record.verdict is Verdict.REFUTED, (record.verdict, record.because)
    assert record.counterexample is not None and not record.conflict


@pytest.mark.parametrize(("name", "statement", "given"), ALTERED, ids=identifiers)
def test_altered_copies_of_true_statements_are_refuted(name: str, statement: Any, given: list[Any]) -> None:
    copies = [control for control, _ in zip(wrong_copies(name, statement, given), range(COPIES), strict=False)]
    assert copies
    for control in copies:
        record = check(Claim(f"{name}, {control.what}", sp.Eq(statement.lhs, control.altered, evaluate=False), given=given))
        assert record.verdict is Verdict.REFUTED, (control, record.verdict, record.because)
        assert not record.conflict


def test_the_catalogue_is_as_long_as_is_claimed() -> None:
    """At least 150 wrong statements by hand, at least 100 true ones, and none twice; altered copies come on top."""
    wrong, true = [*FALSE, *WRONG], [*TRUE, *RIGHT]
    assert len(wrong) >= 150 and len(true) >= 100 and len(ALTERED) >= 80
    for listed in (wrong, true):
        assert len({(str(statement), str(given)) for _, statement, given in listed}) == len(listed)
