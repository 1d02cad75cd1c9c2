"""The infimum over times to stop of a falling bias plus a growing variance, enclosed in balls by intervals of log t."""

from __future__ import annotations

import abc
from heapq import heapify, heappop, heappush

from flint import arb

from lemmata.numerics.compile.errors import CannotEvaluate

NARROW = 11
"""The infimum is enclosed to a relative width of 2^-NARROW."""

CELLS = 2000
"""Intervals of time at most; what is not decided then leaves a wider ball."""

AWAY = 64
"""Steps of log t towards 0 at most: no bias there is above R where R falls to its infimum as t -> 0."""

LATE = 2**10
"""Steps of log t away from 0 at most: a variance of finitely many terms, with a ball for the others, need not reach R."""


class StoppedRisk(abc.ABC):
    """R(t) = bias(t) + variance(t), t > 0: the first falls with t, the second grows from 0, and exceeds inf R in the end."""

    @abc.abstractmethod
    def bias(self, t: arb) -> arb:
        """A ball around the squared bias at t."""

    @abc.abstractmethod
    def variance(self, t: arb) -> arb:
        """A ball around the variance at t."""

    @abc.abstractmethod
    def centre(self) -> float:
        """A guess of log t where R is least, right to 6; nothing rests on it but how narrow the ball becomes."""

    @abc.abstractmethod
    def at_zero(self) -> arb:
        """A number that is no less than the limit of R as t -> 0."""

    def at(self, t: arb) -> arb:
        """R(t)."""
        return self.bias(t) + self.variance(t)

    def best(self) -> arb:
        """inf R over t > 0: R(t) at a good time from above; from below, bias at the end and variance at the start of each interval.

        Before the first interval R is at least the bias at its start, after the last at least the variance at its end. For small n
        the infimum may be that of t -> 0. Ends are floats throughout, so that intervals meet. Raises CannotEvaluate where no time is
        found at which the variance alone is above R.
        """
        good = self._descend(self.centre())
        above = self.at(arb(good).exp()).upper().min(self.at_zero())
        left, right = good - 1, good + 1
        for _ in range(AWAY):
            if self.bias(arb(left).exp()) > above:
                break
            left = left - 1
        for _ in range(LATE):
            if self.variance(arb(right).exp()) > above:
                break
            right = right + 1
        else:
            raise CannotEvaluate("the variance of the terms that are added stays below the risk: n is too large for them")
        before = self.bias(arb(left).exp()).lower()
        return above.union(self._below(left, right, above).min(before).min(above))

    def _descend(self, centre: float) -> float:
        """log t near which R is smallest, by sections; nothing rests on it but how narrow the ball becomes."""
        low, high = centre - 6, centre + 6
        for _ in range(30):
            first, second = low + (high - low) * 0.382, low + (high - low) * 0.618
            if self.at(arb(first).exp()).mid() < self.at(arb(second).exp()).mid():
                high = second
            else:
                low = first
        return (low + high) / 2

    def _below(self, left: float, right: float, above: arb) -> arb:
        """A lower bound of R between exp(left) and exp(right), at most `above`: the interval with the least bound is halved."""
        target = above * (1 - arb(2) ** -NARROW)
        ends = {x: (self.bias(arb(x).exp()), self.variance(arb(x).exp())) for x in (left, right)}

        def cell(x: float, y: float) -> tuple[float, float, float, arb]:
            bound = (ends[y][0] + ends[x][1]).lower()
            return float(bound.mid()), x, y, bound

        cells = [cell(left, right)]
        heapify(cells)
        for _ in range(CELLS):
            if cells[0][3] >= target:
                break
            _, x, y, _ = heappop(cells)
            middle = (x + y) / 2
            ends[middle] = (self.bias(arb(middle).exp()), self.variance(arb(middle).exp()))
            heappush(cells, cell(x, middle))
            heappush(cells, cell(middle, y))
        least = cells[0][3]
        for item in cells[1:]:
            least = least.min(item[3])
        return least.min(above).lower()
