"""Networks that fit any labels exactly, and what they cannot fit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemmata.numerics.datasets import digits
from lemmata.numerics.memorisation import Memory, memorise

NUMBERS = st.fractions(min_value=-9, max_value=9, max_denominator=7)
POINTS = st.integers(1, 4).flatmap(lambda d: st.lists(st.tuples(*[NUMBERS] * d), min_size=1, max_size=9, unique=True))


@given(POINTS, st.lists(NUMBERS, min_size=9, max_size=9))
def test_every_label_is_met_exactly(points: list[tuple[Fraction, ...]], labels: list[Fraction]) -> None:
    network = memorise(points, labels[: len(points)])
    assert [network(x) for x in points] == labels[: len(points)]
    assert network.parameters == 2 * len(points) + len(points[0])


def test_a_hundred_images_of_64_pixels() -> None:
    rows = digits()[:100]
    inputs, labels = [row[:-1] for row in rows], [k * k % 7 for k in range(100)]
    network = memorise(inputs, labels)
    assert [network(x) for x in inputs] == labels and network.parameters == 264


def test_a_changed_weight_is_noticed() -> None:
    network = memorise([(0, 1), (1, 0), (2, 5)], [1, 2, 3])
    altered = Memory(network.direction, network.biases, (network.outputs[0] + Fraction(1, 10**9), *network.outputs[1:]))
    assert altered((2, 5)) != 3


def test_inputs_that_one_direction_does_not_tell_apart() -> None:
    """(1, 1) projects (0, 1) and (1, 0) to one number: another direction is taken."""
    network = memorise([(0, 1), (1, 0)], [4, -4])
    assert network.direction != (1, 1) and (network((0, 1)), network((1, 0))) == (4, -4)


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        ([(1, 2), (3, 4), (1, 2)], [0, 1, 2], "inputs 0 and 2 are equal"),
        ([(1, 2)], [0, 1], "one label an input"),
        ([], [], "at least one"),
        ([(1,), (1, 2)], [0, 1], "one length"),
        ([()], [0], "at least 1"),
    ],
)
def test_what_cannot_be_memorised(inputs: list[tuple[int, ...]], labels: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        memorise(inputs, labels)
