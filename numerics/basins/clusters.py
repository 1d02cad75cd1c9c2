r"""Clustered data: the value of a basin is at most a constant times delta^2, with the constant.

k clusters with linearly independent centres c_l, the rows of C, points x_t = c_l + e_t with |e_t| <= delta, targets within gamma delta of
a value z_l != 0, sigma the least singular value of C, and delta (1 + sqrt(k - 1)) <= sigma. If each cluster i has a neuron j(i) that is
active on all of it, has the output sign of z_i, and splits no cluster, then

    Bas <= delta^2 ( 2 |z|_1 / (sigma - delta sqrt(k - 1)) + gamma )^2.

Proof. Let tau = delta |z_i| / (sigma - delta sqrt(k - 1)) and let u be the vector in the span of the centres with <u, c_i> = z_i and
<u, c_l> = +-tau for l != i, with the sign that the cell of j(i) gives cluster l. Then
|u| <= (|z_i| + sqrt(k - 1) tau)/sigma = tau/delta, so that |<u, e_t>| <= tau: no sign is wrong on the other clusters, nor on cluster i,
where |z_i| >= tau by the condition on delta. The sum of these u over i lies in the (closed, convex) cell, other neurons at u = 0. A
point of cluster l gets z_l up to the sum over i of at most 2 tau_i, where j(i) is active; its target is within gamma delta of z_l.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def value_bound(centres: Sequence[Sequence[float]], values: Sequence[float], delta: float, gamma: float) -> float:
    """delta^2 (2 |z|_1/(sigma - delta sqrt(k - 1)) + gamma)^2, the bound above.

    Raises ValueError where the centres are not linearly independent, where a value is 0, and where delta is too large.

    >>> value_bound([[1, 0], [0, 1]], [1, -1], 0.0, 1.0)
    0.0
    >>> value_bound([[1, 0], [2, 0]], [1, 1], 0.01, 0.0)
    Traceback (most recent call last):
    ValueError: the centres are not linearly independent: no bound of order delta^2 holds for them
    """
    matrix = np.asarray(centres, dtype=float)
    z = np.asarray(values, dtype=float)
    clusters = len(matrix)
    sigma = float(np.linalg.svd(matrix, compute_uv=False)[-1]) if clusters <= matrix.shape[1] else 0.0
    if sigma <= np.finfo(float).eps * max(matrix.shape) * float(np.linalg.norm(matrix)):
        raise ValueError("the centres are not linearly independent: no bound of order delta^2 holds for them")
    if not z.all():
        raise ValueError("a cluster with the value 0 asks for no neuron: leave it out")
    root = float(clusters - 1) ** 0.5
    if delta < 0 or delta * (1 + root) > sigma:
        raise ValueError(f"delta = {delta:g} is not between 0 and sigma/(1 + sqrt(k - 1)) = {sigma / (1 + root):.3g}")
    return delta**2 * (2 * float(np.abs(z).sum()) / (sigma - delta * root) + gamma) ** 2
