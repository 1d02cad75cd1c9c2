"""Derivatives, limits and finite sums in closed form."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.pieces import SWITCHES
from lemmata.theory.quantity import quantities
from lemmata.theory.rules.local import LocalRule, Replacement, inside

LARGEST = 80


@final
class Differentiate(LocalRule):
    """A derivative of a closed expression."""

    name = "differentiate"
    kinds: ClassVar[tuple[type, ...]] = (sp.Derivative,)
    needs = "derivative of a closed expression"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        if quantities(node.expr):
            raise NotApplicable("what is differentiated still has quantities in it")
        if node.expr.has(*SWITCHES):
            raise NotApplicable("the expression has kinks: where it is differentiable is not decided here")
        after = node.doit(deep=False)
        if after.has(sp.Derivative, sp.Subs):
            raise NotApplicable("the derivative has no closed form")
        return Replacement(node, after, domain, "differentiation")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The difference quotient's series: f(x + h) = f(x) + h f'(x) + O(h^2), in the order given."""
        node, expr = replacement.before, replacement.before.expr
        for variable, count in node.variable_count:
            for _ in range(int(count)):
                h = sp.Dummy("h", real=True)
                shifted = expr.subs(variable, variable + h)
                expr = sp.diff(shifted, h).subs(h, 0)
        if is_zero(expr - replacement.after, replacement.domain) is not True:
            raise NotDischarged("the linear term of the expansion is another")


@final
class TakeLimit(LocalRule):
    """A limit of a closed expression in one variable, by the leading term of its expansion.

    What is left after the limit is subtracted must be proved to vanish: through a rational function's degrees, through
    continuity, or through the limit of a quotient of derivatives.
    """

    name = "limit"
    kinds: ClassVar[tuple[type, ...]] = (sp.Limit,)
    needs = "limit of a closed expression"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        f, x, x0, direction = node.args
        if quantities(f) or sp.count_ops(f) > LARGEST or f.has(*SWITCHES):
            raise NotApplicable("only small closed expressions without kinks")
        after = _geometric(f, x, x0, domain)
        if after is None:
            real = sp.Dummy("x", real=True, positive=True if x0 is sp.oo else None)
            after = sp.limit(f.xreplace({x: real}), real, x0, str(direction))
        if after.has(sp.Limit, sp.nan, sp.zoo, sp.oo, -sp.oo, sp.AccumBounds):
            raise NotApplicable("there is no finite limit in closed form")
        return Replacement(node, after, domain, f"the limit ${sp.latex(x)} \\to {sp.latex(x0)}$")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        f, x, x0, direction = replacement.before.args
        if not vanishes(f - replacement.after, x, x0, str(direction), replacement.domain):
            raise NotDischarged("the difference is not proved to vanish in the limit")


def vanishes(f: Any, x: sp.Symbol, x0: Any, direction: str, domain: Domain) -> bool:
    """Whether f -> 0 as x -> x0 is proved: geometric decay, degrees, continuity, or the leading power of a series."""
    from lemmata.theory.continuity import regular

    if is_zero(f, domain) is True:
        return True
    if all(_geometric(term, x, x0, domain) == 0 for term in sp.Add.make_args(sp.expand(f))):
        return True
    h = sp.Dummy("h", positive=True)
    moved = f.subs(x, 1 / h) if x0 is sp.oo else f.subs(x, -1 / h) if x0 is -sp.oo else f.subs(x, x0 - h if direction == "-" else x0 + h)
    moved = sp.together(sp.powsimp(moved))
    near = inside(domain, h, sp.Integer(0), sp.Rational(1, 10**6))
    if regular(moved, h, near) and is_zero(moved.subs(h, 0), domain) is True:
        return True
    if moved.is_rational_function(h):
        numerator, denominator = (sp.Poly(part, h) for part in sp.fraction(sp.cancel(moved)))
        return bool(min(numerator.monoms())[0] > min(denominator.monoms())[0])
    try:
        leading, power = sp.series(moved, h, 0, 4).removeO().as_leading_term(h).as_coeff_exponent(h)
    except (ValueError, NotImplementedError, TypeError, sp.PoleError):
        return False
    return bool(not leading.has(h) and (power.is_positive or leading == 0))


