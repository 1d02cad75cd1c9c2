"""Two closed forms of one function: the last step of a derivation, discharged by the exact zero test."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact import equal
from lemmata.theory.quantity import quantities


@final
class Rearrange(Rule):
    """`(rearrange, target)`: the same function written as `target`; without a target, SymPy's own simplification.

    Nothing is taken on trust: the difference of the two forms must be proved zero (`exact.is_zero`).
    """

    name = "rearrange"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        if args:
            return Rewrite(sp.sympify(args[0]), "the same function, by the exact zero test")
        if quantities(expr) or sp.count_ops(expr) > 200:
            raise NotApplicable("only small closed expressions are simplified")
        after = sp.simplify(expr)
        if after == expr:
            raise NotApplicable("it is simple already")
        return Rewrite(after, "simplified; the difference is exactly zero")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        if equal(before, rewrite.after, domain) is not True:
            raise NotDischarged("the two forms are not proved equal")


rearrange = Rearrange()
