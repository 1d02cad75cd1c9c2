"""Which reduction an estimate uses: the one that a pilot run on a stream of its own says costs least, certificate included."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sympy as sp
import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.numerics.laws import Model
from lemmata.numerics.quadrature.pieces import has_switch
from lemmata.numerics.reduction.controls import fit, polynomials
from lemmata.numerics.reduction.polar import polar_form
from lemmata.numerics.reduction.turns import Turn, orders_of, plane_of
from lemmata.numerics.reduction.unit import MOST_TURNS, Inputs, Reduction

PILOT = 2**9
"""Draws of a pilot run: they fix a handful of coefficients to a few percent."""

LEAST_UNITS = 2**10
"""Units that an estimate takes however small their variance is."""

TRIED = 3
"""Certificates that are tried before draws are left plain."""

DRAW, VALUE = 8e-9, 6e-9
"""Seconds for a random number and for a value of an integrand: constants, so that every machine chooses alike."""


class Shape(Enum):
    """How the variance of a unit is certified, which decides what a certificate costs: its seconds, and those for each turn."""

    POLAR = (2e-3, 1e-5)
    LINE = (2e-3, 1e-3)
    SMOOTH = (4e-3, 6e-3)
    KINKED = (1e-2, 3e-2)

    @property
    def most_turns(self) -> int:
        """The largest group whose certificate is affordable."""
        return {Shape.POLAR: 64, Shape.LINE: 2, Shape.SMOOTH: MOST_TURNS, Shape.KINKED: 2}[self]

    @classmethod
    def of(cls, model: Model) -> Shape:
        """The shape of an integrand."""
        plane = plane_of(model.sources)
        if plane is not None and polar_form(model.expr, *plane) is not None:
            return cls.POLAR
        if len(model.sources) == 1:
            return cls.LINE
        return cls.KINKED if has_switch(model.expr) else cls.SMOOTH


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reduction, the spread of its units in the pilot run, and what reaching the resolution would cost in seconds."""

    reduction: Reduction
    spread: float
    cost: float


def choose(model: Model, function: Callable[[Inputs], torch.Tensor], draw: Callable[[int], Inputs], budget: Budget) -> Reduction:
    """The cheapest reduction of a model that has a certificate of its variance; plain draws where none has.

    `draw(count)` gives pilot draws of the sources from a stream that the estimate does not use; coefficients and the choice are
    functions of them alone, so that units stay independent of the choice.
    """
    plain = Reduction(Turn(model.sources, 1))
    if model.draws or not model.sources or not isinstance(model.expr, sp.Expr):
        return plain
    if orders_of(model.sources) == (1,) and not polynomials(plain.turn):
        return plain
    candidates = list(_candidates(model, function, draw(PILOT), budget))
    for candidate in sorted(candidates, key=lambda each: each.cost)[:TRIED]:
        if candidate.reduction.is_plain or candidate.reduction.variance(model.expr) is not None:
            return candidate.reduction
    return plain


def _candidates(
    model: Model, function: Callable[[Inputs], torch.Tensor], pilot: Inputs, budget: Budget
) -> Iterator[Candidate]:
    shape = Shape.of(model)
    orders = tuple(order for order in orders_of(model.sources) if order <= shape.most_turns)
    columns: dict[Any, torch.Tensor] = {}
    variables = [source.variable for source in model.sources]
    scale = 0.0
    for order, units in _averages(Turn(model.sources, orders[-1]), function, pilot, orders):
        turn = Turn(model.sources, order)
        scale = scale or float(units.std())
        basis = polynomials(turn)
        for chosen in ((), basis) if basis else ((),):
            for each in chosen:
                if each not in columns:
                    columns[each] = compile_torch(each, variables)(pilot)
            slopes, centre, rest = fit(units, [columns[each] for each in chosen])
            control = sp.Add(*(_rational(slope) * each for slope, each in zip(slopes, chosen, strict=True)))
            reduction = Reduction(turn, control, _rational(centre))
            spread = float(rest.square().mean().sqrt())
            certificate = 0.0 if reduction.is_plain else shape.value[0] + shape.value[1] * order
            yield Candidate(reduction, spread, certificate + _sampling(reduction, spread, abs(float(centre)) or scale, budget))


def _averages(
    turn: Turn, function: Callable[[Inputs], torch.Tensor], pilot: Inputs, orders: tuple[int, ...]
) -> Iterator[tuple[int, torch.Tensor]]:
    """The averages over each group from the values on the largest orbit, whose order-th parts generate the smaller groups."""
    images = list(turn.images(pilot))
    joined = {node: torch.cat([image[node] for image in images]) for node in pilot}
    values = function(joined).reshape(len(images), -1)
    for order in orders:
        yield order, values[:: turn.order // order].mean(0)


def _sampling(reduction: Reduction, spread: float, size: float, budget: Budget) -> float:
    """Seconds until the interval has the radius that the budget asks for; where the samples do not suffice, as if they did."""
    wanted = budget.resolution * size
    needed = 2 * math.log(2 / budget.alpha) * (spread / wanted) ** 2 if wanted > 0 else 0.0
    return max(needed, LEAST_UNITS) * (DRAW * len(reduction.turn.sources) + VALUE * reduction.evaluations)


def _rational(value: Any) -> Any:
    return sp.Rational(value.numerator, value.denominator)
