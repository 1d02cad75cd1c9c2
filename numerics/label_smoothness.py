r"""How smooth labels are for a kernel: how fast their coefficients fall off against its eigenvalues, on a sample, with an error bar.

A function f = sum_i f_i e_i in the eigenbasis of a kernel, eigenvalues lambda_1 >= lambda_2 >= ..., lies in [H]^s where
sum_i f_i^2 / lambda_i^s is finite. Where its tails obey

    T(k) = sum_{i > k} f_i^2 = lambda_{k+1}^(s* + o(1)),

that is so for every s < s* and for no s > s* (summation by parts): s* is the slope of log T against log lambda. On n points x_j
with labels y_j, the eigenvectors u_i of the matrix K(x_j, x_k)/n stand for e_i, its eigenvalues for lambda_i, and

    T_n(k) = (1/n) sum_{i > k} (u_i . y)^2 / (1 - k/n)

for T(k): after k coefficients have been fitted to n values, the share (n - k)/n of what is left remains, on average. The exponent
is the slope of the least-squares line through log T_n(k) against log lambda_{k+1} at values of k with about equal ratios, from
n/50 to n/4.

What it can say: how labels decay over the modes from n/50 to n/4. What it cannot: anything of later modes, which n points do not
tell apart; membership in [H]^s is a statement on all of them. The interval covers the scatter between samples and the
difference between windows of modes, not a change of slope beyond them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

WINDOWS = ((1 / 50, 1 / 4), (1 / 50, 1 / 10), (1 / 20, 1 / 4))
"""Shares of n between which k lies: the first window is that of the estimate, the others show how much the choice matters."""

PLACES = 40
"""How many k a window is looked at, before equal ones are left out."""

FEWEST = 50
"""Points below which a window has too few modes."""


@dataclass(frozen=True, slots=True)
class Smoothness:
    """An exponent with its standard error (between samples), its largest difference from that of another window, and its rounding."""

    exponent: float
    stderr: float
    windows: float
    groups: int
    rounding: float = 0.0

    def interval(self, alpha: float) -> tuple[float, float]:
        """The exponent give or take Student's quantile at level 1 - alpha times the standard error, and the difference of windows.

        >>> low, high = Smoothness(0.5, 0.01, 0.02, 10).interval(0.05)
        >>> round(low, 3), round(high, 3)
        (0.457, 0.543)
        """
        from scipy.stats import t

        radius = float(t.ppf(1 - alpha / 2, self.groups - 1)) * self.stderr + self.windows
        return self.exponent - radius, self.exponent + radius


def tangent_kernel(inputs: Any) -> Any:
    """The tangent kernel of a relu network of one hidden layer between all rows; a last entry 1 in each stands for the biases."""
    from lemmata.numerics.kernels import RELU, kernel_matrices

    return kernel_matrices(inputs, RELU, 1, sigma_w=math.sqrt(2), threads=1).ntk


def decay(kernel: Any, labels: Any) -> tuple[Any, Any]:
    """lambda_{k+1} and T_n(k) for k = 0, ..., n - 1, of a kernel matrix and labels, (n,) or (n, classes), summed over classes."""
    values, coefficients = spectrum(kernel, labels)
    return _tails(values, coefficients)


def spectrum(kernel: Any, *labels: Any) -> Any:
    """The eigenvalues of a kernel matrix, rising, and for each array of labels (u_i . y)^2 for each of its columns.

    On one thread: threads that wait for each other on a busy machine take a hundred times as long for matrices of a few hundred rows.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        values, vectors = np.linalg.eigh(kernel)
        return values, *((vectors.T @ np.reshape(some, (len(kernel), -1))) ** 2 for some in labels)


def _tails(values: Any, coefficients: Any) -> tuple[Any, Any]:
    size = len(values)
    tails = np.cumsum(coefficients.sum(1)) / size
    return values[::-1] / size, tails[::-1] / (1 - np.arange(size) / size)


