"""Runs of two-layer students: the stopping rule, the decided mode against runs carried to the end, counts against the tables."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
import sympy as sp

from lemmata.numerics import BUDGETS, Approx, Ball, BudgetName, Refusal, Stream
from lemmata.numerics.instruments.critical_point import INSTRUMENT as CERTIFIED
from lemmata.numerics.instruments.run_average import INSTRUMENT as AVERAGES
from lemmata.numerics.landscape.hessian import Networks
from lemmata.numerics.landscape.student_runs import (
    SMALLEST_GRADIENT,
    SPURIOUS_ABOVE,
    STEP,
    Fate,
    Until,
    descend,
    least_eigenvalue,
    newton_end,
    xavier,
)
from lemmata.numerics.landscape.tile import Tile
from lemmata.theory.spurious_minima import BOXES, MILLION, AtCriticalPoint, Look, run_average
from lemmata.verify.tables.spurious_minima_rows import AT_LEAST, AT_MOST, ROWS


def starts(runs: int, n: int, k: int) -> np.ndarray:
    return xavier(runs, n, k, Stream(0, ("runs", str(n), str(k))).numpy())


@pytest.mark.parametrize(("n", "k", "runs"), [(7, 7, 48), (9, 9, 24)])
def test_both_modes_end_in_the_same_minima(n: int, k: int, runs: int) -> None:
    """An end with gradient g is within 2 |g|/lambda of a minimum whose Hessian is at least lambda/2 around it: so near are the ends."""
    first = starts(runs, n, k)
    decided, stopped = descend(first, Until.DECIDED), descend(first, Until.STOPPED, most=200_000)
    ended = stopped.fate != Fate.TIME.value
    assert ended.all()
    assert (decided.fate[ended] == stopped.fate[ended]).all()
    for place in np.nonzero(stopped.spurious)[0]:
        reach = 4 * SMALLEST_GRADIENT / least_eigenvalue(stopped.w[place])
        assert 0 < reach and np.linalg.norm(decided.w[place] - stopped.w[place]) <= reach
        assert decided.steps[place] < stopped.steps[place]
    assert stopped.count(Fate.SPURIOUS) and stopped.count(Fate.GLOBAL)
    for w in stopped.w:
        assert np.linalg.norm(Networks(w, np.eye(k)).gradient()) <= SMALLEST_GRADIENT


def test_descent_never_raises_the_objective() -> None:
    """What the early decision of a good end rests on."""
    w = starts(40, 8, 8)
    tile, slope = Tile(40, 8, 8), np.empty_like(w)
    before = tile.objective(w)
    for _ in range(300):
        w -= STEP * tile.gradient(w, slope)
        now = tile.objective(w)
        assert (now <= before + 64 * 128 * np.finfo(float).eps).all()
        before = now


def test_ends_do_not_depend_on_the_tile() -> None:
    """One thread or two, all runs or a few of them: the same fates, after the same numbers of steps but for one look."""
    first = starts(200, 7, 7)
    whole, shared, some = (descend(first[::step], Until.DECIDED, threads=threads) for step, threads in ((1, 1), (1, 2), (25, 1)))
    assert (whole.fate == shared.fate).all() and (whole.fate[::25] == some.fate).all()


def test_newton_goes_to_the_certified_point_and_not_to_a_saddle() -> None:
    def perturbed(k: int, size: float) -> np.ndarray:
        a, b, c, d, e = (x / MILLION for x in BOXES[k])
        w = np.full((k, k), b)
        np.fill_diagonal(w, a)
        w[:-1, -1], w[-1, :-1], w[-1, -1] = c, d, e
        return w + size * Stream(0, ("perturbed", str(k))).numpy().standard_normal((k, k))

    found = newton_end(perturbed(8, 1e-4))
    assert found is not None and np.abs(found - perturbed(8, 0.0)).max() <= 1 / MILLION
    saddle, best = newton_end(perturbed(5, 1e-4)), newton_end(np.eye(5) + perturbed(5, 0.0) * 1e-4)
    assert saddle is None and best is None


@pytest.mark.parametrize("n", [2, 5])
def test_few_neurons_always_succeed(n: int) -> None:
    ends = descend(starts(50, n, n), Until.DECIDED)
    assert ends.count(Fate.GLOBAL) == 50 and (ends.objective < SPURIOUS_ABOVE).all()


def test_one_neuron_in_one_dimension_may_end_at_0() -> None:
    """From w < 0 descent tends to 0 from below: no minimum, since F falls from there to the right, but the source's rule stops it."""
    first = starts(50, 1, 1)
    ends = descend(first, Until.STOPPED)
    assert (ends.spurious == (first[:, 0, 0] < 0)).all() and 0 < ends.spurious.sum() < 50
    assert np.abs(ends.w[ends.spurious]).max() <= 4 * SMALLEST_GRADIENT
    assert Networks(np.zeros((1, 1)), np.eye(1)).slope([[1.0]]) < 0 == Networks(np.zeros((1, 1)), np.eye(1)).slope([[-1.0]])


