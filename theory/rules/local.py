"""Rules that rewrite nodes in place: the shared walk, and the shared part of every check.

A local rule turns one node (an expectation, an integral, ...) into another expression. The walk finds the outermost
nodes that it applies to, carries the bounds of integration variables into the domain, and remembers every
replacement, so that the check can discharge each of them by itself and then the substitution as a whole.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp

from lemmata.theory.derivation import NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import interval


@dataclass(frozen=True, slots=True)
class Replacement:
    """One node, what replaces it, and the domain there (integration variables included)."""

    before: Any
    after: Any
    domain: Domain
    because: str = ""
    assumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalRewrite(Rewrite):
    """A rewrite that remembers which nodes it replaced."""

    replaced: tuple[Replacement, ...] = ()


class LocalRule(Rule):
    """A rule that rewrites every outermost node it applies to.

    Final subclasses give `kinds` (the node classes to look at), `replace` and `check_replacement`.
    """

    kinds: ClassVar[tuple[type, ...]]
    needs: ClassVar[str]
    """What the rule looks for, for the message when it is nowhere in the expression."""

    @abc.abstractmethod
    def replace(self, node: Any, *args: Any, domain: Domain) -> Replacement:
        """What the node becomes; raises NotApplicable."""

    @abc.abstractmethod
    def check_replacement(self, replacement: Replacement, *args: Any) -> None:
        """Discharge one replacement by another way than `replace`; raises NotDischarged."""

    def apply(self, expr: Any, *args: Any, domain: Domain) -> LocalRewrite:
        replaced: list[Replacement] = []
        reasons: list[str] = []
        for node, where in walk(expr, domain, self.kinds):
            if any(node is not old.before and old.before.has(node) for old in replaced) or any(old.before == node for old in replaced):
                continue
            try:
                replacement = self.replace(node, *args, domain=where)
            except NotApplicable as error:
                reasons.append(str(error))
                continue
            if replacement.after != node:
                replaced.append(replacement)
        if not replaced:
            raise NotApplicable(reasons[0] if reasons else f"there is no {self.needs} here")
        after = expr.xreplace({item.before: item.after for item in replaced})
        because = "; ".join(dict.fromkeys(item.because for item in replaced if item.because))
        assumes = tuple(dict.fromkeys(text for item in replaced for text in item.assumes))
        return LocalRewrite(after, because, assumes=assumes, replaced=tuple(replaced))

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        if not isinstance(rewrite, LocalRewrite) or not rewrite.replaced:
            raise NotDischarged("the rewrite does not say which nodes it replaced")
        if before.xreplace({item.before: item.after for item in rewrite.replaced}) != rewrite.after:
            raise NotDischarged("the result is not what replacing the nodes gives")
        for item in rewrite.replaced:
            self.check_replacement(item, *args)


def walk(expr: Any, domain: Domain, kinds: tuple[type, ...]) -> Iterator[tuple[Any, Domain]]:
    """The nodes of the given kinds from the outside in, each with the domain that holds there."""
    if isinstance(expr, kinds):
        yield expr, domain
    inner = domain
    if isinstance(expr, sp.Integral | sp.Sum):
        for limits in reversed(expr.limits):
            if len(limits) == 3 and unbiased(limits[0], inner):
                inner = bounded(inner, *limits)
            elif len(limits) != 1 or not unbiased(limits[0], inner):
                break
        else:
            yield from walk(expr.function, inner, kinds)
        for limits in expr.limits:
            for bound in limits[1:]:
                yield from walk(bound, domain, kinds)
        return
    if isinstance(expr, sp.Limit) and not near_its_limit(expr.args[1], expr.args[2], str(expr.args[3]), domain):
        return
    for arg in getattr(expr, "args", ()):
        if isinstance(arg, sp.Basic):
            yield from walk(arg, inner, kinds)


def unbiased(x: Any, domain: Domain) -> bool:
    """Whether nothing is assumed of a bound variable but that it is real or an integer: only its bounds say where it runs."""
    if any(x in getattr(hypothesis, "free_symbols", ()) for hypothesis in domain.given):
        return False
    return not any(getattr(x, f"is_{name}") for name in ("nonnegative", "nonpositive", "nonzero"))


def near_its_limit(x: Any, x0: Any, direction: str, domain: Domain) -> bool:
    """Whether the assumptions on the variable of a limit hold where it runs: near x0, and there alone."""
    if any(x in getattr(hypothesis, "free_symbols", ()) for hypothesis in domain.given):
        return False
    if unbiased(x, domain):
        return True
    upwards = x0 is sp.oo or (x0 == 0 and direction == "+")
    downwards = x0 is -sp.oo or (x0 == 0 and direction == "-")
    if x.is_nonnegative:
        return bool(upwards)
    if x.is_nonpositive:
        return bool(downwards)
    return bool(upwards or downwards or x0 == 0)


def bounded(domain: Domain, x: sp.Symbol, low: Any, high: Any) -> Domain:
    """The domain with one more symbol between two bounds; symbolic bounds are replaced by the ends of their interval."""
    ends = [_hull(low, domain), _hull(high, domain)]
    least = sp.Min(*(end[0] for end in ends)) if all(end[0].is_comparable for end in ends) else -sp.oo
    most = sp.Max(*(end[1] for end in ends)) if all(end[1].is_comparable for end in ends) else sp.oo
    extra = []
    if least.is_finite:
        extra.append(sp.GreaterThan(x, least, evaluate=False))
    if most.is_finite:
        extra.append(sp.LessThan(x, most, evaluate=False))
    symbols = domain.symbols if x in domain.symbols else (*domain.symbols, x)
    return Domain(tuple(symbols), (*domain.given, *extra))


def inside(domain: Domain, x: sp.Symbol, low: Any, high: Any) -> Domain:
    """The domain with one more symbol strictly between two bounds, which may be symbolic or infinite."""
    extra = []
    if low is not -sp.oo:
        extra.append(sp.StrictGreaterThan(x, low, evaluate=False))
    if high is not sp.oo:
        extra.append(sp.StrictLessThan(x, high, evaluate=False))
    return Domain((*domain.symbols, x), (*domain.given, *extra))


def _hull(bound: Any, domain: Domain) -> tuple[Any, Any]:
    if bound.is_Rational or bound in (sp.oo, -sp.oo):
        return bound, bound
    if bound.is_Symbol:
        span = interval(bound, domain)
        return span.start, span.end
    from lemmata.theory.exact.signs import NONNEGATIVE, signs

    low = -sp.Integer(1) if signs(1 + bound, domain) <= NONNEGATIVE else -sp.oo
    high = sp.Integer(1) if signs(1 - bound, domain) <= NONNEGATIVE else sp.oo
    return low, high


def fresh(name: str, *expressions: Any, **assumptions: Any) -> sp.Symbol:
    """A symbol called `name`, or `name_1`, `name_2`, ..., whichever the expressions do not use."""
    taken = {str(atom) for expr in expressions for atom in getattr(expr, "atoms", lambda *_: ())(sp.Symbol)}
    candidate, index = name, 0
    while candidate in taken:
        index += 1
        candidate = f"{name}_{index}"
    return sp.Symbol(candidate, **(assumptions or {"real": True}))


def plain(expr: Any, leaves: Any) -> tuple[Any, dict[Any, sp.Dummy]]:
    """Random leaves replaced by real symbols, so that integrands can be compared as functions."""
    names = {leaf: sp.Dummy(str(leaf), real=True) for leaf in leaves}
    return expr.xreplace(names), names
