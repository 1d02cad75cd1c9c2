"""Points and weights at which a pilot run looks at an integrand: nodes of Gauss where the law of the sources has them, else draws.

Nothing rests on them but coefficients of controls and a choice. Nodes beat draws of the same number: polynomials of high degree,
fitted to draws, follow the few largest of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from lemmata.numerics.laws import Source
from lemmata.numerics.reduction.turns import Turn, plane_of

DRAWS = 2**11
"""Draws where there are no nodes."""

NODES = 64
"""Nodes on a line; a power of two, and even, so that 0 is none of them."""

SIDE = 24
"""Nodes on a radius, or on each side of a grid."""

ANGLES = 128
"""Angles of a polar grid, over the whole circle."""


def design(turn: Turn, draw: Callable[[int], Mapping[Any, torch.Tensor]]) -> tuple[dict[Any, torch.Tensor], torch.Tensor]:
    """Points of the sources and their weights, which sum to 1; in the plane they fill one sector of the group."""
    if turn.plane is not None and turn.order >= 4:
        return _sector(turn)
    rules = [_rule(source, NODES if len(turn.sources) == 1 else SIDE) for source in turn.sources]
    found = [rule for rule in rules if rule is not None]
    if len(rules) == 1 and len(found) == 1:
        nodes, weights = found[0]
        return {turn.sources[0].variable: torch.from_numpy(nodes)}, torch.from_numpy(weights)
    if len(rules) == 2 and len(found) == 2:
        (x, wx), (y, wy) = found
        grid = np.meshgrid(x, y, indexing="ij")
        points = {source.variable: torch.from_numpy(side.ravel()) for source, side in zip(turn.sources, grid, strict=True)}
        return points, torch.from_numpy(np.outer(wx, wy).ravel())
    return {node: values.cpu() for node, values in draw(DRAWS).items()}, torch.full((DRAWS,), 1 / DRAWS, dtype=torch.float64)


def _sector(turn: Turn) -> tuple[dict[Any, torch.Tensor], torch.Tensor]:
    """r = sqrt(2 t), t at Gauss and Laguerre's nodes; equally spaced angles of one sector, none of them at its ends."""
    plane = plane_of(turn.sources)
    assert plane is not None
    nodes, weights = gauss("Exponential", SIDE)
    count = max(2, ANGLES // turn.order)
    angles = (np.arange(count) + 0.382) * (2 * math.pi / (turn.order * count))
    radius = np.sqrt(2 * nodes)
    x, y = np.outer(radius, np.cos(angles)), np.outer(radius, np.sin(angles))
    share = np.repeat(weights / count, count)
    return {plane[0]: torch.from_numpy(x.ravel()), plane[1]: torch.from_numpy(y.ravel())}, torch.from_numpy(share / share.sum())


def _rule(source: Source, count: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Gauss's rule of a law: Hermite, Legendre, Laguerre."""
    return gauss(source.family, count) if source.family in ("Normal", "Uniform", "Exponential") else None


@lru_cache(maxsize=16)
def gauss(family: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for the normal law, the uniform one on [0, 1] or the exponential one.

    >>> nodes, weights = gauss("Normal", 64)
    >>> abs(float((weights * nodes**4).sum()) - 3) < 2**-40
    True
    """
    if family == "Normal":
        nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    elif family == "Uniform":
        nodes, weights = np.polynomial.legendre.leggauss(count)
        nodes = (nodes + 1) / 2
    else:
        nodes, weights = np.polynomial.laguerre.laggauss(count)
    return nodes, weights / weights.sum()
