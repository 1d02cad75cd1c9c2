"""Functions of one variable whose derivative is a broken line: exact values, derivatives and infima for any ordered numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lemmata.numerics.performance.decimals import written


@dataclass(frozen=True)
class Broken:
    """L with L' the broken line through (at[i], derivative[i]), of slope `left` before the first and `right` after the last.

    L is 0 at the first of the points. The numbers are fractions, or floats for a search.

    >>> from fractions import Fraction
    >>> L = huber(Fraction(1), Fraction(0))
    >>> L.derivative(Fraction(1, 2)), L.value(Fraction(3)), L.lowest
    (Fraction(1, 2), Fraction(2, 1), Fraction(-1, 2))
    """

    at: tuple[Any, ...]
    slopes_at: tuple[Any, ...]
    left: Any
    right: Any

    @cached_property
    def heights(self) -> tuple[Any, ...]:
        """L at the points: the trapezoids under L'."""
        total, found = 0 * self.at[0], []
        for i, here in enumerate(self.at):
            if i:
                total += (here - self.at[i - 1]) * (self.slopes_at[i] + self.slopes_at[i - 1]) / 2
            found.append(total)
        return tuple(found)

    @cached_property
    def curvatures(self) -> tuple[Any, ...]:
        """The slopes of L', from left to right."""
        pairs = zip(self.at, self.at[1:], self.slopes_at, self.slopes_at[1:], strict=False)
        return (self.left, *((after - before) / (there - here) for here, there, before, after in pairs), self.right)

    def _piece(self, x: Any) -> tuple[Any, Any, Any, Any]:
        """The point to start from for x, with its derivative and height, and the slope from there."""
        index = sum(1 for point in self.at if point <= x)
        base = max(index - 1, 0)
        return self.at[base], self.slopes_at[base], self.heights[base], self.curvatures[index]

    def derivative(self, x: Any) -> Any:
        """L'(x)."""
        point, slope, _, curvature = self._piece(x)
        return slope + curvature * (x - point)

    def value(self, x: Any) -> Any:
        """L(x)."""
        point, slope, height, curvature = self._piece(x)
        return height + (slope + curvature * (x - point) / 2) * (x - point)

    @cached_property
    def lowest(self) -> Any:
        """inf L, or None where L is not bounded below."""
        return None if self.minimiser is None else self.value(self.minimiser)

    @cached_property
    def minimiser(self) -> Any:
        """A place where L is least, or None where there is none."""
        left, right = self.slopes_at[0], self.slopes_at[-1]
        if self.left < 0 or self.right < 0 or (self.left == 0 and left > 0) or (self.right == 0 and right < 0):
            return None
        places = [self.at[0] - left / self.left] if left > 0 else [self.at[0]]
        places += [self.at[-1] - right / self.right] if right < 0 else [self.at[-1]]
        for here, there, before, after in zip(self.at, self.at[1:], self.slopes_at, self.slopes_at[1:], strict=False):
            if before < 0 < after:
                places.append(here - before * (there - here) / (after - before))
        return min((*places, *self.at), key=self.value)

    def scaled(self, height: Any, length: Any) -> Broken:
        """height L(x / length).

        >>> from fractions import Fraction
        >>> quadratic(Fraction(1)).scaled(8, 2).value(Fraction(2))
        Fraction(4, 1)
        """
        at = tuple(length * point for point in self.at)
        slopes = tuple(height * slope / length for slope in self.slopes_at)
        return Broken(at, slopes, height * self.left / length**2, height * self.right / length**2)

    def floating(self) -> Broken:
        """The same with every number a float."""
        at, slopes = (tuple(map(float, numbers)) for numbers in (self.at, self.slopes_at))
        return Broken(at, slopes, float(self.left), float(self.right))

    def text(self) -> str:
        """The function in words."""
        if len(set(self.curvatures)) == 1 and self.slopes_at[0] == self.left * self.at[0]:
            return f"L(w) = {written(self.left / 2)} w^2"
        points = ", ".join(f"({written(x)}, {written(y)})" for x, y in zip(self.at, self.slopes_at, strict=True))
        return f"L' the broken line through {points} with slope {written(self.left)} before and {written(self.right)} after"


def quadratic(curvature: Any) -> Broken:
    """curvature/2 w^2."""
    zero = 0 * curvature
    return Broken((zero,), (zero,), curvature, curvature)


def huber(corner: Any, beyond: Any) -> Broken:
    """w^2/2 up to a corner on either side, with curvature `beyond` from there on."""
    return Broken((-corner, corner), (-corner, corner), beyond, beyond)


def sawtooth(places: Sequence[Any]) -> Broken:
    """Slope 1 at each place, dipping with curvature -1 and 1 between neighbours, then falling to 0 with curvature 1.

    The places fall, as the iterates do. Of the functions with |L''| <= 1 and slope 1 there, none falls less on the way.

    >>> from fractions import Fraction
    >>> L = sawtooth([Fraction(0), Fraction(-1)])
    >>> L.derivative(Fraction(-1, 2)), L.value(Fraction(0)) - L.lowest
    (Fraction(1, 2), Fraction(5, 4))
    """
    down = sorted(set(places))
    one = 1 + 0 * down[0]
    at, slopes = [down[0]], [one]
    for before, after in zip(down, down[1:], strict=False):
        gap = after - before
        at += [before + gap / 2, after]
        slopes += [one - gap / 2, one]
    return Broken(tuple(at), tuple(slopes), one, 0 * one)
