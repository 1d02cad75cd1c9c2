r"""A gradient's Lipschitz constant as a statement about every pair of points: a constant that is too small is refuted by a pair.

lipschitz(L, {w: (x, y)}, M)     |grad L(x) - grad L(y)|^2 <= M^2 |x - y|^2
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import sympy as sp
from sympy.matrices.matrixbase import MatrixBase

from lemmata.theory.computed_loss import LossValue
from lemmata.theory.iterates import bound
from lemmata.theory.quantity import Quantity


class GradientGap(Quantity):
    """|grad L(x) - grad L(y)|^2 of a loss in bound variables, at two points; made by `gradient_gap`."""

    is_nonnegative = True

    def __new__(cls, loss: Any, variables: Any, first: Any, second: Any) -> Self:
        return sp.Expr.__new__(cls, sp.sympify(loss), sp.Tuple(*variables), sp.Tuple(*first), sp.Tuple(*second))

    @property
    def loss(self) -> Any:
        """The loss, in the bound variables."""
        return self.args[0]

    @property
    def variables(self) -> tuple[Any, ...]:
        """The bound variables."""
        return tuple(self.args[1])

    @property
    def ends(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The two points, variable by variable."""
        return tuple(self.args[2]), tuple(self.args[3])

    @property
    def free_symbols(self) -> set[Any]:
        inner = self.loss.free_symbols - set(self.variables)
        return inner.union(*(part.free_symbols for end in self.ends for part in end))

    @property
    def bound_symbols(self) -> list[Any]:
        """The variables, as SymPy's own binders call them."""
        return list(self.variables)

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured, never evaluated in passing."""
        return self

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _sympystr(self, printer: Any) -> str:
        first, second = (", ".join(printer._print(part) for part in end) for end in self.ends)
        return f"|grad {printer._print(self.loss)} at ({first}) - at ({second})|^2"

    def _latex(self, printer: Any) -> str:
        first, second = (", ".join(printer._print(part) for part in end) for end in self.ends)
        loss = printer.parenthesize(self.loss, 0, strict=True)
        return rf"\left\| \nabla {loss}\left({first}\right) - \nabla {loss}\left({second}\right) \right\|^2"


def gradient_gap(loss: Any, pairs: Mapping[Any, tuple[Any, Any]]) -> Any:
    """|grad L(x) - grad L(y)|^2 for {variable: (x, y)}: in closed form for symbols, a node for matrices and for losses that are code.

    Raises ValueError for a variable that is no symbol, what is no pair, or a wrong shape.

    >>> w, x, y = sp.symbols("w x y", real=True)
    >>> gradient_gap(w**2, {w: (x, y)})
    (2*x - 2*y)**2
    """
    checked = _pairs(pairs)
    loss = sp.sympify(loss)
    if not isinstance(loss, sp.Expr):
        raise ValueError(f"the loss of a gradient is an expression, not {loss}")
    if all(isinstance(variable, sp.Symbol) for variable in checked) and not loss.has(LossValue):
        ends = [{variable: pair[side] for variable, pair in checked.items()} for side in (0, 1)]
        slopes = [sp.diff(loss, variable) for variable in checked]
        return sp.Add(*((slope.xreplace(ends[0]) - slope.xreplace(ends[1])) ** 2 for slope in slopes))
    twins = {variable: bound(variable) for variable in checked}
    return GradientGap(loss.xreplace(twins), tuple(twins.values()), *zip(*checked.values(), strict=True))


def lipschitz(loss: Any, pairs: Mapping[Any, tuple[Any, Any]], constant: Any) -> Any:
    """The statement that a loss's gradient is Lipschitz with a constant M, for {variable: (x, y)}: squared, for all x and y.

    Put two free symbols into each pair and the claim is about all points; a constant that is too small is refuted, and the counterexample
    names the pair. Raises ValueError for a constant that is a negative number, and as `gradient_gap` does.

    >>> w, x, y = sp.symbols("w x y", real=True)
    >>> lipschitz(sp.cos(w), {w: (x, y)}, 1)
    (-sin(x) + sin(y))**2 <= (x - y)**2
    """
    constant = sp.sympify(constant)
    if constant.is_negative:
        raise ValueError(f"a Lipschitz constant is at least 0, not {constant}")
    distance = sp.Add(*(_squared(first - second) for first, second in _pairs(pairs).values()))
    return sp.Le(gradient_gap(loss, pairs), constant**2 * distance, evaluate=False)


def _squared(difference: Any) -> Any:
    return sp.Trace(difference.T * difference) if getattr(difference, "is_Matrix", False) else difference**2


def _pairs(pairs: Any) -> dict[Any, tuple[Any, Any]]:
    if not isinstance(pairs, Mapping) or not pairs:
        raise ValueError("the two points are a dictionary {variable: (x, y)} with at least one variable")
    checked: dict[Any, tuple[Any, Any]] = {}
    for variable, pair in pairs.items():
        if not isinstance(variable, (sp.Symbol, sp.MatrixSymbol)):
            raise ValueError(f"a variable of a loss is a Symbol or a MatrixSymbol, not {variable!r}")
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"{variable} takes a pair of points (x, y), not {pair!r}")
        first, second = (sp.ImmutableMatrix(end) if isinstance(end, (MatrixBase, list)) else sp.sympify(end) for end in pair)
        for end in (first, second):
            want, have = getattr(variable, "shape", None), getattr(end, "shape", None)
            if want != have:
                raise ValueError(f"{variable} has the shape {want or 'of a number'}, but the point {end} has {have or 'that of a number'}")
        checked[variable] = (first, second)
    return checked
