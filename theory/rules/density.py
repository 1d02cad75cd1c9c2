"""Delta functions inside expectations: the density of a normal law, and the law conditioned on a value."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.signs import POSITIVE, signs
from lemmata.theory.forms import OneForm, TwoForms, one_form, standard_leaves, two_forms
from lemmata.theory.pieces import affine
from lemmata.theory.quantity import random_symbols
from lemmata.theory.rules.local import LocalRule, Replacement


@final
class Density(LocalRule):
    """E[delta(u - a) delta(v - b)] = p(a, b), and E[delta(u - a) g(v)] = p_u(a) E[g(v) | u = a]."""

    name = "density"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation with a delta function"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        deltas = [factor for factor in sp.Mul.make_args(node.args[0]) if isinstance(factor, sp.DiracDelta)]
        if not deltas or any(len(delta.args) > 1 for delta in deltas):
            raise NotApplicable("there is no factor that is a delta function")
        try:
            form = one_form(node.args[0])
        except NotApplicable:
            two = two_forms(node.args[0])
            return Replacement(node, _two(two, node, domain), domain, "a delta function leaves the density, and the law given its value")
        return Replacement(node, _one(form, domain), domain, "a delta function leaves the density")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Two deltas: the bivariate density exp(-r^T S^-1 r/2)/(2 pi sqrt(det S)). One: the residual is uncorrelated with u."""
        node, domain = replacement.before, replacement.domain
        try:
            one_form(node.args[0])
        except NotApplicable:
            two = two_forms(node.args[0])
        else:
            self._check_one(replacement)
            return
        rest, points = _points(two, domain)
        if len(points) == 2:
            (m1, m2), (q1, q2), cov = two.means, two.variances, two.covariance
            (a, k1), (b, k2) = points[two.x], points[two.y]
            det = q1 * q2 - cov**2
            r1, r2 = a - m1, b - m2
            exponent = -(q2 * r1**2 - 2 * cov * r1 * r2 + q1 * r2**2) / (2 * det)
            joint = rest.subs({two.x: a, two.y: b}) * sp.exp(exponent) / (2 * sp.pi * sp.sqrt(det) * k1 * k2)
            if is_zero(joint - replacement.after, domain) is not True:
                raise NotDischarged("the bivariate density is another")
            return
        symbol = next(iter(points))
        self._check_conditional(replacement, two, symbol, points[symbol], rest)

    def _check_conditional(self, replacement: Replacement, two: TwoForms, symbol: Any, at: tuple[Any, Any], rest: Any) -> None:
        """The joint density at (a, y) is the outside factor times the density in y of the variable left inside."""
        domain = replacement.domain
        m1, q1, m2, q2, cov = _sides(two, symbol)
        (point, steep), other = at, two.y if symbol == two.x else two.x
        expectations = replacement.after.atoms(Expectation)
        if rest.subs(symbol, point) == 0 and replacement.after == 0:
            return
        if len(expectations) != 1:
            raise NotDischarged("there is not exactly one conditional expectation")
        (expectation,) = expectations
        outside = replacement.after / expectation
        (leaf,) = standard_leaves(two.leaves, 1, replacement.before)
        mean, variance = sp.cancel(m2 + cov / q1 * (point - m1)), sp.factor_terms(sp.expand(sp.cancel(q2 - cov**2 / q1)))
        if random_symbols(outside) or expectation.args[0] != rest.subs(symbol, point).xreplace({other: mean + sp.sqrt(variance) * leaf}):
            raise NotDischarged("the conditional expectation is another")
        det, r1, r2 = q1 * q2 - cov**2, point - m1, other - m2
        exponent = r1**2 / (2 * q1) + (other - mean) ** 2 / (2 * variance) - (q2 * r1**2 - 2 * cov * r1 * r2 + q1 * r2**2) / (2 * det)
        if sp.cancel(exponent) != 0 or is_zero(q1 * variance - det, domain) is not True:
            raise NotDischarged("the joint density does not factor like that")
        if is_zero(outside - _normal(point, m1, q1) / steep, domain) is not True:
            raise NotDischarged("the density of the variable in the delta function is another")

    def _check_one(self, replacement: Replacement) -> None:
        """The density solves p' = -(x - mean)/variance p, and the value is the integrand times it at the point."""
        form = one_form(replacement.before.args[0])
        rest, points = _points(form, replacement.domain)
        (point, slope), x = points[form.x], form.x
        density = sp.exp(-((x - form.mean) ** 2) / (2 * form.variance)) / sp.sqrt(2 * sp.pi * form.variance)
        logarithmic = sp.diff(density, x) / density + (x - form.mean) / form.variance
        value = rest.subs(x, point) * density.subs(x, point) / slope
        if is_zero(logarithmic, replacement.domain) is not True or is_zero(value - replacement.after, replacement.domain) is not True:
            raise NotDischarged("the density is another")


