"""The sign of an expression, when it can be proved: symbol assumptions, hypotheses, products, sums, real roots.

A sign is a subset of {-1, 0, 1}: the values it may still take. Everything here is exact. SymPy's assumption system is
asked about symbols only, since for numbers it falls back on floating point; constants are enclosed between rationals
(`rational_bounds`), polynomials in one symbol are decided by counting their real roots.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from lemmata.theory.domain import Domain
from lemmata.theory.exact.constants import NotEnclosed, constant_sign, enclose

ANY = frozenset({-1, 0, 1})
POSITIVE = frozenset({1})
NEGATIVE = frozenset({-1})
ZERO = frozenset({0})
NONNEGATIVE = frozenset({0, 1})
NONPOSITIVE = frozenset({-1, 0})
NONZERO = frozenset({-1, 1})
BOUNDED = (sp.sin, sp.cos, sp.tanh, sp.erf)
"""Functions with values in [-1, 1] at every real argument."""

LARGEST = 400
"""Expressions with more operations than this are not looked at."""


def nonnegative(expr: Any, domain: Domain | None = None) -> bool:
    """Whether expr >= 0 is proved on the whole domain.

    >>> from sympy import Symbol
    >>> c = Symbol("c", real=True)
    >>> nonnegative(1 - c**2, Domain((c,), (c >= -1, c <= 1))), nonnegative(c)
    (True, False)
    """
    return signs(expr, domain) <= NONNEGATIVE


def positive(expr: Any, domain: Domain | None = None) -> bool:
    """Whether expr > 0 is proved on the whole domain."""
    return signs(expr, domain) <= POSITIVE


def nonzero(expr: Any, domain: Domain | None = None) -> bool:
    """Whether expr != 0 is proved on the whole domain."""
    return 0 not in signs(expr, domain)


def within_unit(expr: Any, domain: Domain | None = None) -> bool:
    """Whether -1 <= expr <= 1 is proved on the whole domain, through either end or through the square."""
    if signs(1 - expr, domain) <= NONNEGATIVE and signs(1 + expr, domain) <= NONNEGATIVE:
        return True
    return real(expr, domain) and signs(sp.factor(sp.together(1 - expr**2)), domain) <= NONNEGATIVE


def signs(expr: Any, domain: Domain | None = None, depth: int = 3) -> frozenset[int]:
    """The signs that `expr` may take on the domain, as far as they can be excluded exactly."""
    return _signs(sp.sympify(expr), domain, depth)


@lru_cache(maxsize=2**14)
def _signs(expr: Any, domain: Domain | None, depth: int) -> frozenset[int]:
    """The same, remembered: rules and tactics ask for the signs of the same few expressions over and over."""
    if not isinstance(expr, sp.Expr) or expr.is_Matrix or expr.has(sp.nan, sp.zoo, sp.I) or sp.count_ops(expr) > LARGEST:
        return ANY
    if expr in (sp.oo, -sp.oo):
        return POSITIVE if expr is sp.oo else NEGATIVE
    if not expr.free_symbols and expr.is_number:
        return constant_sign(expr)
    from lemmata.theory.exact import sign_tactics as tactics  # it asks for signs in turn

    found = _by_shape(expr, domain, depth)
    if len(found) > 1 and domain is not None:
        found &= tactics.by_hypotheses(expr, domain)
    if len(found) > 1 and isinstance(expr, sp.Add) and depth > 0:
        found &= tactics.by_factoring(expr, domain, depth)
    if len(found) > 1 and not expr.is_Atom:
        found &= tactics.by_roots(expr, domain)
    if len(found) > 1 and isinstance(expr, sp.Add) and depth > 0 and expr.has(*BOUNDED):
        found &= tactics.by_range(expr, domain, depth)
    if len(found) > 1 and isinstance(expr, sp.Add) and depth > 0 and expr.atoms(sp.Function):
        found &= tactics.by_monotony(expr, domain, depth)
    return found


def _by_shape(expr: sp.Expr, domain: Domain | None, depth: int) -> frozenset[int]:
    def of(part: Any) -> frozenset[int]:
        return signs(part, domain, depth)

    match expr:
        case sp.Symbol():
            return _symbol(expr, domain)
        case sp.Mul():
            product = POSITIVE
            for factor in expr.args:
                product = frozenset(a * b for a in product for b in of(factor))
            return product
        case sp.Add():
            return _sum([of(term) for term in expr.args])
        case sp.exp():
            return POSITIVE if real(expr.args[0], domain) else ANY
        case sp.Pow():
            return _power(expr, of, domain)
        case sp.Abs():
            inner = of(expr.args[0])
            return frozenset(abs(s) for s in inner)
        case sp.Max():
            parts = [of(arg) for arg in expr.args]
            return frozenset(s for s in ANY if any(s in p for p in parts) and all(min(p) <= s for p in parts))
        case sp.asin() if within_unit(expr.args[0], domain):
            return of(expr.args[0])
        case sp.erf() | sp.sign() | sp.sinh() | sp.tanh() | sp.asinh() | sp.atan():
            return of(expr.args[0]) if real(expr.args[0], domain) else ANY
        case sp.cosh() | sp.erfc() | sp.gamma() if real(expr.args[0], domain):
            return POSITIVE if not isinstance(expr, sp.gamma) or of(expr.args[0]) <= POSITIVE else ANY
        case sp.sin() if of(expr.args[0]) <= NONNEGATIVE and of(sp.pi - expr.args[0]) <= NONNEGATIVE:
            return POSITIVE if of(expr.args[0]) <= POSITIVE and of(sp.pi - expr.args[0]) <= POSITIVE else NONNEGATIVE
        case sp.log():
            return of(expr.args[0] - 1) if of(expr.args[0]) <= POSITIVE else ANY
        case sp.acos():
            if not within_unit(expr.args[0], domain):
                return ANY
            return POSITIVE if of(1 - expr.args[0]) <= POSITIVE else NONNEGATIVE
        case sp.factorial():
            return POSITIVE if expr.args[0].is_Symbol and expr.args[0].is_nonnegative else ANY
        case _:
            return ANY


def real(arg: Any, domain: Domain | None = None) -> bool:
    """Whether an argument is real for every real value of its symbols, by shape alone."""
    if arg.is_Symbol:
        return bool(arg.is_real)
    if arg.is_number:
        return arg.is_Rational or _enclosed(arg)
    if isinstance(
        arg, (sp.Add, sp.Mul, sp.exp, sp.erf, sp.erfc, sp.tanh, sp.sin, sp.cos, sp.atan, sp.Abs, sp.cosh, sp.sinh, sp.Max, sp.Min)
    ):
        return all(real(part, domain) for part in arg.args)
    if isinstance(arg, sp.log):
        return real(arg.args[0], domain) and signs(arg.args[0], domain) <= POSITIVE
    if isinstance(arg, sp.Pow):
        base, exponent = arg.args
        return real(base, domain) and bool(exponent.is_Integer or (signs(base, domain) <= NONNEGATIVE and real(exponent, domain)))
    return False


def _enclosed(number: Any) -> bool:
    """Whether a number is real because it has an enclosure: asin(2) and (-1)**(1/3) have none, and hold no I."""
    try:
        enclose(number)
    except (NotEnclosed, ZeroDivisionError, OverflowError):
        return False
    return True


def _sum(parts: list[frozenset[int]]) -> frozenset[int]:
    if all(part <= NONNEGATIVE for part in parts):
        return POSITIVE if any(part <= POSITIVE for part in parts) else (ZERO if all(p <= ZERO for p in parts) else NONNEGATIVE)
    if all(part <= NONPOSITIVE for part in parts):
        return NEGATIVE if any(part <= NEGATIVE for part in parts) else NONPOSITIVE
    return ANY


def _power(expr: sp.Expr, of: Any, domain: Domain | None) -> frozenset[int]:
    base, exponent = expr.args
    inner = of(base)
    if exponent.is_Integer:
        if int(exponent) % 2 == 0:
            if not real(base, domain) and inner == ANY:
                return ANY
            return frozenset(abs(s) for s in inner) if exponent > 0 else POSITIVE
        return inner if exponent > 0 else inner - ZERO
    if inner <= POSITIVE and real(exponent, domain):
        return POSITIVE
    if inner <= NONNEGATIVE and exponent.is_Rational:
        return inner if exponent > 0 else POSITIVE
    return ANY


def _symbol(symbol: sp.Symbol, domain: Domain | None) -> frozenset[int]:
    found = ANY
    if symbol.is_positive:
        return POSITIVE
    if symbol.is_negative:
        return NEGATIVE
    if symbol.is_nonnegative:
        found &= NONNEGATIVE
    if symbol.is_nonpositive:
        found &= NONPOSITIVE
    if symbol.is_nonzero:
        found &= NONZERO
    span = interval(symbol, domain)
    low, high = span.start, span.end
    if low.is_Rational and (low > 0 or (low == 0 and span.left_open)):
        found &= POSITIVE
    elif low == 0:
        found &= NONNEGATIVE
    if high.is_Rational and (high < 0 or (high == 0 and span.right_open)):
        found &= NEGATIVE
    elif high == 0:
        found &= NONPOSITIVE
    return found


def interval(symbol: Any, domain: Domain | None) -> sp.Interval:
    """The interval that a real symbol runs over, as far as its assumptions and univariate hypotheses say."""
    if domain is not None and symbol in domain.symbols:
        span = domain.interval(symbol)
        if isinstance(span, sp.Interval):
            return span
        return sp.Interval(-sp.oo, sp.oo)  # a single point is no interval to SymPy
    if symbol.is_positive:
        return sp.Interval.open(0, sp.oo)
    if symbol.is_nonnegative:
        return sp.Interval(0, sp.oo)
    if symbol.is_negative:
        return sp.Interval.open(-sp.oo, 0)
    if symbol.is_nonpositive:
        return sp.Interval(-sp.oo, 0)
    return sp.Interval(-sp.oo, sp.oo)
