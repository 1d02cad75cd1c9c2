"""Monte Carlo: any mean, probability or covariance of random leaves and experiments, with an interval that holds at every look."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.declared_bounds import spread_of_experiments
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.measurement import Estimate, Instrument, Measurement, Refusal
from lemmata.numerics.moment_bounds import Spread, range_of, spread_of
from lemmata.numerics.sampler import NotANumber, Sampler
from lemmata.numerics.sampling import ExperimentFailed
from lemmata.numerics.statistics.binomial import Binomial
from lemmata.numerics.statistics.learned_variance import FromBound, FromFourthMoment, LearnedVariance
from lemmata.numerics.statistics.moments import FIRST_LOOK, Moments
from lemmata.numerics.statistics.self_normalised import SelfNormalised, scales
from lemmata.numerics.statistics.sequence import ConfidenceSequence
from lemmata.numerics.streams import Stream
from lemmata.numerics.targets import Kind, target_of

LOOK_AGAIN = 16
"""A look follows the one before after a sixteenth more units, and after `FIRST_LOOK` at least."""

LEARNING = 1 / 16
"""The share of the error rate that learning a variance takes."""

MANY = 3
"""Sources of randomness from which on a bounded unit's variance is learned, where that costs little: integrals over them are slow."""

WORTH = 0.05
"""What learning may add to the variance before an integral is tried instead."""

NO_TEST = (
    "an unbounded law without a certified moment bound has no valid test of its mean: state it with laws of sympy.stats whose moments "
    "are known, or bound the quantity"
)


