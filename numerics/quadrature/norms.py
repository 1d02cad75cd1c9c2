"""Crude but proved bounds of ||f||_p = (E |f|^p)^(1/p) in any number of dimensions, from the growth of f.

With |f| <= C (1 + |x|)^k exp(b |x| + a |x|^2), |x| = sum |x_j|: where b = a = 0, Minkowski's inequality gives
||f||_p <= C (1 + sum ||x_j||_q)^k for q = max(k p, 1); else, by Cauchy and Schwarz,

    ||f||_p <= C (1 + sum ||x_j||_q)^k (prod_j E exp(B |x_j| + A x_j^2))^(1 / 2p),   q = max(2 k p, 1), B = 2 p b, A = 2 p a d,

with d the number of variables, since |x|^2 <= d sum x_j^2.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.laws import Source
from lemmata.numerics.quadrature.growth import growth
from lemmata.numerics.quadrature.holomorphic import constant


class Tail(abc.ABC):
    """What is known of the size of one random variable x."""

    @abc.abstractmethod
    def norm(self, order: float) -> arb | None:
        """A bound of (E |x|^order)^(1 / order), order >= 1; None where none is known."""

    @abc.abstractmethod
    def exponential(self, linear: float, quadratic: float) -> arb | None:
        """A bound of E exp(linear |x| + quadratic x^2) for numbers >= 0; None where none is known."""


@dataclass(frozen=True)
class NormalTail(Tail):
    """The standard normal law: E |x|^p = 2^(p/2) Gamma((p+1)/2) / sqrt(pi); exp(B |x|) <= exp(B x) + exp(-B x)."""

    def norm(self, order: float) -> arb | None:
        p = arb(order)
        return (arb(2) ** (p / 2) * ((p + 1) / 2).gamma() / arb.pi().sqrt()) ** (1 / p)

    def exponential(self, linear: float, quadratic: float) -> arb | None:
        left = 1 - 2 * arb(quadratic)
        return 2 * (arb(linear) ** 2 / (2 * left)).exp() / left.sqrt() if left > 0 else None


@dataclass(frozen=True)
class BoundedTail(Tail):
    """|x| <= reach."""

    reach: float

    def norm(self, order: float) -> arb | None:
        return arb(self.reach)

    def exponential(self, linear: float, quadratic: float) -> arb | None:
        return (arb(linear) * self.reach + arb(quadratic) * arb(self.reach) ** 2).exp()


@dataclass(frozen=True)
class GammaTail(Tail):
    """x >= 0 of the law Gamma(shape, scale): E x^p = scale^p Gamma(shape + p) / Gamma(shape); also |x| of Laplace's law, shape 1.

    `factor` multiplies every mean: 2 for laws whose density is at most twice that one's (the logistic law: at most exp(-|x|)).
    """

    shape: Any
    scale: Any
    factor: int = 1

    def norm(self, order: float) -> arb | None:
        shape, p = constant(self.shape), arb(order)
        return constant(self.scale) * (self.factor * (shape + p).gamma() / shape.gamma()) ** (1 / p)

    def exponential(self, linear: float, quadratic: float) -> arb | None:
        left = 1 - arb(linear) * constant(self.scale)
        return self.factor * left ** (-constant(self.shape)) if quadratic == 0 and left > 0 else None


@dataclass(frozen=True)
class MomentTail(Tail):
    """||x||_4 <= size, and nothing else."""

    size: arb

    def norm(self, order: float) -> arb | None:
        return self.size if order <= 4 else None

    def exponential(self, linear: float, quadratic: float) -> arb | None:
        return None


def tail_of(source: Source) -> Tail | None:
    """What is known of a source's size; None for laws that are not listed here."""
    outcomes = source.outcomes
    if outcomes is not None:
        with precision(64):
            return BoundedTail(max(upwards(abs(constant(value))) for value in outcomes))
    match source.family:
        case "Normal":
            return NormalTail()
        case "Uniform" | "Beta" | "Rademacher":
            return BoundedTail(1.0)
        case "Exponential" | "Laplace":
            return GammaTail(sp.Integer(1), sp.Integer(1))
        case "Logistic":
            return GammaTail(sp.Integer(1), sp.Integer(1), 2)
        case "Gamma":
            return GammaTail(*source.law.args)
        case "ChiSquared":
            return GammaTail(source.law.args[0] / 2, sp.Integer(2))
    return None


def tails_of(sources: Sequence[Source]) -> dict[Any, Tail | None]:
    """The tails of sources by their variables."""
    return {source.variable: tail_of(source) for source in sources}


def norm(expr: Any, tails: Mapping[Any, Tail | None], order: int) -> arb | None:
    """A bound of (E |f|^order)^(1/order) for independent variables with these tails, or None where none is proved.

    >>> s = sp.Symbol("s", real=True)
    >>> bound = norm(sp.Max(0, s), {s: NormalTail()}, 4)
    >>> bool(bound >= (arb(3) / 2) ** 0.25), bool(bound < 3)
    (True, True)
    >>> norm(sp.exp(s**2), {s: NormalTail()}, 4) is None
    True
    """
    used = {variable: tail for variable, tail in tails.items() if variable in expr.free_symbols}
    bound = growth(expr, dict.fromkeys(used, 0.0))
    if bound is None:
        return None
    with precision(64):
        plain = bound.b == 0 and bound.a == 0
        q = max(1.0, _above(bound.k * order * (1 if plain else 2)))
        size = bound.C.upper() * arb(1)
        if bound.k:
            size = size * _sum_of_norms(used, q) ** arb(bound.k)
        if not plain:
            for tail in used.values():
                factor = None if tail is None else tail.exponential(2 * order * bound.b, _above(2 * order * bound.a * len(used)))
                if factor is None:
                    return None
                size = size * factor ** (arb(1) / (2 * order))
        return size.upper() if size.is_finite() else None


def _sum_of_norms(tails: Mapping[Any, Tail | None], order: float) -> arb:
    """1 + sum ||x_j||; not finite where one of them is not known."""
    total = arb(1)
    for tail in tails.values():
        one = None if tail is None else tail.norm(order)
        total = total + (arb("nan") if one is None else one)
    return total


def upwards(value: arb) -> float:
    """A float that is not smaller than any number in the ball.

    >>> arb(upwards(arb(1) / 3)) >= arb(1) / 3
    True
    """
    number = float(value.upper())
    return number if arb(number) >= value else math.nextafter(number, math.inf)


def _above(product: float) -> float:
    """Not below the exact product of floats whose rounded product this is; integers, which are exact, stay what they are."""
    return product if product.is_integer() else math.nextafter(product, math.inf)