def tail(count: int, runs: int, ten_thousandths: int) -> int:
    """10^(4 runs) P(X >= count) for X ~ Binomial(runs, p)."""
    p, q = ten_thousandths, 10_000 - ten_thousandths
    return sum(comb(runs, x) * p**x * q ** (runs - x) for x in range(count, runs + 1))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_ends_are_clopper_and_pearsons_cut_outwards(row: tuple[int, ...]) -> None:
    """Each tail 1/2000, exactly: one ten-thousandth further inside and it is more."""
    _, _, count, low, high = row
    whole = 10_000**1000
    assert 2000 * tail(count, 1000, low) <= whole < 2000 * tail(count, 1000, low + 1)
    assert 2000 * tail(1000 - count, 1000, 10_000 - high) <= whole < 2000 * tail(1000 - count, 1000, 10_000 - high + 1)


def test_the_file_of_rows_holds_every_row_of_both_tables() -> None:
    assert len(AT_MOST) == 26 and len(AT_LEAST) == sum(row[2] >= 50 for row in ROWS)
    assert len({claim.name for claim in (*AT_MOST, *AT_LEAST)}) == len(AT_MOST) + len(AT_LEAST)


def test_averages_are_those_of_the_ends_and_allow_for_minima_not_met() -> None:
    """At k = 8 one minimum alone is met: its values are certified, and the interval still has room for others."""
    budget = BUDGETS[BudgetName.QUICK]
    for look in Look:
        found = AVERAGES.measure(run_average(8, 8, look, 1000), {}, budget, Stream(0))
        exact = CERTIFIED.measure(AtCriticalPoint(8, (), look), {}, budget, Stream(0))
        assert isinstance(found, Approx) and isinstance(exact, Ball)
        assert abs(exact.value - found.value) < found.error / MILLION and found.error > abs(found.value) / 2
        printed = AVERAGES.measure(run_average(8, 8, look, 1000, sp.Rational(1, 8)), {}, budget, Stream(0))
        assert isinstance(printed, Approx) and printed.value == found.value and printed.error == found.error + 1 / 8
    few = AVERAGES.measure(run_average(6, 6, Look.OBJECTIVE, 1000), {}, budget, Stream(0))
    assert isinstance(few, Refusal) and "too few for an average" in few.reason


BAD = {
    "no student": (lambda: run_average(0, 6, Look.OBJECTIVE, 10), "a student has at least one neuron, not n = 0"),
    "no target": (lambda: run_average(6, 0, Look.OBJECTIVE, 10), "a target has at least one neuron, not k = 0"),
    "no average": (lambda: run_average(6, 6, Look.OBJECTIVE, 0), "at least one run, not 0"),
    "negative unit": (lambda: run_average(6, 6, Look.OBJECTIVE, 10, -1), "the unit of the last printed digit is positive"),
    "no runs": (lambda: xavier(0, 2, 2, None), "at least one neuron in at least one dimension, and one run"),
    "no neurons": (lambda: xavier(2, 0, 2, None), "n = 0, k = 2"),
    "one matrix": (lambda: descend(np.eye(3)), "of shape"),
    "nothing": (lambda: descend(np.ones((0, 3, 3))), "not of shape"),
    "not a number": (lambda: descend(np.full((1, 2, 2), np.nan)), "finite numbers"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_one_line(case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(ValueError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
