"""The strictly decreasing path between two networks, in exact rationals and balls: what its construction prescribes, and what comes out.

Predictions of a ReLU network with rational weights are rational, so that L(c P) is a function of c alone with exact data; c is
enclosed at each point (`convex_rays`), and the loss on the path is that of the rescaled network, not the value prescribed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpz, fmpz_mat

from lemmata.numerics.convex_rays import BALLS, FLOATS, NoCrossing, Ray, compile_loss, propose_crossings
from lemmata.theory.decreasing_path import DecreasingPath


class HypothesisFails(Exception):
    """What the theorem asks of the path does not hold, or was not decided; the message names it."""


@dataclass(frozen=True)
class WalkedPath:
    """A path at the working precision of flint; its ends are compared when it is first used."""

    path: DecreasingPath

    @cached_property
    def _layers(self) -> tuple[tuple[fmpz_mat, fmpz_mat, int], ...]:
        """Each layer of both networks as integers, with the common denominator."""
        found = []
        for first, last in zip(self.path.start, self.path.end, strict=True):
            common = lcm(*(int(entry.q) for entry in (*first, *last)))
            found.append((_integers(first, common), _integers(last, common), common))
        return tuple(found)

    @cached_property
    def _inputs(self) -> tuple[fmpz_mat, int]:
        common = lcm(*(int(entry.q) for entry in self.path.inputs))
        return _integers(self.path.inputs, common), common

    @cached_property
    def _targets(self) -> list[list[fmpq]]:
        return [[fmpq(int(y.p), int(y.q)) for y in self.path.targets.col(place)] for place in range(self.path.targets.cols)]

    def predictions(self, part: int, whole: int) -> tuple[tuple[fmpq, ...], ...]:
        """P(W^(s)) at s = part/whole on the straight line, exactly: the outputs for each example."""
        values, scale = self._inputs
        for place, (first, last, common) in enumerate(self._layers):
            weights = (whole - part) * first + part * last
            if place < len(self._layers) - 1:
                values = fmpz_mat(values.nrows() + 1, values.ncols(), [*values.entries(), *[fmpz(scale)] * values.ncols()])
            values = weights * values
            scale *= whole * common
            if place < len(self._layers) - 1:
                values = fmpz_mat(values.nrows(), values.ncols(), [max(entry, fmpz(0)) for entry in values.entries()])
        rows, examples, entries = values.nrows(), values.ncols(), values.entries()
        return tuple(tuple(fmpq(entries[row * examples + place], scale) for row in range(rows)) for place in range(examples))

    def ray(self, part: int, whole: int) -> Ray:
        """c -> L(c P(W^(s)))."""
        return self.with_predictions(tuple(tuple(arb(value) for value in one) for one in self.predictions(part, whole)))

    def with_predictions(self, balls: tuple[tuple[arb, ...], ...]) -> Ray:
        """c -> L(c P) for these predictions."""
        return Ray(self._single, balls, tuple(tuple(arb(value) for value in one) for one in self._targets))

    @cached_property
    def _single(self) -> Any:
        return compile_loss(self.path.single, BALLS)

    @cached_property
    def ends(self) -> tuple[arb, arb, arb]:
        """(L_0, L_1, L(0)); raises HypothesisFails unless L_1 < L_0 and L(0) < L_0."""
        first, last = self.ray(0, 1), self.ray(1, 1)
        start, end, origin = first(arb(1)), last(arb(1)), first(arb(0))
        if not end < start:
            raise HypothesisFails(f"L(P(W_1)) = {end.str(6)} is not below L(P(W_0)) = {start.str(6)}: the path leads to a smaller loss")
        if not origin < start:
            raise HypothesisFails(f"the second condition fails: L(P(W_0)) = {start.str(6)} is not above L(0) = {origin.str(6)}")
        return start, end, origin

    def prescribed(self, part: int, whole: int) -> arb:
        """v^(s) = (1 - s/3) L_0 + (s/3) max{L(0), L_1}."""
        start, end, origin = self.ends
        third = arb(fmpq(part, 3 * whole))
        return (1 - third) * start + third * origin.max(end)

    def scales(self, parts: Sequence[int], whole: int) -> list[arb]:
        """The factors c on the line at s = part/whole; raises HypothesisFails where the prescribed value is not reached."""
        levels, rays = [self.prescribed(part, whole) for part in parts], [self.ray(part, whole) for part in parts]
        proposed = propose_crossings(compile_loss(self.path.single, FLOATS), _floats(rays), self._float_targets, _middles(levels))
        found = []
        for part, ray, level, near in zip(parts, rays, levels, proposed, strict=True):
            if not np.isfinite(near):
                where = f"at lambda = {fmpq(part, whole)} no c up to 2^40 gives L(c P) the value {level.str(6)}"
                raise HypothesisFails(f"the first condition fails, it seems: {where}")
            found.append(_decided(ray, level, float(near)))
        return found

    @cached_property
    def last_segment(self) -> tuple[Ray, arb, arb]:
        """The ray of W_1, where its last segment begins and where it ends: at the first c >= 1 from above with L(c P) = L_1."""
        ray, (top,) = self.ray(1, 1), self.scales([1], 1)
        level, lowest = self.ends[1], self._lowest(float(top.mid()))
        if not (lowest > 1 and ray(arb(lowest)) < level):
            return ray, top, arb(1)
        near = propose_crossings(compile_loss(self.path.single, FLOATS), _floats([ray]), self._float_targets, _middles([level]), lowest)
        return ray, top, _decided(ray, level, float(near[0]))

    def _lowest(self, top: float) -> float:
        """About where the loss is least on the ray of W_1 between 1 and top, by sections in floating point."""
        single, values = compile_loss(self.path.single, FLOATS), _floats([self.ray(1, 1)])[0]
        low, high = 1.0, top
        for _ in range(200):
            left, right = low + (high - low) / 3, high - (high - low) / 3
            rising = _mean(single, left * values, self._float_targets) <= _mean(single, right * values, self._float_targets)
            low, high = (low, right) if rising else (left, high)
        return (low + high) / 2

    @cached_property
    def _float_targets(self) -> Any:
        return np.array([[int(y.p) / int(y.q) for y in one] for one in self._targets])

    def losses(self, parts: Sequence[int], whole: int) -> list[arb]:
        """The loss of the rescaled networks at s = part/whole in [0, 2], in the order of the parts."""
        line = [part for part in parts if part <= whole]
        scales = dict(zip(line, self.scales(line, whole), strict=True)) if line else {}
        found = []
        for part in parts:
            if part in scales:
                found.append(self.ray(part, whole)(scales[part]))
            else:
                ray, _, _ = self.last_segment
                found.append(ray(self.scale_beyond(part, whole)))
        return found

    def scale_beyond(self, part: int, whole: int) -> arb:
        """The factor c on the last segment, 1 <= part/whole <= 2: linear from where it begins to where it ends."""
        _, top, bottom = self.last_segment
        share = fmpq(part - whole, whole)
        return bottom if share == 1 else arb(1 - share) * top + arb(share) * bottom


def _decided(ray: Ray, level: arb, near: float) -> arb:
    try:
        return ray.crossing(level, near)
    except NoCrossing as undecided:
        raise HypothesisFails(str(undecided)) from None


def _mean(single: Any, values: Any, targets: Any) -> float:
    return float(np.mean(np.broadcast_to(single([*values.T, *targets.T]), len(values))))


def _integers(matrix: Any, common: int) -> fmpz_mat:
    return fmpz_mat(matrix.rows, matrix.cols, [int(entry * common) for entry in matrix])


def _floats(rays: Sequence[Ray]) -> Any:
    return np.array([[[float(value) for value in one] for one in ray.predictions] for ray in rays])


def _middles(levels: Sequence[arb]) -> Any:
    return np.array([float(level) for level in levels])
