"""Cells of a central arrangement of hyperplanes, counted exactly by deletion and restriction."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

Normal = tuple[int, ...]


def count_cells(normals: Sequence[Sequence[int]]) -> int:
    """The connected components of {w : <w, x> != 0 for every normal x}.

    A hyperplane H cuts in two just those cells of the others that meet H, and these are the cells of the others' traces on H:
    N(A) = N(A - H) + N(A on H) (Zaslavsky 1975). Parallel normals are one hyperplane. Raises ValueError for a normal that is 0.

    >>> count_cells([(1, 0), (0, 1), (1, 1)]), count_cells([(1, 0), (-2, 0)])
    (6, 2)
    """
    planes = list(dict.fromkeys(_primitive(normal) for normal in normals))
    return _count(planes)


def _count(planes: list[Normal]) -> int:
    if not planes:
        return 1
    first, rest = planes[0], planes[1:]
    pivot = next(place for place, entry in enumerate(first) if entry)
    traces = (_trace(normal, first, pivot) for normal in rest)
    return _count(rest) + _count(list(dict.fromkeys(_primitive(trace) for trace in traces)))


def _trace(normal: Normal, first: Normal, pivot: int) -> Normal:
    """The normal within the hyperplane of `first`, in coordinates without the pivot: w_pivot = -sum of the others / first_pivot."""
    return tuple(first[pivot] * a - normal[pivot] * b for place, (a, b) in enumerate(zip(normal, first, strict=True)) if place != pivot)


def _primitive(normal: Sequence[int]) -> Normal:
    """The multiple with coprime entries whose first entry that is not 0 is positive."""
    divisor = gcd(*normal)
    if divisor == 0:
        raise ValueError("a point is 0: no sign depends on the weights there")
    lead = next(entry for entry in normal if entry)
    return tuple(entry // (divisor if lead > 0 else -divisor) for entry in normal)
