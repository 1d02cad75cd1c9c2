"""What an instrument may return, and what an instrument is.

Four kinds of answer, in falling order of strength: `Ball` (a rigorous enclosure), `Estimate` (statistical, with an
interval that is valid however often it was looked at), `Approx` (floating point, with an error estimate that nothing
proves), `Refusal` (a reason). Values are scalars or matrices of flint balls; a matrix is an `arb_mat`.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from lemmata.numerics.budget import Budget
from lemmata.numerics.streams import Stream


@dataclass(frozen=True, slots=True)
class Ball:
    """A rigorous enclosure: the truth lies in `value` (a flint `arb`, or `arb_mat` for a matrix)."""

    value: Any
    note: str = ""


@dataclass(frozen=True, slots=True)
class Approx:
    """A floating-point value (float, mpf, or nested lists/array for a matrix) with an unproved error.

    `error` has the value's shape or is one number for all entries; `basis` says where it comes from.
    At most supported; it refutes only when another road confirms.
    """

    value: Any
    error: Any
    basis: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistical estimate of a mean.

    |mean - truth| <= radius with probability at least 1 - alpha, simultaneously at every look of the run that made it
    (`alpha` is the budget's); `stderr` is the standard error, from which the power is computed; `n` the draws spent.
    """

    mean: float
    stderr: float
    n: int
    radius: float
    alpha: float
    method: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An instrument declines: `reason` says what it needs, or what it met. `divergent` when the quantity has no value."""

    reason: str
    divergent: bool = False


Measurement = Ball | Approx | Estimate | Refusal


class Instrument(abc.ABC):
    """One way to measure one kind of quantity; a new instrument is one new file in `numerics/instruments`.

    It is handed one quantity node and one point, never the relation: it cannot see the answer. `at` maps every free
    symbol of the quantity to an exact value: Rational, algebraic number, Integer, or ImmutableMatrix of such.
    """

    name: ClassVar[str]
    cost: ClassVar[int] = 1
    """Rank: instruments that support a quantity are tried from cheap to dear."""
    kinds: ClassVar[tuple[type, ...]] = ()
    """The types of node this instrument is for; of another kind it is not even asked. Empty: it is always asked."""
    batch: ClassVar[int] = 0
    """How many points it measures for little more than one, for each point of the budget; 0 where each costs the same."""

    @abc.abstractmethod
    def supports(self, quantity: Any) -> Refusal | None:
        """None when this instrument can try; otherwise why not. Fast: no numerics."""

    @abc.abstractmethod
    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        """The quantity at one point; what goes wrong is a Refusal with its reason, never an exception or NaN."""

    def measure_all(self, quantity: Any, points: Sequence[Mapping[Any, Any]], budget: Budget, stream: Stream) -> list[Measurement]:
        """The quantity at several points; instruments that profit from one batch override this.

        The answer at a point must not depend on the other points.
        """
        return [self.measure(quantity, at, budget, stream.child(index)) for index, at in enumerate(points)]

    def __repr__(self) -> str:
        return self.name
