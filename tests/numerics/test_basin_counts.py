"""Counted patterns and cells against counts made another way."""

from __future__ import annotations

import itertools
from math import comb

import numpy as np
import pytest

from lemmata.numerics.basins.arrangement import count_cells
from lemmata.numerics.basins.counting import neuron_by_neuron, patterns_that_serve, visited
from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.cells import INSTRUMENT as CELLS
from lemmata.numerics.instruments.sign_patterns import INSTRUMENT as PATTERNS
from lemmata.numerics.measurement import Ball, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.basins import Data, demands_of, orthogonal, served, served_by_each, singletons
from lemmata.theory.cells import cells, cells_of, moment_curve


@pytest.mark.parametrize("data", [singletons(1), singletons(1, 0, 1), orthogonal(2, 1), orthogonal(0, 3)])
@pytest.mark.parametrize("neurons", [0, 1, 3, 4])
def test_both_ways_of_counting_agree(data: Data, neurons: int) -> None:
    demands = demands_of(data)
    masks, everything = served_by_each(demands), 2 ** len(demands) - 1
    assert visited(neurons, masks, everything) == neuron_by_neuron(neurons, masks, everything)


def test_large_widths_are_counted_exactly() -> None:
    found, total = patterns_that_serve(100, demands_of(singletons(1)))
    assert found == total - 2 * 3**100 + 2**100 and total == 4**100


@pytest.mark.parametrize(("m", "d"), [(1, 1), (4, 1), (2, 2), (5, 2), (4, 3), (6, 3), (5, 4), (3, 4)])
def test_general_position_has_cover_s_number(m: int, d: int) -> None:
    assert count_cells(moment_curve(m, d)) == 2 * sum(comb(m - 1, i) for i in range(d))


@pytest.mark.parametrize("seed", range(6))
def test_no_weights_show_a_pattern_that_was_not_counted(seed: int) -> None:
    """20,000 random weights on random small points, repeated and collinear ones among them, meet every cell and no more."""
    rng = Stream(seed).child("cells").numpy()
    points = np.array([row for row in rng.integers(-2, 3, size=(6, 2 + seed % 2)) if row.any()])
    signs = rng.normal(size=(20_000, points.shape[1])) @ points.T > 0
    assert len({tuple(row) for row in signs.tolist()}) == count_cells(points.tolist())


@pytest.mark.parametrize("order", itertools.islice(itertools.permutations(range(4)), 0, 24, 5))
def test_the_order_of_points_does_not_matter(order: tuple[int, ...]) -> None:
    points = [(1, 0, 0), (1, 1, 0), (0, 1, 0), (1, 2, 3)]
    assert count_cells([points[place] for place in order]) == count_cells(points) == 12


def test_a_point_that_is_zero_is_an_error() -> None:
    with pytest.raises(ValueError, match="a point is 0"):
        count_cells([(1, 0), (0, 0)])


def test_instruments_give_exact_balls_or_reasons() -> None:
    budget, stream = Budget(), Stream(0)
    for instrument, node in ((PATTERNS, served(3, singletons(1))), (CELLS, cells(5, 2)), (CELLS, cells_of([[1, 2], [2, 4]]))):
        found = instrument.measure(node, {}, budget, stream)
        assert isinstance(found, Ball) and found.value.rad() == 0
    for instrument, other in ((PATTERNS, served(3, singletons(6))), (PATTERNS, served(10**6, singletons(1))), (CELLS, cells(10**6, 9))):
        assert isinstance(instrument.measure(other, {}, budget, stream), Refusal)
