"""Which network: its depth, variances and parametrisation, and what of its kernels depends on one input alone.

With w = sigma_w^2, b = sigma_b^2, T(K) = E[phi(u) phi(v)] and T'(K) = E[phi'(u) phi'(v)] over centred normals (u, v) with the
covariance K, a network of L hidden layers and a linear readout has

    K_0 = w <x, y> / n_0 + b,    K_{l+1} = w T(K_l) + b,    NNGP = K_L.

Its tangent kernel depends on what is trained (x_l: the features that enter the layer, n_l of them):

    NTK       layer = sigma_w / sqrt(n_l) W x_l + sigma_b beta, all entries of W, beta ~ N(0, 1):
              Theta_0 = K_0,  Theta_{l+1} = K_{l+1} + w Theta_l T'(K_l)
              (Jacot, Gabriel & Hongler 2018, Proposition 1 and Theorem 1, at sigma_w = 1 and beta = sigma_b;
              Lee et al. 2019, "Wide Neural Networks of Any Depth ...", the recursion of the tangent kernel, for any sigma_w)
    standard  layer = W x_l + beta, W ~ N(0, w / n_l), beta ~ N(0, b): the derivative by W is x_l itself, by beta it is 1,
              Theta_0 = <x, y> + 1,  Theta_{l+1} = n_l T(K_l) + 1 + w Theta_l T'(K_l),
              where the 1 is there only with biases (Sohl-Dickstein, Novak, Schoenholz & Lee 2020, at base widths n_l).
    mean-field  as NTK, and the output is divided by sqrt(n_L) once more: both kernels are those of NTK over n_L, the width of the
              last hidden layer (Mei, Montanari & Nguyen 2018, with steps that grow like n_L).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from operator import index
from typing import Any

import numpy as np

from lemmata.theory.kernels.parametrisation import Parametrisation

Vector = Any
"""A one-dimensional NumPy array, of the longest floating point there is: a few more digits keep deep networks' errors small."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one layer needs of each input: `root` = sqrt(E phi^2), `straight` = sigma_w root, the variance `length` of the
    preactivation, and the bias angle, tan a = sigma_b / straight.

    `tangent` is tan(a / 2), `cosine` cos(a / 2), and `cosines` cos a; they are 0, 1, 1 without biases.
    """

    length: Vector
    root: Vector
    straight: Vector
    tangent: Vector
    cosine: Vector
    cosines: Vector


@dataclass(frozen=True, slots=True)
class Network:
    """A fully connected network of infinite width; `widths` (n_1 ... n_L, or one for all) for all parametrisations but NTK.

    Raises ValueError or TypeError in one line for what no network can have.

    >>> Network(0, 1.0, None, Parametrisation.NTK, None)
    Traceback (most recent call last):
    ValueError: depth is the number of hidden layers: a whole number, at least 1, not 0
    """

    depth: int
    sigma_w: float
    sigma_b: float | None
    parametrisation: Parametrisation
    widths: int | Sequence[int] | None

    def __post_init__(self) -> None:
        if not _whole(self.depth):
            raise ValueError(f"depth is the number of hidden layers: a whole number, at least 1, not {self.depth!r}")
        if not (_real(self.sigma_w) and self.sigma_w > 0 and 0 < self.weight < math.inf):
            raise ValueError(f"sigma_w is a standard deviation: a finite number above 0 with a finite square, not {self.sigma_w!r}")
        if self.sigma_b is not None and not (_real(self.sigma_b) and self.sigma_b >= 0 and self.bias < math.inf):
            raise ValueError(
                f"sigma_b is a standard deviation: at least 0 with a finite square, or None for no biases, not {self.sigma_b!r}"
            )
        if not isinstance(self.parametrisation, Parametrisation):
            raise TypeError(f"parametrisation is Parametrisation.NTK, STANDARD or MEAN_FIELD, not {self.parametrisation!r}")
        match self.parametrisation:
            case Parametrisation.NTK:
                if self.widths is not None:
                    raise ValueError("widths do not enter the NTK parametrisation: leave them out, or choose another parametrisation")
                return
            case Parametrisation.STANDARD | Parametrisation.MEAN_FIELD:
                if self.widths is None:
                    name = self.parametrisation.value
                    raise ValueError(f"the {name} parametrisation needs widths: the sizes of the hidden layers, or one size for all")
        sizes = self._sizes()
        if not all(map(_whole, sizes)):
            raise ValueError(f"widths are sizes of hidden layers: whole numbers, at least 1, not {self.widths!r}")
        if len(sizes) != self.depth:
            raise ValueError(f"{len(sizes)} widths for {self.depth} hidden layers: give one a layer, or one for all")

    def _sizes(self) -> list[int]:
        """n_1 ... n_L."""
        return list(self.widths) if isinstance(self.widths, Iterable) else [self.widths or 0] * self.depth

    @property
    def bias(self) -> float:
        """sigma_b^2; 0 without biases."""
        sigma_b = float(self.sigma_b or 0.0)
        return sigma_b * sigma_b

    @property
    def weight(self) -> float:
        """sigma_w^2."""
        return float(self.sigma_w) * float(self.sigma_w)

    def own(self, layer: int, features: int) -> float:
        """By what w T(K) is multiplied in the tangent kernel of a layer: 1, or n_l / w in the standard parametrisation."""
        match self.parametrisation:
            case Parametrisation.NTK | Parametrisation.MEAN_FIELD:
                return 1.0
            case Parametrisation.STANDARD:
                return [features, *self._sizes()][layer] / self.weight

    @property
    def shift(self) -> float:
        """What the biases add to the tangent kernel of each layer: b, or 1 in the standard parametrisation with biases."""
        match self.parametrisation:
            case Parametrisation.NTK | Parametrisation.MEAN_FIELD:
                return self.bias
            case Parametrisation.STANDARD:
                return 0.0 if self.sigma_b is None else 1.0

    @property
    def shrinking(self) -> int:
        """What both kernels of the output are divided by: the last hidden width in the mean-field parametrisation, else 1."""
        match self.parametrisation:
            case Parametrisation.NTK | Parametrisation.STANDARD:
                return 1
            case Parametrisation.MEAN_FIELD:
                return self._sizes()[-1]

    def sides(self, squares: Vector, lengths: Callable[[Vector], Vector]) -> Iterator[Side]:
        """Layers 0 ... L at each input, given |x|^2 / n_0 and q -> E phi(sqrt(q) s)^2."""
        side = self._side(squares)
        yield side
        for _ in range(self.depth):
            side = self._side(np.asarray(lengths(side.length), dtype=np.longdouble))
            yield side

    def _side(self, features: Vector) -> Side:
        """K = w features + b on the diagonal; tan(a / 2) = beta / (1 + alpha) with (alpha, beta) the unit vector of the angle."""
        root = np.sqrt(features)
        straight, offset = self.sigma_w * root, float(self.sigma_b or 0.0)
        length = self.weight * features + self.bias
        if offset == 0:
            ones = np.ones_like(root)
            return Side(length, root, straight, np.zeros_like(root), ones, ones)
        radius = np.hypot(straight, offset)
        tangent = offset / (radius + straight)
        return Side(length, root, straight, tangent, 1 / np.sqrt(1 + tangent * tangent), straight / radius)


def _whole(value: Any) -> bool:
    """Is it a whole number of at least 1?"""
    if isinstance(value, bool):
        return False
    try:
        return index(value) >= 1
    except TypeError:
        return False


def _real(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
