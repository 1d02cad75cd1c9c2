"""Piecewise functions of one real variable, taken apart at their kinks and jumps.

`pieces(f, x, domain)` returns the smooth branches of an expression in Max, Min, Abs, sign, Heaviside and Piecewise of
affine functions of x; each branch is what those functions become between two neighbouring breakpoints.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

import sympy as sp

from lemmata.theory.derivation import NotApplicable
from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NEGATIVE, POSITIVE, ZERO, signs

KINKED = (sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside, sp.Piecewise)
SWITCHES = (*KINKED, sp.DiracDelta)


def kinks(expr: Any) -> list[Any]:
    """Expressions that are zero where `expr` may have no derivative.

    >>> x, y = sp.symbols("x y", real=True)
    >>> kinks(sp.Max(x, y) + sp.Abs(x)), kinks(sp.exp(x))
    ([x, x - y], [])
    """
    found: list[Any] = []
    for node in sp.preorder_traversal(expr):
        if isinstance(node, (sp.Max, sp.Min)):
            found.extend(a - b for i, a in enumerate(node.args) for b in node.args[i + 1 :])
        elif isinstance(node, (sp.Abs, sp.sign, sp.Heaviside)):
            found.append(node.args[0])
        elif isinstance(node, sp.Piecewise):
            found.extend(border.lhs - border.rhs for pair in node.args for border in pair.cond.atoms(sp.core.relational.Relational))
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Piece:
    """One smooth branch on low < x < high."""

    low: Any
    high: Any
    branch: Any


def pieces(f: Any, x: sp.Symbol, domain: Domain) -> list[Piece]:
    """The branches of `f` between its breakpoints, from left to right; raises NotApplicable where order is unknown.

    >>> x = sp.Symbol("x", real=True)
    >>> [(p.low, p.high, p.branch) for p in pieces(sp.Max(0, x) * sp.Abs(x - 1), x, Domain((x,)))]
    [(-oo, 0, 0), (0, 1, x*(1 - x)), (1, oo, x*(x - 1))]
    """
    if f.has(sp.DiracDelta):
        raise NotApplicable("a delta function has no branches")
    points = breakpoints(f, x, domain)
    ends = [-sp.oo, *points, sp.oo]
    return [Piece(low, high, resolve_between(f, x, low, high, domain)) for low, high in zip(ends, ends[1:], strict=False)]


def breakpoints(f: Any, x: sp.Symbol, domain: Domain) -> list[Any]:
    """Where a kinked or jumping function of f switches, in increasing order."""
    found: list[Any] = []
    for argument in _arguments(f, x):
        slope, offset = affine(argument, x)
        sign = signs(slope, domain)
        if sign <= ZERO:
            continue
        if not (sign <= POSITIVE or sign <= NEGATIVE):
            raise NotApplicable(f"the sign of {slope} is not known")
        point = sp.cancel(-offset / slope)
        if not any(sp.expand(point - other) == 0 for other in found):
            found.append(point)

    def order(a: Any, b: Any) -> int:
        difference = signs(a - b, domain)
        if difference <= POSITIVE:
            return 1
        if difference <= NEGATIVE:
            return -1
        raise NotApplicable(f"the order of the kinks {a} and {b} is not known")

    return sorted(found, key=cmp_to_key(order))


def affine(argument: Any, x: sp.Symbol) -> tuple[Any, Any]:
    """(slope, offset) of an affine function of x; raises NotApplicable for others."""
    argument = sp.expand(argument)
    slope = sp.diff(argument, x)
    if slope.has(x):
        raise NotApplicable(f"{argument} is not affine")
    return slope, sp.expand(argument - slope * x)


def _arguments(f: Any, x: sp.Symbol) -> list[Any]:
    """The functions whose signs decide which branch holds."""
    found: list[Any] = []
    for node in sp.postorder_traversal(f):
        if not node.has(x):
            continue
        if isinstance(node, sp.Max | sp.Min):
            found.extend(a - b for i, a in enumerate(node.args) for b in node.args[i + 1 :])
        elif isinstance(node, sp.Abs | sp.sign | sp.Heaviside | sp.DiracDelta):
            found.append(node.args[0])
        elif isinstance(node, sp.Piecewise):
            for _, condition in node.args:
                for relation in condition.atoms(sp.core.relational.Relational):
                    found.append(relation.lhs - relation.rhs)
    if any(argument.has(*SWITCHES) for argument in found):
        raise NotApplicable("one kinked function stands inside another")
    return [argument for argument in found if argument.has(x)]


def resolve_between(f: Any, x: sp.Symbol, low: Any, high: Any, domain: Domain) -> Any:
    """f with every switch resolved on low < x < high."""

    def positive(argument: Any) -> bool:
        if not argument.has(x):
            sign = signs(argument, domain)
        else:
            slope, offset = affine(argument, x)
            point = sp.cancel(-offset / slope)
            right = low is not -sp.oo and not signs(low - point, domain) <= NEGATIVE
            sign = signs(slope, domain) if right else frozenset(-s for s in signs(slope, domain))
        if not (sign <= POSITIVE or sign <= NEGATIVE):
            raise NotApplicable(f"the sign of {argument} is not known")
        return sign <= POSITIVE

    def resolve(node: Any) -> Any:
        if not isinstance(node, sp.Basic) or not node.has(x) or not node.args:
            return node
        if isinstance(node, sp.Max | sp.Min):
            best = node.args[0]
            for other in node.args[1:]:
                larger = positive(best - other)
                best = best if larger == isinstance(node, sp.Max) else other
            return best
        if isinstance(node, sp.Abs):
            return node.args[0] if positive(node.args[0]) else -node.args[0]
        if isinstance(node, sp.sign):
            return sp.Integer(1 if positive(node.args[0]) else -1)
        if isinstance(node, sp.Heaviside):
            return sp.Integer(1 if positive(node.args[0]) else 0)
        if isinstance(node, sp.Piecewise):
            return _piecewise(node, resolve, positive)
        return node.func(*(resolve(arg) for arg in node.args))

    return resolve(f)


def _piecewise(node: Any, resolve: Any, positive: Any) -> Any:
    for branch, condition in node.args:
        if condition == sp.true:
            return resolve(branch)
        if not isinstance(condition, sp.StrictGreaterThan | sp.GreaterThan | sp.StrictLessThan | sp.LessThan):
            raise NotApplicable(f"the condition {condition} is not a single inequality")
        if positive(condition.gts - condition.lts):
            return resolve(branch)
    raise NotApplicable("a Piecewise without a last branch")
