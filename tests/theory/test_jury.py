"""Jury's test: against eigenvalues known in closed form, at the border, and against tampering."""

import random

import pytest
import sympy as sp
from flint import arb, fmpq, fmpq_mat

from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.rules.jury import Margin, jury, no_smaller_radius
from lemmata.theory.spectral_radii import companion, spectral_radius

NOWHERE = Domain()


def _modulus_below(matrix: sp.Matrix, r: sp.Rational) -> bool:
    """Whether all eigenvalues are within the circle, from isolated zeros in balls."""
    entries = [[fmpq(int(entry.p), int(entry.q)) for entry in row] for row in matrix.tolist()]
    roots = fmpq_mat(entries).charpoly().numer().complex_roots()
    return all(abs(root) < arb(fmpq(int(r.p), int(r.q))) for root, _ in roots)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_random_matrices_are_told_as_their_eigenvalues_tell(size: int) -> None:
    draw = random.Random(size)
    seen = set()
    for _ in range(25):
        matrix = sp.Matrix(size, size, lambda i, j: sp.Rational(draw.randint(-9, 9), draw.randint(4, 12)))
        r = sp.Rational(draw.randint(3, 20), 10)
        try:
            link = Derivation(spectral_radius(matrix), NOWHERE).by(jury, r).link
        except NotApplicable:
            assert size > 2, "up to two rows the test decides every matrix of numbers"
            continue
        seen.add(link)
        assert (link is Link.BELOW) == _modulus_below(matrix, r), (matrix, r)
    assert Link.BELOW in seen and Link.ABOVE in seen or size == 4


@pytest.mark.parametrize(
    "matrix",
    [
        [[1]],
        [[-1]],
        [[0, -1], [1, 0]],
        [[1, 1], [0, 1]],
        [[1, 0], [0, sp.Rational(-1, 2)]],
        [[1, 0], [0, -1]],
        [[sp.Rational(3, 5), -sp.Rational(4, 5)], [sp.Rational(4, 5), sp.Rational(3, 5)]],
    ],
)
def test_on_the_circle(matrix: list) -> None:
    derived = Derivation(spectral_radius(matrix), NOWHERE).by(jury)
    assert derived.link is Link.EQUAL and derived.end == 1


def test_beyond_the_circle_although_the_product_is_small() -> None:
    derived = Derivation(spectral_radius([[2, 0], [0, sp.Rational(1, 8)]]), NOWHERE).by(jury)
    assert derived.link is Link.ABOVE


def test_degree_three_with_a_parameter() -> None:
    k = sp.Symbol("k", positive=True)
    stable = Domain((k,), (sp.Lt(k, sp.Rational(1, 2)),))
    assert Derivation(spectral_radius(companion(0, 0, k)), stable).by(jury).link is Link.BELOW
    with pytest.raises(NotApplicable, match="does not decide"):
        Derivation(spectral_radius(companion(0, 0, k)), Domain((k,))).by(jury)


@pytest.mark.parametrize("link", [Link.BELOW, Link.EQUAL, Link.AT_MOST, Link.ABOVE, Link.AT_LEAST])
def test_a_false_step_is_not_discharged(link: Link) -> None:
    inside, on, outside = [[sp.Rational(1, 2)]], [[0, -1], [1, 0]], [[0, -2], [1, 0]]
    true = {Link.BELOW: (inside,), Link.EQUAL: (on,), Link.AT_MOST: (inside, on), Link.ABOVE: (outside,), Link.AT_LEAST: ()}
    for matrix in (inside, on, outside):
        step = Rewrite(sp.S.One, "", link)
        if matrix in true[link]:
            jury.check(spectral_radius(matrix), step, domain=NOWHERE)
        else:
            with pytest.raises(NotDischarged):
                jury.check(spectral_radius(matrix), step, domain=NOWHERE)


def test_the_radius_must_be_the_one_asked_for_and_positive() -> None:
    node = spectral_radius([[0]])
    with pytest.raises(NotDischarged, match="not the radius"):
        jury.check(node, Rewrite(sp.S.One, "", Link.BELOW), 2, domain=NOWHERE)
    with pytest.raises(NotApplicable, match="was not proved"):
        jury.apply(node, sp.S.Zero, domain=NOWHERE)


def _bound(weights: tuple[int, int], r: sp.Rational, margins: tuple[Margin, Margin] = (Margin.AT_PLUS, Margin.AT_MINUS)) -> Derivation:
    a = sp.Symbol("a", positive=True)
    first, second = spectral_radius([[1 - a]]), spectral_radius([[1 - 3 * a]])
    parts = list(zip((first, second), margins, weights, strict=True))
    return Derivation(sp.Max(first, second), Domain((a,))).by(no_smaller_radius, r, parts)


def test_no_smaller_radius_needs_a_sum_that_is_not_positive() -> None:
    derived = _bound((3, 1), sp.Rational(1, 2))
    assert derived.link is Link.AT_LEAST and derived.end == sp.Rational(1, 2)
    for weights, r in (((3, 1), sp.Rational(51, 100)), ((1, 1), sp.Rational(1, 2)), ((0, 0), sp.Rational(1, 2)), ((-3, -1), sp.S.Half)):
        with pytest.raises(NotDischarged):
            _bound(weights, r)
    with pytest.raises(NotDischarged):
        _bound((3, 1), sp.Rational(1, 2), (Margin.AT_MINUS, Margin.AT_PLUS))


def test_no_smaller_radius_takes_only_the_matrices_compared() -> None:
    other = spectral_radius([[0]])
    with pytest.raises(NotDischarged, match="not among those compared"):
        Derivation(spectral_radius([[1]]), NOWHERE).by(no_smaller_radius, sp.S.One, [(other, Margin.AT_PLUS, 1)])


def test_margins_by_coefficients_are_those_by_determinants() -> None:
    node, r = spectral_radius([[1, 2, 0], [sp.Rational(1, 3), -1, 4], [0, 5, 2]]), sp.Rational(7, 2)
    for margin in Margin:
        assert margin.of(node, r) == margin.by_determinant(node, r)


def test_a_strict_link_makes_a_chain_strict() -> None:
    assert Link.BELOW.then(Link.AT_MOST) is Link.AT_MOST.then(Link.BELOW) is Link.BELOW.then(Link.BELOW) is Link.BELOW
    assert Link.ABOVE.then(Link.EQUAL) is Link.ABOVE and Link.AT_LEAST.then(Link.ABOVE) is Link.ABOVE
    assert Link.BELOW.then(Link.AT_LEAST) is None and Link.BELOW.then(Link.ABOVE) is None and Link.TENDS_TO.then(Link.BELOW) is None


def test_what_is_no_spectral_radius_is_said() -> None:
    with pytest.raises(ValueError, match="square matrix, not of one of shape 1 x 2"):
        spectral_radius([[1, 2]])
    with pytest.raises(ValueError, match="is not real"):
        spectral_radius([[sp.I]])
    with pytest.raises(ValueError, match="at least one coefficient"):
        companion()
    with pytest.raises(NotApplicable, match="it takes a spectral radius"):
        jury.apply(sp.S.One, domain=NOWHERE)
