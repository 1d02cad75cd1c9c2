"""Newton's method within the symmetric family, in doubles: where a certificate for all directions begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lemmata.numerics.landscape.hessian import Networks

Array = Any

STEPS = 30


def symmetric(k: int, coordinates: Sequence[float] | Array) -> Array:
    """The student with these (a, b, c, d_1, e_1, ...), exactly: see `symmetric_point.family`.

    >>> symmetric(3, (1, 2, 3, 4, 5)).tolist()
    [[1.0, 2.0, 3.0], [2.0, 1.0, 3.0], [4.0, 4.0, 5.0]]
    """
    a, b, c = coordinates[:3]
    last = k - 1
    w = np.full((last + (len(coordinates) - 3) // 2, k), float(b))
    w[range(last), range(last)], w[:last, -1] = a, c
    w[last:, :last], w[last:, -1] = np.array(coordinates[3::2])[:, None], coordinates[4::2]
    return w


def in_family(k: int, near: Sequence[float]) -> tuple[float, ...]:
    """The coordinates of the critical point near others, to rounding; those where Newton's method got to, if it has not converged.

    >>> round(in_family(6, (0.98, -0.05, 0.3, 0.22, -0.6))[0], 6)
    0.986704
    """
    at, least = np.array(near, dtype=float), np.inf
    basis = np.array([symmetric(k, row).ravel() for row in np.eye(len(at))]).T
    for _ in range(STEPS):
        networks = Networks(symmetric(k, at), np.eye(k))
        slope = basis.T @ networks.gradient().ravel()
        step = np.linalg.solve(basis.T @ networks.hessian() @ basis, slope)
        if not np.isfinite(step).all() or np.abs(step).max() >= least:
            break
        least = np.abs(step).max()
        at = at - step
    return tuple(float(x) for x in at)
