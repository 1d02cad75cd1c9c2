r"""Means and covariances of linear and quadratic expressions in gaussian vectors, for any dimension and any covariance."""

from __future__ import annotations

from typing import Any, ClassVar

import sympy as sp
from sympy.stats.symbolic_multivariate_probability import CrossCovarianceMatrix, ExpectationMatrix, VarianceMatrix
from sympy.stats.symbolic_probability import Covariance, Expectation, Variance

from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.gaussian_vector import covariance_of, gaussian_vectors, mean_of
from lemmata.theory.matrices.algebra import canonical, equal_matrices
from lemmata.theory.matrices.moments_by_entries import entry_moments
from lemmata.theory.quantity import outermost, random_symbols
from lemmata.theory.rules.matrix_calculus import pull_scalar

SCALAR_NODES = (Expectation, Variance, Covariance)
MATRIX_NODES = (ExpectationMatrix, VarianceMatrix, CrossCovarianceMatrix)


SMALL_SIZES = "second moments of gaussian vectors by bilinearity at every size: checked again, entry by entry, at size 2 alone"
"""What holds for all matrices of size 2 may fail for larger ones, so that check is no proof for all sizes."""


class CovarianceAlgebra(Rule):
    r"""Expectations, variances and covariances that need second moments alone.

    $$\mathbb{E}\,(p^T X)(q^T X) = p^T \Sigma q, \qquad \mathbb{E}\, X^T M X = \operatorname{tr}(M \Sigma), \qquad \mathbb{E}\, X Y^T = 0$$

    for centred X with covariance Sigma and Y independent of it; means are split off first. What is inside must be a
    polynomial of degree at most 2 (in all, for a covariance) in gaussian vectors; raises NotApplicable otherwise.

    >>> from sympy import MatrixSymbol, Q, Symbol
    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.gaussian_vector import gaussian_vector
    >>> n, t = Symbol("n", integer=True, positive=True), Symbol("t", real=True)
    >>> S = MatrixSymbol("Sigma_0", n, n)
    >>> X, Y = gaussian_vector("X", S), gaussian_vector("Y", S)
    >>> Derivation(VarianceMatrix((1 - t) * X + t * Y), Domain((n, t, S), (Q.symmetric(S),))).by(covariance_algebra).end
    (2*t**2 - 2*t + 1)*Sigma_0
    """

    name: ClassVar[str] = "covariance_algebra"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        closed = _closed_forms(expr, domain)
        because = r"covariance is bilinear, $\mathrm{Cov}(AX, BX) = A\,\Sigma\,B^T$, and 0 between independent vectors"
        confirmed = all(not open_sizes(node) or _against_sympy(node, value, _lawful(node, domain)) for node, value in closed.items())
        return Rewrite(expr.xreplace(closed), because, assumes=() if confirmed else (SMALL_SIZES,))

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        closed = _closed_forms(before, domain)
        expected = before.xreplace(closed)
        if rewrite.after != expected and equal_matrices(rewrite.after, expected, _lawful(before, domain)) is not True:
            raise NotDischarged("the new expression is not the old one with its covariances replaced")
        for node, value in closed.items():
            _against_sympy(node, value, _lawful(node, domain))
            entry_moments(node, value)


def _closed_forms(expr: Any, domain: Domain) -> dict[Any, Any]:
    nodes = dict.fromkeys(outermost(expr, lambda node: isinstance(node, SCALAR_NODES + MATRIX_NODES)))
    if not nodes:
        raise NotApplicable("there is no expectation or covariance of gaussian vectors in the expression")
    return {node: closed_form(node, domain) for node in nodes}


def closed_form(node: Any, domain: Domain) -> Any:
    """An expectation, variance or covariance in means and covariance matrices; raises NotApplicable."""
    if not random_symbols(node) or gaussian_vectors(node) is None:
        raise NotApplicable(f"{node} holds random objects other than gaussian vectors: build them with gaussian_vector")
    given = _lawful(node, domain).given
    left, right = node.args[0], node.args[-1]
    if isinstance(node, ExpectationMatrix):
        return mean_matrix(left, given)
    if isinstance(node, MATRIX_NODES):
        product = mean_matrix(left * right.T, given) - mean_matrix(left, given) * mean_matrix(right, given).T
        return canonical(product, given)
    if isinstance(node, Expectation):
        return mean(left, given)
    return canonical(mean(left * right, given) - mean(left, given) * mean(right, given), given)


