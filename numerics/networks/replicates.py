"""Independent replicates of many entries at once: running moments, and controls whose coefficients come from other replicates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

RIDGE = 2.0**-20
"""Added to the controls' correlation matrix, which is singular where two controls are one: any coefficients leave the mean as it is."""

CHUNK = 64
"""Entries fitted at a time: what they take fits in a processor's cache."""


@dataclass(frozen=True)
class EntryMoments:
    """Mean and sum of squared deviations of each entry over n replicates; merging is associative up to rounding (Chan et al. 1983)."""

    n: int
    mean: torch.Tensor
    squares: torch.Tensor

    @classmethod
    def of(cls, values: torch.Tensor) -> EntryMoments:
        """Of values of shape (replicates, entries)."""
        mean = values.mean(0)
        return cls(len(values), mean, (values - mean).square().sum(0))

    def merge(self, other: EntryMoments) -> EntryMoments:
        """Of both sets of replicates.

        >>> x = torch.tensor([[1.0], [2.0], [6.0]], dtype=torch.float64)
        >>> both = EntryMoments.of(x[:1]).merge(EntryMoments.of(x[1:]))
        >>> both.n, both.mean.item(), both.squares.item()
        (3, 3.0, 14.0)
        """
        n = self.n + other.n
        step = other.mean - self.mean
        return EntryMoments(n, self.mean + step * (other.n / n), self.squares + other.squares + step.square() * (self.n * other.n / n))

    @property
    def stderr(self) -> torch.Tensor:
        """The standard error of each mean, sqrt(squares / (n (n - 1))); infinite for one replicate."""
        if self.n < 2:
            return torch.full_like(self.mean, math.inf)
        return (self.squares / (self.n * (self.n - 1))).sqrt()


@dataclass(frozen=True)
class Fit:
    """Coefficients of the controls, an entry a row, and the variance that the pilot replicates leave with them."""

    coefficients: torch.Tensor
    mean: torch.Tensor
    variance: torch.Tensor

    def corrected(self, values: torch.Tensor, controls: torch.Tensor) -> torch.Tensor:
        """values - controls . coefficients: replicates of the same mean, as long as they are not those of the fit."""
        return values - (controls * self.coefficients).sum(2)


def fit(values: torch.Tensor, controls: torch.Tensor, few: Sequence[int] = ()) -> Fit:
    """Least squares of values (replicates, entries) on controls (replicates, entries, k): all of them, those in `few`, or none.

    Each entry takes what leaves the smallest mean square of the errors r_i / (1 - h_i) that replicates have when they are left out
    (Allen 1974); that is also the variance of a new replicate. So controls that fit the pilot run alone are not used. Raises
    ValueError where there are not at least three replicates more than coefficients.

    >>> c = torch.tensor([[[1.0]], [[-1.0]], [[2.0]], [[0.0]]], dtype=torch.float64)
    >>> fit(5 + 3 * c[:, :, 0], c).coefficients.round(decimals=4)
    tensor([[3.]], dtype=torch.float64)
    """
    count, entries, k = controls.shape
    if count < k + 3:
        raise ValueError(f"{count} pilot replicates are too few to fit {k} coefficients and a mean: take at least {k + 3}")
    parts = [_fit(values[:, start : start + CHUNK], controls[:, start : start + CHUNK], few) for start in range(0, entries, CHUNK)]
    return Fit(*(torch.cat(found) for found in zip(*parts, strict=True)))


def _fit(values: torch.Tensor, controls: torch.Tensor, few: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Coefficients, corrected means and left-out variances of a few entries."""
    count, entries, k = controls.shape
    y = (values - values.mean(0)).T[:, :, None].double()
    controls = controls.double()
    c = (controls - controls.mean(0)).permute(1, 0, 2).contiguous()
    variance = (y[:, :, 0] * (count / (count - 1))).square().mean(1)
    coefficients = controls.new_zeros(entries, k)
    for columns in [list(few), list(range(k))]:
        if not columns:
            continue
        solved, left = _least_squares(y, c if len(columns) == k else c[:, :, columns])
        better = left < variance
        found = controls.new_zeros(entries, k)
        found[:, columns] = solved
        coefficients = torch.where(better[:, None], found, coefficients)
        variance = torch.where(better, left, variance)
    return coefficients, values.mean(0) - (controls.mean(0) * coefficients).sum(1), variance


def _least_squares(y: torch.Tensor, c: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Coefficients (entries, k) of centred y (entries, replicates, 1) on c (entries, replicates, k), and the left-out mean square."""
    spread = c.square().sum(1, keepdim=True).sqrt()
    inverse = torch.where(spread > 0, 1 / spread, torch.zeros_like(spread))
    c = c * inverse
    moments = c.mT @ c + RIDGE * torch.eye(c.shape[2], dtype=c.dtype, device=c.device)
    inverted = torch.cholesky_inverse(torch.linalg.cholesky(moments))
    solved = inverted @ (c.mT @ y)
    leverage = (c @ inverted * c).sum(2) + 1 / c.shape[1]
    errors = (y - c @ solved)[:, :, 0] / (1 - leverage).clamp(min=torch.finfo(c.dtype).eps)
    return solved[:, :, 0] * inverse[:, 0, :], errors.square().mean(1)
