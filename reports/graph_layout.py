"""Where the nodes of a graph of dependencies stand: columns by depth, and in each column near what they are linked to.

Nothing here draws: the same places serve a page of LaTeX and a picture in HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 12
"""How often the columns are put in order again; the order has settled long before."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node's column and its height in rows, from the top."""

    column: int
    row: float


def places(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, Place]:
    """A place for each node: (upper, lower) edges lead from a column to one further right, and components stand below one another.

    >>> places(["a", "b"], [("b", "a")])
    {'a': Place(column=0, row=0.0), 'b': Place(column=1, row=0.0)}
    """
    inside = set(nodes)
    links = [(upper, lower) for upper, lower in edges if upper in inside and lower in inside]
    found: dict[str, Place] = {}
    top = 0.0
    for component in components(nodes, links):
        own = [(upper, lower) for upper, lower in links if upper in component]
        laid = _component(component, own)
        lowest = max(place.row for place in laid.values())
        found.update({name: Place(place.column, place.row + top) for name, place in laid.items()})
        top += lowest + 1
    return {name: found[name] for name in nodes}


def components(nodes: Sequence[str], links: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The connected parts, the largest first, each in the order of the nodes."""
    part = {name: index for index, name in enumerate(nodes)}
    for upper, lower in links:
        joined, left = part[upper], part[lower]
        part = {name: joined if index == left else index for name, index in part.items()}
    groups: dict[int, list[str]] = {}
    for name in nodes:
        groups.setdefault(part[name], []).append(name)
    return sorted(groups.values(), key=len, reverse=True)


def levels(nodes: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The length of the longest chain below each node; a node that others rest on stands as near to them as it can."""
    below: dict[str, list[str]] = {name: [] for name in nodes}
    above: dict[str, list[str]] = {name: [] for name in nodes}
    for upper, lower in links:
        below[upper].append(lower)
        above[lower].append(upper)
    depth: dict[str, int] = {}

    def longest(name: str) -> int:
        if name not in depth:
            depth[name] = max((longest(lower) + 1 for lower in below[name]), default=0)
        return depth[name]

    for name in nodes:
        longest(name)
    for name in sorted(nodes, key=depth.__getitem__, reverse=True):
        if above[name] and not below[name]:
            depth[name] = min(depth[upper] for upper in above[name]) - 1
    return depth


def _component(nodes: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, Place]:
    depth = levels(nodes, links)
    columns: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in nodes:
        columns[depth[name]].append(name)
    beside: dict[str, list[str]] = {name: [] for name in nodes}
    for upper, lower in links:
        beside[upper].append(lower)
        beside[lower].append(upper)
    height = {name: float(index) for column in columns for index, name in enumerate(column)}
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wished = {name: _mean([height[other] for other in beside[name]], height[name]) for name in column}
            column.sort(key=wished.__getitem__)
            height.update(zip(column, spread([wished[name] for name in column]), strict=True))
    least = min(height.values())
    return {name: Place(depth[name], height[name] - least) for name in nodes}


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def spread(wished: Sequence[float]) -> list[float]:
    """The heights nearest to those wished for, in the same order and at least 1 apart.

    Heights less their index must not fall: least squares under that order, by pooling neighbours that violate it.

    >>> spread([0.0, 0.0, 5.0])
    [-0.5, 0.5, 5.0]
    """
    pools: list[tuple[float, int]] = []
    for index, wish in enumerate(wished):
        pools.append((wish - index, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (first, n), (second, m) = pools[-2:]
            pools[-2:] = [((first * n + second * m) / (n + m), n + m)]
    flat = [mean for mean, count in pools for _ in range(count)]
    return [mean + index for index, mean in enumerate(flat)]


def crossings(found: Mapping[str, Place], edges: Sequence[tuple[str, str]]) -> int:
    """How many pairs of edges between neighbouring columns cross: what an order is judged by."""
    count = 0
    for index, (upper, lower) in enumerate(edges):
        for other_upper, other_lower in edges[index + 1 :]:
            if found[upper].column == found[other_upper].column and found[lower].column == found[other_lower].column:
                count += (found[upper].row - found[other_upper].row) * (found[lower].row - found[other_lower].row) < 0
    return count


def columns_of(found: Mapping[str, Place]) -> int:
    """How many columns there are."""
    return max((place.column for place in found.values()), default=-1) + 1


def overlaps(found: Mapping[str, Place]) -> list[tuple[str, str]]:
    """Nodes of one column that are less than a row apart."""
    order = sorted(found, key=lambda name: (found[name].column, found[name].row))
    near = 1 - 2.0**-20
    return [(a, b) for a, b in pairwise(order) if found[a].column == found[b].column and found[b].row - found[a].row < near]
