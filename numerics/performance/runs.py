"""Worst cases from below by runs: simple functions of one variable, members of the class, from the worst start found.

A search in floating point over a few families (quadratics, quadratics with straight sides, sawteeth) finds the member that
does worst; it is then scaled to the constants of the point, with short numbers, and run in exact fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from lemmata.numerics.descent.methods import UPDATES
from lemmata.numerics.performance.broken import Broken, huber, quadratic, sawtooth
from lemmata.numerics.performance.case import Constants
from lemmata.numerics.performance.decimals import written
from lemmata.theory.iterates import Method, Reduction
from lemmata.theory.worst_cases import Measure, Start, WorstCase

GRID = 24
"""Members of a family of one parameter that are tried, and again around the best of them."""

REFINEMENTS = 3
LEAST_CORNER = 1e-4
SHORT = 1000
"""Denominators of the parameters that are kept."""

PLAIN, SHARP = 3, 8
"""Significant digits of the scale: the start falls short of its bound by less than this; few to be read, more to be close."""


@dataclass(frozen=True)
class Run:
    """A function of the class, a start within the bound, and what the run from there reaches, exactly.

    `attained` is what the same function reaches at the scale at which the start is the bound itself, which may be irrational:
    the measure grows in proportion to L_0 - L_*, and to |w_0 - w_*|^2.
    """

    function: Broken
    start: Fraction
    reached: Fraction
    attained: Fraction

    def text(self) -> str:
        """The function, its start and what it reaches, in words."""
        about = float(self.reached)
        return f"a function of one variable reaches {about:.7g} when it is run: {self.function.text()}, from w_0 = {written(self.start)}"


def along(node: WorstCase, constants: Constants, function: Broken, start: Any) -> tuple[Any, Any]:
    """The measure along a run, and the size of the start: L_0 - L_* or |w_0 - w_*|."""
    update = UPDATES[node.method]
    w, v = [start], [0 * start]
    last = constants.n if node.reduction is Reduction.AT else constants.n - 1
    keeps = node.reduction is not Reduction.AT
    path = [start]
    for _ in range(last):
        w, v = update(w, v, lambda at: [function.derivative(at[0])], constants.step, constants.momentum)
        path = [*path, w[0]] if keeps else [w[0]]
    seen = [_measured(node.measure, function, place) for place in path]
    match node.reduction:
        case Reduction.AT | Reduction.LEAST:
            found = min(seen)
        case Reduction.TOTAL:
            found = sum(seen)
    size = function.value(start) - function.lowest if node.start is Start.EXCESS else abs(start - function.minimiser)
    return found, size


def _measured(measure: Measure, function: Broken, place: Any) -> Any:
    match measure:
        case Measure.GRADIENT:
            return function.derivative(place) ** 2
        case Measure.EXCESS:
            return function.value(place) - function.lowest
        case Measure.DISTANCE:
            return (place - function.minimiser) ** 2


def worst_runs(node: WorstCase, constants: Constants) -> tuple[Run, ...]:
    """The worst run found, written with few digits and with more, where these differ."""
    found = [run for run in (worst_run(node, constants, digits) for digits in (PLAIN, SHARP)) if run is not None]
    return tuple(found[:1] if len(found) == 2 and found[0] == found[1] else found)


def worst_run(node: WorstCase, constants: Constants, digits: int = SHARP) -> Run | None:
    """The worst run found at a point whose constants are fractions; None where no member of a family does harm.

    What is returned is checked again in fractions: its curvatures are the class's, its start is within the bound.
    """
    lower, step = Fraction(constants.lower / constants.upper), Fraction(constants.step * constants.upper)
    found = worst_member(_unit(node), lower, step, Fraction(constants.momentum), constants.n)
    if found is None:
        return None
    run = _at_scale(node, constants, *found, digits)
    return run if _is_admissible(node, constants, run) else None


def _unit(node: WorstCase) -> WorstCase:
    """The same question with no constants in it: what a member's badness depends on beside the numbers."""
    one = sp.S.One
    return WorstCase(sp.Tuple(), one, one, node.method.value, node.start.value, one, one, node.measure.value, node.reduction.value)


