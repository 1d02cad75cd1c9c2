"""Proved growth bounds, read off the structure of an integrand: what truncations and trapezoid sums rest on.

`growth(f, widths)` proves |f(x + i y)| <= C (1 + |x|)^k exp(b |x| + a |x|^2) for all real x and all |y_j| <= widths[j],
with |x| the sum of the |x_j|, and that f is holomorphic there whenever a width is positive. Each rule is an inequality
of one line; where none applies the answer is `None`, never a guess.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.growth_functions import BOUNDED
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.pieces import branches, has_switch

Widths = Mapping[Any, float]


@dataclass(frozen=True, slots=True)
class Growth:
    """C (1 + |x|)^k exp(b |x| + a |x|^2); C, k, b, a >= 0, C a ball whose upper end counts."""

    C: arb
    k: float = 0.0
    b: float = 0.0
    a: float = 0.0

    @property
    def bounded(self) -> bool:
        return self.k == 0 and self.b == 0 and self.a == 0

    def plus(self, other: Growth) -> Growth:
        return Growth(self.C + other.C, max(self.k, other.k), max(self.b, other.b), max(self.a, other.a))

    def either(self, other: Growth) -> Growth:
        """A bound of whichever of two functions is taken."""
        return Growth(self.C.max(other.C), max(self.k, other.k), max(self.b, other.b), max(self.a, other.a))

    def times(self, other: Growth) -> Growth:
        return Growth(self.C * other.C, _up(arb(self.k) + other.k), _up(arb(self.b) + other.b), _up(arb(self.a) + other.a))

    def power(self, p: arb) -> Growth:
        """The bound of |f|^p for p > 0."""
        return Growth(_up_ball(self.C) ** p, _up(self.k * p), _up(self.b * p), _up(self.a * p))

    def at(self, x: arb) -> arb:
        """The bound at |x| (scalar)."""
        return self.C * (1 + x) ** arb(self.k) * (self.b * x + self.a * x * x).exp()


def growth(expr: Any, widths: Widths) -> Growth | None:
    """A proved bound on the strips |Im x_j| <= widths[x_j] (0: on the real line), or None where no rule applies.

    >>> x = sp.Symbol("x", real=True)
    >>> bound = growth(x**2 * sp.tanh(x), {x: 0.0})
    >>> bound.k, bound.b, bool(bound.C <= 1)
    (2.0, 0.0, True)
    >>> growth(sp.exp(x**4), {x: 0.0}) is None
    True
    """
    with precision(64):
        try:
            node = sp.sympify(expr)
            return _growth(node, widths) if any(widths.values()) or is_real(node, widths) else None
        except Unsupported:
            return None


def is_real(node: Any, widths: Widths) -> bool:
    """Whether an expression is shown to be real for real variables: every root and logarithm of what is not negative.

    The rules for the real line rest on it: cos(sqrt(x)) is real for x < 0 too, but cosh(sqrt(-x)) there, and not bounded.

    >>> x = sp.Symbol("x", real=True)
    >>> [is_real(f, {x: 0.0}) for f in (sp.sqrt(1 + x**2), sp.cos(sp.sqrt(x)), sp.log(1 + sp.exp(x)))]
    [True, False, True]
    """
    if node in widths or not (node.free_symbols & set(widths)):
        return True
    if isinstance(node, sp.Piecewise):
        return all(is_real(value, widths) for value, _ in node.args)
    if not all(is_real(arg, widths) for arg in node.args):
        return False
    if isinstance(node, sp.log) or (node.is_Pow and not node.exp.is_integer and not isinstance(node, sp.exp)):
        (inner, *_) = node.args
        low = below(inner, widths)
        return bool(inner.is_nonnegative) or (low is not None and low >= 0)
    return True


def _growth(node: Any, widths: Widths) -> Growth | None:
    if node in widths:
        return Growth(_hypot1(widths[node]), 1.0)
    if not (node.free_symbols & set(widths)):
        return Growth(abs(constant(node))) if not node.free_symbols else None
    if node.is_Add:
        return _fold(node.args, widths, Growth.plus)
    if node.is_Mul:
        return _fold(node.args, widths, Growth.times)
    if node.is_Pow:
        return _power(node, widths)
    if isinstance(node, sp.exp):
        return _exponential(node.args[0], widths)
    real = all(width == 0 for width in widths.values())
    if isinstance(node, (sp.Max, sp.Min)):
        return _fold(node.args, widths, Growth.either) if real else None
    if isinstance(node, sp.Piecewise):
        return _fold([value for value, _ in node.args], widths, Growth.either) if real else None
    if isinstance(node, sp.Abs):
        return _growth(node.args[0], widths) if real else None
    if isinstance(node, (sp.sign, sp.Heaviside)):
        return Growth(arb(1)) if real else None
    if isinstance(node, sp.log):
        return _logarithm(node.args[0], widths)
    rule = BOUNDED.get(type(node))
    if rule is not None:
        height = imaginary(node.args[0], widths)
        bound = rule(height) if height is not None else None
        return Growth(bound) if bound is not None else None
    if isinstance(node, (sp.sinh, sp.cosh)):
        up, down = _exponential(node.args[0], widths), _exponential(-node.args[0], widths)
        return up.either(down) if up is not None and down is not None else None
    if isinstance(node, sp.asinh) and real:
        return _growth(node.args[0], widths)
    if isinstance(node, sp.sech):
        return _inverse(sp.cosh(node.args[0]), arb(1), widths)
    return None


def _fold(parts: Any, widths: Widths, combine: Callable[[Growth, Growth], Growth]) -> Growth | None:
    total: Growth | None = None
    for part in parts:
        bound = _growth(part, widths)
        if bound is None:
            return None
        total = bound if total is None else combine(total, bound)
    return total


def _power(node: Any, widths: Widths) -> Growth | None:
    base, exponent = node.args
    if base is sp.E:
        return _exponential(exponent, widths)
    if not exponent.is_number:
        return _exponential(exponent * sp.log(base), widths) if base.is_number and base.is_positive else None
    p = float(exponent)
    if exponent.is_Integer and p > 0:
        inner = _growth(base, widths)
        return inner.power(constant(exponent)) if inner is not None else None
    if not exponent.is_Integer:
        low = below(base, widths)
        if low is None or (any(widths.values()) and not low > 0) or not low >= 0:
            return None
    if p > 0:
        inner = _growth(base, widths)
        return inner.power(constant(exponent)) if inner is not None else None
    return _inverse(base, constant(-exponent), widths)


def _inverse(base: Any, p: arb, widths: Widths) -> Growth | None:
    """|f|^-p <= low^-p where Re f (or |f|) >= low > 0."""
    low = below(base, widths)
    if low is None or not low > 0:
        return None
    return Growth(1 / low**p)


def _exponential(inner: Any, widths: Widths) -> Growth | None:
    """|exp(g)| = exp(Re g), with Re g bounded for polynomials of degree two and for what is bounded above; else branch by branch."""
    variables = list(widths)
    poly = _polynomial(inner, variables)
    if poly is not None and poly.total_degree() <= 2:
        return _exponential_quadratic(poly, widths)
    top = above(inner, widths)
    if top is not None:
        return Growth(top.exp())
    if any(widths.values()) or not has_switch(inner):
        return None
    return _fold([sp.exp(branch) for branch in branches(inner)], widths, Growth.either)


def _exponential_quadratic(poly: Any, widths: Widths) -> Growth:
    """Re g(x + i y) for real coefficients: linear terms stay, a x^2 gives a (x^2 - y^2), c x x' gives c (x x' - y y').

    sum_j a_j x_j^2 + sum c x x' <= max(a_j, c / 2) |x|^2, since |x|^2 holds each square once and each product twice.
    """
    variables = poly.gens
    offset, b, a = arb(0), 0.0, 0.0
    for powers, coefficient in poly.terms():
        value = constant(coefficient)
        size = _up(abs(value))
        degree = sum(powers)
        if degree == 0:
            offset = offset + value
        elif degree == 1:
            b = max(b, size)
        else:
            w = [widths[variable] for variable, power in zip(variables, powers, strict=True) for _ in range(power)]
            offset = offset + size * arb(w[0]) * w[1]
            if max(powers) == 2:
                a = a if value < 0 else max(a, size)
            else:
                a = max(a, size / 2)
    return Growth(offset.exp(), 0.0, b, a)


def _logarithm(inner: Any, widths: Widths) -> Growth | None:
    """|log f| <= |log |f|| + pi, with low <= |f| <= C (1 + |x|)^k exp(b |x| + a |x|^2) and log(1 + |x|) <= |x|."""
    low, top = below(inner, widths), _growth(inner, widths)
    if low is None or not low > 0 or top is None:
        return None
    height = arb(math.pi + 1) if any(widths.values()) else arb(0)
    size = abs(low.log()) + abs(_up_ball(top.C).log()).max(arb(0)) + arb(top.k) + arb(top.b) + arb(top.a) + height
    degree = 2.0 if top.a else 1.0 if (top.b or top.k) else 0.0
    return Growth(size, degree)


def imaginary(node: Any, widths: Widths) -> arb | None:
    """A bound of |Im f| on the strips: 0 on the real line, sum |a_j| w_j for linear f with real coefficients."""
    if all(width == 0 for width in widths.values()):
        return arb(0)
    poly = _polynomial(node, list(widths))
    if poly is None or poly.total_degree() > 1:
        return None
    height = arb(0)
    for variable, width in widths.items():
        height = height + abs(constant(poly.coeff_monomial(variable))) * width
    return height


def below(node: Any, widths: Widths) -> arb | None:
    """A lower bound of Re f on the strips, where one can be read off (0 for squares and exponentials of small height)."""
    if not (node.free_symbols & set(widths)):
        return constant(node) if not node.free_symbols else None
    real = all(width == 0 for width in widths.values())
    if node.is_Add:
        parts = [below(part, widths) for part in node.args]
        return None if any(part is None for part in parts) else sum((part for part in parts if part is not None), arb(0))
    if node.is_Mul:
        number, rest = node.as_coeff_Mul()
        if number != 1:
            bound = below(rest, widths) if number > 0 else above(rest, widths)
            return None if bound is None else constant(number) * bound
        parts = [below(part, widths) for part in node.args]
        if real and all(part is not None and part >= 0 for part in parts):
            return math.prod((part for part in parts if part is not None), start=arb(1))
        return None
    if isinstance(node, sp.exp):
        height = imaginary(node.args[0], widths)
        return arb(0) if height is not None and height <= arb.pi() / 2 else None
    if isinstance(node, sp.cosh):
        height = imaginary(node.args[0], widths)
        if height is not None and height < arb.pi() / 2:
            return height.cos() if not real else arb(1)
        return None
    if node.is_Pow and node.args[1] == 2 and _is_logistic(node.args[0]):
        height = imaginary(next(iter(node.args[0].atoms(sp.tanh))).args[0], widths)
        return arb(0) if height is not None and height <= arb.pi() / 8 else None
    if not real:
        return None
    if node.is_Pow and node.args[1].is_Integer and int(node.args[1]) % 2 == 0:
        return arb(0)
    if node.is_Pow and node.args[1] == sp.S.Half:
        inner = below(node.args[0], widths)
        return inner.sqrt() if inner is not None and inner >= 0 else None
    if isinstance(node, (sp.Abs, sp.Heaviside)):
        return arb(0)
    if isinstance(node, sp.Max):
        known = [part for arg in node.args if (part := below(arg, widths)) is not None]
        return max(known, key=lambda part: float(part.lower())) if known else None
    if isinstance(node, sp.Min):
        parts = [below(arg, widths) for arg in node.args]
        return None if any(part is None for part in parts) else min((p for p in parts if p is not None), key=lambda p: float(p.lower()))
    size = _growth(node, widths)
    return -_up_ball(size.C) if size is not None and size.bounded else None


def _is_logistic(node: Any) -> bool:
    """Whether a node is p = (1 - tanh y)/2 = 1/(1 + e^2y): for |Im y| <= pi/8, e^2y, 1 + e^2y and p have |arg| <= pi/4, so Re p^2 >= 0."""
    inner = node.atoms(sp.tanh)
    return len(inner) == 1 and node == sp.S.Half - next(iter(inner)) / 2


def above(node: Any, widths: Widths) -> arb | None:
    """An upper bound of Re f on the strips."""
    if node.is_Mul and node.as_coeff_Mul()[0].is_negative or node.is_Add:
        low = below(sp.expand(-node), widths)
        return None if low is None else -low
    if node.is_Mul and (number := node.as_coeff_Mul()[0]) != 1:
        top = above(node.as_coeff_Mul()[1], widths)
        return None if top is None else constant(number) * top
    if isinstance(node, (sp.Max, sp.Min)) and not any(widths.values()):
        low = below(_mirrored(node), widths)
        return None if low is None else -low
    bound = _growth(node, widths)
    return _up_ball(bound.C) if bound is not None and bound.bounded else None


def _mirrored(node: Any) -> Any:
    """-max(a, b) = min(-a, -b), and the other way round."""
    return (sp.Min if isinstance(node, sp.Max) else sp.Max)(*(-arg for arg in node.args))


def _polynomial(node: Any, variables: list[Any]) -> Any:
    """The polynomial in the variables with real constants as coefficients, else None."""
    if not node.is_polynomial(*variables):
        return None
    poly = sp.Poly(sp.expand(node), *variables)
    return poly if all(coefficient.is_real and not coefficient.free_symbols for coefficient in poly.coeffs()) else None


def _hypot1(width: float) -> arb:
    """|x + i y| <= max(1, w) (1 + |x|)."""
    return arb(max(1.0, width))


def _up(value: arb) -> float:
    """A float that is not smaller than any number in the ball; whole numbers stay what they are."""
    number = float(value.upper())
    return number if arb(number) >= value else math.nextafter(number, math.inf)


def _up_ball(value: arb) -> arb:
    return value.upper()
