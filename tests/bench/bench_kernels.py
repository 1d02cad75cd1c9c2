"""Kernel matrices of 4000 inputs at depth 3: seconds, and times faster than the same formulas on whole matrices.

`peer_kernels.py` beside this file compares with the peer, which has an environment of its own.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from lemmata.numerics.kernels import RELU, kernel_matrices
from lemmata.numerics.streams import Stream

INPUTS, FEATURES, DEPTH = 4000, 64, 3


def whole(X: Any, depth: int) -> tuple[Any, Any]:
    """The recursion with c instead of 1 - c, in NumPy on whole matrices: sigma_w^2 = 2, no biases."""
    k = 2 * (X @ X.T) / X.shape[1]
    theta = k
    for _ in range(depth):
        root = np.sqrt(np.diag(k))
        lengths = np.outer(root, root)
        c = np.clip(k / lengths, -1, 1)
        angle = np.arccos(c)
        k = lengths * (np.sqrt(1 - c * c) + (np.pi - angle) * c) / np.pi
        theta = k + theta * (np.pi - angle) / np.pi
    return k, theta


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_relu_matrices(benchmark: Any, dtype: str) -> None:
    X = Stream(0).child(INPUTS, FEATURES).numpy().standard_normal((INPUTS, FEATURES)).astype(dtype)
    start = time.perf_counter()
    plain = whole(X, DEPTH)
    spent = time.perf_counter() - start
    found = benchmark.pedantic(lambda: kernel_matrices(X, RELU, DEPTH, sigma_w=2**0.5), rounds=3, warmup_rounds=1)
    benchmark.extra_info["times faster than whole matrices"] = round(spent / benchmark.stats.stats.min, 2)
    for part, other in zip(found, plain, strict=True):
        off = ~np.eye(INPUTS, dtype=bool)
        assert np.abs(part - other)[off].max() <= 200 * np.finfo(dtype).eps * np.abs(part).max()
    assert benchmark.stats.stats.min < spent
