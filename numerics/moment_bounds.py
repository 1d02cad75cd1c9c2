"""What is certain about the spread of a sampler's units: a proved bound of the variance, of the fourth moment, of the units.

A mean of independent units has a valid test only where something bounds its law. In this order: the variance from certified
integrals; the range of the units and their fourth moment from the growth of the integrand, which variances are learned from;
for experiments, what their authors declare. Every number errs upwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.laws import Model, Unsupported
from lemmata.numerics.quadrature.divergence import Divergent
from lemmata.numerics.quadrature.growth import growth
from lemmata.numerics.quadrature.mean import Integrator
from lemmata.numerics.quadrature.norms import norm, tails_of, upwards
from lemmata.numerics.quadrature.polynomials import has_irrational, polynomial_mean
from lemmata.numerics.sampler import Sampler
from lemmata.numerics.targets import Kind

DIGITS = (6, 14, 30)
"""Digits of the integrals for a variance; more where the square of the mean takes most of them away."""

ENOUGH = 7
"""Bits to which a variance is wanted: 1%."""

MOST_OUTCOMES = 256
MOST_NODES = 20_000
MOST_SOURCES = 12
"""What the integrals for a variance may cost; beyond it a variance is learned."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Proved: Var(unit) <= variance, E[unit^4] <= fourth, low <= unit <= high; infinite where nothing is.

    `assumes` lists what rests on the word of the user; `reasons` why the variance is not certified.
    """

    variance: float = math.inf
    fourth: float = math.inf
    low: float = -math.inf
    high: float = math.inf
    assumes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def bounded(self) -> bool:
        """Whether the units have a range."""
        return math.isfinite(self.low) and math.isfinite(self.high)


def spread_of(sampler: Sampler) -> Spread:
    """The spread of the units of a sampler without experiments.

    A variance is not taken for smaller than the square of what rounding does to the units: else their noise would contradict it.

    >>> from sympy.stats import Expectation, Normal
    >>> from lemmata.numerics.streams import Stream
    >>> from lemmata.numerics.targets import target_of
    >>> spread_of(Sampler(target_of(Expectation(Normal("x", 0, 2))), {}, Stream(0), "cpu")).variance
    4.0
    """
    try:
        return Spread(variance=max(certified_variance(sampler), upwards(arb(sampler.rounding()) ** 2)))
    except (Unsupported, Divergent) as reason:
        because = str(reason)
    except FAILURES as error:
        because = f"the integral stopped with {type(error).__name__}: {error}"
    low, high = range_of(sampler)
    return Spread(fourth=_fourth(sampler), low=low, high=high, reasons=(because,))


def certified_variance(sampler: Sampler) -> float:
    """An upper bound of Var(unit) by certified integrals; raises Unsupported or Divergent where there is none."""
    if len(sampler.sources) > MOST_SOURCES:
        raise Unsupported(f"{len(sampler.sources)} sources of randomness are more than the {MOST_SOURCES} that are integrated over")
    for digits in DIGITS:
        with precision(int(digits * 3.33) + 40):
            variance = _variance(sampler, digits)
        if not variance.is_finite():
            raise Unsupported("the ball of the variance is not finite")
        if variance.rad() == 0 or variance.rel_accuracy_bits() >= ENOUGH:
            break
    if variance.upper() < 0:
        raise Unsupported(f"the integrals give the variance {variance.str(5)}, which cannot be")
    return max(0.0, upwards(variance))


def _variance(sampler: Sampler, digits: int) -> arb:
    f = sampler.integrands[0]
    if not sampler.reduction.is_plain:
        reduced = sampler.reduction.variance(f, digits)
        if reduced is None:
            raise Unsupported(f"no proved integral for the variance of {sampler.reduction.method}")
        return reduced
    integrator = Integrator(digits, most_outcomes=MOST_OUTCOMES, most_nodes=MOST_NODES)
    condition = None if sampler.target.condition is None else sampler.integrands[-1]
    weight = arb(1) if condition is None else integrator.mean(Model(condition, sampler.sources))
    if not weight > 0:
        raise Unsupported("the probability of the condition may be zero")

    def mean(expr: Any) -> arb:
        if condition is None and has_irrational(expr) and (value := polynomial_mean(expr, sampler.sources)) is not None:
            return value
        return integrator.mean(Model(expr if condition is None else expr * condition, sampler.sources)) / weight

    if sampler.target.kind is Kind.COVARIANCE:
        return _variance_of_products(f, sampler.integrands[1], mean)
    square = mean(f**2)
    try:
        return square - mean(f) ** 2
    except Unsupported:
        return square


def _variance_of_products(x: Any, y: Any, mean: Any) -> arb:
    """Var of (x - x')(y - y') / 2 for independent copies: (E[(x - a)^2 (y - b)^2] + Var x Var y) / 2 with a = E x, b = E y."""
    a, xx = mean(x), mean(x**2)
    if x == y:
        fourth = mean(x**4) - 4 * a * mean(x**3) + 6 * a**2 * xx - 3 * a**4
        return (fourth + (xx - a**2) ** 2) / 2
    b, yy = mean(y), mean(y**2)
    mixed = mean(x**2 * y**2) - 2 * b * mean(x**2 * y) - 2 * a * mean(x * y**2)
    mixed = mixed + b**2 * xx + a**2 * yy + 4 * a * b * mean(x * y) - 3 * a**2 * b**2
    return (mixed + (xx - a**2) * (yy - b**2)) / 2


def range_of(sampler: Sampler) -> tuple[float, float]:
    """Proved bounds of the units of integrands that have bounds: |f| <= C; half a product of differences is at most 2 C C'."""
    if sampler.reduction.control != 0:
        return -math.inf, math.inf
    sizes = []
    for f in sampler.integrands[: len(sampler.target.parts)]:
        bound = growth(f, {source.variable: 0.0 for source in sampler.sources})
        if bound is None or not bound.bounded:
            return -math.inf, math.inf
        sizes.append(bound.C)
    size = upwards(2 * sizes[0] * sizes[1] if len(sizes) == 2 else sizes[0])
    return -size, size


def _fourth(sampler: Sampler) -> float:
    """A crude bound of E[unit^4] = ||unit||_4^4 (Minkowski, for averages of images too; Cauchy-Schwarz for products of differences).

    ||(x - x')(y - y') / 2||_4 <= ||x - x'||_8 ||y - y'||_8 / 2 <= 2 ||x||_8 ||y||_8.
    """
    if sampler.target.condition is not None or sampler.reduction.control != 0:
        return math.inf
    parts = sampler.integrands[: len(sampler.target.parts)]
    tails = tails_of(sampler.sources)
    total = arb(2) if len(parts) == 2 else arb(1)
    for part in parts:
        size = norm(part, tails, 4 * len(parts))
        if size is None:
            return math.inf
        total = total * size
    return upwards(total**4)
