"""Limits of runs at many points: a run that goes elsewhere on a thin set is found, one that is only slow is not accused."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Eq, Limit, Rational, Symbol, oo, symbols

from lemmata.numerics.budget import Budget
from lemmata.numerics.streams import Stream
from lemmata.theory import descent
from lemmata.verify import Claim
from lemmata.verify.evidence import Outcome
from lemmata.verify.search import long_run_evidence

w, u, r = symbols("w u r", real=True)
alpha = Symbol("alpha", positive=True)
n = Symbol("n", integer=True, nonnegative=True)


def settles(loss: Any, given: list[Any]) -> Claim:
    """Descent on this loss ends at 0 from every start."""
    return Claim("settles", Eq(Limit(descent(loss, {w: u}, alpha)[n, w], n, oo), 0), given=given)


@pytest.mark.parametrize(
    ("loss", "given", "outcome"),
    [
        (r * w**2 / 2, [-Rational(1, 50) < alpha * r, alpha * r < 2], {Outcome.UNDECIDED, Outcome.DISAGREES}),
        (r * w**2 / 2, [0 < r, alpha * r < Rational(41, 20)], {Outcome.UNDECIDED, Outcome.DISAGREES}),
        (r * w**2 / 2, [0 < r, alpha * r < 2], {Outcome.AGREES}),
        (w**4 / 4, [alpha * u**2 < 2], {Outcome.AGREES}),
    ],
    ids=["concave-on-a-hundredth", "too-long-on-a-fortieth", "all-of-a-parabola", "slow"],
)
def test_where_runs_end_at_two_hundred_points(loss: Any, given: list[Any], outcome: set[Outcome]) -> None:
    (found,) = long_run_evidence(settles(loss, given), Budget(), Stream(0))
    assert found.outcome in outcome


def test_only_limits_of_one_run_are_looked_at() -> None:
    claim = Claim("two", Eq(Limit(descent(w**2 / 2, {w: u}, alpha)[n, w] ** 2 / n, n, oo), 0), given=[alpha < 2])
    assert list(long_run_evidence(Claim("no-run", Eq(Limit(u / n, n, oo), 0)), Budget(), Stream(0))) == []
    assert [item.outcome for item in long_run_evidence(claim, Budget(), Stream(0))] == [Outcome.AGREES]
