"""How means over networks tend to their limit as the width grows: a polynomial in 1/n fitted to independent estimates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from lemmata.numerics.networks.estimates import KernelEstimate


@dataclass(frozen=True)
class WidthFit:
    """mean(n) = c_0 + c_1 / n + ... + c_k / n^k by weighted least squares.

    coefficients  c_0 (the limit), c_1 (the 1/n coefficient), ...
    covariance    theirs, from the standard errors of the estimates alone
    chi_square    the weighted sum of squared residuals: about `degrees` where the model holds
    degrees       estimates less coefficients
    """

    coefficients: tuple[float, ...]
    covariance: torch.Tensor
    chi_square: float
    degrees: int

    @property
    def stderr(self) -> tuple[float, ...]:
        """Standard errors of the coefficients."""
        return tuple(torch.diagonal(self.covariance).sqrt().tolist())


def fit_widths(widths: Sequence[int], means: Sequence[float], stderrs: Sequence[float], order: int = 1) -> WidthFit:
    """The fit of order k to independent estimates, one a width, with these standard errors.

    Terms beyond 1/n^k bias c_1 by O(1 / least width^k): raise the order or the widths until chi_square is about its degrees.
    Raises ValueError for fewer widths than coefficients, and for standard errors that are not positive.

    >>> fit = fit_widths([10, 20, 40], [1.5, 1.25, 1.125], [0.01, 0.01, 0.01])
    >>> [round(c, 6) for c in fit.coefficients], fit.degrees
    ([1.0, 5.0], 1)
    """
    if not (len(widths) == len(means) == len(stderrs)) or len(set(widths)) <= order:
        raise ValueError(f"a fit of order {order} takes estimates at {order + 1} different widths at least, not at {sorted(set(widths))}")
    if not all(error > 0 for error in stderrs) or not all(width >= 1 for width in widths):
        raise ValueError("widths are at least 1, and standard errors above 0")
    scale = min(widths)
    weight = 1 / torch.tensor(list(stderrs), dtype=torch.float64)
    inverse = scale / torch.tensor(list(widths), dtype=torch.float64)
    design = torch.stack([inverse**power for power in range(order + 1)], 1) * weight[:, None]
    basis, triangle = torch.linalg.qr(design)
    target = torch.tensor(list(means), dtype=torch.float64) * weight
    back = torch.linalg.inv(triangle)
    solved = back @ (basis.T @ target)
    units = torch.tensor([float(scale) ** power for power in range(order + 1)], dtype=torch.float64)
    covariance = back @ back.T * units[:, None] * units[None, :]
    chi_square = float((target - design @ solved).square().sum())
    return WidthFit(tuple((solved * units).tolist()), covariance, chi_square, len(widths) - order - 1)


@dataclass(frozen=True)
class WidthStudy:
    """Estimates of one kernel at several widths, independent of one another."""

    widths: tuple[int, ...]
    estimates: tuple[KernelEstimate, ...]

    @classmethod
    def of(cls, widths: Sequence[int], estimate: Callable[[int], KernelEstimate]) -> WidthStudy:
        """One estimate a width; each must have a stream of its own.

        >>> from lemmata.numerics.networks.estimates import nngp
        >>> from lemmata.numerics.networks.network import Network
        >>> from lemmata.numerics.streams import Stream
        >>> def at(n):
        ...     return nngp(Network(torch.tanh, (n, n), 1.5), [[1.0]], stream=Stream(0).child(n), precision=1e-3)
        >>> fit = WidthStudy.of([8, 16, 32, 64], at).entry(0, 0)
        >>> abs(fit.coefficients[1]) > 5 * fit.stderr[1]
        True
        """
        return cls(tuple(widths), tuple(estimate(width) for width in widths))

    def entry(self, first: int, second: int, order: int = 1) -> WidthFit:
        """The fit of one entry."""
        means, stderrs = ([float(getattr(one, name)[first, second]) for one in self.estimates] for name in ("mean", "stderr"))
        return fit_widths(self.widths, means, stderrs, order)
