"""Scaling: a statement whose two sides grow alike when positive symbols are stretched needs to be looked at on one slice only.

Replace each symbol x by k^(w_x) x with k > 0. A sum is homogeneous where its terms have one degree, a product and a power by
adding and multiplying degrees, Max, Min and Abs because k is positive, and any other function where its arguments have degree
0. These conditions are linear in the weights w; their solutions are found exactly. Hypotheses must be homogeneous as well
(then k leaves their truth as it is). A positive symbol of weight not 0 is set to 1 by the choice of k.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import POSITIVE, signs

NARROWING = ("integer", "rational", "irrational", "algebraic", "prime", "composite", "even", "odd")
"""Assumptions that a stretched value need not keep."""


class NotHomogeneous(Exception):
    """No weights make the expression homogeneous."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """Both sides over the slice on which the `fixed` symbols are 1; on the whole domain both are `factor` times as large.

    `origin` says what the symbols that are left stand for on the whole domain.
    """

    left: Any
    right: Any
    domain: Domain
    factor: Any
    fixed: tuple[Any, ...] = ()
    origin: Mapping[Any, Any] = field(default_factory=dict)


def scaled(left: Any, right: Any, domain: Domain) -> Scaled:
    """The statement with as many positive symbols as possible set to 1; unchanged where it is not homogeneous.

    >>> q, c = sp.Symbol("q", positive=True), sp.Symbol("c", real=True)
    >>> found = scaled(q * sp.acos(c), q * sp.asin(c), Domain((q, c), (c >= -1, c <= 1)))
    >>> found.left, found.right, found.factor, found.fixed
    (acos(c), asin(c), q, (q,))
    """
    result = Scaled(left, right, domain, sp.Integer(1))
    while (step := _once(result)) is not None:
        result = step
    return result


def _once(statement: Scaled) -> Scaled | None:
    symbols = [s for s in statement.domain.scalars if s in (statement.left.free_symbols | statement.right.free_symbols)]
    found = _weights(statement, symbols)
    if found is None:
        return None
    symbol, weights, degree = found
    one = {symbol: sp.Integer(1)}
    given = tuple(part.xreplace(one) if isinstance(part, sp.Basic) else part for part in statement.domain.given)
    rest = tuple(s for s in statement.domain.symbols if s != symbol)
    own = statement.origin.get(symbol, symbol)
    origin = {s: statement.origin.get(s, s) * own ** -(sp.Rational(weights[s]) / weights[symbol]) for s in symbols if s != symbol}
    factor = statement.factor * own ** (sp.Rational(degree) / weights[symbol])
    left, right = statement.left.xreplace(one), statement.right.xreplace(one)
    return Scaled(left, right, Domain(rest, given), factor, (*statement.fixed, symbol), origin)


def _weights(statement: Scaled, symbols: list[Any]) -> tuple[Any, dict[Any, Any], Any] | None:
    """A positive symbol, weights in which its own is not 0, and the degree of both sides."""
    names = {s: sp.Dummy(f"w_{s}") for s in statement.domain.scalars}
    equations: list[Any] = [names[s] for s in names if any(getattr(s, f"is_{name}") for name in NARROWING)]
    try:
        degree = _same([_degree(side, names, equations) for side in (statement.left, statement.right) if side != 0], equations)
        for part in statement.domain.hypotheses:
            if not isinstance(part, Relational):
                raise NotHomogeneous
            _same([_degree(side, names, equations) for side in (part.lhs, part.rhs) if side != 0], equations)
    except NotHomogeneous:
        return None
    order = list(names.values())
    if not order:
        return None
    matrix = sp.Matrix([[sp.Poly(equation, *order).coeff_monomial(name) for name in order] for equation in equations] or [[0] * len(order)])
    for vector in matrix.nullspace():
        weights = dict(zip(names, vector, strict=True))
        for symbol in symbols:
            if weights[symbol] != 0 and signs(symbol, statement.domain) <= POSITIVE:
                return symbol, weights, sp.sympify(degree).xreplace({names[s]: weight for s, weight in weights.items()})
    return None


def _same(degrees: list[Any], equations: list[Any]) -> Any:
    for degree in degrees[1:]:
        equations.append(sp.expand(degree - degrees[0]))
    return degrees[0] if degrees else sp.Integer(0)


def _degree(expr: Any, names: dict[Any, Any], equations: list[Any]) -> Any:
    """The degree as a linear form in the weights; what it needs is appended to the equations."""
    if expr in names:
        return names[expr]
    if not expr.free_symbols:
        return sp.Integer(0)
    if isinstance(expr, (sp.Add, sp.Max, sp.Min)):
        return _same([_degree(arg, names, equations) for arg in expr.args if arg != 0], equations)
    if isinstance(expr, sp.Mul):
        return sp.Add(*[_degree(arg, names, equations) for arg in expr.args])
    if isinstance(expr, sp.Abs):
        return _degree(expr.args[0], names, equations)
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational:
        return sp.expand(expr.exp * _degree(expr.base, names, equations))
    if isinstance(expr, (sp.Function, sp.Pow)):
        for arg in expr.args:
            equations.append(_degree(arg, names, equations))
        return sp.Integer(0)
    raise NotHomogeneous
