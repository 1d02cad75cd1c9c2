r"""The spectral radius of a square matrix as a quantity: what decides whether a linear iteration converges.

An iteration $x_{k+1} = A x_k$ tends to 0 from every start exactly when $\rho(A) < 1$, and grows from almost every start when
$\rho(A) > 1$.
"""

from __future__ import annotations

from typing import Any, Self

import sympy as sp
from sympy.matrices.matrixbase import MatrixBase

from lemmata.theory.admitted import table
from lemmata.theory.quantity import Quantity, quantities, random_symbols


class SpectralRadius(Quantity):
    """The largest modulus of an eigenvalue of an explicit real square matrix; build it with `spectral_radius`."""

    is_nonnegative = True

    def __new__(cls, matrix: Any) -> Self:
        return sp.Expr.__new__(cls, sp.ImmutableMatrix(matrix))

    @property
    def matrix(self) -> Any:
        """The matrix, with explicit entries."""
        return self.args[0]

    def characteristic(self) -> tuple[Any, ...]:
        """The coefficients of det(z I - A), from 1 down to the constant one.

        >>> spectral_radius([[1, 2], [3, 4]]).characteristic()
        (1, -5, -2)
        """
        z = sp.Dummy("z")
        return tuple(sp.expand(coefficient) for coefficient in self.matrix.charpoly(z).all_coeffs())

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured or rewritten by a rule, never evaluated in passing."""
        return self

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = rf"\rho{printer._print(self.matrix)}" if self.matrix.rows > 1 else rf"\rho\left({printer._print(self.matrix[0, 0])}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"

    def _sympystr(self, printer: Any) -> str:
        return f"spectral_radius({printer._print(self.matrix.tolist())})"


def spectral_radius(matrix: Any) -> SpectralRadius:
    r"""The largest modulus of an eigenvalue, unevaluated.

    $$\rho(A) = \max \{ |z| : \det(z I - A) = 0 \}$$

    `matrix` is an explicit square matrix (or a list of rows) with real entries, symbols allowed. Raises ValueError for another shape
    or for entries that are random or hold quantities.

    >>> a = sp.Symbol("a", real=True)
    >>> spectral_radius([[a, 1], [0, 2]])
    spectral_radius([[a, 1], [0, 2]])
    """
    if not isinstance(matrix, (MatrixBase, list, tuple)):
        raise ValueError(f"a spectral radius is of a matrix with explicit entries, not of {matrix}: write its rows as a list")
    found = sp.ImmutableMatrix(matrix if isinstance(matrix, MatrixBase) else table("the matrix of a spectral radius", matrix))
    if found.rows != found.cols or found.rows == 0:
        raise ValueError(f"a spectral radius is of a square matrix, not of one of shape {found.rows} x {found.cols}")
    for entry in found:
        if quantities(entry) or random_symbols(entry):
            raise ValueError(f"the entry {entry} of a spectral radius has to be measured itself: give closed entries")
        if entry.is_real is False:
            raise ValueError(f"the entry {entry} of a spectral radius is not real")
    return SpectralRadius(found)


def companion(*coefficients: Any) -> Any:
    r"""The companion matrix of $z^n - a_1 z^{n-1} - \dots - a_n$: one step of $x_{k+n} = a_1 x_{k+n-1} + \dots + a_n x_k$.

    Raises ValueError without a coefficient.

    >>> companion(3, -2)
    Matrix([
    [3, -2],
    [1,  0]])
    >>> spectral_radius(companion(3, -2)).characteristic()
    (1, -3, 2)
    """
    if not coefficients:
        raise ValueError("a recursion has at least one coefficient")
    order = len(coefficients)
    shift = [[sp.Integer(int(row == column)) for column in range(order)] for row in range(order - 1)]
    return sp.ImmutableMatrix([[sp.sympify(a) for a in coefficients], *shift])
