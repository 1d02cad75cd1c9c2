"""For which variances a dual is compiled: those that the layers of a network make of the inputs' lengths."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp

from lemmata.numerics.kernels.cells import Cells
from lemmata.numerics.kernels.compiled import best_dual, expression
from lemmata.numerics.kernels.duals import RELU, Dual
from lemmata.numerics.kernels.network import Network, Vector
from lemmata.theory.kernels.admissible import X

SAMPLES = 65
"""Variances of a layer, evenly spread in their logarithm, whose images tell the range of the next."""

MARGIN = 1.001
"""By what a range is widened at first: it is then widened to whole cells, and the dual refuses what is outside all the same."""


def compiled_for(activation: Any, network: Network, squares: list[Vector]) -> Dual:
    """The dual of an activation for the variances of all layers of a network, given |x|^2 / n_0 of its inputs.

    The ReLU's is the closed one. Raises ActivationError or ValueError where none can be compiled.
    """
    if activation == "relu":
        return RELU
    expr, _ = expression(activation)
    q = network.weight * np.concatenate([np.asarray(part, np.float64) for part in squares]) + network.bias
    if not (q > 0).all() or not np.isfinite(q).all():
        raise ValueError(f"a variance in the first layer is {q[~((q > 0) & np.isfinite(q))][0]:g}, where {expr} has no kernel")
    low, high = _range(expr, network, float(q.min()), float(q.max()))
    return best_dual(activation, whole_cells(low, high))


def whole_cells(low: float, high: float) -> tuple[float, float]:
    """The range of the cells that hold these variances, so that similar inputs share one dual.

    >>> whole_cells(0.3, 1.1)
    (0.25, 1.5625)
    """
    edges = Cells.over(low, high).edges()
    return edges[0] ** 2, edges[-1] ** 2


def _range(expr: Any, network: Network, low: float, high: float) -> tuple[float, float]:
    """The least and the largest variance in any layer but the last, by sums in double precision."""
    function = sp.lambdify(X, expr, ["scipy", "numpy"])
    s = np.linspace(-9, 9, 721)
    density = np.exp(-s * s / 2) * (s[1] - s[0]) / math.sqrt(2 * math.pi)
    least, most = low, high
    for _ in range(network.depth - 1):
        q = np.geomspace(low, high, SAMPLES)
        with np.errstate(all="ignore"):
            values = function(np.sqrt(q)[:, None] * s) * np.ones_like(s)
        images = network.weight * (values * values * density).sum(axis=1) + network.bias
        low, high = float(images.min()), float(images.max())
        if not 0 < low <= high < math.inf:
            raise ValueError(f"the variances of {expr} leave the positive numbers after some layers: rescale the inputs or sigma_w")
        least, most = min(least, low), max(most, high)
    return least / MARGIN, most * MARGIN
