"""What an instrument may return, and what an instrument is.

Four kinds of answer, in falling order of strength: `Ball` (a rigorous enclosure), `Estimate` (statistical, with an
interval that is valid however often it was looked at), `Approx` (floating point, with an error estimate that nothing
proves), `Refusal` (a reason). Values are scalars or matrices of flint balls; a matrix is an `arb_mat`.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from lemmata.numerics.budget import Budget
from lemmata.numerics.streams import Stream


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An object that bounds a supremum from below: `value` (a flint `arb`) is what it reaches, `text` describes it in full."""

    value: Any
    text: str


@dataclass(frozen=True, slots=True)
class Ball:
    """A rigorous enclosure: the truth lies in `value` (a flint `arb`, or `arb_mat` for a matrix).

    `exhibits`, for a supremum, are objects that come close to it, the simplest first. `refutes_only` marks an enclosure that is
    sharp on one side alone: a statement outside it is false, a statement within it has found no support.
    """

    value: Any
    note: str = ""
    exhibits: tuple[Exhibit, ...] = ()
    refutes_only: bool = False


@dataclass(frozen=True, slots=True)
class Approx:
    """A floating-point value (float, mpf, or nested lists/array for a matrix) with an unproved error.

    `error` has the value's shape or is one number for all entries; `basis` says where it comes from.
    At most supported; it refutes only when another road confirms.
    """

    value: Any
    error: Any
    basis: str


POWER_QUANTILE = 2.3263478740408408
"""The standard normal's 99% quantile."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistical estimate of a mean.

    |mean - truth| <= radius with probability at least 1 - alpha, simultaneously at every look of the run that made it
    (`alpha` is the budget's); `stderr` is the standard error, from which the power is computed; `n` the draws spent.
    `rounding` is the part of the radius that floating point takes, which no sample makes smaller; `assumes` lists what
    the interval takes from the author of an experiment, a sentence each.
    """

    mean: float
    stderr: float
    n: int
    radius: float
    alpha: float
    method: str = ""
    rounding: float = 0.0
    assumes: tuple[str, ...] = ()

    @property
    def caught(self) -> float:
        """The smallest error that a run like this one catches with 99% probability.

        A stated value that is off by e is caught when it lies outside the interval, |mean - truth - e| > radius, so at the least
        when mean - truth (or its negative) stays below e - radius. The mean of this many units is normal with this standard
        error (the central limit theorem: for the power alone, the interval does not rest on it), and radii hardly vary between runs.

        >>> Estimate(0.5, 0.001, 10**6, 0.007, 1e-10).caught
        0.009326347874040842
        """
        return self.radius + POWER_QUANTILE * self.stderr

    def samples_for(self, error: float) -> float:
        """The draws that would catch this error as often, about: all but the rounding part shrinks with the root of their number.

        Infinite for an error within the rounding of the integrand.

        >>> Estimate(0.5, 0.001, 10**6, 0.007, 1e-10).samples_for(0.0009326347874040842)
        100000000.0
        """
        if error <= self.rounding:
            return math.inf
        ratio = (self.caught - self.rounding) / (error - self.rounding)
        return math.ceil(self.n * ratio**2 * (1 - 2.0**-40)) * 1.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """An instrument declines: `reason` says what it needs, or what it met. `divergent` when the quantity has no value.

    `undefined` when that is because it is not defined there, so that no derivation can give it one either.
    """

    reason: str
    divergent: bool = False
    undefined: bool = False


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

    def looks(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Iterator[Measurement]:
        """The quantity again and again, ever better; the last answer is that of `measure`.

        The intervals of all looks hold at once with probability 1 - alpha, so that whoever compares them may stop at the
        first that decides. A Refusal is the last answer and takes the place of those before it. Instruments that
        measure once look once.
        """
        yield self.measure(quantity, at, budget, stream)

    def measure_all(self, quantity: Any, points: Sequence[Mapping[Any, Any]], budget: Budget, stream: Stream) -> list[Measurement]:
        """The quantity at several points; instruments that profit from one batch override this.

        The answer at a point must not depend on the other points.
        """
        return [self.measure(quantity, at, budget, stream.child(index)) for index, at in enumerate(points)]

    def __repr__(self) -> str:
        return self.name
