"""Samples of sources, as float64 tensors on a device, from one stream.

On the CPU the numbers are NumPy's (SFC64; ziggurat for the normal and the exponential law, which has no cut-off in the tails):
twice as fast as Torch's. On other devices they are Torch's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
import torch

from lemmata.numerics.laws import Source, Unsupported
from lemmata.numerics.streams import Stream


class Numbers:
    """The three laws that all others are made of, and a Torch generator for those that only Torch has."""

    def __init__(self, stream: Stream, device: str) -> None:
        self.stream, self.device = stream, device

    @cached_property
    def generator(self) -> torch.Generator:
        """Torch's generator on the device."""
        return self.stream.torch(self.device)

    @cached_property
    def _numpy(self) -> np.random.Generator:
        return np.random.Generator(np.random.SFC64(self.stream.integer()))

    def normal(self, size: int) -> torch.Tensor:
        """N(0, 1)."""
        if self.device == "cpu":
            return torch.from_numpy(self._numpy.standard_normal(size))
        return torch.randn(size, generator=self.generator, device=self.device, dtype=torch.float64)

    def uniform(self, size: int) -> torch.Tensor:
        """Uniform on [0, 1), multiples of 2^-53."""
        if self.device == "cpu":
            return torch.from_numpy(self._numpy.random(size))
        return torch.rand(size, generator=self.generator, device=self.device, dtype=torch.float64)

    def open_uniform(self, size: int) -> torch.Tensor:
        """Uniform on the open interval: zeros, 2^-53 likely each, are moved to 2^-54."""
        return self.uniform(size).clamp_(min=2.0**-54)

    def exponential(self, size: int) -> torch.Tensor:
        """The exponential law of mean 1."""
        if self.device == "cpu":
            return torch.from_numpy(self._numpy.standard_exponential(size))
        return -torch.log(self.open_uniform(size))


def draw_sources(sources: Sequence[Source], size: int, stream: Stream, device: str) -> dict[Any, torch.Tensor]:
    """`size` samples of each source by its variable, independent of one another.

    Raises `Unsupported` for a law that is neither among the methods nor given by a density.

    >>> from lemmata.numerics.laws import standardise
    >>> from sympy.stats import Normal
    >>> source = standardise(Normal("x", 0, 1), {}).sources[0]
    >>> draw_sources([source], 3, Stream(0), "cpu")[source.variable].shape
    torch.Size([3])
    """
    numbers = Numbers(stream, device)
    return {source.variable: _draw(source, size, numbers, stream.child(place)) for place, source in enumerate(sources)}


def _draw(source: Source, size: int, numbers: Numbers, stream: Stream) -> torch.Tensor:
    """Directly where the law has a method, else by its outcomes or its density."""
    method = _METHODS.get(source.family)
    if method is not None:
        parameters = [float(value) for value in source.law.args] if source.law is not None and source.family not in _STANDARD else []
        return method(size, numbers, *parameters)
    outcomes = source.outcomes
    if outcomes is not None:
        return _finite(outcomes, size, numbers)
    return _by_density(source, size, stream).to(device=numbers.device, dtype=torch.float64)


def one_line(error: Exception) -> str:
    """The first line of an error's message."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else "no message"


def _laplace(size: int, numbers: Numbers) -> torch.Tensor:
    return numbers.exponential(size) - numbers.exponential(size)


def _logistic(size: int, numbers: Numbers) -> torch.Tensor:
    u = numbers.open_uniform(size)
    return torch.log(u) - torch.log1p(-u)


def _cauchy(size: int, numbers: Numbers) -> torch.Tensor:
    return torch.tan(math.pi * (numbers.uniform(size) - 0.5))


def _rademacher(size: int, numbers: Numbers) -> torch.Tensor:
    return 2 * torch.randint(2, (size,), generator=numbers.generator, device=numbers.device).to(torch.float64) - 1


def _standard_gamma(size: int, numbers: Numbers, shape: float) -> torch.Tensor:
    return torch._standard_gamma(torch.full((size,), shape, dtype=torch.float64, device=numbers.device), generator=numbers.generator)


def _gamma(size: int, numbers: Numbers, shape: float, scale: float) -> torch.Tensor:
    return scale * _standard_gamma(size, numbers, shape)


def _beta(size: int, numbers: Numbers, first: float, second: float) -> torch.Tensor:
    x = _standard_gamma(size, numbers, first)
    y = _standard_gamma(size, numbers, second)
    return x / (x + y)


def _chi_squared(size: int, numbers: Numbers, freedom: float) -> torch.Tensor:
    return 2 * _standard_gamma(size, numbers, freedom / 2)


def _student(size: int, numbers: Numbers, freedom: float) -> torch.Tensor:
    return numbers.normal(size) / torch.sqrt(_chi_squared(size, numbers, freedom) / freedom)


def _poisson(size: int, numbers: Numbers, rate: float) -> torch.Tensor:
    return torch.poisson(torch.full((size,), rate, dtype=torch.float64, device=numbers.device), generator=numbers.generator)


def _geometric(size: int, numbers: Numbers, success: float) -> torch.Tensor:
    if success == 1.0:
        return torch.ones(size, dtype=torch.float64, device=numbers.device)
    return torch.ceil(torch.log(numbers.open_uniform(size)) / math.log1p(-success)).clamp_(min=1.0)


def _finite(outcomes: dict[Any, Any], size: int, numbers: Numbers) -> torch.Tensor:
    """Inverse distribution function of a law on finitely many numbers."""
    values = sorted(outcomes, key=float)
    weights = torch.tensor([float(outcomes[value]) for value in values], dtype=torch.float64)
    steps = torch.cumsum(weights, 0)[:-1].to(numbers.device)
    index = torch.searchsorted(steps, numbers.uniform(size), right=True)
    return torch.tensor([float(value) for value in values], dtype=torch.float64, device=numbers.device)[index]


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
        raise Unsupported(f"samples of the law {source.family} failed with {type(error).__name__}: {one_line(error)}") from error


def _inversion(density: Callable[[float], float], low: float, high: float, stream: Stream) -> Any:
    from scipy.stats.sampling import NumericalInversePolynomial

    class Law:
        def pdf(self, x: float) -> float:
            with np.errstate(all="ignore"):
                value = float(density(x))
            return value if math.isfinite(value) else 0.0

    return NumericalInversePolynomial(Law(), domain=(low, high), random_state=stream.numpy(), u_resolution=2.0**-40)


def _table(mass: Callable[[float], float], support: Any, stream: Stream, size: int) -> Any:
    """Inverse distribution function of a law on integers from `support.inf` on, as far as double precision reaches."""
    start, total = int(support.inf), 0.0
    steps: list[float] = []
    while total < 1 - 2.0**-50 and len(steps) < 2**20:
        total += float(mass(start + len(steps)))
        steps.append(total)
    if total < 1 - 2.0**-30:
        raise Unsupported(f"its tail is too long to tabulate: {1 - total:.1e} is left after {len(steps)} values")
    return start + np.searchsorted(np.array(steps[:-1]), stream.numpy().random(size), side="right").astype(float)


_STANDARD: dict[str, Callable[..., torch.Tensor]] = {
    "Normal": lambda size, numbers: numbers.normal(size),
    "Uniform": lambda size, numbers: numbers.uniform(size),
    "Exponential": lambda size, numbers: numbers.exponential(size),
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
