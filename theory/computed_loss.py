"""Losses that only code can state: a function of tensors as a node of a statement, known by a stable name alone.

A loss written in SymPy can be differentiated and enclosed; a network over data is often easier to write as a program.
The node holds no tensor library: instruments look the function up, and a worker that imports the file finds it again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str
from sympy.matrices.matrixbase import MatrixBase

from lemmata.theory.printing.notation import function_name
from lemmata.theory.quantity import Quantity
from lemmata.theory.stable_names import short_name, stable_name

_REGISTRY: dict[str, Loss] = {}


class LossValue(Quantity):
    """The value of a loss at its arguments: `LossValue(name, *arguments)`; made by calling a `Loss`, never by hand."""

    def __new__(cls, name: Any, *arguments: Any) -> Self:
        marker = name if isinstance(name, Str) else Str(str(name))
        return sp.Expr.__new__(cls, marker, *(_argument(one) for one in arguments))

    @property
    def key(self) -> str:
        """The stable name of the loss."""
        marker: Any = self.args[0]
        return str(marker.name)

    @property
    def label(self) -> str:
        """The function's own name, for people."""
        return short_name(self.key)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What the loss was called with."""
        return tuple(self.args[1:])

    def loss(self) -> Loss:
        """The loss that computes this node; raises LookupError when its file has not been imported here."""
        found = _REGISTRY.get(self.key)
        if found is None:
            raise LookupError(f"the loss {self.label} is not known here: import the file that defines it")
        return found

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured, never evaluated in passing."""
        return self

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _sympystr(self, printer: Any) -> str:
        return f"{self.label}({', '.join(printer._print(value) for value in self.arguments)})"

    _sympyrepr = _sympystr

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = ", ".join(printer._print(value) for value in self.arguments)
        text = function_name(self.label) + rf"\left({inner}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


class Loss:
    """What `@loss` makes of a function: call it with symbols or values to get its value as an expression."""

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.function = function
        self.signature = _positional(function)
        self.key = name or stable_name(function, _REGISTRY)
        update_wrapper(self, function)
        _REGISTRY[self.key] = self

    @property
    def label(self) -> str:
        """The function's own name."""
        return short_name(self.key)

    def __call__(self, *arguments: Any) -> LossValue:
        try:
            bound = self.signature.bind(*arguments)
        except TypeError as error:
            raise TypeError(f"loss {self.label}: {error}") from None
        bound.apply_defaults()
        return LossValue(self.key, *bound.args)

    def __repr__(self) -> str:
        return f"<loss {self.label}>"


def loss(function: Callable[..., Any]) -> Loss:
    """Make a loss of a function of tensors, to be used in `descent`, `flow` and in statements by calling it.

    The function takes its arguments by position, as float64 tensors of one run: a scalar for a number, a matrix (rows, columns)
    for a matrix or data; it returns a scalar float64 tensor that Torch can differentiate. It is pure: equal arguments give equal
    values. Instruments vectorise it over runs, so that it may not branch on the numbers in its arguments (`torch.where` does).
    Raises TypeError for a function with keyword arguments.

    >>> from lemmata.theory.trajectory import descent
    >>> @loss
    ... def ridge(w, a):
    ...     return (a * w * w + w.cos()).sum()
    >>> w, a = sp.symbols("w a", real=True)
    >>> ridge(w, a) + w**2, sorted(ridge(w, a).free_symbols, key=str)
    (w**2 + ridge(w, a), [a, w])
    >>> descent(ridge(w, a), {w: 1}, sp.Rational(1, 10))[5, ridge(w, a)]
    descent(ridge(w, a), {w: 1}, 1/10)[5, ridge(w, a)]
    """
    return Loss(function)


def computed(expr: Any) -> Iterator[LossValue]:
    """The distinct computed losses anywhere in an expression.

    >>> list(computed(sp.Symbol("x") + 1))
    []
    """
    yield from sorted((node for node in sp.preorder_traversal(expr) if isinstance(node, LossValue)), key=str)


def _argument(value: Any) -> Any:
    return sp.ImmutableMatrix(value) if isinstance(value, (MatrixBase, list)) else sp.sympify(value, strict=True)


def _positional(function: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(function)
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD):
            name = getattr(function, "__name__", repr(function))
            raise TypeError(f"the argument {parameter.name} of the loss {name} must be positional, so that equal calls are the same value")
    return signature
