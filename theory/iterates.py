"""The nodes of gradient descent and gradient flow: an expression at an iterate or a time, its variables bound."""

from __future__ import annotations

from enum import Enum
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.quantity import Quantity


class Method(Enum):
    """The closed set of iterations; g is the gradient, alpha the step, beta the momentum, v the velocity (at first 0)."""

    GRADIENT = "gradient"
    """w <- w - alpha g(w)."""
    HEAVY_BALL = "heavy_ball"
    """v <- beta v + alpha g(w), w <- w - v with the new v (Polyak 1964)."""
    HEAVY_BALL_PRINTED = "heavy_ball_printed"
    """The same with w <- w - v for the old v: the gradient enters one step late."""
    NESTEROV = "nesterov"
    """v <- beta v + alpha g(w - beta v), w <- w - v with the new v."""


class Reduction(Enum):
    """What is taken of the expression along the iterates."""

    AT = "at"
    LEAST = "least"
    TOTAL = "total"


class BoundSymbol(sp.Symbol):
    """A variable of descent inside a node; unequal to the symbol of the same name outside."""

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Sorted among ordinary symbols, so that products print in the usual order."""
        return 2, 0, sp.Symbol.__name__


class BoundMatrix(sp.MatrixSymbol):
    """A matrix variable of descent inside a node; unequal to the matrix of the same name outside."""


class GradientNormSquared(Quantity):
    """The squared Euclidean norm of a loss's gradient in matrix variables, for use as an expression of a trajectory."""

    def __new__(cls, loss: Any, variables: Any) -> Self:
        return sp.Expr.__new__(cls, sp.sympify(loss), sp.Tuple(*variables))

    is_nonnegative = True

    @property
    def loss(self) -> Any:
        """The loss."""
        return self.args[0]

    @property
    def variables(self) -> tuple[Any, ...]:
        """The variables that the gradient is taken in."""
        return tuple(self.args[1])

    def _latex(self, printer: Any) -> str:
        names = ", ".join(printer._print(variable) for variable in self.variables)
        return rf"\left\| \nabla_{{{names}}} {printer.parenthesize(self.loss, 0, strict=True)} \right\|^2"

    def _sympystr(self, printer: Any) -> str:
        return f"|grad {printer._print(self.loss)}|^2"


class Along(Quantity):
    """What a step of descent and a flow share: loss, bound variables, starts, a time, an expression."""

    @property
    def loss(self) -> Any:
        """The loss, in the bound variables."""
        return self.args[0]

    @property
    def variables(self) -> tuple[Any, ...]:
        """The bound variables."""
        return tuple(self.args[1])

    @property
    def starts(self) -> tuple[Any, ...]:
        """The start of each variable."""
        return tuple(self.args[2])

    @property
    def time(self) -> Any:
        """The number of steps n, or the time t."""
        return self.args[3]

    @property
    def expr(self) -> Any:
        """What is looked at, in the bound variables."""
        return self.args[4]

    @property
    def free_symbols(self) -> set[Any]:
        inner = (self.loss.free_symbols | self.expr.free_symbols) - set(self.variables)
        for variable in self.variables:
            if isinstance(variable, sp.MatrixSymbol):
                inner |= set().union(*(sp.sympify(side).free_symbols for side in variable.shape))
        return inner.union(*(part.free_symbols for part in (*self.starts, *self.args[3:4], *self.args[5:])))

    @property
    def bound_symbols(self) -> list[Any]:
        """The variables, as SymPy's own binders call them."""
        return list(self.variables)

    def at_start(self) -> Any:
        """The expression at the start, by substitution.

        >>> from lemmata.theory.trajectory import descent
        >>> w = sp.Symbol("w", real=True)
        >>> descent(w**2, {w: 3}, sp.Rational(1, 4))[5, w**2].at_start()
        9
        """
        return self.expr.xreplace(dict(zip(self.variables, self.starts, strict=True)))

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _named(self, label: str) -> dict[Any, Any]:
        """The variables as they are printed at an iterate or a time."""
        renamed: dict[Any, Any] = {}
        for variable in self.variables:
            name = f"{variable.name}{label}"
            renamed[variable] = sp.MatrixSymbol(name, *variable.shape) if isinstance(variable, sp.MatrixSymbol) else _Printed(name)
        return renamed


