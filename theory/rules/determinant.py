"""Gaussian integrals: E exp(quadratic) = det(I + M)^(-1/2) exp(...), for any number of independent normal variables."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.signs import POSITIVE, signs
from lemmata.theory.forms import deviation, is_normal, location
from lemmata.theory.quantity import random_symbols
from lemmata.theory.rules.local import LocalRule, Replacement

MOST = 4
"""More variables than this make determinants that are not worth expanding."""


@final
class Determinant(LocalRule):
    """E exp(-z^T M z/2 + b^T z + k) = det(I + M)^(-1/2) exp(b^T (I + M)^(-1) b/2 + k) for standard normal z."""

    name = "determinant"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation of the exponential of a quadratic form"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        constant, hessian, slope, offset = _quadratic(node)
        matrix = sp.eye(hessian.rows) + hessian
        det = sp.expand(matrix.det(method="berkowitz"))
        exponent = offset
        if any(entry != 0 for entry in slope):
            exponent += sp.cancel((slope.T * matrix.adjugate() * slope)[0] / (2 * det))
        after = constant * sp.exp(exponent) / sp.sqrt(det)
        return Replacement(node, after, domain, "the Gaussian integral $\\det(I + M)^{-1/2}$")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """One variable at a time: complete the square, integrate, go on with what is left."""
        constant, hessian, slope, offset = _quadratic(replacement.before)
        domain = replacement.domain
        matrix, vector, exponent, roots = sp.eye(hessian.rows) + hessian, slope, offset, sp.Integer(1)
        while matrix.rows:
            pivot = sp.factor(sp.cancel(matrix[0, 0]))
            if signs(pivot, domain) != POSITIVE:
                raise NotDischarged(f"the pivot {pivot} is not proved positive: the expectation may be infinite")
            roots *= sp.sqrt(pivot)
            exponent += vector[0] ** 2 / (2 * pivot)
            matrix, vector = _eliminated(matrix, vector, pivot)
        if is_zero(replacement.after - constant * sp.exp(exponent) / roots, domain) is not True:
            raise NotDischarged("integrating one variable after the other gives another value")


def _eliminated(matrix: Any, vector: Any, pivot: Any) -> tuple[Any, Any]:
    """The quadratic and the linear form that are left when the first variable is integrated out."""
    column, rest = matrix[1:, 0], range(1, matrix.rows)
    smaller = sp.Matrix(
        matrix.rows - 1, matrix.rows - 1, [matrix[i, j] - column[i - 1] * column[j - 1] / pivot for i in rest for j in rest]
    )
    return smaller, sp.Matrix(matrix.rows - 1, 1, [vector[i] - column[i - 1] * vector[0] / pivot for i in rest])


def _quadratic(node: Any) -> tuple[Any, Any, Any, Any]:
    """(constant, M, b, k) of constant * exp(-z^T M z/2 + b^T z + k), the leaves standardised."""
    if len(node.args) > 1:
        raise NotApplicable("conditional expectations are not integrated here")
    leaves = random_symbols(node)
    if not leaves or len(leaves) > MOST or not all(is_normal(leaf) for leaf in leaves):
        raise NotApplicable(f"one to {MOST} normal variables are needed")
    z = [sp.Dummy(f"z{i}", real=True) for i in range(len(leaves))]
    integrand = node.args[0].xreplace({leaf: location(leaf) + deviation(leaf) * zi for leaf, zi in zip(leaves, z, strict=True)})
    constant, exponent = sp.Integer(1), sp.Integer(0)
    for factor in sp.Mul.make_args(integrand):
        if not factor.has(*z):
            constant *= factor
            continue
        base, power = factor.as_base_exp()
        if base is not sp.E:
            raise NotApplicable(f"{factor} is not an exponential")
        exponent += power
    poly = sp.Poly(sp.expand(exponent), *z) if sp.expand(exponent).is_polynomial(*z) else None
    if poly is None or poly.total_degree() > 2:
        raise NotApplicable("the exponent is not quadratic")
    zero = {zi: sp.Integer(0) for zi in z}
    exponent = poly.as_expr()
    hessian = -sp.hessian(exponent, z).applyfunc(sp.expand)
    slope = sp.Matrix([sp.diff(exponent, zi).subs(zero) for zi in z])
    return constant, hessian, slope, exponent.subs(zero)


determinant = Determinant()
