"""Data in a statement: a matrix symbol whose entries are given, exactly, and over which nothing is quantified."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str


class DataMatrix(sp.MatrixSymbol):
    """A named rows x cols matrix of given numbers: printed by its name, constant in every claim.

    `loader` names a function "package.module:function" without arguments that returns the rows, each a sequence of
    exact numbers (int, Fraction or SymPy Rational); it is imported when `exact` is first called. Raises ValueError when
    the name is none, or the rows do not have the shape that was announced.

    >>> H = DataMatrix("H", 2, 2, "lemmata.theory.data:hilbert")
    >>> H, H.free_symbols, H.exact()[1, 1], sp.latex(H)
    (H, set(), 1/3, 'H')
    """

    def __new__(cls, name: Any, rows: Any, cols: Any, loader: Any) -> Self:
        text = loader.name if isinstance(loader, Str) else str(loader)
        module, _, function = text.partition(":")
        if not (module and function.isidentifier()):
            raise ValueError(f"the loader of data {name} is named 'package.module:function', not {text!r}")
        label = name if isinstance(name, Str) else Str(str(name))
        return sp.MatrixExpr.__new__(cls, label, sp.Integer(rows), sp.Integer(cols), Str(text))

    @property
    def free_symbols(self) -> set[Any]:
        return set()

    @property
    def loader(self) -> str:
        """Where the entries come from, "package.module:function"."""
        return str(self.args[3].name)

    def exact(self) -> Any:
        """The entries, as an ImmutableMatrix of rationals; read once."""
        return _read(self)

    def _eval_derivative(self, _: Any) -> Any:
        return sp.ZeroMatrix(*self.shape)


@cache
def _read(data: DataMatrix) -> Any:
    module, _, function = data.loader.partition(":")
    rows = getattr(import_module(module), function)()
    found = (len(rows), len(rows[0]) if len(rows) else 0)
    if found != tuple(int(side) for side in data.shape):
        raise ValueError(f"{data.loader} returned {found[0]} x {found[1]} numbers, but {data.name} was announced as {data.shape}")
    return sp.ImmutableDenseMatrix(found[0], found[1], [sp.Rational(entry) for row in rows for entry in row])


def hilbert() -> list[list[sp.Rational]]:
    """The 2 x 2 Hilbert matrix, a small set of data to try things on.

    >>> hilbert()
    [[1, 1/2], [1/2, 1/3]]
    """
    return [[sp.Rational(1, row + col + 1) for col in range(2)] for row in range(2)]
