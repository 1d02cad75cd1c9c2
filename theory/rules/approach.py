"""Iterated maps that approach a fixed point from one side, without ever passing it: how fast, and that they do not pass."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.coefficient_signs import between, never_negative
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.recursion import Iterate


@final
class ApproachAtRate(Rule):
    """|x_n - s| <= c^n |x_0 - s|, where F(x) - s = (x - s) h(x) and 0 <= h <= c, h <= 1 between x_0 and s; c is h(x_0) or h(s).

    By induction x_n stays between x_0 and s (h <= 1), and its distance from s is multiplied by at most c.
    """

    name = "approach_at_rate"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node, fixed = _distance(expr), sp.sympify(args[0])
        h, x = factor(node, fixed)
        for rate in (h.xreplace({x: node.start}), h.xreplace({x: fixed})):
            if _within(rate - h, x, node, fixed, domain):
                because = r"$F(x) - s = (x - s) h(x)$ with $0 \le h \le c$ between the start and $s$"
                return Rewrite(rate**node.count * sp.Abs(node.start - fixed), because, Link.AT_MOST)
        raise NotApplicable("the factor h is not proved largest at an end")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The factorisation is multiplied out; the rate is an end's, not below h, and h is not negative: by coefficients."""
        node, fixed = _distance(before), sp.sympify(args[0])
        h, x = stays(node, fixed, domain)
        if exact.is_zero(sp.Abs(fixed - _other(before, node)), domain) is not True:
            raise NotDischarged("the distance is from another point")
        for end in (node.start, fixed):
            rate = h.xreplace({x: end})
            if rewrite.after == rate**node.count * sp.Abs(node.start - fixed) and _within(rate - h, x, node, fixed, domain):
                return
        raise NotDischarged("the rate is not proved to bound the factor")


@final
class ApproachFromOneSide(Rule):
    """x_n <= s for x_0 <= s, and x_n >= s for x_0 >= s, where F(x) - s = (x - s) h(x) with 0 <= h <= 1 between x_0 and s.

    By induction x_n stays between x_0 and s.
    """

    name = "approach_from_one_side"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        fixed = sp.sympify(args[0])
        if not isinstance(expr, Iterate):
            raise NotApplicable("it takes an iterated map")
        below = never_negative(fixed - expr.start, domain)
        if not below and not never_negative(expr.start - fixed, domain):
            raise NotApplicable("on which side of the fixed point it starts is not known")
        return Rewrite(fixed, r"$F(x) - s = (x - s) h(x)$ with $h \ge 0$", Link.AT_MOST if below else Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """As for the rate: the iterates stay between the start and the fixed point, which must be on the side that is said."""
        fixed = sp.sympify(args[0])
        stays(before, fixed, domain)
        gap = fixed - before.start if rewrite.link is Link.AT_MOST else before.start - fixed
        if rewrite.link not in (Link.AT_MOST, Link.AT_LEAST) or rewrite.after != fixed or not never_negative(gap, domain):
            raise NotDischarged("the start is on the other side")


def factor(node: Iterate, fixed: Any) -> tuple[Any, Any]:
    """h and its variable, with F(x) - s = (x - s) h(x); NotApplicable where s is no fixed point or h no polynomial."""
    x = node.map.variables[0]
    h, rest = sp.div(sp.expand(node.map.expr - fixed), sp.expand(x - fixed), x)
    if sp.expand(rest) != 0:
        raise NotApplicable(f"{fixed} is not a fixed point of the map")
    return h, x


def stays(node: Iterate, fixed: Any, domain: Domain) -> tuple[Any, Any]:
    """h and its variable, 0 <= h <= 1 proved between the start and the fixed point, so that iterates stay there; or NotDischarged."""
    h, x = factor(node, fixed)
    if exact.is_zero(sp.expand(node.map.expr - fixed - (x - fixed) * h)) is not True:
        raise NotDischarged("the factorisation of the map does not multiply out")
    if not (_within(h, x, node, fixed, domain) and _within(1 - h, x, node, fixed, domain)):
        raise NotDischarged("the factor is not proved to lie in [0, 1] between the start and the fixed point")
    return h, x


def _within(expr: Any, x: Any, node: Iterate, fixed: Any, domain: Domain) -> bool:
    """Whether an expression in x is proved >= 0 for x between the start and the fixed point."""
    y = sp.Dummy("y", positive=True)
    return never_negative(expr.xreplace({x: between(node.start, fixed, y)}), domain, (y,))


def _distance(expr: Any) -> Any:
    nodes = expr.atoms(Iterate) if isinstance(expr, sp.Abs) else set()
    if len(nodes) != 1:
        raise NotApplicable("it takes the absolute difference of an iterated map and a point")
    (node,) = nodes
    inner = expr.args[0]
    if sp.diff(inner.xreplace({node: (x := sp.Dummy("x", real=True))}), x) not in (1, -1):
        raise NotApplicable("the iterate does not enter as a difference")
    return node


def _other(expr: Any, node: Iterate) -> Any:
    """The point that |x_n - s| is the distance from."""
    x = sp.Dummy("x", real=True)
    inner = expr.args[0].xreplace({node: x})
    return -inner.xreplace({x: sp.S.Zero}) * sp.diff(inner, x)


approach_at_rate = ApproachAtRate()
approach_from_one_side = ApproachFromOneSide()
