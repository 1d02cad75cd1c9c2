"""What may serve as an activation: one real variable, real and finite everywhere, with all Gaussian moments."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.derivation import NotApplicable
from lemmata.theory.domain import Domain
from lemmata.theory.exact.defined import unproved_conditions
from lemmata.theory.gaussian import standard_normal
from lemmata.theory.rules.existence import integrable

X = sp.Symbol("x", real=True)
"""The variable of an activation."""

REAL = (
    *(sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.asin, sp.acos, sp.atan, sp.asinh, sp.erf, sp.erfc),
    *(sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise),
)
"""Functions that are real wherever the conditions that `unproved_conditions` lists hold."""


class ActivationError(ValueError):
    """What was given cannot serve as an activation; the message says why."""


def admissible(f: Any) -> Any:
    """`f` as an expression in the symbol `X`, once it is shown to be real, finite and square integrable at every variance.

    `f` is an activation, a function of one SymPy expression, or an expression with one real variable; further symbols are
    parameters of it when it is a function. Raises ActivationError for everything else.

    >>> admissible(lambda x: sp.Max(0, x) ** 2), admissible(sp.tanh(sp.Symbol("t")))
    (Max(0, x)**2, tanh(x))
    """
    expr = sp.sympify(f(X)) if callable(f) and not isinstance(f, sp.Basic) else _in_one_variable(sp.sympify(f))
    if not isinstance(expr, sp.Expr) or expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise ActivationError(f"{f} is not a real function of one variable")
    if expr.has(sp.I):
        raise ActivationError(f"{expr} is complex: an activation is real on the whole line")
    for node in expr.atoms(sp.Function):
        if node.has(X) and not isinstance(node, REAL):
            raise ActivationError(f"{node.func.__name__} is not known to be real and finite on the whole line")
    domain = Domain(tuple(expr.free_symbols | {X}))
    if conditions := unproved_conditions(expr, domain):
        raise ActivationError(f"{expr} is not defined on the whole line: it needs {' and '.join(conditions)}")
    _require_moments(expr)
    return expr


def _in_one_variable(expr: Any) -> Any:
    """The expression in `X`; its one symbol may have any name."""
    symbols = sorted(getattr(expr, "free_symbols", ()), key=str)
    if len(symbols) > 1:
        raise ActivationError(f"an activation has one variable, and {expr} has {len(symbols)}: {', '.join(map(str, symbols))}")
    return expr.subs(symbols[0], X) if symbols and symbols[0] != X else expr


def _require_moments(expr: Any) -> None:
    """E f(sqrt(q) s)^2 must be finite for every q, by the growth of f."""
    q = sp.Symbol("q", positive=True)
    domain = Domain(tuple(expr.free_symbols - {X}) + (q,))
    z = expr.xreplace({X: sp.sqrt(q) * standard_normal()})
    try:
        if not expr.has(X) or integrable(z**2, domain):
            return
    except NotApplicable as error:
        raise ActivationError(str(error)) from error
    steep = [node for node in expr.atoms(sp.exp, sp.sinh, sp.cosh) if node.args[0].is_polynomial(X) and sp.degree(node.args[0], X) > 1]
    if steep:
        raise ActivationError(f"{expr} grows too fast: {steep[0]} has no finite second moment at every variance of a normal law")
    raise ActivationError(f"{expr} is not proved to have finite second moments under every normal law")
