"""A minimum is at most the minimum over fewer variables: the others are fixed at values that the constraints allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NONNEGATIVE, real, signs
from lemmata.theory.iterates import bound
from lemmata.theory.minima import Minimum


@final
class FixVariables(Rule):
    r"""`(fix_variables, {p: value, ...})`: min over (x, p) of f is at most min over x of f(x, value).

    The values are proved real. Every (x, value) that satisfies what is left of the constraints satisfies the given ones: those without a
    variable left are proved.

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.minima import minimum
    >>> x, p = sp.symbols("x p", real=True)
    >>> node = minimum((x - p - 1) ** 2, (x, p), [sp.Ge(x, 0), sp.Le(x, 2), sp.Ge(p, 0), sp.Le(p, 1)])
    >>> Derivation(node, Domain(())).by(fix_variables, {p: sp.S.Zero}).end
    minimum((x - 1)**2, (x), [x >= 0, x <= 2])
    """

    name = "fix_variables"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        values = _read(expr, args)
        named = ", ".join(rf"{sp.latex(variable)} = {sp.latex(value)}" for variable, value in values.items())
        return Rewrite(_slice(expr, values), rf"with ${named}$ the constraints still hold", Link.AT_MOST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Constraints that lose their last variable are proved on the domain; all others are those of the slice."""
        values = _read(before, args)
        for variable, value in values.items():
            if not real(value, domain):
                raise NotDischarged(f"that the value {value} of {variable} is real was not proved")
        for left, sense, right in before.constraints:
            first, second = left.xreplace(values), right.xreplace(values)
            if (first.free_symbols | second.free_symbols) & set(before.variables):
                continue
            gap = second - first if sense == "<=" else first - second
            held = exact.is_zero(gap, domain) is True if sense == "==" else signs(gap, domain) <= NONNEGATIVE
            if not held:
                raise NotDischarged(f"that {left} {sense} {right} holds there was not proved")
        if rewrite.after != _slice(before, values) or rewrite.link is not Link.AT_MOST:
            raise NotDischarged("it is not the minimum with these variables fixed")


def _slice(node: Minimum, values: Mapping[Any, Any]) -> Minimum:
    kept = [variable for variable in node.variables if variable not in values]
    rows = []
    for left, sense, right in node.args[2]:
        first, second = left.xreplace(values), right.xreplace(values)
        if (first.free_symbols | second.free_symbols) & set(kept):
            rows.append(sp.Tuple(first, sense, second))
    return Minimum(node.expr.xreplace(dict(values)), kept, rows)


def _read(expr: Any, args: tuple[Any, ...]) -> dict[Any, Any]:
    if not isinstance(expr, Minimum) or len(args) != 1 or not isinstance(args[0], Mapping) or not args[0]:
        raise NotApplicable("it takes a minimum, and the values of some of its variables: by(fix_variables, {p: 0})")
    values = {bound(variable): sp.sympify(value) for variable, value in args[0].items()}
    left = set(expr.variables) - set(values)
    if not set(values) < set(expr.variables) or any(value.free_symbols & set(expr.variables) for value in values.values()):
        raise NotApplicable(f"fix some variables of {sorted(map(str, expr.variables))}, not all, at values without any; left: {left}")
    return values


fix_variables = FixVariables()
