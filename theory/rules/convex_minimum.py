"""A convex function is least where its derivative vanishes."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.continuity import regular
from lemmata.theory.exact.sign_tactics import hypotheses
from lemmata.theory.quantity import quantities
from lemmata.theory.rules.descent_lemma import require


@final
class ConvexMinimum(Rule):
    """`(convex_minimum, x, m)`: f(x) >= f(m), where f'' >= 0 on the domain of x, an interval that holds m, and f'(m) = 0.

    >>> from lemmata.theory.derivation import Derivation
    >>> x = sp.Symbol("x", positive=True)
    >>> Derivation(x + 1 / x, Domain((x,))).by(convex_minimum, x, sp.Integer(1)).end
    2
    """

    name = "convex_minimum"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        x, m = _read(expr, args)
        return Rewrite(expr.xreplace({x: m}), rf"convex in ${sp.latex(x)}$, with the slope 0 at ${sp.latex(m)}$", Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """An interval that holds m, two derivatives on it, the sign of the second, the zero of the first."""
        x, m = _read(before, args)
        require(exact.is_zero(rewrite.after - before.xreplace({x: m}), domain), f"it is not the value at {m}")
        bounds = [(side, sign) for side, sign in hypotheses(domain) if side.has(x)]
        known = sum(part.has(x) for part in domain.hypotheses)
        require(known == len(bounds), f"a hypothesis on {x} is no inequality")
        for side, sign in bounds:
            affine = side.is_polynomial(x) and sp.degree(side, x) == 1
            require(affine and 1 in sign and -1 not in sign, f"the hypothesis on {x} with {side} does not bound an interval")
            there = side.xreplace({x: m})
            held = exact.nonnegative(there, domain) if 0 in sign else exact.positive(there, domain)
            require(held, f"that {m} satisfies the hypothesis with {side} was not proved")
        require(_of_a_kind(x, m, domain), f"{m} was not proved to be among the values of {x}")
        slope = sp.diff(before, x)
        require(regular(before, x, domain) and regular(slope, x, domain), f"the function and its slope in {x} were not proved continuous")
        require(exact.nonnegative(sp.factor(sp.diff(slope, x)), domain), f"the second derivative in {x} was not proved to be at least 0")
        require(exact.is_zero(slope.xreplace({x: m}), domain), f"the slope at {m} was not proved to be 0")


def _read(expr: Any, args: tuple[Any, ...]) -> tuple[Any, Any]:
    if len(args) != 2 or not isinstance(args[0], sp.Symbol) or not expr.has(args[0]):
        raise NotApplicable("it takes a symbol of the expression and where it is least: by(convex_minimum, x, m)")
    x, m = args[0], sp.sympify(args[1])
    if quantities(expr) or m.has(x):
        raise NotApplicable(f"it takes a closed expression, and a place that does not depend on {x}")
    if x.is_integer or not x.is_real:
        raise NotApplicable(f"{x} is not a real variable that moves continuously")
    return x, m


def _of_a_kind(x: Any, m: Any, domain: Domain) -> bool:
    """Whether m has the signs that the symbol x is assumed to have."""
    if x.is_positive:
        return exact.positive(m, domain)
    if x.is_nonnegative:
        return exact.nonnegative(m, domain)
    if x.is_negative:
        return exact.positive(-m, domain)
    if x.is_nonpositive:
        return exact.nonnegative(-m, domain)
    return x.is_nonzero is not True and m.is_real is True


convex_minimum = ConvexMinimum()
