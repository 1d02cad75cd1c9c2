"""Gradient flow of a quadratic in one variable: exponential relaxation to its minimum."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.signs import signs
from lemmata.theory.iterates import FlowValue
from lemmata.theory.rules.local import LocalRule, Replacement


@final
class LinearFlow(LocalRule):
    """dw/dt = -(a w - b), w(0) = w0: w(t) = b/a + exp(-a t) (w0 - b/a)."""

    name = "linear_flow"
    kinds: ClassVar[tuple[type, ...]] = (FlowValue,)
    needs = "gradient flow of a quadratic in one variable"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        w, a, b = _slope(node)
        if 0 in signs(a, domain):
            raise NotApplicable(f"the curvature {a} is not proved nonzero")
        solution = b / a + sp.exp(-a * node.time) * (node.starts[0] - b / a)
        return Replacement(node, node.expr.subs(w, solution), domain, "the solution of a linear differential equation")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The solution is differentiated and put into the equation, and it starts where it should."""
        node, domain = replacement.before, replacement.domain
        w, a, b = _slope(node)
        t = sp.Dummy("t", nonnegative=True)
        solution = b / a + sp.exp(-a * t) * (node.starts[0] - b / a)
        motion = sp.diff(solution, t) + sp.diff(node.loss, w).subs(w, solution)
        if is_zero(motion, domain) is not True or is_zero(solution.subs(t, 0) - node.starts[0], domain) is not True:
            raise NotDischarged("the solution does not satisfy the equation with its start")
        if is_zero(node.expr.subs(w, solution.subs(t, node.time)) - replacement.after, domain) is not True:
            raise NotDischarged("the expression along the flow is another")


def _slope(node: Any) -> tuple[Any, Any, Any]:
    """(w, a, b) with dL/dw = a w - b."""
    if len(node.variables) != 1 or not isinstance(node.variables[0], sp.Symbol):
        raise NotApplicable("exactly one scalar variable is needed")
    w = node.variables[0]
    slope = sp.expand(sp.diff(node.loss, w))
    a = sp.diff(slope, w)
    if a.has(w):
        raise NotApplicable("the loss is not quadratic")
    return w, sp.factor(a), sp.factor(sp.expand(a * w - slope))


linear_flow = LinearFlow()
