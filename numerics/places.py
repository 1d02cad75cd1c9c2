"""Where to look inside a binder: indices of a sum, small intervals of a range, small boxes that a law gives a positive probability."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Any

import sympy as sp
from flint import arb, fmpq
from sympy.stats.crv_types import ContinuousDistributionHandmade

from lemmata.numerics.compile.balls import Balls, to_ball
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.laws import Source

FIRST, LAST = 192, 32
"""Indices of a sum that are looked at from its start, and from its end; those between are sampled."""

SPREAD = 48
"""Places in a range, or under a law."""

EDGES = (2.0**-12, 2.0**-8, 1 - 2.0**-8, 1 - 2.0**-12)
"""Places close to the ends of a range, as parts of it."""

NARROW = 2.0**-20
"""Half the width of a small interval, as a part of the range."""

OUTCOMES = 256
"""Joint outcomes of discrete laws that are all looked at; of more, a sample."""

SECTIONS, GOLDEN = 30, (math.sqrt(5) - 1) / 2
"""Golden sections towards the least of a number between neighbouring places."""

NEARER = (24, 40, 56)
"""Doublings at which a limit's place is approached."""

COUNTED = (14, 17, 20)
"""Doublings at which an integer grows: what begins late, as sqrt(n - 10^4), has begun by then."""


def fractions(count: int, dimension: int) -> Iterator[tuple[float, ...]]:
    """Points of the unit cube: the edges of the line first, then a Kronecker sequence over the roots of primes.

    >>> [len(point) for point in fractions(3, 2)]
    [2, 2, 2]
    """
    if dimension == 1:
        yield from ((edge,) for edge in EDGES)
    roots = [math.sqrt(int(sp.prime(k + 1))) for k in range(dimension)]
    for index in range(1, count + 1):
        yield tuple(min(max((index * root) % 1.0, EDGES[0]), EDGES[-1]) for root in roots)


def inner_places(walk: Balls, limits: Sequence[Any], near: bool) -> Iterator[Mapping[Any, Any]]:
    """Values of the bound variables: integers for a sum, balls for an integral, the outermost limit being the last."""
    if any(len(limit) != 3 for limit in limits):
        return
    if near:
        for point in fractions(SPREAD, len(limits)):
            if (bound := interval(walk, limits, point)) is not None:
                yield bound
        return
    yield from itertools.islice(_indices(walk, limits), 4 * (FIRST + LAST))


def _indices(walk: Balls, limits: Sequence[Any]) -> Iterator[Mapping[Any, Any]]:
    index, low, high = limits[-1]
    try:
        first = None if low == -sp.oo else walk.integer(low)
        last = None if high == sp.oo else walk.integer(high)
    except FAILURES:
        return
    for value in _integers(first, last):
        if len(limits) == 1:
            yield {index: fmpq(value)}
        else:
            yield from ({index: fmpq(value), **rest} for rest in _indices(walk.inner({index: fmpq(value)}), limits[:-1]))


