r"""Many random starts at once: sign patterns packed into bits, and what the signs' symmetry leaves to chance.

A neuron meets a cluster of points in one of three states: active on all of it, silent on all of it, or splitting it. One that splits
a cluster serves nothing; any other serves the demands (axis, inner, outer) whose cluster it meets with that inner sign while its output
has that outer sign. All patterns have shape (neurons, size), so that every operation runs along the starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from lemmata.numerics.basins.starts import neurons_alone, start
from lemmata.theory.basins import Demand

BLOCK = 2**13
"""Starts that are drawn at once: their weights stay in the cache."""

LARGEST_TABLE = 2**22
"""Entries of a table of chances, at most."""

EXACT_NEURONS = 26
"""Neurons up to which every chance given the classes is a multiple of 2^-53: quarters multiplied."""


def states(weights: Any, clusters: Sequence[Any]) -> tuple[list[Any], Any]:
    """For each cluster whether a neuron is active on all of it, and whether it splits none: booleans of shape (neurons, size).

    >>> import torch
    >>> active, whole = states(torch.tensor([[[1.0, -1.0]]]), [torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])])
    >>> [part.tolist() for part in active], whole.tolist()
    ([[[True]], [[False]]], [[False]])
    """
    import torch

    size, neurons, dimension = weights.shape
    flat = weights.permute(2, 1, 0).reshape(dimension, -1)
    whole = torch.ones(neurons * size, dtype=torch.bool, device=weights.device)
    active = []
    for cluster in clusters:
        first, *others = cluster @ flat > 0
        if others:  # point by point: reductions over a short axis are slow
            some = first.clone()
            for on in others:
                first = first & on
                some |= on
            whole &= first | ~some
        active.append(first.view(neurons, size))
    return active, whole.view(neurons, size)


def all_served(active: Sequence[Any], whole: Any, outputs: Any, demands: Sequence[Demand]) -> Any:
    """Whether some neuron serves each demand, for each start: one bit a demand, joined over the neurons.

    >>> import torch
    >>> yes = torch.tensor([[True]])
    >>> all_served([yes], yes, torch.tensor([[1.0]]), [Demand(0, 1, 1)]).tolist()
    [True]
    """
    import torch

    positive = outputs.T > 0
    served = torch.ones(whole.shape[1], dtype=torch.bool, device=whole.device)
    offers = {sign: whole & (positive if sign > 0 else ~positive) for sign in {demand.outer for demand in demands}}
    for begin in range(0, len(demands), 8):
        some = demands[begin : begin + 8]
        bits = torch.zeros_like(whole, dtype=torch.uint8)
        for place, demand in enumerate(some):
            meets = offers[demand.outer] & (active[demand.axis] if demand.inner > 0 else ~active[demand.axis])
            bits |= meets.view(torch.uint8) << place
        joined = bits[0].clone()
        for row in bits[1:]:
            joined |= row
        served &= joined == 2 ** len(some) - 1
    return served


def chance_given_classes(active: Sequence[Any], whole: Any, demands: Sequence[Demand]) -> Any:
    r"""The chance that every demand is served, given each neuron up to the signs of its weights and of its output.

    $$\mathbb{P}[\text{served} \mid \pm w_j] = \sum_S (-1)^{|S|} \prod_j r_S(\pm w_j)$$

    r_S is the chance, over the four equally likely signs of (w_j, v_j), that neuron j serves none of the demands in S: under the
    assumption of spherical symmetry all signs are fair coins, given everything else. The mean over w is the chance of the event,
    with far less spread than the event itself. All numbers are exact in double precision. Raises ValueError for more neurons or
    clusters than that allows.

    >>> import torch
    >>> yes = torch.tensor([[True], [True]])
    >>> chance_given_classes([yes], yes, [Demand(0, 1, 1)]).tolist()
    [0.4375]
    """
    import torch

    neurons = len(whole)
    table = chances(neurons, len(active), tuple(demands), not bool(whole.all()))
    index = torch.zeros(whole.shape[1], dtype=torch.int64, device=whole.device)
    relative = torch.zeros_like(whole, dtype=torch.uint8)
    for place, part in enumerate(active[1:]):
        relative |= (part ^ active[0]).view(torch.uint8) << place
    relative[~whole] = 2 ** (len(active) - 1)
    for number in range(1, 2 ** (len(active) - 1) + 1):
        if (neurons + 1) ** (number - 1) < len(table):
            index += (relative == number).sum(0) * (neurons + 1) ** (number - 1)
    return torch.as_tensor(table, device=whole.device)[index]


@lru_cache(maxsize=64)
def chances(neurons: int, clusters: int, demands: tuple[Demand, ...], splits: bool) -> np.ndarray:
    """The chance for all numbers of neurons in the classes 1, 2, ..., written as digits to the base neurons + 1.

    Class c lies, or does not lie, on the side of cluster 0 with cluster i + 1 by bit i of c; the last class splits something.

    >>> chances(1, 1, (Demand(0, 1, 1),), False).tolist()
    [0.25]
    """
    kinds = 2 ** (clusters - 1) + splits
    entries = (neurons + 1) ** (kinds - 1)
    if entries > LARGEST_TABLE or neurons > EXACT_NEURONS:
        raise ValueError(f"{neurons} neurons on {clusters} clusters are too many for a table of chances: draw the events themselves")
    missed = np.ones((kinds, 2 ** len(demands)))
    for kind in range(2 ** (clusters - 1)):
        sides = [1, *(-1 if kind >> place & 1 else 1 for place in range(clusters - 1))]
        masks = [
            sum(1 << bit for bit, want in enumerate(demands) if turn * sides[want.axis] == want.inner and outer == want.outer)
            for turn in (1, -1)
            for outer in (1, -1)
        ]
        missed[kind] = [sum(mask & left_out == 0 for mask in masks) / 4 for left_out in range(2 ** len(demands))]
    counts = np.arange(entries)[:, None] // (neurons + 1) ** np.arange(kinds - 1) % (neurons + 1)
    first = neurons - counts.sum(1)
    found = np.zeros(entries)
    for left_out in range(2 ** len(demands)):
        term = np.where(first >= 0, missed[0, left_out] ** np.maximum(first, 0), 0.0)
        for kind in range(1, kinds):
            term = term * missed[kind, left_out] ** counts[:, kind - 1]
        found += (-1) ** left_out.bit_count() * term
    return found


def events(law: int, neurons: int, clusters: Sequence[Any], demands: Sequence[Demand], *, size: int, rng: Any, device: str) -> Any:
    """Whether each of `size` random starts serves every demand; drawn in blocks. Raises ValueError for a point that is 0."""
    import torch

    _checked(clusters)
    found = []
    for count in _blocks(size):
        weights, outputs = start(law, count, neurons, clusters[0].shape[1], rng, device)
        found.append(all_served(*states(weights, clusters), outputs, demands))
    return torch.cat(found)


def shares(law: int, neurons: int, clusters: Sequence[Any], demands: Sequence[Demand], *, size: int, rng: Any, device: str) -> Any:
    """The chance of the same event given each start up to its signs: numbers in [0, 1] with the same mean."""
    import torch

    _checked(clusters)
    found = []
    for count in _blocks(size):
        weights = neurons_alone(law, count, neurons, clusters[0].shape[1], rng, device)
        found.append(chance_given_classes(*states(weights, clusters), demands))
    return torch.cat(found)


def _checked(clusters: Sequence[Any]) -> None:
    for number, cluster in enumerate(clusters, 1):
        if bool((cluster == 0).all(1).any()):
            raise ValueError(f"cluster {number} has a point that is 0, on which no neuron without bias is active: leave it out")


def _blocks(size: int) -> list[int]:
    return [min(BLOCK, size - done) for done in range(0, size, BLOCK)]
