"""The cells into which a range of sigma = sqrt(q) is cut: four to an octave, so that each has an exact middle and half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

CELLS = 4
"""To an octave of sigma."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells first ... first + count - 1 of sigma: cell 4 e + j is [2^e (1 + j/4), 2^e (1 + (j+1)/4)]."""

    first: int
    count: int

    @staticmethod
    def over(low: float, high: float) -> Cells:
        """Those that hold the range of variances."""
        first = int(_index(np.sqrt(np.float64(low))))
        last = int(_index(np.nextafter(np.sqrt(np.float64(high)), 0)))
        return Cells(first, max(last - first, 0) + 1)

    def edges(self) -> list[float]:
        """The count + 1 ends."""
        return [2.0 ** (k // CELLS) * (1 + (k % CELLS) / CELLS) for k in range(self.first, self.first + self.count + 1)]

    def middles(self) -> Any:
        """Exact."""
        edges = np.array(self.edges())
        return (edges[1:] + edges[:-1]) / 2

    def halves(self) -> Any:
        """Powers of two."""
        edges = np.array(self.edges())
        return (edges[1:] - edges[:-1]) / 2

    def of(self, sigma: Any) -> Any:
        """The cell of each sigma, counted from 0; the outermost ones for what rounding has moved out."""
        return np.clip(_index(sigma) - self.first, 0, self.count - 1)


def _index(sigma: Any) -> Any:
    mantissa, exponent = np.frexp(sigma)
    return (exponent.astype(np.int64) - 1) * CELLS + np.floor((2 * mantissa - 1) * CELLS).astype(np.int64)
