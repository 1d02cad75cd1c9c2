"""Samples of sources and of experiments, as float64 tensors on a device, from one stream."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import sympy as sp
import torch

from lemmata.numerics.laws import Source, Unsupported
from lemmata.numerics.streams import Stream
from lemmata.theory.experiments import Draw


class ExperimentFailed(Exception):
    """An experiment returned something that is not `size` samples, or raised; the message names it and the fault."""


def draw_source(source: Source, size: int, rng: torch.Generator, stream: Stream, device: str) -> torch.Tensor:
    """`size` samples of a source: directly in Torch where the law has a method there, else from its density.

    Raises `Unsupported` where neither can.
    """
    method = _METHODS.get(source.family)
    if method is not None:
        numbers = [float(value) for value in source.law.args] if source.law is not None and source.family not in _STANDARD else []
        return method(size, rng, device, *numbers)
    outcomes = source.outcomes
    if outcomes is not None:
        return _finite(outcomes, size, rng, device)
    return _by_density(source, size, stream).to(device=device, dtype=torch.float64)


def draw_experiment(draw: Draw, size: int, rng: torch.Generator, device: str) -> tuple[torch.Tensor, bool]:
    """`size` samples of an experiment as float64, and whether it returned booleans; raises `ExperimentFailed`."""
    parameters = tuple(_parameter(value, draw, device) for value in draw.parameters)
    try:
        function = draw.experiment()
        result = function.sample(parameters, size=size, rng=rng, device=device)
    except Exception as error:
        raise ExperimentFailed(f"the experiment {draw} raised {type(error).__name__}: {_one_line(error)}") from error
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


def _parameter(value: Any, draw: Draw, device: str) -> Any:
    """int for integers, float for other numbers, a float64 tensor for matrices."""
    if isinstance(value, sp.MatrixBase):
        return torch.tensor(value.tolist(), dtype=torch.float64, device=device)
    if value.is_Integer:
        return int(value)
    if value.is_number:
        return float(value)
    raise ExperimentFailed(f"the experiment {draw} was left with the parameter {value} without a value")


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else "no message"


def _uniform(size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.rand(size, generator=rng, device=device, dtype=torch.float64)


def _open_uniform(size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    """Uniform on the open interval: zeros, 2^-53 likely each, are moved to 2^-54."""
    return _uniform(size, rng, device).clamp_(min=2.0**-54)


def _normal(size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.randn(size, generator=rng, device=device, dtype=torch.float64)


def _exponential(size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return -torch.log(_open_uniform(size, rng, device))


def _laplace(size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return _exponential(size, rng, device) - _exponential(size, rng, device)


def _logistic(size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    u = _open_uniform(size, rng, device)
    return torch.log(u) - torch.log1p(-u)


def _cauchy(size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return torch.tan(math.pi * (_uniform(size, rng, device) - 0.5))


def _rademacher(size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    return 2 * torch.randint(2, (size,), generator=rng, device=device).to(torch.float64) - 1


def _standard_gamma(size: int, rng: torch.Generator, device: str, shape: float) -> torch.Tensor:
    return torch._standard_gamma(torch.full((size,), shape, dtype=torch.float64, device=device), generator=rng)


def _gamma(size: int, rng: torch.Generator, device: str, shape: float, scale: float) -> torch.Tensor:
    return scale * _standard_gamma(size, rng, device, shape)


def _beta(size: int, rng: torch.Generator, device: str, first: float, second: float) -> torch.Tensor:
    x = _standard_gamma(size, rng, device, first)
    y = _standard_gamma(size, rng, device, second)
    return x / (x + y)


def _chi_squared(size: int, rng: torch.Generator, device: str, freedom: float) -> torch.Tensor:
    return 2 * _standard_gamma(size, rng, device, freedom / 2)


def _student(size: int, rng: torch.Generator, device: str, freedom: float) -> torch.Tensor:
    return _normal(size, rng, device) / torch.sqrt(_chi_squared(size, rng, device, freedom) / freedom)


def _poisson(size: int, rng: torch.Generator, device: str, rate: float) -> torch.Tensor:
    return torch.poisson(torch.full((size,), rate, dtype=torch.float64, device=device), generator=rng)


def _geometric(size: int, rng: torch.Generator, device: str, success: float) -> torch.Tensor:
    if success == 1.0:
        return torch.ones(size, dtype=torch.float64, device=device)
    return torch.ceil(torch.log(_open_uniform(size, rng, device)) / math.log1p(-success)).clamp_(min=1.0)


def _finite(outcomes: dict[Any, Any], size: int, rng: torch.Generator, device: str) -> torch.Tensor:
    """Inverse distribution function of a law on finitely many numbers."""
    values = sorted(outcomes, key=float)
    weights = torch.tensor([float(outcomes[value]) for value in values], dtype=torch.float64)
    steps = torch.cumsum(weights, 0)[:-1].to(device)
    index = torch.searchsorted(steps, _uniform(size, rng, device), right=True)
    return torch.tensor([float(value) for value in values], dtype=torch.float64, device=device)[index]


def _by_density(source: Source, size: int, stream: Stream) -> torch.Tensor:
    """Any other law, from its density (SciPy's inversion by polynomials, u-error below 1e-12) or its mass function."""
    x = sp.Symbol("x", real=True)
    try:
        mass = sp.lambdify(x, source.law.pdf(x), "scipy")
        support = source.law.set
        if isinstance(support, sp.Interval):
            return torch.from_numpy(_inversion(mass, float(support.start), float(support.end), stream).rvs(size))
        return torch.from_numpy(_table(mass, support, stream, size))
    except Exception as error:
        raise Unsupported(f"samples of the law {source.family} failed with {type(error).__name__}: {_one_line(error)}") from error


def _inversion(density: Callable[[float], float], low: float, high: float, stream: Stream) -> Any:
    import numpy as np
    from scipy.stats.sampling import NumericalInversePolynomial

    class Law:
        def pdf(self, x: float) -> float:
            with np.errstate(all="ignore"):
                value = float(density(x))
            return value if math.isfinite(value) else 0.0

    return NumericalInversePolynomial(Law(), domain=(low, high), random_state=stream.numpy(), u_resolution=2.0**-40)


def _table(mass: Callable[[float], float], support: Any, stream: Stream, size: int) -> Any:
    """Inverse distribution function of a law on integers from `support.inf` on, as far as double precision reaches."""
    import numpy as np

    start, total = int(support.inf), 0.0
    steps: list[float] = []
    while total < 1 - 2.0**-50 and len(steps) < 2**20:
        total += float(mass(start + len(steps)))
        steps.append(total)
    if total < 1 - 2.0**-30:
        raise Unsupported(f"its tail is too long to tabulate: {1 - total:.1e} is left after {len(steps)} values")
    return start + np.searchsorted(np.array(steps[:-1]), stream.numpy().random(size), side="right").astype(float)


_STANDARD: dict[str, Callable[..., torch.Tensor]] = {
    "Normal": _normal,
    "Uniform": _uniform,
    "Exponential": _exponential,
    "Laplace": _laplace,
    "Logistic": _logistic,
    "Cauchy": _cauchy,
    "Rademacher": _rademacher,
}

_METHODS: dict[str, Callable[..., torch.Tensor]] = {
    **_STANDARD,
    "Gamma": _gamma,
    "Beta": _beta,
    "ChiSquared": _chi_squared,
    "StudentT": _student,
    "Poisson": _poisson,
    "Geometric": _geometric,
}
"""Laws drawn in Torch: the standard ones without parameters, the others with theirs in the order of sympy.stats."""
