r"""What the compiled duals are off by at most: truncation, tables, and every rounding of their evaluation in double precision.

With u = 2^-53, a(q) the vector of Hermite coefficients, E(q) a bound of the error of the computed ones in norm, s = sum n a_n^2,
nu = sum n^2 a_n^2, T and T' the sums of a_n^2 and n a_n^2 over the n left out, the errors of D = sum a_n(q1) a_n(q2) c^n and of
S = dD/dc are at most

    |D|: E_1 |a_2| + E_2 |a_1| + E_1 E_2 + sqrt(T_1 T_2) + u (2 sqrt(s_1 s_2) + 3.5 |a_1| |a_2|),
    |S|: E_1 sqrt(nu_2) + E_2 sqrt(nu_1) + N E_1 E_2 + sqrt(T'_1 T'_2) + u (2 sqrt(nu_1 nu_2) + 9.5 sqrt(s_1 s_2)),

by Cauchy and Schwarz; a term of index n meets at most 1.5 n + 3.5 roundings in D (two for each power of x = c^2 and one for each
sum of the Horner scheme), two more in S and four where it is divided by sqrt(q1 q2), and c = 1 - d is within u / 2. For q1 dD/dq1
at fixed covariance, V = sum sqrt((n+1)(n+2)) a_(n+2)(q1) a_n(q2) c^n / 2, the weights are at most (n+2)/2 and what is left out is
bounded by the last term across the cut of each chain and by sqrt(T'_1 (T'_2 + T_2)) / 2.

In E: the table's own error, the degree + k roundings that a coefficient of t^k meets (one for k = 0), one of the last sum, and
u |2q da/dq| for the root sigma = sqrt(q).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lemmata.numerics.kernels.expansion_tables import Tables
from lemmata.numerics.kernels.lattice import UNIT
from lemmata.numerics.kernels.mean_squares import UP

U = 2.0**-53

CUT = 2.0**-56
"""What may be cut off the sums of a pair of cells, relative to r, the terms weighted with 1 + n^2 / 100."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Proved bounds of absolute errors, relative to r = sqrt(k(q1, q1) k(q2, q2)), k(q, q) = E f^2, on the whole range and |c| <= 1.

    value           of the dual E[f(u) f(v)]
    by_correlation  of its derivative by c, which is sqrt(q1 q2) E[f'(u) f'(v)]
    by_variance     of q_i times its derivative by q_i at fixed covariance, which is q_i E[f''(u) f(v)] / 2
    at_correlation  of q_i times its derivative by q_i at fixed c
    defect          of 1 - dual / r at equal variances, in units of 1 - c (not relative to r)
    """

    value: float
    by_correlation: float
    by_variance: float
    at_correlation: float
    defect: float

    def __str__(self) -> str:
        return (
            f"value {self.value:.1e}, by correlation {self.by_correlation:.1e}, by variance {self.by_variance:.1e} at fixed covariance "
            f"and {self.at_correlation:.1e} at fixed correlation, all of sqrt(k11 k22); 1 - correlation {self.defect:.1e} of 1 - c"
        )


@dataclass(frozen=True, slots=True)
class Local:
    """On each cell, relative to |a|: the errors of one side, and the constants by which a network's layers carry errors on.

    error      E
    left       sqrt(T)
    weighted   sqrt(T')
    slope      s: the derivative of the correlation map is at most this
    number     nu
    moved      |da/d ln q|: by how much the correlation of the features moves with ln q; their ln k moves by twice that
    second     sum n (n-1) a_n^2: by how much the slope moves with c
    turned     by how much the slope's vector (sqrt(n) a_n / |a|) moves with ln q
    """

    error: Any
    left: Any
    weighted: Any
    slope: Any
    number: Any
    moved: Any
    second: Any
    turned: Any
    last: Any
    beyond: Any


def local(tables: Tables) -> Local:
    """The bounds of each cell."""
    squares = tables.squares
    floor = np.sqrt(squares.least) / UP
    moved = np.sqrt(squares.moved)
    near = np.maximum(moved, np.maximum(np.append(moved[1:], 0), np.append(0, moved[:-1])))
    error = (tables.exact + _evaluation(tables) + U * near) / floor * UP
    slope, rate = squares.slope / squares.least * UP, moved / floor / 2 * UP
    turned = (np.sqrt(slope) + np.sqrt(squares.turned) / floor) / 2 + np.sqrt(slope) * rate
    return Local(
        error,
        np.sqrt(tables.left) / floor * UP,
        np.sqrt(tables.weighted) / floor * UP,
        slope,
        squares.number / squares.least * UP,
        rate,
        squares.second / squares.least * UP,
        turned * UP,
        tables.last / floor * UP,
        tables.beyond / floor * UP,
    )


def _evaluation(tables: Tables) -> Any:
    """The norm of what rounding does to A_0 + (sum of A_k t^k over k >= 1) on each cell."""
    total = 0.0
    for table in (tables.even, tables.odd):
        size, powers = np.abs(table), np.arange(table.shape[1])
        meet = np.where(powers, powers + table.shape[1], 0)
        total = total + ((np.einsum("ckn,k->cn", size, meet + 1.0)) ** 2).sum(axis=1)
    return U * np.sqrt(total) * UP


def bounds(tables: Tables, here: Local) -> Bounds:
    """The largest over all pairs of cells: each is so where both cells are the same, or is taken over the pairs or with two maxima."""
    E, s, nu, terms = here.error, here.slope, here.number, 2.0 * tables.terms + 2
    value = float(np.max(value_error(here)))
    by_correlation = float(np.max(slope_error(here, terms)))
    most = {name: float(np.max(getattr(here, name))) for name in ("error", "slope", "number", "left", "weighted")}
    rough = np.sqrt(most["number"])
    by_variance = most["error"] * (rough + 1) + terms * most["error"] ** 2
    by_variance += most["weighted"] * (most["weighted"] + most["left"]) / 2 + float((here.beyond.max(axis=1) * here.last.max(axis=1)).sum())
    by_variance += 400 * CUT + U * (rough * (rough + 1) + 5 * rough)
    norm = normalised(tables, here)
    defect = 2 * norm * np.sqrt(nu) + terms * norm**2 + here.weighted**2 + here.left**2 * s + 100 * CUT + U * (3 * nu + 12 * s)
    return Bounds(
        value * UP,
        by_correlation * UP,
        by_variance * UP,
        (by_variance + by_correlation / 2 + 3 * U * (rough + most["slope"])) * UP,
        float(np.max(defect + 0 * E)) * UP,
    )


def value_error(here: Local) -> Any:
    """The bound of the dual's error where both variances are in the same cell."""
    return (2 * here.error + here.error**2 + here.left**2 + CUT + U * (2 * here.slope + 3.5)) * UP


def slope_error(here: Local, terms: float) -> Any:
    """The bound of the error of dD/dc for every pair of cells: one cell's E may meet the other's larger nu."""
    root, error = np.sqrt(here.number), here.error
    across = np.multiply.outer(error, root)
    rounding = 2 * np.multiply.outer(root, root) + 9.5 * np.sqrt(np.multiply.outer(here.slope, here.slope))
    squares = terms * np.multiply.outer(error, error) + np.multiply.outer(here.weighted, here.weighted)
    return (across + across.T + squares + 100 * CUT + U * rounding) * UP


def normalised(tables: Tables, here: Local) -> Any:
    """The error of the unit vector a / |a| in norm: twice E, as lengths err no more than vectors, and some roundings."""
    return (2 * here.error + 4 * U + 2 * tables.terms * UNIT) * UP
