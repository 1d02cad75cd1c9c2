"""Ranges of closed expressions over boxes whose sides may have no end: intervals of real numbers with exact ends.

The set arithmetic of IEEE 1788: an end may be infinite, 0 times an infinite end is 0 (no value is infinite), and a function
that rises is enclosed by its values at the two ends, limits included. So singular ends (sqrt at 0, arccos at 1) and
infinite ones (tanh, exp(-x)) have ranges that shrink with the box, where no power series exists.

An argument whose range leaves the domain of a function is cut to it only where `Proofs` has shown that it never does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import sympy as sp
from flint import arb
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from lemmata.numerics.compile.arb import to_arb
from lemmata.numerics.compile.balls import _free_symbols, shorten
from lemmata.numerics.compile.dispatch import ByClass
from lemmata.numerics.compile.errors import CannotEvaluate, Undecided

End = Any
"""An end of a range: an exact `arb`, or a float that is infinite."""

INF = math.inf


class Proofs(Protocol):
    """What is known about subexpressions all over the domain, beyond what their ranges show."""

    def nonnegative(self, expr: Any) -> bool:
        """Whether expr >= 0 is proved."""

    def positive(self, expr: Any) -> bool:
        """Whether expr > 0 is proved."""


@dataclass(frozen=True, slots=True)
class Range:
    """All real numbers from `low` to `high`."""

    low: End
    high: End

    @classmethod
    def of(cls, ball: arb) -> Range:
        """The range of a ball; raises Undecided where it is not finite."""
        if not ball.is_finite():
            raise Undecided("the value is not finite")
        return cls(ball.lower(), ball.upper())

    def __add__(self, other: Range) -> Range:
        return Range(_plus(self.low, other.low, -1), _plus(self.high, other.high, 1))

    def __neg__(self) -> Range:
        return Range(-self.high, -self.low)

    def __mul__(self, other: Range) -> Range:
        ends = [(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Range(_least([_times(a, b, -1) for a, b in ends]), _greatest([_times(a, b, 1) for a, b in ends]))

    def union(self, other: Range) -> Range:
        """The hull of two ranges."""
        return Range(_least([self.low, other.low]), _greatest([self.high, other.high]))

    def magnitude(self) -> Range:
        """The range of the absolute value."""
        top = _greatest([-self.low, self.high])
        if self.low >= 0 or self.high <= 0:
            return Range(_least([_size(self.low), _size(self.high)]), top)
        return Range(arb(0), top)

    def finite(self) -> bool:
        """Whether both ends are finite."""
        return isinstance(self.low, arb) and isinstance(self.high, arb)

    def ball(self) -> arb:
        """The smallest ball that holds the range; raises Undecided where an end is infinite."""
        if not self.finite():
            raise Undecided("a range without an end")
        return self.low.union(self.high)


def _size(end: End) -> End:
    return abs(end)


def _rounded(value: arb, direction: int) -> End:
    """The lower (-1) or upper (1) end of a ball; infinite where the ball is not finite."""
    if not value.is_finite():
        return INF * direction
    return value.lower() if direction < 0 else value.upper()


def _plus(a: End, b: End, direction: int) -> End:
    if isinstance(a, float) or isinstance(b, float):
        return INF * direction
    return _rounded(a + b, direction)


def _times(a: End, b: End, direction: int) -> End:
    if a == 0 or b == 0:
        return arb(0)
    if isinstance(a, float) or isinstance(b, float):
        return INF if (a > 0) == (b > 0) else -INF
    return _rounded(a * b, direction)


def _least(ends: list[End]) -> End:
    best = ends[0]
    for end in ends[1:]:
        best = end if end < best else best
    return best


def _greatest(ends: list[End]) -> End:
    best = ends[0]
    for end in ends[1:]:
        best = end if end > best else best
    return best


RULES: ByClass[Callable[[Ranges, Any], Range]] = ByClass()
rule = RULES.rule


class Ranges:
    """One evaluation: `Ranges(values, proofs, constants)(expr)`, with a Range for each symbol; raises CannotEvaluate.

    >>> import lemmata.numerics.compile.range_functions
    >>> class Nothing:
    ...     def nonnegative(self, expr): return False
    ...     positive = nonnegative
    >>> x = sp.Symbol("x", real=True)
    >>> found = Ranges({x: Range(arb(4), INF)}, Nothing(), {})(1 - sp.tanh(x) + 1 / x)
    >>> found.low, float(found.high) < 0.2507
    (0, True)
    """

    __slots__ = ("proofs", "constants", "_memo")

    def __init__(self, values: Mapping[Any, Range], proofs: Proofs, constants: dict[Any, arb]) -> None:
        self.proofs = proofs
        self.constants = constants
        self._memo: dict[Any, Range] = dict(values)

    def __call__(self, node: Any) -> Range:
        """The range of a node."""
        found = self._memo.get(node)
        if found is None:
            found = self._memo[node] = self._value(node)
        return found

    def _value(self, node: Any) -> Range:
        if not _free_symbols(node):
            if node not in self.constants:
                self.constants[node] = to_arb(node)
            return Range.of(self.constants[node])
        evaluate = RULES.nearest(type(node))
        if evaluate is None:
            raise CannotEvaluate(f"{type(node).__name__} is not among the functions that ranges know: {shorten(node)}")
        return evaluate(self, node)

    def nonnegative(self, node: Any, within: Any = None) -> Range:
        """The range of `node`, which must not be negative: by itself, or cut because this is proved of `within` (node itself)."""
        found = self(node)
        if found.low >= 0:
            return found
        if not found.high >= 0 or not self.proofs.nonnegative(node if within is None else within):
            raise Undecided(f"{shorten(node)} may be negative")
        return Range(arb(0), found.high)


def truth(walk: Ranges, condition: Any) -> bool | None:
    """Whether a condition holds all over the box; None where neither it nor its opposite does."""
    if isinstance(condition, (BooleanTrue, BooleanFalse, bool)):
        return bool(condition)
    if isinstance(condition, Not):
        inner = truth(walk, condition.args[0])
        return None if inner is None else not inner
    if isinstance(condition, (And, Or)):
        found = [truth(walk, arg) for arg in condition.args]
        absorbing = isinstance(condition, Or)
        return absorbing if absorbing in found else None if None in found else not absorbing
    if isinstance(condition, (sp.StrictGreaterThan, sp.GreaterThan, sp.StrictLessThan, sp.LessThan)):
        gap = walk(condition.gts) + -walk(condition.lts)
        strict = isinstance(condition, (sp.StrictGreaterThan, sp.StrictLessThan))
        if gap.low > 0 or (not strict and gap.low >= 0):
            return True
        return False if gap.high < 0 or (strict and gap.high <= 0) else None
    if isinstance(condition, (sp.Eq, sp.Ne)):
        gap = walk(condition.lhs) + -walk(condition.rhs)
        apart = gap.low > 0 or gap.high < 0
        return isinstance(condition, sp.Ne) if apart else None
    raise CannotEvaluate(f"the condition {shorten(condition)} cannot be decided on a box")
