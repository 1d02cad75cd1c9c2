"""The k-fold composition of a scalar map, as a quantity: F(F(...F(c_0)))."""

from __future__ import annotations

from typing import Any, Self

import sympy as sp
from sympy.printing.precedence import PRECEDENCE

from lemmata.theory.iterates import BoundSymbol
from lemmata.theory.quantity import Quantity


class Iterate(Quantity):
    """`map` applied `count` times to `start`; its variable is bound and never among the free symbols."""

    def __new__(cls, map_: Any, start: Any, count: Any) -> Self:
        """The node of a Lambda of one variable; raises ValueError for another kind of map or an impossible count."""
        if not isinstance(map_, sp.Lambda) or len(map_.variables) != 1:
            raise ValueError(f"an iterated map is a Lambda of one variable, not {map_}")
        count, start = sp.sympify(count), sp.sympify(start)
        if count.is_negative or count.is_integer is False:
            raise ValueError(f"a map is iterated a non-negative integer number of times, not {count}")
        variable = map_.variables[0]
        if not isinstance(variable, BoundSymbol):
            bound = BoundSymbol(variable.name, real=True)
            map_ = sp.Lambda(bound, map_.expr.xreplace({variable: bound}))
        return sp.Expr.__new__(cls, map_, start, count)

    @property
    def map(self) -> Any:
        """The map, a Lambda in a bound variable."""
        return self.args[0]

    @property
    def start(self) -> Any:
        """Where the iteration starts."""
        return self.args[1]

    @property
    def count(self) -> Any:
        """How often the map is applied."""
        return self.args[2]

    def unfolded(self, times: int) -> Any:
        """The expression after `times` applications, written out (its size grows like the map's to that power).

        >>> x = sp.Symbol("x", real=True)
        >>> Iterate(sp.Lambda(x, x**2 + 1), 0, 3).unfolded(3)
        5
        """
        value = self.start
        for _ in range(times):
            value = self.map(value)
        return value

    def _latex(self, printer: Any) -> str:
        """The map's own text raised to a circled power, applied to the start."""
        variable = self.map.variables[0]
        body, start = printer._print(self.map.expr), printer._print(self.start)
        count = printer.parenthesize(self.count, PRECEDENCE["Mul"])
        return rf"\left({printer._print(variable)} \mapsto {body}\right)^{{\circ {count}}}\!\left({start}\right)"

    def _sympystr(self, printer: Any) -> str:
        body, start, count = (printer._print(part) for part in (self.map.expr, self.start, self.count))
        return f"iterate({self.map.variables[0]} -> {body}, {start}, {count})"


def iterate(map_: Any, start: Any, count: Any) -> Iterate:
    """The k-fold composition of a scalar map: iterate(F, c_0, k) = F(F(...F(c_0))), k times F.

    `map_` is a `Lambda` of one variable (its other symbols are parameters), `start` a scalar, `count` a non-negative integer
    or a symbol for one. Raises ValueError for anything else.

    >>> x, c = sp.symbols("x c", real=True)
    >>> k = sp.Symbol("k", integer=True, nonnegative=True)
    >>> sorted(iterate(sp.Lambda(x, x**2), c, k).free_symbols, key=str)
    [c, k]
    """
    return Iterate(map_, start, count)
