"""Derivatives, limits and finite sums in closed form."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.signs import NONNEGATIVE, POSITIVE, signs
from lemmata.theory.pieces import SWITCHES
from lemmata.theory.quantity import quantities
from lemmata.theory.rules.local import LocalRule, Replacement, inside, near_its_limit

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
        if not near_its_limit(x, x0, str(direction), domain):
            raise NotApplicable(f"what is assumed of {x} does not hold near {x0}: rename it")
        if quantities(f) or sp.count_ops(f) > LARGEST or f.has(*SWITCHES):
            raise NotApplicable("only small closed expressions without kinks")
        after = _geometric(f, x, x0, domain)
        if after is None:
            real = sp.Dummy("x", real=True, positive=True if x0 is sp.oo else None)
            try:
                after = sp.limit(f.xreplace({x: real}), real, x0, str(direction))
            except (NotImplementedError, ValueError, sp.PoleError) as error:
                raise NotApplicable(f"the limit was not found: {error}") from error
        if after.has(sp.Limit, sp.nan, sp.zoo, sp.oo, -sp.oo, sp.AccumBounds):
            raise NotApplicable("there is no finite limit in closed form")
        return Replacement(node, after, domain, f"the limit ${sp.latex(x)} \\to {sp.latex(x0)}$")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        f, x, x0, direction = replacement.before.args
        if not tends_to(f, replacement.after, x, x0, str(direction), replacement.domain):
            raise NotDischarged("the difference is not proved to vanish in the limit")


def tends_to(f: Any, value: Any, x: sp.Symbol, x0: Any, direction: str, domain: Domain) -> bool:
    """Whether f -> value is proved: f - value vanishes; or f is a power, whose logarithm then has its own limit."""
    if isinstance(f, sp.Pow) and f.exp.has(x) and f.base.has(x) and signs(value, domain) == POSITIVE:
        return vanishes(f.exp * sp.log(f.base) - sp.log(value), x, x0, direction, domain)
    return vanishes(f - value, x, x0, direction, domain)


def vanishes(f: Any, x: sp.Symbol, x0: Any, direction: str, domain: Domain) -> bool:
    """Whether f -> 0 as x -> x0 is proved: zero, geometric decay, degrees, continuity, or de l'Hospital's rule."""
    if is_zero(f, domain) is True or _geometric(f, x, x0, domain) == 0:
        return True
    h = sp.Dummy("h", positive=True)
    moved = f.subs(x, 1 / h) if x0 is sp.oo else f.subs(x, -1 / h) if x0 is -sp.oo else f.subs(x, x0 - h if direction == "-" else x0 + h)
    moved = sp.together(sp.powsimp(moved))
    near = inside(domain, h, sp.Integer(0), sp.Rational(1, 10**6))
    if moved.is_rational_function(h):
        numerator, denominator = (sp.Poly(part, h) for part in sp.fraction(sp.cancel(moved)))
        (lowest,) = min(denominator.monoms())
        leading = denominator.coeff_monomial(h**lowest)  # a parameter inside it may vanish, and then the degree is another
        return bool(min(numerator.monoms())[0] > lowest and 0 not in signs(leading, near))
    return value_at_zero(moved, h, near) == 0


def value_at_zero(f: Any, h: sp.Symbol, near: Domain, depth: int = 6) -> Any:
    """The limit of f as h falls to 0, by continuity or by de l'Hospital's rule for 0/0; None when neither proves it."""
    from lemmata.theory.exact.continuity import regular

    f = split_roots(f)
    start = sp.Dummy("h", nonnegative=True)
    kept = tuple(hypothesis for hypothesis in near.given if h not in getattr(hypothesis, "free_symbols", ()))
    symbols = tuple(symbol for symbol in near.symbols if symbol != h)
    if regular(f.xreplace({h: start}), start, Domain((*symbols, start), (*kept, sp.LessThan(start, sp.Rational(1, 10**6))))):
        value = f.subs(h, 0)
        return sp.Integer(0) if is_zero(value, near) is True else value
    if isinstance(f, sp.Pow) and f.exp.has(h) and f.base.has(h):
        logarithm = value_at_zero(f.exp * sp.log(f.base), h, near, depth)
        return None if logarithm is None else sp.exp(logarithm)
    numerator, denominator = sp.fraction(sp.together(f))
    if depth == 0 or not denominator.has(h):
        return None
    ends = [value_at_zero(part, h, near, 0) for part in (numerator, denominator)]
    if ends != [0, 0]:
        return None
    return value_at_zero(sp.diff(numerator, h) / sp.diff(denominator, h), h, near, depth - 1)


def split_roots(expr: Any) -> Any:
    """Radicands factored, so that sqrt(2 h^2 - h^4) becomes h sqrt(2 - h^2) for positive h."""
    roots = {node: node.exp for node in expr.atoms(sp.Pow) if node.exp.is_Rational and not node.exp.is_Integer}
    return sp.powsimp(expr.xreplace({node: sp.factor(sp.together(node.base)) ** power for node, power in roots.items()}))


def _geometric(f: Any, x: Any, x0: Any, domain: Domain) -> Any:
    """The limit at infinity of constant + sum of c r^x with |r| < 1 proved: the constant; None for other shapes."""
    if x0 is not sp.oo:
        return None
    limit = sp.Integer(0)
    for term in _terms(f):
        constant, ratio = sp.Integer(1), sp.Integer(1)
        for factor in sp.Mul.make_args(term):
            base, exponent = (sp.E, factor.args[0]) if isinstance(factor, sp.exp) else factor.as_base_exp()
            slope = sp.expand(sp.diff(exponent, x))
            if base.has(x) or slope.has(x):
                return None
            constant *= base ** sp.expand(exponent - slope * x)
            ratio *= base**slope
        if ratio == 1:
            limit += constant
        elif signs(1 - ratio, domain) != POSITIVE or signs(1 + ratio, domain) != POSITIVE:
            return None
    return limit


def _terms(f: Any) -> list[Any]:
    """The terms of a sum, products of sums multiplied out at the surface only: denominators stay as they are."""
    if isinstance(f, sp.Add):
        return [term for part in f.args for term in _terms(part)]
    sums = [factor for factor in f.args if isinstance(factor, sp.Add)] if isinstance(f, sp.Mul) else []
    if not sums:
        return [f]
    rest = f / sums[0]
    return [term for part in sums[0].args for term in _terms(rest * part)]


@final
class CloseSum(LocalRule):
    """A finite sum in closed form, proved by induction on its upper end."""

    name = "close_sum"
    kinds: ClassVar[tuple[type, ...]] = (sp.Sum,)
    needs = "finite sum of a closed expression"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        k, low, high = _range(node)
        if high.is_Integer and low.is_Integer and high - low <= 64:
            if high < low - 1:
                raise NotApplicable("the ends are reversed, and conventions differ on what that sum is")
            after = sp.Add(*(node.function.subs(k, i) for i in range(int(low), int(high) + 1)))
            return Replacement(node, after, domain, "the sum written out")
        after = _geometric_sum(node.function, k, low, high, domain)
        after = node.doit(deep=False) if after is None else after
        if after.has(sp.Sum, sp.Piecewise, sp.nan, sp.zoo, sp.oo):
            raise NotApplicable("the sum has no closed form without case distinctions")
        ordered = signs(high - low + 1, domain) <= NONNEGATIVE
        assumes = () if ordered else (f"{high} >= {low - 1} (SymPy counts a sum whose ends are reversed backwards)",)
        return Replacement(node, after, domain, "a finite sum, by induction on its upper end", assumes)

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
        n = sp.Dummy("n", integer=True, positive=True) if signs(low, domain) <= NONNEGATIVE else sp.Dummy("n", integer=True)
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
    constant, varying = f.as_independent(k, as_Add=False)
    base, exponent = varying.as_base_exp()
    if exponent != k or base.has(k) or 0 in signs(1 - base, domain):
        return None
    return constant * (base**low - base ** (high + 1)) / (1 - base)


differentiate = Differentiate()
take_limit = TakeLimit()
close_sum = CloseSum()
