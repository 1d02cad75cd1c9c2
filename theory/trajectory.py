r"""Gradient descent and gradient flow as quantities: an expression at an iterate, its minimum or its sum over iterates.

    descent(loss, {w: w0}, alpha)[n, expr]          expr(w^(n)),   w^(k+1) = w^(k) - alpha grad loss(w^(k)),  w^(0) = w0
    descent(loss, {w: w0}, alpha).least[n, expr]    min of expr(w^(k)) over 0 <= k < n
    descent(loss, {w: w0}, alpha).total[n, expr]    sum of expr(w^(k)) over 0 <= k < n
    flow(loss, {w: w0})[t, expr]                    expr(w(t)),    dw/dt = -grad loss(w),  w(0) = w0

The variables are bound: inside a node they are `BoundSymbol`s or `BoundMatrix`es, so that no substitution of a symbol
of the same name reaches them. Starts, step, momentum, n, t and the other symbols of loss and expr are free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.matrices.matrixbase import MatrixBase

from lemmata.theory.admitted import positive, real
from lemmata.theory.computed_loss import LossValue
from lemmata.theory.iterates import (
    Along,
    BoundMatrix,
    BoundSymbol,
    FlowValue,
    GradientNormSquared,
    Method,
    Reduction,
    Trajectory,
    bound,
)

__all__ = [
    "Along",
    "BoundMatrix",
    "BoundSymbol",
    "Descent",
    "Flow",
    "FlowValue",
    "GradientNormSquared",
    "Method",
    "Reduction",
    "Trajectory",
    "bound",
    "descent",
    "flow",
    "grad_norm_squared",
]


def grad_norm_squared(loss: Any, variables: Any) -> Any:
    """|grad loss|^2 in the given variables: the sum of squared derivatives for symbols, a node for matrices and losses that are code.

    >>> w, M = sp.symbols("w M", real=True)
    >>> grad_norm_squared(M * w**2 / 2, [w])
    M**2*w**2
    """
    variables = tuple(variables) if isinstance(variables, (list, tuple, set, sp.Tuple, Mapping)) else (variables,)
    if all(isinstance(variable, sp.Symbol) for variable in variables) and not sp.sympify(loss).has(LossValue):
        return sp.Add(*(sp.diff(loss, variable) ** 2 for variable in variables))
    return GradientNormSquared(loss, variables)


@dataclass(frozen=True)
class _View:
    """`descent(...).least` and `.total`: the same indexing, another reduction."""

    descent: Descent
    reduction: Reduction

    def __getitem__(self, key: tuple[Any, Any]) -> Trajectory:
        return self.descent.node(key, self.reduction)


@dataclass(frozen=True)
class _Motion:
    """A loss, its variables as the user wrote them, and the starts."""

    loss: Any
    starts: Mapping[Any, Any]

    @property
    def binding(self) -> dict[Any, Any]:
        """Each variable of the user's and its bound twin."""
        return {variable: bound(variable) for variable in self.starts}

    def bind(self, expr: Any) -> Any:
        """An expression in the user's variables, with bound ones in their place."""
        expr = sp.sympify(expr)
        inside = {twin for node in expr.atoms(Along) for twin in node.variables} & set(self.binding.values())
        if inside:
            raise ValueError(f"descent inside descent over the same variable {_names(inside)}: give the inner variable another name")
        return expr.xreplace(self.binding)


@dataclass(frozen=True)
class Descent(_Motion):
    """Gradient descent on a loss, to be indexed: `[n, expr]`, `.least[n, expr]`, `.total[n, expr]`."""

    step: Any
    momentum: Any
    method: Method

    def node(self, key: Any, reduction: Reduction) -> Trajectory:
        """The quantity of a (number of steps, expression) pair; raises ValueError for anything else."""
        n, expr = _pair(key, "n")
        if n.is_number and not (n.is_integer and n >= (0 if reduction is Reduction.AT else 1)):
            least = 0 if reduction is Reduction.AT else 1
            raise ValueError(f"descent is looked at after n steps, n an integer >= {least}, not {n}")
        twins = tuple(self.binding.values())
        return Trajectory(
            self.bind(self.loss), twins, tuple(self.starts.values()), n, self.bind(expr), self.step, self.momentum, self.method, reduction
        )

    def __getitem__(self, key: tuple[Any, Any]) -> Trajectory:
        return self.node(key, Reduction.AT)

    @property
    def least(self) -> _View:
        """The minimum over the iterates 0, ..., n - 1."""
        return _View(self, Reduction.LEAST)

    @property
    def total(self) -> _View:
        """The sum over the iterates 0, ..., n - 1."""
        return _View(self, Reduction.TOTAL)


@dataclass(frozen=True)
class Flow(_Motion):
    """Gradient flow on a loss, to be indexed: `[t, expr]`."""

    def __getitem__(self, key: tuple[Any, Any]) -> FlowValue:
        t, expr = _pair(key, "t")
        if real("the time of gradient flow", t).is_negative:
            raise ValueError(f"gradient flow is looked at at a time t >= 0, not {t}")
        return FlowValue(self.bind(self.loss), tuple(self.binding.values()), tuple(self.starts.values()), t, self.bind(expr))


