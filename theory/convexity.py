"""Convexity read off the shape of an expression: sums, maxima, even powers and exponentials of affine functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp


def convex_by_shape(expr: Any, variables: Iterable[Any]) -> bool:
    r"""Whether an expression is convex in its variables jointly, by the calculus of convex functions; False says only "not seen".

    $$\text{affine},\quad \sum_i a_i f_i\ (a_i \ge 0),\quad \max_i f_i,\quad |\ell|,\quad \ell^{2k},\quad e^{f},\quad
    \log\Big(a + \sum_i a_i e^{\ell_i}\Big)$$

    with convex f, affine l and nonnegative constants a. Each is convex by Boyd and Vandenberghe (2004), section 3.2 and (for the
    logarithm of a sum of exponentials) section 3.1.5. Constants are numbers; symbols other than the variables are numbers unless they
    multiply a function that is not affine.

    >>> p, q, y = sp.symbols("p q y", real=True)
    >>> convex_by_shape((p - y) ** 2 + 3 * abs(q - p), (p, q)), convex_by_shape(sp.log(1 + sp.exp(-p * y)), (p,))
    (True, True)
    >>> convex_by_shape(-(p**2), (p,)), convex_by_shape(p * q, (p, q)), convex_by_shape(p**2 / (1 + p**2), (p,))
    (False, False, False)
    """
    return _convex(sp.sympify(expr), tuple(variables))


def checked_loss(loss: Callable[[Any, Any], Any], outputs: int, asks: str) -> Any:
    """The loss of one example as a Lambda of its predictions and targets; `asks` names what needs it to be convex.

    Raises ValueError, in one line, where the function fails on symbols (code that computes with numbers), where it returns no
    expression in the predictions and targets alone, and where that is not seen to be convex.

    >>> checked_loss(lambda p, y: (p[0] - y[0]) ** 2, 1, "the path")
    Lambda((p, y), (p - y)**2)
    >>> checked_loss(lambda p, y: abs(float(p[0])), 1, "the path")
    Traceback (most recent call last):
    ValueError: the loss fails on symbols (TypeError: Cannot convert expression to float): write it with SymPy's functions, not as code
    """
    p = (sp.Symbol("p", real=True),) if outputs == 1 else sp.symbols(f"p_1:{outputs + 1}", real=True)
    y = (sp.Symbol("y", real=True),) if outputs == 1 else sp.symbols(f"y_1:{outputs + 1}", real=True)
    try:
        expr = sp.sympify(loss(p, y))
    except Exception as error:  # the border to a function of the user's: named, never swallowed
        told = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        raise ValueError(f"the loss fails on symbols ({told}): write it with SymPy's functions, not as code") from error
    if not isinstance(expr, sp.Expr) or expr.free_symbols - {*p, *y}:
        raise ValueError(f"the loss {expr} is no expression in the predictions and targets alone")
    if not convex_by_shape(expr, p):
        raise ValueError(f"the loss {expr} is not seen to be convex in its predictions: {asks} needs a convex loss")
    return sp.Lambda((*p, *y), expr)


def _convex(expr: Any, variables: tuple[Any, ...]) -> bool:
    if _affine(expr, variables):
        return True
    if isinstance(expr, (sp.Add, sp.Max)):
        return all(_convex(part, variables) for part in expr.args)
    if isinstance(expr, sp.Mul):
        constant, rest = expr.as_independent(*variables, as_Add=False)
        return bool(constant.is_nonnegative) and not isinstance(rest, sp.Mul) and _convex(rest, variables)
    if isinstance(expr, sp.Abs):
        return _affine(expr.args[0], variables)
    if isinstance(expr, sp.exp):
        return _convex(expr.args[0], variables)
    if isinstance(expr, sp.Pow):
        return bool(expr.exp.is_Integer and expr.exp > 0 and expr.exp % 2 == 0) and _affine(expr.base, variables)
    if isinstance(expr, sp.log):
        return all(_exponential(term, variables) for term in sp.Add.make_args(expr.args[0]))
    return False


def _affine(expr: Any, variables: tuple[Any, ...]) -> bool:
    if not expr.has(*variables):
        return expr.is_real is not False
    return bool(expr.is_polynomial(*variables)) and sp.Poly(expr, *variables).total_degree() <= 1


def _exponential(term: Any, variables: tuple[Any, ...]) -> bool:
    """Whether a term is a nonnegative constant times e to the power of an affine function."""
    constant, rest = term.as_independent(*variables, as_Add=False)
    inside = rest == 1 or (isinstance(rest, sp.exp) and _affine(rest.args[0], variables))
    return bool(constant.is_nonnegative) and inside
