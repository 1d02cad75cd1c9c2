"""The range of one real symbol: bounds, integrality and finite sets; and the exact values drawn from it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy as sp

from lemmata.theory.exact.constants import enclose
from lemmata.theory.exact.order import compare

BITS = 128


@dataclass(frozen=True)
class Span:
    """The real numbers, or the integers r + m Z, or finitely many values, between two bounds.

    `modulus` is 0 for real symbols; `values` are the only admissible ones where they are listed.
    """

    lower: Any = -sp.oo
    upper: Any = sp.oo
    left_open: bool = True
    right_open: bool = True
    modulus: int = 0
    residue: int = 0
    values: tuple[Any, ...] | None = None

    def above(self, bound: Any, *, strict: bool) -> Span:
        """The part above a bound; unchanged where the order of the two bounds is not proved."""
        if self.modulus and bound.is_Rational:
            bound, strict = self._integer_above(bound, strict), False
        order = compare(bound, self.lower)
        if order is None or order < 0 or (order == 0 and not strict):
            return self
        return replace(self, lower=bound, left_open=strict)

    def below(self, bound: Any, *, strict: bool) -> Span:
        """The part below a bound; unchanged where the order of the two bounds is not proved."""
        if self.modulus and bound.is_Rational:
            bound, strict = self._integer_below(bound, strict), False
        order = compare(bound, self.upper)
        if order is None or order > 0 or (order == 0 and not strict):
            return self
        return replace(self, upper=bound, right_open=strict)

    def integral(self, modulus: int = 1, residue: int = 0) -> Span:
        """The integers of the span that are `residue` modulo `modulus`."""
        base = replace(self, modulus=modulus, residue=residue)
        return replace(base, lower=-sp.oo, upper=sp.oo).above(self.lower, strict=self.left_open).below(self.upper, strict=self.right_open)

    def among(self, values: tuple[Any, ...]) -> Span:
        """Only the listed values, in increasing order where that is known."""
        kept = values if self.values is None else tuple(value for value in self.values if value in values)
        return replace(self, values=kept)

    def _integer_above(self, bound: Any, strict: bool) -> Any:
        first = sp.floor(bound) + 1 if strict else sp.ceiling(bound)
        return first + (self.residue - first) % self.modulus

    def _integer_below(self, bound: Any, strict: bool) -> Any:
        last = sp.ceiling(bound) - 1 if strict else sp.floor(bound)
        return last - (last - self.residue) % self.modulus

    @property
    def is_empty(self) -> bool:
        """Whether no value is left (proved)."""
        if self.values is not None and not self.values:
            return True
        order = compare(self.lower, self.upper)
        return order is not None and (order > 0 or (order == 0 and (self.left_open or self.right_open)))

    def interval(self) -> sp.Interval:
        """The hull as a SymPy interval."""
        return sp.Interval(self.lower, self.upper, self.left_open, self.right_open)

    def ends(self) -> tuple[Any, ...]:
        """The ends that belong to the span; both ends of a list of values."""
        if self.values is not None:
            return tuple(dict.fromkeys((self.values[0], self.values[-1]))) if self.values else ()
        found = [end for end, is_open in ((self.lower, self.left_open), (self.upper, self.right_open)) if end.is_finite and not is_open]
        return tuple(dict.fromkeys(found))

    def holds(self, value: Any) -> bool | None:
        """Whether a number lies in the span; None where that could not be decided exactly.

        >>> Span(sp.Integer(0), sp.Integer(1), right_open=True).holds(sp.Integer(1))
        False
        """
        if self.values is not None:
            return value in self.values
        if self.modulus and (not value.is_Integer or (value - self.residue) % self.modulus):
            return False
        below, above = compare(self.lower, value), compare(value, self.upper)
        if below is None or above is None:
            return None
        return below < (0 if self.left_open else 1) and above < (0 if self.right_open else 1)

    def at(self, u: Fraction) -> Any | None:
        """The interior value at the fraction 0 < u < 1 of the span; small numerators and denominators; None if there is none.

        Bounded spans are cut linearly; where one side is unbounded, distances from the other end run log-uniformly from
        1/8 to 8 (integers: 0 to 31).
        """
        if self.values is not None:
            return self.values[int(u * len(self.values))] if self.values else None
        return self._integer_at(u) if self.modulus else self._real_at(u)

    def _integer_at(self, u: Fraction) -> Any:
        m = self.modulus
        if self.lower.is_finite and self.upper.is_finite:
            count = int((self.upper - self.lower) // m) + 1
            return self.lower + m * int(u * count) if count > 0 else None
        if self.lower.is_finite:
            return self.lower + m * (int(magnitude(u, 5)) - 1)
        if self.upper.is_finite:
            return self.upper - m * (int(magnitude(u, 5)) - 1)
        size = int(magnitude(abs(2 * u - 1), 4)) - 1
        return sp.Integer(self.residue + (m * size if 2 * u > 1 else -m * size))

    def _real_at(self, u: Fraction) -> Any | None:
        low, high = rational_inside(self.lower, up=True), rational_inside(self.upper, up=False)
        if low is not None and high is not None:
            if low == high and not (self.left_open or self.right_open):
                return self.lower
            if low >= high:
                return None
            width = high - low
            target = low + width * u
            radius = min(width / 64, target - low, high - target)
            return as_rational(simplest(target - radius / 2, target + radius / 2))
        if low is None and high is None:
            size = magnitude(abs(2 * u - 1), 6) / 8
            return as_rational((1 if 2 * u > 1 else -1) * simplest_near(size, size / 32))
        scale = max(Fraction(1), abs(low if low is not None else high or Fraction(0)))
        step = scale * magnitude(u, 6) / 8
        return as_rational(simplest_near(low + step if low is not None else (high or Fraction(0)) - step, step / 32))

    def extremes(self) -> Iterator[Any]:
        """Values where closed forms break: the ends, values within 10^-3 ... 10^-12 of them, magnitudes 10^-12 ... 10^12."""
        if self.values is not None:
            yield from self.values
            return
        yield from self.ends()
        yield sp.Integer(0)
        if self.modulus:
            for size in (0, 1, 2, 3, 10, 100, 1000):
                for signed in (size, -size):
                    yield sp.Integer(signed * self.modulus + self.residue)
            return
        width = self.upper - self.lower if self.lower.is_finite and self.upper.is_finite else sp.Integer(1)
        for digits in (3, 6, 9, 12):
            tiny = sp.Rational(1, 10**digits) * (width if width.is_Rational else 1)
            for end, towards in ((self.lower, 1), (self.upper, -1)):
                if end.is_Rational:
                    yield end + towards * tiny
        for digits in (-12, -6, -3, 3, 6, 12):
            for signed in (1, -1):
                yield signed * sp.Integer(10) ** digits

    def far(self, rng: random.Random) -> Any | None:
        """A value of any order of magnitude from 10^-12 to 10^12, measured from an end where there is one; None for integers.

        One digit and a power of ten, so that every decade of an unbounded range is as likely as any other: a formula that
        fails only between 10^3 and 10^6 is met.
        """
        if self.modulus or self.values is not None:
            return None
        size = rng.randint(1, 9) * sp.Integer(10) ** rng.randint(-12, 11)
        ends = [(end, towards) for end, towards in ((self.lower, 1), (self.upper, -1)) if end.is_Rational]
        if len(ends) == 2:
            size = (self.upper - self.lower) * size / 10**12
        end, towards = rng.choice(ends) if ends else (sp.Integer(0), rng.choice((1, -1)))
        return end + towards * size


def magnitude(u: Fraction, octaves: int) -> Fraction:
    """A rational between 1 and 2^octaves, log-uniform in u (linear inside an octave), exactly the same on every machine."""
    t = u * octaves
    whole = int(t)
    return Fraction(2**whole) * (1 + t - whole)


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The rational of smallest denominator in a closed interval (Stern and Brocot).

    >>> simplest(Fraction(31, 100), Fraction(34, 100))
    Fraction(1, 3)
    """
    if low > high:
        low, high = high, low
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -simplest(-high, -low)
    a, b, c, d = low.numerator, low.denominator, high.numerator, high.denominator
    p, q, before_p, before_q = 1, 0, 0, 1  # the convergents of the partial quotients that both ends share
    while True:
        whole, rest = divmod(a, b)
        last = whole if not rest else whole + 1
        if last * d <= c:
            return Fraction(last * p + before_p, last * q + before_q)
        p, q, before_p, before_q = whole * p + before_p, whole * q + before_q, p, q
        a, b, c, d = d, c - whole * d, b, rest


