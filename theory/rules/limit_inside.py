"""Limits are taken inside continuous functions."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.continuity import regular
from lemmata.theory.exact.signs import NEGATIVE, signs
from lemmata.theory.quantity import quantities


@final
class LimitInside(Rule):
    r"""`(limit_inside, part)`: lim F(part) = F(0) as x tends to infinity, where the part is positive, tends to 0, and F is continuous.

    The part is e^(a x + b) with a < 0, or x^-k with k > 0; F does not hold x otherwise, and is continuous on [0, oo).

    >>> from lemmata.theory.derivation import Derivation
    >>> x = sp.Symbol("x", positive=True)
    >>> Derivation(sp.Limit(sp.log(2 + sp.exp(-x)), x, sp.oo), Domain(())).by(limit_inside, sp.exp(-x)).end
    log(2)
    """

    name = "limit_inside"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        part, form, hole = _read(expr, args)
        return Rewrite(form.xreplace({hole: sp.S.Zero}), rf"${sp.latex(part)} \to 0$, and the rest is continuous there")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        part, form, hole = _read(before, args)
        x = before.args[1]
        if not vanishes(part, x, domain):
            raise NotDischarged(f"that {part} tends to 0 from above was not proved")
        if not regular(form, hole, Domain((*domain.symbols, hole), domain.given)):
            raise NotDischarged(f"the function of {part} was not proved continuous from 0 on")
        if rewrite.after != form.xreplace({hole: sp.S.Zero}):
            raise NotDischarged("it is not the value of that function at 0")


def vanishes(part: Any, x: Any, domain: Domain) -> bool:
    """Whether a part is positive for large x and tends to 0 as x tends to infinity: e^(a x + b), a < 0, or x^-k, k > 0.

    >>> x = sp.Symbol("x", positive=True)
    >>> [vanishes(part, x, Domain(())) for part in (sp.exp(1 - 2 * x), 1 / x, sp.exp(x), sp.exp(-x * x))]
    [True, True, False, False]
    """
    if isinstance(part, sp.exp):
        exponent = part.args[0]
        if not exponent.is_polynomial(x) or sp.Poly(exponent, x).degree() != 1:
            return False
        return signs(sp.Poly(exponent, x).LC(), domain) <= NEGATIVE and sp.Poly(exponent, x).coeff_monomial(1).is_real is True
    return isinstance(part, sp.Pow) and part.base == x and not part.exp.has(x) and signs(part.exp, domain) <= NEGATIVE


def _read(expr: Any, args: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    if not isinstance(expr, sp.Limit) or expr.args[2] is not sp.oo or len(args) != 1 or quantities(expr.args[0]):
        raise NotApplicable("it takes a limit at infinity of a closed expression, and the part that vanishes: by(limit_inside, part)")
    part, hole = sp.sympify(args[0]), sp.Dummy("h", nonnegative=True)
    form = expr.args[0].xreplace({part: hole})
    if form.has(expr.args[1]) or form.xreplace({hole: part}) != expr.args[0]:
        raise NotApplicable(f"the expression is no function of {part} alone")
    return part, form, hole


limit_inside = LimitInside()
