"""An integral is bounded by that of a bound of its integrand, which is told by an antiderivative."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.continuity import regular
from lemmata.theory.exact.signs import NONNEGATIVE, POSITIVE, interval, signs
from lemmata.theory.rules.local import fresh


@final
class BoundIntegral(Rule):
    r"""`(bound_integral, node, how, G)`: one integral of f over (a, b) is bounded by G(b) - G(a), where G' = g bounds f.

    `how` maps the integrand's derivation and its variable, over a < z < b, to the longer one that ends in g:
    `lambda f, z: f.by(at_most, 1)`. G is an expression in the variable of the integral, continuous on [a, b] with derivative g
    inside, so that g is integrable and the bound follows from f <= g (or f >= g) there, f continuous. The whole expression is
    c + k node with k >= 0 proved, or c + k/node with k >= 0 and a node and a bound that are proved positive.

    >>> from lemmata.theory.rules.inequality import at_most
    >>> z, a = sp.Symbol("z", positive=True), sp.Symbol("a", positive=True)
    >>> node = sp.Integral(sp.exp(-z), (z, 0, a))
    >>> Derivation(node, Domain((a,))).by(bound_integral, node, lambda f, z: f.by(at_most, 1), z).end
    a
    """

    name = "bound_integral"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node, how, anti = _read(expr, args)
        z, low, high = node.limits[0]
        chain = _chain(node, how, domain)
        bound = _at(anti, z, high, domain) - _at(anti, z, low, domain)
        along = 1 if chain.link is Link.AT_MOST else -1
        turn = _direction(expr, node, bound, domain)
        sense = r"\le" if along > 0 else r"\ge"
        because = rf"${sp.latex(node.function)} {sense} {sp.latex(chain.end)}$ under the integral"
        link = Link.AT_MOST if along * turn > 0 else Link.AT_LEAST
        return Rewrite(expr.xreplace({node: bound}), because, link, chain.assumes)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The limits are in order, both integrands continuous inside, G continuous up to the ends, and G differentiated."""
        node, how, anti = _read(before, args)
        z, low, high = node.limits[0]
        chain = _chain(node, how, domain)
        where, closed = chain.domain, _between(node, domain, closed=True)
        (inner,) = set(chain.domain.symbols) - set(domain.symbols)
        if not signs(high - low, domain) <= NONNEGATIVE:
            raise NotDischarged(f"{low} <= {high} was not proved")
        for name, of in (("integrand", chain.start), ("bound of the integrand", chain.end)):
            if not regular(of, inner, where):
                raise NotDischarged(f"the {name} was not proved continuous between the limits")
        primitive = anti.xreplace({z: inner})
        if not regular(primitive, inner, closed):
            raise NotDischarged("the antiderivative was not proved continuous up to the limits")
        if exact.is_zero(sp.diff(primitive, inner) - chain.end, where) is not True:
            raise NotDischarged("the antiderivative does not have that derivative")
        bound = _at(anti, z, high, domain) - _at(anti, z, low, domain)
        along = 1 if chain.link is Link.AT_MOST else -1
        link = Link.AT_MOST if along * _direction(before, node, bound, domain) > 0 else Link.AT_LEAST
        if rewrite.link is not link or rewrite.after != before.xreplace({node: bound}):
            raise NotDischarged("the bound lies on the other side, or something else was put in")


def _chain(node: Any, how: Any, domain: Domain) -> Derivation:
    """The derivation of the bound of the integrand, over the open interval of the variable."""
    where = _between(node, domain, closed=False)
    (inner,) = set(where.symbols) - set(domain.symbols)
    begun = Derivation(node.function.xreplace({node.limits[0][0]: inner}), where)
    chain = how(begun, inner)
    if not isinstance(chain, Derivation) or chain.start != begun.start or chain.domain != where:
        raise NotApplicable("how must lengthen the integrand's derivation that it is handed")
    if chain.link not in (Link.AT_MOST, Link.AT_LEAST):
        raise NotApplicable("the integrand is not bounded from one side")
    return chain


