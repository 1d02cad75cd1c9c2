"""Kernel matrices: what goes in and comes out, and what no kernel can be made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lemmata.numerics.kernels import RELU, Parametrisation, kernel_matrices
from lemmata.numerics.streams import Stream

STANDARD = Parametrisation.STANDARD


def normal(*shape: int) -> Any:
    return Stream(1).child(*shape).numpy().standard_normal(shape)


def linear() -> tuple[Any, Any]:
    """The identity, as functions of (q1, q2, d)."""
    return lambda q1, q2, d: np.sqrt(q1 * q2) * (1 - d), lambda q1, q2, d: 1 + 0 * d


def test_tensors_are_answered_in_tensors() -> None:
    import torch

    X = torch.as_tensor(normal(5, 3), dtype=torch.float32)
    nngp, ntk = kernel_matrices(X, RELU, 2, sigma_w=1.0)
    assert isinstance(nngp, torch.Tensor) and nngp.dtype == ntk.dtype == torch.float32
    plain = kernel_matrices(X.numpy(), RELU, 2, sigma_w=1.0)
    assert isinstance(plain.ntk, np.ndarray) and (plain.ntk == ntk.numpy()).all()


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"depth": 0}, ValueError, "depth"),
    ({"depth": 1.5}, ValueError, "depth"),
    ({"depth": True}, ValueError, "depth"),
    ({"sigma_w": 0.0}, ValueError, "sigma_w"),
    ({"sigma_w": -1.0}, ValueError, "sigma_w"),
    ({"sigma_w": math.nan}, ValueError, "sigma_w"),
    ({"sigma_w": 1e200}, ValueError, "sigma_w"),
    ({"sigma_b": -0.5}, ValueError, "sigma_b"),
    ({"sigma_b": math.inf}, ValueError, "sigma_b"),
    ({"parametrisation": "ntk"}, TypeError, "Parametrisation"),
    ({"widths": 5}, ValueError, "widths"),
    ({"parametrisation": STANDARD}, ValueError, "widths"),
    ({"parametrisation": STANDARD, "widths": [3]}, ValueError, "1 widths for 2"),
    ({"parametrisation": STANDARD, "widths": [3, 0]}, ValueError, "at least 1"),
    ({"parametrisation": STANDARD, "widths": 0}, ValueError, "at least 1"),
    ({"activation": 3.0}, TypeError, "a name, an expression"),
    ({"activation": "rulo"}, ValueError, "no activation is called .rulo."),
    ({"activation": (math.sin,)}, TypeError, "dual, slope"),
    ({"X": [1.0, 2.0]}, ValueError, r"x\[None, :\]"),
    ({"X": np.zeros((2, 2, 2))}, ValueError, "3 dimensions"),
    ({"X": np.zeros((0, 2))}, ValueError, r"\(0, 2\)"),
    ({"X": np.zeros((2, 0))}, ValueError, r"\(2, 0\)"),
    ({"X": [[1.0, math.nan]]}, ValueError, "row 0"),
    ({"X": [[1.0, 0.0], [math.inf, 0.0]]}, ValueError, "row 1"),
    ({"X": [[1j, 0.0]]}, TypeError, "real numbers"),
    ({"X": [["a", "b"]]}, TypeError, "real numbers"),
    ({"X": [[1e200, 0.0]]}, ValueError, "variance of row 0"),
    ({"X": [[1e-200, 0.0]]}, ValueError, "variance of row 0"),
    ({"X": [[1e25, 0.0]], "dtype": "float32"}, ValueError, "float32"),
    ({"Y": [[1.0, 0.0, 0.0]]}, ValueError, "2 features and Y has 3"),
    ({"Y": [[1.0, math.nan]]}, ValueError, "Y has an entry"),
    ({"dtype": "float16"}, ValueError, "float16"),
    ({"device": "tpu"}, ValueError, "tpu"),
    ({"threads": 0}, ValueError, "threads"),
    ({"X": [[0.0, 0.0]], "activation": linear()}, ValueError, "row 0 of X is zero"),
    ({"sigma_w": 1e-3, "depth": 60}, ValueError, "layer"),
]


@pytest.mark.parametrize("case", range(len(BAD)))
def test_what_has_no_kernel_is_one_line(case: int) -> None:
    changes, kind, words = BAD[case]
    options: dict[str, Any] = {"X": [[1.0, 0.0]], "activation": RELU, "depth": 2, "sigma_w": 1.0, **changes}
    with pytest.raises(kind, match=words) as raised:
        kernel_matrices(options.pop("X"), options.pop("activation"), options.pop("depth"), **options)
    assert "\n" not in str(raised.value)


def test_gradients_are_refused_rather_than_dropped() -> None:
    import torch

    with pytest.raises(ValueError, match="detach"):
        kernel_matrices(torch.ones(2, 2, requires_grad=True), RELU, 1, sigma_w=1.0)


def test_the_linear_algebra_library_gets_its_threads_back() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from threadpoolctl import threadpool_info

    def threads() -> list[int]:
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    before, X = threads(), normal(400, 8)
    with ThreadPoolExecutor(3) as pool:
        for found in [pool.submit(kernel_matrices, X, RELU, 2, sigma_w=1.0) for _ in range(6)]:
            found.result()
    assert threads() == before
