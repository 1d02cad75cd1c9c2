"""A part of an expression is replaced by a bound of it, in which the expression is monotone."""

from __future__ import annotations

from typing import Any, final

import sympy as sp

from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.continuity import regular
from lemmata.theory.exact.signs import NONNEGATIVE, NONPOSITIVE, POSITIVE, real, signs
from lemmata.theory.quantity import quantities


@final
class BoundPart(Rule):
    r"""`(bound_part, part, bound)`: f(part) <= f(bound) where part <= bound and f rises, and so on for the other cases.

    Between part and bound f is continuous, and its derivative in the part has one sign: that is proved on all real numbers, or on all
    that are positive (nonnegative) where both ends are. With `(bound_part, part, bound, (t, u))` the inequality between the two is
    proved for a symbol t in place of u, of which u must have the assumed sign.

    >>> from lemmata.theory.derivation import Derivation
    >>> x, y = sp.symbols("x y", real=True)
    >>> Derivation(sp.log(1 + sp.exp(x)) + y, Domain((x, y))).by(bound_part, 1 + sp.exp(x), sp.exp(x)).end
    x + y
    """

    name = "bound_part"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        part, bound = _read(expr, args, domain)
        side, slope = side_of(part, bound, args[2:], domain), monotony(expr, part, bound, domain)
        sense, turn = (r"\le" if side > 0 else r"\ge"), ("rises" if slope > 0 else "falls")
        because = rf"${sp.latex(part)} {sense} {sp.latex(bound)}$, in which the expression {turn}"
        return Rewrite(expr.xreplace({part: bound}), because, Link.AT_MOST if side * slope > 0 else Link.AT_LEAST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """The sign of the difference and that of the derivative must give the link that was said."""
        part, bound = _read(before, args, domain)
        product = side_of(part, bound, args[2:], domain) * monotony(before, part, bound, domain)
        if rewrite.link is not (Link.AT_MOST if product > 0 else Link.AT_LEAST) or rewrite.after != before.xreplace({part: bound}):
            raise NotDischarged("the bound lies on the other side, or something else was put in")


def side_of(part: Any, bound: Any, abstracted: tuple[Any, ...], domain: Domain) -> int:
    """1 where part <= bound is proved on the domain, -1 where part >= bound; raises NotDischarged."""
    gap, where = bound - part, domain
    if abstracted:
        symbol, inner = abstracted[0]
        first, second = part.xreplace({inner: symbol}), bound.xreplace({inner: symbol})
        if not isinstance(symbol, sp.Symbol) or not symbol.is_real or symbol in domain.symbols or symbol in part.free_symbols:
            raise NotDischarged(f"{symbol} is not a new real symbol")
        if first.xreplace({symbol: inner}) != part or second.xreplace({symbol: inner}) != bound:
            raise NotDischarged(f"{inner} is not put for {symbol} everywhere")
        if not _of_a_kind(symbol, inner, domain):
            raise NotDischarged(f"{inner} is not proved to be among the values of {symbol}")
        gap, where = second - first, Domain((*domain.symbols, symbol), domain.given)
    exponentials = [node for node in gap.atoms(sp.exp) if real(node.args[0], where)]
    for form in (gap, *(sp.expand(gap * sp.exp(-node.args[0])) for node in exponentials)):  # of one sign: e^x > 0
        found = signs(form, where)
        if found <= NONNEGATIVE:
            return 1
        if found <= NONPOSITIVE:
            return -1
    raise NotDischarged(f"on which side of {bound} the part {part} lies was not proved")


def monotony(expr: Any, part: Any, bound: Any, domain: Domain) -> int:
    """1 where expr rises in the part between it and the bound, -1 where it falls; raises NotDischarged."""
    kinds = [signs(end, domain) for end in (part, bound)]
    if all(kind <= POSITIVE for kind in kinds):
        x = sp.Dummy("x", positive=True)
    elif all(kind <= NONNEGATIVE for kind in kinds):
        x = sp.Dummy("x", nonnegative=True)
    else:
        x = sp.Dummy("x", real=True)
        if not (real(part, domain) and real(bound, domain)):
            raise NotDischarged(f"{part} and {bound} were not proved real")
    form = expr.xreplace({part: x})
    where = Domain((*domain.symbols, x), domain.given)
    if form.xreplace({x: part}) != expr:
        raise NotDischarged(f"{part} cannot be taken out of the expression and put back")
    if not regular(form, x, where):
        raise NotDischarged(f"the expression was not proved continuous in {part}")
    slope = signs(sp.factor_terms(sp.diff(form, x)), where)
    if slope <= NONNEGATIVE:
        return 1
    if slope <= NONPOSITIVE:
        return -1
    raise NotDischarged(f"the expression was not proved monotone in {part}")


def _of_a_kind(symbol: Any, inner: Any, domain: Domain) -> bool:
    """Whether `inner` has the sign that the symbol is assumed to have, and no more is assumed of the symbol."""
    if symbol.is_integer or symbol.is_rational or symbol.is_negative or symbol.is_nonpositive:
        return False
    if symbol.is_positive:
        return signs(inner, domain) <= POSITIVE
    if symbol.is_nonnegative:
        return signs(inner, domain) <= NONNEGATIVE
    return symbol.is_nonzero is not True and real(inner, domain)


def _read(expr: Any, args: tuple[Any, ...], domain: Domain) -> tuple[Any, Any]:
    if len(args) not in (2, 3) or (len(args) == 3 and not (isinstance(args[2], tuple) and len(args[2]) == 2)):
        raise NotApplicable("name the part, its bound, and if needed (t, u): by(bound_part, part, bound)")
    part, bound = sp.sympify(args[0]), sp.sympify(args[1])
    if not expr.has(part):
        raise NotApplicable(f"{part} is no part of the expression")
    if quantities(expr) or quantities(bound):
        raise NotApplicable("it takes closed expressions: bound what is measured first")
    taken = {symbol for node in sp.preorder_traversal(expr) for symbol in getattr(node, "bound_symbols", ())}
    if (part.free_symbols | bound.free_symbols) & taken or not (part.free_symbols | bound.free_symbols) <= set(domain.symbols):
        raise NotApplicable(f"{part} or {bound} holds a symbol that is not free in the statement")
    return part, bound


bound_part = BoundPart()
