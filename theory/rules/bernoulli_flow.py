"""Gradient flow in one variable whose slope has a linear term and one power: Bernoulli's equation, solved in closed form."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import signs
from lemmata.theory.iterates import FlowValue
from lemmata.theory.power_terms import slope_terms
from lemmata.theory.rules.local import LocalRule, Replacement


@final
class BernoulliFlow(LocalRule):
    """w' = A w - B w^m with m > 1, B >= 0 and w(0) > 0: z = w^(1 - m) solves z' = (m - 1)(B - A z).

    So z(t) = e^(-(m-1) A t) z(0) + (m-1) B int_0^t e^(-(m-1) A s) ds > 0: a positive solution for all t >= 0, and the only one, the slope
    being smooth for w > 0. The exponent m may be a symbol.
    """

    name = "bernoulli_flow"
    source = "Bernoulli's differential equation"
    kinds: ClassVar[tuple[type, ...]] = (FlowValue,)
    needs = "gradient flow of a loss a w^2 + b w^(m + 1) in one variable"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        w, linear, power, m = _slope(node, domain)
        if not (exact.nonnegative(power, domain) and exact.positive(node.starts[0], domain)):
            raise NotApplicable(f"that {power} >= 0 and that the start {node.starts[0]} is positive was not proved")
        after = node.expr.xreplace({w: _solution(linear, power, m, node.starts[0], node.time) ** (-1 / (m - 1))})
        because = rf"$z = {sp.latex(w)}^{{{1 - m}}}$ solves a linear differential equation and stays positive"
        return Replacement(node, after, domain, because)

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """z has its start and satisfies its equation, and any positive z that does gives a solution of the flow."""
        node, domain = replacement.before, replacement.domain
        w, linear, power, m = _slope(node, domain)
        t, y = sp.Dummy("t", nonnegative=True), sp.Dummy("y", positive=True)
        z = _solution(linear, power, m, node.starts[0], t)
        rate = (m - 1) * (power - linear * y)
        if exact.is_zero(sp.diff(z, t) - rate.xreplace({y: z}), domain) is not True:
            raise NotDischarged("the substituted variable does not satisfy its equation")
        if exact.is_zero(z.subs(t, 0) - node.starts[0] ** (1 - m), domain) is not True:
            raise NotDischarged("the substituted variable has another start")
        slope = -sp.diff(node.loss, w).xreplace({w: y}) - (linear * y - power * y**m)
        if exact.is_zero(sp.powsimp(sp.expand(slope)), domain) is not True:
            raise NotDischarged("the slope is not the one whose equation was solved")
        root = y ** (-1 / (m - 1))
        motion = sp.diff(root, y) * rate - linear * root + power * root**m
        if exact.is_zero(sp.powsimp(sp.expand(motion)), domain) is not True:
            raise NotDischarged("the solution does not satisfy the flow's equation")
        if not (exact.nonnegative(power, domain) and exact.positive(node.starts[0], domain)):
            raise NotDischarged("the solution was not proved to stay positive")
        closed = _solution(linear, power, m, node.starts[0], node.time)
        if node.expr.xreplace({w: closed ** (-1 / (m - 1))}) != replacement.after:
            raise NotDischarged("the expression along the flow is another")


def _slope(node: Any, domain: Domain) -> tuple[Any, Any, Any, Any]:
    """(w, A, B, m) with -dL/dw = A w - B w^m for w > 0; A is 0, or proved not to be."""
    found = slope_terms(node)
    if found is None:
        raise NotApplicable("the slope is no sum of powers of one scalar variable")
    terms = found[1]
    powers = [degree for degree in terms if degree != 1]
    if len(powers) != 1 or not exact.positive(powers[0] - 1, domain):
        raise NotApplicable("the slope is not a linear term and one higher power")
    linear = terms.get(sp.S.One, sp.S.Zero)
    if linear != 0 and 0 in signs(linear, domain):
        raise NotApplicable(f"the linear rate {linear} may be 0: say in `given` that it is not")
    return node.variables[0], linear, -terms[powers[0]], powers[0]


def _solution(linear: Any, power: Any, m: Any, start: Any, t: Any) -> Any:
    """z(t), the solution of z' = (m - 1)(B - A z) with z(0) = w(0)^(1 - m)."""
    first = start ** (1 - m)
    if linear == 0:
        return first + (m - 1) * power * t
    return power / linear + sp.exp(-(m - 1) * linear * t) * (first - power / linear)


bernoulli_flow = BernoulliFlow()
