"""Proved bounds of functions far out: |f(x)| <= sum of C x^k exp(p(x)) for all x >= N, read off the expression's structure.

Such a bound gives the tail of an integral or of a sum in a ball: with q(x) = p(x) + k log x falling at a rate of at least s
beyond N and p'' <= 0 there, the integral of x^k exp(p(x)) over [N, oo) is at most N^k exp(p(N)) / s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import comb
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.compile.balls import Balls, shorten, to_ball
from lemmata.numerics.compile.errors import CannotEvaluate

Polynomial = tuple[arb, ...]
"""Coefficients from the constant term up."""

BOUNDED: dict[Any, Callable[[], arb]] = {
    **dict.fromkeys((sp.sin, sp.cos, sp.tanh, sp.erf, sp.sign, sp.sech, sp.sinc, sp.besselj, sp.Heaviside), lambda: arb(1)),
    sp.erfc: lambda: arb(2),
    **dict.fromkeys((sp.atan, sp.asin), lambda: arb(2)),
    sp.acos: lambda: arb(4),
}
"""Functions of real numbers that are bounded, each with a bound."""


@dataclass(frozen=True, slots=True)
class Term:
    """C x^k exp(p(x)) with C >= 0, for x >= N."""

    factor: arb
    degree: int
    exponent: Polynomial


def _sum(p: Polynomial, q: Polynomial) -> Polynomial:
    size = max(len(p), len(q))
    return tuple((p[i] if i < len(p) else arb(0)) + (q[i] if i < len(q) else arb(0)) for i in range(size))


class Majorant:
    """Bounds of expressions in `variable` for all real variable >= N > 0; `values` are the values of everything else."""

    def __init__(self, variable: Any, start: int, values: Mapping[Any, Any]) -> None:
        self.variable = variable
        self.start = start
        self._outside = Balls(values)

    def resolved(self, node: Any) -> Any:
        """The node with Abs, Max and Min of polynomials written as what they are beyond N, where that is certain."""
        found: dict[Any, Any] = {}
        for part in node.atoms(sp.Abs, sp.Max, sp.Min):
            if self.variable not in part.free_symbols:
                continue
            best = part.args[0]
            for other in (-best,) if isinstance(part, sp.Abs) else part.args[1:]:
                sign = self._sign(best - other)
                if sign is None:
                    break
                best = best if (sign < 0) == isinstance(part, sp.Min) else other
            else:
                found[part] = best
        return node.xreplace(found)

    def _sign(self, node: Any) -> int | None:
        """1 or -1 where a polynomial keeps that sign beyond N, else None."""
        polynomial = self.polynomial(sp.expand(node))
        if polynomial is None:
            return None
        shifted = shift(polynomial, self.start)
        return next((sign for sign in (1, -1) if all(c * sign >= 0 for c in shifted)), None)

    def polynomial(self, node: Any) -> Polynomial | None:
        """The coefficients of a node that is a polynomial in the variable, else None."""
        if self.variable not in node.free_symbols:
            return (to_ball(self._outside.number(node)),)
        found = sp.Poly(node, self.variable) if node.is_polynomial(self.variable) else None
        if found is None:
            return None
        return tuple(to_ball(self._outside.number(c)) for c in reversed(found.all_coeffs()))

    def bound(self, node: Any) -> list[Term]:
        """Terms whose sum bounds |node| beyond N; raises CannotEvaluate where the structure tells nothing."""
        if self.variable not in node.free_symbols:
            return [Term(abs(to_ball(self._outside.number(node))).upper(), 0, (arb(0),))]
        if node == self.variable:
            return [Term(arb(1), 1, (arb(0),))]
        if isinstance(node, sp.Add):
            return self._short([term for arg in node.args for term in self.bound(arg)])
        if isinstance(node, sp.Mul):
            return self._product([self.bound(arg) for arg in node.args])
        if isinstance(node, sp.exp):
            return [self._exponential(node.args[0], arb(1))]
        if isinstance(node, sp.Pow):
            return self._power(node)
        if node.func in BOUNDED and not (isinstance(node, sp.besselj) and not node.order.is_nonnegative):
            return [Term(BOUNDED[node.func](), 0, (arb(0),))]
        if isinstance(node, (sp.Max, sp.Min)):
            return self._short([term for arg in node.args for term in self.bound(arg)])
        if isinstance(node, (sp.Abs, sp.asinh)):
            return self.bound(node.args[0])
        if isinstance(node, sp.Piecewise):
            return self._short([term for pair in node.args for term in self.bound(pair.expr)])
        if isinstance(node, (sp.cosh, sp.sinh)):
            u = node.args[0]
            return [self._exponential(u, arb(1)), self._exponential(-u, arb(1))]
        if isinstance(node, sp.log):
            return self._logarithm(node.args[0])
        raise CannotEvaluate(f"no bound far out is known for {type(node).__name__}: {shorten(node)}")

    def _exponential(self, u: Any, rate: arb) -> Term:
        exponent = self.polynomial(sp.expand(u))
        if exponent is None:
            raise CannotEvaluate(f"no bound far out is known for exp({shorten(u)})")
        return Term(arb(1), 0, tuple(c * rate for c in exponent))

    def _logarithm(self, u: Any) -> list[Term]:
        """|log(u)| <= u - 1 for u >= 1: it has to be 1 plus something positive."""
        rest = u - 1
        if rest.is_nonnegative or isinstance(rest, sp.exp):
            if isinstance(rest, sp.exp):
                return self._short([Term(arb(1), 0, (arb(0),)), *self.bound(rest.args[0])])
            return self.bound(rest)
        if (polynomial := self.polynomial(u)) is not None and self._at_least_one(polynomial):
            return self.bound(u)
        raise CannotEvaluate(f"no bound far out is known for log({shorten(u)})")

    def _at_least_one(self, polynomial: Polynomial) -> bool:
        shifted = shift(polynomial, self.start)
        return bool(shifted[0] >= 1) and all(c >= 0 for c in shifted[1:])

    def _power(self, node: Any) -> list[Term]:
        base, exponent = node.args
        if self.variable in exponent.free_symbols:
            if self.variable in base.free_symbols:
                raise CannotEvaluate(f"no bound far out is known for {shorten(node)}")
            size = abs(to_ball(self._outside.number(base)))
            return [self._exponential(exponent, size.log())]
        if exponent.is_Integer and exponent > 0:
            return self._product([self.bound(base)] * int(exponent))
        if exponent.is_Rational and exponent > 0:
            whole = int(sp.ceiling(exponent))
            return self._short([Term(arb(1), 0, (arb(0),)), *self._product([self.bound(base)] * whole)])
        if exponent.is_Rational:
            return [Term(self._from_below(base) ** to_ball(self._outside.number(exponent)), 0, (arb(0),))]
        raise CannotEvaluate(f"no bound far out is known for {shorten(node)}")

    def _from_below(self, node: Any) -> arb:
        """A positive lower bound of |node| beyond N."""
        polynomial = self.polynomial(node)
        if polynomial is not None:
            shifted = shift(polynomial, self.start)
            for sign in (1, -1):
                if shifted[0] * sign > 0 and all(c * sign >= 0 for c in shifted[1:]):
                    return abs(shifted[0]).lower()
        if isinstance(node, sp.Add):
            positive = [arg for arg in node.args if arg.is_number and arg.is_positive]
            rest = [arg for arg in node.args if arg not in positive]
            if positive and all(isinstance(arg, (sp.exp, sp.Abs, sp.cosh)) or arg.is_nonnegative for arg in rest):
                return to_ball(self._outside.number(sum(positive))).lower()
        if isinstance(node, sp.cosh):
            return arb(1)
        raise CannotEvaluate(f"no lower bound far out is known for {shorten(node)}")

    def _product(self, factors: list[list[Term]]) -> list[Term]:
        total = [Term(arb(1), 0, (arb(0),))]
        for factor in factors:
            total = self._short(
                [Term(a.factor * b.factor, a.degree + b.degree, _sum(a.exponent, b.exponent)) for a in total for b in factor]
            )
        return total

    def _short(self, terms: list[Term]) -> list[Term]:
        if len(terms) > 400:
            raise CannotEvaluate("the bound far out has too many terms")
        return terms


def shift(p: Polynomial, start: int) -> Polynomial:
    """The coefficients of p(start + t) in t."""
    return tuple(sum((p[j] * comb(j, i) * arb(start) ** (j - i) for j in range(i, len(p))), arb(0)) for i in range(len(p)))


def derivative(p: Polynomial) -> Polynomial:
    """The coefficients of p'."""
    return tuple(i * p[i] for i in range(1, len(p))) or (arb(0),)


