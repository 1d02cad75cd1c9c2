"""Stein's lemma: integration by parts against a Gaussian, and the heat equation that it gives."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.continuity import regular, regular_between_switches
from lemmata.theory.forms import affine_parts, deviation, is_normal, location, one_form
from lemmata.theory.pieces import SWITCHES
from lemmata.theory.quantity import random_symbols
from lemmata.theory.rules.local import LocalRule, Replacement

GROWTH = "Stein's lemma: the integrand and its derivatives grow slower than a Gaussian"


@final
class Stein(LocalRule):
    """E[s f(s, ...)] = E[df/ds] for a standard normal s independent of the rest; for N(m, v): E[(s - m) f] = v E[f']."""

    name = "stein"
    source = "Stein (1981), Estimation of the mean of a multivariate normal distribution, lemma 1"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation with a centred normal variable as a factor"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        leaf, rest = _factor(node)
        x = sp.Dummy("x", real=True)
        others = {other: sp.Dummy(real=True) for other in random_symbols(rest) if other != leaf}
        if not regular_between_switches(rest.xreplace({leaf: x, **others}), x, Domain((*domain.symbols, *others.values()), domain.given)):
            raise NotApplicable(f"what {leaf} is multiplied by is not proved continuous in it: a jump would be missed")
        slope = sp.diff(rest.xreplace({leaf: x}), x).xreplace({x: leaf})
        after = deviation(leaf) ** 2 * (Expectation(slope) if random_symbols(slope) else slope)
        return Replacement(node, after, domain, f"Stein's lemma in ${sp.latex(leaf.symbol)}$", (GROWTH,))

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """(x - m) f p - v f' p is the derivative of -v f p: it integrates to 0 against the density p."""
        leaf, rest = _factor(replacement.before)
        m, v, x = location(leaf), deviation(leaf) ** 2, sp.Dummy("x", real=True)
        names = {other: sp.Dummy(real=True) for other in random_symbols(replacement.before) if other != leaf} | {leaf: x}
        f, p = rest.xreplace(names), sp.exp(-((x - m) ** 2) / (2 * v))
        stripped = replacement.after.xreplace({e: e.args[0] for e in replacement.after.atoms(Expectation)}).xreplace(names)
        if is_zero(((x - m) * f - stripped) * p + sp.diff(v * f * p, x), replacement.domain) is not True:
            raise NotDischarged("the difference is not proved to be a total derivative")


@final
class Heat(LocalRule):
    """d/dq E f(m + sqrt(q) s) = E f''(m + sqrt(q) s)/2: the variance of a Gaussian is the time of the heat equation."""

    name = "heat"
    source = "Stein (1981), lemma 1, applied twice"
    kinds: ClassVar[tuple[type, ...]] = (sp.Derivative,)
    needs = "derivative of a one-dimensional Gaussian expectation in its variance"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        (q, order), (outside, expectation) = node.variable_count[0], _one_expectation(node)
        form = one_form(expectation.args[0], whole=True)
        if len(node.variable_count) > 1 or order != 1 or form.function.has(q) or form.mean.has(q) or form.function.has(*SWITCHES):
            raise NotApplicable("a first derivative of a smooth integrand that depends on the variable through the variance alone")
        if not all(regular(f, form.x, domain) for f in (form.function, sp.diff(form.function, form.x))):
            raise NotApplicable("the integrand and its derivative are not proved continuous")
        second = sp.diff(form.function, form.x, 2)
        inner = _argument(expectation)
        after = sp.diff(form.variance, q) / 2 * Expectation(second.xreplace({form.x: inner}))
        coefficient, rest = outside
        after = coefficient * after + sp.diff(coefficient, q) * expectation + sp.diff(rest, q)
        return Replacement(node, after, domain, "the heat equation for the Gaussian (Stein's lemma twice)", (GROWTH,))

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The density solves the heat equation, dp/dv = p''/2, and the integrand is the second derivative."""
        node, domain = replacement.before, replacement.domain
        q, (outside, expectation) = node.variables[0], _one_expectation(node)
        form = one_form(expectation.args[0], whole=True)
        x, v = form.x, sp.Dummy("v", positive=True)
        density = sp.exp(-((x - form.mean) ** 2) / (2 * v)) / sp.sqrt(2 * sp.pi * v)
        if is_zero(sp.diff(density, v) - sp.diff(density, x, 2) / 2, domain) is not True:
            raise NotDischarged("the density does not solve the heat equation")
        coefficient, rest = outside
        names = {e: e.args[0] for e in replacement.after.atoms(Expectation)}
        leaves = {leaf: sp.Dummy(real=True) for leaf in random_symbols(node)}
        z = _argument(expectation)
        second = sp.diff(sp.diff(form.function, x), x).xreplace({x: z})
        expected = coefficient * sp.diff(form.variance, q) * second / 2 + sp.diff(coefficient, q) * expectation.args[0] + sp.diff(rest, q)
        if is_zero((replacement.after.xreplace(names) - expected).xreplace(leaves), domain) is not True:
            raise NotDischarged("the integrand is not half the second derivative")


def _factor(node: Any) -> tuple[Any, Any]:
    """(leaf, f) with the integrand (leaf - mean) f."""
    if len(node.args) > 1:
        raise NotApplicable("conditional expectations are not rewritten")
    integrand = node.args[0]
    for leaf in random_symbols(integrand):
        if not is_normal(leaf) or location(leaf) != 0:
            continue
        for factor in sp.Mul.make_args(integrand):
            base, power = factor.as_base_exp()
            if base == leaf and power.is_Integer and power > 0:
                return leaf, integrand / leaf
    raise NotApplicable("no centred normal variable is a factor of the integrand")


def _one_expectation(node: Any) -> tuple[tuple[Any, Any], Any]:
    """((a, b), E) with the differentiated expression a E + b."""
    expectations = node.expr.atoms(Expectation)
    if len(expectations) != 1:
        raise NotApplicable("exactly one expectation is needed")
    (expectation,) = expectations
    y = sp.Dummy("y")
    body = sp.expand(node.expr.xreplace({expectation: y}))
    coefficient = sp.diff(body, y)
    if coefficient.has(y) or sp.Derivative in {type(a) for a in body.atoms(sp.Derivative)}:
        raise NotApplicable("the expression is not affine in the expectation")
    return (coefficient, sp.expand(body - coefficient * y)), expectation


def _argument(expectation: Any) -> Any:
    """The normal variable that the integrand is a function of, as it is written there."""
    return affine_parts(expectation.args[0])[0][0]


stein = Stein()
heat = Heat()
