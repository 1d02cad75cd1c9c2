"""The exact sign of a real number: rational enclosures that are refined, and exact zero tests; no floating point.

What decides whether a point is admissible must be exact. A number is enclosed between two rationals whose distance
shrinks with the working precision; if zero stays inside, an algebraic number is settled by its minimal polynomial.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

Bounds = tuple[Fraction, Fraction]

PRECISIONS = (64, 256, 1024)
"""Bits of the successive enclosures."""


class NotEnclosed(Exception):
    """No rational enclosure of this expression is known; the message names it."""


def sign(value: Any) -> int | None:
    """-1, 0 or 1 when the sign of a closed real expression is proved, None when it is not.

    >>> import sympy as sp
    >>> sign(sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5 + 2 * sp.sqrt(6))), sign(sp.pi - sp.Rational(355, 113))
    (0, -1)
    """
    value = sp.sympify(value)
    if value.is_Rational:
        return (value.p > 0) - (value.p < 0)
    if value in (sp.oo, -sp.oo):
        return 1 if value is sp.oo else -1
    return _sign_of_irrational(value)


@lru_cache(maxsize=4096)
def _sign_of_irrational(value: Any) -> int | None:
    if not isinstance(value, sp.Expr) or value.free_symbols or value.has(sp.nan, sp.zoo, sp.oo, sp.I, sp.Float):
        return None
    for bits in PRECISIONS:
        try:
            lower, upper = enclosure(value, bits)
        except NotEnclosed:
            break
        if lower > 0:
            return 1
        if upper < 0:
            return -1
    return 0 if _vanishes(value) else None


def _vanishes(value: Any) -> bool:
    """Whether a number is proved to be zero, by expansion or by its minimal polynomial."""
    if sp.expand(value) == 0:
        return True
    if value.is_algebraic and sp.count_ops(value) <= 40:
        x = sp.Dummy("x")
        return bool(sp.minimal_polynomial(value, x) == x)
    return False


def compare(left: Any, right: Any) -> int | None:
    """The sign of left - right for closed real numbers or infinities, None when it is not proved.

    >>> import sympy as sp
    >>> compare(sp.sqrt(2), 1), compare(-sp.oo, 3), compare(sp.oo, sp.oo)
    (1, -1, 0)
    """
    if left == right:
        return 0
    if left in (sp.oo, -sp.oo) or right in (sp.oo, -sp.oo):
        return 1 if left is sp.oo or right == -sp.oo else -1
    return sign(left - right)


def enclosure(value: Any, bits: int) -> Bounds:
    """Two rationals with the number between them, about 2^-bits apart relative to the parts it is made of.

    Holds for rationals, pi, e, roots, exp, log, tanh, sin, cos, Abs, Max, Min, sums, products and real algebraic
    numbers; raises NotEnclosed for anything else.

    >>> import sympy as sp
    >>> low, high = enclosure(sp.sqrt(2), 64)
    >>> low**2 < 2 < high**2 and high - low < Fraction(1, 2**60)
    True
    """
    if value.is_Rational:
        exact = Fraction(int(value.p), int(value.q))
        return exact, exact
    if isinstance(value, sp.Add):
        parts = [enclosure(arg, bits) for arg in value.args]
        return _outward(sum(low for low, _ in parts), sum(high for _, high in parts), bits)
    if isinstance(value, sp.Mul):
        low, high = Fraction(1), Fraction(1)
        for arg in value.args:
            corners = [a * b for a in (low, high) for b in enclosure(arg, bits)]
            low, high = _outward(min(corners), max(corners), bits)
        return low, high
    if isinstance(value, sp.Pow):
        return _power(value.base, value.exp, bits)
    if value is sp.pi:
        return _pi(bits)
    if value is sp.E:
        return _monotone(_exp, (Fraction(1), Fraction(1)), bits)
    if isinstance(value, sp.exp):
        return _monotone(_exp, enclosure(value.args[0], bits), bits)
    if isinstance(value, sp.tanh):
        low, high = enclosure(sp.exp(-2 * value.args[0]), bits)
        return (1 - high) / (1 + high), (1 - low) / (1 + low)
    if isinstance(value, sp.sin | sp.cos):
        return _wave(enclosure(value.args[0], bits), int(isinstance(value, sp.sin)), bits)
    if isinstance(value, sp.log):
        return _monotone(_log, enclosure(value.args[0], bits), bits)
    if isinstance(value, sp.Abs):
        low, high = enclosure(value.args[0], bits)
        return (low, high) if low >= 0 else (-high, -low) if high <= 0 else (Fraction(0), max(-low, high))
    if isinstance(value, sp.Max | sp.Min):
        pick = max if isinstance(value, sp.Max) else min
        parts = [enclosure(arg, bits) for arg in value.args]
        return pick(low for low, _ in parts), pick(high for _, high in parts)
    if isinstance(value, sp.CRootOf) and value.is_real:
        width = sp.Rational(1, 2**bits)
        middle = value.eval_rational(dx=width, dy=width)
        return Fraction(middle - width), Fraction(middle + width)
    raise NotEnclosed(f"no exact enclosure of {value} is known")


def _outward(low: Any, high: Any, bits: int) -> Bounds:
    """Round outward to about `bits` significant bits, so that numerators stay small."""
    return _round(Fraction(low), bits, up=False), _round(Fraction(high), bits, up=True)


def _round(x: Fraction, bits: int, *, up: bool) -> Fraction:
    if x.denominator.bit_length() <= bits and x.numerator.bit_length() <= bits:
        return x
    shift = bits + 8 - (x.numerator.bit_length() - x.denominator.bit_length())
    scaled = x * Fraction(2) ** shift
    whole = -((-scaled).__floor__()) if up else scaled.__floor__()
    return whole / Fraction(2) ** shift


def _power(base: Any, exponent: Any, bits: int) -> Bounds:
    low, high = enclosure(base, bits)
    if exponent.is_Integer:
        n = int(exponent)
        if n < 0:
            if low <= 0 <= high:
                raise NotEnclosed(f"{base} is not separated from 0")
            low, high, n = 1 / high, 1 / low, -n
        ends = (low**n, high**n)
        bottom = Fraction(0) if n % 2 == 0 and low <= 0 <= high else min(ends)
        return _outward(bottom, max(ends), bits)
    if low < 0 or (exponent.is_negative and low == 0):
        raise NotEnclosed(f"{base} is not known to be positive")
    if exponent.is_Rational:
        n, q = int(exponent.p), int(exponent.q)
        lower, upper = _root(low, q, bits, up=False), _root(high, q, bits, up=True)
        if n < 0 and lower == 0:
            raise NotEnclosed(f"{base} is not separated from 0")
        return _outward(min(lower**n, upper**n), max(lower**n, upper**n), bits)
    return enclosure(sp.exp(exponent * sp.log(base), evaluate=False), bits)


def _root(x: Fraction, q: int, bits: int, *, up: bool) -> Fraction:
    scaled = x * 2 ** (q * bits)
    whole = -((-scaled).__floor__()) if up else scaled.__floor__()
    root, exact = sp.integer_nthroot(whole, q)
    return Fraction(int(root) + (1 if up and not exact else 0), 2**bits)


def _monotone(function: Callable[[Fraction, int], Bounds], argument: Bounds, bits: int) -> Bounds:
    """The range of an increasing function over an interval."""
    return _outward(function(argument[0], bits)[0], function(argument[1], bits)[1], bits)


def _exp(x: Fraction, bits: int) -> Bounds:
    """exp by its Taylor series at x/2^k with |x/2^k| <= 1/2; the remainder is below twice its first term."""
    if abs(x) > 2000:
        raise NotEnclosed(f"exp({x}) is out of range")
    halvings = max(0, x.numerator.bit_length() - x.denominator.bit_length() + 2)
    t = x / 2**halvings
    term, total, n = Fraction(1), Fraction(1), 0
    while abs(term) > Fraction(1, 2 ** (bits + 2 * halvings)):
        n += 1
        term = _round(abs(term * t / n), bits + 16, up=True) * (1 if t > 0 or n % 2 == 0 else -1)
        total += term
    slack = 2 * abs(term) + Fraction(n, 2 ** (bits + 8)) if n else Fraction(0)
    low, high = max(total - slack, Fraction(0)), total + slack
    for _ in range(halvings):
        low, high = _outward(low * low, high * high, bits + 16)
    return low, high


def _wave(argument: Bounds, start: int, bits: int) -> Bounds:
    """sin (start 1) or cos (start 0) by its Taylor series at the middle of an interval; both have slope at most 1."""
    middle = (argument[0] + argument[1]) / 2
    if abs(middle) > 200:
        raise NotEnclosed(f"an angle near {float(middle):.0f} is out of range")
    digits = bits + 2 * abs(middle).__ceil__() + 16  # the largest term is below e^|x| < 4^ceil|x|
    centre = _round(middle, digits, up=False)
    radius = argument[1] - argument[0] + (middle - centre)
    square, total, n, term = _round(centre**2, digits, up=False), Fraction(0), start, centre if start else Fraction(1)
    while n <= abs(centre) or abs(term) > Fraction(1, 2**bits):
        total, n = total + term, n + 2
        term = -_round(term * square / ((n - 1) * n), digits, up=False)
    slack = abs(term) + radius + Fraction(2 * n * n, 2**bits) / 2**12
    return _outward(total - slack, total + slack, bits)


def _log(x: Fraction, bits: int) -> Bounds:
    """log x = k log 2 + 2 atanh((m - 1)/(m + 1)) for x = m 2^k."""
    if x <= 0:
        raise NotEnclosed(f"log of {x}, which is not positive")
    k = x.numerator.bit_length() - x.denominator.bit_length()
    m = x / Fraction(2) ** k
    low, high = _atanh((m - 1) / (m + 1), bits)
    two_low, two_high = _atanh(Fraction(1, 3), bits)
    ends = (2 * k * two_low, 2 * k * two_high)
    return 2 * low + min(ends), 2 * high + max(ends)


def _atanh(t: Fraction, bits: int) -> Bounds:
    """atanh t = t + t^3/3 + ...; the tail is below the next term over 1 - t^2."""
    total, power, n = Fraction(0), t, 1
    while abs(power) > Fraction(1, 2**bits):
        total, power, n = total + power / n, power * t * t, n + 2
    tail = abs(power) / (n * (1 - t * t))
    return _outward(total - tail, total + tail, bits)


@lru_cache(maxsize=8)
def _pi(bits: int) -> Bounds:
    """Machin: pi = 16 atan(1/5) - 4 atan(1/239)."""
    (a, b), (c, d) = _atan_inverse(5, bits), _atan_inverse(239, bits)
    return _outward(16 * a - 4 * d, 16 * b - 4 * c, bits)


def _atan_inverse(n: int, bits: int) -> Bounds:
    """atan(1/n) lies between consecutive partial sums of its alternating series."""
    total, k = Fraction(0), 0
    while (term := Fraction(1, (2 * k + 1) * n ** (2 * k + 1))) > Fraction(1, 2 ** (bits + 8)):
        total, k = total + (-1) ** k * term, k + 1
    other = total + (-1) ** k * term
    return min(total, other), max(total, other)
