"""Finite sums of any length: those that telescope, and bounds that hold for each term."""

from __future__ import annotations

from typing import Any, ClassVar, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NONNEGATIVE, signs
from lemmata.theory.monotone import direction, in_range
from lemmata.theory.rules.local import LocalRule, Replacement

DEEP = 4
"""Derivatives that the sign of a difference may take: three for sin z >= z - z^3/6, and one for its own sign."""


@final
class Telescopes(LocalRule):
    """c sum_(low <= j <= high) f(j) = T(high + 1) - T(low), where c f(j) = T(j + 1) - T(j) for every j of the range; `(telescopes, T)`."""

    name = "telescopes"
    kinds: ClassVar[tuple[type, ...]] = (sp.Mul, sp.Sum)
    needs = "multiple of a finite sum"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        _, total, _ = _multiple(node, domain)
        _, low, high = total.limits[0]
        (antidifference,) = args
        after = sp.sympify(antidifference(high + 1) - antidifference(low))
        return Replacement(node, after, domain, r"each term is $T(j + 1) - T(j)$")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """T(j + 1) - T(j) is c times the term, for every integer j of the range, where nothing is divided by 0; the ends are in order."""
        factor, total, inner = _multiple(replacement.before, replacement.domain)
        index, low, high = total.limits[0]
        (antidifference,) = args
        parts = [sp.sympify(part) for part in (total.function, antidifference(index), antidifference(index + 1))]
        divided = {node.base for part in parts for node in part.atoms(sp.Pow) if not exact.nonnegative(node.exp, inner)}
        if any(0 in signs(base, inner) for base in divided):
            raise NotDischarged("a term, or T, may divide by 0 in the range")
        step = sp.sympify(antidifference(index + 1) - antidifference(index))
        if exact.is_zero(sp.powsimp(sp.expand(step - factor * total.function)), inner) is not True:
            raise NotDischarged("the terms are not proved to be differences of T")
        if sp.sympify(antidifference(high + 1) - antidifference(low)) != replacement.after:
            raise NotDischarged("the ends give another value")


@final
class EqualTerms(LocalRule):
    """A sum of equal terms is their number times one of them."""

    name = "equal_terms"
    kinds: ClassVar[tuple[type, ...]] = (sp.Sum,)
    needs = "finite sum of equal terms"

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        if in_range(node, domain) is None:
            raise NotApplicable("the sum's range may be reversed or is not known")
        index, low, high = node.limits[0]
        term = sp.powsimp(node.function)
        if index in term.free_symbols:
            raise NotApplicable("the terms differ")
        return Replacement(node, (high - low + 1) * term, domain, "equal terms")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """The quotient by the number of terms does not hold the index, and every term is it."""
        node, inner = replacement.before, in_range(replacement.before, replacement.domain)
        index, low, high = node.limits[0]
        number = sp.expand(high - low + 1)
        if inner is None or index in replacement.after.free_symbols:
            raise NotDischarged("the range is not known")
        if exact.is_zero(sp.powsimp(sp.expand(replacement.after - number * node.function)), inner) is not True:
            raise NotDischarged("the terms are not proved equal")