@lru_cache(maxsize=512)
def worst_member(node: WorstCase, lower: Fraction, step: Fraction, momentum: Fraction, n: int) -> tuple[Broken, Fraction] | None:
    """The member of the families that does worst with largest curvature 1, and its start; None where none does harm."""
    one = Constants(float(lower), 1.0, float(step), float(momentum), 1.0, n)

    def badness(function: Broken, start: float) -> float:
        try:
            found, size = along(node, one, function, start)
        except OverflowError:
            return -1.0
        power = 1 if node.start is Start.EXCESS else 2
        return found / size**power if size > 0 else -1.0

    best: tuple[float, Broken, Fraction] | None = None
    for function, start in _members(node, one, badness, lower, step):
        bad = badness(function.floating(), float(start))
        if best is None or bad > best[0]:
            best = bad, function, start
    return None if best is None or best[0] <= 0 else best[1:]


def _is_admissible(node: WorstCase, constants: Constants, run: Run) -> bool:
    """Whether a run is one of the supremum's: every curvature within the class's, the start within the bound."""
    function = run.function
    if function.lowest is None or not all(constants.lower <= slope <= constants.upper for slope in function.curvatures):
        return False
    if node.start is Start.EXCESS:
        return bool(function.value(run.start) - function.lowest <= constants.bound)
    return bool(abs(run.start - function.minimiser) <= constants.bound)


def _members(
    node: WorstCase, one: Constants, badness: Callable[[Broken, float], float], lower: Fraction, step: Fraction
) -> Iterator[tuple[Broken, Fraction]]:
    """The worst member of each family, with fractions for parameters, and its start."""
    least = max(one.lower, 0.0)

    def clipped(value: float, low: Fraction, high: Fraction) -> Fraction:
        return min(max(Fraction(value).limit_denominator(SHORT), low), high)

    beyond = max(lower, Fraction(0))
    curvature = _worst(lambda c: badness(quadratic(c), 1.0), max(least, LEAST_CORNER), 1.0)
    for value in (Fraction(1), clipped(curvature, max(beyond, Fraction(1, SHORT)), Fraction(1))):
        yield quadratic(value), Fraction(1)
    corner = _worst(lambda c: badness(huber(c, float(beyond)), 1.0), LEAST_CORNER, 1.0)
    simplest = 1 / (2 * node_steps(node, one) * step + 1)
    for value in (simplest, clipped(corner, Fraction(1, 10 * SHORT), Fraction(1))):
        if value <= 1:
            yield huber(value, beyond), Fraction(1)
    if lower <= -1 and node.method is Method.GRADIENT and step <= 2:
        looks = one.n + 1 if node.reduction is Reduction.AT else one.n
        yield sawtooth([-k * step for k in range(looks)]), Fraction(0)


def node_steps(node: WorstCase, constants: Constants) -> int:
    """The number of the last iterate that is looked at."""
    return constants.n if node.reduction is Reduction.AT else constants.n - 1


def _worst(badness: Callable[[float], float], low: float, high: float) -> float:
    """The parameter of the worst member on a grid of ratios, refined around the best."""
    best = high
    for _ in range(REFINEMENTS):
        grid = [low * (high / low) ** (k / (GRID - 1)) for k in range(GRID)]
        best = max(grid, key=badness)
        ratio = (high / low) ** (1 / (GRID - 1))
        low, high = max(low, best / ratio), min(high, best * ratio)
        if not low < high:
            break
    return best


def _at_scale(node: WorstCase, constants: Constants, function: Broken, start: Fraction, digits: int) -> Run:
    """The member with largest curvature `upper` and its start as near to the bound as short numbers allow, run exactly."""
    upper = Fraction(constants.upper)
    _, size = along(
        node, Constants(constants.lower / upper, Fraction(1), constants.step * upper, constants.momentum, 1, 0), function, start
    )
    if node.start is Start.DISTANCE:
        length = Fraction(constants.bound) / size
    else:
        length = _root_below(Fraction(constants.bound) / (upper * size), digits)
    real = function.scaled(upper * length**2, length)
    reached, within = along(node, constants, real, start * length)
    short = Fraction(constants.bound) / within
    return Run(real, start * length, reached, reached * (short if node.start is Start.EXCESS else short**2))


def _root_below(square: Fraction, digits: int) -> Fraction:
    """A short fraction just below the root of a fraction, exactly the root where that is short."""
    from math import isqrt

    top, bottom = isqrt(square.numerator), isqrt(square.denominator)
    if top**2 == square.numerator and bottom**2 == square.denominator:
        return Fraction(top, bottom)
    scale = 1
    while square * scale**2 < 10 ** (2 * digits - 2):
        scale *= 10
    return Fraction(isqrt(square.numerator * scale**2 // square.denominator), scale)
