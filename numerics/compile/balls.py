"""The tree walk from SymPy expressions to enclosures: one value a node, exact rationals kept exact as long as they are.

A value is a flint `fmpq` or `fmpq_mat` (exact) or an `arb` or `arb_mat` (a ball at the working precision). What to do with a
node is looked up by its class in `RULES`, which `ball_scalars`, `ball_functions` and `ball_matrices` fill.

The domain: an expression is only claimed where it is real, so a ball that reaches over the end of a function's domain is cut to
the domain, and the result encloses the values on the intersection. Wholly outside, `CannotEvaluate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

import sympy as sp
from flint import arb, arb_mat, fmpq, fmpq_mat

from lemmata.numerics.compile.dispatch import ByClass
from lemmata.numerics.compile.errors import CannotEvaluate, Undefined

EXACT_BITS = 1 << 12
"""Exact rationals longer than this are rounded to balls: an exact power of a long number costs more than it tells."""

Scalar = fmpq | arb
Value = fmpq | arb | fmpq_mat | arb_mat

Enclosure = Any
"""An `arb`, or an `arb_mat` for a matrix expression: which one, the expression says and no type can."""

RULES: ByClass[Callable[[Balls, Any], Value]] = ByClass()
rule = RULES.rule


@lru_cache(maxsize=1 << 14)
def _free_symbols(node: Any) -> frozenset[Any]:
    """SymPy walks the tree anew each time it is asked; a sum of many terms asks often."""
    return frozenset(node.free_symbols)


@cache
def _rules() -> ByClass[Callable[[Balls, Any], Value]]:
    """The table with all its rules: who evaluates need not know which modules fill it, nor import them first."""
    from lemmata.numerics.compile import ball_functions, ball_matrices, ball_scalars

    assert ball_functions and ball_matrices and ball_scalars
    return RULES


class Balls:
    """One evaluation at the current precision: `Balls(values)(expr)`.

    `values` maps nodes (symbols, matrix symbols, quantities already measured, random symbols) to values; a node found there is
    not looked into. Each distinct subexpression is evaluated once. With `exact=False` rationals are balls from the start, so
    that the radius of the result bounds what floating point of the same precision would lose.
    """

    __slots__ = ("values", "exact", "_memo", "_parent", "_bound")

    def __init__(self, values: Mapping[Any, Value], exact: bool = True, parent: Balls | None = None) -> None:
        self.values = values
        self.exact = exact
        self._memo: dict[Any, Value] = {}
        self._parent = parent
        self._bound = frozenset(values) if parent is not None else frozenset()

    def __call__(self, node: Any) -> Value:
        """The value of a node; raises CannotEvaluate, naming the node or its class."""
        try:
            return self._memo[node]
        except KeyError:
            pass
        value = self._value(node)
        self._memo[node] = value
        return value

    def _value(self, node: Any) -> Value:
        if node in self.values:
            return self.values[node]
        if self._parent is not None and self._bound.isdisjoint(_free_symbols(node)):
            return self._parent(node)
        evaluate = _rules().nearest(type(node))
        if evaluate is not None:
            return evaluate(self, node)
        if isinstance(node, (sp.Symbol, sp.MatrixSymbol)):
            if self._parent is not None:
                return self._parent(node)
            raise CannotEvaluate(f"{node} has no value here: give one")
        raise CannotEvaluate(f"{type(node).__name__} is not among the functions that balls can evaluate: {shorten(node)}")

    def inner(self, bound: Mapping[Any, Value]) -> Balls:
        """An evaluation inside a binder (a sum, a lambda): these bound variables first, everything else from here."""
        return Balls(bound, self.exact, parent=self)

    def number(self, node: Any) -> Scalar:
        """The value of a node that must be a scalar."""
        value = self(node)
        if isinstance(value, (fmpq, arb)):
            return value
        raise CannotEvaluate(f"a matrix stands where a number is needed: {shorten(node)}")

    def ball(self, node: Any) -> arb:
        """The scalar value of a node as a ball."""
        return to_ball(self.number(node))

    def matrix(self, node: Any) -> fmpq_mat | arb_mat:
        """The value of a node that must be a matrix."""
        value = self(node)
        if isinstance(value, (fmpq_mat, arb_mat)):
            return value
        raise CannotEvaluate(f"a number stands where a matrix is needed: {shorten(node)}")

    def integer(self, node: Any) -> int:
        """The value of a node that must be an integer (an index, a size, the end of a sum)."""
        value = self.number(node)
        whole = value.unique_fmpz() if isinstance(value, arb) and value.is_exact() else value
        if isinstance(whole, fmpq) and whole.q == 1:
            whole = whole.p
        if whole is None or isinstance(whole, (fmpq, arb)):
            raise CannotEvaluate(f"{shorten(node)} must be an integer here")
        return int(whole)


def to_ball(value: Scalar) -> arb:
    """A scalar value as a ball at the current precision."""
    return value if isinstance(value, arb) else arb(value)


@lru_cache(maxsize=1 << 8, typed=True)
def _text(node: Any) -> str:
    """What cannot be evaluated on one box of many is named on each of them."""
    return str(node)


def shorten(node: Any, length: int = 80) -> str:
    """A node's text, cut for a message of one line."""
    text = _text(node) if isinstance(node, sp.Basic) else str(node).replace("\n", " ")
    return text if len(text) <= length else text[: length - 3] + "..."


def settle(value: Scalar) -> Scalar:
    """An exact rational that has grown too long is rounded to a ball."""
    if isinstance(value, fmpq) and value.p.bit_length() + value.q.bit_length() > EXACT_BITS:
        return arb(value)
    return value


def hull(first: Scalar, second: Scalar) -> Scalar:
    """The smallest ball that holds both; exact when they are the same rational."""
    if isinstance(first, fmpq) and isinstance(second, fmpq) and first == second:
        return first
    return to_ball(first).union(to_ball(second))


def sign_of(value: Scalar) -> int | None:
    """-1, 0 or 1 when the sign is certain, None when the ball reaches over zero."""
    if value > 0:
        return 1
    if value < 0:
        return -1
    if isinstance(value, fmpq) or value.is_zero():
        return 0
    return None


def monotone(function: Callable[[arb], arb], x: arb, low: arb | None = None, high: arb | None = None) -> arb:
    """The range of a monotone function over a ball, cut to its domain [low, high]: the hull of the values at the two ends."""
    left, right = x.lower(), x.upper()
    if (low is not None and right < low) or (high is not None and left > high):
        raise Undefined(f"the argument {x.str(6)} lies outside the domain of {function.__name__}")
    if low is not None and not left > low:
        left = low
    if high is not None and not right < high:
        right = high
    if x.is_exact() and low is None and high is None:
        return function(x)
    return function(left).union(function(right))
