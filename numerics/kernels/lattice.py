r"""Hermite coefficients by one lattice: a_n = E f(sigma s) he_n(s) as h sum f(sigma i h) he_n(i h) phi(i h), with a proved error.

**The rule.** For g analytic in |Im x| < v with int |g(x + i y)| dx <= M there, the trapezoid sum of step h is within
2 M / (exp(2 pi v / h) - 1) of the integral (Trefethen & Weideman, SIAM Review 56 (2014), theorem 5.1). Here
g = f(sigma .) he_n phi, and he_n(z) phi(z) = sqrt(n!) [t^n] phi(z - t), so by Cauchy's formula on |t| = R = sqrt(n)

$$\int |g(x + iy)|\,dx \le C\,\frac{\sqrt{n!}}{n^{n/2}}\,e^{(v + R)^2/2}\; \mathbb{E}\,(1 + \sigma(R + |s|))^k e^{b \sigma (R + |s|)}$$

where |f(z)| <= C (1 + |Re z|)^k exp(b |Re z|) for |Im z| <= sigma v, v at most WIDEST; the mean is at most
(1 + sigma R + sigma ||s||_{2k})^k exp(b sigma R) sqrt(2 exp(2 b^2 sigma^2)) (Cauchy-Schwarz, Minkowski).

**The cut.** |he_n(s)| <= exp(s^2/4) (DLMF 18.14.9), so what lies beyond T = n h is at most 2 G(T) / m with
G(s) = C (1 + sigma s)^k exp(b sigma s - s^2/4) / sqrt(2 pi) and m = T/2 - k sigma/(1 + sigma T) - b sigma > 0, a bound of -(log G)'
from T on. Both errors grow with n and with sigma: those of the largest cover all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.growth import Growth
from lemmata.numerics.quadrature.norms import NormalTail

LONG = np.longdouble
UNIT = float(np.finfo(np.longdouble).eps) / 2
"""Half the distance from 1 to the next of the longest floating-point numbers: 2^-64 where these have 64 binary digits."""

FINE = 2.0**-64
"""The error that a rule and its cut may have, relative to the root of the mean square: far below a rounding unit of what is tabulated."""

MOST_NODES = 2048
"""On each side of a lattice."""

WIDEST = 8.0
"""Wider strips in the standardised variable allow no longer steps: a shift by v costs exp(v^2 / 2)."""

ROUNDED_DOWN = 1 - 2.0**-50
"""More than what two operations on floats can add."""

SLACK = 1e-30
"""The entries of the matrices are known to this, rounding apart."""


@dataclass(frozen=True, slots=True)
class Strip:
    """|f(z)| <= growth(|Re z|) for |Im z| <= width, f analytic there."""

    width: float
    growth: Growth

    def derived(self, order: int) -> Strip:
        """The same for a derivative, by Cauchy's formula on circles of radius r = 0.15 width: order! r^-order sup |f|."""
        r, g = arb(0.15) * self.width, self.growth
        C = g.C * (1 + r) ** arb(g.k) * (arb(g.b) * r).exp() * math.factorial(order) / r**order
        return Strip(0.85 * self.width * (1 - 2.0**-40) if order else self.width, Growth(C.upper() * arb(1), g.k, g.b) if order else g)


def size(n: int) -> arb:
    """sqrt(n!) n^(-n/2) exp(n/2)."""
    return arb(1) if n == 0 else ((arb(n + 1).lgamma() - n * arb(n).log() + n) / 2).exp()


def _norm(order: float) -> arb:
    found = NormalTail().norm(max(order, 1.0))
    assert found is not None
    return found


def coefficient_error(strip: Strip, sigma: float, step: float, nodes: int, degree: int) -> arb:
    """The bound of |lattice sum - a_n| for every n <= degree and every scale up to sigma; infinite where none is proved."""
    return _rule_error(strip, sigma, step, degree) + _cut_error(strip, sigma, step, nodes)


def _rule_error(strip: Strip, sigma: float, step: float, degree: int) -> arb:
    g, s = strip.growth, arb(sigma)
    R, v = arb(degree).sqrt(), arb(min(strip.width / sigma * ROUNDED_DOWN, WIDEST))
    mean = (1 + s * R + s * _norm(2 * g.k)) ** arb(g.k) * (arb(g.b) * s * R).exp() * ((2 * (2 * (g.b * s) ** 2).exp()).sqrt() if g.b else 1)
    M = g.C * size(degree) * (v * v / 2 + v * R).exp() * mean
    return (2 * M / ((2 * arb.pi() * v / step).exp() - 1)).upper()


def _cut_error(strip: Strip, sigma: float, step: float, nodes: int) -> arb:
    g, s, T = strip.growth, arb(sigma), arb(step) * nodes
    m = T / 2 - g.k * s / (1 + s * T) - g.b * s
    if not m > 0:
        return arb("inf")
    return (2 * g.C * (1 + s * T) ** arb(g.k) * (g.b * s * T - T * T / 4).exp() / (2 * arb.pi()).sqrt() / m).upper()


