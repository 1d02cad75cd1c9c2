"""The exact law of a finite network's Gram matrices without its weights, and controls whose mean is known.

With Gaussian weights the rows of z^(l+1) = [W, b] A are, given the layer below, independent N(0, K), K = A^T A: jointly for all
inputs, at every width. So a layer is drawn as n_(l+1) rows N(0, K), through any R with R^T R = K, and never through its
n_(l+1) n_l weights; the law of all preactivations and Gram matrices is that of the network itself, no limit is taken.

Weights of other laws are drawn: [W, b] times A.

What only enters a mean linearly need not have its law kept: the last hidden layer enters K^(L) as an average of f(z) f(z)^T over its
units, so antithetic units (z, -z) of a symmetric law leave E K^(L) as it is. In the layers before they would change it.

Controls: given K the polynomials z_a, z_a z_b - K_ab and z_a^2 z_b of a row of N(0, K) have mean 0, hence so have their averages over the
units times any function of K. Those of the pair (a, b) alone matter for entry (a, b): Gram matrices of a pair of inputs are a Markov chain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import torch

from lemmata.numerics.networks.factors import factor
from lemmata.numerics.networks.network import Network

MOST_GROUPS = 4
"""Hidden layers are gathered into this many groups at most; a group's controls are added up."""

NOISE = 64
"""Controls below (units + NOISE) eps count as 0: signs have the square 1, and what rounding leaves of u^2 - 1 is no control."""


class Degrees(Enum):
    """Which polynomials of a pair of inputs are controls: of degree 2 (3 of them), also 1 and 3 (6 more), or 2 and 4 (5 more).

    The odd ones have no use with antithetic units, where their averages are 0.
    """

    TWO = 3
    ODD = 9
    FOUR = 8


@dataclass(frozen=True)
class Pairs:
    """The pairs a <= b of `size` inputs, as two index vectors."""

    size: int
    first: torch.Tensor
    second: torch.Tensor

    @classmethod
    def of(cls, size: int, device: str) -> Pairs:
        """All of them, diagonal included."""
        first, second = torch.triu_indices(size, size, device=device)
        return cls(size, first, second)

    def matrix(self, values: torch.Tensor) -> torch.Tensor:
        """The symmetric matrix with these entries.

        >>> Pairs.of(2, "cpu").matrix(torch.tensor([1.0, 2.0, 3.0])).tolist()
        [[1.0, 2.0], [2.0, 3.0]]
        """
        result = values.new_empty(self.size, self.size)
        result[self.first, self.second] = values
        result[self.second, self.first] = values
        return result


def covariance(network: Network, features: torch.Tensor) -> torch.Tensor:
    """K = sigma_w^2 f^T f / n + sigma_b^2 for features of shape (..., n, inputs): the next preactivations' covariance given this layer."""
    return features.mT @ features * (network.sigma_w**2 / features.shape[-2]) + network.sigma_b**2


def mixing(network: Network, features: torch.Tensor, gram: torch.Tensor, drawn: bool) -> torch.Tensor:
    """R such that the next preactivations are `entries` times R: A itself, or a factor of A^T A = R^T R with a row an input.

    The factor stands for A where weights are Gaussian, need not be `drawn` and are more than inputs.
    """
    if drawn or features.shape[-2] + (network.sigma_b != 0) <= features.shape[-1]:
        return network.rows(features)
    return factor(gram).mT


