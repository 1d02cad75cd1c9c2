"""Block matrices are equal block by block, and only where their cuts fit."""

import pytest
from sympy import (
    BlockMatrix,
    Eq,
    Identity,
    Lambda,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Max,
    OneMatrix,
    Q,
    Symbol,
    Trace,
    ZeroMatrix,
    exp,
    symbols,
)
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from lemmata.theory.domain import Domain
from lemmata.theory.matrices.algebra import canonical, equal_matrices
from lemmata.theory.matrices.blocks import NotInBlocks, in_blocks

m, n, p = symbols("m n p", integer=True, positive=True)
A, B, C = MatrixSymbol("A", m, n), MatrixSymbol("B", n, p), MatrixSymbol("C", m, p)
D = MatrixSymbol("D", m + n, n + p)


def two(first, second):
    return BlockMatrix([[first, ZeroMatrix(first.rows, second.cols)], [ZeroMatrix(second.rows, first.cols), second]])


def nothing(matrix):
    return isinstance(matrix, ZeroMatrix)


def test_products_of_blocks_on_the_diagonal():
    first, second = two(A, B), two(A.T, B.T)
    assert equal_matrices(first * second, two(A * A.T, B * B.T), Domain((A, B, m, n, p))) is True


def test_a_swapped_factor_is_another_matrix():
    S, T = MatrixSymbol("S", n, n), MatrixSymbol("T", n, n)
    assert equal_matrices(two(S, T) * two(T, S), two(S * T, S * T), Domain((S, T, n))) is not True


def test_biases_are_weights_of_a_constant_input():
    b, x = MatrixSymbol("b", m, 1), MatrixSymbol("x", n, 1)
    for one in (Identity(1), OneMatrix(1, 1)):
        extended = BlockMatrix([[A, b]]) * BlockMatrix([[x], [one]])
        assert equal_matrices(extended, A * x + b, Domain((A, b, x, m, n))) is True
        assert equal_matrices(extended, A * x - b, Domain((A, b, x, m, n))) is not True


def test_traces_are_summed_over_the_diagonal():
    S, T = MatrixSymbol("S", n, n), MatrixSymbol("T", m, m)
    assert equal_matrices(Trace(two(S, T)), Trace(S) + Trace(T), Domain((S, T, m, n))) is True
    assert equal_matrices(Trace(two(S, T)), Trace(S), Domain((S, T, m, n))) is not True


def test_hypotheses_reach_into_blocks():
    S = MatrixSymbol("S", n, n)
    symmetric = Domain((S, n), (Q.symmetric(S),))
    assert equal_matrices(two(S, S).T, two(S, S), symmetric) is True
    assert equal_matrices(two(S, S).T, two(S, S), Domain((S, n))) is not True
    zero = Domain((A, B, D, m, n, p), (Eq(D, ZeroMatrix(m + n, n + p)),))
    assert equal_matrices(two(A, B) + D, two(A, B), zero) is True


def test_cuts_that_do_not_fit_are_named():
    with pytest.raises(NotInBlocks):
        in_blocks(MatAdd(two(A, B), D), nothing)
    other = BlockMatrix([[MatrixSymbol("E", n + p, m)], [MatrixSymbol("F", m, m)]])
    square = BlockMatrix([[MatrixSymbol("G", m, m), MatrixSymbol("K", m, n + p)]])
    with pytest.raises(NotInBlocks, match="different places"):
        in_blocks(MatMul(square, other, evaluate=False), nothing)


def test_a_block_matrix_is_told_from_its_transpose():
    one = BlockMatrix([[MatrixSymbol("S", n, n), A.T], [A, MatrixSymbol("T", m, m)]])
    H = MatrixSymbol("H", n + m, n + m)
    assert canonical(Trace(one.T * H)) == canonical(Trace(H.T * one))
    assert canonical(Trace(one.T * H)) != canonical(Trace(one * H))
    given = (Q.symmetric(MatrixSymbol("S", n, n)), Q.symmetric(MatrixSymbol("T", m, m)))
    assert canonical(Trace(one.T * H), given) == canonical(Trace(one * H), given)
    other = BlockMatrix([[MatrixSymbol("S", n, n), A.T], [2 * A, MatrixSymbol("T", m, m)]])
    assert canonical(Trace(other.T * H), given) != canonical(Trace(other * H), given)


def test_functions_entry_by_entry_are_composed():
    u = Symbol("u", real=True)
    Z, X = MatrixSymbol("Z", m, n), MatrixSymbol("X", n, p)

    def each(function, matrix):
        return ElementwiseApplyFunction(Lambda(u, function), matrix)

    inner = each(exp(u), Z)
    assert canonical(each(Max(0, u), -inner)) == ZeroMatrix(m, n)
    assert canonical(each(Max(0, u), 2 * inner)) == canonical(each(2 * exp(u), Z))
    assert canonical(each(u**2, each(exp(u), Z.T)).T) == canonical(each(exp(2 * u), Z))
    assert canonical(each(Max(0, u), -inner + Z)) != ZeroMatrix(m, n)
    assert canonical(each(u**2, -inner * X)) != canonical(each(exp(2 * u), Z) * X)
