"""The largest of several numbers: its limit, and that no weighted mean exceeds it."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.rules.calculus import take_limit
from lemmata.theory.rules.local import LocalRule, Replacement


@final
class LimitOfMax(LocalRule):
    """lim c Max(a, b, ...) = Max(lim c a, lim c b, ...) for c >= 0, where all of these limits are found: Max is continuous."""

    name = "limit_of_max"
    kinds: ClassVar[tuple[type, ...]] = (sp.Limit,)
    needs = "limit of a multiple of a largest number"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        limits = [sp.Limit(part, *node.args[1:]) for part in _parts(node, domain)]
        values = [take_limit.replace(item, domain=domain).after for item in limits]
        return Replacement(node, sp.Max(*values, evaluate=False), domain, "Max is continuous: the largest of the limits")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Each limit by the check of its own rule, and the largest of just these."""
        node, domain = replacement.before, replacement.domain
        found = []
        for part in _parts(node, domain):
            item = take_limit.replace(sp.Limit(part, *node.args[1:]), domain=domain)
            take_limit.check_replacement(item)
            found.append(item.after)
        if sp.Max(*found, evaluate=False) != replacement.after:
            raise NotDischarged("the limits are others")


@final
class MeanAtMost(Rule):
    """c Max(a, b, ...) >= i a + j b + ..., where i + j + ... = c and all of i, j, ... are >= 0; `(mean_at_most, {a: i, b: j})`."""

    name = "mean_at_most"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        (weights,) = args
        mean = sp.Add(*(weight * part for part, weight in weights.items()))
        return Rewrite(mean, "no weighted mean exceeds the largest", Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The weights are proved nonnegative, they add up to the factor, and what they belong to are among the numbers."""
        (weights,) = args
        factor, largest = _multiple(before)
        total = sp.Add(*weights.values())
        if exact.is_zero(sp.expand(total - factor), domain) is not True or not all(part in largest.args for part in weights):
            raise NotDischarged("the weights do not add up to the factor, or belong to other numbers")
        if not all(exact.nonnegative(weight, domain) for weight in weights.values()):
            raise NotDischarged("a weight is not proved nonnegative")
        mean = sp.Add(*(weight * part for part, weight in weights.items()))
        if rewrite.link is not Link.AT_LEAST or rewrite.after != mean:
            raise NotDischarged("the mean is another")


def _multiple(expr: Any) -> tuple[Any, Any]:
    """(c, Max(...)) of c Max(...)."""
    largest = [factor for factor in sp.Mul.make_args(expr) if isinstance(factor, sp.Max)]
    if len(largest) != 1:
        raise NotApplicable("it takes a multiple of the largest of several numbers")
    return sp.Mul(*(factor for factor in sp.Mul.make_args(expr) if factor != largest[0])), largest[0]


def _parts(node: Any, domain: Domain) -> list[Any]:
    """The multiples of the numbers of which the limit takes the largest."""
    factor, largest = _multiple(node.args[0])
    x, end = node.args[1:3]
    near = sp.Dummy(str(x), positive=True) if end is sp.oo else None
    if near is None or not exact.nonnegative(factor.xreplace({x: near}), domain):
        raise NotApplicable("the factor of the largest number is not proved nonnegative for large arguments")
    return [factor * part for part in largest.args]


limit_of_max = LimitOfMax()
mean_at_most = MeanAtMost()
