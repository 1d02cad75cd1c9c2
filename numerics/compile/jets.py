"""Truncated Taylor series in several variables, with balls as coefficients: the ring in which `series` walks over boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import flint
from flint import arb, arb_series

from lemmata.numerics.compile.errors import Undecided
from lemmata.numerics.compile.series import WAVES, SeriesWalk, wave_terms

Exponents = tuple[int, ...]


@lru_cache(maxsize=64)
def monomials(variables: int, order: int) -> tuple[Exponents, ...]:
    """The exponents of total degree at most `order`, the constant first, by degree.

    >>> monomials(2, 1)
    ((0, 0), (0, 1), (1, 0))
    """
    found = (powers for powers in product(range(order + 1), repeat=variables) if sum(powers) <= order)
    return tuple(sorted(found, key=lambda powers: (sum(powers), powers)))


@lru_cache(maxsize=64)
def _products(variables: int, order: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    """For each monomial i the pairs (j, k) such that monomial i times monomial j is monomial k."""
    terms = monomials(variables, order)
    places = {powers: index for index, powers in enumerate(terms)}
    sums = [[tuple(x + y for x, y in zip(a, b, strict=True)) for b in terms] for a in terms]
    return tuple(tuple((j, places[total]) for j, total in enumerate(row) if total in places) for row in sums)


class Jet:
    """A polynomial of bounded total degree in several variables, modulo all higher monomials.

    `terms[k]` is the coefficient of the k-th of `monomials(variables, order)`: of f it holds the k-th partial derivative over
    the factorials, f^(a)/a!, at every point of the ball it was made at.
    """

    __slots__ = ("variables", "order", "terms")

    def __init__(self, variables: int, order: int, terms: list[arb]) -> None:
        self.variables = variables
        self.order = order
        self.terms = terms

    def coeffs(self) -> list[arb]:
        """All coefficients, the constant first."""
        return self.terms

    def zeros(self) -> int:
        """How many coefficients are exactly 0."""
        return sum(term.is_zero() for term in self.terms)

    def __add__(self, other: Jet) -> Jet:
        return Jet(self.variables, self.order, [a + b for a, b in zip(self.terms, other.terms, strict=True)])

    def __sub__(self, other: Jet) -> Jet:
        return Jet(self.variables, self.order, [a - b for a, b in zip(self.terms, other.terms, strict=True)])

    def __mul__(self, other: Jet) -> Jet:
        sparse, dense = (self, other) if self.zeros() > other.zeros() else (other, self)
        total = [arb(0)] * len(self.terms)
        for term, row in zip(sparse.terms, _products(self.variables, self.order), strict=True):
            if not term.is_zero():
                for j, k in row:
                    total[k] += term * dense.terms[j]
        return Jet(self.variables, self.order, total)

    def apply(self, name: str) -> Jet:
        """A function of the jet: its Taylor coefficients at the constant, by Horner's rule in what is left of the jet."""
        if name == "acos":
            return constant(arb.pi() / 2, self.variables, self.order) + constant(arb(-1), self.variables, self.order) * self.apply("asin")
        outer = _outer(name, self.terms[0], self.order)
        rest = Jet(self.variables, self.order, [arb(0), *self.terms[1:]])
        total = constant(outer[-1], self.variables, self.order)
        for coefficient in reversed(outer[:-1]):
            total = total * rest
            total.terms[0] += coefficient
        return total


def _outer(name: str, at: arb, order: int) -> list[arb]:
    if name in WAVES:
        return wave_terms(name, at, order + 1)
    before = flint.ctx.cap
    flint.ctx.cap = order + 1
    try:
        line = arb_series([at, 1], order + 1)
        found = (1 / line if name == "inv" else getattr(line, name)()).coeffs()
    except ValueError as error:
        raise Undecided(f"{name} is not analytic on the whole ball") from error
    finally:
        flint.ctx.cap = before
    if not all(coefficient.is_finite() for coefficient in found):
        raise Undecided(f"{name} is not analytic on the whole ball")
    return found + [arb(0)] * (order + 1 - len(found))


def constant(value: arb, variables: int, order: int) -> Jet:
    """A number as a jet."""
    return Jet(variables, order, [value, *[arb(0)] * (len(monomials(variables, order)) - 1)])


def in_several_variables(sides: Sequence[Any], at: Mapping[Any, arb], order: int, constants: dict[Any, arb]) -> list[list[arb]]:
    """For each side its Taylor coefficients up to total degree `order` (included), ordered as `monomials`; raises CannotEvaluate.

    >>> import sympy as sp
    >>> x, y = sp.symbols("x y", real=True)
    >>> (found,) = in_several_variables([x * sp.exp(y)], {x: arb(1), y: arb(0)}, 1, {})
    >>> [c.str(3, radius=False) for c in found]
    ['1.00', '1.00', '1.00']
    """
    terms = monomials(len(at), order)
    values = {}
    for index, (symbol, ball) in enumerate(at.items()):
        powers = [arb(0)] * len(terms)
        powers[0] = ball
        powers[terms.index(tuple(int(place == index) for place in range(len(at))))] = arb(1)
        values[symbol] = Jet(len(at), order, powers)
    walk = SeriesWalk(values, lambda number: constant(number, len(at), order), constants)
    return [walk(side).coeffs() for side in sides]
