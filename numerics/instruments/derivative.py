"""Derivatives of closed expressions: SymPy differentiates, balls evaluate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import FAILURES, Pole, Undefined
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.pieces import kinks
from lemmata.theory.quantity import quantities, random_symbols


def one_sided(expr: Any, variable: Any, at: Mapping[Any, Any]) -> tuple[Any, Any] | None:
    """The first derivatives to the left and to the right at a point; None where kinks remain next to it.

    >>> x = sp.Symbol("x", real=True)
    >>> one_sided(sp.Abs(x), x, {x: sp.Integer(0)}), one_sided(sp.Max(0, x) ** 2, x, {x: sp.Integer(0)})
    ((-1, 1), (0, 0))
    """
    step = sp.Dummy("h", positive=True)
    others = {symbol: value for symbol, value in at.items() if symbol != variable}
    found = []
    for side in (-1, 1):
        near = expr.xreplace(others).subs(variable, at[variable] + side * step)
        if kinks(near):
            return None
        found.append(side * sp.diff(near, step).subs(step, 0))
    return found[0], found[1]


def at_kink(expr: Any, variable: Any, at: Mapping[Any, Any], digits: int) -> Measurement:
    """The derivative where a maximum is tied or an absolute value vanishes: there is one where the two sides agree."""
    sides = one_sided(expr, variable, at)
    if sides is None:
        return Refusal(f"{shorten(expr)} may have no derivative here")
    left, right = (enclose(side, {}, digits=digits) for side in sides)
    if left.overlaps(right):
        exact = sides[0] == sides[1]
        return Ball(left, "the same from both sides") if exact else Refusal(f"{shorten(expr)} may have no derivative here")
    because = f"{shorten(expr)} has no derivative here: {shorten(sides[0])} from the left, {shorten(sides[1])} from the right"
    return Refusal(because, divergent=True)


def at_pole(quantity: Any, at: Mapping[Any, Any]) -> Refusal:
    """The derivative where its formula divides by zero: none where it grows beyond every bound on the way there, else unknown.

    By the mean value theorem: difference quotients are slopes in between, and so grow as well.
    """
    function = shorten(quantity.expr)
    unknown = Refusal(f"the formula of the derivative of {function} divides by zero here, where there may be one or none")
    if len(quantity.variables) != 1 or quantity.variables[0] not in at:
        return unknown
    variable = quantity.variables[0]
    others = {symbol: value for symbol, value in at.items() if symbol != variable and not getattr(value, "is_Matrix", False)}
    slope = sp.diff(quantity.expr, variable).xreplace(others)
    try:
        with_ends = [sp.limit(slope, variable, at[variable], side) for side in "+-"]
    except FAILURES:
        return unknown
    if not any(end in (sp.oo, -sp.oo) for end in with_ends):
        return unknown
    return Refusal(f"{function} has no derivative here: its slope grows beyond every bound", divergent=True, undefined=True)


class SymbolicDerivative(Instrument):
    """`Derivative(f, x, ...)` of a closed f: differentiated exactly, enclosed in a ball; refuses at a kink of f."""

    name = "symbolic derivative in balls"
    cost = 1

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, sp.Derivative):
            return Refusal("not a derivative")
        if quantities(quantity.expr) or random_symbols(quantity.expr):
            return Refusal(f"what is differentiated holds a quantity: {shorten(quantity.expr)}")
        if not all(isinstance(variable, sp.Symbol) for variable, _ in quantity.variable_count):
            return Refusal("the derivative is with respect to something other than a scalar symbol")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        if quantity.expr.has(sp.I):
            return Refusal(f"{shorten(quantity.expr)} is complex, and only real functions are differentiated")
        try:
            for kink in kinks(quantity.expr):
                if enclose(kink, at, digits=budget.digits).contains(0):
                    if len(quantity.variables) == 1:
                        return at_kink(quantity.expr, quantity.variables[0], at, budget.digits)
                    return Refusal(f"{shorten(quantity.expr)} may have no derivative here, where {shorten(kink)} = 0")
            order = [int(count) for _, count in quantity.variable_count]
            result = quantity.expr
            for (variable, _), count in zip(quantity.variable_count, order, strict=True):
                result = sp.diff(result, variable, count)
            return Ball(enclose(result, at, digits=budget.digits), "differentiated exactly")
        except Pole:
            return at_pole(quantity, at)
        except Undefined as error:
            return Refusal(f"{shorten(quantity.expr)} has no real derivative here: {error}", divergent=True, undefined=True)
        except FAILURES as error:
            return Refusal(f"the derivative cannot be evaluated: {error}")


INSTRUMENT = SymbolicDerivative()