@final
class Monotone(Rule):
    """f(x) <= f(b) (or >=) where x <= b (or >=) and f is monotone in x by its shape; `(monotone, {x: b, y: c})`, one after the other.

    x is a symbol, or a part of the expression that then counts as one.
    """

    name = "monotone"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        (bounds,) = args
        link = _compared(expr, bounds, domain)
        if link is None:
            raise NotApplicable("the expression is not proved to move in one direction")
        names = ", ".join(rf"${sp.latex(x)}$ by ${sp.latex(b)}$" for x, b in bounds.items())
        return Rewrite(expr.xreplace(bounds), f"monotone: {names}", link)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Each replaced part is on the side of its bound that is said, and what is left of the others moves as it should."""
        (bounds,) = args
        for order in {tuple(bounds), tuple(bounds)[::-1]}:
            if _compared(before, {x: bounds[x] for x in order}, domain) is not rewrite.link:
                raise NotDischarged("the direction is not proved")
        if before.xreplace(bounds) != rewrite.after:
            raise NotDischarged("the result is not what replacing the symbols gives")


@final
class OneTerm(LocalRule):
    """A sum of terms that are not negative is at least any one of them; `(one_term, j)`."""

    name = "one_term"
    kinds: ClassVar[tuple[type, ...]] = (sp.Sum,)
    needs = "finite sum"

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Any:
        from dataclasses import replace

        rewrite = super().apply(expr, *args, domain=domain)
        link = _link_in_sums(expr, [item.before for item in rewrite.replaced], domain)
        if link is None:
            raise NotApplicable("the expression is not proved to move in one direction with its sums")
        return replace(rewrite, link=link)

    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        inner = in_range(node, domain)
        if inner is None:
            raise NotApplicable("the sum's range may be empty or is not known")
        index, at = node.limits[0][0], sp.sympify(args[0])
        return Replacement(node, node.function.xreplace({index: at}), domain, f"the term $j = {sp.latex(at)}$ alone")

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        super().check(before, rewrite, *args, domain=domain)
        sums = [item.before for item in getattr(rewrite, "replaced", ())]
        if _link_in_sums(before, sums, domain) is not rewrite.link:
            raise NotDischarged("the direction is not proved")

    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Every term is proved >= 0 on the range, and the one that is kept belongs to it."""
        node, at = replacement.before, sp.sympify(args[0])
        inner = in_range(node, replacement.domain)
        index, low, high = node.limits[0]
        if inner is None or not exact.nonnegative(node.function, inner):
            raise NotDischarged("the terms are not proved nonnegative")
        here = replacement.domain
        if not at.is_integer or not exact.nonnegative(at - low, here) or not exact.nonnegative(high - at, here):
            raise NotDischarged("the term is not proved to be in the range")
        if node.function.xreplace({index: at}) != replacement.after or not exact.positive(replacement.after, here):
            raise NotDischarged("the term is another, or not proved positive")


def _multiple(node: Any, domain: Domain) -> tuple[Any, Any, Domain]:
    """(c, sum, the domain of its terms) of c sum."""
    sums = [factor for factor in sp.Mul.make_args(node) if isinstance(factor, sp.Sum)]
    if len(sums) != 1:
        raise NotApplicable("it takes a multiple of one finite sum")
    inner = in_range(sums[0], domain)
    factor = sp.Mul(*(part for part in sp.Mul.make_args(node) if part != sums[0]))
    if inner is None or sums[0].limits[0][0] in factor.free_symbols:
        raise NotApplicable("the sum's range may be reversed or is not known")
    return factor, sums[0], inner


def _compared(expr: Any, bounds: Any, domain: Domain) -> Link | None:
    """How expr compares with what it becomes when parts of it are replaced: the same for all of them, or None."""
    links, current = set(), expr
    taken = {symbol for node in sp.preorder_traversal(expr) for symbol in getattr(node, "bound_symbols", ())}
    if taken & {symbol for side in (*bounds, *bounds.values()) for symbol in sp.sympify(side).free_symbols}:
        raise NotApplicable("a replaced part or its bound holds a symbol that runs over a range in the expression: rename it")
    for part, bound in sorted(bounds.items(), key=lambda item: -len(list(sp.preorder_traversal(item[0])))):  # before what is inside them
        side, positive = _side(part, sp.sympify(bound), domain)
        held = sp.Dummy("x", positive=True) if positive else sp.Dummy("x", real=True)
        moved, within = current.xreplace({part: held}), domain
        if part.is_Symbol:  # the hypotheses on it say nothing of its bound
            within = Domain(domain.symbols, tuple(one for one in domain.given if part not in getattr(one, "free_symbols", ())))
        moves = direction(moved, held, within, positive=positive)
        if moves is None:
            raise NotApplicable(f"that the expression moves in one direction with {part} was not proved")
        if moves != 0:
            links.add(Link.AT_MOST if side * moves > 0 else Link.AT_LEAST)
        current = moved
    return links.pop() if len(links) == 1 else None


