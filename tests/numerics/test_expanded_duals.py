"""Compiled duals against certified means and closed forms: every error below the stated bound, and the bound not idle."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import enclose, precision
from lemmata.numerics.kernels import compiled_dual
from lemmata.numerics.kernels.compiled import expression
from lemmata.numerics.kernels.expanded import FEW, Expanded
from lemmata.numerics.quadrature.line import integrate_line
from lemmata.numerics.quadrature.pairs import pair_mean, profile
from lemmata.numerics.streams import Stream
from lemmata.theory.kernels.admissible import X

CORRELATIONS = (-1.0, -0.9999, -0.97, -0.5, 0.0, 0.3, 0.9, 0.99, 0.9999, 1 - 2.0**-20, 1.0)
VARIANCES = ((0.05, 0.05), (0.05, 4.0), (1.0, 1.0), (4.0, 4.0), (3.9, 4.0), (0.3, 2.7), (1.5625, 4.0))
SMOOTH = ("tanh", "sigmoid", "softplus", "silu", "mish")
VALUE_GOAL, GRADIENT_GOAL = 45 * np.finfo(np.float64).eps, 4500 * np.finfo(np.float64).eps
"""Of sqrt(k11 k22): 1e-14 and 1e-12."""

MISH = X - 2 * X / (sp.exp(2 * X) + 2 * sp.exp(X) + 2)
"""Mish in a form that has a strip."""


def exact(value: float) -> sp.Rational:
    return sp.Rational(*float(value).as_integer_ratio())


def certified(f: Any, g: Any, q1: float, q2: float, c: float) -> Any:
    """E f(u) g(v) as a ball: a mean over one line where the pair is degenerate, else over two."""
    if abs(c) == 1:
        first, second = sp.sqrt(exact(q1)) * X, exact(c) * sp.sqrt(exact(q2)) * X
        return integrate_line(f.xreplace({X: first}) * g.xreplace({X: second}), X, 18)
    return pair_mean(profile(f, X), profile(g, X), lambda: arb(q1).sqrt(), lambda: arb(q2).sqrt(), lambda: arb(c), 18)


def miss(found: Any, truth: Any) -> float:
    """How far a number is outside the ball, at least."""
    return max(0.0, float((abs(arb(float(found)) - truth.mid()) - truth.rad()).upper()))


def size(dual: Expanded, q1: float, q2: float) -> float:
    return math.sqrt(float(dual.lengths(np.array(q1))) * float(dual.lengths(np.array(q2))))


def worst_value(dual: Expanded, f: Any, points: list[tuple[float, float, float]]) -> float:
    """The largest error of the value, in units of the stated bound."""
    return max(miss(dual.value(*point), certified(f, f, *point)) / size(dual, *point[:2]) for point in points) / dual.error.value


@pytest.mark.parametrize("name", SMOOTH)
def test_values_are_within_their_bound_of_certified_means(name: str) -> None:
    dual, f = compiled_dual(name), MISH if name == "mish" else expression(name)[0]
    points = [(*q, c) for q in VARIANCES for c in CORRELATIONS]
    worst = worst_value(dual, f, points[:: 1 if name == "tanh" else 4])
    assert 1e-3 < worst <= 1
    assert dual.error.value <= VALUE_GOAL
    assert max(dual.error.by_correlation, dual.error.by_variance, dual.error.at_correlation) <= GRADIENT_GOAL


@pytest.mark.parametrize("name", ["tanh", "softplus"])
def test_gradients_are_within_their_bound_of_certified_means(name: str) -> None:
    dual, f = compiled_dual(name), expression(name)[0]
    slope = 1 - sp.tanh(X) ** 2 if name == "tanh" else 1 / (1 + sp.exp(-X))
    curvature = -2 * sp.tanh(X) * slope if name == "tanh" else slope * (1 - slope)
    worst = [0.0, 0.0, 0.0]
    for q1, q2 in VARIANCES[2:6]:
        for c in CORRELATIONS[::2]:
            found, scale = dual.gradient(q1, q2, c), size(dual, q1, q2)
            along, bend = certified(slope, slope, q1, q2, c), certified(curvature, f, q1, q2, c) / 2
            turned = bend + along * arb(c) * arb(q1 * q2).sqrt() / (2 * arb(q1))
            errors = (
                miss(found.by_covariance, along) * math.sqrt(q1 * q2) / scale / dual.error.by_correlation,
                miss(found.q1_at_covariance, bend) * q1 / scale / dual.error.by_variance,
                miss(found.q1_at_correlation, turned) * q1 / scale / dual.error.at_correlation,
            )
            worst = [max(pair) for pair in zip(worst, errors, strict=True)]
    assert all(1e-3 < one <= 1 for one in worst), worst


Q1, Q2, K = sp.symbols("q_1 q_2 k", real=True)
CLOSED = {
    sp.sin(X): sp.exp(-(Q1 + Q2) / 2) * sp.sinh(K),
    sp.erf(X): 2 * sp.asin(2 * K / sp.sqrt((1 + 2 * Q1) * (1 + 2 * Q2))) / sp.pi,
    sp.exp(-(X**2)): 1 / sp.sqrt((1 + 2 * Q1) * (1 + 2 * Q2) - 4 * K**2),
    X**3 - X: 6 * K**3 + 9 * Q1 * Q2 * K - 3 * K * (Q1 + Q2) + K,
    sp.exp(X / 2): sp.exp((Q1 + Q2 + 2 * K) / 8),
}
"""E f(u) f(v) in the variances and the covariance."""


@pytest.mark.parametrize("f", CLOSED)
def test_values_and_gradients_are_within_their_bound_of_closed_forms(f: Any) -> None:
    dual, D = compiled_dual(f, (0.125, 3.0), 1e-13), CLOSED[f]
    for q1, q2 in ((0.125, 0.125), (0.125, 3.0), (1.0, 2.0), (3.0, 3.0), (2.25, 2.25)):
        for c in (*CORRELATIONS, -(2.0**-40)):
            at = {Q1: exact(q1), Q2: exact(q2), K: exact(c) * sp.sqrt(exact(q1) * exact(q2))}
            found, scale, error = dual.gradient(q1, q2, c), size(dual, q1, q2), dual.error
            value, along, first, second = (enclose(part, at, digits=25) for part in (D, D.diff(K), D.diff(Q1), D.diff(Q2)))
            assert miss(found.value, value) <= error.value * scale
            assert miss(found.by_covariance, along) * math.sqrt(q1 * q2) <= error.by_correlation * scale
            assert miss(found.q1_at_covariance, first) * q1 <= error.by_variance * scale
            assert miss(found.q2_at_covariance, second) * q2 <= error.by_variance * scale
            assert miss(dual.slope(q1, q2, c), along) * math.sqrt(q1 * q2) <= error.by_correlation * scale


@pytest.mark.parametrize(("chain", "place", "by"), [("odd", 0, 1e-14), ("odd", 7, 1e-13), ("even", 0, 1e-7)])
def test_a_wrong_coefficient_is_seen(chain: str, place: int, by: float) -> None:
    dual = compiled_dual("tanh")
    table = getattr(dual.tables, chain).copy()
    table[:, 0, place] += by
    wrong = dataclasses.replace(dual, tables=dataclasses.replace(dual.tables, **{chain: table}))
    points = [(*q, c) for q in VARIANCES[2:6] for c in CORRELATIONS]
    assert worst_value(wrong, sp.tanh(X), points) > 1


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_defects_lose_nothing_near_one(name: str) -> None:
    """1 - correlation of the features at 1 - c = 2^-k: off by at most its bound times 1 - c."""
    dual, f = compiled_dual(name), expression(name)[0]
    for q in (0.25, 2.25):
        square = integrate_line(f.xreplace({X: sp.sqrt(exact(q)) * X}) ** 2, X, 40)
        for k in (1, 4, 10, 20):
            d = 2.0**-k
            pair = pair_mean(profile(f, X), profile(f, X), lambda q=q: arb(q).sqrt(), lambda q=q: arb(q).sqrt(), lambda d=d: 1 - arb(d), 40)
            with precision(200):
                truth = 1 - pair / square
            assert miss(dual.defect(q, q, d=d), truth) <= dual.error.defect * d
        assert float(dual.defect(q, q, d=0.0)) == 0
        tiny = dual.defect(q, q, d=np.array([1e-300, 2e-300]))
        assert tiny[1] == 2 * tiny[0] > 0


def test_many_pairs_take_another_road_to_the_same_numbers() -> None:
    dual, rng = compiled_dual("tanh"), Stream(3).child("pairs").numpy()
    q1, q2, c = rng.uniform(0.05, 4, FEW + 5), rng.uniform(0.05, 4, FEW + 5), rng.uniform(-1, 1, FEW + 5)
    found, error = dual.gradient(q1, q2, c), dual.error
    scale = np.sqrt(dual.lengths(q1) * dual.lengths(q2))
    few = slice(0, 2000)
    other = dual.gradient(q1[few], q2[few], c[few])
    assert (np.abs(found.value[few] - other.value) <= 2 * error.value * scale[few]).all()
    assert (np.abs(found.by_correlation[few] - other.by_correlation) <= 2 * error.by_correlation * scale[few]).all()
    c[0], q2[0] = 1.0, q1[0]
    apart = dual.defect(q1, q2, c)
    assert (np.abs(apart - (1 - dual.value(q1, q2, c) / scale))[1:] <= 4 * error.value + dual.error.defect).all() and apart[0] == 0
    assert (np.abs(found.q1_at_covariance[few] - other.q1_at_covariance) * q1[few] <= 2 * error.by_variance * scale[few]).all()


def test_shapes_symmetry_and_positivity() -> None:
    dual = compiled_dual("softplus")
    q = np.array([0.05, 0.3, 1.0, 2.0, 4.0])
    x = Stream(5).child("cosines").numpy().standard_normal((5, 3))
    x /= np.sqrt((x * x).sum(axis=1))[:, None]
    c = np.clip(x @ x.T, -1, 1)
    c = (c + c.T) / 2
    np.fill_diagonal(c, 1)
    found = dual.value(q[:, None], q, c)
    assert found.shape == (5, 5) and (found == found.T).all()
    root = np.sqrt(np.diag(found))
    assert np.linalg.eigvalsh(found / np.outer(root, root)).min() >= -5 * 2 * dual.error.value
    assert dual.value(1.0, 2.0, 0.5).shape == () and dual.value(np.zeros((0, 2)) + 1, 1.0, 0.0).shape == (0, 2)
    assert "errors at most" in str(dual) and "softplus" in str(dual)


def test_tensors_and_their_gradients() -> None:
    import torch

    dual = compiled_dual("sigmoid")
    q, c = torch.tensor([0.5, 2.0], dtype=torch.float64), torch.tensor([[0.25], [-0.75], [1.0]], dtype=torch.float64)
    plain = dual.gradient(q, 1.5, c)
    assert isinstance(plain.value, torch.Tensor) and plain.value.shape == (3, 2)
    assert (plain.value.numpy() == dual.value(q.numpy(), 1.5, c.numpy())).all()
    first, third = q.clone().requires_grad_(), c.clone().requires_grad_()
    dual.value(first, 1.5, third).sum().backward()
    assert first.grad is not None and third.grad is not None
    assert torch.equal(first.grad, plain.q1_at_correlation.sum(dim=0)) and torch.equal(third.grad[:, 0], plain.by_correlation.sum(dim=1))
    distance = (1 - c).requires_grad_()
    dual.value(q, 1.5, d=distance).sum().backward()
    assert distance.grad is not None and torch.equal(distance.grad, -third.grad)
    with pytest.raises(ValueError, match="only `value` is differentiated"):
        dual.slope(first, 1.5, c)


def test_a_layer_of_tensors_is_a_layer_of_arrays() -> None:
    """The step of a tile in Torch, as other devices take it, against the one in NumPy: the same numbers but for sums' order."""
    import torch

    from lemmata.numerics.kernels.duals import Pair

    dual = compiled_dual("silu")
    q1, q2 = np.array([0.25, 1.0, 3.0])[:, None], np.array([1.0, 2.0])[None, :]
    r1, r2 = (np.sqrt(dual.lengths(q)) for q in (q1, q2))
    u = np.array([[0.0, 1e-12], [0.0, 0.25], [0.75, 1.0]])
    plain = [u.copy(), np.empty((3, 2)), np.empty((3, 2))]
    dual.step(np, *plain, Pair(q1, q2, r1, r2))
    tensors = [torch.as_tensor(u.copy()), *(torch.empty((3, 2), dtype=torch.float64) for _ in range(2))]
    dual.step(torch, *tensors, Pair(*(torch.as_tensor(np.asarray(part, np.float64)) for part in (q1, q2, r1, r2))))
    for one, other in zip(plain, tensors, strict=True):
        assert (np.abs(one - other.numpy()) <= 2 * dual.error.by_correlation).all()
    assert plain[0][1, 0] == 0 == tensors[0][1, 0]


