r"""Entrywise products with a layer's derivatives as products with its Jacobian, a diagonal matrix.

$$\varphi'(z) \circ c = \operatorname{diag}(\varphi'(z))\, c$$
"""

from __future__ import annotations

from typing import Any, final

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.hadamard import HadamardProduct

from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.matrices.algebra import canonical, equal_matrices


@final
class LayerJacobians(Rule):
    """Every entrywise product of two columns, one of them a function applied entry by entry, as a diagonal matrix times the other.

    >>> from lemmata.theory.derivation import Derivation
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> u, z, c = sp.Symbol("u", real=True), sp.MatrixSymbol("z", n, 1), sp.MatrixSymbol("c", n, 1)
    >>> slope = ElementwiseApplyFunction(sp.Lambda(u, 2 * u), z)
    >>> Derivation(HadamardProduct(c, slope), Domain((n, z, c))).by(layer_jacobians).end
    DiagMatrix(2*z)*c
    """

    name = "layer_jacobians"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        after = _with_jacobians(expr, [])
        if after == expr:
            raise NotApplicable("there is no entrywise product of a column with a function of a column")
        because = r"$\varphi'(z) \circ c = \operatorname{diag}(\varphi'(z))\, c$: the Jacobian of a layer of activations"
        return Rewrite(canonical(after, domain.given, expand=False), because)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Every replacement has the entries of the product, its columns being any columns of one size; then the whole."""
        replaced: list[tuple[Any, Any, Any]] = []
        whole = _with_jacobians(before, replaced)
        for product, slope, other in replaced:
            columns = {arg: sp.MatrixSymbol(f"c_{index}", 3, 1) for index, arg in enumerate(product.args)}
            entries = HadamardProduct(*(columns[arg] for arg in product.args)).as_explicit()
            if sp.diag(*columns[slope].as_explicit()) * columns[other].as_explicit() != entries:
                raise NotDischarged(f"{product} is not diag({slope}) {other}")
        if equal_matrices(rewrite.after, whole, domain) is not True:
            raise NotDischarged("something else was replaced")


def _with_jacobians(expr: Any, replaced: list[tuple[Any, Any, Any]]) -> Any:
    """The expression with every product replaced, outer ones first; what was replaced by what is appended to a list."""
    if not isinstance(expr, sp.Basic) or not expr.args:
        return expr
    pair = _split(expr)
    if pair is None:
        return expr.func(*(_with_jacobians(arg, replaced) for arg in expr.args)) if expr.has(HadamardProduct) else expr
    slope, other = pair
    replaced.append((expr, slope, other))
    return sp.MatMul(DiagMatrix(slope), _with_jacobians(other, replaced))


def _split(expr: Any) -> tuple[Any, Any] | None:
    """(f(z), c) of f(z) o c or c o f(z) with columns; None for anything else."""
    if not isinstance(expr, HadamardProduct) or len(expr.args) != 2 or expr.shape[1] != 1:
        return None
    first, second = expr.args
    if isinstance(first, ElementwiseApplyFunction):
        return first, second
    return (second, first) if isinstance(second, ElementwiseApplyFunction) else None


layer_jacobians = LayerJacobians()
