"""Plans: over large arrays the same numbers as a tape played on small ones, with few buffers, and none for what is not elementwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

from lemmata.numerics.compile.array_backend import LARGE
from lemmata.numerics.compile.numpy_backend import NumpyBackend, compile_numpy
from lemmata.numerics.compile.numpy_plan import BLOCK, plan
from lemmata.numerics.compile.tape import record

x, y = sp.symbols("x y", real=True)

EXPRESSIONS = (
    (sp.sqrt(1 - x**2) + x * (sp.pi - sp.acos(x))) / sp.pi,
    -x - y - 3,
    -x * y / (3 * (x + 4) ** 2),
    x**7 * y**5 - x**7 / 2 + sp.sqrt(y + 4) ** 3,
    1 / (1 + sp.exp(-x)) + sp.log(1 + sp.exp(y)),
    sp.Max(x, y, 0) - sp.Min(x, -y) + sp.Abs(x) * sp.sign(y),
    sp.Heaviside(x, 0) * sp.erf(y) + sp.floor(3 * x),
    sp.exp(x) / (1 + sp.exp(x)) ** 2,
    (y + 3) ** (x + sp.Rational(1, 3)),
    sp.gamma(x + 2) + sp.loggamma(y + 3) + sp.atan2(x, y),
    sp.cos(x) ** 2 + sp.cos(x) + sp.cos(x) ** 3 * sp.sin(y),
    2 * y + sp.sqrt(2),
)


def arrays(kind: Any) -> list[np.ndarray]:
    drawn = np.random.default_rng(5)
    return [drawn.uniform(-1, 1, LARGE + 77).astype(kind) for _ in range(2)]


def same(first: np.ndarray, second: np.ndarray) -> bool:
    return first.dtype == second.dtype and bool(((first == second) | (np.isnan(first) & np.isnan(second))).all())


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_a_plan_gives_the_numbers_of_its_tape(expr: Any, kind: Any) -> None:
    assert plan(record(expr, [x, y]), NumpyBackend.functions) is not None
    f, (a, b) = compile_numpy(expr, [x, y]), arrays(kind)
    whole = f(a, b)
    starts = (0, BLOCK - 3, 2 * BLOCK - 3, a.size - 50)
    assert whole.shape == a.shape
    for start in starts:
        assert same(whole[start : start + 50], f(a[start : start + 50], b[start : start + 50]))
    assert same(f(a, b[5])[:50], f(a[:50], b[5]))
    folded = f(a[:LARGE].reshape(2, -1), b[:LARGE].reshape(2, -1))
    assert folded.shape == (2, LARGE // 2) and same(folded.reshape(-1), whole[:LARGE])


def test_the_arguments_are_left_alone() -> None:
    a, b = arrays(np.float64)
    kept = a.copy(), b.copy()
    for expr in EXPRESSIONS:
        compile_numpy(expr, [x, y])(a, b)
    assert (a == kept[0]).all() and (b == kept[1]).all()


def test_buffers_are_used_again_and_equal_operations_done_once() -> None:
    long = plan(record(sum((x + k) ** 2 for k in range(1, 20)), [x]), NumpyBackend.functions)
    assert long is not None and long.buffers <= 20
    chain = plan(record(sp.exp(sp.sin(sp.cos(sp.tanh(x)))), [x]), NumpyBackend.functions)
    assert chain is not None and chain.buffers == 1 and len(chain.operations) == 4
    powers = plan(record(x**8 + sp.exp(x**4), [x]), NumpyBackend.functions)
    assert powers is not None and len(powers.operations) == 5


@pytest.mark.parametrize(
    "expr",
    [x, sp.Integer(3), sp.Piecewise((sp.log(x), x > 0), (0, True)), sp.Heaviside(x, sp.Rational(1, 2))],
    ids=str,
)
def test_what_is_not_elementwise_has_no_plan(expr: Any) -> None:
    assert plan(record(expr, [x]), NumpyBackend.functions) is None
    (a, _) = arrays(np.float64)
    f = compile_numpy(expr, [x])
    assert same(f(a)[:9], f(a[:9]))


def test_mixed_types_are_not_planned_together() -> None:
    a, b = arrays(np.float64)
    f = compile_numpy(x * y + sp.exp(x), [x, y])
    assert same(f(a, b.astype(np.float32))[:9], f(a[:9], b[:9].astype(np.float32)))
    assert f(a + 0j, b).dtype == np.complex128
