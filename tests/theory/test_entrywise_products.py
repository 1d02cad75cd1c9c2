"""Products entry by entry, functions entry by entry, and inverses of products in the normal form of matrix expressions."""

from __future__ import annotations

import sympy as sp
from sympy import HadamardProduct, Identity, Inverse, Lambda, MatrixSymbol, OneMatrix, Symbol, ZeroMatrix, cosh, exp, symbols, tanh
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from lemmata.theory.matrices.algebra import canonical, equal_matrices

m, n = symbols("m n", integer=True, positive=True)
u, c = Symbol("u", real=True), Symbol("c", real=True)
A, B, Z = (MatrixSymbol(name, m, n) for name in "ABZ")


def on(function: object, matrix: object) -> object:
    return ElementwiseApplyFunction(Lambda(u, function), matrix)


def test_linear_in_each_factor() -> None:
    assert equal_matrices(HadamardProduct(2 * A + B, Z), 2 * HadamardProduct(A, Z) + HadamardProduct(B, Z)) is True
    assert equal_matrices(HadamardProduct(2 * A, 3 * B), 6 * HadamardProduct(B, A)) is True
    assert equal_matrices(HadamardProduct(2 * A, B), HadamardProduct(A, B)) is not True


def test_nested_products_open_and_ones_drop() -> None:
    assert equal_matrices(HadamardProduct(HadamardProduct(A, B), Z), HadamardProduct(A, HadamardProduct(B, Z))) is True
    assert equal_matrices(HadamardProduct(A * B.T * Z, OneMatrix(m, n)), A * B.T * Z) is True


def test_inverse_slopes_cancel_only_without_division() -> None:
    slope, steepness = 1 - tanh(u) ** 2, cosh(u) ** 2
    assert equal_matrices(HadamardProduct(A, on(slope, Z), on(steepness, Z)), A) is True
    assert equal_matrices(HadamardProduct(A, on(slope, Z), on(steepness, B)), A) is not True
    assert equal_matrices(HadamardProduct(A, on(slope, Z), on(cosh(u), Z)), A) is not True
    assert equal_matrices(HadamardProduct(on(exp(u), Z), on(exp(-u), Z)), OneMatrix(m, n)) is True
    assert canonical(HadamardProduct(A, on(u, Z), on(1 / u, Z))) != A


def test_linear_functions_leave() -> None:
    assert canonical(on(c * u, A)) == c * A
    assert canonical(on(sp.Integer(3), A)) == 3 * OneMatrix(m, n)
    assert canonical(on(sp.Integer(0), A)) == ZeroMatrix(m, n)
    assert canonical(on(u + 1, A)) != canonical(A)


def test_inverse_of_a_product_cancels_where_it_stands_next_to_it() -> None:
    gram, wide = Inverse(A.T * A), Inverse(A * A.T)
    assert canonical(A.T * A * gram) == Identity(n) and canonical(gram * A.T * A) == Identity(n)
    assert canonical(wide * A * A.T * B) == B
    assert canonical((A.T * A * gram).T) == Identity(n)
    assert canonical(A * gram * A.T) != Identity(m)
    assert canonical(A.T * B * gram) != canonical(A.T * B * Inverse(B.T * B))
