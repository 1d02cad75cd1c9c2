"""E f(U) g(V) for two standard normals U, V as a function of their correlation.

With f = sum a_k h_k and g = sum b_k h_k in the normalised Hermite polynomials, Mehler's formula gives
K(c) = E f(U) g(V) = sum a_k b_k c^k for -1 <= c <= 1. Hence, for square-integrable f and g:

- K is analytic in the open unit disc, continuous on the closed one, and |K| <= sum |a_k b_k| <= |f| |g| there;
- K(c) = E f(U) f(V) has coefficients a_k^2 >= 0: it rises on [0, 1];
- |K(1) - K(c)| <= sqrt(w_f w_g) for d <= c <= 1, where w_f = E f^2 - E f(U) f(V) at the correlation d >= 0: by Cauchy and
  Schwarz, since sum |a_k b_k| (1 - c^k) is at most the root of sum a_k^2 (1 - c^k) times sum b_k^2 (1 - c^k); the same
  number bounds |K(-1) - K(-c)|.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import BITS_A_DIGIT, precision
from lemmata.numerics.laws import Model, Source, Unsupported
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.mean import Integrator
from lemmata.numerics.quadrature.orthants import halves as _halves
from lemmata.numerics.quadrature.orthants import quadrants
from lemmata.numerics.quadrature.pairs import pair_mean, profile
from lemmata.numerics.quadrature.pieces import branches, has_switch

X = sp.Dummy("x", real=True)
Y = sp.Dummy("y", real=True)
"""Two independent standard normals."""


@lru_cache(maxsize=256)
def halves(function: Any, x: Any) -> Any:
    """The polynomials on either side of 0, worked out once a function."""
    return _halves(function, x)


def parity(expr: Any, x: Any) -> int | None:
    """1 for an expression that is seen to be even in x, -1 for an odd one, else None.

    >>> parity(X * sp.tanh(X), X), parity(sp.erf(X), X), parity(sp.Max(0, X), X)
    (1, -1, None)
    """
    turned = expr.xreplace({x: -x})
    for sign in (1, -1):
        if turned == sign * expr or sp.expand_mul(turned - sign * expr).is_zero:
            return sign
    return None


def place(t: Fraction) -> tuple[sp.Rational, sp.Rational]:
    """The rational correlation c = (1 - t^2)/(1 + t^2) with its rational root sqrt(1 - c^2) = 2t/(1 + t^2), for t >= 0.

    >>> place(Fraction(1, 2))
    (3/5, 4/5)
    """
    p, q = t.numerator, t.denominator
    return sp.Rational(q * q - p * p, q * q + p * p), sp.Rational(2 * p * q, q * q + p * p)


def mean(expr: Any, digits: int) -> arb:
    """E of a function of X and Y; raises Unsupported."""
    return Integrator(digits).mean(Model(expr, (Source(X, "Normal"), Source(Y, "Normal"))))


@dataclass(frozen=True, slots=True)
class Pair:
    """E f(U) g(sign V) for functions f and g of X, as a function of the correlation of U and V."""

    f: Any
    g: Any
    sign: int = 1

    @property
    def work(self) -> int:
        """What one value costs, in units of the cheapest."""
        if halves(self.f, X) is not None and halves(self.g, X) is not None:
            return 1
        if not has_switch(self.f) and not has_switch(self.g):
            return 8
        return 24 if all(branch.is_polynomial(X) for h in (self.f, self.g) for branch in branches(h)) else 80

    def value(self, c: Any, root: Any, digits: int) -> arb:
        """The value at an exact correlation, with `root` = sqrt(1 - c^2); raises Unsupported.

        >>> Pair(sp.Max(0, X), sp.Max(0, X)).value(sp.Rational(3, 5), sp.Rational(4, 5), 12).str(10, radius=False)
        '0.3387737839'
        """
        first, second = halves(self.f, X), halves(self.g, X)
        with precision(int(digits * BITS_A_DIGIT) + 40):
            if first is not None and second is not None:
                return quadrants(first, second, self.sign * c, root)
            expr = self.f * self.g.xreplace({X: self.sign * c * X + self.sign * root * Y})
            if root.is_zero or c.is_zero or has_switch(expr):
                return mean(expr, digits)
            try:
                one, r = partial(arb, 1), partial(constant, self.sign * c)
                return pair_mean(profile(self.f, X), profile(self.g, X), one, one, r, digits)
            except Unsupported:
                return mean(expr, digits)

    @property
    def parity(self) -> int | None:
        """1 or -1 where the value is even or odd in the correlation: where f or g is even or odd; else None."""
        return parity(self.f, X) or parity(self.g, X)

    def size(self, digits: int) -> arb:
        """|f| |g|, which bounds the value at every complex correlation of the closed unit disc."""
        return (_up(mean(self.f**2, digits)) * _up(mean(self.g**2, digits))).sqrt().upper()

    def modulus(self, t: Fraction, digits: int) -> arb:
        """A bound of how far the value moves between the correlation place(t) >= 0 and 1, or between -1 and -place(t)."""
        c, root = place(t)
        if not 0 <= c <= 1:
            raise Unsupported("the last stretch begins before the correlation 0")
        moved = [_up(mean(h**2, digits) - Pair(h, h).value(c, root, digits)) for h in dict.fromkeys((self.f, self.g))]
        return (moved[0] * moved[-1]).sqrt().upper()


def _up(value: arb) -> arb:
    """An upper bound of a number that is not negative."""
    if not value.is_finite():
        raise Unsupported("a mean square has no finite enclosure")
    return value.upper().max(arb(0))
