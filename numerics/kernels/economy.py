"""Polynomials on [-1, 1] made shorter: their last Chebyshev terms are dropped, each at the cost of its coefficient (|T_j| <= 1)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from lemmata.numerics.kernels.lattice import LONG, UNIT

SHARE = 2.0**-57
"""What may be dropped, relative to the size of the vector of all polynomials of a cell."""


@lru_cache(maxsize=64)
def bases(count: int) -> tuple[Any, Any]:
    """(C, T): t^k = sum_j C[k, j] T_j(t) and T_j(t) = sum_k T[j, k] t^k for j, k < count <= 64: dyadic numbers of few digits.

    >>> bases(3)[0].astype(float).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.0, 0.5]]
    """
    powers, chebyshev = np.zeros((count, count), LONG), np.zeros((count, count), LONG)
    for k in range(count):
        for i in range(k // 2 + 1):
            j = k - 2 * i
            powers[k, j] = LONG(math.comb(k, i)) / LONG(2) ** (k if j == 0 else k - 1)
    for j in range(count):
        if j < 2:
            chebyshev[j, j] = 1
        else:
            chebyshev[j, 1:] = 2 * chebyshev[j - 1, :-1]
            chebyshev[j] -= chebyshev[j - 2]
    return powers, chebyshev


def economised(chains: list[Any], size: Any) -> tuple[list[Any], Any]:
    """Chains of polynomials (cell, power, place) with as few powers as do, and what they are off by at most in norm, on each cell.

    Rounding: an entry of a product with C or T meets at most `count` + 2 roundings of its terms' sizes.
    """
    count = chains[0].shape[1]
    forward, backward = bases(count)
    turned = [np.einsum("ckn,kj->cjn", chain, forward) for chain in chains]
    loose = sum((np.einsum("ckn,kj->cn", np.abs(chain), np.abs(forward)) ** 2).sum(axis=1) for chain in chains)
    heavy = sum((np.einsum("cjn,jk->cn", np.abs(chain), np.abs(backward)) ** 2).sum(axis=1) for chain in turned)
    rounding = (count + 2) * UNIT * (np.sqrt(loose) + np.sqrt(heavy))
    norms = np.sqrt(sum((chain * chain).sum(axis=2) for chain in turned))
    rests = np.cumsum(norms[:, ::-1], axis=1)[:, ::-1]
    fits = (rests <= SHARE * size[:, None]).all(axis=0)
    kept = int(np.nonzero(fits)[0][0]) if fits.any() else count
    dropped = rests[:, kept] if kept < count else 0 * size
    short = [np.einsum("cjn,jk->ckn", chain[:, :kept], backward[:kept, :kept]) for chain in turned]
    return short, (dropped + rounding).astype(np.float64) * (1 + 2.0**-30)
