r"""Near-identity factorisations: a matrix with positive determinant as a product of K factors 1 + V_k, and how small the V_k can be.

    A = (1 + V_1) (1 + V_2) ... (1 + V_K)

Two numbers are asked of A and K. `near_identity_radius` is the infimum of max |V_k| over all such products, in the spectral norm.
`polar_radius` is max |V_k| of one product: from the polar decomposition A = B O, j factors B^(1/j) and K - j factors O^(1/(K - j)),
for the best j. Source: Hardt & Ma (2017), Identity Matters in Deep Learning, theorem 2.1 and appendix.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import sympy as sp
from sympy.matrices.matrixbase import MatrixBase

from lemmata.theory.admitted import table
from lemmata.theory.quantity import Quantity, quantities, random_symbols


class FactorRadius(Quantity):
    """A number about the factors of a matrix, by A and K; see the two that are final."""

    is_nonnegative = True
    word: ClassVar[str]
    sign: ClassVar[str]

    def __new__(cls, matrix: Any, factors: Any) -> Self:
        return sp.Expr.__new__(cls, sp.ImmutableMatrix(matrix), sp.sympify(factors))

    @property
    def matrix(self) -> Any:
        """A, with explicit entries."""
        return self.args[0]

    @property
    def factors(self) -> Any:
        """K."""
        return self.args[1]

    def doit(self, **_: Any) -> Any:
        """Nothing: a quantity is measured, never evaluated in passing."""
        return self

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero if symbol not in self.free_symbols else sp.Derivative(self, symbol, evaluate=False)

    def _sympystr(self, printer: Any) -> str:
        return f"{self.word}({printer._print(self.matrix.tolist())}, {printer._print(self.factors)})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = rf"{self.sign}_{{{printer._print(self.factors)}}}{printer._print(self.matrix)}"
        return text if exp is None else rf"{text}^{{{exp}}}"


class NearIdentityRadius(FactorRadius):
    """The infimum of max |V_k| over all factorisations; see `near_identity_radius`."""

    word = "near_identity_radius"
    sign = r"\rho"


class PolarRadius(FactorRadius):
    """max |V_k| of the factorisation by roots of the polar factors; see `polar_radius`."""

    word = "polar_radius"
    sign = r"\rho^{\mathrm{polar}}"


def near_identity_radius(matrix: Any, factors: Any) -> NearIdentityRadius:
    r"""How near to the identity K factors of A can be, unevaluated.

    $$\rho_K(A) = \inf \{ \max_k \|V_k\| : A = (1 + V_1) \cdots (1 + V_K) \}$$

    In the spectral norm, for a real square matrix with det A > 0 and an integer K >= 1. Raises ValueError where A is not square, K is
    no positive integer, or numbers show that det A <= 0: factors with |V_k| < 1 have positive determinants, and so has their product.

    >>> near_identity_radius([[2, 0], [0, sp.Rational(1, 2)]], sp.Symbol("K", integer=True, positive=True))
    near_identity_radius([[2, 0], [0, 1/2]], K)
    >>> near_identity_radius([[1, 0], [0, -1]], 8)
    Traceback (most recent call last):
    ValueError: det A = -1, and factors near the identity have a positive determinant: give a matrix with det A > 0
    """
    return NearIdentityRadius(*_checked(matrix, factors))


def polar_radius(matrix: Any, factors: Any) -> PolarRadius:
    r"""How near to the identity K factors are that the polar decomposition gives, unevaluated.

    $$\rho^{\mathrm{polar}}_K(A) = \min_{1 \le j \le K - 1} \max\left( \|B^{1/j} - 1\|, \|O^{1/(K - j)} - 1\| \right), \qquad A = B\,O$$

    B is positive definite, O a rotation; the root of O turns each plane by the same share of its angle, at most pi. For A as in
    `near_identity_radius` and K >= 2; raises ValueError as it does.

    >>> polar_radius([[0, -2], [2, 0]], 16)
    polar_radius([[0, -2], [2, 0]], 16)
    """
    checked = _checked(matrix, factors)
    if checked[1].is_Integer and checked[1] < 2:
        raise ValueError(f"the polar decomposition has two factors, so K is at least 2, not {factors}")
    return PolarRadius(*checked)


def _checked(matrix: Any, factors: Any) -> tuple[Any, Any]:
    if not isinstance(matrix, (MatrixBase, list, tuple)):
        raise ValueError(f"the matrix to be factorised has explicit entries, not {matrix}: write its rows as a list")
    found = sp.ImmutableMatrix(matrix if isinstance(matrix, MatrixBase) else table("the matrix to be factorised", matrix))
    count = sp.sympify(factors)
    if found.rows != found.cols or found.rows == 0:
        raise ValueError(f"factors near the identity are square, and A is of shape {found.rows} x {found.cols}: give a square matrix")
    if count.is_integer is False or (count.is_number and not (count.is_Integer and count >= 1)):
        raise ValueError(f"a number of factors is a positive integer, not K = {count}")
    for entry in (*found, count):
        if quantities(entry) or random_symbols(entry):
            raise ValueError(f"{entry} has to be measured itself: give closed entries")
        if entry.is_real is False:
            raise ValueError(f"the entry {entry} of the matrix is not real")
    if all(entry.is_Rational for entry in found):
        determinant = found.det()
        if determinant <= 0:
            raise ValueError(
                f"det A = {determinant}, and factors near the identity have a positive determinant: give a matrix with det A > 0"
            )
    return found, count