class _Printed(sp.Symbol):
    """A variable at an iterate, printed as its name stands; braces keep a power off its superscript."""

    def _latex(self, printer: Any) -> str:
        return self.name


class Trajectory(Along):
    """expr at the n-th iterate of descent, or its minimum or sum over the iterates 0, ..., n - 1; see `descent`."""

    def __new__(
        cls, loss: Any, variables: Any, starts: Any, n: Any, expr: Any, step: Any, momentum: Any, method: Any, reduction: Any
    ) -> Self:
        method = method if isinstance(method, Str) else Str(Method(method).value)
        reduction = reduction if isinstance(reduction, Str) else Str(Reduction(reduction).value)
        parts = [sp.sympify(part) for part in (loss, n, expr, step, momentum)]
        loss, n, expr, step, momentum = parts
        return sp.Expr.__new__(cls, loss, sp.Tuple(*variables), sp.Tuple(*starts), n, expr, step, momentum, method, reduction)

    @property
    def step(self) -> Any:
        """The step size alpha."""
        return self.args[5]

    @property
    def momentum(self) -> Any:
        """The momentum beta."""
        return self.args[6]

    @property
    def method(self) -> Method:
        """The iteration."""
        return Method(self.args[7].name)

    @property
    def reduction(self) -> Reduction:
        """At the iterate, or the least or the total over the iterates before it."""
        return Reduction(self.args[8].name)

    def looking_at(self, n: Any, expr: Any, reduction: Reduction = Reduction.AT) -> Trajectory:
        """The same descent, another iterate or expression (in the bound variables)."""
        return Trajectory(self.loss, self.variables, self.starts, n, expr, self.step, self.momentum, self.method, reduction)

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.expr.is_nonnegative else None

    def _latex(self, printer: Any) -> str:
        if self.reduction is Reduction.AT:
            return _in_braces(printer, self.expr.xreplace(self._named(f"^{{({printer._print(self.time)})}}")))
        last = printer._print(self.time - 1)
        sign = r"\min" if self.reduction is Reduction.LEAST else r"\sum"
        return rf"{sign}_{{0 \le k \le {last}}} {_in_braces(printer, self.expr.xreplace(self._named('^{(k)}')))}"

    def _sympystr(self, printer: Any) -> str:
        at = ", ".join(f"{variable}: {start}" for variable, start in zip(self.variables, self.starts, strict=True))
        how = "" if self.method is Method.GRADIENT else f", momentum={self.momentum}, method={self.method.value}"
        which = "" if self.reduction is Reduction.AT else f".{self.reduction.value}"
        return f"descent({self.loss}, {{{at}}}, {self.step}{how}){which}[{self.time}, {self.expr}]"


class FlowValue(Along):
    """expr at time t along gradient flow; see `flow`."""

    def __new__(cls, loss: Any, variables: Any, starts: Any, t: Any, expr: Any) -> Self:
        parts = (sp.sympify(loss), sp.Tuple(*variables), sp.Tuple(*starts), sp.sympify(t), sp.sympify(expr))
        return sp.Expr.__new__(cls, *parts)

    def _latex(self, printer: Any) -> str:
        return _in_braces(printer, self.expr.xreplace(self._named(f"({printer._print(self.time)})")))

    def _sympystr(self, printer: Any) -> str:
        at = ", ".join(f"{variable}: {start}" for variable, start in zip(self.variables, self.starts, strict=True))
        return f"flow({self.loss}, {{{at}}})[{self.time}, {self.expr}]"


def _in_braces(printer: Any, expr: Any) -> str:
    text = printer._print(expr)
    return text if expr.is_Atom or isinstance(expr, (sp.MatrixSymbol, GradientNormSquared)) else rf"\left[ {text} \right]"


def bound(variable: Any) -> Any:
    """The bound twin of a variable.

    >>> w = sp.Symbol("w", real=True)
    >>> bound(w) == w, str(bound(w)), bound(w).is_real
    (False, 'w', True)
    """
    if isinstance(variable, sp.MatrixSymbol):
        return BoundMatrix(variable.name, *variable.shape)
    return BoundSymbol(variable.name, **variable.assumptions0)
