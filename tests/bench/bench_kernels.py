"""Kernel matrices of 4000 inputs at depth 3: seconds, and times faster than the same formulas on whole matrices; compiled duals.

`peer_kernels.py` beside this file compares with the peer, which has an environment of its own.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from lemmata.numerics.kernels import RELU, compiled_dual, kernel_matrices
from lemmata.numerics.kernels.compiled import _compiled
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


SMOOTH = ("tanh", "sigmoid", "softplus", "silu", "mish")
PAIRS = 10**6


@pytest.mark.parametrize("name", SMOOTH)
def test_compiling_a_dual(benchmark: Any, name: str) -> None:
    """Two seconds for variances from 0.05 to 4."""
    compiled_dual(name, (1.0, 1.5))

    def fresh() -> Any:
        _compiled.cache_clear()
        return compiled_dual(name)

    found = benchmark.pedantic(fresh, rounds=3)
    benchmark.extra_info["bounds"] = str(found)
    assert benchmark.stats.stats.min < 2


@pytest.mark.parametrize("what", ["value", "gradient"])
@pytest.mark.parametrize("name", SMOOTH)
def test_a_million_pairs(benchmark: Any, name: str, what: str) -> None:
    """Three seconds for the values of a million pairs, no two variances alike, on one core."""
    from threadpoolctl import threadpool_limits

    dual, rng = compiled_dual(name), Stream(1).child(PAIRS).numpy()
    q1, q2, c = rng.uniform(0.05, 4, PAIRS), rng.uniform(0.05, 4, PAIRS), rng.uniform(-1, 1, PAIRS)
    with threadpool_limits(1):
        benchmark.pedantic(lambda: getattr(dual, what)(q1, q2, c), rounds=2, warmup_rounds=1)
    assert what == "gradient" or benchmark.stats.stats.min < 3


def test_smooth_matrices(benchmark: Any) -> None:
    """NNGP and NTK of 1000 inputs at depth 3 for tanh, with their bounds."""
    X = Stream(0).child(1000, FEATURES).numpy().standard_normal((1000, FEATURES))
    found = benchmark.pedantic(lambda: kernel_matrices(X, "tanh", DEPTH, sigma_w=1.25, sigma_b=0.25), rounds=2, warmup_rounds=1)
    benchmark.extra_info["bounds"] = str(found.error)
