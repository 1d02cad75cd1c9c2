"""Unbounded symbols replaced by bounded ones: x = a + t/(1 - t) maps [0, 1) onto [a, oo), x = t/(1 - t^2) maps (-1, 1) onto the line.

Where the sides have limits at infinity they are then continuous up to t = 1, once the fractions are reduced: what is rational is
cancelled, and roots of one product are put under one root before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from lemmata.theory.domain import Domain
from lemmata.theory.exact.signs import NONNEGATIVE, POSITIVE, signs
from lemmata.verify.certify.statement import Statement, divides_safely

LARGEST = 300
"""Sides with more operations than this are not rewritten."""


def compactified(statement: Statement) -> Statement | None:
    """The statement with every unbounded symbol replaced; None where there is none, the sides are too long, or divide by what may be 0.

    >>> from lemmata.verify.claim import Relation
    >>> q = sp.Symbol("q", positive=True)
    >>> found = compactified(Statement(2 * q / (1 + 2 * q), sp.Integer(1), Relation.LE, Domain((q,))))
    >>> found.left, found.back
    (2*q/(q + 1), {q: q/(1 - q)})
    """
    symbols = sorted(statement.left.free_symbols | statement.right.free_symbols, key=str)
    spans = {symbol: statement.domain.spans[symbol] for symbol in symbols}
    endless = [symbol for symbol, span in spans.items() if not (span.lower.is_finite and span.upper.is_finite)]
    if not endless or sp.count_ops(statement.left) + sp.count_ops(statement.right) > LARGEST or not divides_safely(statement):
        return None
    back, bounds = {}, []
    for symbol in endless:
        span, t = spans[symbol], sp.Symbol(str(symbol), real=True)
        if not span.lower.is_finite and not span.upper.is_finite:
            back[symbol], low, strict = t / (1 - t**2), sp.Integer(-1), True
        elif span.upper.is_finite:
            back[symbol], low, strict = span.upper - t / (1 - t), sp.Integer(0), span.right_open
        else:
            back[symbol], low, strict = span.lower + t / (1 - t), sp.Integer(0), span.left_open
        bounds += [t < 1, t > low if strict else t >= low]
    given = [part.xreplace(back) if isinstance(part, sp.Basic) else part for part in statement.domain.given]
    kept = [part for part, old in zip(given, statement.domain.given, strict=True) if not _univariate(old, endless)]
    domain = Domain(
        (*(s for s in statement.domain.symbols if s not in back), *(next(iter(e.free_symbols)) for e in back.values())), (*kept, *bounds)
    )
    left, right = (reduced(side.xreplace(back), domain) for side in (statement.left, statement.right))
    return replace(statement, left=left, right=right, domain=domain, back=back)


def _univariate(part: Any, endless: list[Any]) -> bool:
    """Whether a hypothesis is a bound on one replaced symbol, which the new interval says already."""
    return isinstance(part, sp.Basic) and len(part.free_symbols) == 1 and part.free_symbols <= set(endless) and _affine(part)


def _affine(part: Any) -> bool:
    (symbol,) = part.free_symbols
    sides = (getattr(part, "lhs", None), getattr(part, "rhs", None))
    return symbol in sides and all(side is not None and (side == symbol or side.is_number) for side in sides)


def reduced(expr: Any, domain: Domain) -> Any:
    """An equal expression with its rational parts cancelled and its roots put together, where their bases are proved nonnegative."""
    if expr.is_Atom or not expr.free_symbols:
        return expr
    expr = expr.func(*(reduced(arg, domain) for arg in expr.args))
    if isinstance(expr, sp.Mul):
        expr = _one_root(expr, domain)
    if isinstance(expr, (sp.Add, sp.Mul, sp.Pow)) and expr.is_rational_function(*expr.free_symbols):
        return sp.factor(sp.cancel(sp.together(expr)))
    return expr


def _one_root(expr: Any, domain: Domain) -> Any:
    """sqrt(a) sqrt(b)/sqrt(c) = sqrt(a b/c) for a, b >= 0 and c > 0."""
    half = sp.Rational(1, 2)
    roots = [arg for arg in expr.args if isinstance(arg, sp.Pow) and abs(arg.exp) == half]
    if len(roots) < 2:
        return expr
    if not all(signs(arg.base, domain) <= (NONNEGATIVE if arg.exp == half else POSITIVE) for arg in roots):
        return expr
    under = sp.factor(sp.cancel(sp.Mul(*[arg.base if arg.exp == half else 1 / arg.base for arg in roots])))
    return sp.Mul(*[arg for arg in expr.args if arg not in roots], sp.sqrt(under))
