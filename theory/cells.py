r"""How many sign patterns one neuron can have on m points: the cells into which the hyperplanes <w, x_t> = 0 cut the weights."""

from __future__ import annotations

from typing import Any, Self

import sympy as sp

from lemmata.theory.admitted import rational_rows
from lemmata.theory.quantity import Quantity


class Cells(Quantity):
    """The number of sign patterns of <w, x_t> != 0, over all w; see `cells` and `cells_of`."""

    is_integer = True
    is_nonnegative = True

    def __new__(cls, *args: Any) -> Self:
        return sp.Expr.__new__(cls, *map(sp.sympify, args))

    @property
    def points(self) -> Any:
        """The points as the rows of a matrix; None where they are m points in general position in dimension d."""
        return self.args[0] if len(self.args) == 1 else None

    @property
    def sizes(self) -> tuple[Any, Any]:
        """m and d."""
        if self.points is None:
            return self.args[0], self.args[1]
        rows, columns = self.points.shape
        return sp.sympify(rows), sp.sympify(columns)

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured or rewritten by a rule, never evaluated in passing."""
        return self

    def _sympystr(self, printer: Any) -> str:
        return f"cells({', '.join(map(printer._print, self.args))})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = rf"\operatorname{{cells}}\left({', '.join(map(printer._print, self.args))}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


def cells(m: Any, d: Any) -> Cells:
    """The number of sign patterns on m points in general position: x_t = (1, t, ..., t^(d-1)), t = 1, ..., m.

    Any d of these are independent (Vandermonde), and the number is the same for all such points. Raises ValueError where m or d is
    no whole number from 1 on.

    >>> m, d = sp.symbols("m d", integer=True, positive=True)
    >>> cells(m, d)
    cells(m, d)
    """
    sizes = sp.sympify(m), sp.sympify(d)
    if any(size.is_integer is not True or size.is_positive is not True for size in sizes):
        raise ValueError(f"points and dimensions are whole numbers from 1 on, not m = {m} and d = {d}")
    return Cells(*sizes)


def cells_of(points: Any) -> Cells:
    """The number of sign patterns on the rows of a rational matrix, in any position but 0, on which no sign depends on w.

    Raises ValueError where a row is 0, naming it, where an entry is not rational, and where the rows are none or of different lengths.

    >>> cells_of([[1, 0], [2, 0], [0, 1]]).sizes
    (3, 2)
    >>> cells_of([[1, 0], [0, 0]])
    Traceback (most recent call last):
    ValueError: point 2 is 0, and no neuron without bias is active there: leave it out
    """
    matrix = rational_rows("the points of cells_of", points)
    for place in range(matrix.rows):
        if matrix.row(place).is_zero_matrix:
            raise ValueError(f"point {place + 1} is 0, and no neuron without bias is active there: leave it out")
    return Cells(matrix)


def moment_curve(m: int, d: int) -> list[list[int]]:
    """The rows (1, t, ..., t^(d-1)).

    >>> moment_curve(3, 2)
    [[1, 1], [1, 2], [1, 3]]
    """
    return [[t**power for power in range(d)] for t in range(1, m + 1)]
