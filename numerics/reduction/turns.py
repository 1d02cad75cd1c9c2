"""Cyclic groups of maps that keep the law of the sources: averages over an orbit have the same mean and less variance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
import torch
from flint import arb

from lemmata.numerics.laws import Source

SYMMETRIC = frozenset({"Normal", "Laplace", "Logistic", "Cauchy", "StudentT", "Rademacher"})
"""Standard laws of x that are those of -x."""

ORDERS = (1, 2, 4, 8, 16, 32, 64)
"""Powers of two: each group holds the smaller ones."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The group {T^k}, k = 0 ... order - 1, of a map T with T^order = 1 that keeps the joint law of independent sources.

    order 1 is the identity. Order 2 reflects each source whose law is symmetric (x to -x; u to 1 - u for the uniform law on
    [0, 1]). Higher orders turn a pair of standard normals by the angle 2 pi k / order: N(0, 1) x N(0, 1) is invariant under
    rotations. In each case T^k(sources) has the law of the sources, so E[mean over k of f(T^k z)] = E[f(z)].
    """

    sources: tuple[Source, ...]
    order: int

    @property
    def plane(self) -> tuple[Any, Any] | None:
        """The two variables that turn."""
        return plane_of(self.sources) if self.order > 1 else None

    def images(self, inputs: Mapping[Any, torch.Tensor]) -> Iterator[dict[Any, torch.Tensor]]:
        """The points T^k z of a batch of draws, k = 0, ..., order - 1 in this order."""
        yield dict(inputs)
        plane = self.plane
        if self.order == 2:
            yield {source.variable: _reflected(source, inputs[source.variable]) for source in self.sources}
        elif plane is not None:
            quarter = [_rotated(inputs[plane[0]], inputs[plane[1]], k, self.order) for k in range(self.order // 4)]
            for k in range(1, self.order):
                turns, place = divmod(k, len(quarter))
                yield dict(zip(plane, _quarter_turned(*quarter[place], turns), strict=True))

    def image(self, expr: Any, k: int) -> Any:
        """f(T^k z) as an exact expression.

        >>> x, y = sp.symbols("x y", real=True)
        >>> Turn((Source(x, "Normal"), Source(y, "Normal")), 4).image(sp.Max(0, x - y), 1)
        Max(0, -x - y)
        """
        k %= self.order
        if k == 0:
            return expr
        plane = self.plane
        if plane is None or self.order == 2:
            return expr.xreplace({source.variable: _reflection(source) for source in self.sources})
        cosine, sine = sp.cos(2 * sp.pi * k / self.order), sp.sin(2 * sp.pi * k / self.order)
        return _turned(expr, plane, cosine, sine)

    def image_in_doubles(self, expr: Any) -> tuple[Any, dict[Any, arb]]:
        """f(T z) with symbols for the cosine and sine of the angle, and balls around the doubles that stand for them."""
        plane = self.plane
        if plane is None or self.order < 8:
            return self.image(expr, 1), {}
        angle = 2 * math.pi / self.order
        cosine, sine = sp.Dummy("cosine", real=True), sp.Dummy("sine", real=True)
        return _turned(expr, plane, cosine, sine), {cosine: arb(math.cos(angle), 2.0**-50), sine: arb(math.sin(angle), 2.0**-50)}

    def mean(self, expr: Any) -> Any:
        """The average of f over the orbit, as an exact expression."""
        return sp.Add(*(self.image(expr, k) for k in range(self.order))) / self.order

    def __str__(self) -> str:
        if self.order == 1:
            return "independent draws"
        return "antithetic pairs" if self.order == 2 else f"{self.order} rotations of each draw"


def plane_of(sources: tuple[Source, ...]) -> tuple[Any, Any] | None:
    """The variables of two normal sources, where there are no others."""
    if len(sources) != 2 or not all(source.is_normal for source in sources):
        return None
    return sources[0].variable, sources[1].variable


def orders_of(sources: tuple[Source, ...]) -> tuple[int, ...]:
    """The orders of the groups that these sources allow, rising."""
    if plane_of(sources) is not None:
        return ORDERS
    reflects = any(source.family in SYMMETRIC or source.family == "Uniform" for source in sources)
    return ORDERS[:2] if reflects else ORDERS[:1]


def _turned(expr: Any, plane: tuple[Any, Any], cosine: Any, sine: Any) -> Any:
    x, y = plane
    return expr.xreplace({x: cosine * x - sine * y, y: sine * x + cosine * y})


def _rotated(x: torch.Tensor, y: torch.Tensor, k: int, order: int) -> tuple[torch.Tensor, torch.Tensor]:
    if k == 0:
        return x, y
    angle = 2 * math.pi * k / order
    cosine, sine = math.cos(angle), math.sin(angle)
    return cosine * x - sine * y, sine * x + cosine * y


def _quarter_turned(x: torch.Tensor, y: torch.Tensor, turns: int) -> tuple[torch.Tensor, torch.Tensor]:
    """By multiples of a right angle, without a rounding error."""
    if turns == 0:
        return x, y
    if turns == 1:
        return -y, x
    return (-x, -y) if turns == 2 else (y, -x)


def _reflected(source: Source, values: torch.Tensor) -> torch.Tensor:
    if source.family == "Uniform":
        return 1 - values
    return -values if source.family in SYMMETRIC else values


def _reflection(source: Source) -> Any:
    if source.family == "Uniform":
        return 1 - source.variable
    return -source.variable if source.family in SYMMETRIC else source.variable
