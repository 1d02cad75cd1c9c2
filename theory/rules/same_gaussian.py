r"""Equality in law of normal vectors: a linear image of normal vectors is normal, so its mean and covariance are its law."""

from __future__ import annotations

from typing import Any, ClassVar

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.stats.crv_types import NormalDistribution
from sympy.stats.symbolic_multivariate_probability import ExpectationMatrix, VarianceMatrix
from sympy.stats.symbolic_probability import Expectation, Probability, Variance

from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact import equal
from lemmata.theory.gaussian_vector import gaussian_vectors
from lemmata.theory.matrices.algebra import equal_matrices
from lemmata.theory.matrices.moments_by_entries import entry_moments
from lemmata.theory.quantity import random_symbols
from lemmata.theory.rules.covariance_algebra import SMALL_SIZES, closed_form, open_sizes


class SameGaussian(Rule):
    r"""`(same_gaussian, old, new)`: inside expectations, one normal vector (or scalar) for another with the same mean and covariance.

    $$u \sim N(\mu, \Sigma) \sim v \quad\Rightarrow\quad \mathbb{E}\, g(u) = \mathbb{E}\, g(v) \ \text{for every } g$$

    `old` and `new` are affine in gaussian vectors; a scalar `new` may be affine in one `sympy.stats` normal variable instead.
    Nothing random may be left beside `new`. Raises NotApplicable otherwise, NotDischarged where the moments are not proved equal.

    >>> from sympy import MatrixSymbol, Symbol, Trace, cos, pi, sin
    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.gaussian_vector import gaussian_vector
    >>> n, t = Symbol("n", integer=True, positive=True), Symbol("t", real=True)
    >>> S, a = MatrixSymbol("Sigma_0", n, n), MatrixSymbol("a", n, 1)
    >>> X, Y = gaussian_vector("X", S), gaussian_vector("Y", S)
    >>> arc = cos(pi * t / 2) * X + sin(pi * t / 2) * Y
    >>> Derivation(Expectation(cos(Trace(a.T * arc))), Domain((n, t, S, a))).by(same_gaussian, arc, X).end
    Expectation(cos(Trace(a.T*X)))
    """

    name: ClassVar[str] = "same_gaussian"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        old, new = args
        if not isinstance(expr, (Expectation, Probability)) or not expr.has(old):
            raise NotApplicable(f"the expression is no expectation of a function of {old}")
        after = expr.xreplace({old: new})
        if set(random_symbols(after)) - set(random_symbols(new)) or after.has(old):
            raise NotApplicable(f"beside {old} other random objects are left, and the joint law matters")
        marker = sp.MatrixSymbol("_", *old.shape) if isinstance(old, MatrixExpr) else sp.Dummy("_", real=True)
        if random_symbols(expr.xreplace({old: marker})):
            raise NotApplicable(f"{old} is not all that is random in the expression")
        for first, second in zip(_moments(old, domain), _moments(new, domain), strict=True):
            if not _equal(first, second, domain):
                raise NotDischarged(f"{first} and {second} are not proved equal, so {old} and {new} may have different laws")
        because = "a linear image of independent normal vectors is normal; mean and covariance are the same, so the law is"
        theorem = "linear images of normal vectors are normal, and mean and covariance determine a normal law"
        return Rewrite(after, because, assumes=(theorem, SMALL_SIZES) if open_sizes(old) else (theorem,))

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        old, new = args
        if rewrite.after != before.xreplace({old: new}):
            raise NotDischarged("something else than the vector was replaced")
        if gaussian_vectors(new):
            for node, value in zip(_nodes(old), _moments(new, domain), strict=True):
                entry_moments(node, value)
        else:
            for node in _nodes(old):
                entry_moments(node, closed_form(node, domain))


def _equal(first: Any, second: Any, domain: Domain) -> bool:
    if equal_matrices(first, second, domain) is True:
        return True
    return not isinstance(first, MatrixExpr) and equal(first, second, domain) is True


def _nodes(vector: Any) -> tuple[Any, Any]:
    if isinstance(vector, MatrixExpr):
        return ExpectationMatrix(vector), VarianceMatrix(vector)
    return Expectation(vector), Variance(vector)


def _moments(vector: Any, domain: Domain) -> tuple[Any, Any]:
    """Mean and covariance of an affine expression in gaussian vectors, or in one normal variable."""
    if gaussian_vectors(vector):
        mean, variance = (closed_form(node, domain) for node in _nodes(vector))
        return mean, variance
    leaves = random_symbols(vector)
    if len(leaves) != 1 or not isinstance(getattr(leaves[0].pspace, "distribution", None), NormalDistribution):
        raise NotApplicable(f"{vector} is affine neither in gaussian vectors nor in one normal variable")
    (leaf,) = leaves
    symbol = sp.Dummy("s", real=True)
    plain = vector.xreplace({leaf: symbol})
    slope = sp.diff(plain, symbol)
    if slope.has(symbol):
        raise NotApplicable(f"{vector} is not affine in {leaf}, so it is not normal")
    centre, width = leaf.pspace.distribution.args
    return plain.xreplace({symbol: centre}), slope**2 * width**2


same_gaussian = SameGaussian()