def slope(eigenvalues: Any, tails: Any, window: tuple[float, float] = WINDOWS[0]) -> float:
    """The slope of log T against log lambda over a window; raises ValueError where labels have no energy left there.

    >>> eigenvalues = np.arange(1.0, 201.0) ** -2
    >>> round(slope(eigenvalues, 3 * eigenvalues**0.75), 12)
    0.75
    """
    places = looked_at(len(eigenvalues), window)
    heights, widths = tails[places], eigenvalues[places]
    if heights.min() <= 0 or widths.min() <= 0:
        raise ValueError("the labels or the eigenvalues vanish within the window of modes: no slope can be told")
    x, y = np.log(widths), np.log(heights)
    return float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())


def looked_at(size: int, window: tuple[float, float] = WINDOWS[0]) -> Any:
    """The numbers of modes k in a window; raises ValueError for too few points.

    >>> looked_at(200).tolist()[:4], looked_at(200).tolist()[-1]
    ([4, 5, 6, 7], 50)
    """
    if size < FEWEST:
        raise ValueError(f"{size} points have too few modes for a slope: give at least {FEWEST}")
    first, last = (max(1.0, share * size) for share in window)
    return np.unique(np.geomspace(first, last, PLACES).astype(int))


def exponent(inputs: Any, labels: Any, window: tuple[float, float] = WINDOWS[0]) -> float:
    """The exponent that a sample shows, with the tangent kernel; labels are centred first."""
    return slope(*decay(tangent_kernel(inputs), labels - np.mean(labels, 0)), window)


def rounding(values: Any, coefficients: Any) -> float:
    r"""How far rounding may move the slope of the first window, to first order.

    The eigenvalues of a symmetric matrix of n rows come out as those of another one at a distance of about $\sqrt n\, \epsilon \|K\|$; the
    space of the modes after the k-th turns by at most that over the gap below it (Davis and Kahan), and moves the energy in
    it by at most twice the angle times the roots of the energies inside and in all.
    """
    size, falling, energies = len(values), values[::-1], np.cumsum(coefficients.sum(1))[::-1]
    moved = math.sqrt(size) * float(np.finfo(float).eps) * abs(float(falling[0]))
    places = looked_at(size)
    angles = 2 * moved / np.maximum(falling[places - 1] - falling[places], moved)
    height = 2 * angles * np.sqrt(energies[0] / energies[places]) + moved / falling[places]
    x = np.log(falling[places])
    weights = np.abs(x - x.mean()) / ((x - x.mean()) ** 2).sum()
    return float((weights * height).sum())


def with_rounding(inputs: Any, labels: Any) -> tuple[float, float]:
    """The exponent that a sample shows, and how far rounding may move it."""
    spectra = spectrum(tangent_kernel(inputs), labels - np.mean(labels, 0))
    return slope(*_tails(*spectra)), rounding(*spectra)


def smoothness(inputs: Any, labels: Any, groups: int = 10) -> Smoothness:
    r"""The exponent of all points, with the standard error of the jackknife over `groups` groups of points left out in turn.

    $$\mathrm{se}^2 = \frac{G - 1}{G} \sum_{g=1}^{G} \big(\hat s_{-g} - \bar s\big)^2$$

    Points are to be in random order. Raises ValueError for less than two groups or too few points.
    """
    size = len(inputs)
    if not 2 <= groups <= size:
        raise ValueError(f"a jackknife needs 2 to {size} groups of points, not {groups}")
    kernel, centred = tangent_kernel(inputs), labels - np.mean(labels, 0)
    spectra = spectrum(kernel, centred)
    whole = _tails(*spectra)
    found = [slope(*whole, window) for window in WINDOWS]
    left_out = []
    for group in range(groups):
        kept = np.arange(size) % groups != group
        part = centred[kept]
        left_out.append(slope(*decay(kernel[np.ix_(kept, kept)], part - part.mean(0))))
    stderr = math.sqrt((groups - 1) / groups * sum((one - np.mean(left_out)) ** 2 for one in left_out))
    windows = max(abs(other - found[0]) for other in found[1:])
    return Smoothness(found[0], float(stderr), windows, groups, rounding(*spectra))


def pictures_and_labels(pictures: Any, order: Any) -> tuple[Any, Any]:
    """The pictures with these numbers as rows of grey levels with a last entry 1, and their classes as rows with a single 1."""
    from lemmata.numerics.pictures import grey_levels

    grey, classes = grey_levels(pictures, pictures.count)
    rows = grey[order]
    return np.concatenate([rows, np.ones((len(rows), 1))], 1), np.eye(10)[classes[order]]
