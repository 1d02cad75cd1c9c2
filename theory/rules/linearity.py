"""Linearity of expectation: sums apart, constants out; variances and covariances as expectations."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.stats.symbolic_probability import Covariance, Expectation, Moment, Variance

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.quantity import random_symbols
from lemmata.theory.rules.existence import integrable
from lemmata.theory.rules.local import LocalRule, Replacement, plain


@final
class Linearity(LocalRule):
    """E[a f + b g] = a E[f] + b E[g] for numbers a and b; E[a] = a. That the expectations exist is proved or listed."""

    name = "linearity"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation of a sum or of a multiple"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        _unconditional(node)
        after = sp.Add(*(_constant_out(term) for term in sp.Add.make_args(_expanded(node.args[0]))))
        if after == node:
            raise NotApplicable("there is nothing to take apart")
        exists = not isinstance(after, sp.Add) or integrable(node.args[0], domain)
        return Replacement(node, after, domain, "expectation is linear", () if exists else ("every expectation in the sum exists",))

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        stripped, integrand = without_expectations(replacement.after), replacement.before.args[0]
        if random_symbols(sp.Tuple(replacement.after.xreplace({e: sp.Integer(0) for e in replacement.after.atoms(Expectation)}))):
            raise NotDischarged("a random variable was left outside of an expectation")
        same_function(integrand, stripped, replacement.domain)


@final
class SecondMoments(LocalRule):
    """Var X = E[X^2] - E[X]^2 and Cov(X, Y) = E[X Y] - E[X] E[Y], the moments of order n likewise."""

    name = "second_moments"
    kinds: ClassVar[tuple[type, ...]] = (Variance, Covariance, Moment)
    needs = "variance or covariance"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        _unconditional(node)
        if isinstance(node, Variance):
            (x,) = node.args
            return Replacement(node, Expectation(x**2) - Expectation(x) ** 2, domain, "the definition of the variance")
        if isinstance(node, Covariance):
            x, y = node.args
            after = Expectation(x * y) - Expectation(x) * Expectation(y)
            return Replacement(node, after, domain, "the definition of the covariance")
        x, order, centre = (*node.args, sp.Integer(0))[:3]
        return Replacement(node, Expectation((x - centre) ** order), domain, "the definition of the moment")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Over two equally likely outcomes the definition E[(X - EX)(Y - EY)] must come out."""
        node = replacement.before
        if isinstance(node, Moment):
            return
        x, y = (node.args[0], node.args[-1])
        outcomes = [{leaf: sp.Dummy(f"{leaf}{i}", real=True) for leaf in random_symbols(node)} for i in range(2)]

        def mean(expr: Any) -> Any:
            return sum(expr.xreplace(outcome) for outcome in outcomes) / 2

        central = mean((x - mean(x)) * (y - mean(y)))
        names = {e: mean(e.args[0]) for e in replacement.after.atoms(Expectation)}
        if sp.expand(replacement.after.xreplace(names) - central) != 0:
            raise NotDischarged("the central second moment does not come out")


def without_expectations(expr: Any) -> Any:
    """Every expectation replaced by its integrand: an identity between such forms holds pointwise."""
    return expr.xreplace({node: node.args[0] for node in expr.atoms(Expectation)})


def same_function(first: Any, second: Any, domain: Domain) -> None:
    """Discharge that two integrands are the same function of their random variables."""
    _, names = plain(sp.Tuple(first, second), random_symbols(sp.Tuple(first, second)))
    if is_zero(first.xreplace(names) - second.xreplace(names), domain) is not True:
        raise NotDischarged("the integrands are not proved equal")


def _unconditional(node: Any) -> None:
    if len(node.args) > (2 if isinstance(node, Covariance) else 3 if isinstance(node, Moment) else 1):
        raise NotApplicable("conditional expectations are not taken apart")


def _expanded(integrand: Any) -> Any:
    return sp.expand(integrand, power_exp=False, power_base=False, log=False)


def _constant_out(term: Any) -> Any:
    constant, varying = sp.Integer(1), sp.Integer(1)
    for factor in sp.Mul.make_args(term):
        if random_symbols(factor):
            varying *= factor
        else:
            constant *= factor
    return constant if varying == 1 else constant * Expectation(varying)


linearity = Linearity()
second_moments = SecondMoments()
