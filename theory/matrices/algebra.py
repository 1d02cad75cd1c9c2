"""Matrix polynomials with symbolic shapes: an exact normal form, and equality through it.

A matrix expression over letters (matrix symbols, their transposes and inverses, any node that is not a sum or a product)
is a sum of words with scalar coefficients. Transposes are pushed to the letters, identities and zeros disappear, W W^-1
cancels, hypotheses (`Q.symmetric`, `Q.orthogonal`, `Eq(W, ZeroMatrix)`) rewrite letters, a factor of shape 1 x 1 is
pulled out as a trace, and the word of a trace is the least of its rotations and transpositions. All matrices are real.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.matrices.matrixbase import MatrixBase

from lemmata.theory.domain import Domain
from lemmata.theory.matrices.blocks import NotInBlocks, has_blocks, in_blocks
from lemmata.theory.matrices.reader import MatrixReader, hide, matrix_expression
from lemmata.theory.matrices.words import Hypotheses, add_term
from lemmata.theory.quantity import free_parameters, quantities, random_symbols


def canonical(expr: Any, given: Iterable[Any] = (), *, expand: bool = True) -> Any:
    r"""The normal form of a matrix expression, or of a scalar that holds traces, elements and determinants.

    $$\textstyle\sum_i c_i\, w_i, \qquad \operatorname{tr}(uv) = \operatorname{tr}(vu) = \operatorname{tr}(v^T u^T)$$

    Two expressions with the same normal form are equal for every choice of real matrices and sizes that `given` admits.
    With `expand=False` a sum that is a factor stays one letter. Raises `sympy.matrices.exceptions.ShapeError` where
    SymPy itself does.

    >>> from sympy import MatrixSymbol, Trace, symbols
    >>> m, n = symbols("m n", integer=True, positive=True)
    >>> A, B = MatrixSymbol("A", m, n), MatrixSymbol("B", m, n)
    >>> canonical(Trace(A * B.T)) == canonical(Trace(A.T * B))
    True
    >>> canonical((A + B) * (A - B).T)
    A*A.T - A*B.T + B*A.T - B*B.T
    """
    reader = MatrixReader(Hypotheses.of(given), expand)
    if isinstance(expr, (MatrixExpr, MatrixBase)):
        return matrix_expression(reader.matrix(expr), expr.shape)
    return reader.scalar(sp.sympify(expr))


def equal_matrices(left: Any, right: Any, domain: Any = None) -> bool | None:
    """Whether two matrix expressions (or scalars with traces) are equal on a domain: True or False only when proved.

    True: the difference has the empty normal form under the hypotheses of the domain. False: an exact point of the
    domain (rational or algebraic entries) where they differ. None: neither was found.

    >>> from sympy import MatrixSymbol, symbols
    >>> n = symbols("n", integer=True, positive=True)
    >>> A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
    >>> equal_matrices((A * B).T, B.T * A.T)
    True
    """
    given = tuple(getattr(domain, "given", ()))
    if isinstance(left, (MatrixExpr, MatrixBase)):
        if not _same_shape(left.shape, right.shape):
            return False
        if (by_blocks := _equal_in_blocks(left, right, domain)) is not None:
            return by_blocks
        reader = MatrixReader(Hypotheses.of(given), True)
        difference = reader.matrix(left)
        for word, coefficient in reader.matrix(right).items():
            add_term(difference, word, -coefficient)
        rest = list(difference.values())
    else:
        left, right = (_traces_in_blocks(sp.sympify(side), given) for side in (left, right))
        rest = [canonical(left - right, given)]
    if all(vanishes_exactly(coefficient) or _proved_zero(coefficient, domain) for coefficient in rest):
        return True
    return False if domain is not None and _differ_somewhere(left, right, domain) else None


def _equal_in_blocks(left: Any, right: Any, domain: Any) -> bool | None:
    """Whether two block matrices are equal, block by block; None where there is nothing to cut, or it is not decided so."""
    if not (has_blocks(left) or has_blocks(right)):
        return None
    try:
        grid = in_blocks(sp.MatAdd(left, sp.MatMul(-1, right)), _known_zero(getattr(domain, "given", ())))
    except NotInBlocks:
        return None
    found = [
        equal_matrices(block, sp.ZeroMatrix(*block.shape), domain) if not has_blocks(block) else None
        for row in grid.blocks
        for block in row
        if block is not None
    ]
    return True if all(one is True for one in found) else False if any(one is False for one in found) else None


def _traces_in_blocks(scalar: Any, given: Iterable[Any]) -> Any:
    """A scalar with the traces of block matrices written as sums over the diagonal blocks, where the cuts fit."""
    zero = _known_zero(given)
    for node in scalar.atoms(sp.Trace):
        if not has_blocks(node):
            continue
        try:
            grid = in_blocks(node.arg, zero)
        except NotInBlocks:
            continue
        if grid.is_square:
            scalar = scalar.xreplace({node: sp.Add(*(sp.Trace(grid.block(i, i)) for i in range(len(grid.heights))))})
    return scalar


def _known_zero(given: Iterable[Any]) -> Any:
    """Whether a matrix is one of zeros, as it stands or by a hypothesis."""
    zero = Hypotheses.of(given).zero
    return lambda matrix: isinstance(matrix, sp.ZeroMatrix) or matrix in zero or (isinstance(matrix, MatrixBase) and matrix.is_zero_matrix)


def vanishes_exactly(scalar: Any) -> bool:
    """Whether a scalar is 0 by expansion, trigonometric and exponential factors included; False where that does not show it.

    >>> from sympy import cos, sin, symbols
    >>> s, t = symbols("s t", real=True)
    >>> vanishes_exactly(cos(s) * cos(t) + sin(s) * sin(t) - cos(s - t))
    True
    """
    hidden, _ = hide(sp.sympify(scalar))
    hidden = sp.expand(hidden)
    if hidden == 0:
        return True
    if not hidden.has(sp.cos, sp.sin, sp.tan, sp.cosh, sp.sinh, sp.exp):
        return False
    return bool(sp.expand(sp.powsimp(sp.expand(hidden.rewrite(sp.exp)))) == 0)


def _proved_zero(scalar: Any, domain: Any) -> bool:
    """Whether the exact zero test of scalars proves it, traces taken for independent real symbols."""
    from lemmata.theory.exact import is_zero

    hidden, _ = hide(scalar)
    return not hidden.has(MatrixExpr) and is_zero(hidden, domain) is True


def _same_shape(first: Any, second: Any) -> bool:
    return all(sp.expand(sp.sympify(a) - sp.sympify(b)) == 0 for a, b in zip(first, second, strict=True))


def _differ_somewhere(left: Any, right: Any, domain: Any) -> bool:
    """Whether some exact point of the domain tells two expressions apart."""
    if any(quantities(side) or random_symbols(side) for side in (left, right)):
        return False
    free = free_parameters(left) | free_parameters(right)
    for point in Domain((*domain.symbols, *free), domain.given).points(3, random.Random(0)):
        values = [_at(side, point) for side in (left, right)]
        if any(value is None for value in values):
            return False
        difference = values[0] - values[1]
        entries = list(difference) if isinstance(difference, MatrixBase) else [difference]
        if any(entry != 0 for entry in entries):
            return True
    return False


def _at(expr: Any, point: Any) -> Any:
    """The exact value at a point where all entries are rational, else None."""
    sizes = {symbol: value for symbol, value in point.items() if not isinstance(symbol, sp.MatrixSymbol)}
    sized = expr.xreplace(sizes)
    matrices = {symbol.xreplace(sizes): value for symbol, value in point.items() if isinstance(symbol, sp.MatrixSymbol)}
    value = sized.xreplace(matrices).doit()
    if isinstance(value, MatrixExpr):
        value = value.as_explicit()
    entries = list(value) if isinstance(value, MatrixBase) else [value]
    return value if all(sp.sympify(entry).is_Rational for entry in entries) else None
