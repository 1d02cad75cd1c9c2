"""Kernel matrices against balls of 160 digits, symmetry and threads, hard pairs, and what no kernel can be made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lemmata.numerics.kernels import RELU, Parametrisation, kernel_matrices
from lemmata.numerics.streams import Stream

BITS = 530
"""Of a reference for one layer; each further layer takes 64 more, since roots of small balls widen them."""
ROOT2 = math.sqrt(2)
NTK, STANDARD = Parametrisation.NTK, Parametrisation.STANDARD


def normal(*shape: int, seed: int = 0) -> Any:
    return Stream(seed).child(*shape).numpy().standard_normal(shape)


def reference(x: Any, y: Any, depth: int, sigma_w: float, sigma_b: float | None, parametrisation: Parametrisation, widths: int) -> Any:
    """(NNGP, NTK, the sum of the absolute terms of NTK) as balls; angles by atan2 of the determinant, zero where it is zero exactly."""
    from flint import arb, ctx, fmpq

    before = ctx.prec
    ctx.prec = BITS + 64 * depth
    try:
        exact = [[fmpq(*float(entry).as_integer_ratio()) for entry in row] for row in (x, y)]
        inner = [sum((a * b for a, b in zip(exact[i], exact[j], strict=True)), fmpq(0)) for i, j in ((0, 0), (0, 1), (1, 1))]
        w, b = fmpq(*sigma_w.as_integer_ratio()) ** 2, fmpq(*float(sigma_b or 0).as_integer_ratio()) ** 2
        rows = [w * s / len(x) + b for s in inner]
        flat = rows[0] * rows[2] == rows[1] ** 2
        q1, k, q2 = (arb(row) for row in rows)
        theta = k if parametrisation is NTK else arb(inner[1]) + (sigma_b is not None)
        size = abs(theta)
        for _ in range(depth):
            if not (q1 > 0 and q2 > 0):
                return arb(0), arb(0), arb(0)
            sine = arb(0) if flat else (q1 * q2 - k * k).sqrt()
            rest = arb.pi() - arb.atan2(sine, k) if not flat else arb.pi() if k > 0 else arb(0)
            features, slope = (sine + rest * k) / (2 * arb.pi()), rest / (2 * arb.pi())
            carried = w * theta * slope
            flat = flat and k > 0 and (b == 0 or inner[0] == inner[2] == inner[1])
            k, q1, q2 = w * features + b, w * q1 / 2 + b, w * q2 / 2 + b
            own = k if parametrisation is NTK else widths * features + (sigma_b is not None)
            theta, size = own + carried, own + abs(carried)
        return k, theta, size
    finally:
        ctx.prec = before


def units(found: float, truth: Any, size: Any, dtype: str) -> float:
    """The error in rounding units of the size."""
    from flint import arb, ctx

    before = ctx.prec
    ctx.prec = BITS
    try:
        if size == 0:
            return 0.0 if found == 0 else math.inf
        return float((abs(arb(float(found)) - truth) / abs(size)).upper()) / (np.finfo(dtype).eps / 2)
    finally:
        ctx.prec = before


def turned(x: Any, defect: float, scale: float, seed: int) -> Any:
    """A vector that makes with x an angle of cosine about 1 - defect, of about `scale` times its length."""
    other = normal(len(x), seed=seed)
    other -= (other @ x) / (x @ x) * x
    other *= math.sqrt(x @ x) / math.sqrt(other @ other)
    return scale * ((1 - defect) * x + math.sqrt(defect * (2 - defect)) * other)


DEFECTS = [2.0, 1.9999, 1.99, 1.7, 1.3, 1.0, 0.5, 0.1, 1e-2, 1e-4, 1e-8, 1e-12, 1e-16, 1e-24, 0.0]


def hard(scale: float, dtype: str) -> tuple[Any, Any]:
    """Pairs of rows at all those angles, nearly opposite ones included, and of lengths that differ by `scale`."""
    X = normal(2 * len(DEFECTS), 7)
    near = [turned(x, d, scale, i) for i, (x, d) in enumerate(zip(X, DEFECTS * 2, strict=True))]
    Y = np.array([-y if i >= len(DEFECTS) else y for i, y in enumerate(near)])
    return X.astype(dtype), Y.astype(dtype)


NETWORKS = {
    "plain": {"sigma_w": ROOT2, "sigma_b": None, "parametrisation": NTK},
    "biases": {"sigma_w": 1.25, "sigma_b": 0.375, "parametrisation": NTK},
    "small biases": {"sigma_w": 1.25, "sigma_b": 2.0**-20, "parametrisation": NTK},
    "standard": {"sigma_w": 0.75, "sigma_b": 0.5, "parametrisation": STANDARD},
    "standard, no biases": {"sigma_w": ROOT2, "sigma_b": None, "parametrisation": STANDARD},
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_ten_rounding_units_a_layer(network: str, scale: float, dtype: str) -> None:
    X, Y = hard(scale, dtype)
    options: dict[str, Any] = NETWORKS[network]
    widths = 3 if options["parametrisation"] is STANDARD else None
    worst: list[tuple[float, int, int, str]] = []
    for depth in (1, 2, 3, 12):
        nngp, ntk = kernel_matrices(X, RELU, depth, **options, widths=widths, Y=Y, dtype=dtype, threads=1)
        for i in range(len(X)):
            k, theta, size = reference(X[i], Y[i], depth, options["sigma_w"], options["sigma_b"], options["parametrisation"], 3)
            worst.append((units(nngp[i, i], k, k, dtype) / depth, depth, i, "nngp"))
            worst.append((units(ntk[i, i], theta, size, dtype) / depth, depth, i, "ntk"))
    assert all(error <= 10 for error, *_ in worst), sorted(worst)[-5:]