BAD: list[tuple[Any, str]] = [
    (lambda: compiled_dual("tanh").value(0.0, 1.0, 0.5), "0 is outside"),
    (lambda: compiled_dual("tanh").value(-1.0, 1.0, 0.5), "-1 is outside"),
    (lambda: compiled_dual("tanh").value(1.0, math.nan, 0.5), "nan is outside"),
    (lambda: compiled_dual("tanh").value(1.0, 1.0, 1.5), r"in \[-1, 1\]"),
    (lambda: compiled_dual("tanh").value(1.0, 1.0, math.nan), r"in \[-1, 1\]"),
    (lambda: compiled_dual("tanh").value(1.0, 1.0, d=-1e-9), r"in \[0, 2\]"),
    (lambda: compiled_dual("tanh").value(1.0, 1.0), "one of them"),
    (lambda: compiled_dual("tanh").value(1.0, 1.0, 0.5, d=0.5), "one of them"),
    (lambda: compiled_dual("tanh", (0.0, 1.0)), "0 < low <= high"),
    (lambda: compiled_dual("tanh", (2.0, 1.0)), "0 < low <= high"),
    (lambda: compiled_dual("tanh", (1.0, math.nan)), "0 < low <= high"),
    (lambda: compiled_dual("tanh", (1.0, math.inf)), "0 < low <= high"),
    (lambda: compiled_dual("tanh", tolerance=0.0), "between 2"),
    (lambda: compiled_dual("tanh", (1.0, 100.0)), "1024 terms"),
    (lambda: compiled_dual("tahn"), "no activation is called 'tahn'"),
    (lambda: compiled_dual("relu"), "has kinks"),
    (lambda: compiled_dual(sp.Symbol("x") * sp.Symbol("y")), "has 2: x, y"),
    (lambda: compiled_dual(lambda x: sp.Symbol("a") * x), "parameters"),
    (lambda: compiled_dual(lambda x: sp.exp(x**2)), "grows too fast"),
    (lambda: compiled_dual(sp.log), "not defined on the whole line"),
    (lambda: compiled_dual(lambda x: sp.S.Zero), "vanishes"),
    (lambda: compiled_dual(lambda x: x, (1e-20, 1e20)), "nodes"),
]


@pytest.mark.parametrize("case", range(len(BAD)))
def test_what_has_no_dual_is_one_line(case: int) -> None:
    call, words = BAD[case]
    with pytest.raises(ValueError, match=words) as raised:
        call()
    assert "\n" not in str(raised.value)
