"""The objective, its gradient, its second derivatives and its one-sided slopes at single networks, at any vectors, in doubles."""

from __future__ import annotations

from typing import Any

import numpy as np

from lemmata.numerics.landscape.pair_kernel import in_doubles

Array = Any


class Networks:
    """A student W (n rows) and a target V (rows) of the same dimension: G = F/2 and its derivatives.

    V need not be orthonormal. At parallel and antiparallel rows the derivatives are the continuous ones. Raises ValueError where
    the dimensions differ or a network is empty.

    >>> found = Networks(np.eye(3), np.eye(3))
    >>> found.value(), float(abs(found.gradient()).max())
    (0.0, 0.0)
    >>> Networks(np.eye(2), np.eye(3))
    Traceback (most recent call last):
    ValueError: a student of dimension 2 cannot learn a target of dimension 3: make them equal
    """

    def __init__(self, student: Array, target: Array) -> None:
        self.w, self.v = np.asarray(student, dtype=float), np.asarray(target, dtype=float)
        if self.w.ndim != 2 or self.v.ndim != 2 or not self.w.size or not self.v.size:
            raise ValueError("student and target are matrices with a neuron in each row, at least one")
        if self.w.shape[1] != self.v.shape[1]:
            sizes = self.w.shape[1], self.v.shape[1]
            raise ValueError(f"a student of dimension {sizes[0]} cannot learn a target of dimension {sizes[1]}: make them equal")
        self._norm_w, self._unit_w = _polar(self.w)
        self._norm_v, self._unit_v = _polar(self.v)

    def value(self) -> float:
        """F/2."""
        among = self._norm_w @ _kappa(self._unit_w, self._unit_w) @ self._norm_w
        across = self._norm_w @ _kappa(self._unit_w, self._unit_v) @ self._norm_v
        own = self._norm_v @ _kappa(self._unit_v, self._unit_v) @ self._norm_v
        return float(among - 2 * across + own) / 2

    def gradient(self) -> Array:
        """The gradient of F/2; 0 for a neuron whose weights are all 0, where F has one-sided slopes only."""
        p, q, r, _ = in_doubles()
        total = np.zeros_like(self.w)
        for sign, norms, units, rows in ((1, self._norm_w, self._unit_w, self.w), (-1, self._norm_v, self._unit_v, self.v)):
            sines, angles = _angles(self._unit_w, units)
            sines, angles = (np.where(norms > 0, part, 0.0) for part in (sines, angles))
            total += sign * ((p * sines @ norms)[:, None] * self._unit_w + (q + r * angles) @ rows)
        return np.where(self._norm_w[:, None] > 0, total, 0.0)

    def slope(self, x: Array) -> float:
        """The one-sided derivative of F/2 in the direction X: lim (G(W + t X) - G(W))/t, t > 0; right at zero vectors too.

        A neuron w = 0 contributes f(x, w_j) and -f(x, v_j), because f is positively homogeneous in it.

        >>> round(Networks(np.zeros((1, 2)), np.eye(2)[:1]).slope([[0.0, 1.0]]) * 2 * np.pi, 12)
        -1.0
        """
        rows = np.asarray(x, dtype=float)
        norms, units = _polar(rows)
        empty = self._norm_w == 0
        total = float((self.gradient() * rows).sum())
        if empty.any():
            norms, units = norms[empty], units[empty]
            total += float(norms @ (_kappa(units, self._unit_w) @ self._norm_w - _kappa(units, self._unit_v) @ self._norm_v))
        return total

    def hessian(self) -> Array:
        """The Hessian of F/2, n k by n k; no row of W may be 0."""
        if not (self._norm_w > 0).all():
            raise ValueError("a neuron whose weights are all 0 has no second derivatives: move it")
        _, q, _, _ = in_doubles()
        n, k = self.w.shape
        total = np.zeros((n, k, n, k))
        own = np.zeros((n, k, k))
        for sign, norms, units in ((1, self._norm_w, self._unit_w), (-1, self._norm_v, self._unit_v)):
            own += sign * _bent(self._norm_w, self._unit_w, norms, units)
        crossed = _crossed(self._unit_w)
        places = np.arange(n)
        crossed[places, places] = own + q * np.eye(k)
        total[:] = np.swapaxes(crossed, 1, 2)
        return total.reshape(n * k, n * k)


def _polar(rows: Array) -> tuple[Array, Array]:
    norms = np.sqrt((rows * rows).sum(1))
    return norms, rows / np.where(norms > 0, norms, 1.0)[:, None]


def _angles(a: Array, b: Array) -> tuple[Array, Array]:
    """Sines and angles of all pairs of unit vectors, from their differences and sums: to full accuracy at any angle.

    Kahan (2006), How futile are mindless assessments of roundoff, section 12.
    """
    less, more = (np.sqrt(((a[:, None] + sign * b) ** 2).sum(2)) for sign in (-1, 1))
    return less * more / 2, 2 * np.arctan2(less, more)


def _kappa(a: Array, b: Array) -> Array:
    p, q, r, _ = in_doubles()
    sines, angles = _angles(a, b)
    return p * sines + (q + r * angles) * np.cos(angles)


def _normals(a: Array, b: Array) -> tuple[Array, Array]:
    """s u for every pair, and the sines: u the unit vector across a in the plane of a and b, 0 where they are parallel."""
    sines, _ = _angles(a, b)
    across = b[None] - (a @ b.T)[:, :, None] * a[:, None]
    across -= (across * a[:, None]).sum(2, keepdims=True) * a[:, None]
    lengths = np.sqrt((across * across).sum(2, keepdims=True))
    return np.divide(across, lengths, out=np.zeros_like(across), where=lengths > 0), sines


def _bent(norms: Array, units: Array, others: Array, their_units: Array) -> Array:
    """sum_j d^2 f(w_i, v_j)/dw_i^2 for every i."""
    p, _, _, m = in_doubles()
    u, sines = _normals(units, their_units)
    factors = sines * others / norms[:, None]
    flat = np.eye(units.shape[1]) - units[:, :, None] * units[:, None, :]
    return p * factors.sum(1)[:, None, None] * flat + m * np.einsum("ij,ija,ijb->iab", factors, u, u)


def _crossed(units: Array) -> Array:
    """d^2 f(w_i, w_j)/dw_i dw_j for every pair, as an array (n, n, k, k)."""
    p, q, r, m = in_doubles()
    u, sines = _normals(units, units)
    _, angles = _angles(units, units)
    found = (q + r * angles)[:, :, None, None] * np.eye(units.shape[1])
    found = found + (p * sines)[:, :, None, None] * units[:, None, :, None] * units[None, :, None, :]
    return found + (m * sines)[:, :, None, None] * u[:, :, :, None] * np.swapaxes(u, 0, 1)[:, :, None, :]
