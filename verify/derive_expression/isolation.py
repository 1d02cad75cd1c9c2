"""All zeros of V(q) - q on an interval, V(q) = w E g(sqrt(q) s) + b: found with a proof that there are no others.

Where V has a closed form, ranges are those of its balls. Else, about q_0, the map is a Taylor polynomial in t = (q - q_0)/q_0 with a
remainder that `moduli` bounds; its ranges over intervals of t are cheap. A part of the interval is done with when V(q) - q excludes 0
on it, or when its derivative does: then it is monotone and has at most one zero there. Neighbouring monotone parts make one run; it
has a zero exactly where the signs at its ends, which lie on parts without a zero, are different. What cannot be decided down to the
narrowest parts is returned as undecided.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import final

from flint import arb, arb_poly

from lemmata.numerics.compile.arb import precision
from lemmata.verify.derive_expression.moduli import BITS, Bracket, above_root, exact, mean_rate

ORDERS = (5, 9)
"""Orders of expansions: the second where the first decides too little."""

WIDEST = Fraction(1, 4)
"""Half-widths of expansions, in units of their centre."""

NARROWEST = Fraction(1, 1 << 26)
MOST_EXPANSIONS = 100
PARTS = 16
"""An interval of t is halved down to this part of its expansion before a new expansion is made."""

MOST_RANGES = 4000
"""Ranges of a closed form that are looked at."""


class State(Enum):
    """What is proved of V(q) - q on a part."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    RISING = "rising"
    FALLING = "falling"
    OPEN = "open"


@dataclass(frozen=True)
class Part:
    """A part of the interval and what is proved there."""

    low: Fraction
    high: Fraction
    state: State


@dataclass(frozen=True)
class Isolated:
    """Brackets with one zero each (and whether V(q) - q falls there), and the parts that stayed undecided."""

    zeros: tuple[tuple[Bracket, bool], ...]
    undecided: tuple[Bracket, ...]


class System(abc.ABC):
    """V(q) - q: its sign at the square of a rational, and its parts on an interval."""

    @abc.abstractmethod
    def sign(self, sigma: Fraction) -> State:
        """The sign at q = sigma^2, or OPEN."""

    @abc.abstractmethod
    def parts(self, low: Fraction, high: Fraction) -> Iterator[Part]:
        """The parts of an interval of q, from left to right."""


@final
@dataclass
class ClosedMap(System):
    """V(q) - q by ranges of a closed form and of its derivative, as functions of balls; halving as far as is needed."""

    value: Callable[[arb], arb]
    slope: Callable[[arb], arb]
    made: int = field(default=0)

    def sign(self, sigma: Fraction) -> State:
        return _sign(self.value(exact(sigma * sigma)))

    def parts(self, low: Fraction, high: Fraction) -> Iterator[Part]:
        stack = [(low, high)]
        while stack:
            left, right = stack.pop()
            middle, half, cut = (left + right) / 2, (right - left) / 2, _cut(left, right)
            q = Bracket(left, right).ball
            self.made += 1
            steepness = self.slope(q)
            state = _sign(self.value(exact(middle)) + steepness * arb(0, exact(half).upper()))
            if state is State.OPEN:
                state = _direction(steepness)
            if state is State.OPEN and half > NARROWEST * right and self.made < MOST_RANGES:
                stack += [(cut, right), (left, cut)]
            else:
                yield Part(left, right, state)


