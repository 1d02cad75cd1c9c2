"""Two-layer ReLU students: derivatives against balls, automatic differentiation and complex steps; certified points under attack."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch
from flint import arb, arb_mat

from lemmata.numerics import BUDGETS, Ball, BudgetName, Refusal, Stream
from lemmata.numerics.compile.arb import precision
from lemmata.numerics.instruments.certified_mean import INSTRUMENT as CERTIFIED
from lemmata.numerics.instruments.critical_point import INSTRUMENT
from lemmata.numerics.landscape.ball_geometry import Pair, Parallel, Student, orthonormal
from lemmata.numerics.landscape.hessian import Networks
from lemmata.numerics.landscape.leftmost import leftmost
from lemmata.numerics.landscape.symmetric_point import NotProved, family, symmetric_point
from lemmata.numerics.landscape.tile import Tile
from lemmata.theory.activations import relu
from lemmata.theory.gaussian import gaussian_pair
from lemmata.theory.spurious_minima import BOXES, MILLION, AtCriticalPoint, critical_point

QUICK = BUDGETS[BudgetName.QUICK]
BITS = 200
ULP = 2.0**-52


def rounding(n: int, k: int, size: float) -> float:
    """What floating point may do to a sum over n (n + k) pairs of terms of this size: sixteen roundings in each."""
    return 16 * n * (n + k) * size * ULP


def balls(matrix: Any) -> list[list[arb]]:
    return [[arb(float(x)) for x in row] for row in matrix]


def student(n: int, k: int, name: str) -> np.ndarray:
    return Stream(0, ("students", name)).numpy().standard_normal((n, k))


def within(found: Any, truth: Any, error: float) -> bool:
    """Whether every double is within an error of the ball."""
    return all(abs(arb(float(x)) - y) < error for x, y in zip(np.ravel(found), truth, strict=True))


@pytest.mark.parametrize("c", ["1/2", "-9/10", "0", "999999/1000000"])
def test_the_kernel_of_a_pair_is_the_certified_expectation(c: str) -> None:
    """E[relu(w.x) relu(v.x)] by certified integration of the expectation itself, which knows no closed form."""
    cosine, q1, q2 = sp.Rational(c), sp.Rational(4), sp.Rational(1, 9)
    u, v = gaussian_pair(q1, q2, cosine)
    measured = CERTIFIED.measure(sp.stats.Expectation(relu(u) * relu(v)), {}, QUICK, Stream(0))
    assert isinstance(measured, Ball)
    with precision(BITS):
        tilt = arb(int(cosine.p)) / int(cosine.q)
        pair = Pair([arb(2), arb(0)], [tilt / 3, (1 - tilt**2).sqrt() / 3])
        assert pair.value.overlaps(measured.value)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (1, 3), (3, 2), (5, 5), (4, 6)])
def test_value_gradient_and_hessian_against_balls(n: int, k: int) -> None:
    w, x = student(n, k, f"{n},{k}"), student(n, k, "direction")
    if k == 1:
        w, x = np.abs(w), x  # one dimension: all vectors are parallel, and balls decline
        with precision(BITS), pytest.raises(Parallel):
            Student(balls(w), orthonormal(k)).gradient(0)
        assert abs(Networks(w, np.eye(k)).value() - (w[0, 0] - 1) ** 2 / 4) <= rounding(n, k, (1 + w[0, 0]) ** 2)
        return
    networks, size = Networks(w, np.eye(k)), float(np.abs(w).sum()) + k
    with precision(BITS):
        exact = Student(balls(w), orthonormal(k))
        assert within(2 * networks.value(), [exact.objective()], rounding(n, k, size**2))
        gradient = [x for i in range(n) for x in exact.gradient(i)]
        assert within(networks.gradient(), gradient, rounding(n, k, size))
        image = [y for i in range(n) for y in exact.hessian(i, balls(x))]
        pairs = [
            exact.pair(i, j, target) for i in range(n) for target in (False, True) for j in range(k if target else n) if target or i != j
        ]
        sines = min(float(pair.sine) for pair in pairs)
        scale = size * float(np.abs(x).sum()) / min(1.0, float(np.sqrt((w * w).sum(1)).min())) / sines
        assert within(networks.hessian() @ x.ravel(), image, rounding(n, k, scale))
    tile = Tile(2, n, k)
    assert within(tile.gradient(w[None], np.empty((1, n, k))), gradient, rounding(n, k, size))
    assert abs(tile.objective(w[None])[0] - networks.value()) <= rounding(n, k, size**2)


def written_out(w: Any, functions: Any) -> Any:
    """F/2 as its formula is printed, for tensors and for complex numbers."""
    norms = functions.sqrt((w * w).sum(1))
    units = w / norms[:, None]

    def kernel(c: Any) -> Any:
        return (functions.sqrt(1 - c * c) + (functions.pi - functions.arccos(c)) * c) / (2 * functions.pi)

    total, n, k = 0, *w.shape
    for i in range(n):
        total = total + norms[i] ** 2 / 4 - (norms[i] * kernel(units[i])).sum()
        for j in range(i):
            total = total + norms[i] * norms[j] * kernel((units[i] * units[j]).sum())
    return total + (k / 2 + k * (k - 1) / (2 * functions.pi)) / 2


def test_gradient_against_automatic_differentiation_and_complex_steps() -> None:
    w, h = student(4, 5, "differentiation"), 1e-30
    found, size = Networks(w, np.eye(5)).gradient(), float(np.abs(w).sum()) + 5
    tensor = torch.from_numpy(w.copy()).requires_grad_()
    (slopes,) = torch.autograd.grad(written_out(tensor, torch), tensor)
    assert np.abs(slopes.numpy() - found).max() <= rounding(4, 5, size)
    for place in np.ndindex(*w.shape):
        moved = w.astype(complex)
        moved[place] += 1j * h
        assert abs(written_out(moved, np).imag / h - found[place]) <= rounding(4, 5, size)


@pytest.mark.parametrize("angle", [0.0, 1e-14, 1e-9, 1e-5, 1e-3, np.pi, np.pi - 1e-9])
def test_nearly_parallel_vectors_keep_their_digits(angle: float) -> None:
    """Against balls at the very doubles; at the angles 0 and pi against a vector 1e-40 away: the derivatives are continuous there."""
    w = student(3, 4, "parallel")
    w[0] = [2 * np.cos(angle), 2 * np.sin(angle), 0.0, 0.0]
    w[1] = -w[0] * 0.5 + np.array([0.0, 0.0, angle if angle < 1 else 0.0, 0.0])
    size = float(np.abs(w).sum()) + 4
    with precision(BITS + 200):
        rows = balls(w)
        rows[0][2] += arb(10) ** -40
        rows[1][3] += arb(10) ** -40 / 3
        exact = Student(rows, orthonormal(4))
        gradient = [x for i in range(3) for x in exact.gradient(i)]
        assert within(Networks(w, np.eye(4)).gradient(), gradient, rounding(3, 4, size))
        assert within(Tile(1, 3, 4).gradient(w[None], np.empty((1, 3, 4))), gradient, rounding(3, 4, size))
        x = student(3, 4, "direction")
        image = [y for i in range(3) for y in exact.hessian(i, balls(x))]
        assert within(Networks(w, np.eye(4)).hessian() @ x.ravel(), image, rounding(3, 4, size * float(np.abs(x).sum()) * 16))


def test_a_zero_vector_has_one_sided_slopes() -> None:
    """lim (G(W + t X) - G(W))/t by balls at t = 10^-30, where neurons 0 and 2 are zero; the sign of X matters."""
    w, x = student(4, 3, "zero"), student(4, 3, "direction")
    w[0] = w[2] = 0.0
    networks, t = Networks(w, np.eye(3)), Fraction(1, 10**30)
    for sign in (1, -1):
        with precision(400):
            step = arb(t.numerator) / t.denominator
            there = [[arb(float(a)) + step * sign * arb(float(b)) for a, b in zip(r, s, strict=True)] for r, s in zip(w, x, strict=True)]
            here = Student(balls(w[[1, 3]]), orthonormal(3)).objective()
            quotient = (Student(there, orthonormal(3)).objective() - here) / 2 / step
            assert abs(arb(networks.slope(sign * x)) - quotient) < rounding(4, 3, float(np.abs(w).sum() + np.abs(x).sum()) ** 2)
    assert networks.slope(x) != -networks.slope(-x)
    gradient = Tile(1, 4, 3).gradient(w[None], np.empty((1, 4, 3)))[0]
    assert np.isfinite(gradient).all() and not gradient[[0, 2]].any() and gradient[[1, 3]].all()
    with pytest.raises(ValueError, match="has no second derivatives"):
        networks.hessian()


def certified(k: int, shift: int = 0, radius: int = 1) -> Any:
    with precision(128):
        return symmetric_point(k, [arb(x + shift) / MILLION for x in BOXES[k]], arb(radius) / MILLION)


@pytest.mark.parametrize("k", [3, 4, 5, 6, 9])
def test_all_derivatives_vanish_where_the_five_do(k: int) -> None:
    """The principle of symmetric criticality, on every entry of the full gradient; one entry off the family's and it fails."""
    point = certified(k)
    with precision(128):
        rows = family(k, point.coordinates)
        exact = Student(rows, orthonormal(k))
        gradient = [x for i in range(k) for x in exact.gradient(i)]
        assert all(x.contains(0) and x.rad() * MILLION**4 < 1 for x in gradient)
        rows[0][0] += arb(1) / 1000
        assert not all(x.contains(0) for x in Student(rows, orthonormal(k)).gradient(0))