def groups(layers: int) -> list[int]:
    """The group of controls of each of so many layers.

    >>> groups(9)
    [0, 0, 0, 1, 1, 2, 2, 3, 3]
    """
    count = min(layers, MOST_GROUPS)
    return [layer * count // layers for layer in range(layers)]


def grouped(found: list[torch.Tensor]) -> list[torch.Tensor]:
    """The layers' controls, added up in each group."""
    place = groups(len(found))
    return [torch.stack([one for one, of in zip(found, place, strict=True) if of == group]).sum(0) for group in sorted(set(place))]


def last_degrees(network: Network) -> Degrees:
    """Polynomials with a known mean in the antithetic layer: of degree 4 only where preactivations are Gaussian."""
    return Degrees.FOUR if network.gaussian else Degrees.TWO


def count_controls(network: Network, power: int = 1) -> int:
    """How many controls `last_covariances` gives an entry."""
    if not network.widths:
        return 0
    last = last_degrees(network) if power == 1 else Degrees.ODD
    return min(len(network.widths) - 1, MOST_GROUPS) * Degrees.ODD.value + last.value


def quadratic(count: int) -> list[int]:
    """Which of so many controls are of degree 2.

    >>> quadratic(17)
    [0, 1, 2, 9, 10, 11]
    """
    starts = range(0, count - Degrees.TWO.value + 1, Degrees.ODD.value)
    return [start + place for start in starts for place in range(Degrees.TWO.value)]


def last_covariances(
    network: Network, inputs: torch.Tensor, pairs: Pairs, batch: int, *, rng: torch.Generator, drawn: bool = False, power: int = 1
) -> tuple[torch.Tensor, torch.Tensor]:
    """K^(L) of `batch` networks at the pairs, shape (batch, pairs), and its controls, shape (batch, pairs, controls).

    `inputs` is (d, N), of the type to compute in. The mean of K^(L) is E z^(L) z^(L)^T; controls have mean 0. `drawn`: through the
    weights themselves, as those of other laws than the Gaussian always are; their laws are symmetric, so odd controls and the
    antithetic layer serve them as well. Where another `power` of K^(L) is wanted than its mean, the last layer keeps the network's
    own law, and controls grow with that power of K.
    """
    drawn = drawn or not network.gaussian
    gram = covariance(network, inputs.double()[None])
    root = mixing(network, inputs.double()[None], gram, drawn)
    gram, root = (matrix.to(inputs.dtype).expand(batch, -1, -1) for matrix in (gram, root))
    found: list[torch.Tensor] = []
    for width in network.widths[:-1]:
        z = network.entries(batch, width, root.shape[1], rng=rng, dtype=inputs.dtype) @ root
        found.append(controls(z, gram, pairs, Degrees.ODD, power))
        features = network.features(z)
        gram = covariance(network, features)
        root = mixing(network, features, gram, drawn)
    columns = grouped(found)
    if network.widths:
        units = (network.widths[-1] + 1) // 2 if power == 1 else network.widths[-1]
        z = network.entries(batch, units, root.shape[1], rng=rng, dtype=inputs.dtype) @ root
        columns.append(controls(z, gram, pairs, last_degrees(network) if power == 1 else Degrees.ODD, power))
        gram = covariance(network, network.features(z))
        if power == 1:
            gram = (gram + covariance(network, network.features(-z))) / 2
    values = gram[:, pairs.first, pairs.second].double()
    check_finite(values)
    return values, torch.cat(columns, 2).double() if columns else values.new_empty(*values.shape, 0)


def check_finite(values: torch.Tensor) -> None:
    """Raises ValueError where a kernel of a network overflowed or is not a number."""
    if not bool(torch.isfinite(values).all()):
        raise ValueError("a kernel overflows or is NaN: the activation has no finite value at some preactivation, or grows too fast")


def controls(z: torch.Tensor, gram: torch.Tensor, pairs: Pairs, degrees: Degrees, power: int = 1) -> torch.Tensor:
    """Averages over the units of polynomials of z_a and z_b with mean 0, times sqrt(K_aa K_bb)^power: shape (batch, pairs, count).

    With u = z_a / sqrt(K_aa), v alike and rho = K_ab / sqrt(K_aa K_bb): u^2 - 1, v^2 - 1, u v - rho; odd: u, v, u^3, v^3, u^2 v, u v^2;
    of degree 4 (by Isserlis): u^4 - 3, v^4 - 3, u^2 v^2 - 1 - 2 rho^2, u^3 v - 3 rho, u v^3 - 3 rho. Where K_aa = 0 they are 0.

    >>> z, gram = torch.ones(1, 5, 1), torch.ones(1, 1, 1)
    >>> controls(z, gram, Pairs.of(1, "cpu"), Degrees.ODD).squeeze().tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    scale = torch.diagonal(gram, dim1=1, dim2=2).clamp(min=0).sqrt()
    inverse = torch.where(scale > 0, 1 / scale, torch.zeros_like(scale))
    rho = gram * inverse[:, :, None] * inverse[:, None, :]
    a, b = pairs.first, pairs.second

    def product(left: torch.Tensor, right: torch.Tensor, powers: tuple[int, int]) -> torch.Tensor:
        """The average of u^i v^j for all pairs."""
        return left.mT @ right / z.shape[1] * inverse.pow(powers[0])[:, :, None] * inverse.pow(powers[1])[:, None, :]

    def of(matrix: torch.Tensor, both: bool) -> list[torch.Tensor]:
        """Its entries (a, a), (b, b), (a, b), and if `both` (b, a)."""
        on = torch.diagonal(matrix, dim1=1, dim2=2)
        return [on[:, a], on[:, b], matrix[:, a, b], *([matrix[:, b, a]] if both else [])]

    columns = of(product(z, z, (1, 1)) - rho, False)
    match degrees:
        case Degrees.TWO:
            pass
        case Degrees.ODD:
            mean = z.mean(1) * inverse
            columns += [mean[:, a], mean[:, b], *of(product(z.square(), z, (2, 1)), True)]
        case Degrees.FOUR:
            square = z.square()
            both = product(square, square, (2, 2)) - 1 - 2 * rho.square()
            columns += [*of(product(square * z, z, (3, 1)) - 3 * rho, True), both[:, a, b]]
    found = torch.stack(columns, 2)
    noise = torch.finfo(z.dtype).eps * (z.shape[1] + NOISE)
    found = torch.where(found.abs() > noise, found, torch.zeros_like(found))
    return found * (scale[:, a] * scale[:, b]).pow(power)[:, :, None]


def block(network: Network, inputs: int, most: int, drawn: bool) -> int:
    """Networks drawn at a time, so that their largest layer, or its weights if they are drawn, takes `most` numbers; a power of two."""
    layers = zip(network.widths, network.widths[1:], strict=False)
    weights = max((a * b for a, b in layers), default=1) if drawn or not network.gaussian else 1
    numbers = max(weights, max(network.widths, default=1) * inputs)
    return 2 ** max(0, int(math.log2(max(1.0, most / numbers))))
