"""Iterated scalar maps in balls: the precision is raised until it outlasts the growth of the radius."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from flint import arb

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import BITS_A_DIGIT, CannotEvaluate, precision, to_value
from lemmata.numerics.compile.balls import Balls, Scalar, to_ball
from lemmata.numerics.compile.errors import FAILURES, Undecided
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import quantities, random_symbols
from lemmata.theory.recursion import Iterate

PREC_FLOOR = 4096
"""Bits that are tried whatever the count; a chaotic map loses about one a step, so two a step are allowed on top."""

JUMPS = (sp.Piecewise, sp.Heaviside, sp.sign, sp.floor, sp.ceiling, sp.Mod)
"""Maps with these may jump, where the mean value theorem says nothing."""


class IteratedBalls(Instrument):
    """`iterate(F, c_0, k)` at a concrete k: F applied k times to a ball, rigorous however the map behaves."""

    name = "iteration in balls"
    cost = 1

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, Iterate):
            return Refusal("not an iterated map")
        if any(quantities(part) or random_symbols(part) for part in (quantity.map.expr, quantity.start, quantity.count)):
            return Refusal("the map, its start or its count holds a quantity")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            return _measure(quantity, at, budget)
        except FAILURES as error:
            return Refusal(f"the iteration cannot be carried out: {error}")


def _measure(quantity: Iterate, at: Mapping[Any, Any], budget: Budget) -> Measurement:
    bits = int(budget.digits * BITS_A_DIGIT) + 30
    cap, reason = PREC_FLOOR, ""
    best: arb | None = None
    while bits <= cap:
        with precision(bits):
            outside = Balls({symbol: to_value(value) for symbol, value in at.items()})
            count = outside.integer(quantity.count)
            if not 0 <= count <= budget.steps:
                return Refusal(f"{count} iterations, and the budget allows {budget.steps}")
            cap = PREC_FLOOR + 2 * count
            try:
                ball = to_ball(_iterated(quantity, outside, count))
            except Undecided as error:
                ball, reason = None, str(error)
        if ball is not None and ball.is_finite():
            best = ball
            if ball.rad() <= abs(ball) * arb(10) ** -budget.digits or ball.rad() <= arb(10) ** (-4 * budget.digits):
                break
        bits *= 2
    if best is None:
        return Refusal(f"the ball grows beyond bounds within {cap} bits: {reason or 'not finite'}")
    return Ball(best, f"{count} iterations")


def _iterated(quantity: Iterate, outside: Balls, count: int) -> Scalar:
    """Each step in the mean value form, so that the radius grows with the map's derivative and not with its formula's length."""
    value = outside.number(quantity.start)
    (variable,), body = quantity.map.variables, quantity.map.expr
    slope = None if body.has(*JUMPS) else sp.diff(body, variable)
    for _ in range(count):
        value = _step(outside, variable, body, slope, value)
    return value


def _step(outside: Balls, variable: Any, body: Any, slope: Any | None, value: Scalar) -> Scalar:
    """F(ball) within F(middle) + F'(ball) (ball - middle) where that can be had and is the smaller, else directly."""
    direct = outside.inner({variable: value}).number(body)
    if slope is None or not isinstance(value, arb) or value.is_exact():
        return direct
    middle = value.mid()
    try:
        centre = outside.inner({variable: middle}).ball(body)
        rate = outside.inner({variable: value}).ball(slope)
    except CannotEvaluate:
        return direct
    mean = centre + rate * (value - middle)
    return mean if mean.is_finite() and mean.rad() < to_ball(direct).rad() else direct


INSTRUMENT = IteratedBalls()
