"""Monotony by shape: in which direction an expression moves with one of its symbols, for every positive value of it."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.domain import Domain
from lemmata.theory.rules.local import bounded, unbiased


def direction(expr: Any, x: Any, domain: Domain, *, positive: bool = True) -> int | None:
    r"""1 where an expression is proved not to fall as x > 0 grows, -1 where not to rise, 0 where x is not in it, None where neither is.

    Where x is not said to be positive it runs over all real numbers.

    Sums of one direction; products of one factor that moves and others of known sign, or of positive factors of one direction;
    powers of positive bases, $b^e$ with $e \ge 0$ or $e \le 0$; exponentials, the largest and the least of several; finite sums
    term by term. Signs are proved for all such x and all points of the domain, without the hypotheses on x itself: what is
    replaced by a bound may leave them.

    >>> x, a, K = sp.Symbol("x", positive=True), sp.Symbol("a", positive=True), sp.Symbol("K", integer=True, positive=True)
    >>> j = sp.Symbol("j", integer=True)
    >>> direction(1 - a * sp.Sum(x**j * a ** (K - 1 - j), (j, 0, K - 1)), x, Domain((a, K, x)))
    -1
    >>> direction(x - x**2, x, Domain((x,))) is None
    True
    """
    y = sp.Dummy(str(x), positive=True) if positive else sp.Dummy(str(x), real=True)
    kept = tuple(relation for relation in domain.given if x not in getattr(relation, "free_symbols", ()))
    free = Domain((*(symbol for symbol in domain.symbols if symbol != x), y), kept)
    return _direction(sp.sympify(expr).xreplace({x: y}), y, free)


def _direction(expr: Any, x: Any, domain: Domain) -> int | None:
    if x not in expr.free_symbols:
        return 0
    match expr:
        case sp.Symbol():
            return 1
        case sp.Add():
            return _together([_direction(term, x, domain) for term in expr.args])
        case sp.Mul():
            return _product(expr, x, domain)
        case sp.Pow():
            return _power(expr, x, domain)
        case sp.Sum():
            return _sum(expr, x, domain)
        case sp.Max() | sp.Min() | sp.exp():
            return _together([_direction(part, x, domain) for part in expr.args])
        case _:
            return None


def _together(parts: list[int | None]) -> int | None:
    """The direction of a sum."""
    moving = {part for part in parts if part != 0}
    return moving.pop() if len(moving) == 1 else None


def _product(expr: Any, x: Any, domain: Domain) -> int | None:
    constant, moving = expr.as_independent(x, as_Add=False)
    factors = sp.Mul.make_args(moving)
    sign = 1 if nonnegative(constant, domain) else -1 if nonnegative(-constant, domain) else None
    if len(factors) > 1 and not all(nonnegative(factor, domain) for factor in factors):
        return None
    inner = _together([_direction(factor, x, domain) for factor in factors])
    return None if sign is None or inner is None else sign * inner


def _power(expr: Any, x: Any, domain: Domain) -> int | None:
    base, exponent = expr.args
    if x in exponent.free_symbols or not exact.positive(base, domain):
        return None
    sign = 1 if exact.nonnegative(exponent, domain) else -1 if exact.nonnegative(-exponent, domain) else None
    inner = _direction(base, x, domain)
    return None if sign is None or inner is None else sign * inner


def _sum(expr: Any, x: Any, domain: Domain) -> int | None:
    inner = in_range(expr, domain)
    return None if inner is None or any(x in limit.free_symbols for limit in expr.limits) else _direction(expr.function, x, inner)


def in_range(expr: Any, domain: Domain) -> Domain | None:
    """The domain of a finite sum's terms: its index is an integer between two others, which are not reversed; None if not known."""
    if len(expr.limits) != 1 or len(expr.limits[0]) != 3:
        return None
    index, low, high = expr.limits[0]
    if not all(part.is_integer for part in (index, low, high)) or not unbiased(index, domain) or index in domain.symbols:
        return None
    if not exact.nonnegative(high - low + 1, domain):
        return None
    where = bounded(domain, index, low, high)
    return Domain(where.symbols, (*where.given, sp.GreaterThan(index, low, evaluate=False), sp.LessThan(index, high, evaluate=False)))


def nonnegative(expr: Any, domain: Domain) -> bool:
    """Whether a product is proved >= 0, finite sums among its factors looked at term by term.

    >>> K, j, x = sp.Symbol("K", integer=True, positive=True), sp.Symbol("j", integer=True), sp.Symbol("x", positive=True)
    >>> nonnegative(2 * sp.Sum(x**j, (j, 0, K)), Domain((K, x)))
    True
    """
    factors = sp.Mul.make_args(expr)
    sums = [factor for factor in factors if isinstance(factor, sp.Sum)]
    rest = sp.Mul(*(factor for factor in factors if factor not in sums))
    ranges = [in_range(item, domain) for item in sums]
    terms = all(inner is not None and exact.nonnegative(item.function, inner) for item, inner in zip(sums, ranges, strict=True))
    return terms and exact.nonnegative(rest, domain)
