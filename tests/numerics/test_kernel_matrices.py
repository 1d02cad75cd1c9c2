"""Kernel matrices against balls of 160 digits: hard pairs, many layers, tiles and threads, other activations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lemmata.numerics.kernels import RELU, Homogeneous, Parametrisation, kernel_matrices
from lemmata.numerics.kernels.inputs import by_difference, cut_products, read
from lemmata.numerics.streams import Stream

BITS = 530
"""Of a reference for one layer; further layers take more, 64 where angles are tiny, since roots of small balls widen them."""
ROOT2 = math.sqrt(2)
NTK, STANDARD = Parametrisation.NTK, Parametrisation.STANDARD


def normal(*shape: int, seed: int = 0) -> Any:
    return Stream(seed).child(*shape).numpy().standard_normal(shape)


def reference(
    x: Any, y: Any, depth: int, sigma_w: float, sigma_b: float | None, parametrisation: Parametrisation, widths: int, more: int = 64
) -> Any:
    """(NNGP, NTK, the sum of the absolute terms of NTK) as balls; angles by atan2 of the determinant, zero where it is zero exactly."""
    from flint import arb, ctx, fmpq

    before = ctx.prec
    ctx.prec = BITS + more * depth
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
    """The error in rounding units of the size, but for what is below the size of the inputs by 45 orders: lines nearly the same."""
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


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_thousand_layers(dtype: str) -> None:
    depth, sigma_w, sigma_b = (1000, ROOT2, None) if dtype == "float64" else (60, 1.25, 0.375)
    X, Y = (rows[[3, 6, 10, 12, 25]] for rows in hard(1.0, dtype))
    nngp, ntk = kernel_matrices(X, RELU, depth, sigma_w=sigma_w, sigma_b=sigma_b, Y=Y, dtype=dtype, threads=1)
    for i in (0, 2):
        k, theta, size = reference(X[i], Y[i], depth, sigma_w, sigma_b, NTK, 1, more=20)
        assert units(nngp[i, i], k, k, dtype) <= 10 * depth and units(ntk[i, i], theta, size, dtype) <= 10 * depth


@pytest.mark.parametrize("spread", [0.125, 1e-3, 1e-7, 1e-11])
@pytest.mark.parametrize("depth", [1, 3])
def test_inputs_in_a_narrow_cone_and_its_opposite(spread: float, depth: int) -> None:
    """So many close pairs that products are cut: every entry is checked, not one a row."""
    X = 1 + spread * normal(24, 5)
    X[12:] *= -3
    nngp, ntk = kernel_matrices(X, RELU, depth, sigma_w=ROOT2)
    for i in range(24):
        for j in (i, (i + 1) % 24, (i + 5) % 24, (i + 12) % 24):
            k, theta, size = reference(X[i], X[j], depth, ROOT2, None, NTK, 1)
            assert units(nngp[i, j], k, k, "float64") <= 10 * depth and units(ntk[i, j], theta, size, "float64") <= 10 * depth


@pytest.mark.parametrize("way", ["cut", "difference"])
def test_angles_of_both_ways_against_balls(way: str) -> None:
    from flint import arb, ctx, fmpq

    X, Y = hard(3.7, "float64")
    first, second = read(X, "X"), read(Y, "Y")
    everyone = np.arange(len(X))
    if way == "cut":
        near, far = (part.diagonal() for part in cut_products(first.scaled(0, len(X)), second.scaled(0, len(Y))))
    else:
        near = far = by_difference(X, Y, everyone, everyone)
    before, ctx.prec = ctx.prec, BITS
    try:
        for i in everyone:
            exact = [[fmpq(*float(entry).as_integer_ratio()) for entry in row] for row in (X[i], Y[i])]
            xy, xx, yy = (sum((a * b for a, b in zip(exact[s], exact[t], strict=True)), fmpq(0)) for s, t in ((0, 1), (0, 0), (1, 1)))
            c = arb(xy) / (arb(xx) * yy).sqrt()
            v = (1 - abs(c)) / 2
            found = arb(float(near[i] if way == "difference" or xy > 0 else far[i]))
            error = float(abs(found - v).upper())
            rounding = 16 * 2.0**-53 * float(v)
            assert error <= rounding + (2.0**-74 if way == "cut" else 2.0**-99 * math.sqrt(float(v))), i
    finally:
        ctx.prec = before


def test_identical_inputs_and_short_multiples_are_exact() -> None:
    x = normal(6)
    X = np.array([x, 2 * x, x, normal(6, seed=1), -x, 3 * x])
    for biases in (None, 0.5):
        nngp, ntk = kernel_matrices(X, RELU, 4, sigma_w=ROOT2, sigma_b=biases)
        for part in (nngp, ntk):
            assert part[0, 0] == part[0, 2] == part[2, 2]
            assert (part == part.T).all()
    nngp, ntk = kernel_matrices(X, RELU, 4, sigma_w=ROOT2)
    assert [float(nngp[0, 1]), float(ntk[0, 1])] == [2 * float(nngp[0, 0]), 2 * float(ntk[0, 0])]
    nngp, ntk = kernel_matrices(X, RELU, 1, sigma_w=ROOT2)
    assert [float(part[0, at]) for part in (nngp, ntk) for at in (4,)] == [0, 0]


def test_zero_inputs() -> None:
    X = np.array([[0.0, 0.0], [1.0, 2.0]])
    for part in kernel_matrices(X, RELU, 3, sigma_w=1.0):
        assert (part[0] == 0).all() and (part[:, 0] == 0).all() and part[1, 1] > 0
    nngp, ntk = kernel_matrices(X, RELU, 3, sigma_w=1.25, sigma_b=0.5)
    for i in range(2):
        k, theta, size = reference(X[0], X[i], 3, 1.25, 0.5, NTK, 1)
        assert units(nngp[0, i], k, k, "float64") <= 30 and units(ntk[0, i], theta, size, "float64") <= 30


def test_tiles_threads_and_libraries_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of 16: ragged ones, mirrored ones and threads; then the path of other devices, on the CPU."""
    import torch

    from lemmata.numerics.kernels import matrices

    monkeypatch.setitem(matrices.TILE, "cpu", 16)
    monkeypatch.setitem(matrices.TILE, "cuda", 16)
    X, Y = hard(2.0, "float64")
    rows = np.vstack([X, Y])
    for depth, biases in ((1, None), (3, 0.375)):
        alone = kernel_matrices(rows, RELU, depth, sigma_w=1.25, sigma_b=biases, threads=1)
        assert all(
            (a == b).all() for a, b in zip(alone, kernel_matrices(rows, RELU, depth, sigma_w=1.25, sigma_b=biases, threads=3), strict=True)
        )
        assert all((part == part.T).all() for part in alone)
        cross = kernel_matrices(X, RELU, depth, sigma_w=1.25, sigma_b=biases, Y=Y)
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(matrices, "_place", lambda X, dtype, device: (matrices.Place(torch, torch.float64, "cpu"), True))
            other = kernel_matrices(rows, RELU, depth, sigma_w=1.25, sigma_b=biases)
        for i in range(len(X)):
            k, theta, size = reference(X[i], Y[i], depth, 1.25, biases, NTK, 1)
            for nngp, ntk in (
                (alone[0][i, 30 + i], alone[1][i, 30 + i]),
                (cross[0][i, i], cross[1][i, i]),
                (other[0][i, 30 + i], other[1][i, 30 + i]),
            ):
                assert units(nngp, k, k, "float64") <= 10 * depth and units(ntk, theta, size, "float64") <= 10 * depth


