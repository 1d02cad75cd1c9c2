r"""Derivatives along a direction, exactly or in balls: forward differentiation through the tree of an expression.

$$f(W + e H) = f(W) + e\, \mathrm{d}f(W)[H] + o(e)$$

Values come from the evaluation in balls; this walk adds the tangents. Rational input and rational operations stay exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from flint import arb_mat, fmpq, fmpq_mat
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.matrixbase import MatrixBase

from lemmata.numerics.compile.ball_matrices import as_balls, entrywise, multiply, scale
from lemmata.numerics.compile.balls import Balls, Value, shorten, to_ball
from lemmata.numerics.compile.errors import CannotEvaluate, Undecided
from lemmata.theory.pieces import kinks

TRANSPOSES = (sp.Transpose, sp.Adjoint)
SMOOTH_SCALARS = (sp.Add, sp.Mul, sp.Pow, sp.Function)
Tangent = list[Any]
STEPS = (sp.sign, sp.Heaviside, sp.floor, sp.ceiling, sp.Piecewise)


class Tangents:
    """The derivatives of every node along several directions of one variable, one a direction; `None` where a node is constant.

    >>> x = sp.Symbol("x", real=True)
    >>> Tangents(Balls({x: fmpq(3)}), x, [fmpq(1)])(x**2 + 5)
    [6]
    """

    def __init__(self, balls: Balls, variable: Any, directions: Tangent) -> None:
        self.balls = balls
        self.variable = variable
        self._memo: dict[Any, Tangent | None] = {variable: directions}

    def __call__(self, node: Any) -> Tangent | None:
        """The tangents of a node; raises CannotEvaluate, naming the node, where it has none or none is known."""
        if node not in self._memo:
            self._memo[node] = self._tangent(node) if isinstance(node, sp.Basic) and node.has(self.variable) else None
        return self._memo[node]

    def _tangent(self, node: Any) -> Tangent | None:
        if isinstance(node, MatrixBase):
            raise CannotEvaluate("a matrix written out entry by entry that holds the variable: use matrix symbols alone")
        if isinstance(node, (sp.MatAdd, sp.Add)):
            return _sum(self(arg) for arg in node.args)
        if isinstance(node, (sp.MatMul, sp.Mul)):
            return self._product(node.args)
        if isinstance(node, TRANSPOSES):
            return [tangent.transpose() for tangent in self._inner(node.arg)]
        if isinstance(node, sp.Trace):
            return [_trace(tangent) for tangent in self._inner(node.arg)]
        if isinstance(node, sp.Inverse):
            inverse = self.balls.matrix(node)
            return [scale(fmpq(-1), multiply(multiply(inverse, tangent), inverse)) for tangent in self._inner(node.arg)]
        if isinstance(node, sp.MatPow) and node.exp.is_Integer:
            base = node.base if node.exp > 0 else sp.Inverse(node.base)
            return self._product((base,) * abs(int(node.exp)))
        if isinstance(node, sp.Determinant):
            inverse, value = self.balls.matrix(sp.Inverse(node.arg)), self.balls.number(node)
            return [_trace(multiply(inverse, tangent)) * value for tangent in self._inner(node.arg)]
        if isinstance(node, sp.HadamardProduct):
            return _sum(self._hadamard(node, place) for place in range(len(node.args)))
        if isinstance(node, sp.HadamardPower) and node.exp.is_Integer and node.exp > 1:
            lower = self.balls.matrix(node.base if node.exp == 2 else sp.HadamardPower(node.base, node.exp - 1))
            slopes = scale(fmpq(int(node.exp)), lower)
            return [entrywise(_times, slopes, tangent) for tangent in self._inner(node.base)]
        if isinstance(node, ElementwiseApplyFunction):
            (variable,), body = node.function.variables, node.function.expr
            for kink in kinks(body):
                self._off_zero(ElementwiseApplyFunction(sp.Lambda(variable, kink), node.expr))
            slopes = self.balls.matrix(ElementwiseApplyFunction(sp.Lambda(variable, sp.diff(body, variable)), node.expr))
            return [entrywise(_times, slopes, tangent) for tangent in self._inner(node.expr)]
        if isinstance(node, MatrixElement):
            i, j = self.balls.integer(node.i), self.balls.integer(node.j)
            return [tangent[i, j] for tangent in self._inner(node.parent)]
        if isinstance(node, (sp.Max, sp.Min)):
            return self(self._winner(node))
        if isinstance(node, SMOOTH_SCALARS) and not isinstance(node, STEPS):
            return self._chain(node)
        raise CannotEvaluate(f"no derivative of {type(node).__name__} is known here: {shorten(node)}")

    def _off_zero(self, gap: Any) -> None:
        """Raise Undecided where an entry of a matrix may be zero, at a kink of a function applied entry by entry."""
        if any(to_ball(entry).contains(0) for entry in self.balls.matrix(gap).entries()):
            raise Undecided(f"no derivative where an entry of {shorten(gap.expr)} meets a kink")

    def _inner(self, node: Any) -> Any:
        """The tangents of an argument that is known to depend on the variable."""
        return self(node)

    def _product(self, factors: tuple[Any, ...]) -> Tangent | None:
        """The product rule: what stands before and after a factor is multiplied once for all directions."""
        terms: list[Tangent | None] = []
        for place, factor in enumerate(factors):
            tangents = self(factor)
            if tangents is None:
                continue
            before = _all(self.balls(arg) for arg in factors[:place])
            after = _all(self.balls(arg) for arg in factors[place + 1 :])
            if before is not None:
                tangents = [_scaled(before, tangent) for tangent in tangents]
            if after is not None:
                tangents = [_scaled(tangent, after) for tangent in tangents]
            terms.append(tangents)
        return _sum(terms)

    def _hadamard(self, node: Any, place: int) -> Tangent | None:
        tangents = self(node.args[place])
        if tangents is None:
            return None
        for other, arg in enumerate(node.args):
            if other != place:
                value = self.balls.matrix(arg)
                tangents = [entrywise(_times, tangent, value) for tangent in tangents]
        return tangents

    def _chain(self, node: Any) -> Tangent | None:
        """The chain rule: the partial derivatives of a function of scalars times the tangents of its arguments."""
        if isinstance(node, sp.Abs):
            sign = _strict_sign(self.balls.number(node.args[0]), node)
            return [tangent * sign for tangent in self._inner(node.args[0])]
        names = [sp.Dummy(real=True) for _ in node.args]
        plain = node.func(*names)
        shown = dict(zip(names, node.args, strict=True))
        terms: list[Tangent | None] = []
        for name, arg in shown.items():
            tangents = self(arg)
            if tangents is not None:
                slope = self.balls.number(sp.diff(plain, name).xreplace(shown))
                terms.append([tangent * slope for tangent in tangents])
        return _sum(terms)

    def _winner(self, node: Any) -> Any:
        """The argument of a maximum or minimum that strictly beats the others."""
        side = 1 if isinstance(node, sp.Max) else -1
        for arg in node.args:
            gaps = [side * (to_ball(self.balls.number(arg)) - to_ball(self.balls.number(other))) for other in node.args if other != arg]
            if all(gap > 0 for gap in gaps):
                return arg
        raise Undecided(f"no derivative at a tie of {shorten(node)}")


def _strict_sign(value: Any, node: Any) -> int:
    if value > 0:
        return 1
    if value < 0:
        return -1
    raise Undecided(f"no derivative where {shorten(node)} has a kink")


def _trace(matrix: Any) -> Any:
    return sum((matrix[i, i] for i in range(1, matrix.nrows())), matrix[0, 0])


def _times(first: Any, second: Any) -> Any:
    return first * second


def _all(values: Iterable[Value]) -> Value | None:
    """The product of values in order; None of none."""
    total: Any = None
    for value in values:
        total = value if total is None else _scaled(total, value)
    return total


def _sum(terms: Iterable[Tangent | None]) -> Tangent | None:
    total: Tangent | None = None
    for term in terms:
        if term is not None:
            total = term if total is None else [_plus(one, other) for one, other in zip(total, term, strict=True)]
    return total


def _plus(first: Any, second: Any) -> Any:
    if isinstance(first, (fmpq_mat, arb_mat)) and type(first) is not type(second):
        return as_balls(first) + as_balls(second)
    return first + second


def _scaled(first: Any, second: Any) -> Any:
    """A product of two values, each a number or a matrix."""
    matrices = [isinstance(value, (fmpq_mat, arb_mat)) for value in (first, second)]
    if all(matrices):
        return multiply(first, second)
    if matrices[1]:
        return scale(first, second)
    return scale(second, first) if matrices[0] else first * second
