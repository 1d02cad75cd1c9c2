"""Rules about factors near the identity: bounds shown by vectors, products that are built, determinants in every dimension."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy import Determinant, Ge, Identity, Le, Matrix, MatrixSymbol, Max, Q, Rational, cos, diag, exp, sin, symbols

from lemmata.theory import exact
from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.near_identity import near_identity_radius
from lemmata.theory.rules.near_identity_bounds import (
    determinant_near_identity,
    near_identity_built,
    near_identity_floor,
    near_identity_stretch,
)

d, i, j, K = symbols("d i j K", integer=True, positive=True)
b, c, phi = symbols("b c phi", positive=True)
V, W = MatrixSymbol("V", d, d), MatrixSymbol("W", d, d)
ONE = Identity(d)
ROTATION = Matrix([[cos(phi), -sin(phi)], [sin(phi), cos(phi)]])
MIXED = diag(exp(b), exp(-c)) * ROTATION
FIRST, SECOND = ROTATION.T * Matrix([1, 0]), ROTATION.T * Matrix([0, 1])
REFUSED = (NotApplicable, NotDischarged)


def chain(expr: Any, *given: Any) -> Derivation:
    """An empty derivation from an expression."""
    return Derivation(expr, Domain(tuple(sorted(expr.free_symbols, key=str)), given))


def contracts(shift: Any) -> Any:
    """|V| < 1."""
    return Q.positive_definite(ONE - shift.T * shift)


def test_determinants_near_the_identity_are_positive_in_every_dimension() -> None:
    for matrix in (ONE + V, (ONE + V) * (ONE + W), (ONE + W) * (ONE + V) * (ONE + W), ONE - V):
        found = chain(Determinant(matrix), contracts(V), contracts(W)).by(determinant_near_identity)
        assert found.end == 0 and found.link is Link.ABOVE


@pytest.mark.parametrize(
    "matrix", [ONE + W, 2 * (ONE + V), V, ONE + V + W, ONE + 2 * V, (ONE + V) * W, (ONE + V) * (-ONE + V), (ONE + V).T * V]
)
def test_other_determinants_are_turned_down(matrix: Any) -> None:
    with pytest.raises(REFUSED):
        chain(Determinant(matrix), contracts(V)).by(determinant_near_identity)


def test_only_positivity_follows_from_a_determinant_without_zeros() -> None:
    derivation = chain(Determinant(ONE + V), contracts(V))
    honest = determinant_near_identity.apply(derivation.end, domain=derivation.domain)
    for after, link in ((sp.S.One, Link.ABOVE), (sp.S.Zero, Link.EQUAL)):
        with pytest.raises(NotDischarged):
            determinant_near_identity.check(derivation.end, Rewrite(after, "", link), domain=derivation.domain)
    assert honest.link is Link.ABOVE
    with pytest.raises(REFUSED):
        chain(-Determinant(ONE + V), contracts(V)).by(determinant_near_identity)


def test_three_vectors_give_a_lower_bound() -> None:
    found = chain(near_identity_radius(MIXED, K), Ge(K, 2), Le(phi, 3)).by(near_identity_floor, FIRST, SECOND, FIRST, phi)
    assert found.link is Link.AT_LEAST
    assert exact.is_zero(found.end - Max(exp(b / K) - 1, 1 - exp(-c / K), sin(phi / K))) is True


@pytest.mark.parametrize(
    ("given", "args"),
    [
        ([Le(phi, 3)], (FIRST, SECOND, FIRST, phi)),  # one factor may turn by more than a right angle
        ([Ge(K, 2)], (FIRST, SECOND, FIRST, phi)),  # angles beyond pi
        ([Ge(K, 2), Le(phi, 3)], (FIRST, SECOND, FIRST, phi / 2)),
        ([Ge(K, 2), Le(phi, 3)], (FIRST, SECOND, FIRST, -phi)),
        ([Ge(K, 2), Le(phi, 3)], (FIRST, SECOND, Matrix([1, 0]), phi)),
        ([Ge(K, 2), Le(phi, 3)], (FIRST, SECOND, Matrix([0, 0]), phi)),
        ([Ge(K, 2), Le(phi, 3)], (Matrix([0, 0]), SECOND, FIRST, phi)),
        ([Ge(K, 2), Le(phi, 3)], (Matrix([1, 0, 0]), SECOND, FIRST, phi)),
    ],
)
def test_bounds_that_the_vectors_do_not_show_are_turned_down(given: list[Any], args: tuple[Any, ...]) -> None:
    with pytest.raises(REFUSED):
        chain(near_identity_radius(MIXED, K), *given).by(near_identity_floor, *args)


def test_a_larger_bound_is_not_discharged() -> None:
    derivation = chain(near_identity_radius(MIXED, K), Ge(K, 2), Le(phi, 3))
    larger = Max(exp(b / K) - 1, 1 - exp(-c / K), 2 * sin(phi / (2 * K)))
    with pytest.raises(NotDischarged):
        near_identity_floor.check(derivation.end, Rewrite(larger, "", Link.AT_LEAST), FIRST, SECOND, FIRST, phi, domain=derivation.domain)


def test_roots_of_the_polar_parts_are_factors() -> None:
    found = chain(near_identity_radius(MIXED, i + j), Le(phi, 3)).by(near_identity_built, (b, -c), i, phi, j)
    assert found.link is Link.AT_MOST and found.end == Max(exp(b / i) - 1, 1 - exp(-c / i), 2 * sin(phi / (2 * j)))


@pytest.mark.parametrize(
    ("count", "given", "args"),
    [
        (i + j + 1, [Le(phi, 3)], ((b, -c), i, phi, j)),
        (i + j, [Le(phi, 3)], ((b, c), i, phi, j)),
        (i + j, [Le(phi, 3)], ((b, -c), i, 2 * phi, j)),
        (i + j, [], ((b, -c), i, phi, j)),
        (i + j, [Le(phi, 3)], ((b, -c), 2 * i - j, phi, 2 * j - i)),
    ],
)
def test_products_that_are_another_matrix_are_turned_down(count: Any, given: list[Any], args: tuple[Any, ...]) -> None:
    with pytest.raises(REFUSED):
        chain(near_identity_radius(MIXED, count), *given).by(near_identity_built, *args)


def test_bounds_from_both_sides_are_in_order() -> None:
    at = {b: Rational(3, 2), c: Rational(1, 2), phi: Rational(2)}
    lower = Max(exp(b / K) - 1, 1 - exp(-c / K), sin(phi / K)).xreplace({**at, K: sp.Integer(8)})
    upper = Max(exp(b / i) - 1, 1 - exp(-c / i), 2 * sin(phi / (2 * j))).xreplace({**at, i: sp.Integer(4), j: sp.Integer(4)})
    assert exact.positive(upper - lower)


def test_pure_stretches_have_their_root_as_the_infimum() -> None:
    found = chain(near_identity_radius(diag(b, c), K), Ge(b, 1), Le(c, 1)).by(near_identity_stretch)
    assert found.link is Link.EQUAL and exact.is_zero(found.end - Max(b ** (1 / K) - 1, 1 - c ** (1 / K))) is True
    for matrix in (diag(b, c), diag(exp(b), -exp(c)), Matrix([[exp(b), 1], [0, exp(c)]])):
        with pytest.raises(REFUSED):
            chain(near_identity_radius(matrix, K)).by(near_identity_stretch)


def test_multiples_keep_their_direction() -> None:
    rotation = near_identity_radius(ROTATION, K)
    found = chain(K * rotation, Ge(K, 2), Le(phi, 3)).by(near_identity_floor, [1, 0], [1, 0], [1, 0], phi)
    assert found.link is Link.AT_LEAST and exact.is_zero(found.end - K * Max(0, sin(phi / K))) is True
    assert chain(K * rotation, Le(phi, 3)).by(near_identity_built, (0, 0), 0, phi, K).end == 2 * K * sin(phi / (2 * K))
    for expr in (-K * rotation, 1 + rotation, rotation**2, 1 / rotation):
        with pytest.raises(REFUSED):
            chain(expr, Ge(K, 2), Le(phi, 3)).by(near_identity_floor, [1, 0], [1, 0], [1, 0], phi)
    with pytest.raises(REFUSED):
        chain(near_identity_radius(MIXED, K), Le(phi, 3)).by(near_identity_built, (b, -c), 0, phi, K)
