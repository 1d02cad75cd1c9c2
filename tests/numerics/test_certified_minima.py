"""Strict minima proved by strong convexity: against interval Newton, under attack, and the bound of the Hessian's variation by samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb, arb_mat

from lemmata.numerics import BUDGETS, Ball, BudgetName, Refusal, Stream
from lemmata.numerics.compile.arb import precision
from lemmata.numerics.instruments.critical_point import INSTRUMENT as NEWTON
from lemmata.numerics.instruments.strict_minimum import INSTRUMENT
from lemmata.numerics.landscape.ball_geometry import Student, orthonormal
from lemmata.numerics.landscape.certified_minimum import NotProved, certified_minimum, hessian, least_eigenvalue
from lemmata.numerics.landscape.family_newton import in_family, symmetric
from lemmata.numerics.landscape.hessian import Networks
from lemmata.numerics.landscape.hessian_variation import variation
from lemmata.numerics.landscape.student_runs import numbered_start
from lemmata.numerics.landscape.symmetric_point import NotProved as NoBox
from lemmata.numerics.landscape.symmetric_point import symmetric_point
from lemmata.theory.found_minima import AtFoundMinimum, found_minimum
from lemmata.theory.spurious_minima import BOXES, MILLION, WIDER_BOXES, AtCriticalPoint, Look, critical_point

QUICK, THOROUGH = BUDGETS[BudgetName.QUICK], BUDGETS[BudgetName.THOROUGH]
BITS = 128
ULP = 2.0**-52


def balls(matrix: Any) -> list[list[arb]]:
    return [[arb(float(x)) for x in row] for row in matrix]


def minimum(k: int, boxes: Any) -> np.ndarray:
    return symmetric(k, in_family(k, [x / MILLION for x in boxes[k]]))


@pytest.mark.parametrize(("k", "extra"), [(4, 1), (5, 1), (7, 1), (8, 1), (9, 1), (4, 0)])
def test_the_isotypic_parts_have_the_eigenvalues_of_the_whole_hessian(k: int, extra: int) -> None:
    """The doubles of the family's point have a Hessian whose spectrum is known from n k directions."""
    node = critical_point(k, extra=extra).curvature
    found = NEWTON.measure(node, {}, QUICK, Stream(0))
    assert isinstance(found, Ball)
    w = minimum(k, WIDER_BOXES if extra else BOXES)
    with precision(BITS):
        assert least_eigenvalue(hessian(Student(balls(w), orthonormal(k)))).overlaps(found.value)


def test_every_pair_of_the_theorem_and_the_one_it_leaves_out() -> None:
    k = sp.Symbol("k", integer=True, positive=True)
    for size in (8, 9, 10, 19):
        for look in (critical_point(k, extra=1).curvature, critical_point(k, extra=1).objective):
            found = NEWTON.measure(look, {k: sp.Integer(size)}, QUICK, Stream(0))
            assert isinstance(found, Ball) and found.value > 0


@pytest.mark.parametrize(("k", "extra"), [(6, 0), (7, 1), (8, 1)])
def test_two_roads_to_one_minimum(k: int, extra: int) -> None:
    point = critical_point(k, extra=extra)
    for node in (point.curvature, point.objective):
        pair = [one.measure(node, {}, THOROUGH, Stream(0)) for one in (NEWTON, INSTRUMENT)]
        assert all(isinstance(found, Ball) for found in pair)
        assert pair[0].value.overlaps(pair[1].value) and pair[1].value > 0


def test_a_saddle_a_global_minimum_and_a_matrix_nearby_are_not_proved() -> None:
    with pytest.raises(NotProved, match="not shown to be positive"):
        certified_minimum(minimum(5, BOXES))
    with pytest.raises(NotProved, match="parallel"):
        certified_minimum(np.eye(4))
    with pytest.raises(NotProved, match="continue the descent"):
        certified_minimum(minimum(7, BOXES) + 1e-5 * Stream(0, ("off",)).numpy().standard_normal((7, 7)))
    with pytest.raises(NotProved, match="may all be 0"):
        certified_minimum(np.vstack([minimum(7, BOXES), np.zeros(7)]))


