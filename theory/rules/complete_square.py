"""The least value of a parabola."""

from __future__ import annotations

from typing import Any, ClassVar

import sympy as sp
from sympy.assumptions.assume import AppliedPredicate

from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import nonnegative
from lemmata.theory.matrices.algebra import canonical, vanishes_exactly


class CompleteSquare(Rule):
    r"""`(complete_square, t)`: a parabola in t is at least its value at the vertex.

    $$\alpha t^2 + \beta t + \gamma = \alpha (t - v)^2 + \gamma - \alpha v^2 \ge \gamma - \alpha v^2, \qquad v = -\frac{\beta}{2\alpha}$$

    for alpha >= 0, a sum of products of nonnegative factors, or of tr(B^T S B) with S positive definite by hypothesis.
    The vertex v must make sense where alpha = 0 (beta is a multiple of alpha). Raises NotApplicable otherwise.

    >>> from lemmata.theory.derivation import Derivation
    >>> t = sp.Symbol("t", real=True)
    >>> Derivation(t**2 + (1 - t) ** 2, Domain((t,))).by(complete_square, t).end
    1/2
    """

    name: ClassVar[str] = "complete_square"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        (variable,) = args
        alpha, gamma, vertex = _parabola(expr, variable, domain)
        if not _at_least_zero(alpha, domain):
            raise NotApplicable(f"{alpha} is not known to be nonnegative: say so in given")
        after = canonical(gamma - alpha * vertex**2, domain.given)
        where = sp.latex(variable)
        return Rewrite(after, rf"a parabola in ${where}$ is least at its vertex ${where} = {sp.latex(vertex)}$", Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        (variable,) = args
        alpha, _, vertex = _parabola(before, variable, domain)
        gap = canonical(before - rewrite.after - alpha * (variable - vertex) ** 2, domain.given)
        if not vanishes_exactly(gap):
            raise NotDischarged("the expression minus its bound is not a nonnegative multiple of a square")


def _parabola(expr: Any, variable: Any, domain: Domain) -> tuple[Any, Any, Any]:
    """alpha and gamma of a parabola and its vertex -beta/(2 alpha), free of what alpha and beta share."""
    expanded = canonical(expr, domain.given)
    if not expanded.is_polynomial(variable) or sp.degree(expanded, variable) != 2:
        raise NotApplicable(f"it is no parabola in {variable}")
    alpha, beta, gamma = sp.Poly(expanded, variable).all_coeffs()
    vertex = sp.cancel(-beta / (2 * alpha))
    if vertex.has(sp.Trace, variable):
        raise NotApplicable(f"the vertex {vertex} is not defined where {alpha} = 0")
    return alpha, gamma, vertex


def _at_least_zero(expr: Any, domain: Domain) -> bool:
    """Whether a sum of products is nonnegative."""
    forms = {node: sp.Dummy(nonnegative=True) for node in expr.atoms(sp.Trace) if _is_quadratic_form(node, domain)}
    hidden = sp.expand(expr.xreplace(forms))
    return bool(hidden.is_nonnegative) or (not hidden.has(sp.Trace) and nonnegative(hidden, domain) is True)


def _is_quadratic_form(trace: Any, domain: Domain) -> bool:
    """Whether a trace is tr(B^T S B) with S positive semidefinite by hypothesis, or S the identity."""
    parts = list(trace.arg.args) if isinstance(trace.arg, sp.MatMul) else []
    middle, odd = divmod(len(parts), 2)
    if not parts:
        return False
    if odd:
        known = {item.arg for item in domain.given if isinstance(item, AppliedPredicate) and item.function == sp.Q.positive_definite}
        if parts[middle] not in known:
            return False
    return all(sp.Transpose(right).doit() == left for left, right in zip(parts[:middle], reversed(parts), strict=False))


complete_square = CompleteSquare()
