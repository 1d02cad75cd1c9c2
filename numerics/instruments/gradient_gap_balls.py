"""The gap between a loss's gradients at two points in balls: SymPy's derivatives, rigorous."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.computed_loss import LossValue
from lemmata.theory.iterates import Method, Reduction, Trajectory
from lemmata.theory.lipschitz_gradients import GradientGap


class GapInBalls(Instrument):
    """|grad L(x) - grad L(y)|^2 for losses written in SymPy, their matrices taken entry by entry."""

    name = "gap of gradients in balls"
    kinds = (GradientGap,)
    cost = 1

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, GradientGap):
            return Refusal("it compares gradients at two points only")
        return Refusal("the loss is code, which balls cannot follow") if quantity.has(LossValue) else None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        from flint import fmpq

        from lemmata.numerics.compile.arb import BITS_A_DIGIT, precision
        from lemmata.numerics.compile.balls import Balls, to_ball
        from lemmata.numerics.compile.errors import CannotEvaluate
        from lemmata.numerics.descent.explicit import explicit

        try:
            ends = [explicit(_standing(quantity, end), at) for end in quantity.ends]
            with precision(2 * int(budget.digits * BITS_A_DIGIT) + 64):
                closed = Balls({})
                slopes = []
                for end in ends:
                    here = Balls({x: closed.number(start) for x, start in zip(end.variables, end.starts, strict=True)})
                    slopes.append([here.number(part) for part in end.gradient])
                value = to_ball(sum(((a - b) * (a - b) for a, b in zip(*slopes, strict=True)), fmpq(0)))
        except (CannotEvaluate, ArithmeticError) as error:
            return Refusal(str(error))
        return Ball(value, "derivatives by SymPy") if value.is_finite() else Refusal("a gradient is not finite at one of the two points")


def _standing(node: GradientGap, end: tuple[Any, ...]) -> Trajectory:
    """Descent that takes no step from one of the two points: what compiles a loss with its start and its gradient."""
    return Trajectory(node.loss, node.variables, end, 0, node.loss, 1, 0, Method.GRADIENT, Reduction.AT)


INSTRUMENT = GapInBalls()
