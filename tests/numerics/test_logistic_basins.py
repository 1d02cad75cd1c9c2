"""Infima of the logistic loss over cells: what separates, what is attained, against descent in weights and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lemmata.numerics.basins.logistic import least_logistic_error
from lemmata.numerics.basins.programs import checked_points
from lemmata.numerics.streams import Stream

EPS = np.finfo(float).eps


def test_an_infimum_that_is_not_attained_is_said_to_be_so() -> None:
    basin = least_logistic_error(((1, 0), (0, 1)), [[True, True]], [1.0], [1, 1])
    assert basin.value == 0 and not basin.attained and basin.separable == (True, True)


def test_repeated_points_with_opposite_labels_attain_their_minimum() -> None:
    basin = least_logistic_error(checked_points([[1, 0], [1, 0], [2, 0]]), [[True] * 3], [1.0], [1, -1, 1])
    grid = np.linspace(0, 3, 10**5)
    by_hand = (np.logaddexp(0, -grid) + np.logaddexp(0, grid) + np.logaddexp(0, -2 * grid)) / 3
    assert basin.attained and basin.separable == (False, False, False)
    # convex with second derivative at most 2 (1/4 + 1/4 + 1): half a step off costs at most step^2/8 times that
    # and the solver stops at the square root of the precision
    assert abs(by_hand.min() - basin.value) <= (grid[1] ** 2) / 8 * 1.5 + EPS**0.5


def test_no_active_neuron_leaves_the_zero_network() -> None:
    basin = least_logistic_error(((1, 0), (0, 1)), [[False, False]], [1.0], [1, -1])
    assert basin == least_logistic_error(((1, 0), (0, 1)), [], [], [1, -1])
    assert basin.value == math.log(2) and basin.attained


@pytest.mark.parametrize("root", range(12))
def test_no_weights_of_the_cell_are_below_the_infimum_and_far_ones_reach_it(root: int) -> None:
    rng = Stream(0).child("logistic", root).numpy()
    points = [row for row in rng.integers(-3, 4, size=(6, 2)).tolist() if any(row)]
    labels = [int(sign) for sign in rng.choice([-1, 1], size=len(points))]
    w, v = rng.normal(size=(3, 2)), rng.normal(size=3)
    on = w @ np.array(points).T > 0
    basin = least_logistic_error(checked_points(points), on.tolist(), v.tolist(), labels)
    lowest = math.inf
    for _ in range(400):  # other weights of the cell: convex combinations of some that have its signs, at many scales
        trial = rng.normal(size=(3, 2)) * 10.0 ** rng.uniform(-1, 1.5, size=(3, 1))
        signs = trial @ np.array(points).T > 0
        kept = np.where((signs == on).all(1)[:, None], trial, w)
        outer = np.sign(v) * 10.0 ** rng.uniform(-3, 1.5, size=3)
        predictions = (np.maximum(kept @ np.array(points).T, 0) * outer[:, None]).sum(0)
        lowest = min(lowest, float(np.logaddexp(0, -np.array(labels) * predictions).mean()))
    assert lowest >= basin.value - EPS**0.5
    if not basin.attained:
        assert any(basin.separable)


@pytest.mark.parametrize(
    ("labels", "says"),
    [([1, 0], "labels of the logistic loss"), ([1], "as many outputs and labels"), ([1, 2], "labels of the logistic loss")],
)
def test_bad_input_is_one_clear_line(labels: list[int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        least_logistic_error(((1, 0), (0, 1)), [[True, False]], [1.0], labels)
