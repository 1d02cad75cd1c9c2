"""Means under laws on infinitely many integers, as partial sums with a proved tail.

If the terms a_k = p_k C (1 + k)^j exp(b k) of the bound satisfy a_(k+1) / a_k <= r < 1 for all k >= N, the tail from N on
is at most a_N / (1 - r). The ratio is p_(k+1) / p_k (1 + 1/(1 + k))^j exp(b), which falls with k for the laws here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import acb, arb

from lemmata.numerics.compile.arb import BITS_A_DIGIT, precision
from lemmata.numerics.laws import Source, Unsupported
from lemmata.numerics.quadrature.growth import Growth, growth
from lemmata.numerics.quadrature.holomorphic import compile_holomorphic, constant
from lemmata.numerics.quadrature.pieces import has_switch, resolve

MOST_TERMS = 20_000


@dataclass(frozen=True, slots=True)
class Masses:
    """A law on start, start + 1, ...: its first mass, and the ratio p_(k+1) / p_k, which does not increase with k."""

    start: int
    first: Callable[[], arb]
    ratio: Callable[[int], arb]


def masses_of(source: Source) -> Masses | None:
    """The masses of Poisson's and the geometric law, else None.

    >>> import sympy as sp
    >>> from sympy.stats import Poisson
    >>> masses_of(Source(sp.Dummy(), "Poisson", Poisson("n", 2).pspace.distribution)).ratio(3)
    0.500000000000000
    """
    if source.family == "Poisson":
        rate = source.law.args[0]
        return Masses(0, lambda: (-constant(rate)).exp(), lambda k: constant(rate) / (k + 1))
    if source.family == "Geometric":
        success = source.law.args[0]
        return Masses(1, lambda: constant(success), lambda k: 1 - constant(success))
    return None


def sum_line(expr: Any, source: Source, digits: int) -> arb:
    """E f(n) as a ball; raises Unsupported for other laws, and where no growth bound or no falling ratio is found."""
    masses = masses_of(source)
    bound = growth(expr, {source.variable: 0.0})
    if masses is None or bound is None or bound.a:
        raise Unsupported(f"no proved sum for the law {source.family}")
    with precision(int(digits * BITS_A_DIGIT) + 60):
        value = _values(expr, source.variable)
        total, mass, k = arb(0), masses.first(), masses.start
        while k - masses.start < MOST_TERMS:
            total = total + mass * value(k)
            mass = mass * masses.ratio(k)
            k += 1
            tail = _tail(bound, masses, mass, k)
            if tail is not None and tail <= (abs(total).max(bound.C)) * arb(10) ** -(digits + 2):
                return total + arb(0, tail.upper())
    raise Unsupported(f"{MOST_TERMS} terms of the law {source.family} leave too much")


def _values(expr: Any, variable: Any) -> Callable[[int], arb]:
    """f at an integer; with exact comparisons where f jumps, since a jump may lie on an integer."""
    if has_switch(expr):
        return lambda k: constant(resolve(expr.xreplace({variable: sp.Integer(k)}), {}))
    function = compile_holomorphic(expr, [variable])
    return lambda k: function((acb(k),), False).real


def _tail(bound: Growth, masses: Masses, mass: arb, k: int) -> arb | None:
    """The terms from k on, where the ratio of their bounds is below 1."""
    ratio = masses.ratio(k) * (1 + arb(1) / (1 + k)) ** arb(bound.k) * arb(bound.b).exp()
    return mass * bound.at(arb(k)) / (1 - ratio) if ratio < 1 else None