def test_the_minimum_is_where_it_is_said_to_be() -> None:
    """Another way to it: interval Newton's coordinates, to many digits, from doubles that are off by more than rounding."""
    w = minimum(8, BOXES) + 1e-9 * Stream(0, ("near",)).numpy().standard_normal((8, 8))
    found = certified_minimum(w)
    with precision(BITS):
        exact = symmetric_point(8, [arb(x) / MILLION for x in BOXES[8]], arb(1) / MILLION)
        from lemmata.numerics.landscape.symmetric_point import family

        truth = family(8, exact.coordinates)
        gap = sum(((arb(float(w[i, j])) - truth[i][j]) ** 2 for i in range(8) for j in range(8)), arb(0)).sqrt()
        assert gap < found.distance < found.radius and gap > found.distance / 1000
        assert found.objective.overlaps(exact.objective) and found.curvature.overlaps(exact.least)


def test_permuted_neurons_and_coordinates_are_the_same_minimum() -> None:
    order = Stream(0, ("order",)).numpy()
    w = minimum(8, WIDER_BOXES)
    first, second = certified_minimum(w), certified_minimum(w[order.permutation(9)][:, order.permutation(8)])
    assert first.objective.overlaps(second.objective) and first.curvature.overlaps(second.curvature)


def pairs_of_students() -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Students near one another: anyhow, with rows almost parallel, crossing a parallel row, almost antiparallel, of small norm."""
    rng = Stream(0, ("variation",)).numpy()
    found = []
    for case in ("any", "parallel", "crossing", "antiparallel", "small"):
        for n, k in ((3, 2), (4, 5), (2, 3)):
            w, h = rng.standard_normal((n, k)), rng.standard_normal((n, k))
            if case == "parallel":
                w[1] = 1.7 * w[0] + 1e-5 * rng.standard_normal(k)
            elif case == "crossing":
                w[1] = 1.7 * w[0] - 1e-3 * h[1] / np.linalg.norm(h) / 2
                h[0] = 0
            elif case == "antiparallel":
                w[1] = -0.6 * w[0] + 1e-5 * rng.standard_normal(k)
            elif case == "small":
                w[0] *= 0.02 / np.linalg.norm(w[0])
            found.append((case, w, w + 1e-3 * h / np.linalg.norm(h)))
    return found


@pytest.mark.parametrize(("case", "w", "other"), pairs_of_students())
def test_the_hessian_varies_no_faster_than_is_proved(case: str, w: np.ndarray, other: np.ndarray) -> None:
    k = w.shape[1]
    change = Networks(other, np.eye(k)).hessian() - Networks(w, np.eye(k)).hessian()
    found = float(np.abs(np.linalg.eigvalsh((change + change.T) / 2)).max()) / float(np.linalg.norm(other - w))
    with precision(BITS):
        norms = [arb(float(x)) for x in np.sqrt((w * w).sum(1))]
        bound = float(variation(norms, [arb(1)] * k, arb(float(np.linalg.norm(other - w)))).lower())
    assert 0 < found < bound, case


def test_bounds_of_variation_are_not_idle() -> None:
    """Attacked with directions chosen for one pair, the bound is reached within a factor of 8."""
    rng, best = Stream(0, ("attack",)).numpy(), 0.0
    for _ in range(400):
        w = rng.standard_normal((2, 2))
        w /= np.linalg.norm(w, axis=1)[:, None]
        h = rng.standard_normal((2, 2))
        h *= 1e-6 / np.linalg.norm(h)
        change = Networks(w + h, np.eye(2)[:1]).hessian() - Networks(w, np.eye(2)[:1]).hessian()
        best = max(best, float(np.abs(np.linalg.eigvalsh((change + change.T) / 2)).max()) / 1e-6)
    with precision(BITS):
        bound = float(variation([arb(1), arb(1)], [arb(1)], arb(2) ** -19).upper())
    assert bound / 8 < best < bound


@pytest.mark.parametrize("size", [2, 7, 30])
def test_least_eigenvalues_of_known_matrices(size: int) -> None:
    """Second differences: 2 - 2 cos(pi/(size + 1)) exactly; and one with a double least eigenvalue."""
    with precision(BITS):
        matrix = arb_mat([[arb(2 * int(i == j) - int(abs(i - j) == 1)) for j in range(size)] for i in range(size)])
        exact = 2 - 2 * (arb.pi() / (size + 1)).cos()
        found = least_eigenvalue(matrix)
        assert found.overlaps(exact) and float(found.rad()) <= 64 * size**2 * ULP
        ones = arb_mat([[arb(3 * int(i == j) + 1) for j in range(size)] for i in range(size)])
        assert least_eigenvalue(ones).contains(3)
        wide = least_eigenvalue(arb_mat([[arb(int(i == j), 1) for j in range(size)] for i in range(size)]))
        assert wide.contains(1 - size) and wide.contains(1 + size - 2 * (size > 1) * size)


def test_a_run_is_made_and_its_minimum_proved() -> None:
    """k = 7, n = 7: the first start that ends badly, by its number."""
    point = found_minimum(7, 7, 26)
    starts = [NEWTON.measure(AtCriticalPoint(7, (), look), {}, QUICK, Stream(0)) for look in Look]
    found = {number: INSTRUMENT.measure(found_minimum(7, 7, number).objective, {}, QUICK, Stream(0)) for number in range(60)}
    spurious = [number for number, answer in found.items() if isinstance(answer, Ball)]
    assert spurious and all(isinstance(answer, Ball) or "goes to a global minimum" in answer.reason for answer in found.values())
    for number in spurious:
        assert found[number].value.overlaps(starts[0].value)
    point = found_minimum(7, 7, spurious[0])
    curved = INSTRUMENT.measure(point.curvature, {}, QUICK, Stream(0))
    assert isinstance(curved, Ball) and curved.value.overlaps(starts[1].value)
    assert (numbered_start(7, 7, spurious[0]) == numbered_start(7, 7, spurious[0])).all()


def test_budgets_bound_the_hessian_and_no_symbol_is_left() -> None:
    k = sp.Symbol("k", integer=True, positive=True)
    node = critical_point(k, extra=1).curvature
    assert "beyond this budget" in INSTRUMENT.measure(node, {k: sp.Integer(19)}, QUICK, Stream(0)).reason
    assert "whole number" in INSTRUMENT.measure(node, {}, QUICK, Stream(0)).reason
    for bad in (AtFoundMinimum(0, 3, 1, Look.CURVATURE), AtFoundMinimum(3, 3, k, Look.CURVATURE), critical_point(5).curvature):
        assert isinstance(INSTRUMENT.measure(bad, {}, QUICK, Stream(0)), Refusal)


BAD = {
    "no student": (lambda: found_minimum(0, 6, 1), "a student has at least one neuron, not n = 0"),
    "no target": (lambda: found_minimum(6, 0, 1), "a target has at least one neuron, not k = 0"),
    "half a neuron": (lambda: found_minimum(sp.Rational(13, 2), 6, 1), "whole, not n = 13/2"),
    "no start": (lambda: found_minimum(6, 6, -1), "starts are numbered 0, 1, 2"),
    "two more neurons": (lambda: critical_point(6, extra=2), "extra is 0 or 1, not 2"),
    "no box": (lambda: critical_point(21, extra=1), "no box is known for k = 21, n = 22"),
    "five for seven": (lambda: critical_point(8, (1, 2, 3, 4, 5), extra=1), "a box is given by 7 rationals"),
    "six": (lambda: symmetric_point(6, [arb(1)] * 6, arb(1)), "5, 7, 9, ... numbers and not 6"),
    "a vector": (lambda: certified_minimum(np.ones(3)), "a neuron in each row, not of shape"),
    "not a number": (lambda: certified_minimum(np.full((2, 2), np.nan)), "finite numbers"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_one_line(case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(ValueError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_box_without_a_critical_point_is_refused() -> None:
    with precision(BITS), pytest.raises(NoBox, match="does not show"):
        symmetric_point(8, [arb(x) / MILLION + arb(1) / 1000 for x in WIDER_BOXES[8]], arb(1) / MILLION)


def test_the_whole_box_lies_where_the_minimum_is_alone() -> None:
    """Every matrix of the box is within the radius in which strong convexity leaves room for one critical point only."""
    near = tuple(float(x) for x in BOXES[8])
    w = symmetric(8, in_family(8, tuple(x / MILLION for x in near)))
    corner = symmetric(8, [x / MILLION + 1e-6 for x in near])
    alone = 2.0e-6 * w.size**0.5
    found = certified_minimum(w, alone=alone)
    assert found.radius >= arb(alone) and found.radius > arb(float(np.sqrt(((w - corner) ** 2).sum())))
    with pytest.raises(NotProved, match="too large"):
        certified_minimum(w, alone=0.5)
