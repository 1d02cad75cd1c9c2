"""Certified numbers of an activation: closed forms in balls where there are any, certified integrals elsewhere."""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import arb
from sympy.stats.symbolic_probability import Expectation

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.errors import FAILURES
from lemmata.numerics.instruments.certified_mean import INSTRUMENT as CERTIFIED
from lemmata.numerics.instruments.integral import INSTRUMENT as INTEGRAL
from lemmata.numerics.measurement import Ball
from lemmata.numerics.streams import Stream
from lemmata.theory.gaussian import standard_normal
from lemmata.theory.kernels.admissible import X
from lemmata.theory.kernels.duals import Q1, Q2, C, Dual, Q


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
        self._budget = Budget(digits=digits)

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
        return self._line(self.dual.slope, q)

    def length_slope(self, q: Any) -> arb:
        """d/dq E[f(z)^2] = E[f'^2 + f f''](z), from the closed form where there is one."""
        if self.closed and self.dual.length is not None:
            return self._enclosed(sp.diff(self.dual.length.end, Q), {Q: q})
        f = self.dual.f
        integrand = sp.diff(f, X) ** 2 + f * sp.diff(f, X, 2)
        if integrand.has(sp.DiracDelta):
            raise NoNumber("the activation has kinks and no closed form: the slope of its length map is not certified")
        return self._measured(Expectation(integrand.xreplace({X: sp.sqrt(Q) * standard_normal()})), {Q: q})

    def _pair(self, dual: Dual, q1: Any, q2: Any, c: Any) -> arb:
        at = {Q1: sp.sympify(q1), Q2: sp.sympify(q2), C: sp.sympify(c)}
        closed = dual.closed if self.closed else None
        if closed is not None and dual.domain.satisfies(at) is True:
            return self._enclosed(closed, at)
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
