"""Gradient flow in one variable that runs towards a point at rest: its limit, its power law, and flows that it lags behind."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.coefficient_signs import between, never_negative, open_box
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.iterates import FlowValue
from lemmata.theory.rules.local import LocalRule, Replacement


@final
class Settles(LocalRule):
    """E(w(t)) -> E(s), where w' = (s - w) h(w) with a polynomial h > 0 from w_0 up to s (s itself excepted).

    A solution moves towards s and never past it, so it converges, and its limit is at rest: no other point there is.
    """

    name = "settles"
    kinds: ClassVar[tuple[type, ...]] = (sp.Limit,)
    needs = "limit along gradient flow as time goes to infinity"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        motion, fixed = node.args[0], sp.sympify(args[0])
        if not isinstance(motion, FlowValue) or motion.time != node.args[1] or node.args[2] is not sp.oo:
            raise NotApplicable("it takes the limit of an expression along gradient flow for t to infinity")
        if not motion.expr.is_polynomial(*motion.variables):
            raise NotApplicable("the expression along the flow is not a polynomial")
        _one_flow(motion, motion.time, fixed)
        after = motion.expr.xreplace({motion.variables[0]: fixed})
        return Replacement(node, after, domain, r"$w' = (s - w) h(w)$ with $h > 0$ on the way to $s$")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """h is multiplied out and proved positive on the way, by its coefficients, and at the start."""
        motion, fixed = replacement.before.args[0], sp.sympify(args[0])
        towards(motion, fixed, replacement.domain, strictly=True)
        if motion.expr.xreplace({motion.variables[0]: fixed}) != replacement.after:
            raise NotDischarged("the expression at the limit is another")


@final
class FlowPowerLaw(LocalRule):
    """t^(1/p) w(t) -> (a p)^(-1/p) for w' = -w^(p+1) (a + o(1)), w_0 > 0, that settles at 0: (w^(-p))' -> a p."""

    name = "flow_power_law"
    kinds: ClassVar[tuple[type, ...]] = (sp.Limit,)
    needs = "limit of t^(1/p) w(t) along gradient flow"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        motion, p = _scaled(node)
        order, a = _lowest(motion)
        if order != p + 1:
            raise NotApplicable(f"the flow falls like t^(-1/{order - 1}), not like t^(-1/{p})")
        because = rf"$(w^{{-{p}}})' \to a p$ with $a = {sp.latex(a)}$, $p = {p}$"
        return Replacement(node, (a * p) ** sp.Rational(-1, p), domain, because)

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The flow settles at 0, and the derivative of w^(-p) along it, as a function of w, is a p there."""
        domain = replacement.domain
        motion, p = _scaled(replacement.before)
        towards(motion, sp.S.Zero, domain, strictly=True)
        if not exact.positive(motion.starts[0], domain):
            raise NotDischarged("the start is not proved positive")
        w = motion.variables[0]
        rate = sp.cancel(sp.expand(-p * w ** (-p - 1) * -sp.diff(motion.loss, w)))
        at_rest = rate.xreplace({w: sp.S.Zero}) if rate.is_polynomial(w) else sp.nan
        if not exact.positive(at_rest, domain):
            raise NotDischarged("the leading coefficient is not proved positive")
        if exact.is_zero(replacement.after - at_rest ** sp.Rational(-1, p), domain) is not True:
            raise NotDischarged("the leading coefficient gives another limit")


