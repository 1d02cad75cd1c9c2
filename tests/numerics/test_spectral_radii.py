"""Spectral radii in balls: matrices whose radius is known exactly, multiple eigenvalues first of all."""

import random

import pytest
import sympy as sp
from flint import acb, arb, arb_poly, fmpq, fmpq_mat

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose, precision
from lemmata.numerics.instruments import instruments_for
from lemmata.numerics.instruments.eigenvalues import INSTRUMENT as EIGENVALUES
from lemmata.numerics.instruments.spectral_radius import INSTRUMENT as SQUARED
from lemmata.numerics.instruments.spectral_radius import by_squaring
from lemmata.numerics.measurement import Approx, Ball, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.spectral_radii import companion, spectral_radius

half = sp.Rational(1, 2)
KNOWN = [
    ([[0]], 0),
    ([[-5]], 5),
    ([[0, 1], [0, 0]], 0),
    ([[1, 1], [0, 1]], 1),
    ([[0, -1], [1, 0]], 1),
    ([[1, 10**6], [0, -1]], 1),
    ([[sp.sqrt(2), 1], [0, sp.sqrt(2)]], sp.sqrt(2)),
    ([[sp.sqrt(2), -2], [1, -sp.sqrt(2)]], 0),
    ([[10**9, 0], [0, sp.Rational(1, 10**9)]], 10**9),
    ([[half, 1, 0, 0], [0, half, 1, 0], [0, 0, half, 1], [0, 0, 0, half]], half),
    ([[0, 0, 1], [1, 0, 0], [0, 1, 0]], 1),
    ([[1, 1], [1, 0]], (1 + sp.sqrt(5)) / 2),
]


@pytest.mark.parametrize(("matrix", "radius"), KNOWN)
def test_known_radii_are_enclosed(matrix: list, radius: object) -> None:
    found = SQUARED.measure(spectral_radius(matrix), {}, Budget(), Stream(0))
    assert isinstance(found, Ball)
    truth = enclose(sp.sympify(radius), {}, digits=40)
    assert found.value.overlaps(truth)
    assert found.value.rad() <= max(abs(found.value).upper() * arb(10) ** -14, arb(10) ** -20)
    rough = EIGENVALUES.measure(spectral_radius(matrix), {}, Budget(), Stream(0))
    assert isinstance(rough, Approx) and abs(found.value.mid() - rough.value) <= arb(rough.error) + found.value.rad()


@pytest.mark.parametrize("size", [2, 3, 5, 8])
def test_random_matrices_against_isolated_zeros(size: int) -> None:
    draw = random.Random(size)
    for _ in range(10):
        rows = [[fmpq(draw.randint(-9, 9), draw.randint(1, 9)) for _ in range(size)] for _ in range(size)]
        node = spectral_radius([[sp.Rational(int(entry.p), int(entry.q)) for entry in row] for row in rows])
        found = SQUARED.measure(node, {}, Budget(), Stream(0)).value
        with precision(200):
            isolated = [abs(acb(root)) for root, _ in fmpq_mat(rows).charpoly().numer().complex_roots()]
        assert all(modulus.lower() <= found.upper() for modulus in isolated)
        assert any(modulus.overlaps(found) for modulus in isolated)


def test_at_a_point_and_with_more_digits() -> None:
    a = sp.Symbol("a", real=True)
    node = spectral_radius(companion(2 * a, -(a**2)))
    found = SQUARED.measure(node, {a: sp.Rational(-7, 3)}, Budget(digits=60), Stream(0))
    with precision(300):
        assert found.value.contains(arb(7) / 3)
    assert found.value.rad() < arb(10) ** -59


def test_an_eigenvalue_that_is_off_by_little_is_seen() -> None:
    exact, moved = (SQUARED.measure(spectral_radius([[1 + sp.Rational(e, 10**12), 5], [0, 1]]), {}, Budget(), Stream(0)) for e in (0, 1))
    assert not exact.value.overlaps(moved.value)


def test_both_instruments_are_found_and_say_what_they_cannot_do() -> None:
    names = [one.name for one in instruments_for(spectral_radius([[1]]))[0]]
    assert names == ["squared zeros", "eigenvalues"]
    assert isinstance(SQUARED.supports(sp.S.One), Refusal) and isinstance(EIGENVALUES.supports(sp.S.One), Refusal)
    a = sp.Symbol("a", real=True)
    missing = SQUARED.measure(spectral_radius([[a]]), {}, Budget(), Stream(0))
    assert isinstance(missing, Refusal) and "give one" in missing.reason
    assert isinstance(EIGENVALUES.measure(spectral_radius([[1 / a]]), {a: sp.S.Zero}, Budget(), Stream(0)), Refusal)


def test_what_is_no_number_has_no_radius() -> None:
    with precision(100):
        assert not by_squaring(arb_poly([arb("nan"), 0, 1]), 10).is_finite()
        assert not by_squaring(arb_poly([arb(0, "inf"), 0, 1]), 10).is_finite()
