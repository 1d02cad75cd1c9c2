"""How far two inputs are apart in angle: u = (1 - c) / 2 with c their cosine, accurate however small u is.

Three ways, the first for every pair, each next one only for those that need it:

1. c = <x, y> / (|x| |y|) by a matrix product: an error of a few rounding units in u, enough unless u < CLOSE.
2. The inputs, scaled by powers of two, are cut after 26 binary digits, x = x' + x'': <x', y'> is then exact in double precision
   (every partial sum is a multiple of 2^-52 below 1 by Cauchy and Schwarz), the rest is 2^-26 times smaller; with the lengths
   cut likewise the error in u is some 2^-76.
3. Where even that is coarse: y - t x by difference vectors, t a multiple of few digits, hence exact where nothing is left;
   after a second projection its square is |y|^2 sin^2 of the angle. Identical inputs, and power-of-two or other short
   multiples of each other, have u = 0 exactly.

What matters to kernels is the angle, 2 arcsin(sqrt(u)): an error e in u moves it by e / sqrt(4 u (1 - u)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Rows = Any
"""A two-dimensional NumPy array of float64: one input a row."""

CLOSE = 2.0**-5
"""Below it u is computed again: an error of e in u moves an angle by at most 2.9 e above it."""

ROUGH = 2.0**-2
"""Where relative errors count, (1 + c) / 2 is computed again below this."""

MODERATE = 0.375
"""Where relative errors count, kernels are computed from (1 + c) / 2 instead of u below this."""

NEARER = 2.0**-46
"""Below it the cut products are coarse as well: their 2^-76 moves an angle by at most 2^-54 above it."""

NEAR = 2.0**-22
"""The same where relative errors count: 2^-76 is 2^-54 of it."""

FEW = 256
"""So many close pairs of a tile are cheaper one by one than a second matrix product."""

SAFE = 2.0**800
"""Squared lengths between 1 / SAFE and SAFE lose nothing to overflow or underflow."""

SHORT = 128
"""Sums of so few squares are taken with the longest numbers there are; in longer ones rounding averages out."""

HELD = 2**17
"""Numbers of pairs held at a time."""

CACHED = 2**14
"""Numbers of inputs prepared at a time."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Inputs and what each has alone: |x|^2 / n_0, and 1 / |x| after an exact scaling of the rows that need one."""

    rows: Rows
    squares: Any
    inverse: Any

    def unit(self, start: int, stop: int, into: Any = None) -> Rows:
        """Rows start ... stop - 1 divided by their lengths, in double precision or rounded once to that of `into`; zero stays zero."""
        return np.multiply(self.rows[start:stop], self.inverse[start:stop, None], out=into, casting="same_kind")

    def scaled(self, start: int, stop: int) -> Rows:
        """The rows times powers of two that bring their lengths into [1/2, 1]: exact."""
        _, exponents = np.frexp(self.inverse[start:stop])
        return np.ldexp(self.rows[start:stop].astype(np.float64), exponents[:, None] - 1)

    def units(self, dtype: Any) -> Rows:
        """All of them."""
        found = np.empty(self.rows.shape, dtype)
        block = max(1, CACHED // self.rows.shape[1])
        for start in range(0, len(found), block):
            self.unit(start, start + block, found[start : start + block])
        return found


def read(X: Any, name: str) -> Inputs:
    """The inputs as rows, checked: finite real numbers in a matrix with at least one row and one column.

    Raises TypeError or ValueError in one line for anything else.
    """
    rows = np.asarray(X)
    if rows.dtype.kind not in "fiub":
        raise TypeError(f"{name} is a matrix of real numbers, not of {rows.dtype}")
    if rows.ndim != 2:
        raise ValueError(f"{name} is a matrix with one input a row, not an array of {rows.ndim} dimensions; one input is x[None, :]")
    if 0 in rows.shape:
        raise ValueError(f"{name} needs at least one input and one feature, not the shape {rows.shape}")
    if rows.dtype not in (np.float32, np.float64):
        rows = rows.astype(np.float64)
    wide = np.longdouble if rows.shape[1] <= SHORT else np.float64
    squares, scale = np.empty(len(rows), np.longdouble), np.ones(len(rows), np.longdouble)
    block = max(1, CACHED // rows.shape[1])
    held = np.empty((block, rows.shape[1]), wide)
    for start in range(0, len(rows), block):
        part = rows[start : start + block]
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            np.multiply(part, part, out=held[: len(part)], dtype=wide)
            squares[start : start + block] = held[: len(part)].sum(axis=1)
    odd = np.nonzero(~((squares > 1 / SAFE) & (squares < SAFE)))[0]
    if len(odd):
        rows = rows.copy() if rows.dtype == np.float64 else rows.astype(np.float64)
        for row in odd:
            if not np.isfinite(rows[row]).all():
                raise ValueError(f"{name} has an entry that is not finite in row {row}")
            largest = np.abs(rows[row]).max()
            if largest > 0:
                shift = -int(np.frexp(largest)[1])
                rows[row] = np.ldexp(rows[row], shift)
                squares[row] = (rows[row] * rows[row]).sum()
                scale[row] = np.ldexp(np.longdouble(1), -shift)
    lengths = np.sqrt(squares)
    inverse = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    with np.errstate(over="ignore", under="ignore"):
        return Inputs(rows, squares * scale * scale / rows.shape[1], inverse.astype(np.float64))


@dataclass(frozen=True, slots=True)
class Opposite:
    """Nearly opposite pairs of a tile, and (1 + c) / 2 for each, which could not be had from 1 - u."""

    rows: Any
    columns: Any
    half: Any


def refine(first: Inputs, second: Inputs, i: int, j: int, u: Any, relative: bool) -> Opposite:
    """u of the tile whose corner is (i, j), in place, again where it is below CLOSE; and the nearly opposite pairs.

    `relative`: the kernels of nearly opposite inputs are so small that a relative error of 1 + c counts, not that of an angle.
    """
    tiny, huge = u < CLOSE, u > 1 - (ROUGH if relative else CLOSE)
    opposite = u > 1 - MODERATE if relative else huge
    values = 1 - u.astype(np.float64)
    chosen = tiny | huge
    if np.count_nonzero(chosen) > FEW:
        near, far = cut_products(first.scaled(i, i + u.shape[0]), second.scaled(j, j + u.shape[1]))
        values[chosen] = np.where(tiny, near, far)[chosen]
        chosen &= values < np.where(huge & relative, NEAR, NEARER)
    at = np.nonzero(chosen)
    values[at] = by_difference(first.rows[i:], second.rows[j:], *at)
    u[tiny] = values[tiny]
    u[huge] = 1 - values[huge]
    rows, columns = np.nonzero(opposite)
    return Opposite(rows, columns, values[rows, columns])


def cut_products(first: Rows, second: Rows) -> tuple[Any, Any]:
    """(1 - c) / 2 and (1 + c) / 2 for rows of lengths in [1/2, 1] or 0, with an error of some 2^-76.

    c = (A + B) / (N M): A the product of the heads, exact, B the rest; N = s + r with s of 26 digits, so s_1 s_2 is exact too
    and s_1 s_2 - A is exact where it cancels.
    """
    (high, low), (other, rest) = _cut(first), _cut(second)
    (s, r), (t, q) = _length(high, low, first), _length(other, rest, second)
    exact = high @ other.T
    small = high @ rest.T + low @ second.T
    product = np.outer(s, t)
    left = np.outer(s, q) + np.outer(r, t + q)
    return (((product - exact) + (left - small)) / (2 * (product + left)), ((product + exact) + (left + small)) / (2 * (product + left)))


def _cut(values: Any) -> tuple[Any, Any]:
    """The multiples of 2^-26 next to numbers of at most 1, and what is left: both exact."""
    anchor = 1.5 * 2.0**26
    high = (values + anchor) - anchor
    return high, values - high


def _length(high: Rows, low: Rows, rows: Rows) -> tuple[Any, Any]:
    """Lengths as s + r, s a multiple of 2^-26 and r below it: r = (|row|^2 - s^2) / (|row| + s). Zero rows have the length 1."""
    square, rest = (high * high).sum(axis=1), (low * (high + rows)).sum(axis=1)
    square[square + rest == 0] = 1
    root = np.sqrt(square + rest)
    s = _cut(root)[0]
    return s, ((square - s * s) + rest) / (root + s)


def _head(values: Any, digits: int) -> Any:
    """The values rounded to so many binary digits; the rest is exact and has 53 - digits (Veltkamp)."""
    shifted = values * (2.0 ** (53 - digits) + 1)
    return shifted - (shifted - values)


def by_difference(first: Rows, second: Rows, at: Any, to: Any) -> Any:
    """sin^2(a / 2) for the pairs (first[at], second[to]), a the angle between the lines through the inputs.

    r = y - t x, t near <x, y> / |x|^2 cut to 24 digits and x = x' + x'' cut after 26: t x' and t x'' are exact, and so are both
    differences where the lines are so near that they cancel (what is left is 2^-24 of y, in multiples of 2^-76 of it).
    A second step does the same to r, a third takes away what is left along x; then |r|^2 = |y|^2 sin^2 a, with an error
    of some 2^-100 in the angle and of rounding in |r|.
    """
    found = np.empty(len(at))
    block = max(1, HELD // first.shape[1])
    for start in range(0, len(at), block):
        x = first[at[start : start + block]].astype(np.float64)
        y = second[to[start : start + block]].astype(np.float64)
        square = (x * x).sum(axis=1)
        high = _head(x, 26)
        low = x - high
        t = _head((x * y).sum(axis=1) / square, 24)[:, None]
        r = (y - t * high) - t * low
        t = _head((x * r).sum(axis=1) / square, 24)[:, None]
        r = (r - t * high) - t * low
        r -= ((x * r).sum(axis=1) / square)[:, None] * x
        sine = np.minimum((r * r).sum(axis=1) / (y * y).sum(axis=1), 1.0)
        found[start : start + block] = sine / (2 * (1 + np.sqrt(1 - sine)))
    return found
