"""Means that do not exist, where that can be proved."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.numerics.laws import Source
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.pieces import has_switch, real_roots


class Divergent(Exception):
    """The integral of |f| is infinite, or that of f has no value; the message says why."""


def check_divergence(expr: Any, sources: list[Source]) -> None:
    """Raise Divergent for an expression in one source whose mean is proved not to exist; silence proves nothing.

    Three cases: a sum of polynomial times exp(polynomial) that grows past the normal (or exponential) density; a
    rational function with a real pole inside the support; a polynomial of a degree that Student's law has no moment of.
    """
    used = [source for source in sources if source.variable in expr.free_symbols]
    if len(used) != 1 or has_switch(expr):
        return
    source = used[0]
    if source.is_normal or source.family == "Exponential":
        _fast_growth(expr, source)
    _pole(expr, source)
    _student(expr, source)


def _fast_growth(expr: Any, source: Source) -> None:
    x = source.variable
    groups: dict[Any, Any] = {}
    for term in sp.Add.make_args(sp.expand(expr, power_base=False, log=False)):
        exponent, rest = sp.Integer(0), []
        for factor in sp.Mul.make_args(term):
            if isinstance(factor, sp.exp) and x in factor.free_symbols:
                exponent = exponent + factor.args[0]
            else:
                rest.append(factor)
        coefficient = sp.Mul(*rest)
        if not (exponent.is_polynomial(x) and coefficient.is_polynomial(x)):
            return
        key = sp.expand(exponent)
        groups[key] = groups.get(key, sp.Integer(0)) + coefficient
    for exponent, coefficient in groups.items():
        if not sp.expand(coefficient).is_zero and _beats_the_density(exponent, source):
            raise Divergent(f"the mean of {_named(expr, source)} does not exist: exp({_named(exponent, source)}) outgrows the density")


def _beats_the_density(exponent: Any, source: Source) -> bool:
    """Whether exp(exponent) times the density does not decay on one side."""
    x = source.variable
    if not source.is_normal:
        left = sp.Poly(exponent - x, x)
        return _grows(left, 1)
    left = sp.Poly(exponent - x**2 / 2, x)
    return _grows(left, 1) or _grows(left, -1)


def _grows(poly: Any, side: int) -> bool:
    """Whether a polynomial does not tend to -oo on that side, told by the sign of its leading coefficient."""
    if poly.degree() <= 0:
        return True
    lead = constant(poly.LC()) * side ** poly.degree()
    return bool(lead > 0)


def _pole(expr: Any, source: Source) -> None:
    x = source.variable
    if not expr.is_rational_function(x) or expr.is_polynomial(x):
        return
    _, denominator = sp.fraction(sp.cancel(sp.together(expr)))
    if not denominator.is_polynomial(x) or x not in denominator.free_symbols:
        return
    for root in real_roots(denominator, x) or []:
        inside = source.is_normal or source.family in ("Logistic", "Laplace", "Cauchy")
        inside = inside or (source.family == "Exponential" and root > 0) or (source.family == "Uniform" and root > 0 and root < 1)
        inside = inside or (source.family in ("Exponential", "Uniform") and root.is_zero())
        if inside:
            raise Divergent(f"the mean of {_named(expr, source)} does not exist: it has a pole at {root.str(5, radius=False)}")


def _student(expr: Any, source: Source) -> None:
    """Moments of order nu and beyond of Student's law do not exist; Cauchy's law is that of nu = 1."""
    if source.family not in ("StudentT", "Cauchy") or not expr.is_polynomial(source.variable):
        return
    freedom = sp.Integer(1) if source.family == "Cauchy" else source.law.args[0]
    degree = sp.Poly(sp.expand(expr), source.variable).degree()
    if degree >= freedom:
        raise Divergent(f"the law {source.family} has no moment of order {degree}")


def _named(expr: Any, source: Source) -> Any:
    """The expression in the name of the random symbol it came from (its standard form: mean 0 and variance 1 for normals)."""
    return expr.xreplace({source.variable: sp.Symbol(source.variable.name.rpartition("_")[0] or source.family, real=True)})
