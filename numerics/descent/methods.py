"""The iterations of `lemmata.theory.trajectory.Method`, as a table: one line of algebra each, for any kind of number.

Each takes (w, v, gradient, alpha, beta) and returns the next (w, v); numbers may be tensors, balls or rationals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lemmata.theory.trajectory import Method

Vector = list[Any]
Update = Callable[[Vector, Vector, Callable[[Vector], Vector], Any, Any], tuple[Vector, Vector]]


def gradient_step(w: Vector, v: Vector, gradient: Callable[[Vector], Vector], alpha: Any, beta: Any) -> tuple[Vector, Vector]:
    """w - alpha g(w).

    >>> gradient_step([1], [0], lambda w: [2 * w[0]], 3, 0)
    ([-5], [0])
    """
    return [x - alpha * g for x, g in zip(w, gradient(w), strict=True)], v


def heavy_ball_step(w: Vector, v: Vector, gradient: Callable[[Vector], Vector], alpha: Any, beta: Any) -> tuple[Vector, Vector]:
    """v <- beta v + alpha g(w), w <- w - v: Polyak (1964).

    >>> heavy_ball_step([1], [1], lambda w: [2 * w[0]], 3, 4)
    ([-9], [10])
    """
    v = [beta * y + alpha * g for y, g in zip(v, gradient(w), strict=True)]
    return [x - y for x, y in zip(w, v, strict=True)], v


def late_heavy_ball_step(w: Vector, v: Vector, gradient: Callable[[Vector], Vector], alpha: Any, beta: Any) -> tuple[Vector, Vector]:
    """The same with w <- w - v for the old v: the gradient enters one step late.

    >>> late_heavy_ball_step([1], [1], lambda w: [2 * w[0]], 3, 4)
    ([0], [10])
    """
    new = [beta * y + alpha * g for y, g in zip(v, gradient(w), strict=True)]
    return [x - y for x, y in zip(w, v, strict=True)], new


def nesterov_step(w: Vector, v: Vector, gradient: Callable[[Vector], Vector], alpha: Any, beta: Any) -> tuple[Vector, Vector]:
    """v <- beta v + alpha g(w - beta v), w <- w - v: Nesterov's acceleration in velocity form.

    >>> nesterov_step([1], [1], lambda w: [2 * w[0]], 3, 4)
    ([15], [-14])
    """
    ahead = [x - beta * y for x, y in zip(w, v, strict=True)]
    v = [beta * y + alpha * g for y, g in zip(v, gradient(ahead), strict=True)]
    return [x - y for x, y in zip(w, v, strict=True)], v


UPDATES: dict[Method, Update] = {
    Method.GRADIENT: gradient_step,
    Method.HEAVY_BALL: heavy_ball_step,
    Method.HEAVY_BALL_PRINTED: late_heavy_ball_step,
    Method.NESTEROV: nesterov_step,
}
