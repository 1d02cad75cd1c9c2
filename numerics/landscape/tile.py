r"""Gradients of a tile of runs in place: NumPy on buffers that stay in the cache.

For W of shape (B, n, k) and the targets e_1, ..., e_k the gradient of F/2 is, with S the sines and T the angles of all pairs,

    g_i = w^_i p ( sum_j |w_j| S(w_i, w_j) - sum_j S(w_i, e_j) ) + sum_j (q + r T(w_i, w_j)) w_j - (q + r T(w_i, e_.))

with the constants of `pair_kernel.coefficients`. Sines and angles come from cosines; where these are within 2^-20 of 1 or -1 half of
the digits would be lost, and difference vectors are taken instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lemmata.numerics.landscape.pair_kernel import in_doubles

NEAR = 2.0**-20
"""Below this 1 - c^2 is repaired: the sine is 2^-10 then, and the cosine's rounding moves it by 2^-43 at most."""

ELEMENTS = 48_000
"""Pairs of a tile, about: its four buffers then fit into the second-level cache."""

Array = Any


def runs_a_tile(n: int, k: int) -> int:
    """How many runs share a tile.

    >>> runs_a_tile(20, 20), runs_a_tile(6, 6)
    (60, 666)
    """
    return max(1, ELEMENTS // (n * (n + k)))


class Tile:
    """Buffers for up to `runs` students of n neurons in k dimensions; targets are the unit vectors."""

    def __init__(self, runs: int, n: int, k: int) -> None:
        self.n, self.k = n, k
        shape = (runs, n, n + k)
        self._cosines, self._sines = np.empty(shape), np.empty(shape)
        self._gram, self._pull = np.empty((runs, n, n)), np.empty((runs, n, k))
        self._constants = in_doubles()

    def gradient(self, w: Array, out: Array) -> Array:
        """The gradient of F/2 at w, into `out`; a neuron whose weights are all 0 has gradient 0, as automatic differentiation has it."""
        self._angles(w)
        p, q, r, _ = self._constants
        n, count = self.n, len(w)
        angles, sines = self._cosines[:count], self._sines[:count]
        pull = np.matmul(sines[:, :, :n], self._norms[:, :, None])[:, :, 0]
        pull -= sines[:, :, n:].sum(2)
        pull *= p
        pull *= self._inverse
        np.multiply(angles, r, out=angles)
        angles += q
        np.matmul(angles[:, :, :n], w, out=out)
        out -= angles[:, :, n:]
        np.multiply(w, pull[:, :, None], out=self._pull[:count])
        out += self._pull[:count]
        if self._zero is not None:
            out[self._zero] = 0.0
        return out

    def objective(self, w: Array) -> Array:
        """F/2 of each run; `gradient` has to be called again after it."""
        self._angles(w)
        p, q, r, _ = self._constants
        n, k = self.n, self.k
        angles, sines = self._cosines[: len(w)], self._sines[: len(w)]
        value = p * sines + (q + r * angles) * np.cos(angles)
        norms = self._norms
        among = np.einsum("bi,bij,bj->b", norms, value[:, :, :n], norms)
        across = np.einsum("bi,bij->b", norms, value[:, :, n:])
        own = k * q + k * (k - 1) * p  # kappa is q at the angle 0, and p at the right angle
        return (among - 2 * across + own) / 2

    def _angles(self, w: Array) -> None:
        """Sines into one buffer, angles into the other; norms and their inverses beside."""
        n, count = self.n, len(w)
        cosines, sines = self._cosines[:count], self._sines[:count]
        self._norms = np.sqrt(np.einsum("bij,bij->bi", w, w))
        empty = self._norms == 0
        self._zero = empty if empty.any() else None
        self._inverse = 1 / (self._norms + empty)
        unit = np.multiply(w, self._inverse[:, :, None], out=cosines[:, :, n:])
        np.matmul(unit, np.swapaxes(unit, 1, 2), out=self._gram[:count])
        cosines[:, :, :n] = self._gram[:count]
        np.multiply(cosines, cosines, out=sines)
        np.subtract(1.0, sines, out=sines)
        diagonals = [np.einsum("bii->bi", part[:, :, :n]) for part in (sines, cosines)]
        diagonals[0][:] = 1.0
        flat, angles = sines.reshape(-1), cosines.reshape(-1)
        near = np.flatnonzero(flat < NEAR)
        exact = _repaired(unit, near, n) if len(near) else None
        flat[near] = 1.0
        angles[near] = 0.0
        diagonals[1][:] = 1.0
        np.sqrt(sines, out=sines)
        np.arccos(cosines, out=cosines)
        if exact is not None:
            flat[near], angles[near] = exact
        diagonals[0][:] = 0.0


def _repaired(unit: Array, near: Array, n: int) -> tuple[Array, Array]:
    """Sines and angles of the nearly parallel pairs at these places: with x = |a - b|, y = |a + b| they are x y/2 and 2 atan(x/y)."""
    rows, second = np.divmod(near, n + unit.shape[2])
    run, first = np.divmod(rows, n)
    a = unit[run, first]
    b = np.zeros_like(a)
    among = second < n
    b[among] = unit[run[among], second[among]]
    rest = np.nonzero(~among)[0]
    b[rest, second[rest] - n] = 1.0
    x, y = (np.sqrt(np.einsum("ij,ij->i", v, v)) for v in (a - b, a + b))
    return x * y / 2, 2 * np.arctan2(x, y)
