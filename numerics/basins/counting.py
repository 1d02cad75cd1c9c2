"""Sign patterns that serve every demand, counted exactly."""

from __future__ import annotations

import numpy as np

from lemmata.theory.basins import Demand, served_by_each

VISITED = 2**20
"""Patterns that are visited one by one, at most."""


def patterns_that_serve(neurons: int, demands: tuple[Demand, ...]) -> tuple[int, int]:
    """How many sign patterns of so many neurons serve every demand, and how many there are.

    >>> patterns_that_serve(2, (Demand(0, 1, 1), Demand(0, -1, 1)))
    (2, 16)
    """
    masks = served_by_each(demands)
    total = len(masks) ** neurons
    if total <= VISITED:
        return visited(neurons, masks, 2 ** len(demands) - 1), total
    return neuron_by_neuron(neurons, masks, 2 ** len(demands) - 1), total


def visited(neurons: int, masks: tuple[int, ...], everything: int) -> int:
    """Every pattern is visited: the demands that it serves are those that one of its neurons serves.

    >>> visited(2, (0, 0, 0, 1), 1)
    7
    """
    each = np.array(masks, dtype=np.int32)
    met = np.zeros(1, dtype=np.int32)
    for _ in range(neurons):
        met = (met[:, None] | each[None, :]).ravel()
    return int((met == everything).sum())


def neuron_by_neuron(neurons: int, masks: tuple[int, ...], everything: int) -> int:
    """The same with patterns that serve the same demands taken together, in whole numbers of any size.

    >>> neuron_by_neuron(2, (0, 0, 0, 1), 1)
    7
    """
    patterns = {0: 1}
    for _ in range(neurons):
        after: dict[int, int] = {}
        for met, count in patterns.items():
            for mask in masks:
                after[met | mask] = after.get(met | mask, 0) + count
        patterns = after
    return patterns.get(everything, 0)