def _points(form: OneForm | TwoForms, domain: Domain) -> tuple[Any, dict[Any, tuple[Any, Any]]]:
    """(the integrand without its deltas, symbol -> (where its delta sits, |slope|))."""
    rest, points = sp.Integer(1), {}
    for factor in sp.Mul.make_args(form.function):
        if not isinstance(factor, sp.DiracDelta):
            rest *= factor
            continue
        symbols = [s for s in ([form.x] if isinstance(form, OneForm) else [form.x, form.y]) if factor.has(s)]
        if len(symbols) != 1 or symbols[0] in points:
            raise NotApplicable("each delta function must hold one of the variables, and each variable one delta function")
        slope, offset = affine(factor.args[0], symbols[0])
        sign = signs(slope, domain)
        if sign not in (POSITIVE, frozenset({-1})):
            raise NotApplicable(f"the sign of {slope} is not known")
        points[symbols[0]] = (sp.cancel(-offset / slope), slope if sign == POSITIVE else -slope)
    return rest, points


def _normal(point: Any, mean: Any, variance: Any) -> Any:
    return sp.exp(sp.cancel(-((point - mean) ** 2) / (2 * variance))) / sp.sqrt(2 * sp.pi * variance)


def _one(form: OneForm, domain: Domain) -> Any:
    rest, points = _points(form, domain)
    point, slope = points[form.x]
    if signs(form.variance, domain) != POSITIVE:
        raise NotApplicable(f"the variance {form.variance} is not proved positive")
    return rest.subs(form.x, point) * _normal(point, form.mean, form.variance) / slope


def _sides(two: TwoForms, symbol: Any) -> tuple[Any, Any, Any, Any, Any]:
    """(m1, q1, m2, q2, cov) with the variable of the delta first."""
    (m1, m2), (q1, q2) = two.means, two.variances
    return (m1, q1, m2, q2, two.covariance) if symbol == two.x else (m2, q2, m1, q1, two.covariance)


def _two(two: TwoForms, node: Any, domain: Domain) -> Any:
    """p_u(a) E[rest | u = a]: the law of v given u = a is N(m2 + cov/q1 (a - m1), q2 - cov^2/q1)."""
    rest, points = _points(two, domain)
    symbol = two.x if two.x in points else two.y
    other = two.y if symbol == two.x else two.x
    m1, q1, m2, q2, cov = _sides(two, symbol)
    point, slope = points[symbol]
    if signs(q1, domain) != POSITIVE:
        raise NotApplicable(f"the variance {q1} is not proved positive")
    mean = sp.cancel(m2 + cov / q1 * (point - m1))
    variance = sp.factor_terms(sp.expand(sp.cancel(q2 - cov**2 / q1)))
    outside = _normal(point, m1, q1) / slope
    rest = rest.subs(symbol, point)
    if other in points:
        second, steep = points[other]
        return outside * rest.subs(other, second) * _normal(second, mean, variance) / steep
    (leaf,) = standard_leaves(two.leaves, 1, node)
    return outside * Expectation(rest.xreplace({other: mean + sp.sqrt(variance) * leaf}))


density = Density()