def _cut(left: Fraction, right: Fraction) -> Fraction:
    """A point between: the middle, or a power of two near the geometric middle of a wide interval."""
    octaves = (right / left).numerator.bit_length() - (right / left).denominator.bit_length()
    return left * 2 ** (octaves // 2) if octaves > 3 else (left + right) / 2


@final
@dataclass
class IntegratedMap(System):
    """V(q) = weight E g(sqrt(q) s) + bias; `derivative(k, sigma)` encloses E[g(sigma s) He_2k(s)], `square(sigma)` E g(sigma s)^2."""

    derivative: Callable[[int, Fraction], arb]
    square: Callable[[Fraction], arb]
    weight: Fraction
    bias: Fraction
    made: int = field(default=0)

    def sign(self, sigma: Fraction) -> State:
        with precision(BITS):
            return _sign(exact(self.weight) * self.derivative(0, sigma) + exact(self.bias - sigma * sigma))

    def expansion(self, sigma: Fraction, reach: Fraction, order: int) -> tuple[arb_poly, arb]:
        """The Taylor polynomial of V(q) - q in t = q/sigma^2 - 1, and r with a remainder of at most r |t|^(order + 1)."""
        self.made += 1
        q = sigma * sigma
        with precision(BITS):
            terms = [exact(self.weight) * self.derivative(k, sigma) / (2**k * math.factorial(k)) for k in range(order + 1)]
            terms[0] += exact(self.bias - q)
            terms[1] -= exact(q)
            last = Bracket(q * (1 - reach), q * (1 + reach))
            top = above_root(last.high)
            rate = mean_rate(order + 1, last, self.square(top))
            # the square is that at the variance top^2 >= last.high, whose density is compared with instead
            room = (exact(top) ** 2 / exact(last.high)).sqrt().sqrt()
            return arb_poly(terms), exact(self.weight) * rate * room * exact(q) ** (order + 1) / math.factorial(order + 1)

    def parts(self, low: Fraction, high: Fraction) -> Iterator[Part]:
        start = low
        while start < high:
            if self.made >= MOST_EXPANSIONS:
                yield Part(start, high, State.OPEN)
                return
            end = min(high, start * (1 + WIDEST) / (1 - WIDEST))
            yield from self._within(start, end, 0)
            start = end

    def _within(self, low: Fraction, high: Fraction, level: int) -> Iterator[Part]:
        """The parts of one expansion, in order; where it is too coarse, those of a longer one, then of several narrow ones."""
        sigma = _near_root((low + high) / 2)
        q, order = sigma * sigma, ORDERS[min(level, len(ORDERS) - 1)]
        polynomial, remainder = self.expansion(sigma, max(abs(low / q - 1), abs(high / q - 1)), order)
        slope = polynomial.derivative()
        stack = [(low, high)]
        while stack:
            left, right = stack.pop()
            state = _state(polynomial, slope, (order, remainder), left / q - 1, right / q - 1)
            if state is not State.OPEN:
                yield Part(left, right, state)
            elif (right - left) * PARTS > high - low:
                middle = (left + right) / 2
                stack += [(middle, right), (left, middle)]
            elif right - left > NARROWEST * right and self.made < MOST_EXPANSIONS:
                yield from self._within(left, right, level + 1)
            else:
                yield Part(left, right, State.OPEN)


def isolate(system: System, low: Fraction, high: Fraction) -> Isolated:
    """The zeros of V(q) - q for low^2 <= q <= high^2, 0 < low < high; where an end may be one of them, its part is undecided.

    >>> half = ClosedMap(lambda q: 1 - q / 2, lambda q: arb(-1) / 2)  # V(q) = q/2 + 1
    >>> found = isolate(half, Fraction(1), Fraction(4))
    >>> [(bracket.low < 2 < bracket.high, falling) for bracket, falling in found.zeros], found.undecided
    ([(True, True)], ())
    """
    first, last = low * low, high * high
    ends = (Part(at, at, system.sign(sigma)) for at, sigma in ((first, low), (last, high)))
    return _assembled([next(ends), *system.parts(first, last), next(ends)])


def _near_root(value: Fraction) -> Fraction:
    """A rational with few digits near the square root."""
    return Fraction(math.sqrt(value)).limit_denominator(1 << 24) if value > Fraction(1, 1 << 20) else above_root(value)


def _state(polynomial: arb_poly, slope: arb_poly, rest: tuple[int, arb], left: Fraction, right: Fraction) -> State:
    """The derivative of the remainder is at most (order + 1) r |t|^order: both are integrals of one derivative of V."""
    with precision(BITS):
        order, remainder = rest
        middle, half = exact((left + right) / 2), exact((right - left) / 2)
        t = middle + arb(0, half.upper())
        size = t.abs_upper()
        steepness = slope(t)
        value = polynomial(middle) + steepness * arb(0, half.upper()) + arb(0, (remainder * size ** (order + 1)).upper())
        if (sign := _sign(value)) is not State.OPEN:
            return sign
        return _direction(steepness + arb(0, ((order + 1) * remainder * size**order).upper()))


def _direction(slope: arb) -> State:
    return State.RISING if slope > 0 else State.FALLING if slope < 0 else State.OPEN


def _sign(value: arb) -> State:
    return State.POSITIVE if value > 0 else State.NEGATIVE if value < 0 else State.OPEN


def _assembled(parts: list[Part]) -> Isolated:
    """Runs of monotone parts: one zero where the signs on both sides are known and differ, none where they are equal."""
    zeros: list[tuple[Bracket, bool]] = []
    undecided: list[Bracket] = []
    run: list[Part] = []
    before = State.OPEN
    forwards = _settled(parts, {State.POSITIVE: State.RISING, State.NEGATIVE: State.FALLING})
    for part in reversed(_settled(forwards[::-1], {State.NEGATIVE: State.RISING, State.POSITIVE: State.FALLING})):
        if part.state in (State.RISING, State.FALLING):
            run.append(part)
            continue
        if part.state is State.OPEN:
            undecided.append(Bracket(part.low, part.high))
        if run:
            bracket = Bracket(run[0].low, run[-1].high)
            if State.OPEN in (before, part.state):
                undecided.append(bracket)
            elif before is not part.state:
                zeros.append((bracket, before is State.POSITIVE))
        before, run = part.state, []
    return Isolated(tuple(zeros), tuple(_merged(undecided)))


def _settled(parts: list[Part], away: dict[State, State]) -> list[Part]:
    """Monotone parts next to a part of one sign from which they lead away from zero have that sign too."""
    found: list[Part] = []
    before = State.OPEN
    for part in parts:
        before = before if away.get(before) is part.state else part.state
        found.append(Part(part.low, part.high, before))
    return found


def _merged(brackets: list[Bracket]) -> Iterator[Bracket]:
    """Neighbours as one."""
    current: Bracket | None = None
    for bracket in sorted(brackets, key=lambda one: one.low):
        if current is not None and bracket.low <= current.high:
            current = Bracket(current.low, max(current.high, bracket.high))
            continue
        if current is not None:
            yield current
        current = bracket
    if current is not None:
        yield current
