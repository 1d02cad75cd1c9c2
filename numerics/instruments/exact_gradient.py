"""Gradients by forward differentiation in exact rationals and balls: a rigorous enclosure of every partial derivative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sympy import MatrixExpr

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.gradient_tangents import Place, refuse
from lemmata.numerics.instruments.derivative import at_kink
from lemmata.numerics.measurement import Ball, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.gradients import ScalarGradient
from lemmata.theory.pieces import kinks


class ExactGradient(Instrument):
    """Each partial derivative as the coefficient of e in L(W + e E_ij), in arithmetic of dual numbers over the rationals or balls."""

    name: ClassVar[str] = "exact_gradient"
    cost: ClassVar[int] = 1

    def supports(self, quantity: Any) -> Refusal | None:
        return refuse(quantity)

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            if isinstance(quantity, ScalarGradient) and any(_vanishes(kink, at) for kink in kinks(quantity.loss)):
                return at_kink(quantity.loss, quantity.variable, at, budget.digits)
            return Ball(Place.of(quantity, at).enclosure(budget.digits), "dual numbers")
        except CannotEvaluate as error:
            return Refusal(error.reason)


def _vanishes(kink: Any, at: Mapping[Any, Any]) -> bool:
    return not kink.has(MatrixExpr) and bool(enclose(kink, at).contains(0))


INSTRUMENT = ExactGradient()
