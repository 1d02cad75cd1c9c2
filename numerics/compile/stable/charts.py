"""A correlation map near an end of [-1, 1], in a coordinate in which it is analytic.

At c = +-1 the maps of activations with kinks are series in the square root of the distance to the end; with c = end (1 - u^2)
the singular functions are rewritten by identities that hold on all of [-1, 1]:

    acos(g) = 2 asin(sqrt((1 - g)/2))      (cos 2a = 1 - 2 sin(a)^2 with a in [0, pi/2]),
    acos(g) = pi - acos(-g),   asin(g) = pi/2 - acos(g),
    b^(p/2) = u^(mp) h^(p/2)               (b = u^(2m) h with h(0) > 0 and u >= 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.theory.exact import is_zero

U = sp.Symbol("u", positive=True)
"""The coordinate at an end: the distance to it, or its square root."""

X = sp.Symbol("x", real=True)
"""The coordinate inside: the difference to a centre, of either sign."""

DIGITS = 40
CLOSE = 0.5
"""Arguments of inverse sines above this are written with their distance from 1."""


@dataclass(frozen=True)
class Chart:
    """An expression that is analytic where its coordinate is 0; `root` says that d = u^2 rather than d = u."""

    expr: Any
    coordinate: Any
    root: bool


def vanishes(number: Any) -> bool:
    """Whether a closed number is zero, proved either way; raises CannotEvaluate where neither is.

    >>> vanishes(sp.asin(1) - sp.pi / 2), vanishes(sp.sqrt(2) - sp.Rational(7, 5))
    (True, False)
    """
    if number.is_Rational:
        return bool(number.p == 0)
    if not enclose(number, {}, digits=DIGITS).contains(0):
        return False
    if is_zero(number):
        return True
    raise CannotEvaluate(f"{shorten(number)} cannot be told from 0: simplify it, or give the map's parameters as exact numbers")


def at_end(kappa: Any, c: Any, end: int) -> Chart:
    """kappa(c) at c = end (1 - d), end = +-1, in a coordinate in which it is analytic: d, or sqrt(d) where functions are singular.

    Raises CannotEvaluate for a singularity that is no square root.

    >>> c = sp.Symbol("c", real=True)
    >>> at_end(c * sp.acos(c), c, 1)
    Chart(expr=2*(1 - u**2)*asin(sqrt(2)*u/2), coordinate=u, root=True)
    """
    singular = any(_singular(node, c, end) for node in sp.preorder_traversal(kappa))
    walk = _Walk(c, end * (1 - (U**2 if singular else U)), end)
    return Chart(walk(kappa), U, singular)


def _singular(node: Any, c: Any, end: int) -> bool:
    """Whether a function of c has a square-root singularity at this end."""
    if not node.has(c):
        return False
    if isinstance(node, (sp.asin, sp.acos)):
        return vanishes(1 - node.args[0].xreplace({c: sp.Integer(end)}) ** 2)
    if isinstance(node, sp.Pow) and node.exp.is_Rational and node.exp.q == 2:
        return vanishes(node.base.xreplace({c: sp.Integer(end)}))
    return False


class _Walk:
    """The rewriting of one expression, from the leaves up."""

    def __init__(self, c: Any, value: Any, end: int) -> None:
        self.c, self.value, self.end = c, value, end

    def __call__(self, node: Any) -> Any:
        if not node.has(self.c):
            return node
        if node == self.c:
            return self.value
        if _singular(node, self.c, self.end):
            if isinstance(node, sp.Pow):
                return self._root(node.base, int(node.exp.p))
            angle = self._angle(node.args[0])
            return angle if isinstance(node, sp.acos) else sp.pi / 2 - angle
        return node.func(*(self(arg) for arg in node.args))

    def _angle(self, g: Any) -> Any:
        """acos(g) where g is +-1 at the end."""
        if vanishes(1 - g.xreplace({self.c: sp.Integer(self.end)})):
            return 2 * sp.asin(self._root((1 - g) / 2, 1))
        return sp.pi - 2 * sp.asin(self._root((1 + g) / 2, 1))

    def _root(self, base: Any, p: int) -> Any:
        """base^(p/2) where base is a rational function of c that vanishes at the end to an even order in u and is not negative."""
        top, bottom = sp.fraction(sp.together(base.xreplace({self.c: self.value})))
        order, above = _strip(top, base)
        order_below, below = _strip(bottom, base)
        m, odd = divmod(order - order_below, 2)
        if odd:
            raise CannotEvaluate(f"the root of {shorten(base)} has another singularity than a square root where {self.c} = {self.end}")
        return U ** (m * p) * (above / below) ** sp.Rational(p, 2)


def regrouped(expr: Any, x: Any, at: Any) -> Any:
    """The same function of x in a form that loses less near x = at, where an inverse sine is close to its ends.

    With the identities above asin and acos of g are written with 1 - |g| in lowest terms, and roots of rational functions are
    taken of their factors.

    >>> q = sp.Symbol("q", positive=True)
    >>> regrouped(sp.asin(2 * q / (1 + 2 * q)), q, 100)
    -2*asin(sqrt(2)/(2*sqrt(2*q + 1))) + pi/2
    """
    if not expr.has(x) or not expr.args:
        return expr
    inner = expr.func(*(regrouped(arg, x, at) for arg in expr.args))
    if isinstance(inner, sp.Pow) and inner.exp.is_Rational and inner.exp.q == 2 and inner.base.is_rational_function(x):
        return sp.factor(inner.base) ** inner.exp
    if isinstance(inner, (sp.asin, sp.acos)) and inner.args[0].is_rational_function(x):
        g = inner.args[0]
        value = enclose(g, {x: at}, digits=DIGITS)
        if abs(value) > CLOSE:
            angle = 2 * sp.asin(sp.sqrt(sp.factor((1 - g if value > 0 else 1 + g) / 2)))
            angle = angle if value > 0 else sp.pi - angle
            return angle if isinstance(inner, sp.acos) else sp.pi / 2 - angle
    return inner


def _strip(polynomial: Any, base: Any) -> tuple[int, Any]:
    """The order of the zero at u = 0, and what is left when it is divided out."""
    if not polynomial.is_polynomial(U):
        raise CannotEvaluate(f"the root of {shorten(base)}, which is no rational function of the correlation")
    coefficients = sp.Poly(polynomial, U).all_coeffs()[::-1]
    order = next((k for k, value in enumerate(coefficients) if not vanishes(sp.sympify(value))), None)
    if order is None:
        raise CannotEvaluate(f"the root of {shorten(base)}, which is 0 throughout")
    return order, sp.Add(*(value * U**k for k, value in enumerate(coefficients[order:])))
