"""Covariance matrices of affine expressions in random vectors: from the factor of each law, in balls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.matrices.matrixbase import MatrixBase
from sympy.stats.symbolic_multivariate_probability import CrossCovarianceMatrix, ExpectationMatrix, VarianceMatrix

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.laws import Model, Unsupported, standardise
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream


class VectorCovariance(Instrument):
    r"""Cov(u, v) = J_u J_v^T for u = u_0 + J_u s with independent standard normals s.

    J is found by probing the vector with the unit vectors in place of s, the law's covariance through its Cholesky
    factor: nothing here knows how covariances of sums behave.
    """

    name: ClassVar[str] = "vector_covariance"
    cost: ClassVar[int] = 2

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, (VarianceMatrix, CrossCovarianceMatrix, ExpectationMatrix)):
            return Refusal("it measures means and covariance matrices of random vectors")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            left, right = _models(quantity.args[0], quantity.args[-1], at)
            if isinstance(quantity, ExpectationMatrix):
                return Ball(enclose(_centre(left), {}, digits=budget.digits), "the vector with its sources at 0")
            return Ball(enclose(_slopes(left) * _slopes(right).T, {}, digits=budget.digits), "factors of the covariances")
        except Unsupported as error:
            return Refusal(str(error))
        except CannotEvaluate as error:
            return Refusal(error.reason)


def _models(left: Any, right: Any, at: Mapping[Any, Any]) -> tuple[Model, Model]:
    """Both vectors as explicit columns over the same sources; raises Unsupported where one is not affine in standard normals."""
    found = standardise(left, at, right)
    models = found if isinstance(found, tuple) else (found, found)
    if models[0].draws or not all(source.is_normal for source in models[0].sources):
        raise Unsupported("the vector holds random objects other than normal ones: state the covariance entry by entry")
    columns = []
    for model in models:
        value = model.expr.doit()
        value = value.as_explicit() if isinstance(value, MatrixExpr) else value
        if not isinstance(value, MatrixBase):
            raise Unsupported(f"{left} could not be written out entry by entry")
        columns.append(Model(value, model.sources))
    first, second = columns
    return first, second


def _centre(model: Model) -> Any:
    """The vector with every source at 0: its mean, when it is affine."""
    _slopes(model)
    return sp.ImmutableMatrix(model.expr.xreplace({source.variable: sp.S.Zero for source in model.sources}))


def _slopes(model: Model) -> Any:
    """The matrix J of an affine column; raises Unsupported where it is not affine."""
    variables = [source.variable for source in model.sources]
    if model.expr.cols != 1:
        raise Unsupported("it is a matrix, not a column: state the mean entry by entry")
    rows = []
    for entry in model.expr:
        polynomial = sp.Poly(entry, *variables)
        if polynomial.total_degree() > 1:
            raise Unsupported("the vector is not affine in its normal sources: state the covariance entry by entry")
        rows.append([polynomial.coeff_monomial(variable) for variable in variables])
    return sp.ImmutableMatrix(rows) if variables else sp.ImmutableMatrix(model.expr.rows, 0, [])


INSTRUMENT = VectorCovariance()