def simplest_near(target: Fraction, radius: Fraction) -> Fraction:
    """The rational of smallest denominator within a radius of a target."""
    return simplest(target - radius, target + radius)


def rational_inside(bound: Any, *, up: bool) -> Fraction | None:
    """A rational at a bound or just inside it; None for infinities. Raises NotEnclosed where the bound has no enclosure."""
    if not bound.is_finite:
        return None
    low, high = enclose(bound, BITS)
    return high if up else low


def as_rational(x: Fraction) -> sp.Rational:
    """A Fraction as a SymPy number."""
    return sp.Rational(x.numerator, x.denominator)


def of_assumptions(symbol: Any) -> Span:
    """The span that a symbol's assumptions leave.

    >>> from sympy import Symbol
    >>> of_assumptions(Symbol("n", integer=True, positive=True)).interval()
    Interval(1, oo)
    """
    span = Span()
    if symbol.is_positive or symbol.is_nonnegative:
        span = span.above(sp.Integer(0), strict=bool(symbol.is_positive))
    if symbol.is_negative or symbol.is_nonpositive:
        span = span.below(sp.Integer(0), strict=bool(symbol.is_negative))
    if symbol.is_zero:
        span = span.among((sp.Integer(0),))
    if symbol.is_even:
        return span.integral(2, 0)
    if symbol.is_odd:
        return span.integral(2, 1)
    return span.integral() if symbol.is_integer else span


def within(span: Span, region: Any) -> Span:
    """A span cut down to the hull of a SymPy set; unchanged where the set is not one of the known kinds."""
    if isinstance(region, sp.Interval):
        return span.above(region.start, strict=bool(region.left_open)).below(region.end, strict=bool(region.right_open))
    if isinstance(region, sp.FiniteSet):
        ordered = sorted(region, key=None if all(element.is_Rational for element in region) else sp.default_sort_key)
        return span.among(tuple(ordered))
    if isinstance(region, sp.Range) and region.size == 0:
        return span.among(())
    if isinstance(region, sp.Range):
        step = abs(int(region.step))
        anchor = region.inf if region.inf.is_finite else region.sup
        if not anchor.is_Integer:
            return span.integral()
        return span.integral(step, int(anchor) % step).above(region.inf, strict=False).below(region.sup, strict=False)
    if region is sp.S.Integers:
        return span if span.modulus else span.integral()
    if region in (sp.S.Naturals, sp.S.Naturals0):
        whole = span if span.modulus else span.integral()
        return whole.above(region.inf, strict=False)
    if region is sp.S.EmptySet:
        return span.among(())
    if isinstance(region, sp.Intersection):
        for part in region.args:
            span = within(span, part)
    return span
