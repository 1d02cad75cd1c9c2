"""Means of squares of an activation and its derivatives under normal laws: proved at the ends of cells of variances, bounded in between.

E_q g <= sqrt(Q/q) E_Q g for q <= Q and g >= 0, since the densities have at most that ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.compile.series import in_one_variable
from lemmata.numerics.kernels import lattice
from lemmata.numerics.kernels.cells import Cells
from lemmata.numerics.kernels.lattice import LONG, UNIT, Strip, to_long
from lemmata.numerics.laws import Unsupported
from lemmata.theory.kernels.admissible import X

BITS = 128
"""The working precision of values and Taylor coefficients of the activation."""

UP = 1 + 2.0**-30
"""Bounds are computed in double precision and then raised by more than their own rounding, some thousand operations' worth."""


@dataclass(frozen=True, slots=True)
class Squares:
    """Means of squares on each cell, with z = sigma s: largest and least value of E f^2, and the largest of the others.

    mean      E f(z)^2 = sum a_n^2                                least as well
    slope     q E f'(z)^2 = sum n a_n^2
    second    q^2 E f''(z)^2 = sum n (n - 1) a_n^2
    moved     E (z f'(z))^2 = |2q da/dq|^2
    turned    q E (z f''(z))^2, the same for f', times q
    """

    mean: Any
    least: Any
    slope: Any
    second: Any
    moved: Any
    turned: Any

    @property
    def number(self) -> Any:
        """sum n^2 a_n^2 = second + slope."""
        return (self.second + self.slope) * UP


def mean_squares(expr: Any, strip: Strip, cells: Cells, step: float, nodes: int, sign: int | None) -> tuple[Squares, dict[str, Any]]:
    """The means of squares over each cell, and their values at its upper end."""
    edges = cells.edges()
    jobs = {"mean": (0, 0, 0), "slope": (1, 0, 2), "moved": (1, 1, 2), "second": (2, 0, 4), "turned": (2, 1, 4)}
    found: dict[str, list[arb]] = {name: [] for name in jobs}
    with precision(BITS):
        lattice_points = [arb(step) * i for i in range(nodes + 1)]
        normal = [(-(s * s) / 2).exp() * step / (2 * arb.pi()).sqrt() for s in lattice_points]
        constants: dict[Any, arb] = {}
        for sigma in edges:
            sums = {name: arb(0) for name in jobs}
            for s, density in zip(lattice_points, normal, strict=True):
                values = _values(expr, s * sigma, constants, sign)
                for name, (order, power, scale) in jobs.items():
                    sums[name] += density * values[order] * s ** (2 * power) * arb(sigma) ** scale
            for name, (order, power, scale) in jobs.items():
                error = lattice.mean_error(strip.derived(order), sigma, step, nodes, power) * arb(sigma) ** scale
                found[name].append(sums[name] + arb(0, error.upper()))
        ratio = [arb(high) / low for low, high in zip(edges, edges[1:], strict=False)]
        most = {name: np.array([_up(v * r) for v, r in zip(values[1:], ratio, strict=True)]) for name, values in found.items()}
        ends = {name: np.array([to_long(v) + LONG(_up(v.rad())) for v in found[name][1:]]) * (1 + 4 * UNIT) for name in ("mean", "slope")}
        least = np.array([_down(v / r) for v, r in zip(found["mean"], ratio, strict=False)])
    if not (least > 0).all() or not all(np.isfinite(values).all() for values in most.values()):
        raise Unsupported(f"the mean square of {expr} is not proved to be positive and finite on the whole range of variances")
    return Squares(most["mean"], least, most["slope"], most["second"], most["moved"], most["turned"]), ends


def _values(expr: Any, x: arb, constants: dict[Any, arb], sign: int | None) -> list[arb]:
    """f^2, f'^2, f''^2 at x plus the same at -x (once at 0)."""
    total = _squared(expr, x, constants)
    if x.is_zero():
        return total
    other = total if sign else _squared(expr, -x, constants)
    return [a + b for a, b in zip(total, other, strict=True)]


def _squared(expr: Any, x: arb, constants: dict[Any, arb]) -> list[arb]:
    (c,) = in_one_variable([expr], X, x, 3, constants)
    return [c[0] * c[0], c[1] * c[1], 4 * c[2] * c[2]]


def _up(value: arb) -> float:
    return math.nextafter(float(value.upper()), math.inf)


def _down(value: arb) -> float:
    return math.nextafter(float(value.lower()), -math.inf)
