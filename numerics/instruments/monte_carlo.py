"""Monte Carlo: any mean, probability or covariance of random leaves and experiments, with an anytime-valid interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.numerics.confidence import FIRST_LOOK, Moments, Sequential
from lemmata.numerics.laws import Model, Unsupported, standardise
from lemmata.numerics.measurement import Estimate, Instrument, Measurement, Refusal
from lemmata.numerics.quadrature.growth import growth
from lemmata.numerics.rounding import mean_loss
from lemmata.numerics.sampling import ExperimentFailed, draw_experiment, draw_source
from lemmata.numerics.streams import Stream
from lemmata.numerics.targets import Kind, Target, target_of

ROUNDED = 16
"""Draws at which the rounding error of the integrand is bounded in balls."""

ENTRIES = 2**21
"""Numbers drawn into one block, over all sources: 16 MiB."""

EXPERIMENT_BLOCK = 2**10
"""Samples asked of an experiment at a time: what one of them takes in memory is not known."""


class NotANumber(Exception):
    """The integrand has no finite value at some draw; the message says at how many."""


class Sampler:
    """Independent units of a target: one value a draw, an antithetic average, or half the product of differences of two draws.

    Block i is drawn from the stream's child i alone, so that neither the device nor what was asked before changes it.
    """

    def __init__(self, target: Target, at: Mapping[Any, Any], stream: Stream, device: str) -> None:
        exprs = (*target.parts, *(() if target.condition is None else (target.condition,)))
        models = standardise(exprs[0], at, *exprs[1:])
        model: Model = models[0] if isinstance(models, tuple) else models
        self.target, self.stream, self.device = target, stream, device
        self.sources, self.draws = model.sources, model.draws
        if not self.sources and not self.draws:
            raise Unsupported("nothing random is left in the quantity")
        inputs = [*(source.variable for source in self.sources), *self.draws]
        integrands = [item.expr for item in (models if isinstance(models, tuple) else (models,))]
        for integrand in integrands:
            missing = integrand.free_symbols - set(inputs)
            if missing:
                raise Unsupported(f"no value was given for {', '.join(sorted(map(str, missing)))}")
        self.functions: list[Callable[..., torch.Tensor]] = [compile_torch(integrand, inputs) for integrand in integrands]
        self.antithetic = False
        self._integrand = integrands[0]
        self._integrands = integrands
        self._booleans: dict[Any, bool] = {}

    @property
    def binary(self) -> bool:
        """Whether a unit is 0 or 1: an event, or the mean of one experiment that returns booleans."""
        kind = self.target.kind
        return kind is Kind.PROBABILITY or (kind is Kind.MEAN and self._booleans.get(self._integrand, False))

    @property
    def evaluations(self) -> int:
        """Draws that one unit takes."""
        return 2 if self.antithetic or self.target.kind is Kind.COVARIANCE else 1

    @property
    def block(self) -> int:
        """Units a block, a power of two."""
        width = ENTRIES // (max(1, len(self.sources) + len(self.draws)) * self.evaluations)
        largest = max(FIRST_LOOK, 2 ** int(math.log2(max(1, width))))
        return min(largest, EXPERIMENT_BLOCK) if self.draws else largest

    def limit(self) -> float:
        """A proved bound of |unit|, for an integrand whose structure has one (tanh, sin, erf, indicators); else infinite."""
        if self.draws or self.target.kind is not Kind.MEAN:
            return math.inf
        bound = growth(self._integrand, {source.variable: 0.0 for source in self.sources})
        return float(bound.C.upper()) if bound is not None and bound.bounded else math.inf

    def rounding(self) -> float:
        """How far the rounding errors of the integrand may move the mean of the units, from a few draws; 0 for experiments."""
        if self.draws:
            return 0.0
        inputs = self._inputs(ROUNDED, self.stream.child("rounding"))
        columns = {node: values.tolist() for node, values in inputs.items()}
        draws = [{node: column[index] for node, column in columns.items()} for index in range(ROUNDED)]
        losses = [mean_loss(integrand, draws) for integrand in self._integrands]
        if self.target.kind is not Kind.COVARIANCE:
            return losses[0]
        spreads = [float((values - values.mean()).abs().mean()) for values in (self._value(0, inputs), self._value(1, inputs))]
        return 2 * (losses[0] * spreads[1] + losses[1] * spreads[0])

    def choose_antithetic(self) -> None:
        """Mirror normal draws where a pilot run on a stream of its own says that it lowers the variance at equal cost."""
        if self.target.kind is not Kind.MEAN or self.draws or self.target.condition is not None:
            return
        if not all(source.is_normal for source in self.sources):
            return
        inputs = self._inputs(FIRST_LOOK, self.stream.child("pilot"))
        plain, mirrored = self._value(0, inputs), self._value(0, {node: -value for node, value in inputs.items()})
        pairs = Moments.of((plain + mirrored) / 2)
        noise = 2.0**-40 * float(plain.abs().amax())
        self.antithetic = noise < math.sqrt(pairs.variance) < math.sqrt(Moments.of(plain).variance / 2)

    def units(self, index: int, count: int) -> torch.Tensor:
        """`count` independent units from block `index`; fewer under a condition, which rejects."""
        stream = self.stream.child("block", index)
        if self.target.kind is Kind.COVARIANCE:
            return self._products(count, stream)
        inputs = self._inputs(count, stream)
        values = self._value(0, inputs)
        if self.antithetic:
            return (values + self._value(0, {node: -value for node, value in inputs.items()})) / 2
        return values if self.target.condition is None else values[self._value(-1, inputs) > 0.5]

    def _products(self, count: int, stream: Stream) -> torch.Tensor:
        """(x - x')(y - y') / 2 for independent copies: its mean is the covariance, whatever the means are."""
        inputs = self._inputs(2 * count, stream)
        first = self._value(0, inputs)
        second = first if self.target.parts[0] == self.target.parts[1] else self._value(1, inputs)
        if self.target.condition is not None:
            kept = self._value(-1, inputs) > 0.5
            first, second = first[kept], second[kept]
        half = len(first) // 2
        return (first[:half] - first[half : 2 * half]) * (second[:half] - second[half : 2 * half]) / 2

    def _inputs(self, count: int, stream: Stream) -> dict[Any, torch.Tensor]:
        rng = stream.torch(self.device)
        inputs: dict[Any, torch.Tensor] = {}
        for place, source in enumerate(self.sources):
            inputs[source.variable] = draw_source(source, count, rng, stream.child(place), self.device)
        for place, draw in enumerate(self.draws):
            own = stream.child("experiment", place).torch(self.device)
            inputs[draw], boolean = draw_experiment(draw, count, own, self.device)
            if self._booleans.setdefault(draw, boolean) is not boolean:
                raise ExperimentFailed(f"the experiment {draw} returns booleans at times and numbers at others: return one of them")
        return inputs

    def _value(self, which: int, inputs: Mapping[Any, torch.Tensor]) -> torch.Tensor:
        size = len(next(iter(inputs.values())))
        values = self.functions[which](inputs)
        values = torch.as_tensor(values, dtype=torch.float64, device=self.device).expand(size)
        bad = int((~torch.isfinite(values)).sum())
        if bad:
            raise NotANumber(f"the integrand is NaN or infinite in floating point at {bad} of {size} draws")
        return values


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
