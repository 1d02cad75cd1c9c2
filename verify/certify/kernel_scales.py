"""Scales: positively homogeneous expressions, and parameters that only multiply a statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from lemmata.numerics.laws import Unsupported


def degree(expr: Any, x: Any) -> Any:
    """The p for which expr(s x) = s^p expr(x) for all s > 0 and all real x, read off the structure; None where none is seen.

    Sums, Max, Min and branches keep a common degree, products add theirs, powers multiply (an integer power, or any power of
    what is not negative), |.| keeps it, signs and steps have degree 0, and so has a comparison of equal degrees.

    >>> x = sp.Symbol("x", real=True)
    >>> degree(sp.Max(0, x) * x**2, x), degree(sp.Heaviside(x), x), degree(sp.tanh(x), x)
    (3, 0, None)
    """
    if expr == x:
        return sp.Integer(1)
    if not expr.has(x):
        return sp.Integer(0)
    if isinstance(expr, sp.Mul):
        parts = [degree(arg, x) for arg in expr.args]
        return None if None in parts else sp.Add(*parts)
    if isinstance(expr, (sp.Add, sp.Max, sp.Min)):
        return _common(expr.args, x)
    if isinstance(expr, sp.Abs):
        return degree(expr.args[0], x)
    if isinstance(expr, (sp.sign, sp.Heaviside)):
        return None if degree(expr.args[0], x) is None else sp.Integer(0)
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational and (expr.exp.is_Integer or expr.base.is_nonnegative):
        inner = degree(expr.base, x)
        return None if inner is None else inner * expr.exp
    if isinstance(expr, sp.Piecewise) and all(_scale_free(pair.cond, x) for pair in expr.args):
        return _common([pair.expr for pair in expr.args], x)
    return None


def _common(parts: Iterable[Any], x: Any) -> Any:
    """The degree that all parts share; 0 has every degree, other parts without x have degree 0."""
    found = {degree(part, x) for part in parts if part != 0}
    return found.pop() if len(found) == 1 else None


def _scale_free(condition: Any, x: Any) -> bool:
    relations = condition.atoms(Relational) if isinstance(condition, sp.Basic) else set()
    return all(_common((relation.lhs, relation.rhs), x) is not None for relation in relations)


def unscaled(exprs: Iterable[Any], scales: Iterable[Any]) -> tuple[list[Any], Any]:
    """Expressions without the positive symbols, and the one positive monomial that was their common factor.

    Raises Unsupported where the expressions are not all the same monomial times something free of the symbols.

    >>> q, c = sp.Symbol("q", positive=True), sp.Symbol("c", real=True)
    >>> unscaled([q * c, sp.sqrt(q**2) / 2, 0], [q])
    ([c, 1/2, 0], q)
    """
    roots = {symbol: sp.Dummy(f"r_{symbol}", positive=True) for symbol in scales}
    parts = [sp.sympify(expr).xreplace({symbol: root**2 for symbol, root in roots.items()}) for expr in exprs]
    if not roots or all(not part.free_symbols & set(roots.values()) for part in parts):
        return parts, sp.Integer(1)
    monomial = next((_monomial(part, roots.values()) for part in parts if not part.is_zero), sp.Integer(1))
    found = []
    for part in parts:
        rest = sp.expand_mul(sp.expand(part, deep=False) / monomial)
        if rest.free_symbols & set(roots.values()):
            rest = sp.cancel(rest)
        if rest.free_symbols & set(roots.values()):
            raise Unsupported("the two sides do not scale alike in the variances")
        found.append(rest)
    return found, monomial.xreplace({root: sp.sqrt(symbol) for symbol, root in roots.items()})


def _monomial(part: Any, roots: Iterable[Any]) -> Any:
    """The powers of the symbols in one of its terms."""
    term = sp.Add.make_args(sp.expand(part))[0]
    powers = term.as_powers_dict()
    monomial = sp.Mul(*(root ** powers.get(root, 0) for root in roots))
    if not all((powers.get(root, sp.Integer(0))).is_number for root in roots):
        raise Unsupported("the two sides do not scale alike in the variances")
    return monomial
