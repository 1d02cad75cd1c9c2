"""The dual of any analytic activation, compiled: values and gradients in double precision with a proved bound of their error.

E[f(u) f(v)] = sum a_n(q1) a_n(q2) c^n (Mehler), a_n(q) = E f(sqrt(q) s) he_n(s) from tables (`expansion_tables`). From the same sum

    dD/dc at fixed variances          = sum n a_n a_n c^(n-1) = sqrt(q1 q2) E[f'(u) f'(v)],
    dD/dq1 at fixed covariance        = sum sqrt((n+1)(n+2)) a_(n+2)(q1) a_n(q2) c^n / (2 q1) = E[f''(u) f(v)] / 2,
    dD/dq1 at fixed correlation c     = that + c / (2 q1) dD/dc,

the second since 2q da_n/dq = n a_n + sqrt((n+1)(n+2)) a_(n+2) (Gaussian integration by parts).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, final

import numpy as np

from lemmata.numerics.kernels import series_sums
from lemmata.numerics.kernels.duals import Array, Dual, Pair, not_negative
from lemmata.numerics.kernels.expanded_bounds import CUT, Bounds, Local, bounds, local
from lemmata.numerics.kernels.expansion_tables import Tables
from lemmata.numerics.kernels.series_sums import Vectors

BLOCK = 2048
"""Pairs held at a time: their coefficients stay in a cache."""

FEW = 16 * BLOCK
"""So many pairs are worth sorting by their cells."""

MANY = (1 << 20, 1 << 20)
"""All coefficients of both chains."""

CLOSE = 2.0**-5
"""Where no u = (1 - c) / 2 of a tile is below, 1 - correlation is had by a difference."""


class Gradient(NamedTuple):
    """The dual D and its derivatives by the variances, at fixed correlation and at fixed covariance, and by those two."""

    value: Array
    by_correlation: Array
    by_covariance: Array
    q1_at_correlation: Array
    q2_at_correlation: Array
    q1_at_covariance: Array
    q2_at_covariance: Array


@final
@dataclass(frozen=True)
class Expanded(Dual):
    """A compiled dual for variances in [low, high]; `error` holds the proved bounds, printed with it.

    `value`, `slope` and `gradient` take arrays that broadcast: variances q1 and q2, and the correlation c, or d = 1 - c by its name.
    They raise ValueError in one line for variances outside the range, correlations outside [-1, 1], and what is no number.
    """

    activation: str
    low: float
    high: float
    tables: Tables
    gain: float = 1.0

    @cached_property
    def local(self) -> Local:
        """The bounds on each cell of the range."""
        return local(self.tables)

    @cached_property
    def error(self) -> Bounds:
        """The proved bounds."""
        return bounds(self.tables, self.local)

    def __str__(self) -> str:
        return f"dual of {self.activation} for q in [{self.low:g}, {self.high:g}], {self.tables.terms} terms; errors at most: {self.error}"

    __repr__ = __str__

    def vectors(self, q: Any) -> Vectors:
        """The coefficients at a one-dimensional array of variances; equal variances have equal ones, bit for bit."""
        wanted, back = np.unique(np.asarray(q, dtype=np.float64), return_inverse=True)
        index, t = self._places(wanted)
        found = Vectors(*(np.empty((part.shape[2], len(wanted))) for part in (self.tables.even, self.tables.odd)))
        for cell in np.unique(index):
            first, last = np.searchsorted(index, (cell, cell + 1))
            part = self._in_cell(cell, t[first:last], MANY)
            found.even[:, first:last], found.odd[:, first:last] = part.even, part.odd
        return found if len(wanted) == len(back) and (wanted == q).all() else found.take(back)

    def _places(self, q: Any) -> tuple[Any, Any]:
        """The cell of each variance and its coordinate there."""
        cells, sigma = self.tables.cells, np.sqrt(q)
        index = cells.of(sigma)
        return index, (sigma - cells.middles()[index]) / cells.halves()[index]

    def _in_cell(self, cell: int, t: Any, counts: tuple[int, int]) -> Vectors:
        """The first coefficients of both chains in one cell."""
        powers = np.multiply.accumulate(np.broadcast_to(t, (self.tables.even.shape[1] - 1, len(t))), axis=0)
        found = []
        for table, count in zip((self.tables.even[cell], self.tables.odd[cell]), counts, strict=True):
            values = table[1:, :count].T @ powers
            values += table[0, :count, None]
            found.append(values)
        return Vectors(*found)

    def lengths(self, q: Array) -> Array:
        """E f(sqrt(q) s)^2 for each q, in the longest numbers for a NumPy array."""
        plain = _numpy(q).astype(np.float64)
        self._require(plain)
        found = self.vectors(plain.reshape(-1))
        total = _squares(found.even) + _squares(found.odd)
        return _like(total.reshape(plain.shape), q)

    def value(self, q1: Any, q2: Any, c: Any = None, *, d: Any = None) -> Array:
        """E[f(u) f(v)]; tensors that require gradients get them, by the compiled derivatives, once differentiable."""
        if any(getattr(part, "requires_grad", False) for part in (q1, q2, c, d)):
            from lemmata.numerics.kernels.autograd import differentiable_value

            return differentiable_value(self, q1, q2, c, d)
        return self._each(_values, q1, q2, c, d)[0]

    def slope(self, q1: Any, q2: Any, c: Any = None, *, d: Any = None) -> Array:
        """E[f'(u) f'(v)], the derivative of the dual by the covariance."""
        found = self._each(_slopes, q1, q2, c, d)[1]
        return found / _like(np.sqrt(_numpy(q1)) * np.sqrt(_numpy(q2)), found)

    def defect(self, q1: Any, q2: Any, c: Any = None, *, d: Any = None) -> Array:
        """1 - D / sqrt(k(q1, q1) k(q2, q2)), where small without cancellation (give d rather than c there)."""
        return self._each(_defects, q1, q2, c, d)[0]

    def gradient(self, q1: Any, q2: Any, c: Any = None, *, d: Any = None) -> Gradient:
        """The dual and all its first derivatives."""
        value, along, first, second = self._each(_gradients, q1, q2, c, d)
        one, two = (_numpy(q).astype(np.float64) for q in (q1, q2))
        cosine = _numpy(c) if d is None else 1 - _numpy(d)
        turned = _like(cosine / 2, value) * along
        ones, twos, root = (_like(part, value) for part in (one, two, np.sqrt(one) * np.sqrt(two)))
        at_correlation = (first + turned) / ones, (second + turned) / twos
        return Gradient(value, along, along / root, *at_correlation, first / ones, second / twos)

    def step(self, xp: Any, u: Array, slope: Array, product: Array, pair: Pair) -> None:
        """One layer of a tile: the sums over n on its rows and columns, of vectors of length 1."""
        q1, q2 = (np.asarray(_numpy(q), np.float64).reshape(-1) for q in (pair.q1, pair.q2))
        even, odd = self._enough(q1, q2)
        sides, growth = [], []
        for q, at in ((q1, np.s_[:, :, None]), (q2, np.s_[:, None, :])):
            found = self.vectors(q)
            size = np.sqrt(_squares(found.even) + _squares(found.odd)).astype(np.float64)
            unit = found.over(size)
            sides.append(Vectors(_put(unit.even[:even][at], xp, u), _put(unit.odd[:odd][at], xp, u)))
            growth.append(_put((size / np.sqrt(q))[at[1:]], xp, u))
        half = np.minimum(u, 1).astype(np.float64) if xp is np else u.to(xp.float64).clamp(max=1)
        d = 2 * half
        rows, columns = sides
        cosine, along = series_sums.value_and_slope(rows, columns, 1 - d, xp)
        apart = series_sums.defect(rows, columns, d, xp) if bool((half < CLOSE).any()) else 1 - cosine
        along *= growth[0]
        along *= growth[1]
        u[...], slope[...], product[...] = apart / 2, along, cosine
        not_negative(xp, u)

    def _enough(self, q1: Any, q2: Any) -> tuple[int, int]:
        """How many coefficients of both chains matter to all pairs of these variances, each with itself too: lengths count as well."""
        cells = np.unique(np.concatenate([self._places(q)[0] for q in (q1, q2)]))
        pairs = [self.needed[i][j] for i in cells for j in cells]
        return max(a for a, _ in pairs), max(b for _, b in pairs)

    def _require(self, *variances: Any) -> None:
        for q in variances:
            wrong = ~((q >= self.low) & (q <= self.high))
            if wrong.any():
                there = f"[{self.low:g}, {self.high:g}], and {q[wrong].flat[0]:g} is outside"
                raise ValueError(f"the dual of {self.activation} was compiled for variances in {there}")

    def _each(self, function: Any, q1: Any, q2: Any, c: Any, d: Any) -> tuple[Array, ...]:
        """The function of (first, second, c, d) on blocks of pairs."""
        if (c is None) == (d is None):
            raise ValueError("a dual takes the correlation c or d = 1 - c, one of them")
        if any(getattr(part, "requires_grad", False) for part in (q1, q2, c, d)):
            raise ValueError("only `value` is differentiated: pass tensors without gradients here")
        like = next((part for part in (q1, q2, c, d) if hasattr(part, "detach")), None)
        arrays = [_numpy(part).astype(np.float64) for part in (q1, q2, d if c is None else c)]
        one, two, third = np.broadcast_arrays(*arrays)
        self._require(arrays[0], arrays[1])
        low, high = (0.0, 2.0) if c is None else (-1.0, 1.0)
        if not ((arrays[2] >= low) & (arrays[2] <= high)).all():
            raise ValueError("a correlation lies in [-1, 1], and 1 - c in [0, 2]: an entry does not, or is no number")
        shape, (one, two, third) = one.shape, (part.reshape(-1) for part in (one, two, third))
        found: list[Any] = []
        for part, first, second in self._blocks(one, two, function is _defects):
            given = third[part]
            cosine, apart = (1 - given, given) if c is None else (given, 1 - given)
            results = function(first, second, cosine, apart)
            if not found:
                found = [np.empty(third.size) for _ in results]
            for out, values in zip(found, results, strict=True):
                out[part] = values
        return tuple(_like(out.reshape(shape), like) for out in found)

    def _blocks(self, one: Any, two: Any, whole: bool) -> Iterator[tuple[Any, Vectors, Vectors]]:
        """Pairs with their coefficients: few pairs as they come, many put together by their cells, with as many as these need.

        `whole`: all coefficients, where the lengths of the vectors count and not only their products.
        """
        if one.size <= FEW:
            for start in range(0, max(one.size, 1), BLOCK):
                here = slice(start, start + BLOCK)
                yield here, self.vectors(one[here]), self.vectors(two[here])
            return
        (index, t), (other, s) = self._places(one), self._places(two)
        count = self.tables.cells.count
        both = index * count + other
        order = np.argsort(both, kind="stable")
        ends = np.searchsorted(both[order], np.arange(count * count + 1))
        for pair in range(count * count):
            for start in range(ends[pair], ends[pair + 1], BLOCK):
                part = order[start : min(start + BLOCK, ends[pair + 1])]
                cell, its = divmod(pair, count)
                needed = MANY if whole else self.needed[cell][its]
                first = self._in_cell(cell, t[part], needed)
                same = cell == its and np.array_equal(one[part], two[part])
                yield part, first, first if same else self._in_cell(its, s[part], needed)

    @cached_property
    def needed(self) -> list[list[tuple[int, int]]]:
        """For each pair of cells how many coefficients of both chains matter: what is cut off is below CUT.

        A term is weighted with 1 + n^2 / 100, and one of index n across from one of index n - 2 with n / 200.
        """
        floor = np.sqrt(self.tables.squares.least)
        counts = []
        for start, table in enumerate((self.tables.even, self.tables.odd)):
            size = np.abs(table).sum(axis=1) / floor[:, None]
            n = 2.0 * np.arange(size.shape[1]) + start
            before = np.roll(size, 1, axis=1) * (n >= 2)
            across = size[:, None] * before[None] + before[:, None] * size[None]
            products = size[:, None] * size[None] * (1 + n * n / 100) + across * n / 200
            tail = np.cumsum(products[:, :, ::-1], axis=2)[:, :, ::-1]
            counts.append(np.maximum((tail > CUT / 4).sum(axis=2), 1))
        return [[(int(a), int(b)) for a, b in zip(*rows, strict=True)] for rows in zip(*counts, strict=True)]


def _values(first: Vectors, second: Vectors, c: Any, d: Any) -> tuple[Any, ...]:
    return (series_sums.value(first, second, c, np),)


def _slopes(first: Vectors, second: Vectors, c: Any, d: Any) -> tuple[Any, ...]:
    return series_sums.value_and_slope(first, second, c, np)


def _defects(first: Vectors, second: Vectors, c: Any, d: Any) -> tuple[Any, ...]:
    unit = [part.over(np.sqrt(_squares(part.even) + _squares(part.odd))) for part in (first, second)]
    return (series_sums.defect(unit[0], unit[1], d, np),)


def _gradients(first: Vectors, second: Vectors, c: Any, d: Any) -> tuple[Any, ...]:
    value, along = series_sums.value_and_slope(first, second, c, np)
    return value, along, series_sums.value(_raised(first), second, c, np), series_sums.value(_raised(second), first, c, np)


def _raised(part: Vectors) -> Vectors:
    """sqrt((n+1)(n+2)) a_(n+2) / 2 in the place of a_n."""
    return Vectors(*(chain[1:] * _weights(start, len(chain) - 1) for start, chain in enumerate((part.even, part.odd))))


def _weights(start: int, count: int) -> Any:
    n = 2.0 * np.arange(count)[:, None] + start
    return np.sqrt((n + 1) * (n + 2)) / 2


def _squares(chain: Any) -> Any:
    """The sum over the chain, in the longest numbers."""
    long = chain.astype(np.longdouble)
    return (long * long).sum(axis=0)


def _numpy(values: Any) -> Any:
    return values.detach().cpu().numpy() if hasattr(values, "detach") else np.asarray(values)


def _like(values: Any, pattern: Any) -> Any:
    """A NumPy array as a tensor where the pattern is one."""
    if not hasattr(pattern, "detach"):
        return values
    import torch

    return torch.as_tensor(np.asarray(values, np.float64), device=pattern.device)


def _put(values: Any, xp: Any, pattern: Any) -> Any:
    values = np.asarray(values, np.float64)
    return values if xp is np else xp.as_tensor(values, device=pattern.device)
