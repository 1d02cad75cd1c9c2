r"""Derivatives along a direction, exactly or in balls: forward differentiation through the tree of an expression.

$$f(W + e H) = f(W) + e\, \mathrm{d}f(W)[H] + o(e)$$

Values come from the evaluation in balls; this walk adds the tangents. Rational input and rational operations stay exact.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import arb_mat, fmpq, fmpq_mat
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.matrixbase import MatrixBase

from lemmata.numerics.compile.ball_matrices import as_balls, entrywise, multiply, scale
from lemmata.numerics.compile.balls import Balls, Value, shorten, to_ball
from lemmata.numerics.compile.errors import CannotEvaluate, Undecided

TRANSPOSES = (sp.Transpose, sp.Adjoint)
SMOOTH_SCALARS = (sp.Add, sp.Mul, sp.Pow, sp.Function)
STEPS = (sp.sign, sp.Heaviside, sp.floor, sp.ceiling, sp.Piecewise)


class Tangents:
    """The derivative of every node along one direction of one variable; `None` where a node does not depend on it.

    >>> x = sp.Symbol("x", real=True)
    >>> Tangents(Balls({x: fmpq(3)}), x, fmpq(1))(x**2 + 5)
    6
    """

    def __init__(self, balls: Balls, variable: Any, direction: Value) -> None:
        self.balls = balls
        self.variable = variable
        self.direction = direction
        self._memo: dict[Any, Value | None] = {variable: direction}

    def __call__(self, node: Any) -> Value | None:
        """The tangent of a node; raises CannotEvaluate, naming the node, where it has none or none is known."""
        if node not in self._memo:
            self._memo[node] = self._tangent(node) if isinstance(node, sp.Basic) and node.has(self.variable) else None
        return self._memo[node]

    def _tangent(self, node: Any) -> Value | None:
        if isinstance(node, MatrixBase):
            raise CannotEvaluate("a matrix written out entry by entry that holds the variable: use matrix symbols alone")
        if isinstance(node, (sp.MatAdd, sp.Add)):
            return _sum(self(arg) for arg in node.args)
        if isinstance(node, (sp.MatMul, sp.Mul)):
            return self._product(node.args)
        if isinstance(node, TRANSPOSES):
            return self._inner(node.arg).transpose()
        if isinstance(node, sp.Trace):
            return _trace(self._inner(node.arg))
        if isinstance(node, sp.Inverse):
            inverse = self.balls.matrix(node)
            return scale(fmpq(-1), multiply(multiply(inverse, self._inner(node.arg)), inverse))
        if isinstance(node, sp.MatPow) and node.exp.is_Integer:
            base = node.base if node.exp > 0 else sp.Inverse(node.base)
            return self._product((base,) * abs(int(node.exp)))
        if isinstance(node, sp.Determinant):
            inverse = self.balls.matrix(sp.Inverse(node.arg))
            return _scaled(_trace(multiply(inverse, self._inner(node.arg))), self.balls.number(node))
        if isinstance(node, sp.HadamardProduct):
            return _sum(self._hadamard(node, place) for place in range(len(node.args)))
        if isinstance(node, ElementwiseApplyFunction):
            (variable,), body = node.function.variables, node.function.expr
            slopes = self.balls.matrix(ElementwiseApplyFunction(sp.Lambda(variable, sp.diff(body, variable)), node.expr))
            return entrywise(lambda slope, tangent: slope * tangent, slopes, self._inner(node.expr))
        if isinstance(node, MatrixElement):
            return self._inner(node.parent)[self.balls.integer(node.i), self.balls.integer(node.j)]
        if isinstance(node, (sp.Max, sp.Min)):
            return self(self._winner(node))
        if isinstance(node, SMOOTH_SCALARS) and not isinstance(node, STEPS):
            return self._chain(node)
        raise CannotEvaluate(f"no derivative of {type(node).__name__} is known here: {shorten(node)}")

    def _inner(self, node: Any) -> Any:
        """The tangent of an argument that is known to depend on the variable."""
        return self(node)

    def _product(self, factors: tuple[Any, ...]) -> Value | None:
        terms: list[Value | None] = []
        for place, factor in enumerate(factors):
            tangent = self(factor)
            if tangent is not None:
                values = [tangent if other == place else self.balls(arg) for other, arg in enumerate(factors)]
                term = values[0]
                for value in values[1:]:
                    term = _scaled(term, value)
                terms.append(term)
        return _sum(terms)

    def _hadamard(self, node: Any, place: int) -> Value | None:
        tangent = self(node.args[place])
        if tangent is None:
            return None
        for other, arg in enumerate(node.args):
            if other != place:
                tangent = entrywise(lambda a, b: a * b, tangent, self.balls.matrix(arg))
        return tangent

    def _chain(self, node: Any) -> Value | None:
        """The chain rule: the partial derivatives of a function of scalars times the tangents of its arguments."""
        if isinstance(node, sp.Abs):
            sign = _strict_sign(self.balls.number(node.args[0]), node)
            return _scaled(self._inner(node.args[0]), fmpq(sign))
        names = [sp.Dummy(real=True) for _ in node.args]
        plain = node.func(*names)
        shown = dict(zip(names, node.args, strict=True))
        terms: list[Value | None] = []
        for name, arg in shown.items():
            tangent = self(arg)
            if tangent is not None:
                terms.append(_scaled(self.balls(sp.diff(plain, name).xreplace(shown)), tangent))
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


def _sum(terms: Any) -> Value | None:
    total: Any = None
    for term in terms:
        if term is None:
            continue
        if total is None:
            total = term
        elif isinstance(total, (fmpq_mat, arb_mat)) and type(total) is not type(term):
            total = as_balls(total) + as_balls(term)
        else:
            total = total + term
    return total


def _scaled(first: Any, second: Any) -> Any:
    """A product of two values, each a number or a matrix."""
    matrices = [isinstance(value, (fmpq_mat, arb_mat)) for value in (first, second)]
    if all(matrices):
        return multiply(first, second)
    if matrices[1]:
        return scale(first, second)
    return scale(second, first) if matrices[0] else first * second
