"""Matrix expressions in balls: exact rational matrices as long as every entry is rational, `arb_mat` after that."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, arb_mat, fmpq, fmpq_mat
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.blockmatrix import BlockMatrix
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix
from sympy.matrices.expressions.dotproduct import DotProduct
from sympy.matrices.expressions.funcmatrix import FunctionMatrix
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.slice import MatrixSlice
from sympy.matrices.expressions.special import GenericIdentity, GenericZeroMatrix, Identity, OneMatrix, ZeroMatrix
from sympy.matrices.matrixbase import MatrixBase

from lemmata.numerics.compile.ball_scalars import power
from lemmata.numerics.compile.balls import EXACT_BITS, Balls, Scalar, rule, shorten, to_ball
from lemmata.numerics.compile.errors import CannotEvaluate, Undecided

Matrix = fmpq_mat | arb_mat


def from_entries(rows: int, columns: int, entries: list[Any]) -> Matrix:
    """A matrix of values; exact when every entry is rational."""
    if all(isinstance(entry, fmpq) for entry in entries):
        return fmpq_mat(rows, columns, entries)
    return arb_mat(rows, columns, [to_ball(entry) for entry in entries])


def as_balls(matrix: Matrix) -> arb_mat:
    """A matrix as a matrix of balls at the current precision."""
    return arb_mat(matrix) if isinstance(matrix, fmpq_mat) else matrix


def _alike(first: Matrix, second: Matrix) -> tuple[Any, Any]:
    both_exact = isinstance(first, fmpq_mat) and isinstance(second, fmpq_mat)
    return (first, second) if both_exact else (as_balls(first), as_balls(second))


def _settle(matrix: Matrix) -> Matrix:
    """An exact matrix whose entries have grown too long is rounded to balls."""
    if isinstance(matrix, fmpq_mat) and any(x.p.bit_length() + x.q.bit_length() > EXACT_BITS for x in matrix.entries()):
        return as_balls(matrix)
    return matrix


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """The matrix product."""
    if first.ncols() != second.nrows():
        raise CannotEvaluate(f"matrices of {first.nrows()} x {first.ncols()} and {second.nrows()} x {second.ncols()} cannot be multiplied")
    a, b = _alike(first, second)
    return _settle(a * b)


def scale(factor: Scalar, matrix: Matrix) -> Matrix:
    """A number times a matrix."""
    if isinstance(factor, fmpq) and isinstance(matrix, fmpq_mat):
        return matrix * factor
    return as_balls(matrix) * to_ball(factor)


def entrywise(function: Callable[..., Scalar], *matrices: Matrix) -> Matrix:
    """A function of the entries at the same place."""
    first = matrices[0]
    columns = zip(*(matrix.entries() for matrix in matrices), strict=True)
    return from_entries(first.nrows(), first.ncols(), [function(*entries) for entries in columns])


@lru_cache(maxsize=256)
def _rational_matrix(matrix: Any) -> fmpq_mat | None:
    entries = list(matrix)
    if not all(entry.is_Rational for entry in entries):
        return None
    return fmpq_mat(matrix.rows, matrix.cols, [fmpq(int(entry.p), int(entry.q)) for entry in entries])


@rule(MatrixBase)
def _explicit(walk: Balls, node: Any) -> Matrix:
    frozen = node.as_immutable()
    rational = _rational_matrix(frozen) if not frozen.free_symbols else None
    if rational is not None:
        return rational if walk.exact else as_balls(rational)
    return from_entries(node.rows, node.cols, [walk.number(entry) for entry in frozen])


@rule(sp.MatrixSymbol)
def _symbol(walk: Balls, node: Any) -> Matrix:
    """A matrix symbol without a value, unless it carries its data (`exact`)."""
    if not hasattr(node, "exact"):
        raise CannotEvaluate(f"the matrix {node} has no value here: give one")
    return _explicit(walk, sp.ImmutableMatrix(node.exact()))


@rule(sp.MatAdd)
def _add(walk: Balls, node: Any) -> Matrix:
    total = walk.matrix(node.args[0])
    for arg in node.args[1:]:
        a, b = _alike(total, walk.matrix(arg))
        total = a + b
    return _settle(total)


@rule(sp.MatMul)
def _mul(walk: Balls, node: Any) -> Matrix:
    factor: Scalar = fmpq(1)
    total: Matrix | None = None
    for arg in node.args:
        value = walk(arg)
        if isinstance(value, (fmpq, arb)):
            factor = factor * value
        else:
            total = value if total is None else multiply(total, value)
    if total is None:
        raise CannotEvaluate(f"a matrix product without a matrix: {shorten(node)}")
    return total if isinstance(factor, fmpq) and factor == 1 else scale(factor, total)


def inverse(matrix: Matrix, node: Any = None) -> Matrix:
    """The inverse; exact where the matrix is. A singular one is named by the node whose value it is."""
    try:
        return matrix.inv()
    except ZeroDivisionError as error:
        if isinstance(matrix, fmpq_mat):
            named = "" if node is None else f": {shorten(node)} must be invertible"
            raise CannotEvaluate(f"the inverse of a singular matrix{named}") from error
        raise Undecided("the inverse of a matrix that may be singular") from error


@rule(sp.MatPow)
def _pow(walk: Balls, node: Any) -> Matrix:
    base, n = walk.matrix(node.base), walk.integer(node.exp)
    if base.nrows() != base.ncols():
        raise CannotEvaluate(f"a power of a matrix that is not square: {shorten(node)}")
    if n < 0:
        base, n = inverse(base, node.base), -n
    result = _identity(base.nrows(), isinstance(base, fmpq_mat))
    while n:
        if n & 1:
            result = multiply(result, base)
        n >>= 1
        if n:
            base = multiply(base, base)
    return result


@rule(sp.Inverse)
def _inverse(walk: Balls, node: Any) -> Matrix:
    return inverse(walk.matrix(node.arg), node.arg)


@rule(sp.Transpose, sp.Adjoint)
def _transpose(walk: Balls, node: Any) -> Matrix:
    return walk.matrix(node.arg).transpose()


@rule(sp.Trace)
def _trace(walk: Balls, node: Any) -> Scalar:
    matrix = walk.matrix(node.arg)
    total: Scalar = fmpq(0)
    for i in range(matrix.nrows()):
        total = total + matrix[i, i]
    return total


@rule(sp.Determinant)
def _determinant(walk: Balls, node: Any) -> Scalar:
    return walk.matrix(node.arg).det()


@rule(HadamardProduct)
def _hadamard(walk: Balls, node: Any) -> Matrix:
    total = walk.matrix(node.args[0])
    for arg in node.args[1:]:
        total = entrywise(lambda a, b: a * b, total, walk.matrix(arg))
    return total


@rule(HadamardPower)
def _hadamard_power(walk: Balls, node: Any) -> Matrix:
    exponent = walk(node.exp)
    base = walk.matrix(node.base)
    if isinstance(exponent, (fmpq, arb)):
        return entrywise(lambda x: power(x, exponent), base)
    return entrywise(power, base, exponent)


@rule(ElementwiseApplyFunction)
def _apply(walk: Balls, node: Any) -> Matrix:
    """f applied to each entry; `f` is a Lambda of one variable (SymPy wraps a plain function in one)."""
    (variable,), body = node.function.variables, node.function.expr
    return entrywise(lambda x: walk.inner({variable: x}).number(body), walk.matrix(node.expr))


@rule(MatrixElement)
def _element(walk: Balls, node: Any) -> Scalar:
    matrix = walk.matrix(node.parent)
    i, j = walk.integer(node.i), walk.integer(node.j)
    if not (0 <= i < matrix.nrows() and 0 <= j < matrix.ncols()):
        raise CannotEvaluate(f"entry ({i}, {j}) of a matrix of {matrix.nrows()} x {matrix.ncols()}")
    return matrix[i, j]


@rule(MatrixSlice)
def _slice(walk: Balls, node: Any) -> Matrix:
    matrix = walk.matrix(node.parent)
    rows, columns = (range(*(walk.integer(end) for end in side)) for side in (node.rowslice, node.colslice))
    return from_entries(len(rows), len(columns), [matrix[i, j] for i in rows for j in columns])


def _identity(n: int, exact: bool) -> Matrix:
    unit = fmpq_mat(n, n, [fmpq(int(i == j)) for i in range(n) for j in range(n)])
    return unit if exact else as_balls(unit)


@rule(Identity)
def _unit(walk: Balls, node: Any) -> Matrix:
    return _identity(walk.integer(node.shape[0]), walk.exact)


@rule(ZeroMatrix, OneMatrix)
def _constant(walk: Balls, node: Any) -> Matrix:
    rows, columns = (walk.integer(side) for side in node.shape)
    return from_entries(rows, columns, [fmpq(int(isinstance(node, OneMatrix)))] * (rows * columns))


@rule(GenericIdentity, GenericZeroMatrix)
def _generic(walk: Balls, node: Any) -> Matrix:
    raise CannotEvaluate(f"{node} has no shape")


@rule(FunctionMatrix)
def _function_matrix(walk: Balls, node: Any) -> Matrix:
    rows, columns = (walk.integer(side) for side in node.shape)
    i, j = node.lamda.variables
    cells = [(r, c) for r in range(rows) for c in range(columns)]
    return from_entries(rows, columns, [walk.inner({i: fmpq(r), j: fmpq(c)}).number(node.lamda.expr) for r, c in cells])


@rule(BlockMatrix)
def _blocks(walk: Balls, node: Any) -> Matrix:
    rows: list[list[Scalar]] = []
    for r in range(node.blocks.shape[0]):
        parts = [walk.matrix(node.blocks[r, c]) for c in range(node.blocks.shape[1])]
        for i in range(parts[0].nrows()):
            rows.append([part[i, j] for part in parts for j in range(part.ncols())])
    return from_entries(len(rows), len(rows[0]), [entry for row in rows for entry in row])


@rule(DiagMatrix)
def _diagonal_of_vector(walk: Balls, node: Any) -> Matrix:
    entries: list[Any] = list(walk.matrix(node.args[0]).entries())
    n = len(entries)
    return from_entries(n, n, [entries[i] if i == j else fmpq(0) for i in range(n) for j in range(n)])


@rule(DiagonalMatrix)
def _diagonal_part(walk: Balls, node: Any) -> Matrix:
    matrix = walk.matrix(node.arg)
    rows, columns = matrix.nrows(), matrix.ncols()
    return from_entries(rows, columns, [matrix[i, j] if i == j else fmpq(0) for i in range(rows) for j in range(columns)])


@rule(DotProduct)
def _dot(walk: Balls, node: Any) -> Scalar:
    total: Scalar = fmpq(0)
    for a, b in zip(*(walk.matrix(arg).entries() for arg in node.args), strict=True):
        total = total + a * b
    return total


@rule(KroneckerProduct)
def _kronecker(walk: Balls, node: Any) -> Matrix:
    total = walk.matrix(node.args[0])
    for arg in node.args[1:]:
        right = walk.matrix(arg)
        cells = [
            (i, k, j, m)
            for i in range(total.nrows())
            for k in range(right.nrows())
            for j in range(total.ncols())
            for m in range(right.ncols())
        ]
        size = (total.nrows() * right.nrows(), total.ncols() * right.ncols())
        total = from_entries(*size, [total[i, j] * right[k, m] for i, k, j, m in cells])
    return total
