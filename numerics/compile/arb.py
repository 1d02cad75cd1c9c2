"""Enclosures of closed expressions: balls whose precision is raised until they are as small as asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import flint
import sympy as sp
from flint import arb, arb_mat, fmpq, fmpq_mat, fmpz

from lemmata.numerics.compile import ball_functions, ball_matrices, ball_scalars
from lemmata.numerics.compile.ball_matrices import as_balls
from lemmata.numerics.compile.balls import RULES, Balls, Enclosure, Value, shorten, to_ball
from lemmata.numerics.compile.errors import CannotEvaluate, Undecided

assert RULES and ball_functions and ball_matrices and ball_scalars

BITS_A_DIGIT = 3.3219280948873626
PREC_CAP = 4096


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """The working precision of flint, which is global, within a block."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def enclose(
    expr: Any,
    at: Mapping[Any, Any],
    *,
    digits: int = 15,
    known: Mapping[Any, Any] | None = None,
    prec_cap: int = PREC_CAP,
) -> Enclosure:
    """An enclosure of a closed expression at a point, with a relative radius of at most 10^-digits.

    `at` maps symbols to exact values (then the ball encloses the value) or to balls (then it encloses the range over them);
    `known` maps quantity nodes to balls. The working precision is doubled until the radius is small enough; a ball that still
    holds zero is pursued to an absolute radius of 10^(-4 digits), or to `prec_cap` bits. Where the balls given are themselves
    wide, no precision helps: it stops as soon as the radius no longer falls, and returns what it has. For a matrix the radius
    is relative to the largest entry.

    Raises CannotEvaluate where a function is not supported, a symbol has no value, or the value is not real and finite.

    >>> from sympy import Symbol, acos, sqrt
    >>> c = Symbol("c", real=True)
    >>> enclose(sqrt(1 - c**2) + acos(c), {c: sp.Rational(3, 5)}).str(12)
    '[1.72729521800 +/- 1.62e-12]'
    """
    given = {**at, **(known or {})}
    wide = any(_is_wide(value) for value in given.values())
    bits = int(digits * BITS_A_DIGIT) + 30
    best: Any = None
    undecided: Undecided | None = None
    while True:
        try:
            value = _once(expr, given, bits, exact=True)
        except Undecided as error:
            undecided = error
        else:
            if _small(value, digits):
                return value
            stuck = wide and best is not None and not _radius(value) * 2 < _radius(best)
            best = value
            if stuck:
                return best
        if bits >= prec_cap or (wide and undecided is not None and bits >= 8 * digits * BITS_A_DIGIT):
            break
        bits = min(2 * bits, prec_cap)
    if best is not None:
        return best
    raise CannotEvaluate(f"{undecided.reason if undecided else 'no value'}, up to {bits} bits: {shorten(expr)}")


def enclose_at_precision(
    expr: Any, at: Mapping[Any, Any], prec: int, known: Mapping[Any, Any] | None = None, *, exact: bool = True
) -> Enclosure:
    """One evaluation at a fixed working precision, in bits.

    With `exact=False` rationals are rounded like any other number, so that the radius bounds the rounding errors of a
    floating-point evaluation of the same tree at that precision.

    Raises CannotEvaluate; its subclass Undecided where a higher precision may succeed.

    >>> x = sp.Symbol("x", real=True)
    >>> enclose_at_precision(3 * x - 1, {x: sp.Rational(1, 3)}, 53)
    0
    >>> enclose_at_precision(3 * x - 1, {x: sp.Rational(1, 3)}, 53, exact=False).contains(0)
    True
    """
    return _once(expr, {**at, **(known or {})}, prec, exact)


def rounding_bound(expr: Any, at: Mapping[Any, Any], known: Mapping[Any, Any] | None = None, *, bits: int = 53) -> Enclosure:
    """An enclosure that also holds the result of floating point with `bits` bits of mantissa.

    Balls at bits - 4: each operation may then err by sixteen units in the last place, which covers the elementary
    functions of common libraries and another order of summation. At a point given exactly the arguments are rounded too.

    >>> x = sp.Symbol("x", real=True)
    >>> rounding_bound((x + 1) ** 2 - x**2, {x: sp.Rational(1, 3)}).contains((0.1 + 1) ** 2 - 0.1**2)
    False
    >>> rounding_bound((x + 1) ** 2 - x**2, {x: 0.1}).contains((0.1 + 1) ** 2 - 0.1**2)
    True
    """
    return enclose_at_precision(expr, at, bits - 4, known, exact=False)


def _once(expr: Any, given: Mapping[Any, Any], bits: int, exact: bool) -> Enclosure:
    with precision(bits):
        values = {node: to_value(value, exact) for node, value in given.items()}
        result = Balls(values, exact)(sp.sympify(expr))
        ball = as_balls(result) if isinstance(result, (fmpq_mat, arb_mat)) else to_ball(result)
        if not _finite(ball):
            raise Undecided("the value is not finite")
        return ball


def to_value(value: Any, exact: bool = True) -> Value:
    """An exact value or a ball as the walk (`Balls`) uses it, at the current precision; rationals stay exact if asked."""
    if isinstance(value, (arb, arb_mat)):
        return value
    if isinstance(value, (fmpq, fmpz, int)):
        return fmpq(value) if exact else arb(value)
    if isinstance(value, Fraction):
        return to_value(fmpq(value.numerator, value.denominator), exact)
    if isinstance(value, fmpq_mat):
        return value if exact else as_balls(value)
    if isinstance(value, float):
        return to_value(sp.Rational(value), exact)
    return Balls({}, exact)(sp.sympify(value))


def to_arb(value: Any) -> Enclosure:
    """An exact value (int, Fraction, float, a closed SymPy number or matrix) as a ball at the current precision.

    >>> to_arb(sp.Rational(1, 4))
    0.250000000000000
    """
    result = to_value(value, True)
    return as_balls(result) if isinstance(result, (fmpq_mat, arb_mat)) else to_ball(result)


def midpoint_text(ball: arb, digits: int = 15) -> str:
    """The midpoint of a ball in decimal.

    >>> midpoint_text(to_arb(sp.Rational(1, 3)), 5)
    '0.33333'
    """
    with precision(max(flint.ctx.prec, int(digits * BITS_A_DIGIT) + 10)):
        return ball.mid().str(digits, radius=False)


def _entries(value: arb | arb_mat) -> list[arb]:
    return list(value.entries()) if isinstance(value, arb_mat) else [value]


def _finite(value: arb | arb_mat) -> bool:
    return all(entry.is_finite() for entry in _entries(value))


def _is_wide(value: Any) -> bool:
    return isinstance(value, (arb, arb_mat)) and not all(entry.is_exact() for entry in _entries(value))


def _radius(value: arb | arb_mat) -> arb:
    radius = arb(0)
    for entry in _entries(value):
        radius = radius.max(entry.rad())
    return radius


def _small(value: arb | arb_mat, digits: int) -> bool:
    """Whether the radius is at most 10^-digits of the largest entry; 10^(-4 digits) where that may be zero."""
    radius = _radius(value)
    if radius.is_zero():
        return True
    size = arb(0)
    for entry in _entries(value):
        size = size.max(entry.abs_lower())
    if size > 0:
        return bool(radius <= size * arb(10) ** -digits)
    return bool(radius <= arb(10) ** (-4 * digits))
