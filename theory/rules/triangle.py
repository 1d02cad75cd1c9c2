"""The triangle inequality from below: an absolute value is at least the difference of two."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import real


@final
class ReverseTriangle(Rule):
    """`(reverse_triangle, u, v)`: |u + v| >= |u| - |v| for real u and v.

    >>> from lemmata.theory.derivation import Derivation
    >>> x, y = sp.symbols("x y", real=True)
    >>> Derivation(abs(x - y), Domain((x, y))).by(reverse_triangle, x, -y).end
    Abs(x) - Abs(y)
    """

    name = "reverse_triangle"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        if len(args) != 2 or not isinstance(expr, sp.Abs):
            raise NotApplicable("it takes an absolute value, and the two parts of what is inside: by(reverse_triangle, u, v)")
        u, v = map(sp.sympify, args)
        return Rewrite(sp.Abs(u) - sp.Abs(v), r"$|u + v| \ge |u| - |v|$", Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        u, v = map(sp.sympify, args)
        if not (real(u, domain) and real(v, domain)):
            raise NotDischarged(f"{u} and {v} were not proved real")
        if exact.is_zero(before.args[0] - u - v, domain) is not True:
            raise NotDischarged(f"what is inside was not proved to be {u} + ({v})")
        if rewrite.after != sp.Abs(u) - sp.Abs(v) or rewrite.link is not Link.AT_LEAST:
            raise NotDischarged("it is not the difference of the two absolute values")


reverse_triangle = ReverseTriangle()
