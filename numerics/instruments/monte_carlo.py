"""Monte Carlo: any mean, probability or covariance of random leaves and experiments, with an anytime-valid interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.confidence import Sequential
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.measurement import Estimate, Instrument, Measurement, Refusal
from lemmata.numerics.sampler import NotANumber, Sampler
from lemmata.numerics.sampling import ExperimentFailed
from lemmata.numerics.statistics.moments import FIRST_LOOK, Moments
from lemmata.numerics.streams import Stream
from lemmata.numerics.targets import Kind, target_of


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
        declined = self.supports(quantity)
        if declined is not None:
            return declined
        if budget.device.startswith("cuda") and not torch.cuda.is_available():
            return Refusal("the device cuda was asked for and there is none here: use cpu")
        try:
            sampler = Sampler(target_of(quantity), at, stream, budget.device)
            sampler.choose_antithetic()
            return estimate(sampler, budget)
        except (Unsupported, ExperimentFailed, NotANumber, CannotEvaluate) as reason:
            return Refusal(str(reason))
        except (ArithmeticError, RuntimeError, ValueError, TypeError, NotImplementedError, MemoryError, LookupError) as error:
            return Refusal(f"sampling stopped with {type(error).__name__}: {str(error).strip()[:200] or 'no message'}")


def estimate(sampler: Sampler, budget: Budget) -> Measurement:
    """Looks at doubling epochs until the interval resolves the mean or the samples are spent."""
    limit = sampler.limit()
    run = Sequential(budget.alpha, low=-limit, high=limit)
    moments, proposed, index, epoch = Moments(), 0, 0, FIRST_LOOK
    most = budget.samples // sampler.evaluations
    reason = f"the budget of {budget.samples} samples is below the first look at {FIRST_LOOK * sampler.evaluations}"
    while epoch <= most:
        while proposed < epoch:
            count = min(sampler.block, epoch - proposed)
            units = sampler.units(index, count)
            _check_binary(sampler, units)
            moments = moments.merge(Moments.of(units))
            proposed, index = proposed + count, index + 1
        epoch *= 2
        if moments.n == 0:
            reason = f"the condition held at none of {proposed} draws"
            continue
        run.binary = sampler.binary
        interval = run.look(moments)
        reason = interval.because or reason
        if run.best is not None and run.best.radius <= _wanted(moments, run.best.centre, run.best.radius, budget.resolution):
            break
    if run.best is None or not math.isfinite(run.best.radius):
        return Refusal(reason)
    lost = sampler.rounding()
    if not math.isfinite(lost):
        return Refusal("floating point may lose every digit of the integrand: write it without cancellation")
    return Estimate(
        mean=run.best.centre,
        stderr=moments.stderr,
        n=proposed * sampler.evaluations,
        radius=run.best.radius + lost,
        alpha=budget.alpha,
        method=_method(sampler, run),
    )


def _wanted(moments: Moments, centre: float, radius: float, resolution: float) -> float:
    """The radius at which sampling stops: relative to the mean, or to one draw's spread where the mean may be 0."""
    return resolution * (abs(centre) if abs(centre) > radius else math.sqrt(moments.variance))


def _check_binary(sampler: Sampler, units: torch.Tensor) -> None:
    """An event's indicator is 0 or 1; an experiment used as an event may not return anything else."""
    if sampler.target.kind is Kind.PROBABILITY and bool(((units != 0) & (units != 1)).any()):
        raise Unsupported("the event's experiment returned values other than 0 and 1: return booleans, or state a relation")


def _method(sampler: Sampler, run: Sequential) -> str:
    interval = (
        "Clopper-Pearson" if run.binary else "empirical Bernstein" if math.isfinite(run.low) else "studentised mean, Hall's correction"
    )
    units = (
        "antithetic pairs"
        if sampler.antithetic
        else "independent copies"
        if sampler.target.kind is Kind.COVARIANCE
        else "independent draws"
    )
    return f"{units}; {interval}"


INSTRUMENT = MonteCarlo()