def tail_of(term: Term, start: int) -> tuple[arb, arb] | None:
    """Upper bounds of the term at N = start and of its integral over [N, oo); None where it is not proved to fall."""
    slope = derivative(term.exponent)
    if not all(c <= 0 for c in shift(derivative(slope), start)):
        return None
    rate = -(shift(slope, start)[0] + arb(term.degree) / start)
    if not rate > 0:
        return None
    height = term.factor * arb(start) ** term.degree * shift(term.exponent, start)[0].exp()
    return height.upper(), (height / rate).upper()


def tail(node: Any, variable: Any, start: int, values: Mapping[Any, Any]) -> tuple[arb, arb] | None:
    """Upper bounds of sup |f| and of the integral of |f| over [start, oo), or None where none is proved.

    Both bounds belong to the same falling majorant, so that the sum of |f(n)| over n >= start is at most their sum.

    >>> x = sp.Symbol("x", positive=True)
    >>> height, area = tail(x * sp.exp(-x), x, 10, {})
    >>> bool(area >= 11 * arb(-10).exp()), bool(area < 12 * arb(-10).exp())
    (True, True)
    """
    try:
        majorant = Majorant(variable, start, values)
        terms = majorant.bound(majorant.resolved(node))
    except CannotEvaluate:
        return None
    found = [tail_of(term, start) for term in terms]
    if any(item is None for item in found):
        return None
    heights, areas = (sum(column, arb(0)) for column in zip(*(item for item in found if item is not None), strict=True))
    return (heights, areas) if (heights + areas).is_finite() else None
