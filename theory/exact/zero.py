"""Is it zero? True and False are said only when they are proved; everything else is None.

Ways to True: polynomial identity in algebraic generators (`generators`), and derivative and anchor: an expression that
is continuous on an interval of one of its symbols, whose derivative vanishes there and which vanishes at one point, is
zero. Ways to False: an exact value at an admissible point that is provably not zero, because rational bounds exclude 0.
What is trusted of SymPy: polynomial arithmetic (expand, together, factor, rem), differentiation, and substitution
of rational numbers. No floating point is used, and no `simplify`, `equals` or `evalf`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.domain import Domain
from lemmata.theory.exact.constants import constant_sign
from lemmata.theory.exact.continuity import along, anchors, connected, regular
from lemmata.theory.exact.generators import Generators, TooLarge
from lemmata.theory.exact.order import sign as exact_sign
from lemmata.theory.exact.signs import interval, nonnegative, positive, signs
from lemmata.theory.quantity import quantities, random_symbols

__all__ = ["equal", "is_zero", "nonnegative", "positive", "signs"]

LARGEST = 1500
"""Expressions with more operations than this are not looked at."""

DEEPEST = 3
"""How often a derivative is taken before giving up."""


def is_zero(expr: Any, domain: Domain | None = None) -> bool | None:
    """Whether `expr` vanishes on the whole domain: True or False when proved, None otherwise.

    Without a domain every free symbol runs over its SymPy assumptions. Quantities (expectations, integrals, ...) are
    opaque: equal nodes cancel, nothing else is known about them.

    >>> from sympy import Symbol, acos, asin, pi, sqrt, symbols
    >>> c = Symbol("c", real=True)
    >>> unit = Domain((c,), (c >= -1, c <= 1))
    >>> is_zero(acos(-c) + acos(c) - pi, unit), is_zero(sqrt(1 - c) * sqrt(1 + c) - sqrt(1 - c**2), unit)
    (True, True)
    >>> is_zero(acos(c) - asin(c), unit), is_zero(Symbol("x", real=True) - c)
    (False, False)
    """
    if getattr(expr, "is_Matrix", False) or isinstance(expr, MatrixExpr):
        return _matrix_is_zero(expr, domain)
    expr = sp.sympify(expr)
    if not isinstance(expr, sp.Expr) or expr.has(sp.nan, sp.zoo, sp.Float, MatrixExpr):
        return _matrix_is_zero(expr, domain) if isinstance(expr, sp.Expr) and expr.has(MatrixExpr) else None
    if expr.has(sp.oo, -sp.oo) and not quantities(expr):
        return None
    return _scalar_is_zero(expr, domain)


@lru_cache(maxsize=4096)
def _scalar_is_zero(expr: Any, domain: Domain | None) -> bool | None:
    """The same for a scalar without infinities, remembered: a step is checked with what the rule asked already."""
    if sp.count_ops(expr) > LARGEST:
        return None
    if domain is None:
        domain = Domain(tuple(sorted((s for s in expr.free_symbols if isinstance(s, sp.Symbol)), key=str)))
    if expr.has(Expectation) and _pointwise(expr, domain):
        return True
    expr, opaque = _opaque(expr)
    return _decide(expr, domain, DEEPEST, opaque)


def equal(a: Any, b: Any, domain: Domain | None = None) -> bool | None:
    """Whether a = b on the whole domain: True or False when proved, None otherwise.

    >>> from sympy import sqrt
    >>> equal(sqrt(8), 2 * sqrt(2)), equal(sqrt(8), 3)
    (True, False)
    """
    a, b = sp.sympify(a), sp.sympify(b)
    if a == b:
        return True
    return is_zero(a - b, domain)


def _pointwise(expr: Any, domain: Domain) -> bool:
    """A linear combination of expectations whose integrands combine to 0 at every value of the random variables."""
    nodes = {node: sp.Dummy("E", real=True) for node in expr.atoms(Expectation) if len(node.args) == 1}
    flat = expr.xreplace(nodes)
    names = list(nodes.values())
    if not names or quantities(flat) or not flat.is_polynomial(*names) or sp.Poly(flat, *names).total_degree() > 1:
        return False
    leaves = {leaf: sp.Dummy(str(leaf), real=True) for leaf in random_symbols(expr)}
    integrand = flat.xreplace({name: node.args[0] for node, name in nodes.items()}).xreplace(leaves)
    return not random_symbols(integrand) and _decide(integrand, domain, 1, set()) is True


def _opaque(expr: Any) -> tuple[Any, set[Any]]:
    """Quantities replaced by symbols, and those symbols: a difference of them can be proved zero but not nonzero."""
    names = {node: sp.Dummy("Q", real=True) for node in quantities(expr)}
    return expr.xreplace(names), set(names.values())


def _decide(expr: Any, domain: Domain, depth: int, opaque: set[Any]) -> bool | None:
    if expr.is_Rational:
        return bool(expr == 0)
    if not expr.free_symbols:
        return _constant(expr, domain)
    if _identity(expr, domain):
        return True
    if not opaque and (not_zero := _nonzero_somewhere(expr, domain)):
        return not not_zero
    if depth > 0 and _by_derivative(expr, domain, depth, opaque):
        return True
    return None


def _constant(expr: Any, domain: Domain | None = None) -> bool | None:
    sign = constant_sign(expr, (64,))
    if 0 not in sign:
        return False
    if sign == frozenset({0}) or _identity(expr, domain) or exact_sign(expr) == 0:
        return True
    return False if 0 not in constant_sign(expr, (512,)) else None


def _identity(expr: Any, domain: Domain | None) -> bool:
    """Polynomial identity in generators, after the addition theorems of trigonometry."""
    if expr.has(sp.sin, sp.cos, sp.tan):
        expr = sp.expand_trig(expr)
    if expr.has(sp.gamma, sp.factorial):
        expr = sp.gammasimp(expr)
    try:
        return Generators(domain).vanishes(expr)
    except (TooLarge, sp.PolynomialError, ZeroDivisionError, NotImplementedError):
        return False


def _by_derivative(expr: Any, domain: Domain, depth: int, opaque: set[Any]) -> bool:
    """Constant along an interval of one symbol, and zero at a point of it."""
    for x in sorted((s for s in expr.free_symbols - opaque if isinstance(s, sp.Symbol)), key=lambda s: (_awkward(expr, s), str(s)))[:3]:
        if not connected(x) or not _awkward(expr, x):
            continue
        span = interval(x, domain)
        if not isinstance(span, sp.Interval) or span.start == span.end:
            continue
        inner, whole = along(x, domain, span, closed=False), along(x, domain, span, closed=True)
        closed = regular(expr, x, whole)
        if not closed and not regular(expr, x, inner):
            continue
        points = [p for p in anchors(x, span) if closed or p not in (span.start, span.end)]
        if not any(_decide(expr.subs(x, p), inner, depth - 1, opaque) is True for p in points[:4] if _finite(expr.subs(x, p))):
            continue
        derivative = sp.diff(expr, x)
        if derivative == 0 or _decide(derivative, inner, depth - 1, opaque) is True:
            return True
    return False


def _awkward(expr: Any, x: Any) -> int:
    """How many functions stand between x and a polynomial: what differentiation can remove."""
    return sum(1 for node in sp.preorder_traversal(expr) if isinstance(node, sp.Function) and node.has(x))


def _finite(value: Any) -> bool:
    return not value.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I)


def _nonzero_somewhere(expr: Any, domain: Domain) -> bool:
    """Whether an admissible rational point gives a value that is provably not zero."""
    symbols = sorted(expr.free_symbols, key=str)
    if not all(isinstance(s, sp.Symbol) and (s.is_real or s.is_integer) for s in symbols) or len(symbols) > 6:
        return False
    for point in _points(symbols, domain):
        if domain.satisfies(_complete(point, domain)) is not True:
            continue
        value = expr.subs(point)
        if _finite(value) and not value.free_symbols and 0 not in constant_sign(value, (64,)):
            return True
    return False


def _points(symbols: list[Any], domain: Domain) -> list[dict[Any, Any]]:
    """A few rational points inside the intervals of the symbols."""
    choices = []
    for symbol in symbols:
        span = interval(symbol, domain)
        inside = [p for p in _CANDIDATES if span.contains(p) is sp.true and (not symbol.is_integer or p.is_Integer)]
        choices.append(inside[:3] if len(symbols) <= 3 else inside[:2])
    return [dict(zip(symbols, values, strict=True)) for values in list(product(*choices))[:12]]


_CANDIDATES = [sp.Rational(n) for n in ("1/3", "3/2", "-2/5", "2", "3", "5", "-2", "1", "7", "0", "1/20", "50")]


def _complete(point: dict[Any, Any], domain: Domain) -> dict[Any, Any]:
    """The point with a value for the domain's other symbols, which the expression does not hold."""
    rest = [s for s in domain.symbols if s not in point and isinstance(s, sp.Symbol)]
    return {**point, **{s: next((p for p in _CANDIDATES if interval(s, domain).contains(p) is sp.true), sp.Integer(1)) for s in rest}}


def _matrix_is_zero(expr: Any, domain: Domain | None) -> bool | None:
    """Matrix expressions are brought to their canonical form; explicit matrices are decided entry by entry."""
    if isinstance(expr, sp.MatrixBase):
        entries = [is_zero(entry, domain) for entry in expr]
        return True if all(e is True for e in entries) else False if any(e is False for e in entries) else None
    from lemmata.theory.matrices.algebra import equal_matrices

    return equal_matrices(expr, sp.ZeroMatrix(*expr.shape) if isinstance(expr, MatrixExpr) else sp.S.Zero, domain)
