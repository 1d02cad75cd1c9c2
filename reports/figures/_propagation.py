r"""What the figures on deep random networks share: tanh networks by the length q of their fixed point, and the slopes there.

For f = tanh the length map q -> sigma_w^2 E f(sqrt(q) s)^2 + sigma_b^2 is concave with the value sigma_b^2 at 0: where
sigma_b > 0 it has exactly one positive fixed point, and lengths approach it. So for a given sigma_b^2 the networks are
told apart by that fixed point q > sigma_b^2, and sigma_w^2 = (q - sigma_b^2)/E f(sqrt(q) s)^2 needs no equation solved.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

DIGITS = 8
"""Decimal digits of the certified integrals: far below what a line on paper shows."""


def tanh_numbers() -> Any:
    """The certified numbers of tanh; everything is integrated, since its dual has no closed form."""
    from lemmata.theory.activations import tanh
    from lemmata.theory.kernels.duals import dual
    from lemmata.verify.derive_expression.numbers import Numbers

    return Numbers(dual(tanh), DIGITS, closed=False)


def exact(value: Fraction | float) -> Any:
    """The same number for SymPy, without rounding."""
    import sympy as sp

    fraction = Fraction(value)
    return sp.Rational(fraction.numerator, fraction.denominator)


def ball(value: Fraction) -> Any:
    """The number in a ball."""
    from lemmata.numerics.compile.arb import enclose

    return enclose(exact(value), {})


@dataclass(frozen=True)
class Tanh:
    """The tanh network whose lengths settle at `length` > `bias` > 0, the variance of its biases; its slopes are enclosed in balls."""

    numbers: Any
    length: Fraction
    bias: Fraction

    @cached_property
    def weight(self) -> Any:
        """The variance of the weights."""
        return ball(self.length - self.bias) / self.numbers.length(exact(self.length))

    @cached_property
    def chi(self) -> Any:
        """chi_1 = sigma_w^2 E f'(z)^2, z ~ N(0, q)."""
        return self.weight * self.numbers.chi(exact(self.length))

    @property
    def length_slope(self) -> Any:
        """The slope of the length map at q."""
        return self.weight * self.numbers.length_slope(exact(self.length))

    @property
    def correlation_slope(self) -> Any:
        """The slope of the correlation map at its attracting fixed point: chi_1 at c* = 1 if that is below 1, else at the c* < 1.

        At c >= 0 the map is a power series with coefficients >= 0: its slope rises, and if that is above 1 at c = 1 the map
        crosses the diagonal once more, from above, in (0, 1). Raises ValueError where balls do not decide.
        """
        from lemmata.verify.derive_expression.fixed_points import roots

        if self.chi < 1:
            return self.chi
        q = exact(self.length)

        def excess(c: Fraction) -> Any:
            return self.weight * self.numbers.kernel(q, q, exact(c)) + ball(self.bias) - ball(self.length * c)

        found = list(roots(excess, [Fraction(0), 1 - Fraction(1, 2**12)], DIGITS))
        if not self.chi > 1 or len(found) != 1 or not found[0].falling:
            raise ValueError(f"no attracting correlation is certified at q = {self.length}, sigma_b^2 = {self.bias}")
        low, high = (self.weight * self.numbers.slope(q, q, exact(c)) for c in (found[0].low, found[0].high))
        return low.union(high)

    def next_length(self, q: float) -> float:
        """The length map."""
        return float(self.weight) * float(self.numbers.length(exact(q))) + float(self.bias)

    def next_correlation(self, c: float) -> float:
        """The correlation map at lengths q."""
        q = exact(self.length)
        return (float(self.weight) * float(self.numbers.kernel(q, q, exact(c))) + float(self.bias)) / float(self.length)
