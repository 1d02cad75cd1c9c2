"""Places: the pieces into which a range is cut, and the coordinate in which a function is expanded on each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from itertools import pairwise

from lemmata.numerics.compile.stable.pieces import Reach


class Side(Enum):
    """Where a place lies: at the end d = 0, inside, about a zero of the function, or at the end d = 2."""

    NEAR = "near"
    INSIDE = "inside"
    ZERO = "zero"
    FAR = "far"


NEARER = Fraction(541, 1024)
SKEW = Fraction(531, 512)
"""First cuts are at odd places: a zero of the function at 1/2 or 1 is then inside a piece, where it can be a centre."""


@dataclass(frozen=True)
class Place:
    """A piece [low, high] and its coordinate u: d = u or u^2 at the near end, 2 - d = u or u^2 at the far one, d = centre + u inside."""

    low: Fraction
    high: Fraction
    side: Side = Side.INSIDE
    zero: Fraction | None = None

    @property
    def centre(self) -> Fraction:
        """Where u = 0."""
        if self.zero is not None:
            return self.zero
        match self.side:
            case Side.NEAR:
                return self.low
            case Side.INSIDE | Side.ZERO:
                return (self.low + self.high) / 2
            case Side.FAR:
                return self.high

    @property
    def sign(self) -> int:
        """The sign of u against d."""
        return -1 if self.side is Side.FAR else 1

    def parts(self) -> Iterator[Place]:
        """A smaller piece in the middle or at the end, so that a zero at the centre stays at a centre."""
        low, high = self.low, self.high
        width = high - low
        match self.side:
            case Side.NEAR:
                cuts, sides = [low, low + width / 4, low + width / 2, high], [Side.NEAR, Side.INSIDE, Side.INSIDE]
            case Side.INSIDE | Side.ZERO:
                cuts, sides = [low, low + width / 4, high - width / 4, high], [Side.INSIDE] * 3
            case Side.FAR:
                cuts, sides = [low, high - width / 2, high - width / 4, high], [Side.INSIDE, Side.INSIDE, Side.FAR]
        return (Place(a, b, side) for (a, b), side in zip(pairwise(cuts), sides, strict=True))

    @property
    def exact(self) -> bool:
        """Whether d - centre is exact in floating point: centre/2 <= d <= 2 centre (Sterbenz), or centre = 0."""
        if self.centre == 0:
            return True
        nearest = Fraction(float(self.centre))
        return nearest <= 2 * self.low and self.high <= 2 * nearest

    @property
    def halves(self) -> tuple[float, float]:
        """The centre as two doubles, the second one 0 where one is enough."""
        first = float(self.centre)
        return first, float(self.centre - Fraction(first))

    @property
    def nearest(self) -> Fraction:
        """How near a double can come to the centre."""
        first = Fraction(self.halves[0])
        neighbours = (math.nextafter(self.halves[0], side) for side in (-math.inf, math.inf))
        return min(abs(Fraction(d) - self.centre) for d in (first, *map(Fraction, neighbours)))

    def reach(self, root: bool) -> Reach:
        """The range of the coordinate; the root of a rational is rounded up."""
        if self.side in (Side.INSIDE, Side.ZERO):
            return Reach(self.low - self.centre, self.high - self.centre, False, self.side is Side.ZERO)
        width = self.high - self.low
        return Reach(Fraction(0), _root_up(width) if root else width, root)


def unit_interval() -> list[Place]:
    """[0, 2] as a distance from an end of [-1, 1]: both ends and a middle that is centred at correlation 0."""
    return [Place(Fraction(0), NEARER, Side.NEAR), Place(NEARER, 2 - NEARER), Place(2 - NEARER, Fraction(2), Side.FAR)]


def octaves(low: Fraction, high: Fraction) -> list[Place]:
    """[low, high] with 0 < low < high, cut about where the exponent of a double changes."""
    cuts = [low]
    step = Fraction(2) ** (low.numerator.bit_length() - low.denominator.bit_length() - 1)
    while step < high:
        if low < step * SKEW < high:
            cuts.append(step * SKEW)
        step *= 2
    return [Place(a, b) for a, b in pairwise([*cuts, high])]


def _root_up(value: Fraction) -> Fraction:
    found = Fraction(float(value) ** 0.5)
    while found**2 < value:
        found *= 1 + Fraction(1, 1 << 50)
    return found
