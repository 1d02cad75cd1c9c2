r"""Gradient flow in one positive variable with symbols for exponents: deep linear networks of any number of layers.

All proofs are for w' = G(w) with a sum G of powers of w > 0, smooth there, so that solutions are unique and do not cross as long as
they stay positive; where every exponent is at least 1 they do, since then |G(w)| <= C w near 0.
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.coefficient_signs import never_negative
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.iterates import FlowValue
from lemmata.theory.power_terms import nonnegative_below, power_terms, slope_terms
from lemmata.theory.rules.local import LocalRule, Replacement
from lemmata.theory.rules.term_by_term import telescoping_powers


@final
class PowerLags(Rule):
    """w(t) <= v(t) (or >=), where w' = G(w) <= 0, v' = R(v), v(0) = w(0) > 0, and G <= R (or >=) for 0 < w <= w(0); `(power_lags, R)`.

    w falls and stays positive, so that G and R compare along it: the comparison theorem for scalar differential equations. v is there at
    all times: its slope has powers from the first on, and falls for 0 < v <= w(0) or is linear. No other is told.
    """

    name = "power_lags"
    source = "the comparison theorem for scalar differential equations"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        y, terms = falling(expr, domain)
        (slope,) = args
        rival = sp.sympify(slope(y))
        gap = power_terms(rival - _total(terms, y), y)
        if gap is None:
            raise NotApplicable(f"{rival} is no sum of powers")
        above = nonnegative_below(gap, y, expr.starts[0], domain)
        loss = sp.Add(*(-c * y ** (e + 1) / (e + 1) for e, c in (power_terms(rival, y) or {}).items()))
        w = expr.variables[0]
        other = FlowValue(loss.xreplace({y: w}), (w,), expr.starts, expr.time, w)
        return Rewrite(other, rf"$w' \{'le' if above else 'ge'} {sp.latex(rival)}$ on the way", Link.AT_MOST if above else Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The other flow's slope is taken from its loss, and compares on the whole way as is said."""
        y, terms = falling(before, domain)
        after = rewrite.after
        if not isinstance(after, FlowValue) or (after.starts, after.time, after.expr) != (before.starts, before.time, before.expr):
            raise NotDischarged("the other flow has another start, or is looked at elsewhere")
        other = slope_terms(after)
        if other is None:
            raise NotDischarged("the slope of the other flow is no sum of powers")
        if not all(exact.nonnegative(e - 1, domain) for e in other[1]) or not (
            set(other[1]) <= {sp.S.One} or nonnegative_below({e: -c for e, c in other[1].items()}, other[0], before.starts[0], domain)
        ):
            raise NotDischarged("that the other flow is there at all times was not proved: it may explode, or reach 0")
        sign = {Link.AT_MOST: 1, Link.AT_LEAST: -1}.get(rewrite.link, 0)
        gap = power_terms(sign * (_total(other[1], y) - _total(terms, y)), y)
        if sign == 0 or gap is None or not nonnegative_below(gap, y, before.starts[0], domain):
            raise NotDischarged("the slopes are not proved to compare")


