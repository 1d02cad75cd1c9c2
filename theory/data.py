"""Data in a statement: a matrix symbol whose entries are given, exactly, and over which nothing is quantified."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from math import isfinite
from typing import Any, Self

import sympy as sp
from sympy.core.symbol import Str

from lemmata.theory.admitted import whole


class DataMatrix(sp.MatrixSymbol):
    """A named rows x cols matrix of given numbers: printed by its name, constant in every claim.

    `loader` names a function "package.module:function" without arguments that returns the rows, each a sequence of
    exact numbers (int, Fraction or SymPy Rational); it is imported when `exact` is first called. Raises ValueError when
    the name is none, there is no such function, it raises, or the rows do not have the shape that was announced.

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
        sides = [whole(f"the number of {side} of data {name}", size) for side, size in (("rows", rows), ("columns", cols))]
        if not all(size.is_Integer for size in sides):
            raise ValueError(f"data {name} have a shape in numbers, not {rows} x {cols}: what is loaded has one shape")
        return sp.MatrixExpr.__new__(cls, label, *sides, Str(text))

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
    rows = _loaded(data)
    try:
        table = [[sp.Rational(entry) for entry in row] for row in rows]
    except (TypeError, ValueError):
        raise ValueError(f"the loader {data.loader} of data {data.name} returns rows of exact numbers, not {str(rows)[:80]}") from None
    wrong = next((entry for row in table for entry in row if not entry.is_Rational), None)
    if wrong is not None or any(isinstance(entry, float) and not isfinite(entry) for row in rows for entry in row):
        raise ValueError(f"the loader {data.loader} of data {data.name} returned an entry that is no finite number")
    announced = " x ".join(map(str, data.shape))
    lengths = [len(row) for row in table]
    if len(set(lengths)) > 1:
        other = next(place for place, length in enumerate(lengths) if length != lengths[0])
        lines = f"row 1 with {lengths[0]} numbers and row {other + 1} with {lengths[other]}"
        raise ValueError(f"{data.loader} returned {lines}, but {data.name} was announced as {announced}")
    found = (len(table), lengths[0] if lengths else 0)
    if found != tuple(int(side) for side in data.shape):
        raise ValueError(f"{data.loader} returned {found[0]} x {found[1]} numbers, but {data.name} was announced as {announced}")
    return sp.ImmutableDenseMatrix(found[0], found[1], [entry for row in table for entry in row])


def _loaded(data: DataMatrix) -> Any:
    """What the loader returns; raises ValueError where there is none, or where it raises."""
    module, _, function = data.loader.partition(":")
    try:
        load = getattr(import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the loader {data.loader} of data {data.name} was not found: {error}") from None
    try:
        return load()
    except Exception as error:  # code that is not ours: what it says is passed on in one line
        said = " ".join(str(error).split())[:200]
        raise ValueError(f"the loader {data.loader} of data {data.name} raised {type(error).__name__}: {said}") from error


def hilbert() -> list[list[sp.Rational]]:
    """The 2 x 2 Hilbert matrix, a small set of data to try things on.

    >>> hilbert()
    [[1, 1/2], [1/2, 1/3]]
    """
    return [[sp.Rational(1, row + col + 1) for col in range(2)] for row in range(2)]
