"""By how much a map amplifies a relative error of its argument: |x f'(x)/f(x)|, bounded on every piece of a table.

d log f / d log x = x f'/f, so that with K = sup |x f'/f| between x and x e^h the value changes by a factor of at most e^(K |h|).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, arb_poly

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.compile.stable.places import Place, Side
from lemmata.numerics.compile.stable.series import BITS, arb_of
from lemmata.numerics.compile.stable.sources import Source
from lemmata.numerics.compile.stable.tables import Table

PARTS = 32
HALVINGS = 24


@dataclass(frozen=True)
class Amplification:
    """K on consecutive intervals of [0, 2] that end at `edges` (the last one at 2), each the largest of its own and its neighbours'."""

    edges: np.ndarray
    factors: np.ndarray

    @property
    def reach(self) -> float:
        """The relative error up to which a point and what it stands for lie in neighbouring intervals."""
        return float((np.diff(self.edges) / self.edges[1:]).min()) / 4

    def at(self, d: np.ndarray) -> np.ndarray:
        """K at each point, and all about it that rounding could have meant instead."""
        found: np.ndarray = self.factors[np.searchsorted(self.edges, d, side="right").clip(max=len(self.factors) - 1)]
        return found


def amplification(source: Source, table: Table, order: int) -> Amplification:
    """sup |d f'(d)/f(d)| for f = F^(order), on parts of a table's pieces, rounded up; infinite where f vanishes and d does not."""
    edges: list[float] = []
    factors: list[float] = []
    for place in table.places:
        edges_here, factors_here = _on_piece(source, place, order)
        edges += edges_here
        factors += factors_here
    near = np.array([0.0, *factors, 0.0])
    return Amplification(np.array(edges[:-1]), np.maximum(np.maximum(near[:-2], near[1:-1]), near[2:]))


def compound(own: Any, amplification: Amplification, d: np.ndarray, before: np.ndarray, step: Fraction) -> np.ndarray:
    """own + K before + step, all logarithms of ratios, rounded up; an exact argument is amplified by nothing.

    A relative error e is |log(1 + x)| <= e/(1 - e), and the sum of three terms is rounded thrice. Infinite where the error before
    is so large that K is not known all the way.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        carried = np.where(before == 0, 0.0, amplification.at(d) * before)
        total: np.ndarray = (own + carried + float(step / (1 - step))) * (1 + 2.0**-50)
    return np.where(before <= amplification.reach, total, np.inf)


def _cuts(place: Place, root: bool) -> list[Fraction]:
    """Where the coordinate's range is cut: in equal parts, and towards d = 0 also by halves."""
    reach = place.reach(root)
    width = (reach.high - reach.low) / PARTS
    fine = [width / (1 << k) for k in range(HALVINGS, 0, -1)] if place.side is Side.NEAR else []
    return [reach.low, *fine, *(reach.low + i * width for i in range(1, PARTS + 1))]


def _on_piece(source: Source, place: Place, order: int) -> tuple[list[float], list[float]]:
    """Upper ends in d and factors: at 0 as |1 - (f - d f')/f|, where nothing is left of a linear f; elsewhere as it stands."""
    if place.side is Side.ZERO:
        place = Place(place.low, place.high)
    own, following = source.expansion(place, order), source.expansion(place, order + 1)
    root, p, q = own.reach.root, own.power, following.power
    cuts, step = _cuts(place, root), 2 if root else 1
    factors: list[float] = []
    with precision(BITS):
        value, steep = arb_poly(own.terms), arb_poly(following.terms)
        error, slope_error = arb(0, 1) * own.rest, arb(0, 1) * following.rest
        loss = arb_poly([(1 - arb_of(Fraction(p + k, step))) * term for k, term in enumerate(own.terms)])
        for low, high in pairwise(cuts):
            part = arb_of(low).union(arb_of(high))
            below = value(part) + error
            if place.side is Side.NEAR:
                above = loss(part) + error + slope_error * abs(part) ** (q + step - p)
                ratio = 1 - above / below
            elif q < p and part.contains(0):
                factors.append(float("inf"))
                continue
            else:
                d = arb_of(place.centre) + place.sign * (part * part if root else part)
                ratio = d * (steep(part) + slope_error) * part ** (q - p) / below
            factors.append(float(ratio.abs_upper()) * (1 + 2.0**-50) if ratio.is_finite() else float("inf"))
    ends = [float(place.centre + place.sign * (cut**2 if root else cut)) for cut in cuts]
    if place.sign > 0:
        return ends[1:], factors
    return ends[-2::-1], factors[::-1]
