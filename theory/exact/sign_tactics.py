"""How a sign is proved when the shape of the expression does not show it: one tactic a function.

Each returns the signs that it could not exclude. A tactic may ask for signs again, of something simpler and one level
less deep.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import (
    ANY,
    BOUNDED,
    LARGEST,
    NEGATIVE,
    NONNEGATIVE,
    NONPOSITIVE,
    NONZERO,
    POSITIVE,
    ZERO,
    interval,
    real,
    signs,
)

HIGHEST = 60
"""Powers and multiples in exponentials up to which an expression is factored."""


def hypotheses(domain: Domain) -> list[tuple[sp.Expr, frozenset[int]]]:
    """Each inequality of the domain as (expression, signs it may take)."""
    found: list[tuple[sp.Expr, frozenset[int]]] = []
    for relation in domain.hypotheses:
        match relation:
            case sp.GreaterThan():
                found.append((relation.lhs - relation.rhs, NONNEGATIVE))
            case sp.StrictGreaterThan():
                found.append((relation.lhs - relation.rhs, POSITIVE))
            case sp.LessThan():
                found.append((relation.rhs - relation.lhs, NONNEGATIVE))
            case sp.StrictLessThan():
                found.append((relation.rhs - relation.lhs, POSITIVE))
            case sp.Unequality():
                found.append((relation.rhs - relation.lhs, NONZERO))
            case sp.Equality():
                found.append((relation.rhs - relation.lhs, ZERO))
            case _:
                continue
    return [(side, sign) for side, sign in found if isinstance(side, sp.Expr) and not getattr(side, "is_Matrix", False)]


def by_hypotheses(expr: sp.Expr, domain: Domain) -> frozenset[int]:
    """The sign that a single hypothesis gives: expr = rational multiple of it, or plus a nonnegative rest."""
    found = ANY
    if expr.is_Atom:
        known = [(side, sign) for side, sign in hypotheses(domain) if side.has(expr)]
    else:
        known = [(side, sign) for side, sign in hypotheses(domain) if side.free_symbols & expr.free_symbols]
    for side, sign in known[:12]:
        multiple = _rational_ratio(expr, side)
        if multiple is not None:
            found &= sign if multiple > 0 else frozenset(-s for s in sign)
            continue
        if sign <= NONNEGATIVE and isinstance(expr, sp.Add):
            found &= _with_rest(sp.expand(expr - side), sign)
            found &= frozenset(-s for s in _with_rest(sp.expand(-expr - side), sign))
    return found


def _with_rest(rest: sp.Expr, sign: frozenset[int]) -> frozenset[int]:
    """The signs of a side that has these, plus a number; all of them where the number is negative, or no number."""
    if rest.free_symbols or not rest.is_number:
        return ANY
    found = signs(rest)
    if found <= POSITIVE:
        return POSITIVE
    return sign if found <= ZERO else ANY


def _rational_ratio(expr: sp.Expr, side: sp.Expr) -> sp.Rational | None:
    if expr.free_symbols != side.free_symbols:
        return None
    first, second = sp.expand(expr).as_coefficients_dict(), sp.expand(side).as_coefficients_dict()
    if set(first) != set(second) or not first:
        return None
    ratios = {first[key] / second[key] for key in first}
    ratio = ratios.pop()
    return ratio if not ratios and ratio.is_Rational else None


def by_factoring(expr: sp.Expr, domain: Domain | None, depth: int) -> frozenset[int]:
    """Numerator and denominator over the rationals, each factored: a product of things whose sign is easier."""
    factored = _factored(expr)
    if isinstance(factored, sp.Add) or factored == expr or sp.expand(factored + expr) == 0:
        return _by_square(expr, domain, depth) & _by_ends(expr, domain, depth)
    return signs(factored, domain, depth - 1)


@lru_cache(maxsize=4096)
def _factored(expr: sp.Expr) -> sp.Expr:
    """Over one denominator, and factored where that is in reach."""
    together = sp.together(expr)
    return sp.factor(together) if sp.count_ops(together) <= LARGEST // 2 and _of_low_degree(together) else together


def _of_low_degree(expr: Any) -> bool:
    """Whether powers and multiples inside exponentials are small: SymPy factors dense polynomials, exp(10^6 t) among them."""
    powers = [node.exp for node in expr.atoms(sp.Pow) if node.exp.is_Rational]
    multiples = [term.as_coeff_Mul()[0] for node in expr.atoms(sp.exp) for term in sp.Add.make_args(sp.expand(node.args[0]))]
    return all(abs(number) <= HIGHEST for number in (*powers, *multiples) if number.is_Rational)


def _by_square(expr: sp.Expr, domain: Domain | None, depth: int) -> frozenset[int]:
    """A quadratic in one of its symbols with a leading coefficient of known sign: complete the square."""
    for symbol in sorted(expr.free_symbols, key=str):
        poly = _polynomial(expr, symbol)
        if poly is None or poly.degree() != 2:
            continue
        a, b, c = poly.all_coeffs()
        rest = signs(sp.expand(4 * a * c - b**2), domain, depth - 1)
        lead = signs(a, domain, depth - 1)
        if rest <= NONNEGATIVE and (lead <= POSITIVE or lead <= NEGATIVE):
            strict = rest <= POSITIVE
            return frozenset(s for s in lead) if strict else (lead | ZERO)
    return ANY


def _by_ends(expr: sp.Expr, domain: Domain | None, depth: int) -> frozenset[int]:
    """Over a bounded interval of one symbol: concave is at least the smaller value at the ends, convex at most the larger."""
    found = ANY
    for symbol in sorted(expr.free_symbols, key=str):
        poly, span = _polynomial(expr, symbol), interval(symbol, domain)
        if poly is None or not 1 <= poly.degree() <= 2 or not (span.start.is_Rational and span.end.is_Rational):
            continue
        lead = signs(poly.coeff_monomial(symbol**2), domain, depth - 1)
        at_ends = frozenset().union(*(signs(sp.expand(poly.eval(end)), domain, depth - 1) for end in (span.start, span.end)))
        if lead <= NONPOSITIVE and at_ends <= NONNEGATIVE or lead <= NONNEGATIVE and at_ends <= NONPOSITIVE:
            side = NONNEGATIVE if lead <= NONPOSITIVE and at_ends <= NONNEGATIVE else NONPOSITIVE
            found &= at_ends if 0 not in at_ends else side  # zero at both ends says nothing about the inside
    return found


@lru_cache(maxsize=4096)
def _polynomial(expr: sp.Expr, symbol: sp.Symbol) -> sp.Poly | None:
    try:
        return sp.Poly(expr, symbol)
    except sp.PolynomialError:
        return None


def by_roots(expr: sp.Expr, domain: Domain | None) -> frozenset[int]:
    """A polynomial in one symbol with rational coefficients: count its roots inside the interval (Sturm)."""
    if len(expr.free_symbols) != 1:
        return ANY
    (symbol,) = expr.free_symbols
    poly = _polynomial(expr, symbol)
    if poly is None or not all(coefficient.is_Rational for coefficient in poly.all_coeffs()) or poly.degree() > 30:
        return ANY
    span = interval(symbol, domain)
    if not isinstance(span, sp.Interval) or span.measure == 0:
        return ANY
    low, high = span.start, span.end
    if not all(end.is_Rational or end in (sp.oo, -sp.oo) for end in (low, high)):
        return ANY
    simple = poly.quo(sp.gcd(poly, poly.diff(symbol)))
    inside = simple.count_roots(None if low is -sp.oo else low, None if high is sp.oo else high)
    ends_are_roots = [end for end in (low, high) if end.is_Rational and poly.eval(end) == 0]
    if inside > len(set(ends_are_roots)):
        return ANY
    sample = _between(low, high)
    value = poly.eval(sample)
    sign = POSITIVE if value > 0 else NEGATIVE
    closed_roots = [end for end, is_open in ((low, span.left_open), (high, span.right_open)) if end in ends_are_roots and not is_open]
    return sign | ZERO if closed_roots else sign


def by_range(expr: sp.Expr, domain: Domain | None, depth: int) -> frozenset[int]:
    """Bounded functions as symbols between -1 and 1, free of their arguments: what holds for those holds for the functions."""
    names = {node: sp.Dummy("b", real=True) for node in expr.atoms(*BOUNDED) if real(node.args[0], domain)}
    rest = expr.xreplace(names)
    if rest.has(*BOUNDED) or not names:
        return ANY
    bounds = [bound for name in names.values() for bound in (sp.GreaterThan(name, -1), sp.LessThan(name, 1))]
    symbols, given = (domain.symbols, domain.given) if domain is not None else ((), ())
    return signs(rest, Domain((*symbols, *names.values()), (*given, *bounds)), depth - 1)


def by_monotony(expr: sp.Expr, domain: Domain | None, depth: int) -> frozenset[int]:
    """Monotone in one symbol over an interval with a rational end that belongs to it: compare with the value there.

    The sign of the derivative is proved on the open interval, with every other hypothesis on the symbol dropped.
    """
    from lemmata.theory.exact.continuity import along, connected, regular

    domain = Domain(tuple(sorted(expr.free_symbols, key=str))) if domain is None else domain
    found = ANY
    for x in sorted(expr.free_symbols, key=str):
        if not isinstance(x, sp.Symbol) or not connected(x):
            continue
        span = interval(x, domain)
        whole, inner = along(x, domain, span, closed=True), along(x, domain, span, closed=False)
        if not any(end.is_Rational for end in (span.start, span.end)) or not regular(expr, x, whole):
            continue
        slope = signs(sp.factor_terms(sp.diff(expr, x)), inner, depth - 1)
        for end, is_open, outward in ((span.start, span.left_open, 1), (span.end, span.right_open, -1)):
            if not end.is_Rational or not _regular_up_to_the_ends(expr, x, domain, span):
                continue
            at_end = signs(expr.subs(x, end), inner, depth - 1)
            for sign in (1, -1):  # growing away from an end where it is nonnegative, or falling where it is nonpositive
                towards = frozenset({0, sign * outward})
                if slope <= towards and at_end <= frozenset({0, sign}):
                    strict = 0 not in at_end or (is_open and 0 not in slope)
                    found &= frozenset({sign}) if strict else frozenset({0, sign})
    return found


def _regular_up_to_the_ends(expr: sp.Expr, x: sp.Symbol, domain: Domain, span: sp.Interval) -> bool:
    """Whether expr is regular on the closure of the interval of x: the value at an open end is then its limit there.

    x becomes a symbol without assumptions of its own: a positive one would hide what happens at 0.
    """
    from lemmata.theory.exact.continuity import regular

    free = sp.Dummy(x.name, real=True)
    bounds = [sp.GreaterThan(free, span.start)] if span.start.is_finite else []
    bounds += [sp.LessThan(free, span.end)] if span.end.is_finite else []
    kept = [hypothesis for hypothesis in domain.given if x not in getattr(hypothesis, "free_symbols", ())]
    symbols = tuple(symbol for symbol in domain.symbols if symbol != x)
    return regular(expr.xreplace({x: free}), free, Domain((*symbols, free), (*kept, *bounds)))


def _between(low: Any, high: Any) -> sp.Rational:
    if low is -sp.oo and high is sp.oo:
        return sp.Integer(0)
    if low is -sp.oo:
        return high - 1
    if high is sp.oo:
        return low + 1
    return (low + high) / 2
