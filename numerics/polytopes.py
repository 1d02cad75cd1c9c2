"""The vertices of a polytope in exact integers, by the double description method (Motzkin et al. 1953; Fukuda & Prodon 1996)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from flint import fmpq, fmpq_mat

Ray = tuple[int, ...]


class TooManyRays(Exception):
    """The work allowed is spent; the message says how much that was."""


@dataclass(frozen=True, slots=True)
class Generators:
    """What generates a polyhedron: its vertices and the directions in which it is unbounded.

    Empty where there are no vertices. `line` is True where no n constraints are independent: then the polyhedron is empty
    or holds a whole line, and the lists are not computed.
    """

    vertices: tuple[tuple[fmpq, ...], ...]
    directions: tuple[Ray, ...]
    line: bool = False


def generators(rows: Sequence[Sequence[fmpq]], work: int) -> Generators:
    r"""The vertices and extreme directions of {x : r_0 + r_1 x_1 + ... + r_n x_n >= 0 for every row r}.

    The polyhedron is the slice y_0 = 1 of the cone {y : r . y >= 0, y_0 >= 0}. Half-spaces are put in one after the other: the
    extreme rays of the new cone are the old ones that satisfy the new row, and for each adjacent pair on either side of it the
    point of their 2-face on the new plane. Two extreme rays are adjacent when no third one satisfies with equality every row
    that both do, because the rows with equality at both cut out their smallest common face (Fukuda & Prodon 1996,
    proposition 7). All numbers are integers. Raises TooManyRays after `work` comparisons of rays.

    >>> square = [(0, 1, 0), (1, -1, 0), (0, 0, 1), (1, 0, -1)]
    >>> sorted(generators([[fmpq(entry) for entry in row] for row in square], 10**6).vertices)
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    size = len(rows[0])
    cone = list(dict.fromkeys([_integers([fmpq(1)] + [fmpq(0)] * (size - 1)), *map(_integers, rows)]))
    basis = independent(cone, size)
    if len(basis) < size:
        return Generators((), (), line=True)
    inverse = fmpq_mat(size, size, [entry for index in basis for entry in cone[index]]).inv()
    rays = [_integers([inverse[i, j] for i in range(size)]) for j in range(size)]
    active = [sum(1 << index for place, index in enumerate(basis) if place != j) for j in range(size)]
    for index in range(len(cone)):
        if index not in basis:
            rays, active, work = _cut(rays, active, cone[index], index, size, work)
    vertices = tuple(tuple(fmpq(entry, ray[0]) for entry in ray[1:]) for ray in rays if ray[0])
    return Generators(vertices, tuple(ray[1:] for ray in rays if not ray[0]))


def _cut(rays: list[Ray], active: list[int], row: Ray, index: int, size: int, work: int) -> tuple[list[Ray], list[int], int]:
    """The extreme rays, and the rows that each meets with equality, once the half-space row . y >= 0 is put in."""
    values = [sum(a * b for a, b in zip(row, ray, strict=True)) for ray in rays]
    bit = 1 << index
    kept = [(ray, zeros | (bit if value == 0 else 0)) for ray, zeros, value in zip(rays, active, values, strict=True) if value >= 0]
    inside = [place for place, value in enumerate(values) if value > 0]
    outside = [place for place, value in enumerate(values) if value < 0]
    work -= len(inside) * len(outside)
    for p in inside:
        for m in outside:
            common = active[p] & active[m]
            if common.bit_count() < size - 2:  # a 2-face lies on at least size - 2 planes
                continue
            work -= len(rays)
            if work < 0:
                raise TooManyRays(f"more than {len(rays)} rays of the polytope so far")
            if any(place not in (p, m) and common & zeros == common for place, zeros in enumerate(active)):
                continue
            ray = [values[p] * b - values[m] * a for a, b in zip(rays[p], rays[m], strict=True)]
            kept.append((_coprime(ray), common | bit))
    if work < 0:
        raise TooManyRays(f"more than {len(rays)} rays of the polytope so far")
    return [ray for ray, _ in kept], [zeros for _, zeros in kept], work


def independent(rows: Sequence[Ray], size: int) -> list[int]:
    """The places of the first rows that are linearly independent, at most `size` of them, by elimination.

    >>> independent([(1, 0), (2, 0), (0, 3), (1, 1)], 2)
    [0, 2]
    """
    echelon: list[tuple[int, list[fmpq]]] = []
    chosen: list[int] = []
    for place, row in enumerate(rows):
        rest = [fmpq(entry) for entry in row]
        for pivot, other in echelon:
            if rest[pivot]:
                factor = rest[pivot] / other[pivot]
                rest = [a - factor * b for a, b in zip(rest, other, strict=True)]
        lead = next((column for column, entry in enumerate(rest) if entry), None)
        if lead is not None:
            echelon.append((lead, rest))
            chosen.append(place)
        if len(chosen) == size:
            break
    return chosen


def _integers(row: Sequence[fmpq]) -> Ray:
    """A positive multiple of a rational row with coprime integer entries."""
    common = 1
    for entry in row:
        denominator = int(fmpq(entry).q)
        common = common * denominator // gcd(common, denominator)
    return _coprime([int((fmpq(entry) * common).p) for entry in row])


def _coprime(row: Sequence[int]) -> Ray:
    divisor = gcd(*row) or 1
    return tuple(entry // divisor for entry in row)
