"""Integrands as functions of complex balls, which is what certified quadrature evaluates.

A compiled integrand takes complex balls for its variables and the flag `analytic`; with the flag set it returns a
non-finite ball wherever the function might not be holomorphic on the balls (branch cuts, kinks, jumps), as
`acb.integral` asks. Constants are enclosed at the precision in force when the integrand is compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import flint
import sympy as sp
from flint import acb, arb

from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.laws import Unsupported

Function = Callable[[Sequence[Any], bool], Any]
"""Balls of the variables and the flag `analytic` to the ball of the value; complex ones, or real ones throughout."""

NOWHERE = acb("nan")


def constant(value: Any) -> arb:
    """A closed real number as a ball at the working precision; raises Unsupported where it has no enclosure."""
    value = sp.sympify(value)
    if value.is_Rational:
        return arb(int(value.p)) / int(value.q)
    try:
        ball = enclose(value, {}, digits=max(15, int(flint.ctx.prec * 0.30103)))
    except CannotEvaluate as reason:
        raise Unsupported(f"the number {value} has no enclosure: {reason}") from reason
    if not ball.is_finite():
        raise Unsupported(f"the number {value} is not finite")
    return ball


def without_removable(expr: Any) -> Any:
    """The same function of real variables with tanh(log(1 + e^z)) as 1 - 2 p^2/(1 + p^2), p = 1/(1 + e^z) = (1 - tanh(z/2))/2.

    That form has no branch points, and its balls stay small where e^z is large.

    >>> x = sp.Symbol("x", real=True)
    >>> without_removable(sp.tanh(sp.log(1 + sp.exp(2 * x))))
    -2*(1/2 - tanh(x)/2)**2/((1/2 - tanh(x)/2)**2 + 1) + 1
    """
    if not (expr.has(sp.tanh) and expr.has(sp.log)):
        return expr

    def removable(node: Any) -> bool:
        return isinstance(node, sp.tanh) and isinstance(node.args[0], sp.log) and isinstance(node.args[0].args[0] - 1, sp.exp)

    def written(node: Any) -> Any:
        square = (sp.S.Half - sp.tanh((node.args[0].args[0] - 1).args[0] / 2) / 2) ** 2
        return 1 - 2 * square / (1 + square)

    return expr.replace(removable, written)


def compile_holomorphic(expr: Any, variables: Sequence[Any], *, real: bool = False) -> Function:
    """The integrand as a function of complex balls, one a variable; with `real`, of real balls (twice as fast, no kinks).

    Kinks that are left in (Max, Abs, Heaviside, Piecewise, ...) are evaluated rigorously on real balls and flagged as
    not analytic where a ball meets them. Raises Unsupported for a function without a rule.

    >>> x = sp.Symbol("x", real=True)
    >>> f = compile_holomorphic(sp.tanh(x) ** 2, [x])
    >>> f([acb(1)], False).real.overlaps(arb(1).tanh() ** 2)
    True
    """
    places = {variable: index for index, variable in enumerate(variables)}
    memo: dict[Any, Function] = {}

    def build(node: Any) -> Function:
        if node not in memo:
            memo[node] = _node(node, places, build, real)
        return memo[node]

    return build(sp.sympify(expr))


def _node(node: Any, places: dict[Any, int], build: Callable[[Any], Function], real: bool) -> Function:
    if node in places:
        index = places[node]
        return lambda x, _: x[index]
    if node is sp.I:
        return _fixed(acb(0, 1))
    if not node.free_symbols and not node.has(sp.I):
        return _fixed(constant(node) if real else acb(constant(node)))
    if node.is_Add:
        return _sum([build(arg) for arg in node.args])
    if node.is_Mul:
        return _product([build(arg) for arg in node.args])
    if node.is_Pow:
        return _power(node, build, real)
    if isinstance(node, sp.Piecewise):
        return _piecewise(node, build)
    if isinstance(node, (sp.Max, sp.Min)):
        return _extreme(node, build)
    rule = _FUNCTIONS.get(type(node))
    if rule is None:
        raise Unsupported(f"certified integrals have no rule for {type(node).__name__}")
    if isinstance(node, sp.log) and isinstance(node.args[0] - 1, sp.exp) and not real:
        return _softplus(build((node.args[0] - 1).args[0]))
    inner = build(node.args[0])
    if real:
        rule = _REAL.get(type(node), rule)
    return lambda x, analytic: rule(inner(x, analytic), analytic)


def _fixed(value: Any) -> Function:
    return lambda x, analytic: value


def _sum(parts: list[Function]) -> Function:
    if len(parts) == 2:
        first, second = parts
        return lambda x, analytic: first(x, analytic) + second(x, analytic)

    def total(x: Sequence[acb], analytic: bool) -> acb:
        value = parts[0](x, analytic)
        for part in parts[1:]:
            value = value + part(x, analytic)
        return value

    return total


def _product(parts: list[Function]) -> Function:
    if len(parts) == 2:
        first, second = parts
        return lambda x, analytic: first(x, analytic) * second(x, analytic)

    def total(x: Sequence[acb], analytic: bool) -> acb:
        value = parts[0](x, analytic)
        for part in parts[1:]:
            value = value * part(x, analytic)
        return value

    return total


def _power(node: Any, build: Callable[[Any], Function], real: bool) -> Function:
    base, exponent = node.args
    if base is sp.E:
        inner = build(exponent)
        return lambda x, analytic: inner(x, analytic).exp()
    inner = build(base)
    if exponent.is_Integer:
        power = int(exponent)
        return lambda x, analytic: inner(x, analytic) ** power
    if exponent == sp.S.Half:
        if real:
            return lambda x, analytic: inner(x, analytic).sqrt()
        return lambda x, analytic: inner(x, analytic).sqrt(analytic=analytic)
    if exponent.free_symbols and not (base.is_number and base.is_positive):
        raise Unsupported(f"certified integrals have no rule for the power {node}")
    above = build(exponent)
    if real:
        return lambda x, analytic: (above(x, analytic) * inner(x, analytic).log()).exp()
    return lambda x, analytic: (above(x, analytic) * inner(x, analytic).log(analytic=analytic)).exp()


def _extreme(node: Any, build: Callable[[Any], Function]) -> Function:
    parts = [build(arg) for arg in node.args]
    largest = isinstance(node, sp.Max)

    def extreme(x: Sequence[acb], analytic: bool) -> acb:
        value = parts[0](x, analytic)
        for part in parts[1:]:
            other = part(x, analytic)
            value = value.real_max(other, analytic) if largest else value.real_min(other, analytic)
        return value

    return extreme


def _piecewise(node: Any, build: Callable[[Any], Function]) -> Function:
    """sum of branch * indicator, from the last branch up; indicators of relations by `real_heaviside`."""
    branches = [(build(value), _condition(condition, build)) for value, condition in node.args]

    def piecewise(x: Sequence[acb], analytic: bool) -> acb:
        result: acb | None = None
        for value, condition in reversed(branches):
            holds = condition(x, analytic)
            here = value(x, analytic)
            if holds == 1:
                result = here
            elif result is None:
                return NOWHERE
            elif not holds.is_zero():  # `holds != 0` would ask whether they surely differ, which [0, 1] and 0 do not
                result = NOWHERE if analytic or not holds.is_finite() else here.union(result)
        return NOWHERE if result is None else result

    return piecewise


def _condition(condition: Any, build: Callable[[Any], Function]) -> Function:
    """1 where it holds on the whole ball, 0 where it fails on it, anything else in between (a boundary has measure zero)."""
    if condition in (True, sp.true):
        return _fixed(acb(1))
    if condition in (False, sp.false):
        return _fixed(acb(0))
    if isinstance(condition, sp.And):
        return _product([_condition(part, build) for part in condition.args])
    if isinstance(condition, sp.Or):
        parts = [_condition(part, build) for part in condition.args]
        return lambda x, analytic: 1 - _product([_complement(part) for part in parts])(x, analytic)
    if isinstance(condition, sp.Not):
        return _complement(_condition(condition.args[0], build))
    if isinstance(condition, (sp.Gt, sp.Ge)):
        difference = build(condition.lhs - condition.rhs)
        return lambda x, analytic: difference(x, analytic).real_heaviside(analytic)
    if isinstance(condition, (sp.Lt, sp.Le)):
        difference = build(condition.rhs - condition.lhs)
        return lambda x, analytic: difference(x, analytic).real_heaviside(analytic)
    raise Unsupported(f"certified integrals cannot split at the condition {condition}")


def _complement(part: Function) -> Function:
    return lambda x, analytic: 1 - part(x, analytic)


def _softplus(inner: Function) -> Function:
    """log(1 + e^z) continued from the real line: for Re z > 0 it is z + log(1 + e^-z), which has no branch points there."""

    def softplus(x: Sequence[acb], analytic: bool) -> acb:
        z = inner(x, analytic)
        return z + (1 + (-z).exp()).log(analytic=analytic) if z.real > 0 else (1 + z.exp()).log(analytic=analytic)

    return softplus


def _atan(z: acb, analytic: bool) -> acb:
    """Its cuts are on the imaginary axis beyond +-i; flint's own atan has no flag for them."""
    if analytic and z.real.contains(0) and not z.imag.abs_upper() < 1:
        return NOWHERE
    return z.atan()


