"""Odd integrands: over a law that is symmetric about 0 their expectation vanishes."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp
from sympy.stats.crv_types import NormalDistribution, StudentTDistribution, UniformDistribution
from sympy.stats.drv_types import SkellamDistribution
from sympy.stats.frv_types import RademacherDistribution
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.derivation import NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.exact import is_zero
from lemmata.theory.quantity import random_symbols
from lemmata.theory.rules.existence import integrable
from lemmata.theory.rules.local import LocalRule, Replacement, plain


@final
class Symmetry(LocalRule):
    """E f(z) = 0 when f(-z) = -f(z) and z and -z have the same law.

    That f is integrable is proved where its growth and the law's moments show it, refused where the law may lack moments
    (Student's), and else listed among what is assumed.
    """

    name = "symmetry"
    kinds: ClassVar[tuple[type, ...]] = (Expectation,)
    needs = "expectation of an odd function of variables symmetric about 0"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        leaves = random_symbols(node)
        if len(node.args) > 1 or not leaves or not all(symmetric(leaf) for leaf in leaves):
            raise NotApplicable("the variables are not symmetric about 0")
        integrand = node.args[0]
        flipped = integrand.xreplace({leaf: -leaf for leaf in leaves})
        if sp.expand(flipped + integrand) != 0:
            raise NotApplicable("the integrand is not odd as it is written")
        assumes = () if integrable(integrand, domain) else ("the odd integrand is integrable",)
        return Replacement(node, sp.Integer(0), domain, "the integrand is odd and the law symmetric", assumes)

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        leaves = random_symbols(replacement.before)
        integrand, names = plain(replacement.before.args[0], leaves)
        flipped = integrand.subs({name: -name for name in names.values()}, simultaneous=True)
        if replacement.after != 0 or is_zero(integrand + flipped, replacement.domain) is not True:
            raise NotDischarged("f(z) + f(-z) is not proved zero")


def symmetric(leaf: Any) -> bool:
    """Whether a random leaf has the law of its negative, by the law's own parameters."""
    law = getattr(getattr(leaf, "pspace", None), "distribution", None)
    match law:
        case NormalDistribution():
            return bool(law.mean == 0)
        case UniformDistribution():
            return bool(sp.expand(law.left + law.right) == 0)
        case StudentTDistribution() | RademacherDistribution():
            return True
        case SkellamDistribution():
            return bool(law.mu1 == law.mu2)
        case _:
            return False


symmetry = Symmetry()
