r"""Iterates of x + a x^p (s^q - x^q), with symbols for exponents: descent in deep linear networks of any number of layers.

F(x) - s = (x - s) h(x) with h(x) = 1 - a x^p (x^(q-1) + x^(q-2) s + ... + s^(q-1)), an integer q >= 1 and p >= 0. For a > 0 and x > 0
h falls in x: between positive lo and hi it lies between 1 - a q hi^(p+q-1) and 1 - a q lo^(p+q-1), since each of the q terms does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.coefficient_signs import never_negative
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.recursion import Iterate
from lemmata.theory.rules.local import LocalRule, Replacement
from lemmata.theory.rules.term_by_term import telescoping_powers


@dataclass(frozen=True)
class PowerMap:
    """An iterated x + a x^p (s^q - x^q) from a positive start, proved to stay between its start and s."""

    node: Iterate
    fixed: Any
    p: Any
    q: Any
    gain: Any
    low: Any
    high: Any

    @property
    def below(self) -> bool:
        """Whether it starts at or below s."""
        return bool(self.high == self.fixed)

    @property
    def fastest(self) -> Any:
        """The largest factor h: 1 - a q lo^(p+q-1)."""
        return 1 - sp.powsimp(sp.expand(self.gain * self.q * self.low ** (self.p + self.q - 1)))


def power_map(node: Any, args: Any, domain: Domain) -> PowerMap:
    """The map with all that is needed of it proved: its form for (s, p, q), 0 <= h <= 1 between start and s; raises NotApplicable.

    h <= 1 because a > 0 and all is positive; h >= 0 where a q hi^(p+q-1) <= 1.
    """
    if not isinstance(node, Iterate):
        raise NotApplicable("it takes an iterated map")
    fixed, p, q = (sp.sympify(part) for part in args)
    (x,), start = node.map.variables, node.start
    gain = sp.cancel(sp.powsimp((node.map.expr - x).xreplace({x: sp.S.One}) / (fixed**q - 1)))
    y = sp.Dummy("x", positive=True)
    gap = (node.map.expr - x).xreplace({x: y}) - gain * y**p * (fixed**q - y**q)
    if gain.has(x) or exact.is_zero(sp.powsimp(sp.expand(gap)), domain) is not True:
        raise NotApplicable("the map is not x + a x^p (s^q - x^q) for these s, p and q")
    if not (q.is_integer and exact.nonnegative(q - 1, domain) and exact.nonnegative(p, domain)):
        raise NotApplicable("that q >= 1 is an integer and p >= 0 was not proved")
    if not all(exact.positive(part, domain) for part in (gain, fixed, start)):
        raise NotApplicable("that the step, the start and s are positive was not proved")
    if never_negative(fixed - start, domain):
        low, high = start, fixed
    elif never_negative(start - fixed, domain):
        low, high = fixed, start
    else:
        raise NotApplicable("on which side of s it starts is not known")
    room = 1 - sp.powsimp(sp.expand(gain * q * high ** (p + q - 1)))
    if not exact.nonnegative(room, domain):
        raise NotApplicable("that a q hi^(p+q-1) <= 1, so that no step overshoots, was not proved")
    return PowerMap(node, fixed, p, q, gain, low, high)


@final
class PowerApproach(Rule):
    r"""|x_n - s| <= (1 - a q lo^(p+q-1))^n |x_0 - s|; `(power_approach, s, p, q)`.

    By induction: 0 <= h <= 1 keeps x_n between x_0 and s, and h <= 1 - a q lo^(p+q-1) there.
    """

    name = "power_approach"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        found = _distance(expr, args, domain)
        because = r"$F(x) - s = (x - s) h(x)$ with $0 \le h \le 1 - a q\, \mathrm{lo}^{p+q-1}$ between the start and $s$"
        return Rewrite(found.fastest**found.node.count * sp.Abs(found.node.start - found.fixed), because, Link.AT_MOST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The factorisation, whose sum telescopes, and the rate by what it is at x = lo with all terms equal."""
        found = _distance(before, args, domain)
        telescoping_powers(found.q)
        rate = sp.Dummy("c", positive=True)
        expected = rate**found.node.count * sp.Abs(found.node.start - found.fixed)
        term = 1 - found.gain * found.q * found.low**found.p * found.low ** (found.q - 1)
        shape = rewrite.after.xreplace({found.fastest: rate})
        if rewrite.link is not Link.AT_MOST or shape != expected or exact.is_zero(term - found.fastest, domain) is not True:
            raise NotDischarged("the rate is not the largest factor")


@final
class PowerOneSide(Rule):
    """x_n <= s for x_0 <= s, and x_n >= s for x_0 >= s: no step overshoots; `(power_one_side, s, p, q)`."""

    name = "power_one_side"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        found = power_map(expr, args, domain)
        return Rewrite(found.fixed, r"$F(x) - s = (x - s) h(x)$ with $h \ge 0$", Link.AT_MOST if found.below else Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The factorisation, and the side on which the start is."""
        found = power_map(before, args, domain)
        telescoping_powers(found.q)
        gap = found.fixed - before.start if rewrite.link is Link.AT_MOST else before.start - found.fixed
        if rewrite.link not in (Link.AT_MOST, Link.AT_LEAST) or rewrite.after != found.fixed or not never_negative(gap, domain):
            raise NotDischarged("the start is on the other side")


@final
class PowerLimit(LocalRule):
    r"""x_n -> s, since |x_n - s| <= c^n |x_0 - s| with c = 1 - a q lo^(p+q-1) < 1 as a, q and lo are positive; `(power_limit, s, p, q)`."""

    name = "power_limit"
    kinds: ClassVar[tuple[type, ...]] = (sp.Limit,)
    needs = "limit of an iterated map as n goes to infinity"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        found = _limit(node, args, domain)
        return Replacement(node, found.fixed, domain, r"$|x_n - s| \le c^n |x_0 - s|$ with $0 \le c < 1$")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The factorisation, and that the largest factor is proved below 1."""
        found = _limit(replacement.before, args, replacement.domain)
        telescoping_powers(found.q)
        if replacement.after != found.fixed or not exact.positive(1 - found.fastest, replacement.domain):
            raise NotDischarged("the factor is not proved below 1")


def _distance(expr: Any, args: Any, domain: Domain) -> PowerMap:
    """The map of |x_n - s|."""
    nodes = expr.atoms(Iterate) if isinstance(expr, sp.Abs) else set()
    if len(nodes) != 1:
        raise NotApplicable("it takes |x_n - s|")
    (node,) = nodes
    if expr.args[0] not in (node - args[0], args[0] - node):
        raise NotApplicable(f"it takes the distance of an iterate from {args[0]}")
    return power_map(node, args, domain)


def _limit(node: Any, args: Any, domain: Domain) -> PowerMap:
    body, n, end, _ = node.args
    if not isinstance(body, Iterate) or body.count != n or end is not sp.oo:
        raise NotApplicable("it takes the limit of an iterated map as the number of steps goes to infinity")
    if n in body.map.free_symbols | body.start.free_symbols:
        raise NotApplicable(f"the map or its start changes with {n}: its rate may tend to 1")
    return power_map(body, args, domain)


power_approach = PowerApproach()
power_one_side = PowerOneSide()
power_limit = PowerLimit()
