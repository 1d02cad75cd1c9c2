"""Iterated maps: affine ones in closed form, and the power law by which others approach a neutral fixed point."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.continuity import regular
from lemmata.theory.exact.signs import POSITIVE, interval, signs
from lemmata.theory.quantity import quantities
from lemmata.theory.recursion import Iterate
from lemmata.theory.rules.calculus import split_roots, value_at_zero, vanishes
from lemmata.theory.rules.local import LocalRule, Replacement, inside


@final
class AffineRecurrence(LocalRule):
    """x_(k+1) = a x_k + b: x_k = x* + a^k (x_0 - x*) with x* = b/(1 - a), and x_k = x_0 + k b when a = 1."""

    name = "affine_recurrence"
    kinds: ClassVar[tuple[type, ...]] = (Iterate,)
    needs = "iterated affine map"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        a, b = _affine(node)
        if is_zero(a - 1, domain) is True:
            after = node.start + node.count * b
        elif 0 in signs(1 - a, domain):
            raise NotApplicable(f"whether {a} = 1 is not known")
        else:
            fixed = b / (1 - a)
            after = fixed + a**node.count * (node.start - fixed)
        return Replacement(node, after, domain, "the solution of an affine recurrence")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Induction: the value at k = 0, and one more application of the map."""
        node, domain = replacement.before, replacement.domain
        k = sp.Dummy("k", integer=True, nonnegative=True)
        closed = replacement.after.xreplace({node.count: k}) if node.count.is_Symbol else None
        if closed is None:
            value = node.unfolded(int(node.count)) if node.count.is_Integer and node.count <= 50 else None
            if value is None or is_zero(value - replacement.after, domain) is not True:
                raise NotDischarged("the number of steps is neither a symbol nor a small number")
            return
        if (
            is_zero(closed.subs(k, 0) - node.start, domain) is not True
            or is_zero(closed.subs(k, k + 1) - node.map(closed), domain) is not True
        ):
            raise NotDischarged("the induction does not go through")


