"""Integrals in closed form: an antiderivative is found, then differentiated back."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.integrals.manualintegrate import manualintegrate

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.continuity import regular
from lemmata.theory.exact.signs import NEGATIVE, POSITIVE, signs
from lemmata.theory.quantity import quantities
from lemmata.theory.rules.local import LocalRule, Replacement, bounded, inside, unbiased

LARGEST = 120
"""Integrands with more operations than this are not tried."""

MIXED = 3
"""Integrands with more transcendental parts in one term than this are not tried: SymPy would search long."""


@final
class Integrate(LocalRule):
    """Integral of a closed integrand between two bounds, by the fundamental theorem of calculus.

    Innermost integrals come first; the antiderivative must be continuous on the closed interval between the bounds.
    """

    name = "integrate"
    kinds: ClassVar[tuple[type, ...]] = (sp.Integral,)
    needs = "integral with a closed integrand"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        f, x, low, high = _limits(node)
        inner = _within_outer(node, domain)
        primitive = antiderivative(f, x, inside_bounds(inner, x, low, high))
        after = _at(primitive, x, high) - _at(primitive, x, low)
        after = sp.expand(after) if sp.count_ops(after) < 60 else after
        outer = node.limits[1:]
        return Replacement(node, sp.Integral(after, *outer) if outer else after, domain, _because(primitive, x))

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        node, value = replacement.before, replacement.after
        f, x, low, high = _limits(node)
        domain = _within_outer(node, replacement.domain)
        if node.limits[1:]:
            if not isinstance(value, sp.Integral) or value.limits != node.limits[1:]:
                raise NotDischarged("the outer integrals are others")
            value = value.function
        within = inside_bounds(domain, x, low, high)
        primitive = antiderivative(f, x, within)
        if is_zero(sp.diff(primitive, x) - f, within) is not True:
            raise NotDischarged("the derivative of the antiderivative is not proved to be the integrand")
        if not regular(primitive, x, bounded(domain, x, low, high)):
            raise NotDischarged("the antiderivative is not proved continuous between the bounds")
        if is_zero(_at(primitive, x, high) - _at(primitive, x, low) - value, domain) is not True:
            raise NotDischarged("the value is not the difference of the antiderivative at the bounds")


def inside_bounds(domain: Domain, x: sp.Symbol, low: Any, high: Any) -> Domain:
    """The domain with x strictly between the two bounds, in whichever order they come."""
    hull = bounded(domain, x, low, high).interval(x)
    return inside(domain, x, hull.start, hull.end)


def _limits(node: Any) -> tuple[Any, sp.Symbol, Any, Any]:
    """(f, x, low, high) of the innermost integral, its variable renamed.

    What is assumed of a symbol of the same name (that it is positive, or what `given` says of it) does not bind a variable
    of integration, which runs from one bound to the other.
    """
    if not all(len(limits) == 3 for limits in node.limits):
        raise NotApplicable("the integral needs two bounds")
    if quantities(node.function):
        raise NotApplicable("the integrand still has quantities in it")
    if sp.count_ops(node.function) > LARGEST:
        raise NotApplicable("the integrand is too large")
    x, low, high = node.limits[0]
    if not x.is_real:
        raise NotApplicable(f"the integration variable {x} is not real")
    free = sp.Dummy(x.name, real=True)
    return node.function.xreplace({x: free}), free, low, high


def _within_outer(node: Any, domain: Domain) -> Domain:
    """The domain inside the outer integrals of a multiple one: SymPy lists the innermost first."""
    for limits in reversed(node.limits[1:]):
        if not unbiased(limits[0], domain):
            raise NotApplicable(f"{limits[0]} is assumed to be something outside of its integral: rename it")
        domain = bounded(domain, *limits)
    return domain


def antiderivative(f: Any, x: sp.Symbol, domain: Domain) -> Any:
    """An antiderivative of f in x, term by term; raises NotApplicable when none is found."""
    total = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(f)):
        constant, varying = term.as_independent(x, as_Add=False)
        total += constant * _term(varying, x, domain)
    return total


def _term(g: Any, x: sp.Symbol, domain: Domain) -> Any:
    if g.is_polynomial(x):
        return sp.Poly(g, x).integrate().as_expr()
    inverse_root = _inverse_root(g, x, domain)
    if inverse_root is not None:
        return inverse_root
    if len({node for node in g.atoms(sp.Function, sp.Pow) if node.has(x) and not node.is_rational_function(x)}) > MIXED:
        raise NotApplicable(f"{g} mixes more functions than are tried")
    found = manualintegrate(g, x)
    if found.has(sp.Integral, sp.Piecewise, sp.nan, sp.zoo, sp.oo, sp.I):
        raise NotApplicable(f"no antiderivative of {g} was found")
    return found


def _inverse_root(g: Any, x: sp.Symbol, domain: Domain) -> Any:
    """Integral of 1/sqrt(a x^2 + b x + c), a < 0: asin of the centred variable; None for other integrands."""
    constant, root = sp.Integer(1), None
    for factor in sp.Mul.make_args(g):
        base, exponent = factor.as_base_exp()
        if exponent == -sp.Rational(1, 2) and base.is_polynomial(x) and sp.degree(base, x) == 2 and root is None:
            root = base
        elif not factor.has(x):
            constant *= factor
        else:
            return None
    if root is None:
        return None
    a, b, c = sp.Poly(root, x).all_coeffs()
    discriminant = sp.factor(b**2 - 4 * a * c)
    if signs(a, domain) != NEGATIVE or signs(discriminant, domain) != POSITIVE:
        return None
    return constant * sp.asin((-2 * a * x - b) / sp.sqrt(discriminant)) / sp.sqrt(-a)


def _at(primitive: Any, x: sp.Symbol, end: Any) -> Any:
    if end.is_finite is not False and not end.has(sp.oo, -sp.oo):
        return primitive.subs(x, end)
    value = sp.limit(primitive, x, end)
    if value.has(sp.oo, -sp.oo, sp.nan, sp.zoo, sp.Limit):
        raise NotApplicable("the antiderivative has no finite limit at the bound")
    return value


def _because(primitive: Any, x: sp.Symbol) -> str:
    return f"antiderivative ${sp.latex(primitive)}$" if sp.count_ops(primitive) < 40 else f"an antiderivative in ${sp.latex(x)}$"


integrate = Integrate()
