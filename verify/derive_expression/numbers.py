"""Certified numbers of an activation: closed forms in balls where there are any, certified integrals elsewhere."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb
from sympy.stats.symbolic_probability import Expectation

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import BITS_A_DIGIT, enclose, precision
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.instruments.certified_mean import INSTRUMENT as CERTIFIED
from lemmata.numerics.instruments.integral import INSTRUMENT as INTEGRAL
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.measurement import Ball
from lemmata.numerics.quadrature.correlation import X as length_variable
from lemmata.numerics.quadrature.correlation import mean as line_mean
from lemmata.numerics.quadrature.growth import Growth, growth
from lemmata.numerics.streams import Stream
from lemmata.theory.gaussian import standard_normal
from lemmata.theory.kernels.admissible import X
from lemmata.theory.kernels.duals import Q1, Q2, C, Dual, Q
from lemmata.verify.derive_expression.moduli import LONG, Bracket, above_root, exact, mean_rate, moved, pair_rate

ROUGH = 10
"""Digits of bounds."""


class NoNumber(ValueError):
    """A value that could not be certified, and why."""


class Numbers:
    """The maps of one activation at exact points, as balls of a relative radius of about 10^-digits.

    With `closed=False` closed forms are not looked for: everything is integrated.
    """

    def __init__(self, dual: Dual, digits: int, closed: bool = True) -> None:
        self.dual = dual
        self.digits = digits
        self.closed = closed
        self.bits = int(digits * BITS_A_DIGIT) + 40
        self._budget = Budget(digits=digits)
        self._bounds: dict[Any, arb] = {}

    def kernel(self, q1: Any, q2: Any, c: Any) -> arb:
        """E[f(u) f(v)]."""
        return self._pair(self.dual, q1, q2, c)

    def slope(self, q1: Any, q2: Any, c: Any) -> arb:
        """E[f'(u) f'(v)]."""
        return self._pair(self.dual.slope, q1, q2, c)

    def length(self, q: Any) -> arb:
        """E[f(z)^2], z ~ N(0, q)."""
        return self._line(self.dual, q)

    def chi(self, q: Any) -> arb:
        """E[f'(z)^2], z ~ N(0, q)."""
        if self.dual.slope.f.has(sp.DiracDelta):
            raise NoNumber("infinite, the activation jumps")
        return self._line(self.dual.slope, q)

    def length_slope(self, q: Any) -> arb:
        """d/dq E f(z)^2 = E[f(z)^2 (s^2 - 1)]/(2 q), z = sqrt(q) s: kinks and jumps of f do not matter."""
        if self.closed and self.dual.length is not None:
            return self._enclosed(sp.diff(self.dual.length.end, Q), {Q: q})
        integrand = self.dual.f**2 * (X**2 / Q - 1) / (2 * Q)
        return self._measured(Expectation(integrand.xreplace({X: sp.sqrt(Q) * standard_normal()})), {Q: sp.sympify(q)})

    def hermite_mean(self, g: Any, degree: int, sigma: Fraction, digits: int) -> arb:
        """E[g(sigma s) He_n(s)] for a function g of X, to so many digits."""
        s, scale = length_variable, sp.Rational(sigma.numerator, sigma.denominator)
        try:
            return line_mean(g.xreplace({X: scale * s}) * sp.hermite_prob(degree, s), digits)
        except Unsupported as error:
            raise NoNumber(str(error)) from error

    def closed_length(self) -> Any | None:
        """E f(z)^2 as a closed form in q, or None."""
        return self.dual.length.end if self.closed and self.dual.length is not None else None

    def growth(self) -> Growth | None:
        """A proved bound of |f| on the real line, or None."""
        return growth(self.dual.f, {X: 0.0})

    def length_over(self, q: Bracket) -> arb:
        """E f(z)^2 for every q of a bracket."""
        return self._line_over(q, self.dual.f**2, self.length(rational(q.middle)), 1)

    def length_slope_over(self, q: Bracket) -> arb:
        """d/dq E f(z)^2 for every q of a bracket."""
        return self._line_over(q, self.dual.f**2, self.length_slope(rational(q.middle)), 2)

    def chi_over(self, q: Bracket) -> arb:
        """E f'(z)^2 for every q of a bracket."""
        return self._line_over(q, self.dual.slope.f**2, self.chi(rational(q.middle)), 1)

    def kernel_over(self, q: Bracket, c: Fraction) -> arb:
        """E f(u) f(v) at equal variances, for every one of a bracket."""
        middle = rational(q.middle)
        return self._pair_over(q, self.dual.f, self.kernel(middle, middle, rational(c)))

    def slope_over(self, q: Bracket, c: Bracket) -> arb:
        """E f'(u) f'(v) for every variance and every correlation of two brackets, 0 <= c < 1: a power series in c that rises there."""
        middle = rational(q.middle)
        ends = [self.slope(middle, middle, rational(end)) for end in dict.fromkeys((c.low, c.high))]
        with precision(LONG):
            value = ends[0].union(ends[-1])
        return self._pair_over(q, self.dual.slope.f, value)

    def _line_over(self, q: Bracket, g: Any, value: arb, order: int) -> arb:
        """The value at the middle with the room that the bracket takes; `order` is that of the derivative of E g that moves it."""
        if not q.half:
            return value
        return moved(value, q.half, mean_rate(order, q, self._at_top(g**2, q)))

    def _pair_over(self, q: Bracket, f: Any, value: arb) -> arb:
        return moved(value, q.half, pair_rate(q, self._at_top(f**4, q))) if q.half else value

    def _at_top(self, g: Any, q: Bracket) -> arb:
        """An upper bound of E g >= 0 at the upper end of a bracket, from a standard deviation just above it."""
        if g.has(sp.DiracDelta):
            raise NoNumber("a function that jumps has a derivative without a finite mean square")
        sigma = above_root(q.high)
        room = exact(sigma) / exact(q.high).sqrt()  # the density at a variance below sigma^2 is at most so many times that at sigma^2
        key = (g, sigma)
        if key not in self._bounds:
            self._bounds[key] = self.hermite_mean(g, 0, sigma, ROUGH).upper()
        return self._bounds[key] * room

    def _pair(self, dual: Dual, q1: Any, q2: Any, c: Any) -> arb:
        at = {Q1: sp.sympify(q1), Q2: sp.sympify(q2), C: sp.sympify(c)}
        closed = dual.closed if self.closed else None
        if closed is not None and dual.domain.satisfies(at) is True:
            try:
                return self._enclosed(closed, at)
            except NoNumber:  # an integral over an angle is not enclosed up to c = 1
                return self._measured(dual.quantity, at)
        return self._measured(dual.quantity, at)

    def _line(self, dual: Dual, q: Any) -> arb:
        at = {Q: sp.sympify(q)}
        if self.closed and dual.length is not None:
            return self._enclosed(dual.length.end, at)
        return self._measured(dual.length_quantity, at)

    def _enclosed(self, closed: Any, at: dict[Any, Any]) -> arb:
        value = closed.xreplace(at)
        known = {node: self._ball(INTEGRAL.measure(node, {}, self._budget, Stream(0))) for node in value.atoms(sp.Integral)}
        try:
            return enclose(value, {}, digits=self.digits, known=known)
        except FAILURES as error:
            raise NoNumber(str(error)) from error

    def _measured(self, quantity: Any, at: dict[Any, Any]) -> arb:
        return self._ball(CERTIFIED.measure(quantity, at, self._budget, Stream(0)))

    def _ball(self, measured: Any) -> arb:
        if not isinstance(measured, Ball):
            raise NoNumber(getattr(measured, "reason", "the value was not certified"))
        return measured.value


def rational(value: Fraction) -> Any:
    """A fraction for SymPy."""
    return sp.Rational(value.numerator, value.denominator)
