"""Data read off points: what they ask of a network does not depend on order, scale or repetition, and what is no data says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp

from lemmata.theory.basins import independent_points, orthogonal, orthogonal_of, served, singletons, singletons_of
from lemmata.theory.decreasing_path import absolute_loss, logistic_loss, squared_loss

n = sp.Symbol("n", integer=True, positive=True)


@pytest.mark.parametrize(
    ("slopes", "counts"), [([(1, 1)], (1, 0, 0)), ([(-1, -1), (1, -1)], (0, 1, 1)), ([(-1, 1), (1, 1), (1, 1)], (2, 0, 1))]
)
@pytest.mark.parametrize("repeated", [1, 3])
def test_singletons_are_counted_by_their_slopes(slopes: list[tuple[int, int]], counts: tuple[int, ...], repeated: int) -> None:
    points, targets = [], []
    for axis, pair in enumerate(slopes):
        for half, outer in zip((1, -1), pair, strict=True):
            for scale in range(1, repeated + 1):
                points.append([half * scale if place == axis else 0 for place in range(len(slopes))])
                targets.append(sp.Rational(outer * scale, 3))
    assert singletons_of(points, targets) == singletons(*counts)
    assert singletons_of(points[::-1], targets[::-1]) == singletons(*counts)


def test_orthogonal_points_are_counted_by_their_targets() -> None:
    points = [[1, 2, 0], [2, -1, 0], [0, 0, -5]]
    assert orthogonal_of(points, [3, -1, 1]) == orthogonal(2, 1)
    assert served(n, orthogonal_of(points, [3, -1, 1]), loss=lambda p, y: (p - y) ** 2) == served(n, orthogonal(2, 1))


def test_independent_points_are_kept_as_they_are() -> None:
    assert independent_points([[1, 1, 1], [1, 1, 2]]) == sp.ImmutableMatrix([[1, 1, 1], [1, 1, 2]])


@pytest.mark.parametrize("loss", [squared_loss, absolute_loss, logistic_loss])
def test_convex_losses_are_taken(loss: Callable[..., sp.Expr]) -> None:
    assert served(n, singletons(1), loss=lambda p, y: loss((p,), (y,))) == served(n, singletons(1))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: singletons_of([[1, 0]], [1, 2]), "1 points and 2 targets"),
        (lambda: singletons_of([], []), "0 points"),
        (lambda: singletons_of([[0.5, 0], [-1, 0]], [1, 1]), "not rational"),
        (lambda: orthogonal_of([[1, 0]], [0]), "the target of point 1 is 0"),
        (lambda: independent_points([[1, 2], [2, 4]]), "points 1 and 2 are collinear"),
        (lambda: independent_points([[1, 0, 1], [0, 1, 0], [1, 1, 1]]), "point 3 depends on those before it"),
        (lambda: independent_points([[0, 0]]), "point 1 is 0"),
        (lambda: served(n, singletons(1), loss=lambda p, y: sp.sin(p - y)), "needs a convex loss"),
        (lambda: served(n, singletons(1), loss=lambda p, y: [p, y]), "no expression in the predictions"),
        (lambda: served(n, singletons(1), loss=lambda p, y: {}[p]), "the loss fails on symbols"),
    ],
)
def test_bad_data_is_one_clear_line(call: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)
