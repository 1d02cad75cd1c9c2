"""Statements made smaller before boxes are tried: cut at kinks, and put at the end at which a monotone difference is least."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.polys.polyerrors import BasePolynomialError

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.ranges import Ranges
from lemmata.theory.domain import Domain
from lemmata.theory.exact.continuity import regular
from lemmata.theory.exact.order import compare
from lemmata.theory.exact.signs import NEGATIVE, NONNEGATIVE, NONPOSITIVE, POSITIVE, signs
from lemmata.verify.certify.forms import PRECISION
from lemmata.verify.certify.statement import Proved, Statement, divides_safely
from lemmata.verify.claim import Relation

SWITCHES = (sp.Abs, sp.Max, sp.Min)
"""Continuous functions that change their formula where a difference changes its sign."""

MOST_KINKS = 8

LARGEST = 300
"""Differences with more operations than this are not differentiated."""

WEAK = {Relation.LT: Relation.LE, Relation.GT: Relation.GE}


def at_worst_end(statement: Statement) -> Statement:
    """An inequality with every symbol along which it is proved to get worse towards a finite end put at that end.

    Let f = right - left be continuous in x with df/dx >= 0 all over the interval from x's least to its largest value, gaps that
    hypotheses leave in it included, and let no hypothesis tie x to another symbol: f is then nowhere less than at the lower end.
    Where df/dx > 0 inside and that end is open, f >= 0 at the end gives f > 0.

    >>> x, y = sp.symbols("x y", real=True)
    >>> square = Domain((x, y), (x >= 0, x < 1, y >= 0, y < 1))
    >>> found = at_worst_end(Statement(x * y, sp.Integer(1), Relation.LE, square))
    >>> found.left, dict(found.fixed)
    (y, {x: 1})
    """
    while (step := _moved(statement)) is not None:
        statement = step
    return statement


def _moved(statement: Statement) -> Statement | None:
    room = statement.room()
    if sp.count_ops(room) > LARGEST or len(statement.domain.scalars) < 2:
        return None
    for symbol in statement.domain.scalars:
        tied = any(len(part.free_symbols) > 1 for part in statement.domain.hypotheses if symbol in part.free_symbols)
        if tied or symbol not in room.free_symbols:
            continue
        if not _continuous(statement, symbol):
            continue
        slope, filled = sp.diff(room, symbol), _without_gaps(statement, symbol)
        sign = signs(slope, filled.domain) & _range_sign(slope, filled)
        span = statement.domain.spans[symbol]
        end, is_open = (span.lower, span.left_open) if sign <= NONNEGATIVE else (span.upper, span.right_open)
        if not (sign <= NONNEGATIVE or sign <= NONPOSITIVE) or not end.is_finite:
            continue
        moved = _at_end(statement, symbol, end)
        if moved is None:
            continue
        if is_open and (sign <= POSITIVE or sign <= NEGATIVE):
            moved = replace(moved, relation=WEAK.get(moved.relation, moved.relation))
        return moved
    return None


def _without_gaps(statement: Statement, symbol: Any) -> Statement:
    """The statement over a domain in which a symbol takes every value between its ends: x^2 >= 1 leaves some out."""
    span = statement.domain.spans[symbol]
    lower, upper = (
        symbol > span.lower if span.left_open else symbol >= span.lower,
        symbol < span.upper if span.right_open else symbol <= span.upper,
    )
    bounds = [bound for bound, end in ((lower, span.lower), (upper, span.upper)) if end.is_finite]
    given = [part for part in statement.domain.given if not isinstance(part, sp.Basic) or symbol not in part.free_symbols]
    return replace(statement, domain=Domain(statement.domain.symbols, (*given, *bounds)))


def _continuous(statement: Statement, symbol: Any) -> bool:
    """Whether both sides are continuous in a symbol up to the ends of its interval, which need not belong to the domain."""
    span, x = statement.domain.spans[symbol], sp.Dummy("x", real=True)
    bounds = [bound for bound, end in ((x >= span.lower, span.lower), (x <= span.upper, span.upper)) if end.is_finite]
    given = [part for part in statement.domain.given if not isinstance(part, sp.Basic) or symbol not in part.free_symbols]
    closed = Domain((*(s for s in statement.domain.symbols if s != symbol), x), (*given, *bounds))
    return all(regular(side.xreplace({symbol: x}), x, closed) for side in (statement.left, statement.right))


def _range_sign(expr: Any, statement: Statement) -> frozenset[int]:
    """The signs that the range over the whole domain leaves."""
    whole = frozenset((-1, 0, 1))
    box = replace(statement, left=expr, right=sp.Integer(0)).box()
    if box is None:
        return whole
    try:
        with precision(PRECISION):
            found = Ranges(box, Proved(statement.domain), {})(expr)
    except CannotEvaluate:
        return whole
    if found.low >= 0:
        return POSITIVE if found.low > 0 else NONNEGATIVE
    if found.high <= 0:
        return NEGATIVE if found.high < 0 else NONPOSITIVE
    return whole


def _at_end(statement: Statement, symbol: Any, end: Any) -> Statement | None:
    left, right = (side.xreplace({symbol: end}) for side in (statement.left, statement.right))
    if any(side.has(sp.nan, sp.zoo, sp.oo, -sp.oo) for side in (left, right)):
        return None
    given = tuple(part for part in statement.domain.given if not isinstance(part, sp.Basic) or symbol not in part.free_symbols)
    rest = Domain(tuple(s for s in statement.domain.symbols if s != symbol), given)
    return replace(statement, left=left, right=right, domain=rest, fixed={**statement.fixed, symbol: end}, ends=(*statement.ends, symbol))


def at_kinks(statement: Statement) -> Iterator[Statement]:
    """A statement in one symbol cut where the argument of Abs, Max or Min changes its sign, each part with its own formula.

    >>> x = sp.Symbol("x", real=True)
    >>> parts = at_kinks(Statement(x, sp.Abs(x), Relation.LE, Domain((x,))))
    >>> [(part.right, part.domain.interval(x)) for part in parts]
    [(-x, Interval(-oo, 0)), (x, Interval(0, oo))]
    """
    places = _kinks(statement)
    if not places or not divides_safely(statement):
        yield statement
        return
    (symbol,) = statement.left.free_symbols | statement.right.free_symbols
    span = statement.domain.spans[symbol]
    for low, high in zip([None, *places], [*places, None], strict=True):
        bounds = [*([sp.Ge(symbol, low)] if low is not None else []), *([sp.Le(symbol, high)] if high is not None else [])]
        domain = Domain(statement.domain.symbols, (*statement.domain.given, *bounds))
        sample = _between(low if low is not None else span.lower, high if high is not None else span.upper)
        resolved = {node: _branch(node, symbol, sample) for side in (statement.left, statement.right) for node in side.atoms(*SWITCHES)}
        yield replace(statement, left=statement.left.xreplace(resolved), right=statement.right.xreplace(resolved), domain=domain)


def _kinks(statement: Statement) -> list[Any]:
    """The rational kinks inside the domain, in order; [] where there are none, or some that are not rational."""
    symbols = statement.left.free_symbols | statement.right.free_symbols
    nodes = statement.left.atoms(*SWITCHES) | statement.right.atoms(*SWITCHES)
    if len(symbols) != 1 or not nodes:
        return []
    (symbol,) = symbols
    span = statement.domain.spans[symbol]
    found: set[Any] = set()
    for node in nodes:
        parts = [*node.args, sp.Integer(0)] if isinstance(node, sp.Abs) else list(node.args)
        if any(part.has(*SWITCHES) for part in parts):
            return []
        for index, part in enumerate(parts):
            for other in parts[:index]:
                roots = _rational_roots(part - other, symbol)
                if roots is None:
                    return []
                found |= {root for root in roots if compare(root, span.lower) == 1 and compare(root, span.upper) == -1}
    return sorted(found) if len(found) <= MOST_KINKS else []


def _rational_roots(difference: Any, symbol: Any) -> list[Any] | None:
    """The roots of odd or even order of a polynomial with rational coefficients, None where one is irrational or it is no such thing."""
    try:
        polynomial = sp.Poly(difference, symbol, domain="QQ")
    except BasePolynomialError:
        return None
    if polynomial.degree() < 1:
        return []
    roots = list(dict.fromkeys(polynomial.real_roots()))
    return roots if all(root.is_Rational for root in roots) else None


def _between(low: Any, high: Any) -> Any:
    """A rational number inside an interval whose ends are rational, infinite, or enclosed by them."""
    if not low.is_finite and not high.is_finite:
        return sp.Integer(0)
    if not low.is_finite:
        return sp.floor(high) - 1
    if not high.is_finite:
        return sp.ceiling(low) + 1
    return (low + high) / 2


def _branch(node: Any, symbol: Any, sample: Any) -> Any:
    """The formula of a switch on the interval that holds the sample."""
    values = [arg.xreplace({symbol: sample}) for arg in node.args]
    if isinstance(node, sp.Abs):
        return node.args[0] if values[0] >= 0 else -node.args[0]
    best = max(values) if isinstance(node, sp.Max) else min(values)
    return node.args[values.index(best)]
