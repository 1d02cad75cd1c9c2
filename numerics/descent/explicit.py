"""A trajectory node at a point as scalar expressions: matrix variables become their entries, parameters their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from lemmata.numerics.compile.balls import Balls, Scalar, shorten
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.theory.data import DataMatrix
from lemmata.theory.iterates import Along, BoundSymbol, GradientNormSquared

ENTRIES = 64
"""Scalar variables at most: beyond, explicit derivatives cost more than they tell."""


@dataclass(frozen=True)
class Explicit:
    """Scalar variables with their starts, the loss and its derivatives, the expression to look at, the time."""

    variables: tuple[Any, ...]
    starts: tuple[Any, ...]
    loss: Any
    gradient: tuple[Any, ...]
    watch: Any
    time: Any

    def at_precision(self) -> Any:
        """The functions (gradient, watch) of the variables' values, at the current precision."""
        seen: list[Any] = [None, None]

        def walk(values: list[Scalar]) -> Balls:
            if seen[0] is not values:
                seen[:] = values, Balls(dict(zip(self.variables, values, strict=True)))
            return seen[1]

        def slopes(values: list[Scalar]) -> list[Scalar]:
            return [walk(values).number(part) for part in self.gradient]

        return slopes, lambda values: walk(values).number(self.watch)

    def loss_at_start(self) -> Scalar:
        """The loss at the starts, at the current precision."""
        closed = Balls({})
        return Balls({x: closed.number(start) for x, start in zip(self.variables, self.starts, strict=True)}).number(self.loss)

    @property
    def size(self) -> int:
        """How many nodes one step evaluates."""
        return sum(1 for part in (*self.gradient, self.watch) for _ in sp.preorder_traversal(part))


def explicit(node: Along, at: Mapping[Any, Any]) -> Explicit:
    """The node at a point, in scalars; raises CannotEvaluate where it is too large or has no explicit derivative.

    >>> from lemmata.theory.trajectory import descent
    >>> w, M = sp.MatrixSymbol("w", 2, 1), sp.Symbol("M", real=True)
    >>> node = descent(M * sp.Trace(w.T * w) / 2, {w: sp.Matrix([1, 2])}, 1)[4, sp.Trace(w.T * w)]
    >>> explicit(node, {M: sp.Integer(3)}).gradient
    (3*w_0_0, 3*w_1_0)
    """
    if over_large_data(node):
        raise CannotEvaluate("its data are too large for explicit derivatives")
    fixed = node.xreplace(dict(at))
    entries: dict[Any, Any] = {}
    variables: list[Any] = []
    starts: list[Any] = []
    for variable, start in zip(fixed.variables, fixed.starts, strict=True):
        if isinstance(variable, sp.MatrixSymbol):
            matrix, values = _entries_of(variable), _evaluated(start)
            entries[variable] = matrix
            variables += list(matrix)
            starts += list(values)
        else:
            variables.append(variable)
            starts.append(_evaluated(start))
    if len(variables) > ENTRIES:
        raise CannotEvaluate(f"{len(variables)} scalar variables are too many for explicit derivatives, which stop at {ENTRIES}")
    losses = {inner.loss for inner in fixed.expr.atoms(GradientNormSquared)} | {fixed.loss}
    scalar = {loss: _short(_evaluated(loss.xreplace(entries)), variables) for loss in losses}
    by_loss = {loss: zip(variables, _gradient(scalar[loss], variables), strict=True) for loss in losses}
    slopes = {(loss, variable): slope for loss, pairs in by_loss.items() for variable, slope in pairs}
    gradient = tuple(slopes[fixed.loss, variable] for variable in variables)
    norms = {
        inner: sp.Add(*(slopes[inner.loss, entry] ** 2 for variable in inner.variables for entry in entries.get(variable, [variable])))
        for inner in fixed.expr.atoms(GradientNormSquared)
    }
    watch = _evaluated(fixed.expr.xreplace(norms).xreplace(entries))
    return Explicit(tuple(variables), tuple(starts), scalar[fixed.loss], gradient, watch, fixed.time)


def over_large_data(node: Along) -> bool:
    """Whether the node holds data that are better left whole, as matrices."""
    return any(data.shape[0] * data.shape[1] > ENTRIES for data in node.atoms(DataMatrix))


def _gradient(loss: Any, variables: list[Any]) -> list[Any]:
    """The derivatives of a loss; of a polynomial with rational coefficients, written out, term by term on its exponents.

    >>> x, y = sp.symbols("x y", real=True)
    >>> _gradient(x**2 * y / 2 + y, [x, y])
    [x*y, x**2/2 + 1]
    """
    if loss.is_Add and loss.is_polynomial(*variables):
        polynomial = sp.Poly(loss, *variables)
        if polynomial.domain.is_ZZ or polynomial.domain.is_QQ:
            return [polynomial.diff(variable).as_expr() for variable in variables]
    return [derivative(loss, variable) for variable in variables]


def derivative(loss: Any, variable: Any) -> Any:
    """SymPy's derivative, refused where it leaves one unevaluated.

    >>> x = sp.Symbol("x", real=True)
    >>> derivative(x**4 / 4, x)
    x**3
    """
    try:
        found = sp.diff(loss, variable)
    except NotImplementedError as error:
        raise CannotEvaluate(f"SymPy has no derivative of {shorten(loss)}") from error
    if found.has(sp.Derivative, sp.Subs):
        raise CannotEvaluate(f"the derivative with respect to {variable} has no closed form")
    return found


def _entries_of(variable: Any) -> Any:
    rows, cols = variable.shape
    if not (rows.is_Integer and cols.is_Integer):
        raise CannotEvaluate(f"the matrix {variable} has the symbolic shape {variable.shape}: the point must give its sizes")
    return sp.ImmutableDenseMatrix(int(rows), int(cols), lambda i, j: BoundSymbol(f"{variable.name}_{i}_{j}", real=True))


def _short(loss: Any, variables: list[Any]) -> Any:
    """A polynomial written out: a sum of few terms is differentiated and evaluated faster than nested products."""
    return sp.expand(loss) if loss.is_polynomial(*variables) else loss


def _evaluated(expr: Any) -> Any:
    """An expression with its matrix operations carried out; scalar ones are left as they stand."""
    data = {matrix: matrix.exact() for matrix in expr.atoms(DataMatrix)}
    expr = expr.xreplace(data)
    traces = {trace: _written_out(trace.arg).trace() for trace in expr.atoms(sp.Trace)}
    expr = expr.xreplace(traces)
    if getattr(expr, "is_Matrix", False):
        return _written_out(expr)
    expr = expr.doit() if expr.has(sp.MatrixBase, sp.MatrixExpr) else expr
    if expr.has(sp.MatrixExpr, sp.MatrixBase):
        raise CannotEvaluate(f"its matrices could not be written out: {shorten(expr)}")
    return expr


def _written_out(matrix: Any) -> Any:
    return matrix.doit().as_explicit()
