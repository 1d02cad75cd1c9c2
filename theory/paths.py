r"""Paths between two random vectors: the straight line, and the arc that keeps a centred normal law."""

from __future__ import annotations

from typing import Any

import sympy as sp


def linear_path(start: Any, end: Any, time: Any) -> Any:
    r"""The straight line from X at t = 0 to Y at t = 1.

    $$(1 - t) X + t Y$$

    X and Y are vectors of one shape, or scalars. Source: Yarotsky's lecture, linear and arc connection of two networks.

    >>> from sympy import symbols
    >>> x, y, t = symbols("x y t", real=True)
    >>> linear_path(x, y, t)
    t*y + x*(1 - t)
    """
    return (1 - time) * start + time * end


def arc_path(start: Any, end: Any, time: Any) -> Any:
    r"""The quarter of an ellipse from X at t = 0 to Y at t = 1.

    $$\cos(\pi t/2)\, X + \sin(\pi t/2)\, Y$$

    X and Y are vectors of one shape, or scalars. Source: Yarotsky's lecture, linear and arc connection of two networks.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> arc_path(x, y, 0), arc_path(x, y, 1)
    (x, y)
    """
    angle = sp.pi * time / 2
    return sp.cos(angle) * start + sp.sin(angle) * end
