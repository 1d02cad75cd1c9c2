"""Tangent kernels of finite networks: gradients back-propagated through weights that are drawn, or given by what is known of them.

The output's tangent kernel is Theta = sum over the layers l of own_l * (D_l^T D_l), entrywise, where D_l has the columns
d z^(L) / d z^(l)(x) and own_l is what the layer's parameters give: K^(l) for W, b ~ N(0, 1) scaled by sigma_w / sqrt(n) and sigma_b
(Jacot, Gabriel & Hongler 2018, theorem 1), f^T f + 1 in the standard parametrisation.

Back-propagation needs W^T D for a W whose product Y = [W, b] Q with an orthonormal basis Q of the layer's inputs A = Q R is known
already, z = Y R. Given Y a Gaussian [W, b] is Y Q^T + V (1 - Q Q^T) with an independent Gaussian V, and D depends on the layer's weights
through Y alone, so

    [W, b]^T D = Q Y^T D + (1 - Q Q^T) V^T D,    V^T D ~ standard normal rows times a factor of D^T D:

exact at every width (Bolthausen 2014, section 2), with n N numbers drawn a layer in place of n^2.
"""

from __future__ import annotations

import abc
import math
from dataclasses import dataclass

import torch

from lemmata.numerics.networks.factors import factor
from lemmata.numerics.networks.gram_law import MOST_GROUPS, Degrees, Pairs, check_finite, controls, covariance, grouped
from lemmata.numerics.networks.network import Network
from lemmata.theory.kernels.parametrisation import Parametrisation


class Weights(abc.ABC):
    """[W, b] of one layer of a batch of networks, as far as its inputs and errors need it."""

    @abc.abstractmethod
    def forward(self) -> torch.Tensor:
        """z = [W, b] A, shape (batch, units, inputs)."""

    @abc.abstractmethod
    def backward(self, errors: torch.Tensor) -> torch.Tensor:
        """[W, b]^T D for errors D of shape (batch, units, inputs) that depend on this layer through z alone."""


@dataclass(frozen=True)
class Drawn(Weights):
    """All entries of [W, b], and A."""

    entries: torch.Tensor
    rows: torch.Tensor

    def forward(self) -> torch.Tensor:
        return self.entries @ self.rows

    def backward(self, errors: torch.Tensor) -> torch.Tensor:
        return self.entries.mT @ errors


@dataclass(frozen=True)
class Conditional(Weights):
    """Gaussian [W, b] by Y = [W, b] Q alone, A = Q R; the rest is drawn where errors meet it, once."""

    basis: torch.Tensor
    mixing: torch.Tensor
    known: torch.Tensor
    rng: torch.Generator

    def forward(self) -> torch.Tensor:
        return self.known @ self.mixing

    def backward(self, errors: torch.Tensor) -> torch.Tensor:
        root = errors if errors.shape[1] <= errors.shape[2] else factor(errors.mT @ errors).mT
        fresh = torch.randn(len(root), self.basis.shape[1], root.shape[1], generator=self.rng, device=root.device, dtype=root.dtype) @ root
        return self.basis @ (self.known.mT @ errors - self.basis.mT @ fresh) + fresh


def layer_weights(network: Network, features: torch.Tensor, units: int, drawn: bool, rng: torch.Generator) -> Weights:
    """The weights that map features (batch, n, inputs) to `units` preactivations: conditional where they are Gaussian and wide."""
    rows = network.rows(features)
    batch, count, inputs = rows.shape
    if drawn or not network.gaussian or count <= inputs:
        return Drawn(network.entries(batch, units, count, rng=rng, dtype=rows.dtype), rows)
    basis, mixing = torch.linalg.qr(rows)
    return Conditional(basis, mixing, torch.randn(batch, units, inputs, generator=rng, device=rows.device, dtype=rows.dtype), rng)


def own_kernel(network: Network, features: torch.Tensor, parametrisation: Parametrisation) -> torch.Tensor:
    """What the parameters of the layer above these features give to the tangent kernel for a unit error."""
    match parametrisation:
        case Parametrisation.STANDARD:
            return features.mT @ features + float(network.sigma_b > 0)
        case Parametrisation.NTK | Parametrisation.MEAN_FIELD:
            return covariance(network, features)


def tangent_kernels(
    network: Network,
    inputs: torch.Tensor,
    pairs: Pairs,
    batch: int,
    *,
    rng: torch.Generator,
    parametrisation: Parametrisation = Parametrisation.NTK,
    drawn: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tangent kernels of `batch` networks at the pairs, averaged over the output weights where they enter alone, and controls.

    Shapes (batch, pairs) and (batch, pairs, controls); `inputs` is (d, N). Controls are those of the hidden layers' preactivations and
    the output weights' sums of squares less their mean.
    """
    features = inputs.expand(batch, -1, -1)
    layers: list[Weights] = []
    owns, slopes, found = [], [], []
    for width in network.widths:
        layer = layer_weights(network, features, width, drawn, rng)
        z, gram = layer.forward(), covariance(network, features)
        owns.append(own_kernel(network, features, parametrisation))
        found.append(controls(z, gram, pairs, Degrees.ODD))
        layers.append(layer)
        features, slope = network.features_and_slopes(z)
        slopes.append(slope)
    total = own_kernel(network, features, parametrisation)
    columns = grouped(found)
    if layers:
        carried, more = _carried(network, layers, owns, slopes, rng)
        total = total + carried
        columns += [matrix[:, pairs.first, pairs.second, None] for matrix in more]
    if parametrisation is Parametrisation.MEAN_FIELD and network.widths:
        total = total / network.widths[-1]
    values = total[:, pairs.first, pairs.second].double()
    check_finite(values)
    return values, torch.cat(columns, 2).double() if columns else values.new_empty(*values.shape, 0)


def _carried(
    network: Network, layers: list[Weights], owns: list[torch.Tensor], slopes: list[torch.Tensor], rng: torch.Generator
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The sum of own_l * (D_l^T D_l) over the hidden layers, and a control: the last one's D^T D less its mean over the output weights."""
    last = slopes[-1] * (network.sigma_w / math.sqrt(slopes[-1].shape[1]))
    mean = last.mT @ last
    total = owns[-1] * mean
    if len(layers) == 1:
        return total, []
    output = network.weights.draw(*last.shape[:2], 1, rng=rng, dtype=last.dtype)
    errors = last * output
    more = [owns[-1] * (errors.mT @ errors - mean)]
    for below in range(len(layers) - 2, -1, -1):
        width = slopes[below].shape[1]
        errors = layers[below + 1].backward(errors)[:, :width] * slopes[below] * (network.sigma_w / math.sqrt(width))
        total = total + owns[below] * (errors.mT @ errors)
    return total, more


def count_tangent_controls(network: Network) -> int:
    """How many controls `tangent_kernels` gives an entry."""
    return min(len(network.widths), MOST_GROUPS) * Degrees.ODD.value + (len(network.widths) > 1)