def _asinh(z: acb, analytic: bool) -> acb:
    if analytic and z.real.contains(0) and not z.imag.abs_upper() < 1:
        return NOWHERE
    return z.asinh()


_FUNCTIONS: dict[Any, Callable[[acb, bool], acb]] = {
    sp.exp: lambda z, _: z.exp(),
    sp.log: lambda z, analytic: z.log(analytic=analytic),
    sp.sin: lambda z, _: z.sin(),
    sp.cos: lambda z, _: z.cos(),
    sp.tan: lambda z, _: z.tan(),
    sp.sinh: lambda z, _: z.sinh(),
    sp.cosh: lambda z, _: z.cosh(),
    sp.tanh: lambda z, _: z.tanh(),
    sp.sech: lambda z, _: z.sech(),
    sp.sinc: lambda z, _: z.sinc(),
    sp.erf: lambda z, _: z.erf(),
    sp.erfc: lambda z, _: z.erfc(),
    sp.gamma: lambda z, _: z.gamma(),
    sp.atan: _atan,
    sp.asinh: _asinh,
    sp.Abs: lambda z, analytic: z.real_abs(analytic),
    sp.sign: lambda z, analytic: z.real_sgn(analytic),
    sp.Heaviside: lambda z, analytic: z.real_heaviside(analytic),
}
"""Functions of one argument, each with the flag where it has cuts, kinks or jumps."""

_REAL: dict[Any, Callable[[Any, bool], Any]] = {
    sp.log: lambda z, _: z.log(),
    sp.atan: lambda z, _: z.atan(),
    sp.asinh: lambda z, _: z.asinh(),
}
"""The same on real balls, where a function's rule above needs a complex one."""
