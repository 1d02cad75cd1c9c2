"""From point to point where each costs a measurement: trial steps along each symbol, longer with success, shorter without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lemmata.verify.search.chart import Chart
from lemmata.verify.search.looking import Look, Looker
from lemmata.verify.search.rounding import Style
from lemmata.verify.search.tightness import of_one_sign

STARTS = 2
"""The tightest points seen so far from which steps are taken."""

STEPS_A_POINT = 5
"""Measurements that the steps may take, for each point of the budget."""

FIRST, SHORTEST = 2.0, 1e-2
"""The first step in coordinates of the chart, a factor of 7 near an end or far out, and the shortest that is taken."""

FARTHEST = 92.0
"""How far the steps go: exp(92) is 10^40."""

DIGITS = 2
"""Digits with which the points on the way are written."""


def steps(looker: Looker) -> Iterator[Mapping[Any, Any]]:
    """Points on ways towards failure from the tightest points seen; whoever asks for the next one has looked at the last.

    For inequalities only: the sides of an equality that agree to the last digit of their balls show no way.
    """
    claim = looker.claim
    charts = Chart.all_of(claim.domain)
    if len(charts) != 1 or claim.relation is None or claim.relation.is_equality or not looker.looks:
        return
    (chart,) = charts
    relative = of_one_sign(looker.looks)

    def excess(look: Look) -> float:
        assert claim.relation is not None
        return look.share(claim.relation) if relative and look.rhs else look.excess(claim.relation)

    left = STEPS_A_POINT * looker.budget.points
    for start in sorted(looker.looks, key=excess, reverse=True)[:STARTS]:
        here, top, step = chart.coordinates(start.at), excess(start), FIRST
        most = left // STARTS
        while most > 0 and step > SHORTEST:
            before = top
            for k, way in ((k, way) for k in range(chart.size) for way in (1, -1)):
                there = list(here)
                there[k] = min(FARTHEST, max(-FARTHEST, there[k] + way * step))
                point = chart.exact(there, Style.DIGITS, DIGITS)
                if point is None:
                    continue
                seen = len(looker.looks)
                most -= 1
                yield point
                if len(looker.looks) > seen and excess(looker.looks[-1]) > top:
                    here, top = there, excess(looker.looks[-1])
                    break
                if most <= 0:
                    break
            step = 2 * step if top > before else step / 4