def _integers(first: int | None, last: int | None) -> Iterator[int]:
    """The integers of a range, thinned out where there are many."""
    if first is None and last is None:
        yield from (sign * value for value in range(FIRST // 2) for sign in (1, -1))
    elif first is None and last is not None:
        yield from (last - value for value in range(FIRST))
    elif first is not None and last is None:
        yield from range(first, first + FIRST)
        yield from (first + 2**k for k in range(8, 20))
    elif first is not None and last is not None:
        yield from range(first, min(last, first + FIRST) + 1)
        yield from range(max(first + FIRST + 1, last - LAST), last + 1)
        if last - first > FIRST + LAST:
            yield from range(first + FIRST, last - LAST, max(1, (last - first) // LAST))


def interval(walk: Balls, limits: Sequence[Any], point: Sequence[float]) -> Mapping[Any, Any] | None:
    """A small interval for each variable, strictly between its ends wherever the outer ones lie in theirs."""
    bound: dict[Any, Any] = {}
    for (variable, low, high), part in zip(reversed(limits), point, strict=True):
        inside = walk.inner(dict(bound)) if bound else walk
        try:
            ends = [None if end in (sp.oo, -sp.oo) else inside.ball(end) for end in (low, high)]
        except FAILURES:
            return None
        low, high = (high, low) if low == sp.oo or high == -sp.oo else (low, high)
        if low == -sp.oo or high == sp.oo:
            middle, radius = _endless([end for end in ends if end is not None], low == -sp.oo and high == sp.oo, high == sp.oo, part)
        else:
            left, right = sorted((to_ball(end) for end in ends if end is not None), key=lambda ball: float(ball.mid()))
            width = right.lower() - left.upper()
            if not width > 0:
                return None
            middle, radius = (left.upper() + width * arb(part), float(width.mid()) * NARROW)
        bound[variable] = arb(middle.mid(), radius)
    return bound


def _endless(ends: Sequence[arb], both: bool, upwards: bool, part: float) -> tuple[arb, float]:
    """A place on a line or a half-line."""
    if both:
        place = math.log(part / (1 - part))
        return arb(place), NARROW * (1 + abs(place))
    away = part / (1 - part)
    edge = ends[0].upper() if upwards else ends[0].lower()
    return edge + (away if upwards else -away), NARROW * away


def range_places(walk: Balls, variable: Any, place: Any, direction: str) -> Iterator[list[Any]]:
    """Points ever closer to a limit's place, for each side that counts."""
    if place.is_infinite:
        sign = 1 if place == sp.oo else -1
        counts = COUNTED if variable.is_integer else NEARER
        yield [sign * fmpq(5 * 2**k) if variable.is_integer else sign * fmpq(9 * 2**k, 7) for k in counts]
        return
    try:
        centre = walk.number(place)
    except FAILURES:
        return
    for sign in {"+": (1,), "-": (-1,)}.get(direction, (1, -1)):
        yield [centre + sign * fmpq(7, 9 * 2**k) for k in NEARER]


def law_places(sources: Sequence[Source]) -> Iterator[tuple[Mapping[Any, Any], bool]]:
    """Values of independent sources, each with whether it is a small box: outcomes exactly, the others as balls."""
    if not sources:
        yield {}, False
        return
    tables = [outcomes(source) for source in sources]
    if all(table is not None for table in tables):
        listed = [table for table in tables if table is not None]
        if math.prod(map(len, listed)) <= OUTCOMES:
            for values in itertools.product(*listed):
                yield ({source.variable: value for source, value in zip(sources, values, strict=True)}, False)
            return
    for point in fractions(SPREAD, len(sources)):
        if (bound := law_place(sources, tables, point)) is not None:
            yield bound, True


def law_place(sources: Sequence[Source], tables: Sequence[Any], point: Sequence[float]) -> Mapping[Any, Any] | None:
    """A small box around the quantiles of independent sources, or thereabouts; outcomes exactly. None for a law of another kind."""
    bound: dict[Any, Any] = {}
    for source, table, part in zip(sources, tables, point, strict=True):
        value = table[int(part * len(table))] if table else _under(source, part)
        if value is None:
            return None
        bound[source.variable] = to_ball(value)
    return bound


def deepest(depth: Callable[[float], float | None]) -> float | None:
    """Where on (0, 1) a number seems to be least: golden sections around the least of a grid; None where it has no value.

    >>> round(deepest(lambda part: abs(part - 0.3)), 6)
    0.3
    """
    grid = sorted(part for (part,) in fractions(SPREAD, 1))
    seen = [(value, index) for index, part in enumerate(grid) if (value := depth(part)) is not None and math.isfinite(value)]
    if not seen:
        return None
    index = min(seen)[1]
    low, high = grid[max(0, index - 1)], grid[min(len(grid) - 1, index + 1)]
    for _ in range(SECTIONS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        first, second = depth(left), depth(right)
        if first is None or second is None:
            break
        low, high = (low, right) if first <= second else (left, high)
    return (low + high) / 2


def depths(expr: Any, bound: Collection[Any]) -> Iterator[Any]:
    """What must not fall below 0 for roots, logarithms and inverse functions to be real, of what moves with bound variables."""
    for node in sp.preorder_traversal(expr):
        if not isinstance(node, sp.Expr) or node.free_symbols.isdisjoint(bound):
            continue
        if isinstance(node, sp.Pow) and node.exp.is_Rational and not node.exp.is_integer:
            yield node.base
        elif isinstance(node, sp.log):
            yield node.args[0]
        elif isinstance(node, (sp.asin, sp.acos, sp.atanh)):
            yield 1 - node.args[0] ** 2
        elif isinstance(node, sp.acosh):
            yield node.args[0] - 1


def outcomes(source: Source) -> list[Any] | None:
    """The values of a discrete law, at most a few of infinitely many; None for a continuous one."""
    if source.outcomes is not None:
        chances = [(sp.sympify(value), sp.sympify(chance)) for value, chance in source.outcomes.items()]
        return [fmpq(int(value.p), int(value.q)) for value, chance in chances if value.is_Rational and chance.is_positive] or None
    places = getattr(source.law, "set", None)
    if isinstance(places, (sp.Range, type(sp.S.Naturals), type(sp.S.Naturals0))):
        return [fmpq(int(value)) for value in itertools.islice(iter(places), 16) if _has_chance(source, value)] or None
    return None


def _has_chance(source: Source, value: Any) -> bool:
    """Whether an integer is not without a chance: a geometric law with p = 1 knows 1 alone."""
    try:
        return source.law.pdf(sp.Integer(value)) != 0
    except FAILURES:
        return False


def _under(source: Source, part: float) -> arb | None:
    """A small interval inside the support of a law with a density, which is positive there."""
    line = math.log(part / (1 - part))
    match source.family:
        case "Normal":
            return arb(NormalDist().inv_cdf(part), NARROW)
        case "Uniform":
            return arb(part, NARROW)
        case "Exponential":
            return arb(-math.log1p(-part), NARROW * part)
        case "Laplace" | "Logistic" | "Cauchy":
            return arb(line, NARROW)
    support = getattr(source.law, "set", None)
    if not isinstance(support, sp.Interval):
        return None
    place = _between_ends(support.start, support.end, part, line)
    return None if isinstance(source.law, ContinuousDistributionHandmade) and not _has_density(source, place) else place


def _has_density(source: Source, place: arb) -> bool:
    """Whether a density that was written by hand is positive on a small interval: its set may be wider than its support."""
    try:
        return bool(Balls({source.variable: place}).ball(source.law.pdf(source.variable)) > 0)
    except FAILURES:
        return False


def _between_ends(low: Any, high: Any, part: float, line: float) -> arb:
    """A small interval inside a range, whose ends may be infinite."""
    if low.is_finite and high.is_finite:
        width = float(high - low)
        return arb(float(low) + width * part, width * NARROW)
    if low.is_finite:
        return arb(float(low) + part / (1 - part), NARROW * part)
    return arb(line, NARROW) if not high.is_finite else arb(float(high) - (1 - part) / part, NARROW * (1 - part))
