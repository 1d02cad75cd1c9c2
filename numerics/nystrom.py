r"""Eigenvalues of kernels on cubes [0, 1]^d from matrices at random points, and the exponent at which they seem to fall.

With points drawn uniformly the eigenvalues of $K(x_i, x_j)/n$ tend to those of the integral operator; a least-squares line through
$(\log i, \log \lambda_i)$ over a window of indices estimates the exponent. It is biased twice: few points move the eigenvalues, and
low indices are not yet asymptotic. Kernels of Matern's family, whose exponents on a domain are known, $(2 \nu + d)/d$, measure both.
Source: Widom (1963), Asymptotic behavior of the eigenvalues of certain integral equations, theorem I.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

LARGEST = 4096
"""Points of a matrix, at most."""


class Kernel(Enum):
    """Kernels on the cube, by the exponents they have there."""

    TANGENT = 0
    """The ReLU's tangent kernel with one hidden layer and a bias: (d + 1)/d."""
    FEATURES = 1
    """Its random features: (d + 3)/d."""
    MATERN_HALF = 2
    """exp(-|x - x'|): (d + 1)/d."""
    MATERN_THREE_HALVES = 3
    """(1 + |x - x'|) exp(-|x - x'|): (d + 3)/d."""


def arc_cosine(points: Any, tangent: bool) -> Any:
    r"""$\ell \ell' (\kappa_1(\rho) + [\rho \kappa_0(\rho)])$ with $\ell^2 = |x|^2 + 1$, for each pair of a batch of points.

    The angle is that of x' - x seen against the lengths, so that near pairs lose no digits.
    """
    import torch

    lengths = (points.square().sum(-1) + 1).sqrt()
    unit = torch.cat([points, torch.ones_like(points[..., :1])], -1) / lengths[..., None]
    angle = 2 * torch.asin((torch.cdist(unit, unit, compute_mode="donot_use_mm_for_euclid_dist") / 2).clamp(max=1))
    turned = (torch.pi - angle) * angle.cos()
    value = angle.sin() + turned * (2 if tangent else 1)
    return lengths[..., :, None] * lengths[..., None, :] * value / torch.pi


def matern(points: Any, smooth: bool) -> Any:
    """Matern's kernel of order 1/2, or 3/2 where smooth, at length scale 1."""
    import torch

    distance = torch.cdist(points, points, compute_mode="donot_use_mm_for_euclid_dist")
    return (1 + distance if smooth else 1) * torch.exp(-distance)


KERNELS: dict[Kernel, Callable[[Any], Any]] = {
    Kernel.TANGENT: lambda points: arc_cosine(points, True),
    Kernel.FEATURES: lambda points: arc_cosine(points, False),
    Kernel.MATERN_HALF: lambda points: matern(points, False),
    Kernel.MATERN_THREE_HALVES: lambda points: matern(points, True),
}


def spectrum(kernel: Kernel, points: Any) -> Any:
    """The eigenvalues of K(x_i, x_j)/n for each of a batch of n points, the largest first.

    `points` is a tensor (batch, n, d) in double precision. Raises ValueError for more than 4096 points, and for repeated ones: their
    rows are equal, the matrix is singular, and n is not the number of samples.

    >>> import torch
    >>> spectrum(Kernel.MATERN_HALF, torch.tensor([[[0.0], [0.0]]], dtype=torch.float64))
    Traceback (most recent call last):
    ValueError: a kernel matrix at repeated points is singular: give distinct points
    """
    import torch

    n = points.shape[-2]
    if n > LARGEST:
        raise ValueError(f"a spectrum is found from at most {LARGEST} points, not {n}")
    for some in points:
        if len(torch.unique(some, dim=0)) < n:
            raise ValueError("a kernel matrix at repeated points is singular: give distinct points")
    return torch.linalg.eigvalsh(KERNELS[kernel](points) / n).flip(-1)


def exponent(values: Any, first: int, last: int) -> Any:
    """Minus the slope of the least-squares line through (log i, log lambda_i), i from `first` to `last`, for each of a batch.

    Raises ValueError for a window that is not 1 <= first < last <= n, and where an eigenvalue in it is not positive (rank too low).

    >>> import torch
    >>> i = torch.arange(1, 101, dtype=torch.float64)
    >>> round(float(exponent(i**-1.5, 5, 50)), 12)
    1.5
    """
    import torch

    if not 1 <= first < last <= values.shape[-1]:
        raise ValueError(f"a window of indices has 1 <= first < last <= {values.shape[-1]}, not {first} and {last}")
    seen = values[..., first - 1 : last]
    if not bool((seen > 0).all()):
        raise ValueError(f"an eigenvalue up to index {last} is not positive: the matrix has a lower rank")
    logs = torch.log(torch.arange(first, last + 1, dtype=values.dtype, device=values.device))
    weights = (logs - logs.mean()) / (logs - logs.mean()).square().sum()
    return -(torch.log(seen) * weights).sum(-1)


def exponents(kernel: Kernel, dimension: int, count: int, window: tuple[int, int], size: int, rng: Any, device: str) -> Any:
    """The exponent seen with `count` uniform points of [0, 1]^dimension, for `size` draws; raises ValueError for a dimension below 1."""
    import torch

    if dimension < 1 or count < 2:
        raise ValueError(f"a cube has a dimension of at least 1 and two points or more, not {dimension} and {count}")
    found = []
    for _ in range(size):
        points = torch.rand(1, count, dimension, generator=rng, device=device, dtype=torch.float64)
        found.append(exponent(spectrum(kernel, points), *window))
    return torch.cat(found)


KNOWN: dict[Kernel, Kernel] = {Kernel.TANGENT: Kernel.MATERN_HALF, Kernel.FEATURES: Kernel.MATERN_THREE_HALVES}
"""The kernel of Matern that has the same singularity on the diagonal."""


def corrected(kernel: Kernel, dimension: int, count: int, window: tuple[int, int], size: int, rng: Any, device: str) -> Any:
    """The exponent seen less the error of the one seen for Matern's kernel at the same points and window, for `size` draws.

    What is left of the bias is where the two kernels differ in smoother parts. Raises ValueError for Matern's kernels themselves.
    """
    import torch

    if kernel not in KNOWN:
        raise ValueError(f"{kernel.name} is what others are corrected by: its exponent is known")
    known = 1 + (1 if kernel is Kernel.TANGENT else 3) / dimension
    found = []
    for _ in range(size):
        points = torch.rand(1, count, dimension, generator=rng, device=device, dtype=torch.float64)
        seen, beside = (exponent(spectrum(which, points), *window) for which in (kernel, KNOWN[kernel]))
        found.append(seen - beside + known)
    return torch.cat(found)
