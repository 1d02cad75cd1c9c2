"""Gradients by reverse-mode automatic differentiation in Torch: the way networks are trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.numerics.gradient_tangents import Place, refuse
from lemmata.numerics.measurement import Approx, Instrument, Measurement, Refusal
from lemmata.numerics.streams import Stream


class Autodiff(Instrument):
    """Back-propagation through the loss in float64, on the device of the budget; its error is bounded in balls of 49 bits."""

    name: ClassVar[str] = "autodiff"
    cost: ClassVar[int] = 2

    def supports(self, quantity: Any) -> Refusal | None:
        return refuse(quantity)

    def measure(self, quantity: Any, at: Mapping[Any, Any], budget: Budget, stream: Stream) -> Measurement:
        if budget.device.startswith("cuda") and not torch.cuda.is_available():
            return Refusal("the device cuda was asked for and there is none here: use cpu")
        try:
            place = Place.of(quantity, at)
            slope = back_propagate(place, budget.device)
            rounding = place.rounding()
        except CannotEvaluate as error:
            return Refusal(error.reason)
        if not bool(torch.isfinite(slope).all()):
            return Refusal("back-propagation met a value that is not finite")
        basis = "rounding errors of float64, bounded by the radius of forward differentiation in balls of 49 bits"
        if not place.is_matrix:
            return Approx(float(slope), rounding[0], basis)
        import numpy as np

        return Approx(slope.cpu().numpy(), np.array(rounding).reshape(place.shape), basis)


def back_propagate(place: Place, device: str) -> torch.Tensor:
    """The gradient of the loss at a place, as Torch computes it; raises CannotEvaluate where the loss cannot be compiled."""
    inputs = list(place.values)
    tensors = {symbol: torch.tensor(place.floats(symbol), dtype=torch.float64, device=device) for symbol in inputs}
    if place.variable not in tensors:
        return torch.zeros(place.shape, dtype=torch.float64)
    leaf = tensors[place.variable].requires_grad_(True)
    loss = compile_torch(place.loss, inputs)(tensors)
    (slope,) = torch.autograd.grad(loss, leaf, allow_unused=True) if loss.requires_grad else (None,)
    return torch.zeros_like(leaf) if slope is None else slope


INSTRUMENT = Autodiff()
