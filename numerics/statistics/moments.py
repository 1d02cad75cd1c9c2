"""Moments of batches of samples, which merge: all that confidence sequences need of the samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

FIRST_LOOK = 2**10
"""Samples at the first look: fewer cannot reach the levels of a run."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Number, mean and central sum of squares of samples that came in `batches`; batches merge.

    >>> a, b = Moments.of([0.0, 1.0, 5.0]), Moments.of([2.0])
    >>> both = a.merge(b)
    >>> both.n, both.mean, both.variance == 14 / 3
    (4, 2.0, True)
    """

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0
    batches: int = 1

    @classmethod
    def of(cls, samples: Any) -> Moments:
        """The moments of one batch: a Torch tensor (computed on its device, in float64) or any sequence of numbers."""
        import torch

        x = torch.as_tensor(samples).detach().to(torch.float64).reshape(-1)
        if x.numel() == 0:
            return cls()
        mean = x.mean()
        centred = x - mean
        shift = centred.mean()
        sums = torch.stack([mean + shift, (centred * centred).sum() - x.numel() * shift * shift]).tolist()
        return cls(x.numel(), sums[0], max(sums[1], 0.0))

    def merge(self, other: Moments) -> Moments:
        """The moments of both batches together (Chan, Golub & LeVeque 1983, eq. 2.1)."""
        if self.n == 0 or other.n == 0:
            return other if self.n == 0 else self
        n = self.n + other.n
        d = other.mean - self.mean
        m2 = self.m2 + other.m2 + d * d * (self.n / n) * other.n
        return Moments(n, self.mean + d * (other.n / n), m2, self.batches + other.batches)

    @property
    def variance(self) -> float:
        """The unbiased sample variance (0 for fewer than two samples)."""
        return self.m2 / (self.n - 1) if self.n > 1 else 0.0

    @property
    def stderr(self) -> float:
        """The standard error of the mean; infinite for fewer than two samples."""
        return math.sqrt(self.variance / self.n) if self.n > 1 else math.inf

    @property
    def finite(self) -> bool:
        """Whether no sample was NaN or infinite and no sum overflowed."""
        return math.isfinite(self.mean) and math.isfinite(self.m2)

    @property
    def rounding(self) -> float:
        """What adding in floating point may have done to the mean, given the samples.

        A batch's mean is that of its deviations from a first mean, so that its error is a few units in the last place of the
        mean and of the spread; a merge adds three roundings of the same size.
        """
        size = abs(self.mean) + math.sqrt(self.m2 / self.n) if self.n else 0.0
        return 2.0**-51 * (self.batches + 16) * size