@final
class PowerLaw(LocalRule):
    """k^(1/p) (x* - x_k) -> (a p)^(-1/p) for x_(k+1) = F(x_k), where F(x* - t) = x* - t + a t^(1 + p) + o(t^(1 + p)).

    Needs the start below x*, F increasing, and F(x) > x on the whole interval from the start to x*; the limit is then
    Stolz's theorem for t_k^(-p), whose increments tend to a p.
    """

    name = "power_law"
    source = "the Stolz-Cesaro theorem"
    kinds: ClassVar[tuple[type, ...]] = (sp.Limit,)
    needs = "limit of k^r (x* - iterate)"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        iterated, k, fixed, r = _shape(node)
        p, a = _defect(iterated, fixed, domain)
        if r * p != 1:
            raise NotApplicable(f"x* - x_k falls like k^(-{1 / p}): the factor k^{r} does not match")
        contact = "$t_{k+1} = t_k - a\\, t_k^{1+p} (1 + o(1))$"
        because = f"{contact} with $p = {sp.latex(p)}$, $a = {sp.latex(a)}$ gives $t_k \\sim (a p k)^{{-1/p}}$"
        return Replacement(node, (a * p) ** (-1 / p), domain, because, ("the Stolz-Cesaro theorem",))

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Fixed point, order of contact and basin are proved; the value follows from the coefficient of contact alone."""
        iterated, _, fixed, r = _shape(replacement.before)
        domain = replacement.domain
        map_, p = iterated.map, 1 / r
        if is_zero(map_(fixed) - fixed, domain) is not True:
            raise NotDischarged(f"{fixed} is not proved to be a fixed point")
        t = sp.Dummy("t", positive=True)
        a = replacement.after ** (-p) / p
        defect = t - (fixed - map_(fixed - t))
        q = int(p.q)
        contact = (defect - a * t ** (1 + p)) / t ** (1 + p)
        if not vanishes(contact.subs(t, t**q), t, sp.Integer(0), "+", inside(domain, t, sp.Integer(0), sp.Integer(1))):
            raise NotDischarged("the coefficient of contact at the fixed point is not proved")
        if signs(a, domain) != POSITIVE:
            raise NotDischarged("the map does not move towards the fixed point")
        _check_basin(iterated, fixed, domain)


def _affine(node: Any) -> tuple[Any, Any]:
    x = node.map.variables[0]
    body = sp.expand(node.map.expr)
    if quantities(body) or not body.is_polynomial(x) or sp.degree(body, x) > 1:
        raise NotApplicable("the map is not affine")
    a = body.coeff(x, 1)
    return a, sp.expand(body - a * x)


def _shape(node: Any) -> tuple[Iterate, Any, Any, Any]:
    """(iterate, k, x*, r) of Limit(k^r (x* - iterate), k, oo)."""
    f, k, end, _ = node.args
    iterates = f.atoms(Iterate)
    if end is not sp.oo or len(iterates) != 1:
        raise NotApplicable("the limit is not one iterate for k to infinity")
    (iterated,) = iterates
    x = sp.Dummy("x", real=True)
    body = sp.expand(f.xreplace({iterated: x}))
    power = sp.cancel(-sp.diff(body, x))
    if iterated.count != k or power.has(x):
        raise NotApplicable("the iterate does not enter as k^r (x* - iterate)")
    if k in iterated.map.free_symbols | iterated.start.free_symbols:
        raise NotApplicable(f"the map or its start changes with {k}: it is another sequence for each {k}")
    fixed = sp.cancel((body + power * x) / power)
    base, r = power.as_base_exp()
    if base != k or fixed.has(k) or not r.is_Rational:
        raise NotApplicable("the factor is not a power of k")
    return iterated, k, fixed, r


def _defect(iterated: Iterate, fixed: Any, domain: Domain) -> tuple[Any, Any]:
    """(p, a): the order and coefficient of t - (x* - F(x* - t)) at t = 0, through the derivative of F.

    F' has the expansion 1 - a (1 + p) t^p; it is easier to expand than F, whose leading terms cancel.
    """
    map_ = iterated.map
    t = sp.Dummy("t", positive=True)
    rest = split_roots(1 - sp.diff(map_.expr, map_.variables[0]).subs(map_.variables[0], fixed - t**2))
    near = inside(domain, t, sp.Integer(0), sp.Rational(1, 10**6))
    for order in range(1, 9):
        leading = value_at_zero(rest / t**order, t, near)
        if leading is not None and signs(leading, domain) == POSITIVE:
            p = sp.Rational(order, 2)
            return p, sp.cancel(leading / (1 + p))
    raise NotApplicable("the fixed point is not neutral and attracting from below, or the map has no expansion there")


def _check_basin(iterated: Iterate, fixed: Any, domain: Domain) -> None:
    """From anywhere between the start and x*: F(x) < x* and F(x) > x, so the iterates increase to x*."""
    start = iterated.start
    low = interval(start, domain).start if start.is_Symbol else start
    if not low.is_Rational or signs(fixed - start, domain) != POSITIVE:
        raise NotDischarged("the start is not proved to be below the fixed point, in a bounded interval")
    x = sp.Dummy("x", real=True)
    map_ = iterated.map
    where = Domain((x,), (sp.GreaterThan(x, low), sp.StrictLessThan(x, fixed)))
    closed = Domain((x,), (sp.GreaterThan(x, low), sp.LessThan(x, fixed)))
    value, slope = map_(x), sp.diff(map_(x), x)
    if not regular(value, x, closed):
        raise NotDischarged("the map is not proved continuous")
    if signs(slope, inside(Domain(), x, low, fixed)) != POSITIVE or signs(value - x, where) != POSITIVE:
        raise NotDischarged("the map is not proved increasing and above the diagonal")


affine_recurrence = AffineRecurrence()
power_law = PowerLaw()
