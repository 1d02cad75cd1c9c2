r"""Descent in one variable that never stands still: a potential that grows by at least (or at most) c a step.

    phi(w - alpha L'(w)) - phi(w) >= c  on a region that descent does not leave   =>   phi(w_n) >= phi(w_0) + n c

The region is the image of tau >= 0 under a map with a given inverse; inequalities are proved in tau. If moreover the increment
tends to a limit for tau -> oo, then so does phi(w_n)/n (Stolz and Cesaro), as tau_n -> oo when phi(w_n) does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NONNEGATIVE, POSITIVE, nonzero, signs
from lemmata.theory.trajectory import Method, Reduction, Trajectory

TAU = sp.Dummy("tau", nonnegative=True)

LARGEST = 150
"""Expressions with more operations than this are not brought over one denominator: that may take for ever."""


@dataclass(frozen=True)
class Region:
    """The points `to(tau)` for tau >= 0; `back` is the inverse: both Lambdas of one variable."""

    to: Any
    back: Any


class Drift(Rule):
    """phi at the n-th iterate against phi(w_0) + n c; the side on which it lies is the class's."""

    link: ClassVar[Link]

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node, _, c = _arguments(expr, args)
        sign = r"\ge" if self.link is Link.AT_LEAST else r"\le"
        because = rf"$\phi(w - \alpha L'(w)) - \phi(w) {sign} {sp.latex(c)}$ on a region that descent does not leave"
        return Rewrite(node.at_start() + node.time * c, because, self.link)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        node, region, c = _arguments(before, args)
        require(rewrite.after == node.at_start() + node.time * c, "the bound is not the start plus n times the drift")
        sign, side = (1, "least") if self.link is Link.AT_LEAST else (-1, "most")
        gap = sign * (increment(node, region, domain) - c)
        require(nonnegative(gap, domain), f"the increment is not proved to be at {side} {c}")


@final
class DriftAtLeast(Drift):
    """`(drift_at_least, region, c)`: phi at the n-th iterate is at least phi(w_0) + n c."""

    name = "drift_at_least"
    link = Link.AT_LEAST


@final
class DriftAtMost(Drift):
    """`(drift_at_most, region, c)`: phi at the n-th iterate is at most phi(w_0) + n c."""

    name = "drift_at_most"
    link = Link.AT_MOST


