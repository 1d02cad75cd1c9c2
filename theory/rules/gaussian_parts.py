"""Gaussian expectations of powers, exponentials, steps, error functions and waves, reduced to closed form."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.stats.symbolic_probability import Expectation, Probability

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.exact.signs import POSITIVE, signs
from lemmata.theory.forms import one_form, two_forms
from lemmata.theory.gaussian_checks import discharge, same
from lemmata.theory.gaussian_reduction import Law, Reduction, variables
from lemmata.theory.gaussian_terms import terms_of
from lemmata.theory.normal_form import collected
from lemmata.theory.pieces import SWITCHES, breakpoints, resolve_between
from lemmata.theory.rules.local import LocalRule, Replacement, inside


@final
class GaussianParts(LocalRule):
    """E[f(u) g(v)] for jointly normal u, v by integration by parts, changes of measure and orthant probabilities.

    f and g are sums of products of piecewise polynomials, exponentials of quadratics, erf, sine and cosine. Kinks at 0 end in
    arc sines, exponentials and roots; other kinks in one integral each, over the angle asin(c) (a bivariate normal probability).
    What has a rule of its own is left to it: polynomials, one exponential, and most integrands in one variable.

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.gaussian import gaussian_pair
    >>> c = sp.Symbol("c", real=True)
    >>> u, v = gaussian_pair(1, 1, c)
    >>> Derivation(Expectation(sp.Max(0, u) * sp.erf(v)), Domain((c,), (c >= -1, c <= 1))).by(gaussian_parts).end
    sqrt(3)*c/(3*sqrt(pi))
    """

    name = "gaussian_parts"
    source = "Stein (1981), lemma 1; Price (1958); Sheppard (1899) for the orthants"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation over one or two normal variables"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        law, function = law_of(node, domain)
        if _has_its_own_rule(function, variables(len(law.means)), domain):
            raise NotApplicable(
                "polynomials, one exponential, and piecewise polynomials with kinks at 0 in one variable have rules of their own"
            )
        reduction, total = _reduced(law, function, domain)
        because = ", ".join(dict.fromkeys(equation.kind.value for equation in reduction.equations.values()))
        return Replacement(node, collected(total), domain, because)

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The steps on each piece, every equation by its own check, and the sum of what they give."""
        domain = replacement.domain
        law, function = law_of(replacement.before, domain)
        _check_steps(function, variables(len(law.means)), domain)
        reduction, total = _reduced(law, function, domain)
        for equation in reduction.equations.values():
            discharge(equation, domain)
        if not same(total, replacement.after, domain):
            raise NotDischarged("the equations add up to another value")


def _has_its_own_rule(function: Any, names: tuple[Any, ...], domain: Domain) -> bool:
    """Whether linearity with moments, `determinant` or `half_lines` reaches the value in fewer words."""
    if function.is_polynomial(*names):
        return True
    if len(names) == 1 and not function.has(sp.erf, sp.erfc, sp.sin, sp.cos):
        return not (
            function.has(*SWITCHES) and (function.has(sp.exp) or any(point != 0 for point in breakpoints(function, names[0], domain)))
        )
    if function.has(*SWITCHES):
        return False
    varying = [factor for factor in sp.Mul.make_args(function) if factor.has(*names)]
    return all(factor.as_base_exp()[0] is sp.E for factor in varying)


def _reduced(law: Law, function: Any, domain: Domain) -> tuple[Reduction, Any]:
    """The equations used, and the value they add up to."""
    reduction, total = Reduction(domain), sp.S.Zero
    for coefficient, term in terms_of(function, variables(len(law.means)), domain):
        total += coefficient * reduction.value(law, term)
    return reduction, total


def _check_steps(function: Any, names: tuple[Any, ...], domain: Domain) -> None:
    """The expansion into terms is the function, branch by branch on every piece of every variable."""
    terms = terms_of(function, names, domain)
    rebuilt = sp.Add(*(coefficient * term.expression(names) for coefficient, term in terms))
    cells: list[tuple[Domain, dict[Any, tuple[Any, Any]]]] = [(domain, {})]
    for x in names:
        where = Domain((*domain.symbols, *names), domain.given)
        ends = [-sp.oo, *breakpoints(function, x, where), sp.oo]
        cells = [
            (inside(base, x, low, high), {**bounds, x: (low, high)})
            for base, bounds in cells
            for low, high in zip(ends, ends[1:], strict=False)
        ]
    for where, bounds in cells:
        left, right = function, rebuilt
        for x, (low, high) in bounds.items():
            left, right = (resolve_between(side, x, low, high, where) for side in (left, right))
        if sp.expand(left - right) != 0 and is_zero(left - right, where) is not True:
            raise NotDischarged("the terms are not proved to add up to the integrand")


def law_of(node: Any, domain: Domain) -> tuple[Law, Any]:
    """The law of the one or two normal variables of an expectation, and its integrand as a function of x_0, x_1."""
    if len(node.args) > 1 or isinstance(node, Probability):
        raise NotApplicable("conditional expectations are not integrated here")
    try:
        two = two_forms(node.args[0])
    except NotApplicable:
        one = one_form(node.args[0])
        (x,) = variables(1)
        law, function = Law((one.mean,), ((one.variance,),)), one.function.xreplace({one.x: x})
    else:
        x, y = variables(2)
        (q1, q2), k = two.variances, two.covariance
        law, function = Law(two.means, ((q1, k), (k, q2))), two.function.xreplace({two.x: x, two.y: y})
    for i, row in enumerate(law.covariance):
        if signs(row[i], domain) != POSITIVE:
            raise NotApplicable(f"the variance {row[i]} is not proved positive")
    return law, function


gaussian_parts = GaussianParts()
