"""Moments of batches of samples, which merge: all that the sequential intervals need of the samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

FIRST_LOOK = 2**10
"""Samples at the first look: fewer cannot reach the levels of a run."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Number, mean, central sums of order 2 to 4, least and largest of a batch of samples; batches merge.

    >>> a, b = Moments.of([0.0, 1.0, 5.0]), Moments.of([2.0])
    >>> both = a.merge(b)
    >>> both.n, both.mean, both.variance == 14 / 3
    (4, 2.0, True)
    """

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0
    least: float = math.inf
    largest: float = -math.inf

    @classmethod
    def of(cls, samples: Any) -> Moments:
        """The moments of one batch: a Torch tensor (computed on its device, in float64) or any sequence of numbers."""
        import torch

        x = torch.as_tensor(samples).detach().to(torch.float64).reshape(-1)
        if x.numel() == 0:
            return cls()
        mean = x.mean()
        centred = x - mean
        mean = mean + centred.mean()
        centred = x - mean
        square = centred * centred
        sums = torch.stack([mean, square.sum(), (square * centred).sum(), (square * square).sum(), x.min(), x.max()]).tolist()
        return cls(x.numel(), *sums)

    def merge(self, other: Moments) -> Moments:
        """The moments of both batches together (Pebay 2008, eqs. 2.1-2.4)."""
        if self.n == 0 or other.n == 0:
            return other if self.n == 0 else self
        n, p, q = self.n + other.n, self.n, other.n
        d = other.mean - self.mean
        mean = self.mean + d * q / n
        m2 = self.m2 + other.m2 + d**2 * p * q / n
        m3 = self.m3 + other.m3 + d**3 * p * q * (p - q) / n**2 + 3 * d * (p * other.m2 - q * self.m2) / n
        m4 = (
            self.m4
            + other.m4
            + d**4 * p * q * (p * p - p * q + q * q) / n**3
            + 6 * d**2 * (p * p * other.m2 + q * q * self.m2) / n**2
            + 4 * d * (p * other.m3 - q * self.m3) / n
        )
        return Moments(n, mean, m2, m3, m4, min(self.least, other.least), max(self.largest, other.largest))

    @property
    def variance(self) -> float:
        """The unbiased sample variance (0 for fewer than two samples)."""
        return self.m2 / (self.n - 1) if self.n > 1 else 0.0

    @property
    def stderr(self) -> float:
        """The standard error of the mean; infinite for fewer than two samples."""
        return math.sqrt(self.variance / self.n) if self.n > 1 else math.inf

    @property
    def skewness(self) -> float:
        """m3 / m2^(3/2) of the sample; 0 where it has no spread."""
        return math.sqrt(self.n) * self.m3 / self.m2**1.5 if self.m2 > 0 else 0.0

    @property
    def excess(self) -> float:
        """The excess kurtosis of the sample; 0 where it has no spread."""
        return self.n * self.m4 / self.m2**2 - 3 if self.m2 > 0 else 0.0

    @property
    def dominance(self) -> float:
        """max |X - mean| / sqrt(sum (X - mean)^2): how much of the spread one draw holds, between 1/sqrt(n) and 1."""
        return max(self.largest - self.mean, self.mean - self.least) / math.sqrt(self.m2) if self.m2 > 0 else 1.0

    @property
    def finite(self) -> bool:
        """Whether no sample was NaN or infinite and no sum overflowed."""
        return all(math.isfinite(value) for value in (self.mean, self.m2, self.m3, self.m4))
