"""Independence: the expectation of a product of functions of different variables is the product of expectations."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.stats.rv import RandomSymbol
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.quantity import random_symbols
from lemmata.theory.rules.existence import integrable
from lemmata.theory.rules.linearity import same_function
from lemmata.theory.rules.local import LocalRule, Replacement


@final
class Independence(LocalRule):
    """E[f(X) g(Y)] = E[f(X)] E[g(Y)] for independent X and Y; distinct symbols of sympy.stats are independent."""

    name = "independence"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation of a product of functions of different variables"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        groups: list[tuple[set[Any], Any]] = []
        constant = sp.Integer(1)
        for factor in sp.Mul.make_args(node.args[0]):
            leaves = set(random_symbols(factor))
            if not leaves:
                constant *= factor
                continue
            touching = [group for group in groups if group[0] & leaves]
            groups = [group for group in groups if not group[0] & leaves]
            for others, product in touching:
                leaves |= others
                factor *= product
            groups.append((leaves, factor))
        if len(node.args) > 1 or len(groups) < 2 or not all(isinstance(leaf, RandomSymbol) for leaves, _ in groups for leaf in leaves):
            raise NotApplicable("the factors share their random variables")
        after = constant * sp.Mul(*(Expectation(product) for _, product in groups))
        assumes = () if integrable(node.args[0], domain) else (f"E {node.args[0]} exists",)
        return Replacement(node, after, domain, "independent variables", assumes)

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        seen: set[Any] = set()
        for node in replacement.after.atoms(Expectation):
            leaves = set(random_symbols(node))
            if leaves & seen:
                raise NotDischarged("two factors share a random variable")
            seen |= leaves
        powers = {node: node.args[0] for node in replacement.after.atoms(Expectation)}
        same_function(replacement.before.args[0], replacement.after.xreplace(powers), replacement.domain)


independence = Independence()