def _lawful(node: Any, domain: Domain) -> Domain:
    """The domain, with what a law entails: a covariance is symmetric."""
    covariances = {covariance_of(vector) for vector in random_symbols(node)}
    symmetric = [sp.Q.symmetric(matrix) for matrix in covariances if isinstance(matrix, sp.MatrixSymbol)]
    return Domain(domain.symbols, (*domain.given, *symmetric))


def mean_matrix(matrix: Any, given: Any) -> Any:
    """The mean of a random matrix M: the gradient of E tr(G^T M) with respect to G."""
    probe = sp.MatrixSymbol(sp.Dummy("G"), *matrix.shape)
    parts = list(pull_scalar(mean(sp.Trace(probe.T * matrix), given), sp.S.One, probe))
    return canonical(sp.MatAdd(*parts), given) if parts else sp.ZeroMatrix(*matrix.shape)


def mean(scalar: Any, given: Any) -> Any:
    """The mean of a polynomial of degree at most 2 in gaussian vectors; raises NotApplicable."""
    vectors = random_symbols(scalar)
    moved = {vector: mean_of(vector) + vector for vector in vectors if not isinstance(mean_of(vector), sp.ZeroMatrix)}
    expanded = canonical(scalar.xreplace(moved), given)
    atoms = sorted((node for node in expanded.atoms(sp.Trace) if random_symbols(node)), key=str)
    names = {atom: sp.Dummy(f"x{index}", real=True) for index, atom in enumerate(atoms)}
    hidden = expanded.xreplace(names)
    if random_symbols(hidden) or not hidden.is_polynomial(*names.values()):
        raise NotApplicable(f"{scalar} is no polynomial in traces of gaussian vectors: write scalar products as Trace(a.T*X)")
    if not names:
        return expanded
    total = sp.S.Zero
    for powers, coefficient in sp.Poly(hidden, *names.values()).terms():
        factors = [atom for atom, power in zip(atoms, powers, strict=True) for _ in range(power)]
        total += coefficient * _monomial(factors, scalar)
    return canonical(total, given)


def _monomial(factors: list[Any], scalar: Any) -> Any:
    """The mean of a product of traces of centred vectors."""
    degree = sum(len(_places(factor)) for factor in factors)
    if degree > 2:
        raise NotApplicable(f"{scalar} has degree {degree} in gaussian vectors: covariances give the mean up to degree 2")
    if degree == 0:
        return sp.Mul(*factors)
    if degree == 1:
        return sp.S.Zero
    if len(factors) == 1:
        (form,) = factors
        first, last = _places(form)
        return sp.Trace(sp.MatMul(*[*_parts(form)[1:-1], covariance_of(first)])) if first == last else sp.S.Zero
    (left, first), (right, second) = (_linear_form(factor) for factor in factors)
    return sp.Trace(left.T * covariance_of(first) * right) if first == second else sp.S.Zero


def _parts(trace: Any) -> list[Any]:
    return list(trace.arg.args) if isinstance(trace.arg, sp.MatMul) else [trace.arg]


def _places(trace: Any) -> list[Any]:
    """The gaussian vectors in the word of a trace, in order, transposed or not."""
    return [vector for part in _parts(trace) for vector in random_symbols(part)]


def _linear_form(trace: Any) -> tuple[Any, Any]:
    """The vector p and the random X of a scalar p^T X: the word of a normal form begins with X^T or ends with X."""
    parts = _parts(trace)
    (vector,) = _places(trace)
    if parts == [vector]:
        return sp.Identity(1), vector
    if parts[-1] == vector:
        return sp.MatMul(*[part.T for part in reversed(parts[:-1])]).doit(), vector
    return sp.MatMul(*parts[1:]).doit(), vector


def open_sizes(expr: Any) -> bool:
    """Whether a gaussian vector in an expression has a size that is no number."""
    return any(side.free_symbols for vector in random_symbols(expr) for side in vector.shape)


def _against_sympy(node: Any, value: Any, domain: Domain) -> bool:
    """Whether SymPy, which expands covariance matrices by bilinearity itself, confirms the value; raises where it finds another."""
    if not isinstance(node, (VarianceMatrix, CrossCovarianceMatrix)):
        return False
    expanded = node.expand()
    known: dict[Any, Any] = {}
    for inner in expanded.atoms(VarianceMatrix, CrossCovarianceMatrix):
        left, right = inner.args[0], inner.args[-1]
        if random_symbols(left) != (left,) or random_symbols(right) != (right,):
            return False
        known[inner] = covariance_of(left) if left == right else sp.ZeroMatrix(*inner.shape)
    if equal_matrices(expanded.xreplace(known), value, domain) is not True:
        raise NotDischarged(f"SymPy's bilinear expansion disagrees at {node}")
    return True


covariance_algebra = CovarianceAlgebra()
