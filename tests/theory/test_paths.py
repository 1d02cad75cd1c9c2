"""Gaussian vectors, their covariance algebra, and the two paths of the register."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy.stats import Covariance, Expectation, Normal, Variance
from sympy.stats.symbolic_multivariate_probability import CrossCovarianceMatrix, ExpectationMatrix, VarianceMatrix

from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.exact import equal
from lemmata.theory.gaussian_vector import covariance_of, gaussian_vector, mean_of
from lemmata.theory.matrices.moments_by_entries import entry_moments
from lemmata.theory.paths import arc_path, linear_path
from lemmata.theory.quantity import free_parameters, quantities
from lemmata.theory.rules.complete_square import complete_square
from lemmata.theory.rules.covariance_algebra import covariance_algebra
from lemmata.theory.rules.same_gaussian import same_gaussian
from lemmata.verify.claim import Claim
from lemmata.verify.register import paths

m, n = sp.symbols("m n", integer=True, positive=True)
S, A = sp.MatrixSymbol("Sigma_0", n, n), sp.MatrixSymbol("A", m, n)
a, b, mu = (sp.MatrixSymbol(name, n, 1) for name in ("a", "b", "mu"))
s, t = sp.symbols("s t", real=True)
X, Y, Z = gaussian_vector("X", S), gaussian_vector("Y", S), gaussian_vector("Z", S, mu)
POSITIVE = (sp.Q.symmetric(S), sp.Q.positive_definite(S))
CLAIMS = [claim for claim in vars(paths).values() if isinstance(claim, Claim)]


def derived(expr: sp.Basic, *rules: tuple) -> Derivation:
    derivation = Derivation(expr, Domain(tuple(free_parameters(expr)), POSITIVE))
    for rule, *args in rules:
        derivation = derivation.by(rule, *args)
    return derivation


def test_a_vector_carries_its_law() -> None:
    assert X.shape == (n, 1) and covariance_of(X) == S and mean_of(Z) == mu
    assert free_parameters(VarianceMatrix(X)) == {n, S}
    assert gaussian_vector("X", S) == X != Y
    with pytest.raises(ValueError, match="square"):
        gaussian_vector("X", A)


MOMENTS = [
    (VarianceMatrix(A * X), A * S * A.T),
    (VarianceMatrix(X - Y), 2 * S),
    (VarianceMatrix(Z), S),
    (CrossCovarianceMatrix(X + Y, X - Y), sp.ZeroMatrix(n, n)),
    (CrossCovarianceMatrix(A * X, X), A * S),
    (ExpectationMatrix(A * Z + X), sp.MatMul(A, mu)),
    (ExpectationMatrix(Z * Z.T), S + mu * mu.T),
    (Expectation(sp.Trace(X.T * X)), sp.Trace(S)),
    (Expectation(sp.Trace(a.T * Z) * sp.Trace(b.T * Z)), sp.Trace(a.T * S * b) + sp.Trace(a.T * mu) * sp.Trace(b.T * mu)),
    (Variance(sp.Trace(a.T * (X + 2 * Y))), 5 * sp.Trace(a.T * S * a)),
    (Covariance(sp.Trace(a.T * X), sp.Trace(b.T * X)), sp.Trace(a.T * S * b)),
    (Covariance(sp.Trace(a.T * X), sp.Trace(b.T * Y)), sp.S.Zero),
]


@pytest.mark.parametrize(("node", "value"), MOMENTS, ids=lambda value: str(value)[:40])
def test_moments(node: sp.Basic, value: sp.Basic) -> None:
    assert equal(derived(node, (covariance_algebra,)).end, value, Domain((), POSITIVE)) is True


@pytest.mark.parametrize(
    ("node", "wrong"),
    [
        (VarianceMatrix(X + Y), S),
        (VarianceMatrix(A * X), A * A.T),
        (CrossCovarianceMatrix(X, Y), S),
        (Expectation(sp.Trace(Z.T * Z)), sp.Trace(S)),
        (Variance(sp.Trace(a.T * X)), sp.Trace(a.T * S * a) / 2),
    ],
    ids=str,
)
def test_a_wrong_moment_is_rejected(node: sp.Basic, wrong: sp.Basic) -> None:
    with pytest.raises(NotDischarged):
        entry_moments(node, wrong)
    with pytest.raises(NotDischarged):
        covariance_algebra.check(node, Rewrite(wrong, ""), domain=Domain((), POSITIVE))


def test_beyond_second_moments_the_rule_does_not_apply() -> None:
    with pytest.raises(NotApplicable, match="degree 4"):
        derived(Variance(sp.Trace(X.T * X)), (covariance_algebra,))
    with pytest.raises(NotApplicable, match="gaussian vectors"):
        derived(Variance(Normal("z", 0, 1)), (covariance_algebra,))


def test_ends_of_the_paths() -> None:
    for path in (linear_path, arc_path):
        assert equal(path(X, Y, sp.S.Zero), X) is True
        assert equal(path(X, Y, sp.S.One), Y) is True


def test_equality_in_law_needs_equal_moments() -> None:
    expr = Expectation(sp.cos(sp.Trace(a.T * linear_path(X, Y, t))))
    with pytest.raises(NotDischarged, match="not proved equal"):
        derived(expr, (same_gaussian, linear_path(X, Y, t), X))


def test_equality_in_law_is_for_what_is_alone() -> None:
    arc = arc_path(X, Y, t)
    with pytest.raises(NotApplicable, match="random"):
        derived(Expectation(sp.cos(sp.Trace(a.T * arc)) * sp.Trace(a.T * Y)), (same_gaussian, arc, X))


def test_a_scalar_form_is_a_scaled_standard_normal() -> None:
    z, form = Normal("z", 0, 1), sp.Trace(a.T * X)
    width = sp.sqrt(sp.Trace(a.T * S * a))
    found = derived(Expectation(sp.exp(form)), (same_gaussian, form, width * z))
    assert found.end == Expectation(sp.exp(width * z)) and found.assumes
    with pytest.raises(NotDischarged):
        derived(Expectation(sp.exp(form)), (same_gaussian, form, 2 * width * z))


def test_a_parabola_is_least_at_its_vertex() -> None:
    q = sp.Symbol("q", positive=True)
    found = derived(q * (t**2 + (1 - t) ** 2), (complete_square, t))
    assert found.end == q / 2 and found.link is Link.AT_LEAST
    with pytest.raises(NotApplicable, match="nonnegative"):
        derived(-(t**2), (complete_square, t))
    with pytest.raises(NotDischarged):
        complete_square.check(t**2, Rewrite(sp.S.One, "", Link.AT_LEAST), t, domain=Domain((t,)))


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.derivation], ids=lambda claim: claim.name)
def test_a_derivation_reaches_the_stated_side(claim: Claim) -> None:
    found: Derivation = claim.derivation(Derivation(claim.lhs, claim.domain))
    assert found.link is (Link.EQUAL if claim.relation.is_equality else Link.AT_LEAST)
    assert equal(found.end, claim.rhs, claim.domain) is True
    assert not quantities(found.end) or found.end == claim.rhs


def test_every_claim_is_sound_and_sourced() -> None:
    for claim in CLAIMS:
        assert claim.faults == () and claim.collapsed is None, claim.name
        assert claim.source.key and claim.source.locus and claim.about, claim.name


def test_the_middle_of_the_line_is_not_the_end() -> None:
    middle = derived(VarianceMatrix(linear_path(X, Y, sp.Rational(1, 2))), (covariance_algebra,)).end
    assert equal(middle, S, Domain((S,), POSITIVE)) is False
