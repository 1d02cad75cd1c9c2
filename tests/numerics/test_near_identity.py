"""Near-identity factorisations: products that are built, bounds that hold for every product, and matrices that have none."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb, arb_mat

from lemmata.numerics.budget import BUDGETS, BudgetName
from lemmata.numerics.compile.arb import precision
from lemmata.numerics.instruments.near_identity import INSTRUMENT
from lemmata.numerics.landscape.near_identity import (
    NotFactorised,
    PolarParts,
    attained,
    attained_by_root,
    built_factors,
    dyadic,
    identity,
    nearest,
    needed,
    norm,
    widest_turn,
)
from lemmata.numerics.measurement import Ball, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.near_identity import NearIdentityRadius, near_identity_radius, polar_radius

BITS = 240
QUICK = BUDGETS[BudgetName.QUICK]


def rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def positive(size: int, seed: int) -> np.ndarray:
    """A random matrix with a positive determinant."""
    found = Stream(7, ("near identity", str(size), str(seed))).numpy().standard_normal((size, size))
    if np.linalg.det(found) < 0:
        found[0] *= -1
    return found


def measured(quantity, at=None):
    return INSTRUMENT.measure(quantity, at or {}, QUICK, Stream(0))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("count", [1, 2, 3, 9, 64])
def test_no_product_is_nearer_than_what_is_needed(size, count):
    """Random factors at distance exactly v: whatever they multiply to, the lower bound may not exceed v."""
    rng = Stream(3, ("factors", str(size), str(count))).numpy()
    for reach in (0.02, 0.4, 0.95):
        with precision(BITS):
            product, largest = identity(size), arb(0)
            for _ in range(count):
                near = rng.standard_normal((size, size))
                factor = dyadic(reach * near / np.linalg.norm(near, 2))
                product, largest = product * (identity(size) + factor), largest.max(norm(factor))
            try:
                lower = needed(product, PolarParts(product), count)
            except NotFactorised:
                continue  # factors at 0.95 may multiply to a matrix that balls cannot tell from a singular one
            assert lower.lower() <= largest.upper()


@pytest.mark.parametrize("count", [2, 5, 40])
def test_the_bound_on_turning_is_reached_by_shrinking_rotations(count):
    """cos(t) R(t) = 1 + V with |V| = sin(t) turns by t: nothing does better, and the bound says exactly that."""
    step = 1.2 / count
    with precision(BITS):
        factor = dyadic(np.cos(step) * rotation(step))
        product = identity(2)
        for _ in range(count):
            product = product * factor
        reach = norm(factor - identity(2))
        lower = needed(product, PolarParts(product), count)
        assert lower.lower() <= reach.upper()
        assert lower > reach * (1 - arb(2) ** -20)


@pytest.mark.parametrize("size", [2, 3, 4, 5])
@pytest.mark.parametrize("count", [2, 3, 17, 128])
def test_built_factors_multiply_to_the_matrix_and_are_as_near_as_said(size, count):
    with precision(BITS):
        matrix = dyadic(positive(size, count))
        parts = PolarParts(matrix)
        stretch, turn, first, j = built_factors(matrix, parts, count)
        factors = [first, *[stretch] * (j - 1 if j else 0), *[turn] * (count - j - (j == 0))]
        assert len(factors) == count
        product = identity(size)
        for factor in factors:
            product = product * factor
        assert (product - matrix).contains(arb_mat(size, size))
        reach = arb(0)
        for factor in (first, *([stretch] if j > 1 else []), *([turn] if count - j > (j == 0) else [])):
            reach = reach.max(norm(factor - identity(size)))
        assert reach.overlaps(attained(matrix, parts, count))
        assert needed(matrix, parts, count).lower() <= reach.upper()


@pytest.mark.parametrize("size", [2, 3, 4])
def test_polar_radius_is_that_of_the_built_factors(size):
    """Two roads: singular values and an angle in balls, and roots of matrices in doubles whose last factor is exact."""
    with precision(BITS):
        matrix = dyadic(positive(size, 1))
        parts = PolarParts(matrix)
        for count in (4, 33, 256):
            _, radius = parts.split(count)
            built = attained(matrix, parts, count)
            assert abs(radius - built) < arb(2) ** -34


def test_best_split_is_the_best_of_all_splits():
    with precision(BITS):
        for seed in range(6):
            parts = PolarParts(dyadic(positive(3, seed) * 10.0 ** (seed - 3)))
            for count in (2, 3, 7, 24):
                _, radius = parts.split(count)
                every = [parts.stretch(j).max(parts.turn(count - j)) for j in range(1, count)]
                best = min(every, key=lambda value: float(value.mid()))
                assert radius.overlaps(best)


@pytest.mark.parametrize(
    ("matrix", "angle"),
    [
        (np.diag([1.0, -1.0, -1.0, 1.0]), np.pi),
        (np.diag([-2.0, -3.0]), np.pi),
        (np.diag([-1.0, -1.0, -1.0, -1.0]), np.pi),
        (np.diag([2.0, 3.0, 5.0]), 0.0),
        (3 * rotation(0.7), 0.7),
        (rotation(-2.5) / 1024, 2.5),
    ],
)
def test_angles_of_rotations_and_half_turns(matrix, angle):
    with precision(BITS):
        found = PolarParts(dyadic(matrix)).angle
        assert abs(found - angle) < arb(2) ** -24
        assert widest_turn(dyadic(matrix)).lower() <= arb.pi().upper()


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e5, 1e12])
def test_ill_conditioned_matrices_have_wide_but_true_enclosures(scale):
    matrix = np.diag([1.0, scale]) @ rotation(1.0)
    with precision(BITS):
        exact = dyadic(matrix)
        parts = PolarParts(exact)
        sigma = (max(scale, 1.0), min(scale, 1.0))
        assert abs(parts.largest / sigma[0] - 1) < arb(2) ** -40
        assert abs(parts.smallest / sigma[1] - 1) < arb(2) ** -40
        assert needed(exact, parts, 30).lower() <= attained(exact, parts, 30).upper()


def test_equal_factors_of_a_positive_definite_matrix_cannot_be_beaten():
    found = measured(near_identity_radius([[4, 0], [0, 1]], 2))
    assert isinstance(found, Ball) and found.value.contains(1)
    assert found.value.rad() < arb(2) ** -40


def test_one_factor_is_the_matrix_itself():
    assert measured(near_identity_radius([[1, 3], [0, 1]], 1)).value.contains(3)


@pytest.mark.parametrize(
    ("entries", "count"),
    [([[sp.Symbol("x"), 0], [0, 1]], 4), ([[1, 0], [0, sp.Symbol("x")]], 8)],
)
def test_a_determinant_that_is_not_positive_at_the_point_is_refused(entries, count):
    (x,) = sp.Matrix(entries).free_symbols
    node = NearIdentityRadius(sp.Matrix(entries), count)
    for value, word in ((-1, "det A < 0"), (0, "not shown")):
        refused = measured(node, {x: sp.Integer(value)})
        assert isinstance(refused, Refusal) and word in refused.reason
    assert isinstance(measured(node, {x: sp.Integer(2)}), Ball)


def test_a_number_of_factors_that_is_none_is_refused():
    count = sp.Symbol("K", real=True)
    node = NearIdentityRadius(sp.eye(2) * 2, count)
    for value in (0, sp.Rational(1, 2), 10**6):
        assert isinstance(measured(node, {count: sp.sympify(value)}), Refusal)


@pytest.mark.parametrize(
    ("matrix", "count", "word"),
    [
        ([[1, 0], [0, -1]], 8, "det A = -1"),
        ([[1, 1], [1, 1]], 8, "det A = 0"),
        ([[1, 0, 0], [0, 1, 0]], 8, "square"),
        ([[2]], 0, "positive integer"),
        ([[2]], sp.Rational(3, 2), "positive integer"),
        ([[sp.I]], 2, "not real"),
        (sp.MatrixSymbol("A", 2, 2), 2, "explicit entries"),
    ],
)
def test_what_has_no_factors_near_the_identity_is_said_in_one_line(matrix, count, word):
    for quantity in (near_identity_radius, polar_radius):
        with pytest.raises(ValueError, match=word) as error:
            quantity(matrix, count)
        assert "\n" not in str(error.value)


def test_the_polar_decomposition_needs_two_factors():
    with pytest.raises(ValueError, match="at least 2"):
        polar_radius([[2]], 1)


def test_nodes_print_and_stay_unevaluated():
    count = sp.Symbol("K", integer=True, positive=True)
    node = near_identity_radius([[2, 0], [0, sp.Rational(1, 2)]], count)
    assert node.doit() == node and node.func(*node.args) == node
    assert r"\rho_{K}" in sp.latex(node) and r"\mathrm{polar}" in sp.latex(polar_radius([[2]], count))
    assert node.free_symbols == {count} and Fraction(str(node.matrix[1, 1])) == Fraction(1, 2)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("count", [2, 9, 64])
def test_equal_factors_never_come_below_what_is_needed(size, count):
    with precision(BITS):
        for seed in range(4):
            matrix = dyadic(positive(size, 100 * size + seed))
            parts = PolarParts(matrix)
            equal, best = attained_by_root(matrix, count), nearest(matrix, parts, count)
            assert needed(matrix, parts, count).lower() <= best.upper()
            assert not best > attained(matrix, parts, count)
            assert equal is None or not best > equal


@pytest.mark.parametrize("count", [4, 32, 512])
def test_a_spiral_has_nearer_factors_than_its_polar_parts(count):
    with precision(BITS):
        matrix = dyadic(2.0 * rotation(2.0))
        parts = PolarParts(matrix)
        exponent = (matrix.det().log() / (2 * count)).exp()
        exact = (exponent**2 - 2 * exponent * (parts.angle / count).cos() + 1).sqrt()
        assert abs(attained_by_root(matrix, count) - exact) < arb(2) ** -40
        assert nearest(matrix, parts, count) < attained(matrix, parts, count)


def test_a_plane_turned_by_pi_has_no_root_in_doubles():
    with precision(BITS):
        half_turn = dyadic(np.diag([-1.0, -2.0]))
        assert attained_by_root(half_turn, 8) is None
        assert nearest(half_turn, PolarParts(half_turn), 8).overlaps(attained(half_turn, PolarParts(half_turn), 8))