@pytest.mark.parametrize("k", [3, 4, 5, 6, 7, 10])
def test_the_isotypic_parts_hold_all_eigenvalues(k: int) -> None:
    """The least of the parts against the least of all k^2 eigenvalues of the full Hessian, by LAPACK."""
    point = certified(k)
    with precision(128):
        w = np.array([[float(x.mid()) for x in row] for row in family(k, point.coordinates)])
    spectrum = np.linalg.eigvalsh(Networks(w, np.eye(k)).hessian())
    assert abs(arb(float(spectrum[0])) - point.least) < rounding(k, k, 16 * k)
    for _, value in point.parts:
        assert np.abs(spectrum - float(value)).min() <= rounding(k, k, 16 * k)
    assert (point.least > 0) == (k >= 6) and (point.least < 0) == (k < 6)


@pytest.mark.parametrize(("k", "positive"), [(6, True), (5, False)])
def test_interval_elimination_of_the_full_hessian_agrees(k: int, positive: bool) -> None:
    """Another proof: the pivots of L D L^T of the whole k^2 x k^2 matrix of balls are all positive, or one of them is negative."""
    point = certified(k)
    with precision(160):
        exact, size = Student(family(k, point.coordinates), orthonormal(k)), k * k
        columns = []
        for place in range(size):
            along = [[arb(int(i * k + j == place)) for j in range(k)] for i in range(k)]
            columns.append([x for i in range(k) for x in exact.hessian(i, along)])
        rows = [[columns[j][i] for j in range(size)] for i in range(size)]
        pivots = []
        for p in range(size):
            pivots.append(rows[p][p])
            for i in range(p + 1, size):
                factor = rows[i][p] / rows[p][p]
                for j in range(p, size):
                    rows[i][j] -= factor * rows[p][j]
        assert all(pivot > 0 for pivot in pivots) if positive else any(pivot < 0 for pivot in pivots)


