"""Many places at once: low-discrepancy points, near and far; lines through the best of them; clouds around narrow features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lemmata.numerics.budget import Budget
from lemmata.numerics.streams import Stream
from lemmata.verify.search.ascent import by_bfgs, by_signs, by_trial, scored
from lemmata.verify.search.chart import REACH
from lemmata.verify.search.gap import Gap, Objective, Way

PLACES_A_POINT = 600
"""Places of the sweep for each point of the budget, rounded up to a power of 2."""

FEWER = 8
"""The sweep has so many times fewer places where each costs a sum."""

STARTS = 8
"""The best places, by each way of measuring the gap, from which the ascents begin."""

ROUNDS = 50
"""Steps of an ascent."""

FAR = 28.0
"""The largest coordinate of the sweep: exp(28) is 10^12."""

LINE = 64
"""Places on a line."""

REMOTE = tuple(REACH * 1.12**k for k in range(25))
"""Coordinates beyond reach of the ascents, along one symbol at a time: up to exp(546), and as close to an end at 0."""

SEEN = 1e-9
"""The smallest excess, relative or absolute, that is worth looking at there: less is rounding."""

COMPANIONS = 8
"""Values of the other symbols at each remote value of one."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """What floating point proposes: by each way of measuring the gap the best places; where arguments of functions are extreme or 0,
    a side may have no value there; and how many places were looked at."""

    centres: Tensor
    best: tuple[tuple[Way, Tensor], ...]
    looked: int


def spread(size: int, count: int, stream: Stream) -> Tensor:
    """Sobol points as coordinates: half near, a quarter of any order of magnitude, a quarter some coordinates of either kind.

    >>> spread(2, 64, Stream(0)).shape
    torch.Size([64, 2])
    """
    engine = torch.quasirandom.SobolEngine(size, scramble=True, seed=stream.child("sobol").integer() % 2**31)
    unit = engine.draw(count, dtype=torch.float64).clamp(1e-9, 1 - 1e-9)
    near, far = torch.logit(unit), (2 * unit - 1) * FAR
    mixed = torch.rand(unit.shape, generator=stream.child("mixed").torch()) < 0.5
    quarter = torch.arange(count)[:, None] % 4
    return torch.where(quarter < 2, near, torch.where(quarter == 2, far, torch.where(mixed, near, far)))


def proposals(gap: Gap, extra: Sequence[Sequence[float]], budget: Budget, stream: Stream) -> Proposals:
    """The places where a closed statement is closest to failing, or fails, in floating point; `extra` are places known before."""
    size = gap.chart.size
    u = spread(size, 2 ** math.ceil(math.log2(PLACES_A_POINT * budget.points)) // (FEWER if gap.summed else 1), stream)
    u = torch.cat((u, torch.tensor(extra, dtype=torch.float64).reshape(-1, size)))
    gap.settle(u)
    centres = _features(gap, u)
    far = remote(gap, stream)
    u = gap.pull(torch.cat((u, centres, _clouds(centres))))
    looked, found = len(u), []
    for way in Way:
        objective = gap.by(way)
        start = best(objective, u, STARTS)
        if not len(start):
            continue
        scans = gap.pull(lines(objective, start[:2], size))
        looked += len(scans)
        start = torch.cat((start, best(objective, scans, STARTS)))
        start = torch.cat((start, _climbed(gap, objective, start, stream), far[scored(objective, far) > SEEN]))
        looked += len(far)
        found.append((way, best(objective, start, STARTS)))
    return Proposals(centres, tuple(found), looked)


def remote(gap: Gap, stream: Stream) -> Tensor:
    """Places with one symbol very far out, or very close to an end at 0, where a statement that holds in every usual decade may fail.

    None where sums stand for quantities, which say little there, and none along integers: powers of remote ones have no value.
    """
    size = gap.chart.size
    found = [torch.empty(0, size, dtype=torch.float64)]
    signed = torch.tensor([sign * u for u in REMOTE for sign in (1, -1)], dtype=torch.float64)
    for k, axis in enumerate(gap.chart.axes):
        if axis.whole or gap.summed:
            continue
        engine = torch.quasirandom.SobolEngine(size, scramble=True, seed=stream.child("remote", k).integer() % 2**31)
        near = torch.logit(engine.draw(COMPANIONS, dtype=torch.float64).clamp(1e-3, 1 - 1e-3)) if size > 1 else torch.zeros(1, 1)
        line = near.double()[:, None, :].repeat(1, len(signed), 1)
        line[:, :, k] = signed
        found.append(line.reshape(-1, size))
    return torch.cat(found)


def _climbed(gap: Gap, objective: Objective, start: Tensor, stream: Stream) -> Tensor:
    """Where the ascents lead from the best places."""
    if not all(axis.whole for axis in gap.chart.axes):
        start = best(objective, gap.pull(torch.cat((start, by_signs(objective, start, ROUNDS)))), STARTS)
        if start.shape[1] > 1:
            start = torch.cat((start, gap.pull(by_bfgs(objective, start[:2], ROUNDS))))
    return by_trial(objective, start, ROUNDS, stream.child("trial").torch(), gap.pull)


def best(objective: Objective, u: Tensor, count: int) -> Tensor:
    """The best places with a finite value, the best first; of equal ones those nearest to the middle of the coordinates."""
    if not len(u):
        return u
    value = scored(objective, u)
    central = torch.argsort(u.abs().amax(dim=1), stable=True)
    order = central[torch.argsort(value[central], descending=True, stable=True)]
    return u[order[torch.isfinite(value[order])][:count]]


def lines(objective: Objective, start: Tensor, size: int) -> Tensor:
    """Places on the lines along each coordinate through some places, and between those neighbours whose values differ most."""
    grid = torch.cat((torch.linspace(-FAR, FAR, LINE), torch.logit((torch.arange(LINE) + 0.5) / LINE))).double().sort().values
    scans = []
    for k in range(size):
        line = start[:, None, :].repeat(1, len(grid), 1)
        line[:, :, k] = grid
        for _ in range(3):
            value = scored(objective, line.reshape(-1, size)).reshape(len(start), -1)
            jump = torch.nan_to_num((value[:, 1:] - value[:, :-1]).abs(), nan=0.0, posinf=0.0)
            which = jump.topk(LINE // 8, dim=1).indices
            ends = line[:, :, k].gather(1, which), line[:, :, k].gather(1, which + 1)
            shares = ((torch.arange(8) + 0.5) / 8).double()
            inner = (ends[0][:, :, None] * (1 - shares) + ends[1][:, :, None] * shares).reshape(len(start), -1)
            more = start[:, None, :].repeat(1, inner.shape[1], 1)
            more[:, :, k] = inner
            line = torch.cat((line, more), dim=1)
            order = line[:, :, k].argsort(dim=1)
            line = line.gather(1, order[:, :, None].expand_as(line))
        scans.append(line.reshape(-1, size))
    return torch.cat(scans)


def _features(gap: Gap, u: Tensor) -> Tensor:
    """The places at which arguments of functions are extreme or 0."""
    found = [u[:0]]
    for objective in gap.features():
        start = best(objective, u, STARTS // 2)
        if len(start):
            found.append(best(objective, torch.cat((start, by_signs(objective, start, ROUNDS))), 2))
    return torch.cat(found)


def _clouds(centres: Tensor) -> Tensor:
    """Around each place others at distances of every order of magnitude, along each coordinate."""
    offsets = torch.tensor([sign * 10.0**-digits for digits in range(1, 15) for sign in (1, -1)], dtype=centres.dtype)
    clouds = [centres[:0]]
    for k in range(centres.shape[1]):
        cloud = centres[:, None, :].repeat(1, len(offsets), 1)
        cloud[:, :, k] += offsets
        clouds.append(cloud.reshape(-1, centres.shape[1]))
    return torch.cat(clouds).clamp(-REACH, REACH)
