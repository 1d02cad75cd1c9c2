r"""The gradient of a loss with respect to one of its variables, as a quantity that SymPy never evaluates.

`gradient(L, W)` has the shape of W, so that the differential reads dL = tr(gradient(L, W)^T dW). W stays a free symbol: the
node stands for the gradient at W.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr
from sympy.matrices.matrixbase import MatrixBase
from sympy.printing.precedence import PRECEDENCE

from lemmata.theory.quantity import MatrixQuantity, Quantity


def gradient(loss: Any, variable: Any) -> Any:
    r"""The gradient of a scalar loss at a matrix symbol (a matrix of its shape) or at a real symbol (a scalar), unevaluated.

    $$\mathrm{d} L = \operatorname{tr}\bigl((\nabla_W L)^T \mathrm{d} W\bigr), \qquad (\nabla_W L)_{ij} = \partial L / \partial W_{ij}$$

    A 1 x 1 matrix counts as the scalar in it. Raises ValueError where the loss is no scalar or the variable no symbol.

    >>> from sympy import MatrixSymbol, Trace, symbols
    >>> m, n = symbols("m n", integer=True, positive=True)
    >>> W = MatrixSymbol("W", m, n)
    >>> gradient(Trace(W.T * W), W).shape
    (m, n)
    >>> x = symbols("x", real=True)
    >>> gradient(x**2, x)
    gradient(x**2, x)
    """
    loss = sp.sympify(loss)
    if isinstance(loss, (MatrixExpr, MatrixBase)):
        if tuple(loss.shape) != (1, 1):
            raise ValueError(f"a gradient is of a scalar, and the loss has shape {tuple(loss.shape)}: take its Trace, or an entry")
        loss = sp.Trace(loss)
    if isinstance(variable, sp.MatrixSymbol):
        return Gradient(loss, variable)
    if isinstance(variable, sp.Symbol):
        return ScalarGradient(loss, variable)
    raise ValueError(f"a gradient is with respect to a MatrixSymbol or a Symbol, not {variable}: name the variable")


class _GradientNode:
    """What the matrix and the scalar gradient share: their arguments, their text, their place at a point."""

    args: tuple[Any, ...]
    precedence = PRECEDENCE["Mul"]

    @property
    def loss(self) -> Any:
        return self.args[0]

    @property
    def variable(self) -> Any:
        return self.args[1]

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured or rewritten by a rule, never evaluated in passing."""
        return self

    def at(self, point: Mapping[Any, Any]) -> tuple[Any, Any, dict[Any, Any]]:
        """Loss and variable with their sizes put in, and the values of all symbols in them, at a point of the domain."""
        sizes = {symbol: value for symbol, value in point.items() if isinstance(symbol, sp.Symbol) and symbol.is_integer}
        values = {symbol.xreplace(sizes): value for symbol, value in point.items() if symbol not in sizes}
        sized = self.loss.xreplace(sizes)
        return sized, self.variable.xreplace(sizes), {symbol: value for symbol, value in values.items() if sized.has(symbol)}

    def _sympystr(self, printer: Any) -> str:
        return f"gradient({printer._print(self.loss)}, {printer._print(self.variable)})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = printer._print(self.loss)
        if not (self.loss.is_Symbol or isinstance(self.loss, sp.Function)):
            body = rf"\left({body}\right)"
        text = rf"\nabla_{{{printer._print(self.variable)}}} {body}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class Gradient(_GradientNode, MatrixQuantity):
    """The matrix of the partial derivatives of a loss at a matrix symbol; build it with `gradient`."""

    def __new__(cls, loss: Any, variable: Any) -> Self:
        return sp.Basic.__new__(cls, sp.sympify(loss), variable)

    @property
    def shape(self) -> tuple[Any, Any]:
        return self.args[1].shape

    def _entry(self, i: Any, j: Any, **_: Any) -> Any:
        return MatrixElement(self, i, j)


class ScalarGradient(_GradientNode, Quantity):
    """The derivative of a loss at a real symbol; build it with `gradient`."""

    def __new__(cls, loss: Any, variable: Any) -> Self:
        return sp.Basic.__new__(cls, sp.sympify(loss), variable)


def gradients(expr: Any) -> tuple[Any, ...]:
    """The distinct gradient nodes of an expression, in reading order.

    >>> x, y = sp.symbols("x y", real=True)
    >>> gradients(1 + gradient(x * y, x) * gradient(x * y, y))
    (gradient(x*y, x), gradient(x*y, y))
    """
    return tuple(dict.fromkeys(node for node in sp.preorder_traversal(expr) if isinstance(node, (Gradient, ScalarGradient))))
