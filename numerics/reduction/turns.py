"""Cyclic groups of maps that keep the law of the sources: averages over an orbit have the same mean and less variance."""

from __future__ import annotations

import math
from collections.abc import Mapping
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

    def orbit(self, inputs: Mapping[Any, torch.Tensor]) -> dict[Any, torch.Tensor]:
        """The points T^k z of n draws, as tensors of shape (order, n); signs and right angles without a rounding error."""
        plane = self.plane
        if self.order == 1:
            return {node: values[None, :] for node, values in inputs.items()}
        if plane is None or self.order == 2:
            return {source.variable: _with_mirror_image(source, inputs[source.variable]) for source in self.sources}
        x, y = _quarter(inputs[plane[0]], inputs[plane[1]], self.order)
        return {plane[0]: torch.cat([x, -y, -x, y]), plane[1]: torch.cat([y, x, -y, -x])}

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
        x, y = plane
        cosine, sine = sp.cos(2 * sp.pi * k / self.order), sp.sin(2 * sp.pi * k / self.order)
        return expr.xreplace({x: cosine * x - sine * y, y: sine * x + cosine * y})

    def around(self, draw: Mapping[Any, float]) -> dict[Any, Any]:
        """Balls around a draw that are as wide as the rounding errors of an image of that size.

        Signs and right angles are exact. c x - s y in doubles, c and s rounded too, errs by less than 2^-51 (|x| + |y|), and
        1 - u by at most 2^-54.
        """
        if self.order < 8 and not any(source.family == "Uniform" for source in self.sources):
            return dict(draw)
        width = 2.0**-50 * (1 + sum(abs(value) for value in draw.values()))
        return {node: arb(value, width) for node, value in draw.items()}

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


def _quarter(x: torch.Tensor, y: torch.Tensor, order: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rotations by 2 pi k / order for k = 0, ..., order / 4 - 1."""
    angles = [2 * math.pi * k / order for k in range(order // 4)]
    cosine = torch.tensor([math.cos(angle) for angle in angles], dtype=x.dtype, device=x.device)[:, None]
    sine = torch.tensor([math.sin(angle) for angle in angles], dtype=x.dtype, device=x.device)[:, None]
    return cosine * x - sine * y, sine * x + cosine * y


def _with_mirror_image(source: Source, values: torch.Tensor) -> torch.Tensor:
    if source.family == "Uniform":
        return torch.stack([values, 1 - values])
    return torch.stack([values, -values if source.family in SYMMETRIC else values])


def _reflection(source: Source) -> Any:
    if source.family == "Uniform":
        return 1 - source.variable
    return -source.variable if source.family in SYMMETRIC else source.variable
