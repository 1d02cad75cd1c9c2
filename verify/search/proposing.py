"""From places in floating point to simple exact points: what is looked at with balls, the simplest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp
import torch
from torch import Tensor

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.streams import Stream
from lemmata.theory.domain.span import as_rational, simplest_near
from lemmata.theory.quantity import quantities
from lemmata.verify.claim import Claim, Relation
from lemmata.verify.search.ascent import by_trial, scored, towards_middle
from lemmata.verify.search.chart import Chart
from lemmata.verify.search.gap import Gap, Way
from lemmata.verify.search.looking import Looker, height
from lemmata.verify.search.rounding import FULL, Style
from lemmata.verify.search.stationary import stationary_points
from lemmata.verify.search.sweep import proposals

KNOWN = 6
"""Exact points, the tightest and the simplest seen, from which the search in floating point starts too."""

LADDER = (1, 2, 3, 5, 8, 12, FULL)
"""Digits with which a place is written down, the fewest first."""

CENTRE_DIGITS = 6
"""Digits to which a simple fraction agrees with a place where the argument of a function is 0 or extreme."""

WRITTEN_OUT = 3
"""Places without a failure in floating point that are written with few digits too, to name a simple point where it is tightest."""

TOUCHING = 1e-7
"""A relative gap that may be 0: where a strict inequality comes this close, points of equality are looked for."""

FEW, FEW_DIGITS = 3, (1, 2, 4, 8)
"""Places that are measured, and the digits with which they are written, where sums stand for quantities."""

TOUCHED = 2
"""Places from which points of equality are looked for."""

LARGEST_DENOMINATOR = 1000
"""Of the rationals, rational multiples of pi and roots of rationals that a point of equality may be."""


class Proposer:
    """Exact points near the places at which a closed statement fails, or is closest to failing, in floating point."""

    def __init__(self, claim: Claim, gaps: Sequence[Gap], budget: Budget, stream: Stream) -> None:
        self.claim = claim
        self.gaps = tuple(gaps)
        self.budget = budget
        self.stream = stream
        self.looked = 0

    @classmethod
    def of(cls, claim: Claim, budget: Budget, stream: Stream) -> Proposer | None:
        """The proposer of a claim; None where the domain has no chart, or the statement holds what Torch or a sum cannot do.

        None for equalities of quantities too: there a sum differs most from the other side where it is worst itself.
        """
        nodes = tuple(dict.fromkeys((*quantities(claim.lhs), *quantities(claim.rhs))))
        if nodes and (claim.relation is None or claim.relation.is_equality):
            return None
        if any(getattr(side, "is_Matrix", False) for side in (claim.lhs, claim.rhs)):
            return None
        try:
            gaps = [Gap(claim, chart, nodes) for chart in Chart.all_of(claim.domain)]
        except FAILURES:
            return None
        return cls(claim, gaps, budget, stream.child("sweep")) if gaps else None

    def points(self, looker: Looker) -> Iterator[dict[Any, Any]]:
        """Admissible exact points in the order in which they are worth looking at."""
        relation = self.claim.relation
        assert relation is not None
        known = sorted(looker.looks, key=lambda look: look.excess(relation), reverse=True)[:KNOWN]
        extra = [look.at for look in known] + looker.points[:KNOWN]
        for index, gap in enumerate(self.gaps):
            coordinates = [gap.chart.coordinates(at) for at in extra]
            found = proposals(gap, coordinates, self.budget, self.stream.child(index))
            self.looked += found.looked
            yield from self._at_centres(gap, found.centres)
            for way, places in found.best:
                yield from self._of_one(gap, way, _distinct(places), relation)

    def _at_centres(self, gap: Gap, centres: Tensor) -> Iterator[dict[Any, Any]]:
        """Simple points where a function may have no value: floating point, which has none there either, does not propose them."""
        if gap.summed:
            return
        for place in _distinct(centres).tolist():
            point = gap.chart.exact(place, Style.FRACTION, CENTRE_DIGITS)
            if point is not None:
                yield point

    def _of_one(self, gap: Gap, way: Way, places: Tensor, relation: Relation) -> Iterator[dict[Any, Any]]:
        """Points near the best places by one way of measuring the gap."""
        if not len(places):
            return
        if gap.summed:
            yield from self._few(gap, way, places)
            return
        objective = gap.by(way)
        value = scored(objective, places)
        simple = towards_middle(objective, places, torch.where(value > 0, value / 2, value - TOUCHING))
        for index, (place, near, score) in enumerate(zip(places.tolist(), simple.tolist(), value.tolist(), strict=True)):
            full = score > 0 or index < WRITTEN_OUT
            if full:
                yield from self._near(gap, way, near, score)
            yield from self._near(gap, way, place, score, () if not full else LADDER)
        if relation in (Relation.LT, Relation.GT):
            for place in places[value.abs() < TOUCHING][:TOUCHED]:
                yield from self._touching(gap, place)

    def _few(self, gap: Gap, way: Way, places: Tensor) -> Iterator[dict[Any, Any]]:
        """One point near each of the best places, where each costs a measurement: with as few digits as the sums can tell apart."""
        for place, value in zip(places[:FEW], scored(gap.by(way), places[:FEW]).tolist(), strict=True):
            points = self._written(gap.chart, place.tolist(), FEW_DIGITS)
            scores = self._scores(gap, way, points) if points else []
            near = [point for point, score in zip(points, scores, strict=True) if score >= value - abs(value) / 100]
            yield from sorted(near, key=height)[:1] or points[-1:]

    def _near(self, gap: Gap, way: Way, place: Sequence[float], value: float, ladder: Sequence[int] = LADDER) -> Iterator[dict[Any, Any]]:
        """Exact points near one place: those that fail in floating point, and the simplest that is as tight as the place."""
        points = self._written(gap.chart, place, ladder or LADDER[-1:])
        if not points:
            return
        scores = self._scores(gap, way, points)
        failing = sorted((point for point, score in zip(points, scores, strict=True) if score > 0), key=height)
        yield from failing[:4]
        near = [point for point, score in zip(points, scores, strict=True) if score >= value - TOUCHING]
        yield from sorted(near, key=height)[:1]
        yield points[-1]

    def _written(self, chart: Chart, place: Sequence[float], ladder: Sequence[int]) -> list[dict[Any, Any]]:
        """The distinct admissible points that are written with so many digits or such small denominators."""
        wanted = [(Style.ENDS, ladder[0])] + [(style, digits) for digits in ladder for style in (Style.FRACTION, Style.DIGITS)]
        found = [chart.exact(place, style, digits) for style, digits in wanted]
        return list({tuple(point.items()): point for point in found if point is not None}.values())

    def _scores(self, gap: Gap, way: Way, points: Sequence[Mapping[Any, Any]]) -> list[float]:
        """The violation in floating point at exact points, -inf where it has no value."""
        places = {symbol: torch.tensor([float(p[symbol].evalf()) for p in points], dtype=torch.float64) for symbol in points[0]}
        score = gap.at(way, places)
        return [float(x) for x in torch.where(torch.isfinite(score), score, -torch.inf)]

    def _touching(self, gap: Gap, place: Tensor) -> Iterator[dict[Any, Any]]:
        """Points at which the sides may be equal: all symbols but one made simple, and that one where it is tightest then."""
        for k, axis in enumerate(gap.chart.axes):
            for style in (Style.ENDS, Style.FRACTION):
                simple = gap.chart.exact(place.tolist(), style, 1)
                if simple is None:
                    continue
                room = self.claim.rhs - self.claim.lhs
                yield from stationary_points(room, self.claim.domain, [simple])
                if axis.whole:
                    continue
                start = torch.tensor([gap.chart.coordinates(simple)], dtype=torch.float64)
                start[0, k] = place[k]
                best = by_trial(_along(gap, start, k), start[:, k : k + 1], 60, self.stream.child("touch").torch())
                start[0, k] = best[0, 0]
                tightest = float(gap.chart.places(start)[axis.symbol])
                for value in identified(tightest):
                    point = {**simple, axis.symbol: value}
                    if self.claim.domain.satisfies(point) is True:
                        yield point


def _along(gap: Gap, start: Tensor, k: int) -> Any:
    """The violation as a function of one coordinate, the others kept."""

    def objective(u: Tensor) -> Tensor:
        line = start.expand(len(u), -1).clone()
        line[:, k] = u[:, 0]
        return gap.by(Way.ABSOLUTE)(line)

    return objective


def identified(x: float) -> list[Any]:
    """Exact numbers that a float may stand for: a rational, a multiple of pi, a root of a rational.

    >>> identified(2.0943951)[1], identified(0.7071068)[2]
    (2*pi/3, sqrt(2)/2)
    """
    if x == 0:
        return [sp.Integer(0)]
    found = [_rational(x), _rational(x / float(sp.pi)) * sp.pi]
    root = sp.sqrt(_rational(x * x))
    return [*found, root if x > 0 else -root]


def _rational(x: float) -> Any:
    """The simplest rational that agrees with a float to about half its digits, of a denominator that is not large."""
    exact = Fraction(x)
    near = simplest_near(exact, abs(exact) / 10**6)
    return as_rational(near if near.denominator <= LARGEST_DENOMINATOR else exact.limit_denominator(LARGEST_DENOMINATOR))


def _distinct(u: Tensor) -> Tensor:
    """Places that are not the same to six digits, in their order."""
    seen: dict[tuple[float, ...], int] = {}
    for index, place in enumerate(u.tolist()):
        seen.setdefault(tuple(round(x, 6) for x in place), index)
    return u[list(seen.values())]
