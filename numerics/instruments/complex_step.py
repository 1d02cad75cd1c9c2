"""Gradients by a complex step: no subtraction, so no cancellation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.numpy_backend import compile_numpy
from lemmata.numerics.gradient_tangents import Place, refuse
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream

STEP = 2.0**-100
"""The step h: a power of two, so small that h^2 vanishes against 1 in double precision."""

NOT_ANALYTIC = (sp.Abs, sp.sign, sp.Heaviside, sp.Piecewise, sp.floor, sp.ceiling)
"""What is left to other instruments. Max and Min are analytic off their kinks and follow the real part; at a kink the bound on
rounding is undecided, so that there is no answer."""


class ComplexStep(Instrument):
    r"""Im L(W + i h E_ij) / h for every entry at once, one batch of complex networks.

    Source: Squire & Trapp (1998), Using complex variables to estimate derivatives of real functions, p. 110.
    """

    name: ClassVar[str] = "complex_step"
    cost: ClassVar[int] = 2

    def supports(self, quantity: Any) -> Refusal | None:
        refusal = refuse(quantity)
        if refusal is None and quantity.loss.has(*NOT_ANALYTIC):
            return Refusal("a complex step needs an analytic loss")
        return refusal

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        try:
            place = Place.of(quantity, at)
            slope = step_once(place)
            rounding = np.array(place.rounding()).reshape(place.shape)
        except CannotEvaluate as error:
            return Refusal(error.reason)
        if not np.isfinite(slope).all():
            return Refusal("the loss is not finite next to this point")
        basis = "rounding errors of complex128, bounded by the radius of forward differentiation in balls of 49 bits"
        return Approx(slope, rounding, basis) if place.is_matrix else Approx(float(slope[0, 0]), float(rounding[0, 0]), basis)


def step_once(place: Place) -> np.ndarray:
    """The gradient by one complex step for each entry of the variable."""
    rows, columns = place.shape
    if place.variable not in place.values:
        return np.zeros(place.shape)
    units = np.eye(rows * columns).reshape(rows * columns, rows, columns)
    units = units if place.is_matrix else units[:, 0, 0]
    inputs = list(place.values)
    arrays = [np.array(place.floats(symbol)) for symbol in inputs]
    moved = [array + 1j * STEP * units if symbol == place.variable else array for symbol, array in zip(inputs, arrays, strict=True)]
    values = compile_numpy(place.loss, inputs)(*moved)
    return np.broadcast_to(np.imag(values) / STEP, (rows * columns,)).reshape(rows, columns)


INSTRUMENT = ComplexStep()
