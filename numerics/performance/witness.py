r"""The lower side: a function of the class, by finitely many data (x_i, g_i, f_i), whose run is as bad as that.

Let h_i = f_i - lower/2 |x_i|^2, s_i = g_i - lower x_i, D = upper - lower. If h_i - h_j - <s_j, x_i - x_j> - |s_i - s_j|^2/(2 D) >= 0
for all i, j, then

    L(x) = lower/2 |x|^2 + min over weights a_i >= 0 that add up to 1 of  D/2 |x - sum a_i y_i|^2 + sum a_i c_i,
    y_i = x_i - s_i/D,   c_i = h_i - |s_i|^2/(2 D),

is of the class and has L(x_i) = f_i, grad L(x_i) = g_i. Its second summand H is the convex hull of the parabolas
p_i(x) = h_i + <s_i, x - x_i> + D/2 |x - x_i|^2: it is convex, D/2 |x|^2 - H is a maximum of affine functions, hence
convex, H(x_i) <= p_i(x_i) = h_i, and H >= h_i + <s_i, x - x_i> because the least of p_j minus that affine function is the
left side of the condition. For lower <= 0 minimising over x first leaves a concave function of sum a_i y_i, so
inf L = min (f_i - |g_i|^2/(2 upper)), attained; for lower > 0 the minimiser, with g = 0, is one of the points.
Source: Taylor, Hendrickx & Glineur (2017), theorem 4; Drori & Shamir (2020), theorem 7.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, fmpq

from lemmata.numerics.performance.case import Case
from lemmata.numerics.performance.certificate import form_rows
from lemmata.numerics.performance.layout import Layout, lay_out
from lemmata.numerics.performance.program import Proposal
from lemmata.theory.iterates import Reduction
from lemmata.theory.worst_cases import Measure, Start


@dataclass(frozen=True)
class Witness:
    """Data that satisfy every condition: exact decimals for the free vectors and the values, and what they reach.

    `free` are the vectors that the layout leaves open: w_0 - w_* first where the case is anchored, then the gradients in the
    order in which they are met. `reached` is the measure, at least; the points follow by running the method.
    """

    free: tuple[tuple[Fraction, ...], ...]
    values: tuple[Fraction, ...]
    reached: arb
    lowest: arb

    @property
    def dimension(self) -> int:
        """The dimension of the space that the function lives on."""
        return len(self.free[0]) if self.free else 0


def as_arb(value: Fraction) -> arb:
    """A fraction as a ball."""
    return arb(fmpq(value.numerator, value.denominator))


def checked(case: Case, layout: Layout, free: Any, values: Any) -> Witness | None:
    """The witness of these data when they satisfy every condition with certainty, else None."""
    size, known = layout.size, layout.values
    basis = arb_mat([[as_arb(entry) for entry in row] for row in free])
    points, gradients = form_rows(layout.points, size) * basis, form_rows(layout.gradients, size) * basis
    heights = [as_arb(value) for value in values] + [arb(0)] * layout.anchored
    squares = [_square(gradients, i) for i in range(known)]
    floors = [heights[i] - squares[i] / (2 * case.upper) for i in range(known)]
    if not _interpolable(case, points, gradients, heights):
        return None
    if layout.anchored:
        lowest = arb(0)
        if not all(floor >= 0 for floor in floors):
            return None
    else:
        lowest = floors[0]
        for floor in floors[1:]:
            lowest = lowest.min(floor)
    start = heights[0] - lowest if case.node.start is Start.EXCESS else _square(points, 0)
    allowed = case.bound if case.node.start is Start.EXCESS else case.bound**2
    if not start <= allowed:
        return None
    match case.node.measure:
        case Measure.GRADIENT:
            seen = [_square(gradients, item) for item in layout.measured]
        case Measure.EXCESS:
            seen = [heights[item] - lowest for item in layout.measured]
        case Measure.DISTANCE:
            at = form_rows(layout.measured, size) * basis
            seen = [_square(at, row) for row in range(at.nrows())]
    reached = seen[0]
    for other in seen[1:]:
        reached = reached.min(other) if case.node.reduction is Reduction.LEAST else reached + other
    return Witness(tuple(map(tuple, free)), tuple(values), reached, lowest)


def _square(rows: arb_mat, i: int) -> arb:
    return sum((rows[i, j] ** 2 for j in range(rows.ncols())), arb(0))


def _interpolable(case: Case, points: arb_mat, gradients: arb_mat, heights: list[arb]) -> bool:
    """Whether every interpolation inequality certainly holds, through the three matrices of inner products."""
    lower, q = case.lower, 1 / (2 * (case.upper - case.lower))
    lean = gradients - points * lower
    xs, ss, xg = lean_products(points, lean)
    count = len(heights)
    h = [heights[i] - lower / 2 * xs[i, i] for i in range(count)]
    for i in range(count):
        for j in range(count):
            if i == j:
                continue
            apart = ss[i, i] + ss[j, j] - 2 * ss[i, j]
            if not h[i] - h[j] - (xg[i, j] - xg[j, j]) - q * apart >= 0:
                return False
    return True


def lean_products(points: arb_mat, lean: arb_mat) -> tuple[arb_mat, arb_mat, arb_mat]:
    """<x_i, x_j>, <s_i, s_j> and <x_i, s_j>."""
    turned = lean.transpose()
    return points * points.transpose(), lean * turned, points * turned


def witnesses(case: Case, layout: Layout, proposal: Proposal, digits: int, blend: float = 0.0) -> Iterator[Witness]:
    """What can be made of a proposal: from the lowest dimension up, with this many significant decimal digits.

    With `blend` the function is L(u) + K(v), scaled by 1 - blend and blend, where K is a quadratic from the inside of the
    class: it gives every condition between distinct points room to spare, also where the points of L coincide.
    """
    import numpy as np

    weights, directions = np.linalg.eigh(proposal.gram)
    order = np.argsort(weights)[::-1]
    roots = np.sqrt(np.clip(weights[order], 0, None))
    vectors = directions[:, order] * roots
    vectors = vectors * np.where(vectors[np.abs(vectors).argmax(axis=0), range(len(roots))] < 0, -1.0, 1.0)
    most = float(roots[0]) if len(roots) else 0.0
    rank = int((roots > most * RANK_FLOOR).sum())
    for dimension in range(1, max(rank, 1) + 1):
        data = _scaled(case, layout, *blended(case, vectors[:, :dimension], proposal.values, blend), digits)
        witness = checked(case, layout, *data)
        if witness is not None:
            yield witness


def blended(case: Case, vectors: Any, values: Any, blend: float) -> tuple[Any, Any]:
    """Vectors and values of sqrt(1 - blend) L(u) + sqrt(blend) K(v), K(v) = c/2 (v - v_*)^2, normalised."""
    if not blend:
        return vectors, values
    import numpy as np

    setting = case.floating()
    layout = lay_out(setting, 1.0)
    curvature = max(setting.lower, 0.0) + (1 - max(setting.lower, 0.0)) / (case.n + 2)
    centre = 0.0 if layout.anchored else -1.0
    column, heights = np.zeros(layout.size), np.zeros(layout.values)
    column[: layout.anchored] = 1.0
    for i in range(layout.values):
        away = sum(weight * column[index] for index, weight in layout.points[i].terms.items()) - centre
        (index,) = layout.gradients[i].terms
        column[index] = curvature * away
        heights[i] = curvature / 2 * away**2
    return np.column_stack([(1 - blend) ** 0.5 * vectors, blend**0.5 * column]), (1 - blend) * values + blend * heights


RANK_FLOOR = 1e-9
"""Directions in which all vectors are smaller than this part of the largest carry nothing."""


def _scaled(case: Case, layout: Layout, vectors: Any, values: Any, digits: int) -> tuple[Any, Any]:
    """Vectors and values in the units of the point, a little within the bound of the start, as short decimals."""
    import numpy as np

    by_value = case.node.start is Start.EXCESS
    if by_value:
        start = float(values[0]) if layout.anchored else float(values[0] - min(_floors(layout, vectors, values)))
    else:
        start = float(np.linalg.norm(vectors[0]))
    length = case.length(start) * (1 - 10.0 ** (1 - digits))
    upper = float(case.upper)
    rows = vectors * (upper * length)
    if layout.anchored:
        rows = np.vstack([vectors[:1] * length, rows[1:]])
    heights = values * upper * length**2
    sizes = np.abs(rows).max(axis=1) if len(rows) else []
    coarse = [_decimal(max(float(np.max(sizes[layout.anchored :], initial=0.0)), 0.0), digits)] * len(rows)
    if layout.anchored:
        coarse[0] = _decimal(float(sizes[0]), digits)
    free = [[_rounded(entry, places) for entry in row] for row, places in zip(rows, coarse, strict=True)]
    places = _decimal(min(float(np.max(np.abs(heights), initial=0.0)), start * upper * length**2 if by_value else math.inf), digits)
    return free, [_rounded(entry, places) for entry in heights]


def _floors(layout: Layout, vectors: Any, values: Any) -> Any:
    """f_i - |g_i|^2/2 in normalised floats; gradients are basis vectors."""
    return [
        value - 0.5 * float(sum((vectors[index] * weight) @ (vectors[index] * weight) for index, weight in form.terms.items()))
        for value, form in zip(values, layout.gradients, strict=False)
    ]


def _decimal(size: float, digits: int) -> int:
    """The number of decimal places at which a number of this size has so many significant digits."""
    return digits - 1 - math.floor(math.log10(size)) if size > 0 else digits


def _rounded(value: float, places: int) -> Fraction:
    scale = Fraction(10) ** places
    return Fraction(round(Fraction(float(value)) * scale)) / scale
