"""The convex program of a cell: the least mean square error over u_j = v_j w_j with all signs fixed, by non-negative least squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from flint import fmpq

from lemmata.numerics.polytopes import generators, independent

WORK = 10**6
"""Comparisons of rays for the cone of one neuron, at most."""

Points = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Basin:
    """The least mean square error of a cell, the steepest descent left along a ray (0 at the minimum), and the weights on rays, added."""

    value: float
    slope: float
    weight: float = 0.0


def checked_points(points: Any) -> Points:
    """The rows of an integer matrix as points; raises ValueError for no points, a point that is 0, and entries that are not whole.

    Repeated and collinear points are allowed: the cone of a neuron is that of their distinct signs.

    >>> checked_points([[1, 0], [0, 2]])
    ((1, 0), (0, 2))
    >>> checked_points([[1, 0], [0, 0]])
    Traceback (most recent call last):
    ValueError: point 2 is 0: every network without biases is 0 there, leave it out
    """
    rows = tuple(tuple(row) for row in points)
    if not rows or any(len(row) != len(rows[0]) or not row for row in rows):
        raise ValueError("points are the rows of a matrix with at least one row and one column")
    for place, row in enumerate(rows):
        if any(int(entry) != entry for entry in row):
            raise ValueError(f"point {place + 1} has an entry that is no whole number: scale the data")
        if not any(row):
            raise ValueError(f"point {place + 1} is 0: every network without biases is 0 there, leave it out")
    return tuple(tuple(int(entry) for entry in row) for row in rows)


@lru_cache(maxsize=4096)
def cone_of(points: Points, active: tuple[bool, ...], positive: bool) -> tuple[tuple[float, ...], ...]:
    """What one neuron can add to the predictions: the extreme directions of its cone, from all u = v w with these signs.

    The signs of <w, x_t> and of v are those of the cell; u ranges over {u : v <u, x_t> >= 0 where active, <= 0 elsewhere}. Directions
    that no prediction sees are dropped: columns of the data that depend on others. The rays are exact, then rounded to doubles.

    >>> cone_of(((1, 0), (0, 1)), (True, False), True)
    ((1.0, 0.0), (0.0, 0.0))
    """
    columns = independent([tuple(column) for column in zip(*points, strict=True)], len(points))
    kept = [[row[column] for column in columns] for row in points]
    side = 1 if positive else -1
    rows = [[fmpq(0), *(fmpq(side * (1 if on else -1) * entry) for entry in row)] for row, on in zip(kept, active, strict=True)]
    rays = generators(rows, WORK).directions
    return tuple(
        tuple(float(sum(a * b for a, b in zip(row, ray, strict=True))) if on else 0.0 for row, on in zip(kept, active, strict=True))
        for ray in rays
    )


def least_square_error(points: Points, active: Sequence[Sequence[bool]], outputs: Sequence[float], targets: Sequence[float]) -> Basin:
    """min over the cell of (1/m) sum_t (N(x_t) - y_t)^2, the infimum over weights with these signs.

    The predictions of a cell are the sums of its neurons' cones, so that this is a projection onto a cone with known rays
    (Lawson & Hanson 1974, chapter 23). With r = y - p, p is the projection exactly where <r, g> <= 0 for each ray g and <r, p> = 0;
    `slope` is the larger of what is missed of either, the rays of length 1. Raises ValueError where the sizes do not fit.

    >>> least_square_error(((1, 0), (0, 1)), [[True, False]], [1.0], [2.0, 1.0]).value
    0.5
    """
    from scipy.optimize import nnls

    if len(active) != len(outputs) or any(len(on) != len(points) for on in active) or len(targets) != len(points):
        raise ValueError(f"{len(active)} neurons on {len(points)} points need as many outputs and targets, and signs for each pair")
    rays = [ray for on, v in zip(active, outputs, strict=True) for ray in cone_of(points, tuple(map(bool, on)), bool(v > 0)) if any(ray)]
    y = np.asarray(targets, dtype=float)
    if not rays:
        return Basin(float(y @ y) / len(y), 0.0)
    matrix = np.array(list(dict.fromkeys(rays))).T
    matrix /= np.linalg.norm(matrix, axis=0)
    weights, _ = nnls(matrix, y)
    prediction = matrix @ weights
    rest = y - prediction
    slope = max(0.0, float((matrix.T @ rest).max()), abs(float(rest @ prediction)))
    return Basin(float(rest @ rest) / len(y), slope, float(weights.sum()))


def never_above(whole: Basin, part: Basin, targets: Sequence[float]) -> bool:
    """Whether the value of a cell is at most that of a part of its network, up to what is missed of its minimum.

    For p of the whole, r = y - p, and q of the part, |r|^2 <= |y - q|^2 + 2 <r, q - p>: q is a sum of rays of the whole, so that
    <r, q> is at most the slope times the weights of q, and -<r, p> at most the slope. Rounding moves each square by at most
    4 m eps (|y| + weights)^2.

    >>> never_above(Basin(0.5, 0.0), Basin(1.0, 0.0), [1.0]), never_above(Basin(1.0, 0.0), Basin(0.5, 0.0), [1.0])
    (True, False)
    """
    count = len(targets)
    reach = sum(y * y for y in targets) ** 0.5 + whole.weight + part.weight
    rounding = 8 * count * float(np.finfo(float).eps) * reach**2
    return count * (whole.value - part.value) <= 2 * whole.slope * (1 + part.weight) + rounding
