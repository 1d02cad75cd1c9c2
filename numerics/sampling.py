"""Samples of experiments, as float64 tensors on a device."""

from __future__ import annotations

from typing import Any

import sympy as sp
import torch

from lemmata.numerics.drawing import one_line
from lemmata.theory.experiments import Declared, Draw


class ExperimentFailed(Exception):
    """An experiment returned something that is not `size` samples, or raised; the message names it and the fault."""


def draw_experiment(draw: Draw, size: int, rng: torch.Generator, device: str) -> tuple[torch.Tensor, bool]:
    """`size` samples of an experiment as float64, and whether it returned booleans; raises `ExperimentFailed`."""
    try:
        function = draw.experiment()
        result = function.sample(parameters_of(draw, device), size=size, rng=rng, device=device)
    except ExperimentFailed:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {one_line(error)}"
        raise ExperimentFailed(f"the experiment {draw} raised {said}; state in `given` what its parameters must be") from error
    if not isinstance(result, torch.Tensor):
        raise ExperimentFailed(f"the experiment {draw} returned {type(result).__name__}: return a torch tensor of shape (size,)")
    if tuple(result.shape) != (size,):
        raise ExperimentFailed(
            f"the experiment {draw} returned shape {tuple(result.shape)} where {size} samples were asked: return shape (size,)"
        )
    if result.is_complex():
        raise ExperimentFailed(f"the experiment {draw} returned complex numbers: return real ones")
    boolean = result.dtype == torch.bool
    samples = result.detach().to(device=device, dtype=torch.float64)
    bad = int((~torch.isfinite(samples)).sum())
    if bad:
        raise ExperimentFailed(f"the experiment {draw} returned {bad} values of {size} that are NaN or infinite")
    return samples, boolean


def declared_of(draw: Draw, device: str) -> Declared:
    """What the experiment declares of this draw, as numbers; raises `ExperimentFailed` where that is no bound."""
    try:
        return draw.experiment().declared(parameters_of(draw, device))
    except ExperimentFailed:
        raise
    except Exception as error:
        raise ExperimentFailed(f"the bounds that {draw} declares raised {type(error).__name__}: {one_line(error)}") from error


def parameters_of(draw: Draw, device: str) -> tuple[Any, ...]:
    """The values that the function of an experiment is called with."""
    return tuple(_parameter(value, draw, device) for value in draw.parameters)


def _parameter(value: Any, draw: Draw, device: str) -> Any:
    """int for integers, float for other numbers, a float64 tensor for matrices."""
    if isinstance(value, sp.MatrixBase):
        return torch.tensor(value.tolist(), dtype=torch.float64, device=device)
    if value.is_Integer:
        return int(value)
    if value.is_number:
        return float(value)
    raise ExperimentFailed(f"the experiment {draw} was left with the parameter {value} without a value")
