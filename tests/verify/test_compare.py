"""Laws of comparison: enclosures, never tolerances."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
from flint import arb, arb_mat

from lemmata.numerics.measurement import Approx
from lemmata.verify.claim import Relation
from lemmata.verify.compare import Side, as_ball, compare, weakest
from lemmata.verify.evidence import Outcome, Rigour


def ball(middle: float, radius: float = 0.0) -> Side:
    return Side(arb(middle, radius), Rigour.RIGOROUS)


@pytest.mark.parametrize(
    ("relation", "left", "right", "outcome"),
    [
        (Relation.EQ, ball(1, 0.1), ball(1.05), Outcome.AGREES),
        (Relation.EQ, ball(1, 0.01), ball(1.05), Outcome.DISAGREES),
        (Relation.LE, ball(1), ball(2), Outcome.AGREES),
        (Relation.LE, ball(2), ball(1), Outcome.DISAGREES),
        (Relation.LE, ball(1), ball(1), Outcome.AGREES),
        (Relation.LE, ball(1, 0.2), ball(1), Outcome.AGREES),
        (Relation.LT, ball(1), ball(1), Outcome.DISAGREES),
        (Relation.LT, ball(1, 0.2), ball(1), Outcome.UNDECIDED),
        (Relation.LT, ball(1), ball(2), Outcome.AGREES),
        (Relation.GE, ball(1), ball(2), Outcome.DISAGREES),
        (Relation.GE, ball(2), ball(1), Outcome.AGREES),
        (Relation.GT, ball(2), ball(1), Outcome.AGREES),
        (Relation.GT, ball(1), ball(1), Outcome.DISAGREES),
        (Relation.GT, ball(1, 0.5), ball(1), Outcome.UNDECIDED),
    ],
)
def test_outcomes(relation: Relation, left: Side, right: Side, outcome: Outcome) -> None:
    assert compare(relation, left, right).outcome is outcome


def test_the_resolution_is_the_error_that_would_have_been_caught() -> None:
    found = compare(Relation.EQ, ball(2, 0.01), ball(2))
    assert found.resolution is not None
    shifted = compare(Relation.EQ, ball(2, 0.01), ball(2 * (1 + 2 * found.resolution)))
    assert shifted.outcome is Outcome.DISAGREES


def test_nothing_is_decided_by_what_is_not_finite() -> None:
    assert compare(Relation.EQ, Side(arb("nan"), Rigour.RIGOROUS), ball(1)).outcome is Outcome.UNDECIDED
    assert compare(Relation.LE, Side(arb("inf"), Rigour.RIGOROUS), ball(1)).outcome is Outcome.UNDECIDED


def test_one_wrong_entry_of_a_matrix_is_found_and_named() -> None:
    left = Side(arb_mat([[1, 2], [3, 4]]), Rigour.RIGOROUS)
    right = Side(arb_mat([[1, 2], [3, 5]]), Rigour.FLOATING)
    found = compare(Relation.EQ, left, right)
    assert (found.outcome, found.entry, found.rigour) == (Outcome.DISAGREES, (1, 1), Rigour.FLOATING)
    assert compare(Relation.EQ, left, left).outcome is Outcome.AGREES


@pytest.mark.parametrize("number", [mpmath.mpf("-0.98"), mpmath.mpf("0.98"), mpmath.mpf(0), -2.5, 7])
def test_a_floating_value_keeps_its_sign(number: Any) -> None:
    side = as_ball(Approx(number, 0, "exact"))
    assert side.value == arb(float(number))


def test_a_tiny_error_does_not_round_to_none() -> None:
    side = as_ball(Approx(mpmath.mpf(10) ** -400, mpmath.mpf(10) ** -401, "far below the smallest double"))
    assert side.value.rad() > 0


def test_matrices_of_different_shapes_differ() -> None:
    found = compare(Relation.EQ, Side(arb_mat([[1, 2]]), Rigour.RIGOROUS), Side(arb_mat([[1], [2]]), Rigour.RIGOROUS))
    assert found.outcome is Outcome.DISAGREES


def test_the_weakest_link_counts() -> None:
    assert weakest(Rigour.EXACT, Rigour.STATISTICAL, Rigour.RIGOROUS) is Rigour.STATISTICAL
    assert weakest() is Rigour.RIGOROUS