def descent(loss: Any, starts: Mapping[Any, Any], step: Any, momentum: Any = 0, method: str | Method = "gradient") -> Descent:
    """Gradient descent on `loss` from `starts` (variable -> start) with a step size, to be indexed.

    w^(k+1) = w^(k) - alpha grad L(w^(k)); with momentum see `Method`. The loss is an expression, losses that are code among it
    (`loss`, `module_loss`). Variables are Symbols or MatrixSymbols, starts numbers, expressions or matrices of the variable's shape.
    Raises ValueError for a variable that is no symbol, a wrong shape, a start, step or momentum that is not real, a loss that is not finite
    at a start in numbers, a step that is a number <= 0, or an unknown method. Source: Nesterov (2018), section 1.2.3.

    >>> w, M, alpha = sp.symbols("w M alpha", positive=True)
    >>> node = descent(M * w**2 / 2, {w: 1}, alpha)[3, w]
    >>> node, sorted(node.free_symbols, key=str)
    (descent(M*w**2/2, {w: 1}, alpha)[3, w], [M, alpha])
    """
    try:
        chosen = Method(method)
    except ValueError:
        names = ", ".join(item.value for item in Method)
        raise ValueError(f"descent has no method {method!r}: choose one of {names}") from None
    step, momentum = positive("the step of descent", step), real("the momentum of descent", momentum)
    if chosen is Method.GRADIENT and momentum != 0:
        raise ValueError(f"method 'gradient' has no momentum, but momentum={momentum}: choose heavy_ball or nesterov")
    checked = _starts(starts)
    return Descent(_finite(_scalar(loss), checked), checked, step, momentum, chosen)


def flow(loss: Any, starts: Mapping[Any, Any]) -> Flow:
    """Gradient flow dw/dt = -grad L(w), w(0) = w0, to be indexed by a time and an expression.

    Variables and starts as for `descent`; the same errors.

    >>> w = sp.Symbol("w", real=True)
    >>> flow(w**2 / 2, {w: 1})[2, w]
    flow(w**2/2, {w: 1})[2, w]
    """
    checked = _starts(starts)
    return Flow(_finite(_scalar(loss), checked), checked)


def _scalar(loss: Any) -> Any:
    try:
        loss = sp.sympify(loss)
    except (sp.SympifyError, SyntaxError):
        raise ValueError(f"the loss of descent is an expression, not {loss!r}") from None
    if getattr(loss, "is_Matrix", False):
        raise ValueError(f"the loss of descent is a scalar, not a matrix of shape {loss.shape}: take its trace or an entry")
    if not isinstance(loss, sp.Expr):
        raise ValueError(f"the loss of descent is an expression, not {loss}")
    return loss


def _finite(loss: Any, starts: Mapping[Any, Any]) -> Any:
    """The loss; raises ValueError where scalar starts are numbers at which it has no finite real value."""
    if all(isinstance(variable, sp.Symbol) and start.is_number for variable, start in starts.items()):
        value = loss.xreplace(starts)
        if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) or (value.is_number and value.is_real is False):
            raise ValueError(f"the loss {loss} is {value} at the start: descent starts where it is finite and real")
    return loss


def _starts(starts: Any) -> Mapping[Any, Any]:
    if not isinstance(starts, Mapping) or not starts:
        raise ValueError("descent takes its starts as a dictionary {variable: start} with at least one variable")
    checked: dict[Any, Any] = {}
    for variable, start in starts.items():
        if not isinstance(variable, (sp.Symbol, sp.MatrixSymbol)):
            raise ValueError(f"a variable of descent is a Symbol or a MatrixSymbol, not {variable!r}")
        start = _start(variable, start)
        want = variable.shape if isinstance(variable, sp.MatrixSymbol) else None
        have = start.shape if getattr(start, "is_Matrix", False) else None
        if want != have:
            raise ValueError(f"{variable} has {_shape(want)}, but its start {start} has {_shape(have)}")
        for entry in start if isinstance(start, MatrixBase) else [start] if have is None else []:
            real(f"the start of {variable}", entry)
        checked[variable] = start
    return checked


def _start(variable: Any, start: Any) -> Any:
    """A start as SymPy has it; raises ValueError for a list that is no matrix."""
    if not isinstance(start, (MatrixBase, list)):
        return start if isinstance(start, sp.Basic) else real(f"the start of {variable}", start)
    try:
        return sp.ImmutableMatrix(start)
    except (TypeError, ValueError):
        raise ValueError(f"the start of {variable} is a matrix, a list of rows of one length, not {start}") from None


def _pair(key: Any, name: str) -> tuple[Any, Any]:
    if not isinstance(key, tuple) or len(key) != 2:
        raise ValueError(f"index it by a pair [{name}, expression], not by {key!r}")
    return sp.sympify(key[0]), key[1]


def _shape(shape: Any) -> str:
    return "no shape (a scalar)" if shape is None else f"the shape {shape[0]} x {shape[1]}"


def _names(symbols: Any) -> str:
    return ", ".join(sorted(str(symbol) for symbol in symbols))
