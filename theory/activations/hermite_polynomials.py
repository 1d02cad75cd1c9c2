"""Hermite polynomials, orthonormal for the normal law; the third unless another degree is told."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.activations.registry import Activation


def _probabilists(degree: int, x: Any) -> Any:
    """He_degree(x) by the three-term recurrence; raises ValueError for a negative degree.

    >>> _probabilists(3, sp.Symbol("x"))
    x**3 - 3*x
    """
    if degree < 0:
        raise ValueError(f"a Hermite polynomial has a degree of 0 or more, not {degree}")
    before, current = sp.Integer(0), sp.Integer(1)
    for n in range(degree):
        before, current = current, sp.expand(x * current - n * before)
    return current


def _hermite(x: Any, degree: Any = sp.Integer(3)) -> Any:
    """He_n(x)/sqrt(n!), with He_(n+1) = x He_n - n He_(n-1), so that E[h_m(s) h_n(s)] = 1 if m = n, else 0.

    >>> _hermite(sp.Symbol("x"), sp.Integer(2))
    sqrt(2)*(x**2 - 1)/2
    """
    return _probabilists(int(degree), x) / sp.sqrt(sp.factorial(degree))


hermite = Activation("hermite", _hermite, growth=3, source="Daniely, Frostig & Singer (2016), section 4.2, Hermite polynomials")
