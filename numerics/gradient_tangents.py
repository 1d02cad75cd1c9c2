"""What the instruments for gradients share: a gradient node at a point, its exact tangents, and a bound on rounding errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb_mat, fmpq, fmpq_mat

from lemmata.numerics.compile.arb import PREC_CAP, precision
from lemmata.numerics.compile.ball_matrices import as_balls, from_entries
from lemmata.numerics.compile.balls import Balls, to_ball
from lemmata.numerics.compile.errors import CannotEvaluate, Undecided
from lemmata.numerics.dual_numbers import Tangents
from lemmata.numerics.measurement import Refusal
from lemmata.theory.gradients import Gradient, ScalarGradient
from lemmata.theory.quantity import quantities, random_symbols

FLOATING_BITS = 49
"""Balls of four bits less than a double: an operation may err by sixteen units in the last place."""

UNDERFLOW = 2.0**-900
"""What is added to every bound on rounding: balls have no least number, doubles (and a complex step of 2^-100 in them) have one."""


def refuse(quantity: Any) -> Refusal | None:
    """Why the instruments for gradients cannot try a quantity; None when they can."""
    if not isinstance(quantity, (Gradient, ScalarGradient)):
        return Refusal("it measures gradients")
    inner = quantities(quantity.loss)
    if inner:
        return Refusal(f"the loss holds {inner[0]}, which has to be measured itself")
    if random_symbols(quantity.loss):
        return Refusal("the loss is random: take its expectation first")
    return None


@dataclass(frozen=True)
class Place:
    """A gradient node at a point: the loss with sizes put in, the variable, and exact values of all symbols."""

    loss: Any
    variable: Any
    values: Mapping[Any, Any]

    @classmethod
    def of(cls, quantity: Any, at: Mapping[Any, Any]) -> Place:
        """The node at a point; raises CannotEvaluate where the variable has no value there."""
        loss, variable, values = quantity.at(at)
        if variable not in values and loss.has(variable):
            raise CannotEvaluate(f"{variable} has no value here: give one")
        return cls(loss, variable, values)

    @property
    def is_matrix(self) -> bool:
        return isinstance(self.variable, sp.MatrixSymbol)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the gradient; (1, 1) for a scalar."""
        rows, columns = self.variable.shape if self.is_matrix else (1, 1)
        return int(rows), int(columns)

    def floats(self, symbol: Any) -> Any:
        """The value of a symbol in floating point: a number, or a list of rows."""
        value = self.values[symbol]
        return [[float(entry) for entry in row] for row in value.tolist()] if isinstance(symbol, sp.MatrixSymbol) else float(value)

    def tangents(self, bits: int, *, exact: bool) -> Any:
        """The gradient with this working precision: `arb_mat`, or `arb` for a scalar."""
        with precision(bits):
            converter = Balls({}, exact)
            balls = Balls({symbol: converter(sp.sympify(value)) for symbol, value in self.values.items()}, exact)
            if not self.is_matrix:
                found = Tangents(balls, self.variable, [fmpq(1)])(self.loss)
                return to_ball(fmpq(0) if found is None else found[0])
            rows, columns = self.shape
            size = rows * columns
            units = [fmpq_mat(rows, columns, [fmpq(int(place == other)) for other in range(size)]) for place in range(size)]
            found = Tangents(balls, self.variable, units)(self.loss)
            return as_balls(from_entries(rows, columns, found if found is not None else [fmpq(0)] * size))

    def enclosure(self, digits: int) -> Any:
        """The gradient in balls whose radius is at most 10^-digits of its largest entry, where the precision cap admits it."""
        bits = int(digits * 3.33) + 32
        while True:
            try:
                value = self.tangents(bits, exact=True)
                if bits >= PREC_CAP or _sharp(value, digits):
                    return value
            except Undecided:
                if bits >= PREC_CAP:
                    raise
            bits *= 2

    def rounding(self) -> tuple[float, ...]:
        """For each entry a bound on what floating point with 53 bits may lose: the radius of an evaluation in balls of 49 bits.

        What underflows on the way and is multiplied by more than 2^100 later is not covered.
        """
        return _rounding(self.loss, self.variable, tuple(self.values.items()))


@lru_cache(maxsize=256)
def _rounding(loss: Any, variable: Any, values: tuple[tuple[Any, Any], ...]) -> tuple[float, ...]:
    value = Place(loss, variable, dict(values)).tangents(FLOATING_BITS, exact=False)
    return tuple(float(entry.rad()) + UNDERFLOW for entry in (value.entries() if isinstance(value, arb_mat) else [value]))


def _sharp(value: Any, digits: int) -> bool:
    entries = list(value.entries()) if isinstance(value, arb_mat) else [value]
    largest = max(float(abs(entry.mid())) for entry in entries)
    return all(float(entry.rad()) * 10**digits <= largest for entry in entries)