class MonteCarlo(Instrument):
    """Samples until the interval is narrower than the budget's resolution, or the samples are spent."""

    name: ClassVar[str] = "Monte Carlo"
    cost: ClassVar[int] = 10

    def supports(self, quantity: Any) -> Refusal | None:
        try:
            target = target_of(quantity)
        except Unsupported as reason:
            return Refusal(str(reason))
        if target.is_matrix:
            return Refusal("Monte Carlo estimates one number: state the entries of the matrix")
        return None

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        return deque(self.looks(quantity, at, budget, stream), maxlen=1).pop()

    def looks(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Iterator[Measurement]:
        declined = self.supports(quantity)
        if declined is not None:
            yield declined
            return
        if budget.device.startswith("cuda") and not torch.cuda.is_available():
            yield Refusal("the device cuda was asked for and there is none here: use cpu")
            return
        try:
            sampler = Sampler(target_of(quantity), at, stream, budget.device)
            sampler.reduce(budget)
            yield from estimates(sampler, budget)
        except (Unsupported, ExperimentFailed, NotANumber, CannotEvaluate) as reason:
            yield Refusal(str(reason))
        except (ArithmeticError, RuntimeError, ValueError, TypeError, NotImplementedError, MemoryError, LookupError) as error:
            yield Refusal(f"sampling stopped with {type(error).__name__}: {str(error).strip()[:200] or 'no message'}")


def estimates(sampler: Sampler, budget: Budget) -> Iterator[Measurement]:
    """An estimate at each look until one resolves the mean or the samples are spent; a Refusal where none can be made."""
    most = budget.samples // sampler.evaluations
    if most < FIRST_LOOK:
        yield Refusal(f"the budget of {budget.samples} samples is below the first look at {FIRST_LOOK * sampler.evaluations}")
        return
    sequence, assumes = plan(sampler, budget.alpha, most)
    lost = sampler.rounding()
    if not math.isfinite(lost):
        yield Refusal("floating point may lose every digit of the integrand: write it without cancellation")
        return
    method = f"{_units(sampler)}; {sequence.method}"
    moments, proposed, index, found = Moments(), 0, 0, False
    while proposed < most:
        goal = min(most, proposed + max(FIRST_LOOK, proposed // LOOK_AGAIN // FIRST_LOOK * FIRST_LOOK))
        while proposed < goal:
            count = min(sampler.block, goal - proposed)
            units = sampler.units(index, count)
            _check_binary(sampler, units)
            moments = moments.merge(Moments.of(units))
            proposed, index = proposed + count, index + 1
        radius = sequence.interval(moments).radius(moments.mean) if moments.n else math.inf
        if not math.isfinite(radius):
            continue
        found, rounding = True, lost + moments.rounding
        drawn = proposed * sampler.evaluations
        yield Estimate(moments.mean, moments.stderr, drawn, radius + rounding, budget.alpha, method, rounding, assumes)
        if radius <= max(_wanted(moments, radius, budget.resolution), rounding):
            return
    if not found:
        yield Refusal(_nothing(moments, proposed))


def plan(sampler: Sampler, alpha: float, most: int) -> tuple[ConfidenceSequence, tuple[str, ...]]:
    """The sequence for a sampler's units, fixed before they are drawn, and what it takes from authors of experiments.

    Raises Unsupported where nothing bounds the law of the units, with the reason.
    """
    if sampler.draws or sampler.binary:
        pilot = _pilot(sampler)
        if sampler.binary:
            return Binomial.planned(alpha, pilot.mean, FIRST_LOOK, most), ()
    if len(sampler.sources) >= MANY and (range_ := range_of(sampler))[1] < math.inf:
        cheap = Spread(low=range_[0], high=range_[1])
        if inflation(cheap, pilot := _pilot(sampler), alpha, most) <= WORTH:
            return _learning(cheap, pilot, alpha, most), ()
    spread = spread_of_experiments(sampler) if sampler.draws else spread_of(sampler)
    if math.isfinite(spread.variance) and not math.isfinite(spread.fourth):
        return SelfNormalised(alpha, spread.variance, scales(spread.variance, FIRST_LOOK, most)), spread.assumes
    if not (spread.bounded or math.isfinite(spread.fourth)):
        raise Unsupported(f"{NO_TEST} ({'; '.join(spread.reasons)})")
    return _learning(spread, _pilot(sampler), alpha, most), spread.assumes


def inflation(spread: Spread, pilot: Moments, alpha: float, most: int) -> float:
    """By how much, relatively, the last look's learned variance exceeds the one that the pilot run shows, about."""
    if pilot.variance == 0:
        return math.inf
    reach = max(spread.high - pilot.mean, pilot.mean - spread.low)
    return reach * math.sqrt(2 * math.log(1 / alpha) / (most * pilot.variance))


def _learning(spread: Spread, pilot: Moments, alpha: float, most: int) -> ConfidenceSequence:
    """A sequence that learns the variance from a bound of the units or of their fourth moment, about the mean of a pilot run."""
    share, centre = alpha * LEARNING, pilot.mean
    learned: LearnedVariance
    if spread.bounded:
        reach = max(spread.high - centre, centre - spread.low)
        largest = min(spread.variance, ((spread.high - spread.low) / 2) ** 2)
        learned = FromBound(share, centre, reach, FIRST_LOOK, most)
    else:
        fourth = (spread.fourth**0.25 + abs(centre)) ** 4 * (1 + 2.0**-40)
        largest = min(spread.variance, math.sqrt(fourth))
        learned = FromFourthMoment(share, centre, fourth, FIRST_LOOK, most)
    if largest == 0:
        return SelfNormalised(alpha, 0.0, (1.0,))
    likely = min(largest, max(pilot.variance, largest / most))
    return SelfNormalised(alpha - share, largest, scales(likely, FIRST_LOOK, most), learned)


def _pilot(sampler: Sampler) -> Moments:
    units = sampler.pilot(FIRST_LOOK)
    _check_binary(sampler, units)
    return Moments.of(units)


def _wanted(moments: Moments, radius: float, resolution: float) -> float:
    """The radius at which sampling stops: relative to the mean, or to one draw's spread where the mean may be 0."""
    return resolution * (abs(moments.mean) if abs(moments.mean) > radius else math.sqrt(moments.variance))


def _nothing(moments: Moments, proposed: int) -> str:
    """Why no look gave an interval."""
    if moments.n == 0:
        return f"the condition held at none of {proposed} draws"
    if not moments.finite:
        return "a sum of squares of the samples is not finite"
    return f"{moments.n} draws are too few for an interval at this error rate: give more samples"


def _check_binary(sampler: Sampler, units: torch.Tensor) -> None:
    """An event's indicator is 0 or 1; an experiment used as an event may not return anything else."""
    if sampler.target.kind is Kind.PROBABILITY and bool(((units != 0) & (units != 1)).any()):
        raise Unsupported("the event's experiment returned values other than 0 and 1: return booleans, or state a relation")


def _units(sampler: Sampler) -> str:
    return "independent copies" if sampler.target.kind is Kind.COVARIANCE else sampler.reduction.method


INSTRUMENT = MonteCarlo()
