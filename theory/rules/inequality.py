"""Steps that lose something: a bound from below or above, discharged by a proved sign."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact import nonnegative


@final
class AtLeast(Rule):
    """`(at_least, bound)`: the expression is at least `bound` on the whole domain."""

    name = "at_least"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        if len(args) != 1:
            raise NotApplicable("name the bound: by(at_least, bound)")
        return Rewrite(sp.sympify(args[0]), "the difference is nonnegative", Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        if not nonnegative(before - rewrite.after, domain):
            raise NotDischarged("the difference is not proved nonnegative")


@final
class AtMost(Rule):
    """`(at_most, bound)`: the expression is at most `bound` on the whole domain."""

    name = "at_most"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        if len(args) != 1:
            raise NotApplicable("name the bound: by(at_most, bound)")
        return Rewrite(sp.sympify(args[0]), "the difference is nonnegative", Link.AT_MOST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        if not nonnegative(rewrite.after - before, domain):
            raise NotDischarged("the difference is not proved nonnegative")


at_least = AtLeast()
at_most = AtMost()