def _between(node: Any, domain: Domain, *, closed: bool) -> Domain:
    """The domain with the variable of the integral between its limits, and between the ends of what these run over."""
    z, low, high = node.limits[0]
    inner = fresh(str(z), node, *domain.symbols)
    if inner in domain.symbols:
        raise NotApplicable(f"the variable {z} of the integral is a symbol of the statement: rename it")
    greater, less = (sp.GreaterThan, sp.LessThan) if closed else (sp.StrictGreaterThan, sp.StrictLessThan)
    extra = [greater(inner, low, evaluate=False), less(inner, high, evaluate=False)]
    if high.is_Symbol and (end := interval(high, domain).end).is_finite:
        extra.append(sp.LessThan(inner, end, evaluate=False))
    return Domain((*domain.symbols, inner), (*domain.given, *extra))


def _at(anti: Any, z: Any, end: Any, domain: Domain) -> Any:
    """The antiderivative at an end, where a power of 0 with an exponent that is proved positive is 0."""
    value = anti.xreplace({z: end})
    powers = [node for node in value.atoms(sp.Pow) if node.base == 0 and signs(node.exp, domain) <= POSITIVE]
    return value.xreplace(dict.fromkeys(powers, sp.S.Zero))


def _direction(expr: Any, node: Any, bound: Any, domain: Domain) -> int:
    """1 where expr rises with the integral between it and its bound, -1 where it falls; raises NotDischarged."""
    x = sp.Dummy("x", positive=True)
    form = expr.xreplace({node: x})
    if form.has(node) or form.xreplace({x: node}) != expr:
        raise NotDischarged("the integral cannot be taken out of the expression and put back")
    where = Domain((*domain.symbols, x), domain.given)
    for power, turn in ((1, 1), (-1, -1)):
        constant, factor = form.as_independent(x, as_Add=True)
        slope = factor / x**power
        if slope.has(x) or slope.atoms(sp.Integral) and not _positive_integrals(slope, domain):
            continue
        if power == -1 and not (signs(bound, domain) <= POSITIVE and _positive(node, domain)):
            continue
        names = {one: sp.Dummy("i", positive=True) for one in slope.atoms(sp.Integral)}
        found = signs(slope.xreplace(names), Domain((*where.symbols, *names.values()), where.given))
        if found <= NONNEGATIVE:
            return turn
    raise NotDischarged("how the expression moves with the integral was not proved")


def _positive_integrals(expr: Any, domain: Domain) -> bool:
    return all(_positive(node, domain) for node in expr.atoms(sp.Integral))


def _positive(node: Any, domain: Domain) -> bool:
    """Whether an integral over a proved interval has an integrand that is proved positive and continuous inside."""
    if len(node.limits) != 1 or len(node.limits[0]) != 3:
        return False
    z, low, high = node.limits[0]
    where = _between(node, domain, closed=False)
    (inner,) = set(where.symbols) - set(domain.symbols)
    function = node.function.xreplace({z: inner})
    return signs(high - low, domain) <= POSITIVE and signs(function, where) <= POSITIVE and regular(function, inner, where)


def _read(expr: Any, args: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    if len(args) != 3 or not isinstance(args[0], sp.Integral) or not callable(args[1]):
        raise NotApplicable("name an integral of the expression, how its integrand is bounded, and an antiderivative of the bound")
    node, anti = args[0], sp.sympify(args[2])
    if not expr.has(node) or len(node.limits) != 1 or len(node.limits[0]) != 3:
        raise NotApplicable("it takes one integral of the expression, between two limits")
    if any(not end.is_finite and end.has(sp.oo, -sp.oo) for end in node.limits[0][1:]):
        raise NotApplicable("it takes finite limits")
    return node, args[1], anti


bound_integral = BoundIntegral()
