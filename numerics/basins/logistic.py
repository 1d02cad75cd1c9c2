r"""The infimum of the logistic loss over a cell, which need not be attained: a linear program finds what can be driven to 0.

The predictions of a cell form a cone C with known rays. An example t is separable if some p of C has y_t p_t > 0 and y_s p_s >= 0 for all
s. A sum of such p, one for each separable t, is an r of C with y_t r_t > 0 for just these t and r_s = 0 for the others. Along p + c r the
loss tends to that of the other examples at p, so that inf L is the infimum of their loss alone; and there it is attained: a direction
of C along which no other example rises, and some falls, would, with a multiple of r added, make that example separable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lemmata.numerics.basins.programs import Points, cone_of


@dataclass(frozen=True, slots=True)
class LogisticBasin:
    """The infimum of the mean logistic loss over a cell, whether some weights attain it, and which examples are separable."""

    value: float
    attained: bool
    separable: tuple[bool, ...]


def least_logistic_error(
    points: Points, active: Sequence[Sequence[bool]], outputs: Sequence[float], labels: Sequence[int]
) -> LogisticBasin:
    """inf over the cell of (1/m) sum_t log(1 + e^(-y_t N(x_t))), for labels -1 and 1.

    Raises ValueError for other labels and for sizes that do not fit, ArithmeticError where a solver gives up.

    >>> basin = least_logistic_error(((1, 0), (0, 1)), [[True, False]], [1.0], [1, -1])
    >>> basin.attained, basin.separable, round(2 * basin.value, 9)
    (False, (True, False), 0.693147181)
    """
    if len(active) != len(outputs) or any(len(on) != len(points) for on in active) or len(labels) != len(points):
        raise ValueError(f"{len(active)} neurons on {len(points)} points need as many outputs and labels, and signs for each pair")
    if any(label not in (-1, 1) for label in labels):
        raise ValueError("labels of the logistic loss are -1 and 1")
    rays = [ray for on, v in zip(active, outputs, strict=True) for ray in cone_of(points, tuple(map(bool, on)), bool(v > 0)) if any(ray)]
    return _infimum(tuple(sorted(set(rays))), tuple(labels))


@lru_cache(maxsize=4096)
def _infimum(rays: tuple[tuple[float, ...], ...], labels: tuple[int, ...]) -> LogisticBasin:
    """The infimum over the cone of these rays: many starts have one cone."""
    from scipy.optimize import linprog, minimize

    examples = len(labels)
    if not rays:
        return LogisticBasin(float(np.log(2)), True, (False,) * examples)
    matrix = np.array(rays).T
    margins = np.array(labels)[:, None] * matrix / np.linalg.norm(matrix, axis=0)
    # the most examples at once with a margin of 1: max sum s_t over margins p >= s, 0 <= s <= 1
    rows = np.hstack([-margins, np.eye(examples)])
    bounds = [(0, None)] * margins.shape[1] + [(0, 1)] * examples
    found = linprog(np.r_[np.zeros(margins.shape[1]), -np.ones(examples)], rows, np.zeros(examples), bounds=bounds, method="highs")
    if not found.success:
        raise ArithmeticError(f"the linear program of separable examples was not solved: {found.message}")
    separable = found.x[-examples:] > 0.5  # 0 or 1 at the optimum: a multiple of a feasible direction is feasible
    if separable.all():
        return LogisticBasin(0.0, False, (True,) * examples)
    left = margins[~separable]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        at = left @ weights
        return float(np.logaddexp(0, -at).sum()) / examples, -left.T @ (1 / (1 + np.exp(np.clip(at, -700, 700)))) / examples

    best = minimize(loss, np.zeros(left.shape[1]), jac=True, bounds=[(0, None)] * left.shape[1], method="L-BFGS-B")
    return LogisticBasin(float(best.fun), not bool(separable.any()), tuple(bool(one) for one in separable))
