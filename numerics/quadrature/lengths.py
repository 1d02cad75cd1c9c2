r"""E G(sigma s) for a standard normal s as a function of q = sigma^2, which is analytic for Re q > 0.

With the density of sigma s, K(q) is the integral of G(x) exp(-x^2 / (2q)) / sqrt(2 pi q), so for complex q and any
Q >= 1 / Re(1/q) = |q| / cos(arg q)

$$|K(q)| \le \int |G(x)| \frac{e^{-x^2/(2Q)}}{\sqrt{2\pi |q|}}\,dx = \sqrt{Q/|q|}\;\mathbb{E}\,|G(\sqrt Q s)| \le
\sqrt{Q/|q|}\,\sqrt{\mathbb{E}\,G(\sqrt Q s)^2},$$

and the integral converges locally uniformly: K is analytic where this is finite.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.correlation import X, mean


@dataclass(frozen=True, slots=True)
class Length:
    """E G(sigma s) for a function G of X."""

    G: Any

    @property
    def work(self) -> int:
        """What one value costs, in the units of `Pair.work`."""
        return 4

    def value(self, sigma: Any, digits: int) -> arb:
        """The value at an exact sigma; raises Unsupported.

        >>> Length(X**2).value(sp.Rational(3, 2), 12)
        2.25000000000000
        """
        return mean(self.G.xreplace({X: sigma * X}), digits)

    def bound(self, low: float, high: float, height: float, digits: int) -> arb:
        """A bound for q = exp(2w), low <= Re w <= high, |Im w| <= height < pi/4; raises Unsupported where there is none.

        >>> bool(Length(sp.tanh(X)).bound(-1.0, 1.0, 0.5, 12) >= 1)
        True
        """
        opening = (2 * arb(height)).cos()
        if not opening > 0:
            raise Unsupported("the region leaves the half-plane Re q > 0")
        widest = Fraction(math.ceil(float((arb(high).exp() / opening.sqrt()).upper()) * 16 + 1), 16)
        square = mean(self.G.xreplace({X: sp.Rational(widest.numerator, widest.denominator) * X}) ** 2, digits)
        if not square.is_finite():
            raise Unsupported("a mean square has no finite enclosure")
        root = arb(widest.numerator) / widest.denominator
        return (root / arb(low).exp() * square.upper().max(arb(0)).sqrt()).upper()
