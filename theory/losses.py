r"""Losses whose gradient has a known Lipschitz constant, as expressions in a variable."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction


def logistic(t: Any) -> Any:
    r"""The logistic loss of a margin: log(1 + e^(-t)); its second derivative lies in (0, 1/4].

    >>> logistic(sp.Integer(0))
    log(2)
    """
    return sp.log(1 + sp.exp(-t))


def margin_loss(phi: Any, data: Any, w: Any) -> Any:
    r"""The mean of phi(z_i . w) over the n rows z_i of a matrix: (1/n) 1^T phi(Z w), as a trace.

    `phi` is a function of one SymPy expression, `data` an n x d matrix expression, w a d x 1 one. Raises ValueError when
    the shapes do not fit.

    >>> Z, w = sp.MatrixSymbol("Z", 3, 2), sp.MatrixSymbol("w", 2, 1)
    >>> margin_loss(logistic, Z, w).free_symbols == {Z, w}
    True
    """
    if not callable(phi):
        raise ValueError(f"a margin loss is of a function of one expression, such as logistic, not of {phi!r}")
    for what, value in (("data", data), ("vector of weights", w)):
        if not getattr(value, "is_Matrix", False):
            raise ValueError(
                f"the {what} of a margin loss is a matrix expression, not {value!r}: write a Matrix, MatrixSymbol or DataMatrix"
            )
    rows, cols = data.shape
    if w.shape != (cols, 1):
        raise ValueError(f"margins of {rows} x {cols} data need a vector of shape {cols} x 1, not {w.shape[0]} x {w.shape[1]}")
    t = sp.Symbol("t", real=True)
    return sp.Trace(sp.OneMatrix(1, rows) * ElementwiseApplyFunction(sp.Lambda(t, phi(t)), data * w)) / rows


def parts_of_margin_loss(loss: Any) -> tuple[Any, Any, Any, Any] | None:
    """(phi as a Lambda, Z, w, factor) of a loss factor * 1^T phi(Z w), or None for any other expression.

    >>> Z, w = sp.MatrixSymbol("Z", 3, 2), sp.MatrixSymbol("w", 2, 1)
    >>> phi, data, variable, factor = parts_of_margin_loss(margin_loss(logistic, Z, w))
    >>> data, variable, factor
    (Z, w, 1/3)
    """
    factor, rest = loss.as_independent(sp.Trace, as_Add=False)
    if not isinstance(rest, sp.Trace) or not isinstance(rest.arg, sp.MatMul) or len(rest.arg.args) != 2:
        return None
    ones, applied = rest.arg.args
    if not isinstance(ones, sp.OneMatrix) or not isinstance(applied, ElementwiseApplyFunction):
        return None
    inner = applied.expr
    if not (isinstance(inner, sp.MatMul) and len(inner.args) == 2):
        return None
    return applied.function, inner.args[0], inner.args[1], factor


def saturating(w: Any) -> Any:
    r"""w^2/(1 + w^2): smooth, bounded, not convex; its second derivative (2 - 6 w^2)/(1 + w^2)^3 lies in [-1/2, 2].

    >>> w = sp.Symbol("w", real=True)
    >>> sp.factor(sp.diff(saturating(w), w, 2))
    -2*(3*w**2 - 1)/(w**2 + 1)**3
    """
    return w**2 / (1 + w**2)


def half_square(w: Any, data: Any) -> Any:
    r"""The quadratic loss |B w|^2/2 = tr(w^T B^T B w)/2 of a matrix B: its curvature is B^T B.

    >>> B, w = sp.MatrixSymbol("B", 3, 2), sp.MatrixSymbol("w", 2, 1)
    >>> half_square(w, B)
    Trace(w.T*B.T*B*w)/2
    """
    if not all(getattr(value, "is_Matrix", False) for value in (w, data)):
        raise ValueError(f"a half square is of a matrix of data and a vector, not of {data!r} and {w!r}")
    return sp.Trace(w.T * data.T * data * w) / 2