def _side(part: Any, bound: Any, domain: Domain) -> tuple[int, bool]:
    """(1, .) where part <= bound is proved, (-1, .) where part >= bound, and whether both are proved positive; or NotApplicable."""
    rounded = isinstance(part, (sp.ceiling, sp.floor)) and bound == part.args[0] - int(isinstance(part, sp.floor))
    if not rounded:
        part, bound = (_named(side, domain) for side in (part, bound))
    if rounded or _grows_from_zero(part, part - bound, domain):
        return -1, exact.positive(bound, domain)
    if (isinstance(bound, sp.Max) and part in bound.args) or _grows_from_zero(part, bound - part, domain):
        return 1, exact.positive(part, domain)
    if exact.nonnegative(bound - part, domain):
        return 1, exact.positive(part, domain)
    if signs(part - bound, domain, DEEP) <= NONNEGATIVE:
        return -1, exact.positive(bound, domain)
    raise NotApplicable(f"that {part} is on one side of {bound} was not proved")


def _grows_from_zero(part: Any, gap: Any, domain: Domain) -> bool:
    """Whether a gap is proved >= 0 for all z > 0, where the part is a function of z = c x > 0 and the gap depends on z alone."""
    if len(part.args) != 1 or not exact.positive(part.args[0], domain):
        return False
    z = sp.Dummy("z", positive=True)
    for x in sorted(part.args[0].free_symbols, key=str):
        share = sp.cancel(part.args[0] / x)
        of_z = sp.expand(sp.powsimp(gap.xreplace({x: z / share})))
        if x not in share.free_symbols and of_z.free_symbols == {z}:
            return signs(of_z, Domain((z,)), DEEP) <= NONNEGATIVE
    return False


def _named(expr: Any, domain: Domain) -> Any:
    """Rounded numbers that are proved at least 1 as symbols for positive integers, the same one for the same number."""
    rounded = sorted(expr.atoms(sp.ceiling, sp.floor), key=str)
    least = {node: exact.positive(node.args[0] - int(isinstance(node, sp.floor)), domain) for node in rounded}
    names = {node: sp.Symbol(f"integer_{node}", integer=True, positive=True) for node, known in least.items() if known}
    return expr.xreplace(names)


def _link_in_sums(expr: Any, sums: list[Any], domain: Domain) -> Link | None:
    """The relation of an expression to one in which sums have become smaller and are still positive."""
    names = {item: sp.Dummy("S", positive=True) for item in sums}
    if expr.xreplace(names).has(sp.Sum):
        return None
    moves = {direction(expr.xreplace(names), name, domain) for name in names.values()}
    return {1: Link.AT_LEAST, -1: Link.AT_MOST}.get(moves.pop() or 0) if len(moves) == 1 else None


def telescoping_powers(q: Any) -> None:
    """(x - s) sum_(j < q) x^j s^(q-1-j) = x^q - s^q for positive x and s, by its telescoping terms; raises NotDischarged.

    >>> telescoping_powers(sp.Symbol("q", integer=True, positive=True))
    """
    j = sp.Dummy("j", integer=True)
    x, s = sp.Dummy("x", positive=True), sp.Dummy("s", positive=True)
    step = x ** (j + 1) * s ** (q - j - 1) - x**j * s ** (q - j)
    if exact.is_zero(sp.powsimp(sp.expand((x - s) * x**j * s ** (q - 1 - j) - step))) is not True:
        raise NotDischarged("the factorisation is not proved")


telescopes = Telescopes()
equal_terms = EqualTerms()
monotone = Monotone()
one_term = OneTerm()