def test_memory_is_two_matrices_and_tiles() -> None:
    import tracemalloc

    n = 1200
    X = normal(n, 10)
    kernel_matrices(X[:10], RELU, 1, sigma_w=1.0)
    tracemalloc.start()
    try:
        kernel_matrices(X, RELU, 3, sigma_w=1.25, sigma_b=0.5, threads=2)
        assert tracemalloc.get_traced_memory()[1] <= 2.5 * 8 * n * n
    finally:
        tracemalloc.stop()


def test_a_derived_map_in_place_of_the_closed_form() -> None:
    import sympy as sp

    from lemmata.numerics.compile.stable import stable_map

    c = sp.Symbol("c", real=True)
    relu = Homogeneous(stable_map((sp.sqrt(1 - c**2) + c * (sp.pi - sp.acos(c))) / sp.pi, c), 0.5)
    X, Y = hard(1.0, "float64")
    nngp, ntk = kernel_matrices(X, relu, 3, sigma_w=1.25, sigma_b=0.375, Y=Y)
    for i in range(len(X)):
        k, theta, size = reference(X[i], Y[i], 3, 1.25, 0.375, NTK, 1)
        assert units(nngp[i, i], k, k, "float64") <= 30 and units(ntk[i, i], theta, size, "float64") <= 30


def erf_duals() -> tuple[Any, Any]:
    """2 / pi arcsin(2 k / r) and 4 / (pi sqrt(r^2 - 4 k^2)) with r^2 = (1 + 2 q1)(1 + 2 q2) (Williams 1997, eq. (11))."""

    def dual(q1: Any, q2: Any, d: Any) -> Any:
        return 2 / np.pi * np.arcsin(2 * np.sqrt(q1 * q2) * (1 - d) / np.sqrt((1 + 2 * q1) * (1 + 2 * q2)))

    def slope(q1: Any, q2: Any, d: Any) -> Any:
        return 4 / np.pi / np.sqrt(1 + 2 * (q1 + q2) + 4 * q1 * q2 * d * (2 - d))

    return dual, slope


def test_an_activation_by_its_duals(monkeypatch: pytest.MonkeyPatch) -> None:
    from flint import arb, ctx

    monkeypatch.setattr(ctx, "prec", BITS)
    X = normal(9, 4)
    X[8] = X[7]
    nngp, ntk = kernel_matrices(X, erf_duals(), 3, sigma_w=1.25, sigma_b=0.375)
    w, b = arb(1.25) ** 2, arb(0.375) ** 2
    for i in range(9):
        for j in range(9):
            q1, k, q2 = (
                w * sum((arb(float(x)) * float(y) for x, y in zip(X[s], X[t], strict=True)), arb(0)) / 4 + b
                for s, t in ((i, i), (i, j), (j, j))
            )
            theta, size = k, abs(k)
            for _ in range(3):
                r = (1 + 2 * q1) * (1 + 2 * q2)
                slope = 4 / (arb.pi() * (r - 4 * k * k).sqrt())
                k, q1, q2 = (w * 2 / arb.pi() * (2 * x / y).asin() + b for x, y in ((k, r.sqrt()), (q1, 1 + 2 * q1), (q2, 1 + 2 * q2)))
                theta, size = k + w * theta * slope, k + w * size * slope
            error = [float((abs(arb(float(found)) - truth) / size).upper()) for found, truth in ((nngp[i, j], k), (ntk[i, j], theta))]
            assert max(error) <= 60 * 2.0**-53, (i, j, error)
