"""Means and covariance matrices of affine expressions in gaussian vectors, in balls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import sympy as sp
from flint import arb_mat
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.stats.symbolic_multivariate_probability import CrossCovarianceMatrix, ExpectationMatrix, VarianceMatrix

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import BITS_A_DIGIT, enclose, precision
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.gaussian_vector import covariance_of, gaussian_vectors, mean_of
from lemmata.theory.quantity import random_symbols

GUARD_DIGITS = 10
"""Digits beyond the budget's that go into the parts, so that their sums still have the budget's."""


class VectorCovariance(Instrument):
    r"""Cov(u, v) = sum over the independent vectors X of J_u(X) Sigma_X J_v(X)^T, J_u(X) the matrix of the linear part of u in X.

    J is found by probing: u with the i-th unit vector in place of X, less u with zeros. Nothing here knows how the
    covariance of a sum is made of those of its terms.
    """

    name: ClassVar[str] = "vector_covariance"
    cost: ClassVar[int] = 0

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, (VarianceMatrix, CrossCovarianceMatrix, ExpectationMatrix)):
            return Refusal("it measures means and covariance matrices of random vectors")
        if not gaussian_vectors(quantity):
            return Refusal("the vector holds random objects other than gaussian vectors: state the covariance entry by entry")
        for side in (quantity.args[0], quantity.args[-1]):
            if side.shape[1] != 1 or not is_affine(side):
                return Refusal("it is no column affine in gaussian vectors: state the covariance entry by entry")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        declined = self.supports(quantity)
        if declined is not None:
            return declined
        digits = budget.digits + GUARD_DIGITS
        try:
            vectors = random_symbols(quantity)
            if isinstance(quantity, ExpectationMatrix):
                means = {vector: mean_of(vector) for vector in vectors}
                return Ball(enclose(quantity.args[0].xreplace(means), at, digits=digits), "the vector at the means of its parts")
            total: Any = None
            with precision(int(digits * BITS_A_DIGIT) + 30):
                for vector in vectors:
                    covariance = enclose(covariance_of(vector), at, digits=digits)
                    left, right = (slopes(side, vector, vectors, at, digits) for side in (quantity.args[0], quantity.args[-1]))
                    part = left * covariance * right.transpose()
                    total = part if total is None else total + part
        except CannotEvaluate as error:
            return Refusal(error.reason)
        return Ball(total, "linear parts by probing")


def is_affine(expr: Any) -> bool:
    """Whether a matrix expression is affine in the random vectors it holds, by its structure.

    >>> from lemmata.theory.gaussian_vector import gaussian_vector
    >>> X = gaussian_vector("X", sp.MatrixSymbol("S", 2, 2))
    >>> is_affine(2 * X + sp.ZeroMatrix(2, 1)), is_affine(X * X.T * X)
    (True, False)
    """
    if not random_symbols(expr) or random_symbols(expr) == (expr,):
        return True
    if isinstance(expr, sp.MatAdd):
        return all(is_affine(arg) for arg in expr.args)
    if isinstance(expr, sp.MatMul):
        holders = [arg for arg in expr.args if random_symbols(arg)]
        return len(holders) == 1 and isinstance(holders[0], MatrixExpr) and is_affine(holders[0])
    return False


def slopes(column: Any, vector: Any, vectors: tuple[Any, ...], at: Mapping[Any, Any], digits: int) -> arb_mat:
    """The matrix of the linear part of a column in one of its vectors, the others at zero; raises CannotEvaluate."""
    size = int(sp.sympify(vector.shape[0]).xreplace(dict(at)))
    zero = sp.ImmutableMatrix([0] * size)
    nothing = {other: sp.ZeroMatrix(*other.shape) for other in vectors}
    origin = enclose(column.xreplace(nothing), at, digits=digits)
    columns = []
    for place in range(size):
        unit = zero.as_mutable()
        unit[place] = 1
        columns.append(enclose(column.xreplace({**nothing, vector: sp.ImmutableMatrix(unit)}), at, digits=digits) - origin)
    return arb_mat([[column[row, 0] for column in columns] for row in range(origin.nrows())])


INSTRUMENT = VectorCovariance()
