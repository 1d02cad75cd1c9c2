"""A trajectory node at a point with its matrices left whole: gradients by matrix calculus, for losses over data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_mat

from lemmata.numerics.compile.ball_matrices import as_balls, from_entries
from lemmata.numerics.compile.balls import Balls, Scalar
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.theory.data import DataMatrix
from lemmata.theory.derivation import NotApplicable
from lemmata.theory.domain import Domain
from lemmata.theory.gradients import gradient
from lemmata.theory.iterates import Along, GradientNormSquared
from lemmata.theory.rules.matrix_calculus import closed_form

WORK_AN_ENTRY = 24
"""What a row of data costs, in nodes of a scalar expression: a product, a function, its derivative, a product back."""


@dataclass(frozen=True)
class Matrixwise:
    """Variables with their shapes, starts entry by entry, the loss and its closed gradients, the expression to look at, the time.

    `norms` holds, for each squared gradient norm in the expression, the gradients it is the norm of.
    """

    variables: tuple[Any, ...]
    starts: tuple[Any, ...]
    loss: Any
    gradients: tuple[Any, ...]
    watched: Any
    norms: Mapping[Any, tuple[Any, ...]]
    time: Any

    @property
    def size(self) -> int:
        """How much work one step is, in nodes of a scalar expression: a product of balls is a sixteenth of one."""
        data = self.data()
        return WORK_AN_ENTRY * sum(int(matrix.shape[0]) for matrix in data) + sum(int(m.shape[0] * m.shape[1]) for m in data) // 16 + 50

    def data(self) -> set[Any]:
        """The data matrices in the gradients and the expression."""
        parts = (*self.gradients, self.watched, *(part for parts in self.norms.values() for part in parts))
        return set().union(*(part.atoms(DataMatrix) for part in parts))

    def at_precision(self) -> Any:
        """The functions (gradient, watch) of the entries of all variables, at the current precision."""
        constants = Balls({matrix: as_balls(_rationals(matrix)) for matrix in self.data()})
        seen: list[Any] = [None, {}]

        def slopes(entries: list[Scalar], wanted: tuple[Any, ...]) -> list[Scalar]:
            """The entries of gradients, computed once for an iterate: a look at a norm and the step from there share them."""
            if seen[0] is not entries:
                seen[:] = entries, {}
            if wanted not in seen[1]:
                walk = constants.inner(self._assembled(entries))
                seen[1][wanted] = [entry for part in wanted for entry in walk.matrix(part).entries()]
            return seen[1][wanted]

        def watch(entries: list[Scalar]) -> Scalar:
            squares = {norm: sum((x * x for x in slopes(entries, parts)), fmpq(0)) for norm, parts in self.norms.items()}
            return constants.inner({**self._assembled(entries), **squares}).number(self.watched)

        return lambda entries: slopes(entries, self.gradients), watch

    def loss_at_start(self) -> Scalar:
        """The loss at the starts, at the current precision."""
        constants = Balls({matrix: as_balls(_rationals(matrix)) for matrix in self.data() | self.loss.atoms(DataMatrix)})
        closed = Balls({})
        return constants.inner(self._assembled([closed.number(start) for start in self.starts])).number(self.loss)

    def _assembled(self, entries: list[Scalar]) -> dict[Any, Any]:
        values, first = {}, 0
        for variable in self.variables:
            rows, cols = (int(side) for side in variable.shape)
            values[variable] = from_entries(rows, cols, entries[first : first + rows * cols])
            first += rows * cols
        return values


def matrixwise(node: Along, at: Mapping[Any, Any]) -> Matrixwise:
    """The node at a point, in matrices; raises CannotEvaluate where matrix calculus has no gradient in closed form."""
    fixed = node.xreplace(dict(at))
    if not all(isinstance(variable, sp.MatrixSymbol) for variable in fixed.variables):
        raise CannotEvaluate("scalar variables beside data are not handled in whole matrices")
    norms = fixed.expr.atoms(GradientNormSquared)
    try:
        slopes = {
            (loss, variable): closed_form(gradient(loss, variable), Domain())
            for loss in {fixed.loss, *(norm.loss for norm in norms)}
            for variable in fixed.variables
        }
    except NotApplicable as error:
        raise CannotEvaluate(str(error)) from error
    starts = [entry for start in fixed.starts for entry in start.as_explicit()]
    squares = {norm: tuple(slopes[norm.loss, variable] for variable in norm.variables) for norm in norms}
    gradients = tuple(slopes[fixed.loss, variable] for variable in fixed.variables)
    return Matrixwise(fixed.variables, tuple(starts), fixed.loss, gradients, fixed.expr, squares, fixed.time)


@cache
def _rationals(matrix: DataMatrix) -> fmpq_mat:
    return fmpq_mat([[fmpq(int(entry.p), int(entry.q)) for entry in row] for row in matrix.exact().tolist()])
