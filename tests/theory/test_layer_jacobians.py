"""Gradients of layered networks as products of Jacobians; functions applied entry by entry under transposition."""

import pytest
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.hadamard import HadamardProduct

from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.gradients import gradient
from lemmata.theory.matrices.algebra import equal_matrices
from lemmata.theory.rules.layer_jacobians import layer_jacobians
from lemmata.theory.rules.matrix_calculus import matrix_calculus

n, m, k = sp.symbols("n m k", integer=True, positive=True)
u = sp.Symbol("u", real=True)
z, c = sp.MatrixSymbol("z", n, 1), sp.MatrixSymbol("c", n, 1)
A, W, x = sp.MatrixSymbol("A", k, n), sp.MatrixSymbol("W", n, m), sp.MatrixSymbol("x", m, 1)
g = sp.MatrixSymbol("g", k, 1)
DOMAIN = Domain((n, m, k, z, c, A, W, x, g))


def of(function: sp.Expr, column: sp.MatrixExpr) -> sp.MatrixExpr:
    return ElementwiseApplyFunction(sp.Lambda(u, function), column)


def test_nested_products_are_all_replaced() -> None:
    first, second = of(2 * u, z), of(3 * u**2, c)
    end = Derivation(HadamardProduct(first, W * W.T * HadamardProduct(c, second)), DOMAIN).by(layer_jacobians).end
    assert not end.has(HadamardProduct)
    assert equal_matrices(end, DiagMatrix(first) * W * W.T * DiagMatrix(second) * c, DOMAIN) is True


def test_another_diagonal_is_not_discharged() -> None:
    product = HadamardProduct(of(2 * u, z), c)
    for wrong in (DiagMatrix(of(3 * u, z)) * c, DiagMatrix(of(2 * u, c)) * z, 2 * DiagMatrix(of(2 * u, z)) * c):
        with pytest.raises(NotDischarged):
            layer_jacobians.check(product, Rewrite(wrong, ""), domain=DOMAIN)


def test_columns_alone_are_split() -> None:
    for expr in (HadamardProduct(z, c), HadamardProduct(of(u**2, W), W), W):
        with pytest.raises(NotApplicable):
            Derivation(expr, DOMAIN).by(layer_jacobians)


def test_a_function_of_a_transpose_is_the_transpose_of_the_function() -> None:
    inner = of(sp.tanh(u), W * x)
    assert equal_matrices(of(u**3, inner.T), of(u**3, inner).T, DOMAIN) is True
    assert equal_matrices(of(u**3, x.T * W.T) * z, of(u**3, W * x).T * z, DOMAIN) is True
    assert equal_matrices(of(u**3, W * x), of(u**2, W * x), DOMAIN) is False
    assert equal_matrices(of(u**3, x.T * W.T) * z, of(u**3, W * x).T * c, DOMAIN) is False


def test_two_layers() -> None:
    loss = sp.Trace(g.T * A * of(sp.tanh(u), W * x))
    jacobian = DiagMatrix(of(1 - sp.tanh(u) ** 2, W * x))
    end = Derivation(gradient(loss, W), DOMAIN).by(matrix_calculus).by(layer_jacobians).end
    assert equal_matrices(end, jacobian * A.T * g * x.T, DOMAIN) is True
    assert equal_matrices(end, A.T * g * x.T, DOMAIN) is not True
