"""Which reduction an estimate uses: the one that a pilot run on a stream of its own says costs least, certificate included."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import sympy as sp
import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.numerics.laws import Model
from lemmata.numerics.quadrature.pieces import has_switch
from lemmata.numerics.reduction.controls import fit, nested, polynomials
from lemmata.numerics.reduction.design import design
from lemmata.numerics.reduction.polar import polar_form
from lemmata.numerics.reduction.turns import Turn, orders_of, plane_of
from lemmata.numerics.reduction.unit import MOST_TURNS, Inputs, Reduction

LEAST_UNITS = 2**10
"""Units that an estimate takes however small their variance is."""

TRIED = 3
"""Certificates that are tried before draws are left plain."""

DIGITS = 6
"""Digits of the integrals that certify a variance."""

MOST_CERTIFIED = 2
"""What a certificate may cost beyond that of plain draws, in runs that spend all samples of the budget on them."""

DRAW, VALUE = 8e-9, 6e-9
"""Seconds for a random number and for a value of an integrand: constants, so that every machine chooses alike."""


class Shape(Enum):
    """How the variance of a unit is certified, which decides what that costs: seconds, and those for each turn and each control."""

    POLAR = (2e-3, 1e-5, 0.0)
    LINE = (1e-3, 1e-3, 2e-3)
    SMOOTH = (5e-3, 5e-3, 1e-2)
    KINKED = (1e-2, 1e-2, 1.5e-2)

    def certificate(self, order: int, controls: int) -> float:
        """Seconds for the certificate of a unit."""
        base, turn, control = self.value
        return base + turn * order + control * controls

    @property
    def orders(self) -> tuple[int, ...]:
        """The groups whose certificate is affordable; the polar form knows no controls but those of the radius."""
        return {Shape.POLAR: (1, 4, 8, 16, 32, 64), Shape.LINE: (1, 2), Shape.SMOOTH: (1, 2, MOST_TURNS), Shape.KINKED: (1, 2)}[self]

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
    """A group, a basis of controls with their coefficients and the constant, and what reaching the resolution costs in seconds."""

    turn: Turn
    basis: tuple[Any, ...]
    slopes: tuple[Fraction, ...]
    centre: Fraction
    cost: float

    def reduction(self) -> Reduction:
        """The reduction itself, with exact expressions."""
        control = sp.Add(*(_rational(slope) * each for slope, each in zip(self.slopes, self.basis, strict=True)))
        return Reduction(self.turn, control, _rational(self.centre))


def choose(model: Model, function: Callable[[Inputs], torch.Tensor], draw: Callable[[int], Inputs], budget: Budget) -> Reduction:
    """The cheapest reduction of a model that has a certificate of its variance.

    `draw(count)` gives pilot draws of the sources from a stream that the estimate does not use; coefficients and the choice are
    functions of them alone, so that units stay independent of the choice. Where nothing is certified, pairs of mirror images
    or plain draws are left, whichever spreads less at equal cost: their moments are bounded by those of the integrand.
    """
    plain = Reduction(Turn(model.sources, 1))
    if model.draws or not model.sources or not isinstance(model.expr, sp.Expr):
        return plain
    if orders_of(model.sources) == (1,) and not polynomials(plain.turn):
        return plain
    ranked = sorted(_candidates(model, function, draw, budget), key=lambda each: each.cost)
    for candidate in ranked[:TRIED]:
        reduction = candidate.reduction()
        if reduction.is_plain or reduction.variance(model.expr, DIGITS) is not None:
            return reduction
    simplest = next((each.turn for each in ranked if each.turn.order <= 2 and not each.basis), plain.turn)
    return Reduction(simplest)


def _candidates(
    model: Model, function: Callable[[Inputs], torch.Tensor], draw: Callable[[int], Inputs], budget: Budget
) -> Iterator[Candidate]:
    shape = Shape.of(model)
    affordable = max(1, budget.samples // LEAST_UNITS)
    orders = tuple(order for order in orders_of(model.sources) if order in shape.orders and order <= affordable)
    variables = [source.variable for source in model.sources]
    largest = Turn(model.sources, orders[-1])
    points, weights = design(largest, draw)
    orbit = {node: values.reshape(-1) for node, values in largest.orbit(points).items()}
    values = function(orbit).reshape(largest.order, -1)
    weights = weights * torch.isfinite(values).all(0)
    if not bool(weights.sum() > 0):
        return
    values = torch.where(torch.isfinite(values), values, 0.0)
    weights = weights / weights.sum()
    columns: dict[Any, torch.Tensor] = {}
    scale = 0.0
    for order in orders:
        turn, rows = Turn(model.sources, order), largest.order // order
        units = values.reshape(order, rows, -1).mean(0).reshape(-1)
        share = (weights / rows).repeat(rows)
        basis = polynomials(turn, only_radial=shape is Shape.POLAR)
        for each in basis:
            if each not in columns:
                columns[each] = compile_torch(each, variables)(orbit).reshape(largest.order, -1)
        for chosen in nested(basis):
            slopes, centre, spread = fit(units, [columns[each][:rows].reshape(-1) for each in chosen], share)
            scale = scale or spread
            certificate = shape.certificate(order, len(chosen))
            if certificate - shape.certificate(1, 0) > MOST_CERTIFIED * budget.samples * (DRAW * len(variables) + VALUE):
                continue
            cost = certificate + _sampling(turn, len(chosen), spread, abs(float(centre)) or scale, budget)
            yield Candidate(turn, chosen, slopes, centre, cost)


def _sampling(turn: Turn, controls: int, spread: float, size: float, budget: Budget) -> float:
    """Seconds until the interval has the radius that the budget asks for; where the samples do not suffice, as if they did."""
    wanted = budget.resolution * size
    needed = 2 * math.log(2 / budget.alpha) * (spread / wanted) ** 2 if wanted > 0 else 0.0
    return max(needed, LEAST_UNITS) * (DRAW * len(turn.sources) + VALUE * (turn.order + controls))


def _rational(value: Fraction) -> Any:
    return sp.Rational(value.numerator, value.denominator)
