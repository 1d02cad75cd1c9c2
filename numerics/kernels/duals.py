"""What an activation does to a pair of inputs: the dual and the dual of the derivative, from u = (1 - c) / 2.

The ReLU (Cho & Saul 2009, eq. (6), degrees 1 and 0), with u = (1 - c) / 2 = sin^2 h, h half the angle between the inputs:

    k  = kappa_0 = 1 - 2 h / pi,
    u' = (1 - kappa_1) / 2 = u k + (h - sqrt(u (1 - u))) / pi.

Both terms of u' are nonnegative (h >= sin h cos h), so nothing cancels but inside the bracket: rounding moves the new angle
by a few units, whatever the angle, and u = 0 stays 0 exactly.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, final

import numpy as np

Array = Any
"""A NumPy array or a Torch tensor."""

Map = Callable[[Array, Array, Array], Array]
"""A function of (q1, q2, d = 1 - c): arrays that broadcast."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Variances q1 (a column), q2 (a row) of the preactivations, and the roots r = sqrt(E phi^2) at them."""

    q1: Array
    q2: Array
    r1: Array
    r2: Array


def not_negative(xp: Any, values: Array) -> None:
    """Negative numbers, which only rounding can have made, become 0 in place."""
    if xp is np:
        np.maximum(values, 0, out=values)
    else:
        values.clamp_(min=0)


class Dual(ABC):
    """An activation phi as kernels see it; `gain` is what T' = E[phi'(u) phi'(v)] is of the slope that `step` writes."""

    gain: float
    homogeneous: ClassVar[bool] = False

    @abstractmethod
    def lengths(self, q: Array) -> Array:
        """E phi(sqrt(q) s)^2 for each q."""

    @abstractmethod
    def step(self, xp: Any, u: Array, slope: Array, product: Array, pair: Pair) -> None:
        """From u = (1 - c) / 2 of the inputs, in place: `u` of the features, `slope` = T' / gain, `product` = 1 - 2 u."""

    def opposite(self, v: Array) -> tuple[Array, Array, Array] | None:
        """(u, slope, product) of the features where the inputs are nearly opposite, from v = (1 + c) / 2; None: as `step` has it."""
        return None


@final
class Relu(Dual):
    """max(0, x)."""

    gain = 0.5
    homogeneous = True

    def lengths(self, q: Array) -> Array:
        """q / 2."""
        return q / 2

    def step(self, xp: Any, u: Array, slope: Array, product: Array, pair: Pair) -> None:
        """Eleven passes over the tile, of which two square roots and one arc sine."""
        xp.multiply(u, u, out=product)
        xp.subtract(u, product, out=product)
        xp.sqrt(product, out=product)
        xp.sqrt(u, out=slope)
        xp.arcsin(slope, out=slope)
        xp.subtract(slope, product, out=product)
        product *= 1 / math.pi
        slope *= -2 / math.pi
        slope += 1
        u *= slope
        u += product
        not_negative(xp, u)
        xp.multiply(u, -2, out=product)
        product += 1

    def opposite(self, v: Array) -> tuple[Array, Array, Array]:
        """kappa_0 = a / pi and kappa_1 = (sin a - a cos a) / pi with a = 2 arcsin sqrt(v), the latter by its series for v <= 3/8.

        The derivative of sin a - a cos a by v is 2 a, so it is 4 sqrt(v) v sum_k c_k v^k / (k + 3/2) with the coefficients
        c_k = binomial(2k, k) / (4^k (2k + 1)) of arcsin(t) / t: positive terms, the left-out ones below 2^-58 of the first.
        """
        total = np.zeros_like(v)
        for k in range(TERMS - 1, -1, -1):
            total = math.comb(2 * k, k) / (4**k * (2 * k + 1) * (k + 1.5)) + v * total
        product = np.sqrt(v) * v * total * (4 / math.pi)
        return (1 - product) / 2, np.arcsin(np.sqrt(v)) * (2 / math.pi), product