@final
class LagsBehind(Rule):
    """w(t) <= v(t) (or >=) where w' = G(w), v' = R(v), v(0) = w(0) and G <= R (or >=) between the start and a point that w runs towards.

    The comparison theorem for scalar differential equations: R is a polynomial, so that the two cannot cross.
    """

    name = "lags_behind"
    source = "the comparison theorem for scalar differential equations"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        slope, fixed = args
        if not isinstance(expr, FlowValue) or len(expr.variables) != 1 or expr.expr != expr.variables[0]:
            raise NotApplicable("it takes the variable of a gradient flow in one dimension")
        w = expr.variables[0]
        rival = FlowValue(-sp.integrate(sp.expand(slope(w)), w), (w,), expr.starts, expr.time, w)
        above = _on_the_way(slope(w) + sp.diff(expr.loss, w), expr, fixed, domain)
        return Rewrite(rival, rf"$w' \{'le' if above else 'ge'} {sp.latex(slope(w))}$ on the way", Link.AT_MOST if above else Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The flow stays on the way to its point at rest, and there the slopes compare as is said, by their coefficients."""
        slope, fixed = args
        towards(before, sp.sympify(fixed), domain, strictly=False)
        w, after = before.variables[0], rewrite.after
        if not isinstance(after, FlowValue) or (after.starts, after.time, after.expr) != (before.starts, before.time, before.expr):
            raise NotDischarged("the other flow has another start, or is looked at elsewhere")
        gap = sp.diff(before.loss, w) - sp.diff(after.loss, w)
        sign = {Link.AT_MOST: 1, Link.AT_LEAST: -1}.get(rewrite.link)
        if not after.loss.is_polynomial(w) or sign is None or not _on_the_way(sign * gap, before, fixed, domain):
            raise NotDischarged("the slopes are not proved to compare")


def towards(motion: FlowValue, fixed: Any, domain: Domain, *, strictly: bool) -> None:
    """Proves w' = (s - w) h(w) with h >= 0 between start and s; strictly, with h > 0 there; raises NotDischarged."""
    if len(motion.variables) != 1 or not isinstance(motion.variables[0], sp.Symbol):
        raise NotDischarged("exactly one scalar variable is needed")
    w = motion.variables[0]
    slope = sp.expand(-sp.diff(motion.loss, w))
    if not motion.loss.is_polynomial(w):
        raise NotDischarged("the loss is not a polynomial")
    h, rest = sp.div(slope, sp.expand(fixed - w), w)
    if exact.is_zero(sp.expand(rest)) is not True or exact.is_zero(sp.expand((fixed - w) * h - slope)) is not True:
        raise NotDischarged(f"{fixed} is not at rest")
    if not _on_the_way(h, motion, fixed, domain):
        raise NotDischarged("the flow is not proved to move towards its point at rest")
    if strictly:
        free = (h.free_symbols | motion.starts[0].free_symbols | sp.sympify(fixed).free_symbols) - {w}
        if not open_box(free, domain) or not exact.positive(h.xreplace({w: motion.starts[0]}), domain):
            raise NotDischarged("another point on the way may be at rest")


def _on_the_way(expr: Any, motion: FlowValue, fixed: Any, domain: Domain) -> bool:
    """Whether an expression in the variable is proved >= 0 between the start and s."""
    y = sp.Dummy("y", positive=True)
    return never_negative(sp.expand(expr).xreplace({motion.variables[0]: between(motion.starts[0], fixed, y)}), domain, (y,))


def _one_flow(motion: FlowValue, t: Any, *others: Any) -> None:
    """Refuses a loss, start or expression that holds the time that grows: that would be another flow for each time."""
    if any(t in sp.sympify(part).free_symbols for part in (motion.loss, *motion.starts, motion.expr, *others)):
        raise NotApplicable(f"the loss, the start or the expression changes with {t}: it is another flow for each {t}")


def _scaled(node: Any) -> tuple[FlowValue, int]:
    """(flow, p) of Limit(t^(1/p) flow, t, oo)."""
    body, t, end, _ = node.args
    motions = body.atoms(FlowValue)
    if end is not sp.oo or len(motions) != 1:
        raise NotApplicable("it takes the limit of one flow for t to infinity")
    (motion,) = motions
    power = sp.cancel(body / motion)
    base, exponent = power.as_base_exp()
    if base != t or motion.time != t or not (1 / exponent).is_Integer or exponent < 0 or motion.expr != motion.variables[0]:
        raise NotApplicable("the limit is not that of t^(1/p) w(t)")
    _one_flow(motion, t)
    return motion, int(1 / exponent)


def _lowest(motion: FlowValue) -> tuple[int, Any]:
    """The lowest power of w in -w' and its coefficient."""
    w = motion.variables[0]
    terms = sp.Poly(sp.expand(sp.diff(motion.loss, w)), w).terms()
    (order,), a = terms[-1]
    return order, a


settles = Settles()
flow_power_law = FlowPowerLaw()
lags_behind = LagsBehind()
