"""Where an expression is continuous and differentiable in one symbol: what "derivative and anchor" stands on.

`regular(expr, x, domain)` holds when, on the interval over which x runs, `expr` is a composition of functions that are
analytic on the open range of their argument and continuous on the closed one, and every such condition is proved by
sign. Its zeros of derivatives, and the points where an inner root or arc function meets the end of its range, are then
isolated, so a derivative that vanishes wherever it exists makes the expression constant on the interval.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NONNEGATIVE, NONZERO, POSITIVE, signs, within_unit

ENTIRE = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.erf, sp.erfc, sp.asinh)
"""Functions that are analytic on the whole real line."""


def regular(expr: Any, x: sp.Symbol, domain: Domain) -> bool:
    """Whether `expr` is continuous in x over its interval, and differentiable there up to isolated points.

    >>> c = sp.Symbol("c", real=True)
    >>> unit = Domain((c,), (c >= -1, c <= 1))
    >>> regular(sp.sqrt(1 - c**2) + c * sp.acos(c), c, unit), regular(sp.floor(c), c, unit), regular(1 / c, c, unit)
    (True, False, False)
    """
    if not expr.has(x):
        return True
    if expr.is_Symbol:
        return True
    if isinstance(expr, sp.Add | sp.Mul):
        return all(regular(arg, x, domain) for arg in expr.args)
    if isinstance(expr, sp.Pow) and not isinstance(expr, sp.exp):
        return _regular_power(expr, x, domain)
    if len(expr.args) != 1 or not regular(expr.args[0], x, domain):
        return False
    inner = expr.args[0]
    if isinstance(expr, ENTIRE):
        return True
    if isinstance(expr, sp.log):
        return signs(inner, domain) <= POSITIVE
    if isinstance(expr, sp.acos | sp.asin):
        return within_unit(inner, domain)
    if isinstance(expr, sp.atanh):
        return signs(1 - inner, domain) <= POSITIVE and signs(1 + inner, domain) <= POSITIVE
    if isinstance(expr, sp.acosh):
        return signs(inner - 1, domain) <= NONNEGATIVE
    if isinstance(expr, sp.gamma | sp.loggamma):
        return signs(inner, domain) <= POSITIVE
    return False


def regular_between_switches(expr: Any, x: sp.Symbol, domain: Domain) -> bool:
    """Whether `expr` is regular in x apart from kinks and jumps whose distributional derivative SymPy knows (Max, sign, ...).

    >>> x = sp.Symbol("x", real=True)
    >>> [regular_between_switches(f, x, Domain((x,))) for f in (sp.Max(0, x) * sp.tanh(x), sp.atan(1 / x), sp.floor(x))]
    [True, False, False]
    """
    from lemmata.theory.pieces import SWITCHES

    names: dict[Any, Any] = {}

    def hide(node: Any) -> Any:
        if isinstance(node, SWITCHES) and node.has(x):
            return names.setdefault(node, sp.Dummy("m", real=True))
        return node.func(*map(hide, node.args)) if node.args and node.has(x) else node

    plain = hide(expr)
    where = Domain((*domain.symbols, x, *names.values()), domain.given)
    if not all(regular(plain, symbol, where) for symbol in (x, *names.values())):
        return False
    return all(regular_between_switches(arg, x, domain) for node in names for arg in node.args if isinstance(arg, sp.Expr))


def _regular_power(expr: sp.Pow, x: sp.Symbol, domain: Domain) -> bool:
    base, exponent = expr.args
    if exponent.has(x):
        return regular(base, x, domain) and regular(exponent, x, domain) and signs(base, domain) <= POSITIVE
    if not regular(base, x, domain):
        return False
    if exponent.is_Integer:
        return bool(exponent > 0) or signs(base, domain) <= NONZERO
    if exponent.is_integer and signs(exponent, domain) <= POSITIVE:
        return True
    if exponent.is_Rational and exponent > 0 or not exponent.is_Rational and signs(exponent, domain) <= POSITIVE:
        return signs(base, domain) <= NONNEGATIVE
    return signs(base, domain) <= POSITIVE


def connected(x: Any) -> bool:
    """Whether the assumptions on a real symbol leave a whole interval: a symbol that is only `nonzero` has two halves.

    >>> z = sp.Symbol("z", real=True, nonzero=True)
    >>> connected(z), connected(sp.Symbol("p", positive=True))
    (False, True)
    """
    if not x.is_real or any(getattr(x, f"is_{name}") is not None for name in ("integer", "rational", "algebraic")):
        return False
    return not x.is_nonzero or bool(x.is_positive or x.is_negative)


def along(x: sp.Symbol, domain: Domain, span: sp.Interval, *, closed: bool) -> Domain:
    """The domain with x free to run over the whole interval (its ends only if `closed`), the other symbols held.

    Every other hypothesis that mentions x is dropped: what is then proved holds on a larger set, which is a full
    interval in x for each value of the other symbols.
    """
    greater, less = (sp.GreaterThan, sp.LessThan) if closed else (sp.StrictGreaterThan, sp.StrictLessThan)
    extra: list[Any] = []
    if span.start.is_finite:
        extra.append((greater if not span.left_open else sp.StrictGreaterThan)(x, span.start))
    if span.end.is_finite:
        extra.append((less if not span.right_open else sp.StrictLessThan)(x, span.end))
    extra = [relation for relation in extra if isinstance(relation, Relational)]
    symbols = domain.symbols if x in domain.symbols else (*domain.symbols, x)
    kept = [hypothesis for hypothesis in domain.given if x not in getattr(hypothesis, "free_symbols", ())]
    return Domain(tuple(symbols), (*kept, *extra))


def anchors(x: sp.Symbol, interval: sp.Interval) -> list[Any]:
    """Points of the closed interval at which an expression is likely to have a known value: 0, the ends, halves."""
    wanted = [sp.Integer(0), interval.start, interval.end, sp.Rational(1, 2), sp.Integer(1), sp.Integer(-1), sp.Integer(2), sp.Integer(3)]
    if interval.start.is_finite and interval.end.is_finite:
        wanted.append((interval.start + interval.end) / 2)
    elif interval.start.is_finite:
        wanted.append(interval.start + 1)
    found: list[Any] = []
    for point in wanted:
        if point.is_finite and point.is_Rational and point not in found and interval.contains(point) is sp.true:
            found.append(point)
    return found
