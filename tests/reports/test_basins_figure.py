"""The figure of basins of deep linear networks: fates at points where they are proved, and where each curve stands."""

from __future__ import annotations

import pytest

from lemmata.numerics.descent.linear_fates import fates
from lemmata.reports.figures.linear_basins import curves, escapes


@pytest.mark.parametrize(
    ("depth", "target", "step", "fate"),
    [
        (2, 4.0, 0.1, "s"),  # below 1/(K r)
        (2, 4.0, 0.3, "r"),  # beyond 2/(K r), where the solution repels
        (2, -1.0, 0.1, "c"),
        (3, -1.0, 0.6, "s"),  # it jumps over 0
        (5, 4.0, 0.1, "c"),
        (10, 4.0, 0.1, "d"),
        (10, 4.0, 0.01, "s"),
    ],
)
def test_fates_where_they_are_known(depth: int, target: float, step: float, fate: str) -> None:
    assert fates(depth, [target], [step], 2000) == [fate]


def test_a_network_has_layers() -> None:
    with pytest.raises(ValueError, match="at least 1 layer"):
        fates(0, [1.0], [0.1], 10)


def test_the_step_that_is_enough_is_at_most_the_one_that_repels() -> None:
    for depth in (2, 3, 5):
        enough, most, _ = curves(depth)
        assert all(a < b for a, b in zip(enough, most, strict=True))


def test_the_share_of_negative_targets_that_are_solved() -> None:
    assert escapes({"depths": {"3": ["ss", "cc", "ss"]}}) == "100\\% of these points for $K = 3$"