def mean_error(strip: Strip, sigma: float, step: float, nodes: int, power: int) -> arb:
    """The bound of |lattice sum - E s^(2 power) f(sigma s)^2| for a scale of at most sigma, power 0 or 1.

    On the strip |s + i v|^2 <= (|s| + v)^2, and both factors are at most powers of 1 + v + (1 + sigma) |s|.
    """
    g, s, T = strip.growth, arb(sigma), arb(step) * nodes
    v, p = arb(min(strip.width / sigma * ROUNDED_DOWN, WIDEST)), 2 * g.k + 2 * power
    mean = (1 + v + (1 + s) * _norm(2 * p)) ** arb(p) * ((2 * (8 * (g.b * s) ** 2).exp()).sqrt() if g.b else 1)
    rule = 2 * g.C**2 * (v * v / 2).exp() * mean / ((2 * arb.pi() * v / step).exp() - 1)
    m = T - 2 * g.k * s / (1 + s * T) - 2 * g.b * s - 2 * power / T
    if not m > 0:
        return arb("inf")
    cut = 2 * g.C**2 * T ** (2 * power) * (1 + s * T) ** arb(2 * g.k) * (2 * g.b * s * T - T * T / 2).exp() / (2 * arb.pi()).sqrt() / m
    return (rule + cut).upper()


def choose(strips: list[Strip], sigma: float, degree: int, goal: float) -> tuple[Strip, float, int]:
    """The strip, a step of few digits and the number of nodes on each side that bring the error of every coefficient below the goal."""
    with precision(64):
        best: tuple[float, Strip] | None = None
        for strip in strips:
            v = min(strip.width / sigma * ROUNDED_DOWN, WIDEST)
            total = float((_rule_error(strip, sigma, 2 * math.pi * v, degree) * (math.e - 1) / goal).log().upper())
            step = 2 * math.pi * v / (total + 1)
            if best is None or step > best[0]:
                best = step, strip
        assert best is not None
        step, strip = best
        exponent = math.floor(math.log2(step)) - 3
        step = math.floor(step / 2.0**exponent) * 2.0**exponent
        nodes = math.ceil(8 / step)
        while nodes <= MOST_NODES and not _cut_error(strip, sigma, step, nodes) <= goal:
            nodes += max(1, nodes // 16)
        if nodes > MOST_NODES:
            raise Unsupported(
                f"the lattice needs over {MOST_NODES} nodes on each side for variances up to {sigma * sigma:g}: take smaller q"
            )
        return strip, step, nodes


@dataclass(frozen=True, slots=True)
class Weights:
    """h he_n(i h) phi(i h) for i = 0 ... nodes, even and odd n apart, that of i = 0 halved: they meet f(x) +- f(-x).

    `norm` bounds the spectral norm of the matrix he_n(i h) sqrt(h phi(i h)) over the whole lattice.
    """

    even: Any
    odd: Any
    norm: float


@lru_cache(maxsize=8)
def weights(step: float, nodes: int, degree: int) -> Weights:
    """The matrices for n <= degree, by the recurrence in balls: each entry is within UNIT of itself and SLACK of the truth.

    With errors that grow like he_n(i s), some exp(s sqrt(n)), that many more binary digits are carried.
    """
    T = step * nodes
    with precision(128 + math.ceil((T * math.sqrt(degree) + T * T / 4) * 1.4427)):
        roots = [arb(n).sqrt() for n in range(degree + 2)]
        inverse = [1 / root if n else arb(0) for n, root in enumerate(roots)]
        table = np.empty((degree + 1, nodes + 1), LONG)
        for i in range(nodes + 1):
            s = arb(step) * i
            factor = (-(s * s) / 2).exp() * step / (2 * arb.pi()).sqrt() / (1 if i else 2)
            before, now = arb(0), factor
            for n in range(degree + 1):
                if not now.rad() <= SLACK:
                    raise ArithmeticError(f"the recurrence lost its digits at the node {i} of {nodes}, n = {n}")
                table[n, i] = to_long(now)
                before, now = now, (s * now - roots[n] * before) * inverse[n + 1]
    root = np.sqrt(step * np.exp(-((step * np.arange(nodes + 1)) ** 2) / 2) / math.sqrt(2 * math.pi))
    root[0] /= 2
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = np.where(root > 0, table / root, 0).astype(np.float64) * math.sqrt(2)
    plain[:, 0] /= math.sqrt(2)
    gram = np.abs(plain[0::2] @ plain[0::2].T), np.abs(plain[1::2] @ plain[1::2].T)
    norm = math.sqrt(max(float(part.sum(axis=1).max()) for part in gram)) * 1.001
    return Weights(np.ascontiguousarray(table[0::2]), np.ascontiguousarray(table[1::2]), norm)


def to_long(value: arb) -> Any:
    """The middle of a ball, rounded once."""
    high = float(value)
    return LONG(high) + LONG(float((value - high).mid()))


def product(matrix: Any, other: Any) -> Any:
    """A matrix product in the longest numbers, by chunks of 16 terms, so that fewer roundings meet in a sum."""
    total = np.zeros((matrix.shape[0], other.shape[1]), LONG)
    for start in range(0, matrix.shape[1], CHUNK):
        total += matrix[:, start : start + CHUNK] @ other[start : start + CHUNK]
    return total


CHUNK = 16


def roundings(nodes: int) -> int:
    """How many roundings at most meet in an entry of `product`."""
    return CHUNK + math.ceil((nodes + 1) / CHUNK) + 2
