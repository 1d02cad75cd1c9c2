"""A worst case at a point: its exact constants as balls, and the two settings in which it is solved and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from lemmata.numerics.compile.arb import CannotEvaluate, enclose
from lemmata.numerics.performance.layout import Layout, Setting, lay_out
from lemmata.theory.iterates import Reduction
from lemmata.theory.worst_cases import Measure, Start, WorstCase

BITS = 192
"""Working precision of the checks: floats are exact in it, and sums of products of them lose nothing that matters."""

DIGITS = 40
"""Digits to which the constants of a point are enclosed; rationals and algebraic numbers alike."""


class NoCase(Exception):
    """The constants at a point make no worst case; `divergent` where the supremum is infinite."""

    def __init__(self, reason: str, divergent: bool = False) -> None:
        super().__init__(reason)
        self.divergent = divergent


@dataclass(frozen=True)
class Constants:
    """The constants of a worst case at a point, all of one kind: fractions, or floats."""

    lower: Any
    upper: Any
    step: Any
    momentum: Any
    bound: Any
    n: int


@dataclass(frozen=True)
class Case:
    """Curvatures in [lower, upper], the start within `bound`, `n` steps: all numbers are balls.

    `rational` holds the same constants as fractions, where all of them are rational.
    """

    node: WorstCase
    lower: arb
    upper: arb
    step: arb
    momentum: arb
    bound: arb
    n: int
    anchored: bool
    rational: Constants | None = None

    def setting(self) -> Setting:
        """The setting in balls, in the units of the point."""
        return self._setting(self.lower, self.step, self.momentum)

    def normalised(self) -> Setting:
        """The setting in balls, with largest curvature 1 and start 1."""
        return self._setting(self.lower / self.upper, self.step * self.upper, self.momentum)

    def floating(self) -> Setting:
        """The normalised setting in floats."""
        return self._setting(float(self.lower / self.upper), float(self.step * self.upper), float(self.momentum))

    def _setting(self, lower: Any, step: Any, momentum: Any) -> Setting:
        node = self.node
        return Setting(lower, step, momentum, node.method, node.start, node.measure, node.reduction, self.n, self.anchored)

    def layout(self) -> Layout:
        """The layout in balls, in the units of the point."""
        return lay_out(self.setting(), arb(1))

    def length(self, start: float) -> float:
        """The unit of length that makes a normalised start of this size (L_0 - L_* or |x_0|) the bound."""
        if self.node.start is Start.EXCESS:
            return (float(self.bound) / (float(self.upper) * start)) ** 0.5
        return float(self.bound) / start

    def factor(self) -> arb:
        """What a normalised worst case is multiplied by; see `WorstCase.normalised`."""
        values = self.bound if self.node.start is Start.EXCESS else self.upper * self.bound**2
        match self.node.measure:
            case Measure.GRADIENT:
                return self.upper * values
            case Measure.EXCESS:
                return values
            case Measure.DISTANCE:
                return values / self.upper


def case_at(node: WorstCase, at: Mapping[Any, Any]) -> Case:
    """The case of a node at a point; call it within `precision(BITS)`. Raises NoCase for constants that make none."""
    among = node.among

    def number(expr: Any) -> arb:
        try:
            return enclose(expr, at, digits=DIGITS)
        except CannotEvaluate as error:
            raise NoCase(error.reason) from None

    n = node.time.xreplace(dict(at))
    fewest = 0 if node.reduction is Reduction.AT else 1
    if not n.is_Integer or n < fewest:
        raise NoCase(f"the number of steps is an integer >= {fewest}, and here it is {n}")
    lower, upper, step, bound = (number(part) for part in (among.lower, among.upper, node.step, node.bound))
    for name, value in (("largest curvature", upper), ("step", step), ("bound of the start", bound)):
        if not value > 0:
            raise NoCase(f"the {name} of a worst case is positive, and here it is {value.str(5)}")
    if not lower < upper:
        raise NoCase(f"curvatures between {lower.str(5)} and {upper.str(5)} leave no class to search: the least is below the largest")
    least = among.lower.xreplace(dict(at))
    strong = least.is_positive
    if strong is None:
        raise NoCase(f"the sign of the least curvature {least} is not decided")
    minimiser = node.start is Start.DISTANCE or strong
    if node.measure is Measure.DISTANCE and not minimiser:
        reason = f"functions of {among.name} with L(w_0) - L_* bounded may have their minimiser as far away as one likes"
        raise NoCase(f"{reason}: bound the start by distance=R", divergent=True)
    return Case(node, lower, upper, step, number(node.momentum), bound, int(n), bool(minimiser), _rational(node, at, int(n)))


def _rational(node: WorstCase, at: Mapping[Any, Any], n: int) -> Constants | None:
    exact = [part.xreplace(dict(at)) for part in (node.among.lower, node.among.upper, node.step, node.momentum, node.bound)]
    if not all(value.is_Rational for value in exact):
        return None
    lower, upper, step, momentum, bound = (Fraction(int(value.p), int(value.q)) for value in exact)
    return Constants(lower, upper, step, momentum, bound, n)
