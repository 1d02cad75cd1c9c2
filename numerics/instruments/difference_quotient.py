"""Derivatives of what has to be measured: difference quotients from both sides, extrapolated as limits are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import sympy as sp

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.limit import NumericalLimit
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.quantity import outermost, quantities, random_symbols

CLOSER = 2**10
"""Steps are shortened by this where they leave the domain of the integrand."""

LIMIT = NumericalLimit()


class DifferenceQuotient(Instrument):
    """`Derivative(f, x)` of an f that holds quantities: the limit of (f(x + h) - f(x))/h for h -> 0 from both sides.

    The quantities inside are measured by the other instruments, which must give a ball or an approximation.
    """

    name: ClassVar[str] = "difference quotient"
    cost: ClassVar[int] = 5
    kinds: ClassVar[tuple[type, ...]] = (sp.Derivative,)

    def supports(self, quantity: Any) -> Refusal | None:
        if not isinstance(quantity, sp.Derivative):
            return Refusal("not a derivative")
        if not quantities(quantity.expr):
            return Refusal("what is differentiated is closed: it is differentiated exactly")
        if len(quantity.variables) != 1 or not isinstance(quantity.variables[0], sp.Symbol):
            return Refusal("difference quotients are for first derivatives with respect to one scalar symbol")
        if random_symbols(quantity.expr.xreplace({node: sp.Dummy() for node in outermost(quantity.expr)})):
            return Refusal("the derivative of a random expression is not a number")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        answer: Measurement = Refusal("no step was tried")
        first = first_scale(budget.digits)
        for scale in (first, CLOSER * first):
            answer = LIMIT.measure(quotient(quantity, scale), at, budget, stream.child(scale))
            if isinstance(answer, Approx):
                return answer
        return answer


def first_scale(digits: int) -> int:
    """What the first step is divided by: with more digits the steps are shorter, so that a second look is another computation.

    >>> first_scale(15), first_scale(30)
    (64, 4096)
    """
    return 2 ** (2 * digits // 5)


def quotient(derivative: Any, scale: int) -> Any:
    """The derivative as a limit of difference quotients with steps h/scale.

    >>> x = sp.Symbol("x", real=True)
    >>> quotient(sp.Derivative(x**2, x), 64).args[0].xreplace({x: sp.Integer(3)}).subs(quotient(sp.Derivative(x**2, x), 64).args[1], 1)
    385/64
    """
    variable = derivative.variables[0]
    step = sp.Symbol("h_step", real=True)
    moved = derivative.expr.xreplace({variable: variable + step / scale})
    return sp.Limit((moved - derivative.expr) * scale / step, step, 0, "+-")


INSTRUMENT = DifferenceQuotient()