TERMS = 36
"""Of the series of kappa_1 near opposite inputs: with v <= 3/8 and c_k decreasing, what is left out is below c_36 v^36 / (1 - v)."""

RELU = Relu()
"""max(0, x) in closed form."""


class Stable(Protocol):
    """A correlation map that carries d = 1 - c, as `lemmata.numerics.compile.stable.stable_map` makes them."""

    def numpy(self, d: Any) -> Any:
        """1 - kappa."""

    def slope(self, d: Any) -> Any:
        """kappa'(c)."""


@final
@dataclass(frozen=True, slots=True)
class Homogeneous(Dual):
    """phi(t x) = t phi(x) for t > 0, by its normalised map: E[phi(u) phi(v)] = gain sqrt(q1 q2) kappa(c) with kappa(1) = 1.

    E[phi'(u) phi'(v)] = gain kappa'(c) by Price's theorem. Leaky ReLU with slope a has the gain (1 + a^2) / 2, |x| has 1.

    >>> import sympy as sp
    >>> from lemmata.numerics.compile.stable import stable_map
    >>> c = sp.Symbol("c", real=True)
    >>> absolute = Homogeneous(stable_map(2 * (sp.sqrt(1 - c**2) + c * sp.asin(c)) / sp.pi, c), 1.0)
    >>> absolute.lengths(np.array([4.0]))
    array([4.])
    """

    map: Stable
    gain: float
    homogeneous: ClassVar[bool] = True

    def lengths(self, q: Array) -> Array:
        """gain q."""
        return self.gain * q

    def step(self, xp: Any, u: Array, slope: Array, product: Array, pair: Pair) -> None:
        """The map at d = 2 u."""
        d = 2 * u if xp is np else (2 * u).cpu().numpy()
        for array, values in ((slope, self.map.slope(d)), (u, self.map.numpy(d) / 2)):
            array[...] = values if xp is np else xp.as_tensor(values)
        not_negative(xp, u)
        xp.multiply(u, -2, out=product)
        product += 1


@final
@dataclass(frozen=True, slots=True)
class Duals(Dual):
    """Any activation, through functions of (q1, q2, d = 1 - c): `dual` = E[phi(u) phi(v)], `slope` = E[phi'(u) phi'(v)].

    `defect`, where given, is 1 - dual / sqrt(dual(q1, q1, 0) dual(q2, q2, 0)) without cancellation; else it is computed by
    this difference, whose error is a rounding unit of 1 and not of the defect.

    >>> linear = Duals(lambda q1, q2, d: np.sqrt(q1 * q2) * (1 - d), lambda q1, q2, d: 1 + 0 * d, lambda q1, q2, d: d)
    >>> linear.lengths(np.array([4.0]))
    array([4.])
    """

    dual: Map
    slope: Map
    defect: Map | None = None
    gain: float = field(default=1.0, init=False)

    def lengths(self, q: Array) -> Array:
        """dual(q, q, 0), asked for in double precision."""
        plain = q.astype(np.float64) if isinstance(q, np.ndarray) else q
        return self.dual(plain, plain, plain * 0)

    def step(self, xp: Any, u: Array, slope: Array, product: Array, pair: Pair) -> None:
        """The functions at d = 2 u; without `defect`, equal inputs still have the defect 0."""
        d = 2 * u
        slope[...] = self.slope(pair.q1, pair.q2, d)
        product[...] = self.dual(pair.q1, pair.q2, d)
        product /= pair.r1
        product /= pair.r2
        if self.defect is None:
            equal = (u == 0) & (pair.q1 == pair.q2)
            xp.multiply(product, -0.5, out=u)
            u += 0.5
            u[equal] = 0
            not_negative(xp, u)
        else:
            xp.multiply(self.defect(pair.q1, pair.q2, d), 0.5, out=u)
