"""Equations among hypotheses: solved for some of the symbols, so that points satisfy them exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from lemmata.theory.domain.hypotheses import value_of


@dataclass(frozen=True, slots=True)
class Solved:
    """One symbol determined by the others: by closed branches, or by the real roots of a residual once the others are known."""

    symbol: Any
    branches: tuple[Any, ...] = ()
    residual: Any = None

    @property
    def needs(self) -> set[Any]:
        """The symbols that have to be known first."""
        parts = self.branches if self.branches else (self.residual,)
        found: set[Any] = set()
        for part in parts:
            found |= part.free_symbols
        return found - {self.symbol}

    def values(self, point: dict[Any, Any]) -> tuple[Any, ...]:
        """The exact values that the equation leaves to the symbol at a point of the others."""
        if self.branches:
            known = (value_of(branch, point) for branch in self.branches)
            return tuple(value for value in known if value is not None and value.is_finite is not False)
        residual = value_of(self.residual, point, but=self.symbol)
        return () if residual is None else real_roots(sp.numer(sp.together(residual)), self.symbol)


@lru_cache(maxsize=256)
def real_roots(residual: Any, x: Any) -> tuple[Any, ...]:
    """The exact real roots of an expression in x alone that can be written down; () where none can."""
    if residual.is_polynomial(x):
        polynomial = sp.Poly(residual, x)
        rational = polynomial.domain.is_ZZ or polynomial.domain.is_QQ
        return tuple(dict.fromkeys(polynomial.real_roots())) if rational and polynomial.degree() > 0 else ()
    try:
        return tuple(root for root in sp.solve(residual, x) if not root.free_symbols and root.is_real)
    except NotImplementedError:
        return ()


class Unsolvable(Exception):
    """A system of equations that contradicts itself, or that elimination does not bring to triangular form."""


def triangular(equations: Iterable[Any], unknowns: Sequence[Any]) -> tuple[Solved, ...]:
    """Equations in triangular form: each `Solved` needs only free symbols and those solved before it.

    Elimination with back-substitution: linear occurrences first (constant coefficients before others), then quadratic
    ones by their formula, then residuals whose roots are taken at each point. Raises Unsolvable with the equation.

    >>> from sympy import Eq, symbols
    >>> x, y = symbols("x y", real=True)
    >>> triangular([Eq(x + y, 3), Eq(x - y, 1)], (x, y))
    (Solved(symbol=y, branches=(1,), residual=None), Solved(symbol=x, branches=(2,), residual=None))
    """
    solved: list[Solved] = []
    for equation in equations:
        difference = equation.lhs - equation.rhs
        for earlier in reversed(solved):
            if len(earlier.branches) == 1:
                difference = difference.xreplace({earlier.symbol: earlier.branches[0]})
        difference = sp.numer(sp.together(sp.expand(difference)))
        free = [x for x in unknowns if x in difference.free_symbols and all(x is not earlier.symbol for earlier in solved)]
        if not free:
            if difference == 0:
                continue
            raise Unsolvable(f"the equation {equation} contradicts the other hypotheses")
        step = min((_solve(difference, x, equation) for x in free), key=lambda option: option[0])[1]
        if len(step.branches) == 1:
            solved = [_substitute(earlier, step) for earlier in solved]
        solved.append(step)
    return _ordered(solved)


def _substitute(earlier: Solved, step: Solved) -> Solved:
    value = {step.symbol: step.branches[0]}
    if earlier.branches:
        return Solved(earlier.symbol, tuple(sp.expand(branch.xreplace(value)) for branch in earlier.branches))
    return Solved(earlier.symbol, (), earlier.residual.xreplace(value))


def _solve(difference: Any, x: Any, equation: Any) -> tuple[tuple[int, int], Solved]:
    """How well an equation can be solved for x (smaller is better), and the solution."""
    bare = 0 if equation.lhs == x or equation.rhs == x else 1
    if not difference.is_polynomial(x):
        return (9, bare), Solved(x, (), difference)
    coefficients = sp.Poly(difference, x).all_coeffs()
    if len(coefficients) == 2:
        a, b = coefficients
        cost = 0 if a in (1, -1) else 1 if a.is_number and not x.is_integer else 2 if a.is_nonzero else 3
        return (cost, bare), Solved(x, (sp.cancel(-b / a),))
    if len(coefficients) == 3:
        a, b, c = coefficients
        root = sp.sqrt(sp.expand(b**2 - 4 * a * c))
        return (5, bare), Solved(x, ((-b + root) / (2 * a), (-b - root) / (2 * a)))
    return (6, bare), Solved(x, (), difference)


def _ordered(solved: Sequence[Solved]) -> tuple[Solved, ...]:
    """Sorted so that each one needs only those before it; raises Unsolvable where two need each other."""
    waiting, done = list(reversed(solved)), []
    while waiting:
        open_symbols = {step.symbol for step in waiting}
        ready = next((step for step in waiting if not step.needs & open_symbols), None)
        if ready is None:
            names = ", ".join(sorted(str(step.symbol) for step in waiting))
            raise Unsolvable(f"the equations for {names} need each other: give them solved for one symbol each")
        waiting.remove(ready)
        done.append(ready)
    return tuple(done)
