"""Constants between rationals: the exact enclosure of a number such as pi**2/6 - sqrt(2)*exp(-1/3).

Interval arithmetic whose ends are fractions, rounded outwards to a fixed number of binary places; no floating point.
The elementary functions come from alternating or geometrically dominated series with their remainders.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Any

import sympy as sp

Span = tuple[Fraction, Fraction]


class NotEnclosed(ValueError):
    """The constant holds something that has no rational enclosure here."""


def constant_sign(expr: Any, places: tuple[int, ...] = (64, 256)) -> frozenset[int]:
    """The signs that a constant may have, after enclosing it to 64 and then 256 binary places.

    >>> constant_sign(sp.pi - sp.Rational(22, 7)), sorted(constant_sign(sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6)))
    (frozenset({-1}), [0])
    """
    if expr.is_Rational:
        return frozenset({int(sp.sign(expr))})
    for bits in places:
        try:
            low, high = enclose(expr, bits)
        except (NotEnclosed, ZeroDivisionError, OverflowError):
            return frozenset({-1, 0, 1})
        if low > 0:
            return frozenset({1})
        if high < 0:
            return frozenset({-1})
        if low == high == 0:
            return frozenset({0})
    return frozenset({-1, 0, 1})


def enclose(expr: Any, bits: int = 64) -> Span:
    """Rational bounds low <= expr <= high of a real constant; raises NotEnclosed.

    >>> low, high = enclose(sp.pi, 20)
    >>> low < Fraction(355, 113) and high - low < Fraction(1, 1000)
    True
    """
    expr = sp.sympify(expr)
    if expr.is_Rational:
        value = Fraction(int(expr.p), int(expr.q))
        return value, value
    if isinstance(expr, sp.Add):
        spans = [enclose(arg, bits) for arg in expr.args]
        return _out(sum((low for low, _ in spans), Fraction(0)), sum((high for _, high in spans), Fraction(0)), bits)
    if isinstance(expr, sp.Mul):
        total: Span = (Fraction(1), Fraction(1))
        for arg in expr.args:
            total = _times(total, enclose(arg, bits))
        return _out(*total, bits)
    if isinstance(expr, sp.exp) or expr is sp.E:
        return _monotone(_exp, enclose(expr.args[0] if expr is not sp.E else sp.Integer(1), bits), bits)
    if isinstance(expr, sp.Pow):
        return _power(expr, bits)
    if expr is sp.pi:
        return _pi(bits)
    if isinstance(expr, sp.log):
        low, high = enclose(expr.args[0], bits)
        if low <= 0:
            raise NotEnclosed("log of what may be 0")
        return _out(_log(low, bits)[0], _log(high, bits)[1], bits)
    if isinstance(expr, sp.atan):
        return _monotone(_atan, enclose(expr.args[0], bits), bits)
    if isinstance(expr, (sp.asin, sp.acos)):
        return _arc(expr, bits)
    if isinstance(expr, sp.Abs):
        low, high = enclose(expr.args[0], bits)
        return (low, high) if low >= 0 else (-high, -low) if high <= 0 else (Fraction(0), max(-low, high))
    if isinstance(expr, (sp.erf, sp.erfc)):
        low, high = _monotone(_erf, enclose(expr.args[0], bits), bits)
        return (low, high) if isinstance(expr, sp.erf) else (1 - high, 1 - low)
    if isinstance(expr, sp.sin | sp.cos):
        return _wave(enclose(expr.args[0], bits), int(isinstance(expr, sp.sin)), bits)
    if isinstance(expr, sp.tanh):
        low, high = enclose(sp.exp(-2 * expr.args[0]), bits)
        return _out((1 - high) / (1 + high), (1 - low) / (1 + low), bits)
    if isinstance(expr, sp.Max | sp.Min):
        pick = max if isinstance(expr, sp.Max) else min
        spans = [enclose(arg, bits) for arg in expr.args]
        return pick(low for low, _ in spans), pick(high for _, high in spans)
    if isinstance(expr, sp.CRootOf) and expr.is_real:
        width = sp.Rational(1, 1 << bits)
        middle = expr.eval_rational(dx=width, dy=width)
        return Fraction(middle - width), Fraction(middle + width)
    raise NotEnclosed(f"no enclosure of {type(expr).__name__}")


def _out(low: Fraction, high: Fraction, bits: int) -> Span:
    """Rounded outwards to `bits` binary places beyond the leading one, so that fractions stay short."""
    if low == high and low.denominator.bit_length() <= bits:
        return low, high
    size = max(abs(low), abs(high))
    shift = bits + 8 + max(0, (size.denominator // max(size.numerator, 1)).bit_length())
    scale = 1 << shift
    return Fraction((low * scale).__floor__(), scale), Fraction((high * scale).__ceil__(), scale)


def _times(first: Span, second: Span) -> Span:
    ends = [a * b for a in first for b in second]
    return min(ends), max(ends)


def _monotone(function: Any, span: Span, bits: int) -> Span:
    low, high = span
    return _out(function(low, bits)[0], function(high, bits)[1], bits)


def _power(expr: sp.Pow, bits: int) -> Span:
    base, exponent = expr.args
    low, high = enclose(base, bits)
    if not exponent.is_Rational:
        if low <= 0:
            raise NotEnclosed("a power of what may be 0")
        product = _times((_log(low, bits)[0], _log(high, bits)[1]), enclose(exponent, bits))
        return _monotone(_exp, product, bits)
    if abs(int(exponent.p)) > 200 or int(exponent.q) > 60:
        raise NotEnclosed("an exponent beyond reach")
    if exponent.q != 1:
        if low < 0:
            raise NotEnclosed("a root of what may be negative")
        low, high = _root(low, int(exponent.q), bits)[0], _root(high, int(exponent.q), bits)[1]
    power = abs(int(exponent.p))
    if power % 2 == 0 and low < 0 < high:
        low, high = Fraction(0), max(-low, high)
    ends = sorted((low**power, high**power))
    if exponent.p < 0:
        if ends[0] <= 0 <= ends[1]:
            raise NotEnclosed("a quotient by what may be 0")
        ends = sorted((1 / ends[0], 1 / ends[1]))
    return _out(ends[0], ends[1], bits)


def _root(value: Fraction, order: int, bits: int) -> Span:
    """The root of a nonnegative fraction: an integer root of value * 2^(order * shift)."""
    if value == 0:
        return value, value
    shift = bits + 8 + max(0, (value.denominator // value.numerator).bit_length())
    scaled = (value * (1 << (order * shift))).__floor__()
    low = isqrt(scaled) if order == 2 else int(sp.integer_nthroot(scaled, order)[0])
    exact = low**order * value.denominator == value.numerator << (order * shift)
    return Fraction(low, 1 << shift), Fraction(low if exact else low + 1, 1 << shift)


@lru_cache(maxsize=8)
def _pi(bits: int) -> Span:
    """Machin: pi = 16 atan(1/5) - 4 atan(1/239)."""
    fifth, small = _atan_series(Fraction(1, 5), bits + 8), _atan_series(Fraction(1, 239), bits + 8)
    return _out(16 * fifth[0] - 4 * small[1], 16 * fifth[1] - 4 * small[0], bits)


def _atan_series(x: Fraction, bits: int) -> Span:
    """0 <= x <= 1/2: two consecutive partial sums of the alternating series."""
    total, power, k = Fraction(0), x, 0
    while True:
        step = power / (2 * k + 1)
        following = total + (step if k % 2 == 0 else -step)
        if step < Fraction(1, 1 << (bits + 4)):
            return min(total, following), max(total, following)
        total, power, k = following, power * x * x, k + 1


def _atan(x: Fraction, bits: int) -> Span:
    if x < 0:
        low, high = _atan(-x, bits)
        return -high, -low
    x_low, x_high = _out(x, x, bits)
    if x <= Fraction(1, 2):
        return _atan_series(max(x_low, Fraction(0)), bits)[0], _atan_series(min(x_high, Fraction(1, 2)), bits)[1]
    if x <= 2:  # atan x = atan(1/2) + atan((x - 1/2)/(1 + x/2))
        half, rest = _atan_series(Fraction(1, 2), bits), _atan((x - Fraction(1, 2)) / (1 + x / 2), bits)
        return half[0] + rest[0], half[1] + rest[1]
    half_pi, rest = _pi(bits), _atan(1 / x, bits)
    return half_pi[0] / 2 - rest[1], half_pi[1] / 2 - rest[0]


def _arc(expr: Any, bits: int) -> Span:
    """asin x = 2 atan(x/(1 + sqrt(1 - x^2))), and acos x = pi/2 - asin x."""
    low, high = enclose(expr.args[0], bits)
    if low < -1 or high > 1:
        raise NotEnclosed("asin outside [-1, 1]")

    def asin(x: Fraction, side: int) -> Fraction:
        rounded = _out(x, x, bits)[side]
        rounded = max(Fraction(-1), min(Fraction(1), rounded))
        root = _root(1 - rounded * rounded, 2, bits)
        ends = [_atan(rounded / (1 + r), bits)[side] for r in root]
        return 2 * (min(ends) if side == 0 else max(ends))

    span = (asin(low, 0), asin(high, 1))
    if isinstance(expr, sp.asin):
        return _out(*span, bits)
    half = _pi(bits)
    return _out(half[0] / 2 - span[1], half[1] / 2 - span[0], bits)


def _exp(x: Fraction, bits: int) -> Span:
    """exp x = (exp(x/2^k))^(2^k) with |x|/2^k <= 1/2: Taylor with the geometric remainder."""
    if abs(x) > 400:
        raise NotEnclosed("an exponential beyond reach")
    halvings = max(0, (abs(x).__ceil__()).bit_length() + 1)
    work = bits + 2 * halvings + 16
    low_x, high_x = _out(x / (1 << halvings), x / (1 << halvings), work)
    low, high = _exp_series(low_x, work)[0], _exp_series(high_x, work)[1]
    for _ in range(halvings):
        low, high = _out(low * low, high * high, work)
    return low, high


def _exp_series(x: Fraction, bits: int) -> Span:
    total, term, k = Fraction(1), Fraction(1), 0
    while abs(term) > Fraction(1, 1 << bits):
        k += 1
        term = term * x / k
        total += term
    return total - 2 * abs(term), total + 2 * abs(term)


def _log(x: Fraction, bits: int) -> Span:
    """log x = e log 2 + 2 atanh((m - 1)/(m + 1)) with x = 2^e m and m in [1/2, 2]."""
    exponent = x.numerator.bit_length() - x.denominator.bit_length()
    mantissa = x / (1 << exponent) if exponent >= 0 else x * (1 << -exponent)
    two = _atanh(Fraction(1, 3), bits + 16)
    low_m, high_m = _out(mantissa, mantissa, bits + 16)
    rest_low, rest_high = _atanh((low_m - 1) / (low_m + 1), bits + 16)[0], _atanh((high_m - 1) / (high_m + 1), bits + 16)[1]
    multiples = sorted((2 * exponent * two[0], 2 * exponent * two[1]))
    return multiples[0] + 2 * rest_low, multiples[1] + 2 * rest_high


def _atanh(x: Fraction, bits: int) -> Span:
    total, power, k = Fraction(0), x, 0
    while abs(power) > Fraction(1, 1 << bits):
        total += power / (2 * k + 1)
        power *= x * x
        k += 1
    return total - 2 * abs(power), total + 2 * abs(power)


def _wave(argument: Span, start: int, bits: int) -> Span:
    """sin (start 1) or cos (start 0) by its Taylor series at the middle of an interval; both have slope at most 1."""
    middle = (argument[0] + argument[1]) / 2
    if abs(middle) > 200:
        raise NotEnclosed("an angle beyond reach")
    work = bits + 2 * abs(middle).__ceil__() + 16  # the largest term is below e^|x| < 4^ceil|x|
    centre = _out(middle, middle, work)[0]
    radius = argument[1] - argument[0] + (middle - centre)
    square, total, n, term = _out(centre**2, centre**2, work)[0], Fraction(0), start, centre if start else Fraction(1)
    while n <= abs(centre) or abs(term) > Fraction(1, 1 << bits):
        total, n = total + term, n + 2
        following = term * square / ((n - 1) * n)
        term = -_out(following, following, work)[0]
    slack = abs(term) + radius + Fraction(n * n, 1 << (bits + 11))
    return _out(total - slack, total + slack, bits)


def _erf(x: Fraction, bits: int) -> Span:
    """erf x = 2/sqrt(pi) sum (-1)^k x^(2k+1)/(k! (2k+1)), alternating with terms that fall once k >= x^2."""
    if x < 0:
        low, high = _erf(-x, bits)
        return -high, -low
    if x == 0:
        return x, x
    if x > 12:
        raise NotEnclosed("erf beyond reach")
    total, power, k = Fraction(0), x, 0
    while True:
        term = power / (2 * k + 1)
        if k >= x * x and abs(term) < Fraction(1, 1 << (bits + 8)):
            break
        total += term
        k += 1
        power = -power * x * x / k
    span = (min(total, total + term), max(total, total + term))
    low_pi, high_pi = _pi(bits)
    scale = (2 / _root(high_pi, 2, bits)[1], 2 / _root(low_pi, 2, bits)[0])
    return _out(*_times(span, scale), bits)
