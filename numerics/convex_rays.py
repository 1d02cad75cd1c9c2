"""A convex loss along a ray of predictions, c -> L(c P): as balls, and in floating point for many rays at once.

Crossings of a level are proposed by bisection in floating point and decided in balls. For a convex phi with phi(0) < v there is at
most one c > 0 with phi(c) = v, as phi((1 - t) 0 + t c) <= (1 - t) phi(0) + t phi(c) < v for 0 < t < 1; phi is continuous, so that
signs of phi - v at two places that balls decide enclose it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, fmpq

from lemmata.numerics.compile.errors import CannotEvaluate

FARTHEST = 2.0**40
"""No crossing is looked for beyond this scale."""

HALVINGS = 64
"""Halvings of a bracket in floating point: past its last digit."""

WIDEST = -16
"""Brackets around a proposed crossing begin at 2^-46 of it and grow by a factor of 8 up to 2^WIDEST."""

Closure = Callable[[Sequence[Any]], Any]


class NoCrossing(Exception):
    """A level was not seen to be crossed; the message says where."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """What a loss needs beyond + and *: constants, and four functions."""

    number: Callable[[Any], Any]
    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    absolute: Callable[[Any], Any]
    larger: Callable[[Any, Any], Any]


BALLS = Arithmetic(lambda q: arb(fmpq(int(q.p), int(q.q))), arb.exp, arb.log, arb.__abs__, arb.max)
FLOATS = Arithmetic(float, np.exp, np.log, np.abs, np.maximum)


def compile_loss(single: Any, arithmetic: Arithmetic) -> Closure:
    """The body of a Lambda as a function of the sequence of its arguments; raises CannotEvaluate for a function it does not know.

    >>> p, y = sp.symbols("p y", real=True)
    >>> float(compile_loss(sp.Lambda((p, y), (p - y) ** 2 + abs(p) / 2), FLOATS)([3.0, 1.0]))
    5.5
    """
    return _closure(single.expr, {symbol: place for place, symbol in enumerate(single.variables)}, arithmetic)


def _closure(expr: Any, places: dict[Any, int], lib: Arithmetic) -> Closure:
    if expr in places:
        return operator.itemgetter(places[expr])
    if expr.is_Rational:
        constant = lib.number(expr)
        return lambda values: constant
    parts = [_closure(part, places, lib) for part in expr.args if not (expr.is_Pow and part is expr.args[1])]
    if isinstance(expr, (sp.Add, sp.Mul, sp.Max)):
        combine = operator.add if expr.is_Add else operator.mul if expr.is_Mul else lib.larger
        return lambda values: reduce(combine, [part(values) for part in parts])
    if expr.is_Pow and expr.exp.is_Integer and expr.exp > 0:
        power, base = int(expr.exp), parts[0]
        return lambda values: base(values) ** power
    unary = {sp.exp: lib.exp, sp.log: lib.log, sp.Abs: lib.absolute}.get(type(expr))
    if unary is None:
        raise CannotEvaluate(f"a loss along a path is made of sums, products, even powers, exp, log, Abs and Max, not of {expr}")
    function, inside = unary, parts[0]
    return lambda values: function(inside(values))


@dataclass(frozen=True, slots=True)
class Ray:
    """phi(c) = L(c P) for fixed exact predictions; `single` is the compiled loss of one example in balls."""

    single: Closure
    predictions: tuple[tuple[Any, ...], ...]
    targets: tuple[tuple[Any, ...], ...]

    def __call__(self, c: Any) -> arb:
        """The mean loss over the examples, as a ball."""
        total = arb(0)
        for p, y in zip(self.predictions, self.targets, strict=True):
            total += self.single([*(c * one for one in p), *y])
        return total / len(self.predictions)

    def crossing(self, level: arb, proposed: float) -> arb:
        """An enclosure of the c > 0 with phi(c) = level, near what floating point proposes, where phi at a smaller place is below it.

        Raises NoCrossing where balls do not decide the two signs.
        """
        for exponent in range(-46, WIDEST + 1, 3):
            radius = arb(abs(proposed) + 2.0**-40) * arb(2) ** exponent
            low, high = arb(proposed) - radius, arb(proposed) + radius
            if low > 0 and self(low) < level and self(high) > level:
                return low.union(high)
        raise NoCrossing(f"that the loss crosses its level near c = {proposed:.6g} was not decided")


def propose_crossings(single: Closure, predictions: Any, targets: Any, levels: Any, below: Any = 0.0) -> Any:
    """For each ray about where its loss rises past its level, in floating point; nan where it does not up to `FARTHEST`.

    `predictions` has shape (rays, examples, outputs), `targets` (examples, outputs); at the scale `below` the loss is below the level.
    """
    outputs = predictions.shape[2]

    def loss(c: Any) -> Any:
        scaled = predictions * c[:, None, None]
        columns = [scaled[:, :, place] for place in range(outputs)] + [targets[None, :, place] for place in range(outputs)]
        return np.broadcast_to(single(columns), scaled.shape[:2]).mean(1)

    with np.errstate(all="ignore"):
        low = np.full(len(predictions), float(below))
        high = np.maximum(2 * low, 1.0)
        while (short := ~(loss(high) > levels)).any() and high.max() < FARTHEST:
            low, high = np.where(short, high, low), np.where(short, 2 * high, high)
        reached = loss(high) > levels
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            above = loss(middle) > levels
            low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.where(reached, high, np.nan)
