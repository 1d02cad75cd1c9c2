"""Scalars that count: each arithmetic operation and each function adds one to a meter."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Meter:
    """How many operations were done."""

    count: int = 0


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "sigmoid": lambda x: 0.5 + 0.5 * math.tanh(x / 2),
    "relu": lambda x: max(x, 0.0),
    "step": lambda x: 1.0 if x > 0 else 0.0,
}
"""The functions of the table of elementary operations, in double precision."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A number in double precision whose operations are counted; a value that does not exist is nan, and still counts.

    >>> meter = Meter()
    >>> x = Counted(3.0, meter)
    >>> (x * x - 1).value, meter.count
    (8.0, 2)
    """

    value: float
    meter: Meter

    def _done(self, compute: Callable[[], float]) -> Counted:
        self.meter.count += 1
        try:
            return Counted(compute(), self.meter)
        except (ArithmeticError, ValueError):
            return Counted(math.nan, self.meter)

    def __add__(self, other: Any) -> Counted:
        return self._done(lambda: self.value + number(other))

    def __sub__(self, other: Any) -> Counted:
        return self._done(lambda: self.value - number(other))

    def __rsub__(self, other: Any) -> Counted:
        return self._done(lambda: number(other) - self.value)

    def __mul__(self, other: Any) -> Counted:
        return self._done(lambda: self.value * number(other))

    def __truediv__(self, other: Any) -> Counted:
        return self._done(lambda: self.value / number(other))

    def __neg__(self) -> Counted:
        return self._done(lambda: -self.value)

    def apply(self, name: str) -> Counted:
        """A function of the table of elementary operations."""
        return self._done(lambda: FUNCTIONS[name](self.value))


def number(scalar: Any) -> float:
    """The value of a counted scalar, or a number itself."""
    return scalar.value if isinstance(scalar, Counted) else float(scalar)