@pytest.mark.parametrize(("shift", "radius"), [(3, 1), (-2, 1), (0, 400_000), (200_000, 1), (0, 0)])
def test_a_box_that_is_wrong_is_not_proved(shift: int, radius: int) -> None:
    """No critical point in it, so large that neurons may be parallel, or a point that is not exactly critical."""
    with pytest.raises(NotProved):
        certified(7, shift, radius)


def test_a_box_may_be_larger_than_the_one_of_the_table() -> None:
    assert certified(7, 3, 10).least.overlaps(certified(7).least)


def test_the_leftmost_eigenvalue_of_every_matrix_in_the_balls() -> None:
    """Random symmetric matrices with radii, many with equal eigenvalues; the matrices inside are drawn at the ends of the balls."""
    rng = Stream(0, ("leftmost",)).numpy()
    for trial in range(60):
        size = 1 + trial % 5
        basis, _ = np.linalg.qr(rng.standard_normal((size, size)))
        values = rng.integers(-2, 3, size).astype(float)
        middle = basis @ np.diag(values) @ basis.T
        middle, radius = (middle + middle.T) / 2, 2.0 ** -float(rng.integers(4, 30))
        found = leftmost(arb_mat([[arb(x, radius) for x in row] for row in middle]))
        for _ in range(20):
            signs = np.triu(rng.choice([-1.0, 0.0, 1.0], (size, size)))
            inside = middle + radius * (signs + np.triu(signs, 1).T)
            error = arb(0, float(size * ULP * 4 * (np.abs(inside).sum() + 1)))
            assert found.overlaps(arb(float(np.linalg.eigvalsh(inside)[0])) + error)


def test_the_instrument_refuses_what_it_cannot_prove() -> None:
    k = sp.Symbol("k", integer=True, positive=True)
    node = critical_point(k).curvature
    for value, message in ((1, "coordinates of their own from k = 3"), (50, "no box is known for k = 50"), (0, "at least one neuron")):
        found = INSTRUMENT.measure(node, {k: sp.Integer(value)}, QUICK, Stream(0))
        assert isinstance(found, Refusal) and message in found.reason
    off = AtCriticalPoint(6, [sp.Rational(1, 2)] * 5, "objective")
    assert "interval Newton does not show" in INSTRUMENT.measure(off, {}, QUICK, Stream(0)).reason
    ball = INSTRUMENT.measure(critical_point(6, [sp.Rational(x, MILLION) for x in BOXES[6]]).curvature, {}, QUICK, Stream(0))
    assert ball.value.overlaps(INSTRUMENT.measure(node, {k: sp.Integer(6)}, QUICK, Stream(0)).value)


BAD = {
    "no neuron": (lambda: critical_point(0), "a network has at least one neuron, not k = 0"),
    "two neurons": (lambda: critical_point(2), "coordinates of their own from k = 3 on, not for k = 2"),
    "half a neuron": (lambda: critical_point(sp.Rational(7, 2)), "a number of neurons is a whole number"),
    "unknown box": (lambda: critical_point(21), "no box is known for k = 21"),
    "a box of four": (lambda: critical_point(6, (1, 2, 3, 4)), "a box is given by 5 rationals"),
    "other dimension": (lambda: Networks(np.ones((2, 3)), np.eye(4)), "a student of dimension 3 cannot learn a target of dimension 4"),
    "other dimension in balls": (lambda: Student(balls(np.ones((2, 3))), orthonormal(4)), "make them equal"),
    "nothing": (lambda: Networks(np.ones((0, 3)), np.eye(3)), "at least one"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_one_line(case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(ValueError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