def _geometric(f: Any, x: Any, x0: Any, domain: Domain) -> Any:
    """The limit at infinity of constant + sum of c r^x with |r| < 1 proved: the constant; None for other shapes."""
    from lemmata.theory.signs import POSITIVE, signs

    if x0 is not sp.oo:
        return None
    limit = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(f)):
        constant, varying = term.as_independent(x, as_Add=False)
        if varying == 1:
            limit += constant
            continue
        base, exponent = varying.as_base_exp()
        slope = sp.diff(exponent, x)
        if base.has(x) or slope.has(x) or sp.expand(exponent - slope * x).has(x) or not slope.is_Integer or slope <= 0:
            return None
        if signs(1 - base, domain) != POSITIVE or signs(1 + base, domain) != POSITIVE:
            return None
    return limit


@final
class CloseSum(LocalRule):
    """A finite sum in closed form, proved by induction on its upper end."""

    name = "close_sum"
    kinds: ClassVar[tuple[type, ...]] = (sp.Sum,)
    needs = "finite sum of a closed expression"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        k, low, high = _range(node)
        if high.is_Integer and low.is_Integer and high - low <= 64:
            after = sp.Add(*(node.function.subs(k, i) for i in range(int(low), int(high) + 1)))
            return Replacement(node, after, domain, "the sum written out")
        after = _geometric_sum(node.function, k, low, high, domain)
        after = node.doit(deep=False) if after is None else after
        if after.has(sp.Sum, sp.Piecewise, sp.nan, sp.zoo, sp.oo):
            raise NotApplicable("the sum has no closed form without case distinctions")
        return Replacement(node, after, domain, "a finite sum, by induction on its upper end")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """F(low) is the first term, and F(n) - F(n - 1) the n-th."""
        node, domain = replacement.before, replacement.domain
        k, low, high = _range(node)
        if high.is_Integer and low.is_Integer:
            total = replacement.after
            for i in range(int(high), int(low) - 1, -1):
                total = total - node.function.subs(k, i)
            if is_zero(total, domain) is not True:
                raise NotDischarged("the terms do not add up")
            return
        n = sp.Dummy("n", integer=True, positive=True)
        names = [s for s in high.free_symbols if s.is_integer]
        if len(names) != 1 or sp.diff(high, names[0]) != 1:
            raise NotDischarged("the upper end is not one integer symbol plus a number")
        closed = replacement.after.subs(names[0], names[0] + n - high)
        step = closed - closed.subs(n, n - 1) - node.function.subs(k, n)
        if is_zero(step, domain) is not True or is_zero(closed.subs(n, low) - node.function.subs(k, low), domain) is not True:
            raise NotDischarged("the induction does not go through")


def _range(node: Any) -> tuple[Any, Any, Any]:
    if len(node.limits) != 1 or quantities(node.function):
        raise NotApplicable("one summation variable and a closed summand are needed")
    k, low, high = node.limits[0]
    if low.has(sp.oo, -sp.oo) or high.has(sp.oo, -sp.oo):
        raise NotApplicable("the sum is infinite")
    return k, low, high


def _geometric_sum(f: Any, k: Any, low: Any, high: Any, domain: Domain) -> Any:
    """sum of c r^k = c (r^low - r^(high + 1))/(1 - r) where r != 1 is proved."""
    from lemmata.theory.signs import signs

    constant, varying = f.as_independent(k, as_Add=False)
    base, exponent = varying.as_base_exp()
    if exponent != k or base.has(k) or 0 in signs(1 - base, domain):
        return None
    return constant * (base**low - base ** (high + 1)) / (1 - base)


differentiate = Differentiate()
take_limit = TakeLimit()
close_sum = CloseSum()
