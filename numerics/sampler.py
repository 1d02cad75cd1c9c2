"""Independent units of a probabilistic target at a point: what every statistical instrument draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.numerics.drawing import draw_sources
from lemmata.numerics.laws import Model, Unsupported, standardise
from lemmata.numerics.reduction.choice import choose
from lemmata.numerics.reduction.turns import Turn
from lemmata.numerics.reduction.unit import Reduction
from lemmata.numerics.rounding import mean_loss
from lemmata.numerics.sampling import ExperimentFailed, declared_of, draw_experiment
from lemmata.numerics.statistics.moments import FIRST_LOOK
from lemmata.numerics.streams import Stream
from lemmata.numerics.targets import Kind, Target
from lemmata.theory.experiments import Declared, Draw

ROUNDED = 16
"""Draws at which the rounding error of the integrand is bounded in balls."""

ENTRIES = 2**21
"""Numbers drawn into one block, over all sources: 16 MiB."""


class NotANumber(Exception):
    """The integrand has no finite value at some draw; the message says at how many."""


class Sampler:
    """Independent units of a target: a reduction's (one value a draw, or less variance), or half the product of differences of two draws.

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
        self.reduction = Reduction(Turn(self.sources, 1))
        self.integrands = tuple(integrands)
        self._booleans: dict[Any, bool] = {}
        self._lost: float | None = None
        self._declared = {draw: declared_of(draw, device) for draw in self.draws}

    @property
    def binary(self) -> bool:
        """Whether a unit is 0 or 1: an event, or the mean of one experiment that returns booleans."""
        kind = self.target.kind
        return kind is Kind.PROBABILITY or (kind is Kind.MEAN and self._booleans.get(self.integrands[0], False))

    @property
    def evaluations(self) -> int:
        """Draws that one unit takes."""
        return 2 if self.target.kind is Kind.COVARIANCE else self.reduction.evaluations

    @property
    def block(self) -> int:
        """Units a block: a power of two, or fewer where an experiment says so."""
        width = ENTRIES // (max(1, len(self.sources) + len(self.draws)) * self.evaluations)
        largest = max(FIRST_LOOK, 2 ** int(math.log2(max(1, width))))
        return min((largest, *(draw.experiment().block for draw in self.draws)))

    def is_boolean(self, draw: Draw) -> bool:
        """Whether the experiment has returned booleans, which it then always must; False before anything was drawn."""
        return self._booleans.get(draw, False)

    def declared(self, draw: Draw) -> Declared:
        """What the experiment's author vouches for."""
        return self._declared[draw]

    def pilot(self, count: int) -> torch.Tensor:
        """Units on a stream of their own, from which an interval's shape may be chosen before the units it is made of are drawn."""
        return self.units("pilot", count)

    def rounding(self) -> float:
        """How far the rounding errors of the integrand may move the mean of the units, from a few draws; 0 for experiments."""
        if self._lost is None:
            self._lost = self._rounding()
        return self._lost

    def _rounding(self) -> float:
        if self.draws:
            return 0.0
        inputs = self._inputs(ROUNDED, self.stream.child("rounding"))
        columns = {node: values.tolist() for node, values in inputs.items()}
        draws = [{node: column[index] for node, column in columns.items()} for index in range(ROUNDED)]
        if not self.reduction.is_plain:
            return self.reduction.rounding(self.integrands[0], draws)
        losses = [mean_loss(integrand, draws) for integrand in self.integrands]
        if self.target.kind is not Kind.COVARIANCE:
            return losses[0]
        spreads = [float((values - values.mean()).abs().mean()) for values in (self._value(0, inputs), self._value(1, inputs))]
        return 2 * (losses[0] * spreads[1] + losses[1] * spreads[0])

    def reduce(self, budget: Budget) -> None:
        """Choose the reduction of a mean by a pilot run on a stream of its own; everything else keeps one value a draw.

        Afterwards `reduction.variance(integrand)` is the certified bound of the variance of a unit, where there is one.
        Raises NotANumber where the integrand has no value at some draw of that run.
        """
        if self.target.kind is not Kind.MEAN or self.draws or self.target.condition is not None:
            return
        model = Model(self.integrands[0], self.sources)
        pilot = self.stream.child("pilot")
        self._value(0, self._inputs(FIRST_LOOK, pilot.child("finite")))
        self._lost = None
        self.reduction = choose(model, self._unchecked, lambda count: self._inputs(count, pilot), budget)

    def units(self, index: int | str, count: int) -> torch.Tensor:
        """`count` independent units from block `index`; fewer under a condition, which rejects."""
        stream = self.stream.child("block", index)
        if self.target.kind is Kind.COVARIANCE:
            return self._products(count, stream)
        inputs = self._inputs(count, stream)
        values = self.reduction.units(lambda images: self._value(0, images), inputs)
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
        inputs = draw_sources(self.sources, count, stream, self.device)
        for place, draw in enumerate(self.draws):
            own = stream.child("experiment", place).torch(self.device)
            inputs[draw], boolean = draw_experiment(draw, count, own, self.device)
            if self._booleans.setdefault(draw, boolean) is not boolean:
                raise ExperimentFailed(f"the experiment {draw} returns booleans at times and numbers at others: return one of them")
            self._check_bounds(draw, inputs[draw])
        return inputs

    def _check_bounds(self, draw: Draw, samples: torch.Tensor) -> None:
        bounds = self._declared[draw].bounds
        if bounds is None:
            return
        outside = samples[(samples < bounds[0]) | (samples > bounds[1])]
        if len(outside):
            raise ExperimentFailed(
                f"the experiment {draw} returned {float(outside[0]):.6g}, outside the bounds ({bounds[0]:g}, {bounds[1]:g}) it declares"
            )

    def _unchecked(self, inputs: Mapping[Any, torch.Tensor]) -> torch.Tensor:
        """Values of the first integrand, finite or not: pilot points may lie where draws never do."""
        values = torch.as_tensor(self.functions[0](inputs), dtype=torch.float64)
        return values.expand(len(next(iter(inputs.values()))))

    def _value(self, which: int, inputs: Mapping[Any, torch.Tensor]) -> torch.Tensor:
        size = len(next(iter(inputs.values())))
        values = self.functions[which](inputs)
        values = torch.as_tensor(values, dtype=torch.float64, device=self.device).expand(size)
        bad = 0 if math.isfinite(float(values.sum())) else int((~torch.isfinite(values)).sum())
        if bad:
            raise NotANumber(f"the integrand is NaN or infinite in floating point at {bad} of {size} draws")
        return values
