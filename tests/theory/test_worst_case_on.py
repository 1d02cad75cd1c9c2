"""Worst cases from below by one loss: its curvature, its least value, its start; losses quadratic between kinks."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.piecewise_quadratic import Pieces, PiecewiseQuadratic
from lemmata.theory.rules.exact_run import exact_run
from lemmata.theory.rules.worst_case_on import worst_case_on
from lemmata.theory.smoothness import Assumed, SecondDerivatives
from lemmata.theory.trajectory import descent
from lemmata.theory.worst_cases import Smooth, SmoothConvex, worst_case
from lemmata.theory.worst_functions import slowest

M, alpha, Delta, g = sp.symbols("M alpha Delta g", positive=True)
x, y = sp.symbols("x y", real=True)
LINE = Domain((x,))


def least(n: int, loss: Any, start: Any, *, constant: Any = 1, step: Any = 1, excess: Any, reason: Any, bound: Any = 0) -> Derivation:
    node = worst_case(Smooth(constant), step, excess=excess).least[n, "gradient"]
    return Derivation(node, Domain((M, alpha, Delta, g))).by(worst_case_on, loss, {x: start}, reason, bound)


@pytest.mark.parametrize("n", range(1, 9))
def test_the_worst_case_is_reached_from_below_with_nothing_granted(n: int) -> None:
    loss = slowest(n, x, constant=1, step=1)
    found = least(n, loss, 0, excess=sp.Rational(3 * n - 1, 4), reason=PiecewiseQuadratic()).by(exact_run)
    assert (found.link, found.end, found.assumes) == (Link.AT_LEAST, 1, ())


def test_with_symbols_for_the_constants() -> None:
    slope = sp.sqrt(4 * M * Delta / 8)
    loss = slowest(3, x, constant=M, step=1 / M, slope=slope)
    found = least(3, loss, 0, constant=M, step=1 / M, excess=Delta, reason=PiecewiseQuadratic()).by(exact_run)
    assert exact.equal(found.end, M * Delta / 2) is True


def test_a_parabola_by_its_second_derivative() -> None:
    start = sp.sqrt(2 * Delta / M)
    found = least(2, M * x**2 / 2, start, constant=M, step=2 / M, excess=Delta, reason=SecondDerivatives()).by(exact_run)
    assert found.end == 2 * M * Delta


LOSS = slowest(3, x, constant=1, step=1)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"constant": sp.Rational(99, 100), "step": 1}, "the curvature 1 after 0 kinks"),
        ({"excess": sp.Rational(199, 100)}, "was not proved to be within"),
        ({"bound": sp.Rational(1, 100)}, "the least value 0"),
        ({"loss": LOSS + sp.Max(0, x) ** 2}, "the curvature 2 after 5 kinks"),
        ({"loss": LOSS - sp.Max(0, x) ** 2 / 2}, "rise from its first stationary point"),
        ({"loss": LOSS + sp.Max(0, x)}, "do not enter as squares"),
        ({"loss": LOSS + x**3}, "not quadratic"),
        ({"loss": LOSS + sp.Max(0, 2 * x) ** 2}, "not of the form"),
        ({"start": 1}, "was not proved to be within"),
    ],
)
def test_a_loss_that_does_not_belong_is_turned_away(changed: dict[str, Any], says: str) -> None:
    whole: dict[str, Any] = {"loss": LOSS, "start": 0, "excess": sp.Integer(2), "reason": PiecewiseQuadratic(), **changed}
    with pytest.raises(NotDischarged, match=says):
        least(3, whole.pop("loss"), whole.pop("start"), **whole)


def test_a_class_that_is_assumed_shows_nothing() -> None:
    with pytest.raises(NotDischarged, match="to be proved, not assumed"):
        least(1, 5 * x**2, 1, reason=Assumed(), excess=sp.Integer(100))


def test_other_questions_are_declined() -> None:
    worst = worst_case(Smooth(1), 1, excess=2)
    for node in (worst.least[3, "excess"], worst_case(Smooth(1), 1, distance=2).least[3, "gradient"], x):
        with pytest.raises(NotApplicable):
            Derivation(node, LINE).by(worst_case_on, LOSS, {x: 0}, PiecewiseQuadratic())
    with pytest.raises(NotApplicable, match="it takes a loss"):
        Derivation(worst.least[3, "gradient"], LINE).by(worst_case_on, LOSS, {x: 0})
    with pytest.raises(NotDischarged, match="must be Smooth"):
        convex = worst_case(SmoothConvex(1), 1, excess=2).least[3, "gradient"]
        Derivation(convex, LINE).by(worst_case_on, LOSS, {x: 0}, PiecewiseQuadratic())


def test_kinks_are_put_in_order_and_curvatures_read_off() -> None:
    pieces = Pieces.of(2 * sp.Max(0, x - g) ** 2 + x**2 / 2 - sp.Max(0, x + g) ** 2, [x], Domain((x, g)))
    assert pieces.kinks == ((-g, -1), (g, 2))
    assert pieces.curvatures() == [1, -1, 3]
    with pytest.raises(NotDischarged, match="the order of the kinks"):
        Pieces.of(sp.Max(0, x - g) ** 2 + sp.Max(0, x - alpha) ** 2, [x], Domain((x, g, alpha)))
    with pytest.raises(NotDischarged, match="one variable"):
        Pieces.of(x**2 + y**2, [x, y], Domain((x, y)))


@pytest.mark.parametrize("loss", [sp.Max(0, x), sp.Abs(x), sp.Heaviside(x) * x, sp.sign(x) * x + x])
def test_a_run_that_starts_on_a_kink_is_not_exact(loss: Any) -> None:
    """However the kink is written, the slopes of its sides differ."""
    with pytest.raises(NotDischarged, match="not along the gradient"):
        Derivation(descent(loss, {x: 0}, 1)[1, x], LINE).by(exact_run)


def test_a_run_may_start_where_smooth_pieces_meet() -> None:
    assert Derivation(descent(sp.Heaviside(x) * x**2 + x, {x: 0}, 1)[1, x], LINE).by(exact_run).end == -1
