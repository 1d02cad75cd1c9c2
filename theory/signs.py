"""The sign of an expression, when it can be proved: symbol assumptions, hypotheses, products, sums, real roots.

A sign is a subset of {-1, 0, 1}: the values it may still take. Everything here is exact. SymPy's assumption system is
asked about symbols only, since for numbers it falls back on floating point; constants are enclosed between rationals
(`rational_bounds`), polynomials in one symbol are decided by counting their real roots.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.domain import Domain
from lemmata.theory.constants import constant_sign

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
    return _real(expr, domain) and signs(sp.factor(sp.together(1 - expr**2)), domain) <= NONNEGATIVE


def signs(expr: Any, domain: Domain | None = None, depth: int = 3) -> frozenset[int]:
    """The signs that `expr` may take on the domain, as far as they can be excluded exactly."""
    expr = sp.sympify(expr)
    if not isinstance(expr, sp.Expr) or expr.is_Matrix or expr.has(sp.nan, sp.zoo, sp.I) or sp.count_ops(expr) > LARGEST:
        return ANY
    if expr in (sp.oo, -sp.oo):
        return POSITIVE if expr is sp.oo else NEGATIVE
    if not expr.free_symbols and expr.is_number:
        return constant_sign(expr)
    found = _by_shape(expr, domain, depth)
    if len(found) > 1 and domain is not None:
        found &= _by_hypotheses(expr, domain)
    if len(found) > 1 and isinstance(expr, sp.Add) and depth > 0:
        found &= _by_factoring(expr, domain, depth)
    if len(found) > 1 and not expr.is_Atom:
        found &= _by_roots(expr, domain)
    if len(found) > 1 and isinstance(expr, sp.Add) and depth > 0 and expr.has(*BOUNDED):
        found &= _by_range(expr, domain, depth)
    if len(found) > 1 and isinstance(expr, sp.Add) and depth > 0 and expr.atoms(sp.Function):
        found &= _by_monotony(expr, domain, depth)
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
            return POSITIVE if _real(expr.args[0], domain) else ANY
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
            return of(expr.args[0]) if _real(expr.args[0], domain) else ANY
        case sp.cosh() | sp.erfc() | sp.gamma() if _real(expr.args[0], domain):
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


def _real(arg: Any, domain: Domain | None = None) -> bool:
    """Whether an argument is real for every real value of its symbols, by shape alone."""
    if arg.is_Symbol:
        return bool(arg.is_real)
    if arg.is_number:
        return not arg.has(sp.I)
    if isinstance(arg, (sp.Add, sp.Mul, sp.exp, sp.erf, sp.erfc, sp.tanh, sp.sin, sp.cos, sp.atan, sp.Abs, sp.cosh, sp.sinh, sp.Max, sp.Min)):
        return all(_real(part, domain) for part in arg.args)
    if isinstance(arg, sp.Pow):
        base, exponent = arg.args
        return _real(base, domain) and bool(exponent.is_Integer or (signs(base, domain) <= NONNEGATIVE and _real(exponent, domain)))
    return False


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
            if not _real(base, domain) and inner == ANY:
                return ANY
            return frozenset(abs(s) for s in inner) if exponent > 0 else POSITIVE
        return inner if exponent > 0 else inner - ZERO
    if inner <= POSITIVE and _real(exponent, domain):
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
        return domain.interval(symbol)
    if symbol.is_positive:
        return sp.Interval.open(0, sp.oo)
    if symbol.is_nonnegative:
        return sp.Interval(0, sp.oo)
    if symbol.is_negative:
        return sp.Interval.open(-sp.oo, 0)
    if symbol.is_nonpositive:
        return sp.Interval(-sp.oo, 0)
    return sp.Interval(-sp.oo, sp.oo)


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


def _by_hypotheses(expr: sp.Expr, domain: Domain) -> frozenset[int]:
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
            rest = sp.expand(expr - side)
            if rest.is_Rational and rest >= 0:
                found &= POSITIVE if rest > 0 else sign
            rest = sp.expand(expr + side)
            if rest.is_Rational and rest <= 0:
                found &= NEGATIVE if rest < 0 else frozenset(-s for s in sign)
    return found


def _rational_ratio(expr: sp.Expr, side: sp.Expr) -> sp.Rational | None:
    if expr.free_symbols != side.free_symbols:
        return None
    first, second = sp.expand(expr).as_coefficients_dict(), sp.expand(side).as_coefficients_dict()
    if set(first) != set(second) or not first:
        return None
    ratios = {first[key] / second[key] for key in first}
    ratio = ratios.pop()
    return ratio if not ratios and ratio.is_Rational else None


def _by_factoring(expr: sp.Expr, domain: Domain | None, depth: int) -> frozenset[int]:
    """Numerator and denominator over the rationals, each factored: a product of things whose sign is easier."""
    together = sp.together(expr)
    factored = sp.factor(together) if sp.count_ops(together) <= LARGEST // 2 else together
    if isinstance(factored, sp.Add) or factored == expr or sp.expand(factored + expr) == 0:
        return _by_square(expr, domain, depth) & _by_ends(expr, domain, depth)
    return signs(factored, domain, depth - 1)


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
    """Concave (or affine) in one symbol over a bounded interval: at least the smaller of the values at the ends; convex: at most the larger."""
    found = ANY
    for symbol in sorted(expr.free_symbols, key=str):
        poly, span = _polynomial(expr, symbol), interval(symbol, domain)
        if poly is None or not 1 <= poly.degree() <= 2 or not (span.start.is_Rational and span.end.is_Rational):
            continue
        lead = signs(poly.coeff_monomial(symbol**2), domain, depth - 1)
        at_ends = frozenset().union(*(signs(sp.expand(poly.eval(end)), domain, depth - 1) for end in (span.start, span.end)))
        if lead <= NONPOSITIVE and at_ends <= NONNEGATIVE or lead <= NONNEGATIVE and at_ends <= NONPOSITIVE:
            found &= at_ends
    return found


def _polynomial(expr: sp.Expr, symbol: sp.Symbol) -> sp.Poly | None:
    try:
        return sp.Poly(expr, symbol)
    except sp.PolynomialError:
        return None


def _by_roots(expr: sp.Expr, domain: Domain | None) -> frozenset[int]:
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


def _by_range(expr: sp.Expr, domain: Domain | None, depth: int) -> frozenset[int]:
    """Bounded functions as symbols between -1 and 1, free of their arguments: what holds for those holds for the functions."""
    names = {node: sp.Dummy("b", real=True) for node in expr.atoms(*BOUNDED) if _real(node.args[0], domain)}
    rest = expr.xreplace(names)
    if rest.has(*BOUNDED) or not names:
        return ANY
    bounds = [bound for name in names.values() for bound in (sp.GreaterThan(name, -1), sp.LessThan(name, 1))]
    symbols, given = (domain.symbols, domain.given) if domain is not None else ((), ())
    return signs(rest, Domain((*symbols, *names.values()), (*given, *bounds)), depth - 1)


def _by_monotony(expr: sp.Expr, domain: Domain | None, depth: int) -> frozenset[int]:
    """Monotone in one symbol over an interval with a rational end that belongs to it: compare with the value there.

    The sign of the derivative is proved on the open interval, with every other hypothesis on the symbol dropped.
    """
    from lemmata.theory.continuity import along, regular

    domain = Domain(tuple(sorted(expr.free_symbols, key=str))) if domain is None else domain
    found = ANY
    for x in sorted(expr.free_symbols, key=str):
        if not isinstance(x, sp.Symbol) or not x.is_real or x.is_integer:
            continue
        span = interval(x, domain)
        whole, inner = along(x, domain, span, closed=True), along(x, domain, span, closed=False)
        if not any(end.is_Rational for end in (span.start, span.end)) or not regular(expr, x, whole):
            continue
        slope = signs(sp.factor_terms(sp.diff(expr, x)), inner, depth - 1)
        for end, is_open, outward in ((span.start, span.left_open, 1), (span.end, span.right_open, -1)):
            if not end.is_Rational or not regular(expr, x, _closed_at(x, domain, span)):
                continue
            at_end = signs(expr.subs(x, end), inner, depth - 1)
            for sign in (1, -1):  # growing away from an end where it is nonnegative, or falling where it is nonpositive
                towards = frozenset({0, sign * outward})
                if slope <= towards and at_end <= frozenset({0, sign}):
                    strict = 0 not in at_end or (is_open and 0 not in slope)
                    found &= frozenset({sign}) if strict else frozenset({0, sign})
    return found


def _closed_at(x: sp.Symbol, domain: Domain, span: sp.Interval) -> Domain:
    """The domain with x in the closure of its interval: the value at an open end counts as its limit there."""
    bounds = [sp.GreaterThan(x, span.start)] if span.start.is_finite else []
    bounds += [sp.LessThan(x, span.end)] if span.end.is_finite else []
    kept = [hypothesis for hypothesis in domain.given if x not in getattr(hypothesis, "free_symbols", ())]
    bounds = [bound for bound in bounds if bound not in (sp.true, sp.false)]
    return Domain(domain.symbols, (*kept, *bounds))


def _between(low: Any, high: Any) -> sp.Rational:
    if low is -sp.oo and high is sp.oo:
        return sp.Integer(0)
    if low is -sp.oo:
        return high - 1
    if high is sp.oo:
        return low + 1
    return (low + high) / 2
