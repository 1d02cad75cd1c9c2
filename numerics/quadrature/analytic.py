"""Functions of one complex variable in balls, for certified integration: values, and whether the function is analytic on a ball.

The integrand is a real expression of a real variable x; here it is continued to complex balls. Nodes without x are enclosed once
over the reals. Asked for an analytic value, a function whose branch cut or kink meets the ball answers "not finite", and
the integrator bisects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp
from flint import acb, arb
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from lemmata.numerics.compile.balls import Balls, Scalar, shorten, to_ball
from lemmata.numerics.compile.errors import CannotEvaluate

EVALUATIONS = 50_000
"""Balls on which one integral may evaluate its function."""

NOWHERE = acb(arb("nan"), arb("nan"))


def _off_real_rays(x: acb, low: int | None, high: int | None) -> bool:
    """Whether a ball avoids the rays of the real axis below `low` and above `high`."""
    if not x.imag.contains(0):
        return True
    return (low is None or x.real > low) and (high is None or x.real < high)


def _cut(function: Callable[[acb], acb], low: int | None, high: int | None) -> Callable[[acb, bool], acb]:
    """A function that is analytic off real rays."""
    return lambda x, analytic: function(x) if not analytic or _off_real_rays(x, low, high) else NOWHERE


def _vertical(function: Callable[[acb], acb]) -> Callable[[acb, bool], acb]:
    """A function that is analytic off the imaginary axis beyond +-i."""
    return lambda x, analytic: function(x) if not analytic or _off_real_rays(x * acb(0, 1), -1, 1) else NOWHERE


def _everywhere(function: Callable[[acb], acb]) -> Callable[[acb, bool], acb]:
    """An entire or meromorphic function: poles give balls that are not finite by themselves."""
    return lambda x, analytic: function(x)


ONE: dict[Any, Callable[[acb, bool], acb]] = {
    **{
        getattr(sp, name): _everywhere(getattr(acb, name))
        for name in ("exp", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch", "erf", "erfc", "erfi")
    },
    **{getattr(sp, name): _everywhere(getattr(acb, name)) for name in ("gamma", "digamma", "sinc")},
    sp.Si: _everywhere(acb.si),
    sp.Shi: _everywhere(acb.shi),
    sp.fresnels: _everywhere(acb.fresnel_s),
    sp.fresnelc: _everywhere(acb.fresnel_c),
    sp.airyai: _everywhere(acb.airy_ai),
    sp.airybi: _everywhere(acb.airy_bi),
    sp.log: lambda x, analytic: x.log(analytic=analytic),
    sp.loggamma: _cut(acb.lgamma, 0, None),
    sp.asin: _cut(acb.asin, -1, 1),
    sp.acos: _cut(acb.acos, -1, 1),
    sp.atanh: _cut(acb.atanh, -1, 1),
    sp.acosh: _cut(acb.acosh, 1, None),
    sp.atan: _vertical(acb.atan),
    sp.asinh: _vertical(acb.asinh),
    sp.Abs: lambda x, analytic: x.real_abs(analytic=analytic),
    sp.sign: lambda x, analytic: x.real_sgn(analytic=analytic),
    sp.floor: lambda x, analytic: x.real_floor(analytic=analytic),
    sp.re: lambda x, analytic: x,
    sp.conjugate: lambda x, analytic: x,
}

INDEXED: dict[Any, Callable[[acb, acb], acb]] = {
    sp.besselj: lambda order, x: x.bessel_j(order),
    sp.besseli: lambda order, x: x.bessel_i(order),
    sp.legendre: lambda n, x: x.legendre_p(n),
    sp.chebyshevt: lambda n, x: x.chebyshev_t(n),
    sp.chebyshevu: lambda n, x: x.chebyshev_u(n),
    sp.hermite: lambda n, x: x.hermite_h(n),
    sp.laguerre: lambda n, x: x.laguerre_l(n),
}
"""Entire in x when the index is a non-negative integer."""


class Analytic:
    """The continuation of an expression in `variable` at the current precision; `f(x, analytic)` as `acb.integral` calls it.

    `values` are the values of everything else. Raises CannotEvaluate for a function that is not in the tables.
    """

    def __init__(self, expr: Any, variable: Any, values: Mapping[Any, Scalar]) -> None:
        self._expr = expr
        self._variable = variable
        self._outside = Balls(values)
        self._constants: dict[Any, acb] = {}
        self._depends: dict[Any, bool] = {}

    def __call__(self, x: acb, analytic: bool) -> acb:
        """The value on a ball, not finite where it is asked to be analytic and is not."""
        memo: dict[Any, acb] = {self._variable: x}
        return self._value(self._expr, memo, analytic)

    def _inside(self, node: Any) -> bool:
        found = self._depends.get(node)
        if found is None:
            found = self._depends[node] = self._variable in node.free_symbols
        return found

    def _value(self, node: Any, memo: dict[Any, acb], analytic: bool) -> acb:
        if node in memo:
            return memo[node]
        if not self._inside(node):
            if node not in self._constants:
                self._constants[node] = acb(to_ball(self._outside.number(node)))
            return self._constants[node]
        value = memo[node] = self._compose(node, memo, analytic)
        return value

    def _compose(self, node: Any, memo: dict[Any, acb], analytic: bool) -> acb:
        def value(part: Any) -> acb:
            return self._value(part, memo, analytic)

        if isinstance(node, (sp.Add, sp.Mul)):
            total = value(node.args[0])
            for arg in node.args[1:]:
                total = total + value(arg) if isinstance(node, sp.Add) else total * value(arg)
            return total
        if isinstance(node, sp.Pow):
            return self._power(node, value, analytic)
        if node.func in ONE:
            return ONE[node.func](value(node.args[0]), analytic)
        if node.func in INDEXED and node.args[0].is_Integer and node.args[0] >= 0:
            return INDEXED[node.func](value(node.args[0]), value(node.args[1]))
        if isinstance(node, (sp.Max, sp.Min)):
            best = value(node.args[0])
            for arg in node.args[1:]:
                other = value(arg)
                best = best.real_max(other, analytic=analytic) if isinstance(node, sp.Max) else best.real_min(other, analytic=analytic)
            return best
        if isinstance(node, sp.Heaviside):
            return value(node.args[0]).real_heaviside(analytic=analytic)
        if isinstance(node, sp.Piecewise):
            return self._piecewise(node, value, memo, analytic)
        raise CannotEvaluate(f"{type(node).__name__} has no continuation to complex balls: {shorten(node)}")

    def _power(self, node: Any, value: Callable[[Any], acb], analytic: bool) -> acb:
        if node.exp.is_Integer:
            return value(node.base) ** int(node.exp)
        if node.exp.is_Rational and node.exp.q == 2:
            return value(node.base).sqrt(analytic=analytic) ** int(node.exp.p)
        exponent = value(node.exp)
        if not self._inside(node.base):
            return (exponent * value(node.base).log()).exp()
        return value(node.base).pow(exponent, analytic=analytic)

    def _piecewise(self, node: Any, value: Callable[[Any], acb], memo: dict[Any, acb], analytic: bool) -> acb:
        """One branch where the real parts decide; else the hull, which is nowhere analytic."""
        found: acb | None = None
        for pair in node.args:
            holds = self._truth(pair.cond, memo, analytic)
            if holds is False:
                continue
            if holds is None and analytic:
                return NOWHERE
            branch = value(pair.expr)
            found = branch if found is None else found.union(branch)
            if holds:
                return found
        return NOWHERE

    def _truth(self, condition: Any, memo: dict[Any, acb], analytic: bool) -> bool | None:
        if isinstance(condition, (BooleanTrue, BooleanFalse)):
            return bool(condition)
        if isinstance(condition, Not):
            inner = self._truth(condition.args[0], memo, analytic)
            return None if inner is None else not inner
        if isinstance(condition, (And, Or)):
            found = [self._truth(arg, memo, analytic) for arg in condition.args]
            absorbing = isinstance(condition, Or)
            return absorbing if absorbing in found else (None if None in found else not absorbing)
        if not isinstance(condition, Relational):
            raise CannotEvaluate(f"the condition {shorten(condition)} cannot be decided on balls")
        difference = (self._value(condition.lhs, memo, analytic) - self._value(condition.rhs, memo, analytic)).real
        if isinstance(condition, (sp.Eq, sp.Ne)):
            apart = difference > 0 or difference < 0
            return isinstance(condition, sp.Ne) if apart else None
        above = isinstance(condition, (sp.Gt, sp.Ge))
        if difference > 0:
            return above
        return not above if difference < 0 else None


def _real_part(value: acb) -> arb:
    if value.is_finite() and not value.imag.contains(0):
        raise CannotEvaluate("the integrand is not real on the whole range")
    return value.real


def integrate(expr: Any, variable: Any, low: Scalar, high: Scalar, values: Mapping[Any, Scalar]) -> arb:
    """The integral over a finite range in a ball at the current precision; not finite where the integrator gave up.

    An exception must not cross the integrator's C code: it is kept, and raised afterwards.

    Raises CannotEvaluate for a function without a continuation.

    >>> x = sp.Symbol("x", real=True)
    >>> integrate(sp.Max(0, x), x, arb(-1), arb(2), {}).contains(2)
    True
    """
    function = Analytic(expr, variable, values)
    left, right = acb(to_ball(low)), acb(to_ball(high))
    met: list[Exception] = []

    def safe(x: acb, analytic: bool) -> acb:
        if met:
            return NOWHERE
        try:
            return function(x, analytic)
        except (CannotEvaluate, ArithmeticError, ValueError) as error:
            met.append(error)
            return NOWHERE

    value = acb.integral(safe, left, right, eval_limit=EVALUATIONS)
    if met:
        raise CannotEvaluate(str(met[0])) from met[0]
    return _real_part(value)
