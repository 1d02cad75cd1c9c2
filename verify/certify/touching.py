"""Where the two sides of an inequality in one symbol touch: the exact point, and a proof that they do not cross there.

Let f = right - left (or the other way round) vanish at p with its first k - 1 derivatives, exactly. Taylor's theorem gives
f(x) = f^(k)(xi)/k! (x - p)^k on an interval that holds p, with xi in it: a ball for the k-th coefficient of the series over the
interval then decides the sign of f there. At an end of the domain where f has half-integer powers, x = p + t^2 or p - t^2 is put in
first, and t taken out of the roots.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb
from sympy.polys.polyerrors import BasePolynomialError

from lemmata.numerics.compile.arb import to_arb
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.ranges import Range
from lemmata.numerics.compile.series import in_one_variable
from lemmata.theory import exact
from lemmata.theory.domain import Domain
from lemmata.theory.domain.span import simplest
from lemmata.verify.certify.statement import exactly

HIGHEST = 6
"""Orders of contact that are tried."""

LARGEST = 300
"""Differences with more operations than this are not differentiated again and again."""


class Contact(Enum):
    """What is proved about a place at which the sides seem to touch."""

    ABOVE = "the difference is positive but for the point itself"
    OPEN = "nothing"


def candidates(room: Any, symbol: Any, place: Range, domain: Domain) -> Iterator[Any]:
    """Exact numbers in a small interval: an end of the domain, simple rationals, multiples of pi, powers of e, roots of the derivative."""
    span = domain.spans[symbol]
    low, high = Fraction(exactly(place.low).p, exactly(place.low).q), Fraction(exactly(place.high).p, exactly(place.high).q)
    ends = [end for end in (span.lower, span.upper) if end.is_finite and _inside(end, place)]
    yield from ends
    rational = simplest(low, high)
    yield sp.Rational(rational.numerator, rational.denominator)
    if not low <= 0 <= high:
        turn = simplest(_of(place.low / arb.pi()), _of(place.high / arb.pi()))
        yield sp.Rational(turn.numerator, turn.denominator) * sp.pi
    if low > 0:
        exponent = simplest(_of(place.low.log()), _of(place.high.log()))
        yield sp.exp(sp.Rational(exponent.numerator, exponent.denominator))
    if sp.count_ops(room) > LARGEST or room.has(sp.Max, sp.Min, sp.Abs, sp.Piecewise):
        return
    for power in (1, 2):
        slope = sp.fraction(sp.together(sp.diff(room, symbol)))[0] if power == 1 else sp.fraction(sp.together(room))[0]
        if slope.has(symbol) and slope.is_polynomial(symbol):
            try:
                roots = sp.Poly(slope, symbol, domain="QQ").real_roots()
            except BasePolynomialError:
                continue
            yield from (root for root in dict.fromkeys(roots) if _inside(root, place))


def _of(ball: arb) -> Fraction:
    number = exactly(ball.mid())
    return Fraction(int(number.p), int(number.q))


def _inside(number: Any, place: Range) -> bool:
    try:
        ball = to_arb(number)
    except CannotEvaluate:
        return False
    return bool(ball.overlaps(place.ball()))


def vanishes(room: Any, symbol: Any, point: Any) -> bool:
    """Whether an expression is exactly 0 at a point."""
    value = room.xreplace({symbol: point})
    return not value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) and exact.is_zero(value) is True


def contact(room: Any, symbol: Any, point: Any, place: Range, domain: Domain) -> Contact:
    """Whether room > 0 on the part of `place` that lies in the domain, but for the point, at which room vanishes.

    >>> x = sp.Symbol("x", real=True)
    >>> around = Range(arb(-0.01), arb(0.01))
    >>> [contact(f, x, sp.Integer(0), around, Domain((x,))).name for f in (sp.cosh(x) - 1, sp.sin(x))]
    ['ABOVE', 'OPEN']
    """
    if sp.count_ops(room) > LARGEST:
        return Contact.OPEN
    span = domain.spans[symbol]
    sides = [sign for sign, end in ((1, span.lower), (-1, span.upper)) if end == point]
    if not sides:
        return _by_series(room, symbol, point, place.ball().union(to_arb(point)), (1, -1))
    (side,) = sides if len(sides) == 1 else (0,)
    if not side:
        return Contact.OPEN
    plain = _by_series(room, symbol, point, place.ball().union(to_arb(point)), (side,))
    if plain is Contact.ABOVE:
        return plain
    t = sp.Dummy("t", nonnegative=True)
    rooted = without_roots(room.xreplace({symbol: point + side * t**2}), t)
    far = max((place.ball() - to_arb(point)).abs_upper().sqrt().upper(), arb(0))
    return _by_series(rooted, t, sp.Integer(0), arb(0).union(far), (1,))


def _by_series(room: Any, symbol: Any, point: Any, around: arb, sides: tuple[int, ...]) -> Contact:
    """The first coefficient over the interval that is not 0 at the point; every earlier one is shown to be 0 there exactly."""
    try:
        (terms,) = in_one_variable([room], symbol, around, HIGHEST + 1, {})
    except CannotEvaluate:
        return Contact.OPEN
    derivative = room
    for k in range(HIGHEST + 1):
        if all(terms[k] * side**k > 0 for side in sides) and k > 0:
            return Contact.ABOVE
        if not terms[k].contains(0) or not vanishes(derivative, symbol, point):
            return Contact.OPEN
        derivative = sp.diff(derivative, symbol)
        if sp.count_ops(derivative) > 10 * LARGEST:
            return Contact.OPEN
    return Contact.OPEN


def without_roots(expr: Any, t: Any) -> Any:
    """An expression in t >= 0 near 0 with powers of t taken out of roots, and arc functions of +-1 + ... turned into those of 0.

    acos(g) = 2 asin(sqrt((1 - g)/2)) on [-1, 1]; (t^m h)^r = t^(m r) h^r for t, h >= 0.

    >>> t = sp.Symbol("t", nonnegative=True)
    >>> without_roots(sp.acos(1 - t**2), t)
    2*asin(sqrt(2)*t/2)
    """
    if not expr.has(t) or expr.is_Atom:
        return expr
    args = [without_roots(arg, t) for arg in expr.args]
    expr = expr.func(*args)
    if isinstance(expr, (sp.acos, sp.asin)):
        (inner,) = expr.args
        start = inner.xreplace({t: sp.Integer(0)})
        if start not in (1, -1):
            return expr
        root = _without_root((1 - start * inner) / 2, sp.Rational(1, 2), t)
        arc = 2 * sp.asin(root) if start == 1 else sp.pi - 2 * sp.asin(root)
        return arc if isinstance(expr, sp.acos) else sp.pi / 2 - arc
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational and not expr.exp.is_Integer:
        return _without_root(expr.base, expr.exp, t)
    return expr


def _without_root(base: Any, exponent: Any, t: Any) -> Any:
    above, below = sp.fraction(sp.together(base))
    if not (above.is_polynomial(t) and below.is_polynomial(t)) or above == 0:
        return base**exponent
    top, bottom = sp.Poly(above, t), sp.Poly(below, t)
    order = min(m for (m,) in top.monoms()) - min(m for (m,) in bottom.monoms())
    if order == 0 or not (order * exponent).is_Integer:
        return base**exponent
    rest = _stripped(top, t) / _stripped(bottom, t)
    return t ** (order * exponent) * rest**exponent


def _stripped(polynomial: sp.Poly, t: Any) -> Any:
    least = min(m for (m,) in polynomial.monoms())
    return sp.Poly({(m - least,): value for (m,), value in polynomial.terms()}, t).as_expr()
