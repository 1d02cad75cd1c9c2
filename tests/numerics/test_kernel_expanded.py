"""Kernel matrices of smooth activations against certified recursions at single pairs, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb, fmpq

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.kernels import RELU, Parametrisation, compiled_dual, kernel_matrices
from lemmata.numerics.kernels.matrices import Kernels
from lemmata.numerics.quadrature.pairs import pair_mean, profile
from lemmata.numerics.streams import Stream
from lemmata.theory.kernels.admissible import X

NTK, STANDARD, MEAN_FIELD = Parametrisation.NTK, Parametrisation.STANDARD, Parametrisation.MEAN_FIELD
ONE = sp.S.One
LOGISTIC = 1 / (1 + sp.exp(-X))
SLOPES = {
    "tanh": (sp.tanh(X), 1 - sp.tanh(X) ** 2),
    "sigmoid": (LOGISTIC, LOGISTIC * (1 - LOGISTIC)),
    "softplus": (sp.log(1 + sp.exp(X)), LOGISTIC),
    "silu": (X * LOGISTIC, LOGISTIC + X * LOGISTIC * (1 - LOGISTIC)),
}
DIGITS = 22


def normal(*shape: int, seed: int = 0) -> Any:
    return Stream(seed).child(*shape).numpy().standard_normal(shape)


def square_mean(f: Any, q: arb) -> arb:
    return pair_mean(profile(f**2, X), profile(ONE, X), q.sqrt, lambda: arb(1), lambda: arb(0), DIGITS)


def layers(name: str, x: Any, y: Any, sigma_w: float, sigma_b: float, own: Any, shift: Any) -> Iterator[tuple[arb, arb, arb]]:
    """(NNGP, NTK, sqrt(K_ii K_jj)) at two inputs, layer after layer, as balls."""
    f, slope = SLOPES[name]
    exact = [[fmpq(*float(entry).as_integer_ratio()) for entry in row] for row in (x, y)]
    inner = [sum((a * b for a, b in zip(exact[i], exact[j], strict=True)), fmpq(0)) / len(x) for i, j in ((0, 0), (0, 1), (1, 1))]
    w, b = arb(sigma_w) ** 2, arb(sigma_b) ** 2
    q1, k, q2 = (w * arb(part) + b for part in inner)
    theta = own(0) * arb(inner[1]) + shift
    while True:
        yield k, theta, (q1 * q2).sqrt()
        both = profile(f, X), profile(slope, X)
        c = k / (q1 * q2).sqrt()
        features, along = (pair_mean(one, one, q1.sqrt, q2.sqrt, lambda c=c: c, DIGITS) for one in both)
        theta = own(1) * features + shift + w * along * theta
        q1, k, q2 = w * square_mean(f, q1) + b, w * features + b, w * square_mean(f, q2) + b


def outside(found: float, truth: arb) -> float:
    return max(0.0, float((abs(arb(float(found)) - truth.mid()) - truth.rad()).upper()))


CASES = [
    ("tanh", 1.3, 0.3, NTK),
    ("sigmoid", 1.5, 0.2, STANDARD),
    ("softplus", 0.8, 0.5, NTK),
    ("silu", 1.2, 0.0, MEAN_FIELD),
]


@pytest.mark.parametrize(("name", "sigma_w", "sigma_b", "kind"), CASES)
def test_each_depth_is_within_its_bound_of_a_certified_recursion(name: str, sigma_w: float, sigma_b: float, kind: Parametrisation) -> None:
    inputs = normal(4, 6, seed=2)
    inputs[1] = inputs[0] + 1e-3 * inputs[1]
    inputs[2] = -inputs[0] + 0.1 * inputs[2]
    width = None if kind is NTK else 7
    pairs = [(0, 1), (0, 2), (2, 3)]
    worst = 0.0
    with precision(160):
        w, b = arb(sigma_w) ** 2, arb(sigma_b) ** 2

        def own(layer: int) -> Any:
            return w if kind is not STANDARD else arb(7 if layer else 6)

        walks = [layers(name, inputs[i], inputs[j], sigma_w, sigma_b, own, b if kind is not STANDARD else 1) for i, j in pairs]
        for walk in walks:
            next(walk)
        for depth in range(1, 6):
            found = kernel_matrices(inputs, name, depth, sigma_w=sigma_w, sigma_b=sigma_b, parametrisation=kind, widths=width)
            assert found.error is not None and len(found.error.layers) == depth + 1
            over = 7 if kind is MEAN_FIELD else 1
            for (i, j), walk in zip(pairs, walks, strict=True):
                k, theta, scale = (part / over for part in next(walk))
                errors = outside(found.nngp[i, j], k), outside(found.ntk[i, j], theta)
                allowed = tuple(float((arb(bound) * scale).lower()) for bound in (found.error.nngp, found.error.ntk))
                assert errors[0] <= allowed[0] and errors[1] <= allowed[1], (depth, i, j, errors, allowed)
                worst = max(worst, errors[0] / allowed[0], errors[1] / allowed[1])
    assert worst > 1e-3


@pytest.mark.parametrize("name", ["tanh", "mish"])
def test_matrices_are_symmetric_and_positive_up_to_their_bound(name: str) -> None:
    found = kernel_matrices(normal(40, 8), name, 3, sigma_w=1.25, sigma_b=0.25)
    assert found.error is not None
    for matrix, bound in zip(found, (found.error.nngp, found.error.ntk), strict=True):
        root = np.sqrt(np.diag(found.nngp))
        scaled = matrix / np.outer(root, root)
        assert (matrix == matrix.T).all() and np.linalg.eigvalsh(scaled).min() >= -40 * 2 * bound


def test_a_wrong_layer_is_outside_the_bound() -> None:
    """The bound is small enough to tell depths, activations and a change of the last digits of sigma_w apart."""
    inputs = normal(3, 5)
    right = kernel_matrices(inputs, "tanh", 3, sigma_w=1.25, sigma_b=0.25)
    assert right.error is not None
    for name, depth, sigma_w in (("tanh", 4, 1.25), ("sigmoid", 3, 1.25), ("tanh", 3, 1.25 * (1 + 1e-11))):
        wrong = kernel_matrices(inputs, name, depth, sigma_w=sigma_w, sigma_b=0.25)
        assert np.abs(wrong.nngp - right.nngp).max() > right.error.nngp * right.nngp.max()


def test_activations_by_expression_name_and_dual_agree() -> None:
    inputs = normal(5, 4)
    options: dict[str, Any] = {"sigma_w": 1.0, "sigma_b": 0.5}
    by_name = kernel_matrices(inputs, "tanh", 2, **options)
    by_function = kernel_matrices(inputs, sp.tanh, 2, **options)
    by_expression = kernel_matrices(inputs, sp.tanh(sp.Symbol("t")), 2, **options)
    by_dual = kernel_matrices(inputs, compiled_dual("tanh"), 2, **options)
    assert (by_name.nngp == by_function.nngp).all() and (by_name.ntk == by_expression.ntk).all()
    assert by_name.error is not None and by_dual.error is not None
    assert np.abs(by_name.nngp - by_dual.nngp).max() <= (by_name.error.nngp + by_dual.error.nngp) * by_name.nngp.max()
    relu = kernel_matrices(inputs, "relu", 2, **options)
    assert relu.error is None and (relu.ntk == kernel_matrices(inputs, RELU, 2, **options).ntk).all()


def test_other_inputs_tensors_and_single_precision() -> None:
    import torch

    inputs, others = normal(5, 4), normal(3, 4, seed=1)
    options: dict[str, Any] = {"sigma_w": 1.0, "sigma_b": 0.5}
    full = kernel_matrices(np.concatenate([inputs, others]), "softplus", 2, **options)
    part = kernel_matrices(inputs, "softplus", 2, **options, Y=others)
    assert full.error is not None and part.error is not None
    scale = full.nngp.max()
    assert np.abs(full.nngp[:5, 5:] - part.nngp).max() <= (full.error.nngp + part.error.nngp) * scale
    tensors = kernel_matrices(torch.as_tensor(inputs), "softplus", 2, **options, Y=others)
    assert isinstance(tensors.nngp, torch.Tensor) and (tensors.nngp.numpy() == part.nngp).all() and tensors.error == part.error
    single = kernel_matrices(inputs, "softplus", 2, **options, Y=others, dtype="float32")
    assert single.error is not None and single.nngp.dtype == np.float32
    assert part.error.nngp * 2**20 < single.error.nngp
    for one, other, bound in zip(single, part, (single.error.nngp, single.error.ntk), strict=True):
        assert np.abs(one - other).max() <= bound * scale


def test_tiles_of_short_and_long_inputs_that_are_nearly_parallel() -> None:
    """Rows and columns in different cells of variances, where 1 - correlation is had without cancellation."""
    long = 2 * normal(3, 4)
    short = 0.1 * long + 1e-6 * normal(3, 4, seed=1)
    options: dict[str, Any] = {"sigma_w": 1.0, "sigma_b": 1e-3}
    for depth in (1, 2):
        full = kernel_matrices(np.concatenate([short, long]), "tanh", depth, **options)
        part = kernel_matrices(short, "tanh", depth, **options, Y=long)
        assert full.error is not None and part.error is not None
        root = np.sqrt(np.diag(full.nngp))
        scale = np.outer(root[:3], root[3:])
        assert (np.abs(full.nngp[:3, 3:] - part.nngp) <= (full.error.nngp + part.error.nngp) * scale).all()


def test_a_dual_for_other_variances_is_refused() -> None:
    with pytest.raises(ValueError, match="is outside"):
        kernel_matrices([[1.0, 0.0]], compiled_dual("tanh", (1.0, 1.5)), 2, sigma_w=1.0)


def test_mean_field_is_ntk_over_the_last_width() -> None:
    inputs = normal(4, 3)
    options: dict[str, Any] = {"sigma_w": 1.5, "sigma_b": 0.25}
    plain = kernel_matrices(inputs, RELU, 2, **options)
    assert isinstance(plain, Kernels)
    for widths in (8, [5, 8]):
        scaled = kernel_matrices(inputs, RELU, 2, **options, parametrisation=MEAN_FIELD, widths=widths)
        assert (scaled.nngp == plain.nngp / 8).all() and (scaled.ntk == plain.ntk / 8).all()


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"X": [[0.0, 0.0]], "sigma_b": None}, ValueError, "first layer is 0"),
    ({"X": [[1e4, 0.0]]}, ValueError, "1024 terms"),
    ({"X": [[math.nan, 0.0]]}, ValueError, "not finite"),
    ({"activation": "leaky_relu"}, ValueError, "has kinks"),
    ({"parametrisation": MEAN_FIELD}, ValueError, "mean-field parametrisation needs widths"),
    ({"activation": sp.exp, "X": [[9.0, 9.0]], "depth": 3}, ValueError, "sigma_w|terms|variance"),
]


@pytest.mark.parametrize("case", range(len(BAD)))
def test_what_has_no_kernel_is_one_line(case: int) -> None:
    changes, kind, words = BAD[case]
    options: dict[str, Any] = {"X": [[1.0, 0.0]], "activation": "tanh", "depth": 2, "sigma_w": 1.0, "sigma_b": 0.25, **changes}
    with pytest.raises(kind, match=words) as raised:
        kernel_matrices(options.pop("X"), options.pop("activation"), options.pop("depth"), **options)
    assert "\n" not in str(raised.value)
