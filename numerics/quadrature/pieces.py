"""Kinks and jumps: where they lie, and the smooth function between them.

A switch is a node whose value is one of several smooth branches (Max, Min, Abs, sign, Heaviside, Piecewise). Its
boundaries are zeros of differences of branches; `boundaries` lists those of a whole expression, nested switches
included, as smooth expressions, and `resolve` replaces every switch by the branch it takes at a point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations, product
from typing import Any

import sympy as sp
from flint import acb, arb, fmpz_poly
from sympy.core.relational import Relational

from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.holomorphic import compile_holomorphic, constant

SWITCHES = (sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside, sp.Piecewise)
MOST_BRANCHES = 64


def has_switch(expr: Any) -> bool:
    """Whether an expression has kinks or jumps left in it."""
    return bool(expr.has(*SWITCHES))


def branches(expr: Any) -> list[Any]:
    """The smooth expressions that `expr` may be, whatever its switches do; raises Unsupported beyond 64 of them.

    >>> x = sp.Symbol("x", real=True)
    >>> branches(sp.Max(0, x) + 1)
    [1, x + 1]
    """
    if not has_switch(expr):
        return [expr]
    found: Iterable[Any]
    if isinstance(expr, (sp.Max, sp.Min)):
        found = [branch for arg in expr.args for branch in branches(arg)]
    elif isinstance(expr, sp.Abs):
        found = [signed for branch in branches(expr.args[0]) for signed in (branch, -branch)]
    elif isinstance(expr, sp.sign):
        found = [sp.Integer(-1), sp.Integer(1)]
    elif isinstance(expr, sp.Heaviside):
        found = [sp.Integer(0), sp.Integer(1)]
    elif isinstance(expr, sp.Piecewise):
        found = [branch for value, _ in expr.args for branch in branches(value)]
    else:
        found = (expr.func(*choice) for choice in product(*(branches(arg) for arg in expr.args)))
    distinct: dict[Any, None] = {}
    for branch in found:
        distinct[branch] = None
        if len(distinct) > MOST_BRANCHES:
            raise Unsupported(f"an integrand with more than {MOST_BRANCHES} branches")
    return list(distinct)


def boundaries(expr: Any) -> list[Any]:
    """Smooth expressions at whose zeros, and nowhere else, the integrand may have a kink or a jump."""
    found: dict[Any, None] = {}
    for node in sp.postorder_traversal(expr):
        if isinstance(node, (sp.Max, sp.Min)):
            pairs = [first - second for first, second in combinations(node.args, 2)]
        elif isinstance(node, (sp.Abs, sp.sign, sp.Heaviside)):
            pairs = [node.args[0]]
        elif isinstance(node, sp.Piecewise):
            pairs = [part.lhs - part.rhs for _, condition in node.args for part in condition.atoms(Relational)]
        else:
            continue
        for pair in pairs:
            for branch in branches(pair):
                for factor in _factors(branch):
                    found[factor] = None
    return list(found)


def _factors(expr: Any) -> list[Any]:
    """A product vanishes where one of its factors does; positive powers as their base."""
    found = []
    for factor in sp.Mul.make_args(expr):
        base, exponent = factor.as_base_exp()
        base = base if exponent.is_Integer and exponent.is_positive else factor
        if base.free_symbols:
            found.append(base)
    return found


def linear(expr: Any, variables: list[Any]) -> tuple[list[Any], Any] | None:
    """Coefficients and constant term of a linear expression, exactly, else None.

    >>> x, y = sp.symbols("x y", real=True)
    >>> linear(2 * x - y + 3, [x, y])
    ([2, -1], 3)
    """
    found = _linear(expr, tuple(variables))
    return None if found is None else (list(found[0]), found[1])


@lru_cache(maxsize=4096)
def _linear(expr: Any, variables: tuple[Any, ...]) -> tuple[tuple[Any, ...], Any] | None:
    """The same for values that a cache can keep; with rational coefficients they are read off the terms."""
    if not expr.is_polynomial(*variables):
        return None
    coefficients: dict[Any, Any] = dict.fromkeys((*variables, sp.S.One), sp.S.Zero)
    for term in sp.Add.make_args(expr):
        number, rest = term.as_coeff_Mul(rational=True)
        if rest not in coefficients:
            break
        coefficients[rest] += number
    else:
        return tuple(coefficients[variable] for variable in variables), coefficients[sp.S.One]
    poly = sp.Poly(sp.expand(expr), *variables)
    if poly.total_degree() > 1:
        return None
    return tuple(poly.coeff_monomial(variable) for variable in variables), poly.coeff_monomial(1)


def real_roots(expr: Any, variable: Any) -> list[arb] | None:
    """Enclosures of every real zero of a boundary in one variable: linear, or a polynomial with rational coefficients.

    None for other expressions; multiple zeros come once.
    """
    straight = linear(expr, [variable])
    if straight is not None:
        slope, offset = constant(straight[0][0]), constant(straight[1])
        if slope.contains(0):
            return [] if slope.is_zero() else None
        return [-offset / slope]
    if not expr.is_polynomial(variable):
        return None
    poly = sp.Poly(sp.expand(expr), variable)
    if not all(coefficient.is_Rational for coefficient in poly.coeffs()):
        return None
    _, whole = poly.clear_denoms(convert=True)
    found: Any = fmpz_poly([int(value) for value in reversed(whole.all_coeffs())]).complex_roots()
    return [_real(root) for root, _ in found if _imaginary(root).contains(0)]


def resolve(expr: Any, at: Mapping[Any, arb]) -> Any:
    """The smooth expression that `expr` is near a point off every boundary; raises Unsupported where a sign cannot be told."""
    if not has_switch(expr):
        return expr
    if isinstance(expr, (sp.Max, sp.Min)):
        parts = [resolve(arg, at) for arg in expr.args]
        best = parts[0]
        for part in parts[1:]:
            larger = _sign(part - best, at) > 0
            best = part if larger == isinstance(expr, sp.Max) else best
        return best
    if isinstance(expr, sp.Abs):
        inner = resolve(expr.args[0], at)
        return inner if _sign(inner, at) >= 0 else -inner
    if isinstance(expr, sp.sign):
        return sp.Integer(_sign(resolve(expr.args[0], at), at))
    if isinstance(expr, sp.Heaviside):
        return sp.Integer(int(_sign(resolve(expr.args[0], at), at) > 0))
    if isinstance(expr, sp.Piecewise):
        for value, condition in expr.args:
            if _holds(condition, at):
                return resolve(value, at)
        raise Unsupported(f"{expr} has no value everywhere: give it a last branch with True")
    return expr.func(*(resolve(arg, at) for arg in expr.args))


def _holds(condition: Any, at: Mapping[Any, arb]) -> bool:
    if condition in (True, sp.true):
        return True
    if condition in (False, sp.false):
        return False
    if isinstance(condition, sp.And):
        return all(_holds(part, at) for part in condition.args)
    if isinstance(condition, sp.Or):
        return any(_holds(part, at) for part in condition.args)
    if isinstance(condition, sp.Not):
        return not _holds(condition.args[0], at)
    if isinstance(condition, (sp.Eq, sp.Ne)):
        difference = resolve(condition.lhs - condition.rhs, at)
        return (_sign(difference, at) == 0) == isinstance(condition, sp.Eq)
    if isinstance(condition, (sp.Gt, sp.Ge, sp.Lt, sp.Le)):
        sign = _sign(resolve(condition.lhs - condition.rhs, at), at)
        return (
            sign > 0
            if isinstance(condition, sp.Gt)
            else sign >= 0
            if isinstance(condition, sp.Ge)
            else (sign < 0 if isinstance(condition, sp.Lt) else sign <= 0)
        )
    raise Unsupported(f"the condition {condition} has no boundary that could be found")


def _sign(expr: Any, at: Mapping[Any, arb]) -> int:
    """The sign at a point; 0 only for an expression that is identically zero."""
    if expr.is_zero:
        return 0
    variables = list(at)
    value = compile_holomorphic(expr, variables)([acb(at[variable]) for variable in variables], False).real
    if value > 0:
        return 1
    if value < 0:
        return -1
    if sp.expand(expr).is_zero:
        return 0
    raise Unsupported(f"the sign of {expr} cannot be told between two kinks")


def _real(root: Any) -> arb:
    return root if isinstance(root, arb) else root.real


def _imaginary(root: Any) -> arb:
    return arb(0) if isinstance(root, arb) else root.imag