@final
class PowerSpeed(Rule):
    r"""w(t) against s + (w_0 - s) e^(-c t), where w' = a w^p (s^q - w^q) and c = a q e^(p+q-1); `(power_speed, s, p, q, e)`, e = w_0 or s.

    w' = (s - w) H(w) with H(w) = a w^p (w^(q-1) + ... + s^(q-1)) > 0: w stays between w_0 and s, where H is at least its value at the lower
    end and at most that at the upper one, and each of the q terms of H is bounded alike.
    """

    name = "power_speed"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        fixed, _, _, end = (sp.sympify(part) for part in args)
        rate, above = _speed(expr, args, domain)
        bound = fixed + (expr.starts[0] - fixed) * sp.exp(-rate * expr.time)
        because = rf"$w' = (s - w) H(w)$, and $H$ compared with its value at ${sp.latex(end)}$"
        return Rewrite(bound, because, Link.AT_MOST if above else Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The factorisation telescopes, and what relaxes linearly at that rate, from that start, is the bound."""
        fixed, _, q, _ = (sp.sympify(part) for part in args)
        telescoping_powers(q)
        rate, above = _speed(before, args, domain)
        t, c = sp.Dummy("t", nonnegative=True), sp.Dummy("c", positive=True)
        closed = fixed + (before.starts[0] - fixed) * sp.exp(-c * t)
        begun = exact.is_zero(closed.xreplace({t: sp.S.Zero}) - before.starts[0], domain) is True
        if not begun or exact.is_zero(sp.diff(closed, t) + c * (closed - fixed)) is not True:
            raise NotDischarged("the bound does not relax linearly from the start")
        if closed.xreplace({t: before.time, c: rate}) != rewrite.after or rewrite.link is not (Link.AT_MOST if above else Link.AT_LEAST):
            raise NotDischarged("the bound is another, or the comparison is the other way round")


@final
class PowerLawFloor(Rule):
    r"""w(t) >= (z_0 + k a t + k b z_0^(1-q/k)/(a (q - k)))^(-1/k) with z_0 = w_0^(-k), where w' = -a w^(k+1) - b w^(k+1+q).

    For q > k > 0, a > 0, b >= 0: (w^(-k))' = k (a + b w^q), and w <= (z_0 + k a t)^(-1/k), whose q-th power has an integral of at
    most z_0^(1-q/k)/(a (q - k)).
    """

    name = "power_law_floor"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        a, b, k, q = _two_powers(expr, domain)
        first = expr.starts[0] ** (-k)
        bound = (first + k * a * expr.time + k * b * first ** (1 - q / k) / (a * (q - k))) ** (-1 / k)
        return Rewrite(bound, r"$(w^{-k})' = k (a + b w^q)$, and $w^q$ has a finite integral", Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The integral is differentiated; what is left of it for t to infinity is dropped because it is positive; the powers add up."""
        a, b, k, q = _two_powers(before, domain)
        first, t = before.starts[0] ** (-k), sp.Dummy("t", nonnegative=True)
        power = sp.Dummy("z", positive=True)
        decay = -(power ** (1 - q / k)) / (a * (q - k))
        slope = sp.diff(decay, power) * (k * a)
        if exact.is_zero(sp.powsimp(sp.expand(slope - power ** (-q / k))), domain) is not True:
            raise NotDischarged("the integral is not the one that is stated")
        total = (first + k * a * t + k * b * (-decay).xreplace({power: first})) ** (-1 / k)
        if rewrite.link is not Link.AT_LEAST or exact.is_zero(total.xreplace({t: before.time}) - rewrite.after, domain) is not True:
            raise NotDischarged("the bound is another")


@final
class PowerLawDecay(LocalRule):
    """t^(1/k) w(t) -> (a k)^(-1/k) for w' = -a w^(k+1) - (higher powers), a, k and the other coefficients positive, w_0 > 0.

    w falls to the only point at rest, 0, where (w^(-k))' = k (a + higher powers of w) tends to k a.
    """

    name = "power_law_decay"
    kinds: ClassVar[tuple[type, ...]] = (sp.Limit,)
    needs = "limit of t^(1/k) w(t) along gradient flow"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        motion, k = _scaled(node)
        _, terms = falling(motion, domain)
        return Replacement(node, (-terms.get(sp.expand(k + 1), sp.nan) * k) ** (-1 / k), domain, r"$(w^{-k})' \to k a$")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Every coefficient of -w' is positive and every exponent but one above k + 1 > 1."""
        domain = replacement.domain
        motion, k = _scaled(replacement.before)
        _, terms = falling(motion, domain)
        order = sp.expand(k + 1)
        if order not in terms or not exact.positive(k, domain) or not all(exact.positive(-c, domain) for c in terms.values()):
            raise NotDischarged("the lowest power is not k + 1, or a coefficient is not proved positive")
        if not all(exact.positive(sp.expand(e - order), domain) for e in terms if e != order):
            raise NotDischarged("another power is not proved to be higher")
        if exact.is_zero(replacement.after ** (-k) + terms[order] * k, domain) is not True:
            raise NotDischarged("the leading coefficient gives another limit")


@final
class ChangeOfVariable(LocalRule):
    """f(w(t)) = q(t), where w' = G(w), q' = R(q) with R(f(w)) = f'(w) G(w), and q(0) = f(w(0)); `(change_of_variable, flow(...)[t, q])`.

    For w > 0, which holds for all t where all exponents of G are at least 1 (then w = 0 is at rest): f is a power c w^m with c, m > 0.
    R is smooth for q > 0, so that q has no other solution there.
    """

    name = "change_of_variable"
    kinds: ClassVar[tuple[type, ...]] = (FlowValue,)
    needs = "power of the variable along a flow in one dimension"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        (other,) = args
        if not isinstance(other, FlowValue) or len(other.variables) != 1 or node == other:
            raise NotApplicable("it is told the flow of the new variable: by(change_of_variable, flow(...)[t, q])")
        return Replacement(node, other, domain, rf"the chain rule for ${sp.latex(other.variables[0])}$")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The chain rule for all w > 0, positivity of w, and the start."""
        node, after, domain = replacement.before, replacement.after, replacement.domain
        y, terms = stays_positive(node, domain)
        power = power_terms(node.expr.xreplace({node.variables[0]: y}), y)
        if power is None or len(power) != 1 or not all(exact.positive(part, domain) for item in power.items() for part in item):
            raise NotDischarged("the new variable is not proved to be an increasing power of the old one")
        value = _total(power, y)
        q = after.variables[0]
        gap = power_terms(sp.diff(value, y) * _total(terms, y) + sp.diff(after.loss, q).xreplace({q: value}), y)
        if gap != {}:
            raise NotDischarged("the chain rule gives another slope")
        if (after.expr, after.time) != (q, node.time) or exact.is_zero(after.starts[0] - node.at_start(), domain) is not True:
            raise NotDischarged("the new flow begins or is looked at elsewhere")


def stays_positive(motion: Any, domain: Domain) -> tuple[Any, dict[Any, Any]]:
    """(w, the terms of w') of a flow that stays positive: a positive start, exponents at least 1; raises NotApplicable."""
    if not isinstance(motion, FlowValue):
        raise NotApplicable("it takes gradient flow in one scalar variable")
    found = slope_terms(motion)
    if found is None:
        raise NotApplicable("the slope is no sum of powers of one variable")
    if not exact.positive(motion.starts[0], domain) or not all(exact.nonnegative(e - 1, domain) for e in found[1]):
        raise NotApplicable("that the start is positive and every power at least the first was not proved")
    return found


def falling(motion: Any, domain: Domain) -> tuple[Any, dict[Any, Any]]:
    """(w, the terms of w') of a flow that falls and stays positive, looked at itself; raises NotApplicable."""
    y, terms = stays_positive(motion, domain)
    if motion.expr != motion.variables[0]:
        raise NotApplicable("it takes the variable of the flow itself")
    if not exact.nonnegative(motion.time, domain):
        raise NotApplicable(f"that the time {motion.time} is not negative was not proved")
    if not nonnegative_below({e: -c for e, c in terms.items()}, y, motion.starts[0], domain):
        raise NotApplicable("that the flow falls was not proved")
    return y, terms


def _total(terms: dict[Any, Any], y: Any) -> Any:
    return sp.Add(*(coefficient * y**exponent for exponent, coefficient in terms.items()))


def _speed(expr: Any, args: Any, domain: Domain) -> tuple[Any, bool]:
    """(rate, whether the flow lies at or below the one with that rate); all that PowerSpeed needs proved, or NotApplicable."""
    fixed, p, q, end = (sp.sympify(part) for part in args)
    if not isinstance(expr, FlowValue) or expr.expr not in expr.variables or (found := slope_terms(expr)) is None:
        raise NotApplicable("it takes the variable of a gradient flow in one dimension")
    if not exact.nonnegative(expr.time, domain):
        raise NotApplicable(f"that the time {expr.time} is not negative was not proved")
    y, terms = found
    gain = -terms.get(sp.expand(p + q), sp.S.Zero)
    start = expr.starts[0]
    gap = _total(terms, y) - gain * y**p * (fixed**q - y**q)
    if exact.is_zero(sp.powsimp(sp.expand(gap)), domain) is not True:
        raise NotApplicable("the slope is not a w^p (s^q - w^q) for these s, p and q")
    if not (q.is_integer and exact.nonnegative(q - 1, domain) and exact.nonnegative(p, domain)):
        raise NotApplicable("that q >= 1 is an integer and p >= 0 was not proved")
    if not all(exact.positive(part, domain) for part in (gain, fixed, start)):
        raise NotApplicable("that the step, the start and s are positive was not proved")
    above = never_negative(start - fixed, domain)
    if end not in (start, fixed) or not (above or never_negative(fixed - start, domain)):
        raise NotApplicable("on which side of s it starts is not known, or the rate is taken at another point")
    lower = (end == fixed) is above
    return gain * q * end ** (p + q - 1), above is lower


def _two_powers(expr: Any, domain: Domain) -> tuple[Any, Any, Any, Any]:
    """(a, b, k, q) of a falling flow w' = -a w^(k+1) - b w^(k+1+q) with q > k > 0, a > 0, b >= 0."""
    _, terms = falling(expr, domain)
    if len(terms) != 2:
        raise NotApplicable("the slope does not have exactly two powers")
    one, two = terms
    low, high = (one, two) if exact.positive(sp.expand(two - one), domain) else (two, one)
    a, b, k, q = -terms[low], -terms[high], sp.expand(low - 1), sp.expand(high - low)
    if not (exact.positive(a, domain) and exact.nonnegative(b, domain) and exact.positive(k, domain) and exact.positive(q - k, domain)):
        raise NotApplicable("that q > k > 0 and that the coefficients are positive was not proved")
    return a, b, k, q


def _scaled(node: Any) -> tuple[FlowValue, Any]:
    """(flow, k) of Limit(t^(1/k) flow, t, oo)."""
    body, t, end, _ = node.args
    motions = body.atoms(FlowValue)
    if end is not sp.oo or len(motions) != 1:
        raise NotApplicable("it takes the limit of one flow for t to infinity")
    (motion,) = motions
    power = sp.Mul(*(factor for factor in sp.Mul.make_args(body) if factor != motion))
    base, exponent = power.as_base_exp()
    if base != t or motion.time != t or power * motion != body:
        raise NotApplicable("the limit is not that of t^(1/k) w(t)")
    if t in motion.loss.free_symbols | motion.starts[0].free_symbols | exponent.free_symbols:
        raise NotApplicable(f"the loss, the start or the power changes with {t}: it is another flow for each {t}")
    return motion, 1 / exponent


power_lags = PowerLags()
power_speed = PowerSpeed()
power_law_floor = PowerLawFloor()
power_law_decay = PowerLawDecay()
change_of_variable = ChangeOfVariable()
