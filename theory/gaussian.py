"""Gaussian pairs and vectors for statements about wide random networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.stats import Normal
from sympy.stats.symbolic_probability import Expectation

from lemmata.theory.rules.local import fresh


@dataclass(frozen=True, slots=True)
class GaussianPair:
    """Two centred jointly normal expressions u, v with Var u = q1, Var v = q2 and correlation c."""

    u: Any
    v: Any

    def __iter__(self) -> Any:
        return iter((self.u, self.v))


def standard_normal(name: str = "s") -> Any:
    """A standard normal variable N(0, 1) of sympy.stats.

    >>> standard_normal("s1")
    s1
    """
    return Normal(name, 0, 1)


def gaussian_pair(q1: Any, q2: Any, c: Any, names: tuple[str, str] = ("s1", "s2")) -> GaussianPair:
    """u = sqrt(q1) s1, v = sqrt(q2) (c s1 + sqrt(1 - c^2) s2) with s1, s2 independent N(0, 1).

    q1 and q2 are variances (not standard deviations), c is a correlation, -1 <= c <= 1.

    >>> q, c = sp.Symbol("q", positive=True), sp.Symbol("c", real=True)
    >>> u, v = gaussian_pair(q, q, c)
    >>> u, v
    (sqrt(q)*s1, sqrt(q)*(c*s1 + sqrt(1 - c**2)*s2))
    """
    s1, s2 = (standard_normal(name) for name in names)
    return GaussianPair(sp.sqrt(q1) * s1, sp.sqrt(q2) * (c * s1 + sp.sqrt(1 - sp.sympify(c) ** 2) * s2))


def mean(function: Any, variance: Any = 1, name: str = "s") -> Any:
    """E f(sqrt(variance) s) with s ~ N(0, 1), unevaluated; `function` maps an expression to an expression.

    >>> from lemmata.theory.activations import relu
    >>> mean(relu, sp.Symbol("q", positive=True))
    Expectation(Max(0, sqrt(q)*s))
    """
    return Expectation(function(sp.sqrt(variance) * standard_normal(name)))


def slope(function: Any, at: Any) -> Any:
    """sigma'(z) at a random expression z: SymPy's derivative, with z put in afterwards.

    >>> from lemmata.theory.activations import relu
    >>> slope(relu, standard_normal())
    Heaviside(s)
    """
    x = fresh("x", at)
    return sp.diff(function(x), x).xreplace({x: at})


def curvature(function: Any, at: Any) -> Any:
    """sigma''(z) at a random expression z."""
    x = fresh("x", at)
    return sp.diff(function(x), x, 2).xreplace({x: at})