@final
class Speed(Rule):
    """`(speed, region, c)`: phi(w_n)/n tends to the limit of the increment at the end of the region, where it is at least c > 0."""

    name = "speed"
    source = "the Stolz-Cesaro theorem"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node, region, _ = _of_limit(expr, args)
        rise = sp.cancel(sp.together(increment(node, region, domain)))
        top, bottom = (sp.Poly(part, TAU) for part in sp.fraction(rise))
        if not rise.is_rational_function(TAU) or top.degree() > bottom.degree():
            raise NotApplicable("the increment is no rational function with a finite limit")
        value = sp.cancel(top.LC() / bottom.LC()) if top.degree() == bottom.degree() else sp.S.Zero
        because = rf"the increment of $\phi$ tends to ${sp.latex(value)}$ where $\phi \to \infty$, and so does the mean of the increments"
        return Rewrite(value, because, assumes=("the Stolz-Cesaro theorem",))

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The increment is at least c > 0, what is left after the limit has lower degree, phi is continuous in tau: so tau_n -> oo."""
        node, region, c = _of_limit(before, args)
        require(signs(c, domain) == POSITIVE, f"{c} > 0 is not proved")
        rise = increment(node, region, domain)
        require(nonnegative(rise - c, domain), f"the increment is not proved to be at least {c}")
        top, bottom = sp.fraction(sp.cancel(sp.together(rise - rewrite.after)))
        require(top.is_polynomial(TAU) and bottom.is_polynomial(TAU), "the increment is no rational function")
        require(top == 0 or sp.degree(top, TAU) < sp.degree(bottom, TAU), "the increment tends to another limit")
        if top != 0:  # where parameters make the leading coefficient 0, the degree is lower and the limit may be another
            leading = sp.factor(sp.Poly(bottom, TAU).LC())
            require(nonzero(leading, domain), f"that {leading} is not 0, on which the limit rests, is not proved")
        potential = node.expr.xreplace({node.variables[0]: region.to(TAU)})
        require(potential.is_rational_function(TAU), "the potential is no rational function of the region's coordinate")


def increment(node: Trajectory, region: Region, domain: Domain) -> Any:
    """phi(g(w)) - phi(w) at w = to(tau), g a step of descent, once it is proved that descent stays in the region; else NotDischarged."""
    (w,) = node.variables
    slope = sp.diff(node.loss, w)

    def step(at: Any) -> Any:
        return at - node.step * slope.xreplace({w: at})

    free = sp.Dummy("w", real=True)
    require(exact.is_zero(region.to(region.back(free)) - free, domain) is True, "the two maps of the region are not inverse")
    require(nonnegative(region.back(node.starts[0]), domain), "the start is not proved to lie in the region")
    at = region.to(TAU)
    require(nonnegative(region.back(step(at)), domain), "descent is not proved to stay in the region")
    for part in (at, slope.xreplace({w: at}), region.back(step(at)), node.expr.xreplace({w: at})):
        require(defined(part, domain), f"{part} is not proved to be defined in the whole region")
    return node.expr.xreplace({w: step(at)}) - node.expr.xreplace({w: at})


def defined(expr: Any, domain: Domain) -> bool:
    """Whether an expression of powers, exponentials and logarithms is proved finite for all tau >= 0 and on the domain.

    >>> defined(1 / (1 + TAU), Domain()), defined(1 / (1 - TAU), Domain()), defined(sp.log(TAU), Domain())
    (True, False, False)
    """
    for node in sp.preorder_traversal(expr):
        if isinstance(node, sp.Pow) and not (node.exp.is_Integer and node.exp > 0):
            if not (node.exp.is_Rational and 0 not in _sign(node.base, domain)):
                return False
            if not node.exp.is_Integer and not positive(node.base, domain):
                return False
        elif isinstance(node, sp.log):
            if not positive(node.args[0], domain):
                return False
        elif isinstance(node, sp.Function) and not isinstance(node, sp.exp):
            return False
    return True


def nonnegative(expr: Any, domain: Domain) -> bool:
    """Whether expr >= 0 for all tau >= 0 and on the domain, by the signs of its numerator's and denominator's terms.

    An exponential of something >= 0 is one plus that plus something >= 0, of which nothing else is used.

    >>> a = sp.Symbol("a", positive=True)
    >>> nonnegative(1 / (1 + TAU) - 1 / (1 + TAU + a), Domain((a,))), nonnegative(TAU - a, Domain((a,)))
    (True, False)
    """
    return _sign(expr, domain) <= NONNEGATIVE


def positive(expr: Any, domain: Domain) -> bool:
    """Whether expr > 0 for all tau >= 0 and on the domain."""
    return _sign(expr, domain) <= POSITIVE


def _sign(expr: Any, domain: Domain) -> frozenset[int]:
    relaxed = _without_exponentials(sp.expand_power_exp(expr), domain)
    if sp.count_ops(relaxed) > LARGEST:
        return frozenset({-1, 0, 1})
    parts = [sp.expand(part) for part in sp.fraction(sp.cancel(sp.together(relaxed)))]
    top, bottom = (signs(part, domain) for part in parts)
    if 0 in bottom:
        return frozenset({-1, 0, 1})
    return frozenset(a * b for a in top for b in bottom)


def _without_exponentials(expr: Any, domain: Domain) -> Any:
    """The expression with e^u, u >= 0, replaced by 1 + u + delta for a symbol delta >= 0, and e^-u by 1 over that; innermost first."""
    known: dict[Any, Any] = {}
    while found := [node for node in expr.atoms(sp.exp) if not node.args[0].has(sp.exp)]:
        node = min(found, key=str)
        turned = node.args[0].could_extract_minus_sign()
        exponent = -node.args[0] if turned else node.args[0]
        if not _sign(exponent, domain) <= NONNEGATIVE:
            raise NotDischarged(f"the exponent of {node} is not proved to be of one sign")
        power = known.setdefault(exponent, 1 + exponent + sp.Dummy("delta", nonnegative=True))
        expr = expr.xreplace({node: 1 / power if turned else power})
    return expr


def require(fact: bool, otherwise: str) -> None:
    """Raises NotDischarged with the reason where a fact does not hold."""
    if not fact:
        raise NotDischarged(otherwise)


def _arguments(expr: Any, args: tuple[Any, ...]) -> tuple[Trajectory, Region, Any]:
    if len(args) != 2 or not isinstance(args[0], Region):
        raise NotApplicable("give the region and the drift of a step")
    if not isinstance(expr, Trajectory) or expr.reduction is not Reduction.AT or expr.method is not Method.GRADIENT:
        raise NotApplicable("it takes an expression at an iterate of gradient descent")
    if len(expr.variables) != 1 or not isinstance(expr.variables[0], sp.Symbol):
        raise NotApplicable("it takes one scalar variable")
    return expr, args[0], sp.sympify(args[1])


def _of_limit(expr: Any, args: tuple[Any, ...]) -> tuple[Trajectory, Region, Any]:
    """The descent of Limit(phi(w_n)/n, n, oo), and the arguments."""
    nodes = expr.atoms(Trajectory) if isinstance(expr, sp.Limit) else set()
    if len(nodes) != 1:
        raise NotApplicable("it takes the limit of phi(w_n)/n for n to infinity")
    (node,) = nodes
    if expr.args[2] is not sp.oo or expr.args[1] != node.time or expr.args[0] != node / node.time:
        raise NotApplicable("it takes the limit of phi(w_n)/n for n to infinity")
    return _arguments(node, args)


drift_at_least = DriftAtLeast()
drift_at_most = DriftAtMost()
speed = Speed()
