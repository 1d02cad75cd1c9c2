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


@dataclass(frozen=True)
class Back:
    """[W, b]^T D of a batch of networks, and its law given z = [W, b] A and D.

    known   its mean, shape (batch, rows of A, inputs)
    spare   v_k such that row k has the covariance v_k D^T D about it, shape (batch, rows); None where all weights are known
    values  the matrix itself, where it was wanted
    """

    known: torch.Tensor
    spare: torch.Tensor | None
    values: torch.Tensor | None


class Weights(abc.ABC):
    """[W, b] of one layer of a batch of networks, as far as its inputs and errors need it."""

    @abc.abstractmethod
    def forward(self) -> torch.Tensor:
        """z = [W, b] A, shape (batch, units, inputs)."""

    @abc.abstractmethod
    def backward(self, errors: torch.Tensor, values: bool) -> Back:
        """[W, b]^T D for errors D of shape (batch, units, inputs) that depend on this layer through z alone; asked for once."""


@dataclass(frozen=True)
class Drawn(Weights):
    """All entries of [W, b], and A."""

    entries: torch.Tensor
    rows: torch.Tensor

    def forward(self) -> torch.Tensor:
        return self.entries @ self.rows

    def backward(self, errors: torch.Tensor, values: bool) -> Back:
        known = self.entries.mT @ errors
        return Back(known, None, known)


@dataclass(frozen=True)
class Conditional(Weights):
    """Gaussian [W, b] by Y = [W, b] Q alone, A = Q R; the rest is drawn where errors meet it, once."""

    basis: torch.Tensor
    mixing: torch.Tensor
    along: torch.Tensor
    rng: torch.Generator

    def forward(self) -> torch.Tensor:
        return self.along @ self.mixing

    def backward(self, errors: torch.Tensor, values: bool) -> Back:
        known = self.basis @ (self.along.mT @ errors)
        spare = (1 - self.basis.square().sum(2)).clamp(min=0)
        if not values:
            return Back(known, spare, None)
        root = errors if errors.shape[1] <= errors.shape[2] else factor(errors.mT @ errors).mT
        fresh = torch.randn(len(root), self.basis.shape[1], root.shape[1], generator=self.rng, device=root.device, dtype=root.dtype) @ root
        return Back(known, spare, known + fresh - self.basis @ (self.basis.mT @ fresh))


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
    """Tangent kernels of `batch` networks at the pairs, averaged over weights where they enter alone, and controls.

    Shapes (batch, pairs) and (batch, pairs, controls); `inputs` is (d, N). Controls are those of the hidden layers' preactivations and
    of the errors' products.
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
    """The sum of own_l * E D_l^T D_l over the hidden layers, the mean over what D_l does not share with z, and controls.

    Controls: D_l^T D_l less that mean, times own_l; for the last hidden layer, and added up for those between it and the first.
    """
    scaled = [slope * (network.sigma_w / math.sqrt(slope.shape[1])) for slope in slopes]
    mean = scaled[-1].mT @ scaled[-1]
    total = owns[-1] * mean
    if len(layers) == 1:
        return total, []
    errors = scaled[-1] * network.weights.draw(*scaled[-1].shape[:2], 1, rng=rng, dtype=mean.dtype)
    products = errors.mT @ errors
    more = [owns[-1] * (products - mean)]
    between = torch.zeros_like(total)
    for below in range(len(layers) - 2, -1, -1):
        scale = scaled[below]
        back = layers[below + 1].backward(errors, below > 0)
        mean = _products(back.known, scale)
        if back.spare is not None:
            mean = mean + scale.mT @ (scale * back.spare[:, : scale.shape[1], None]) * products
        total = total + owns[below] * mean
        if below > 0:
            assert back.values is not None
            errors = back.values[:, : scale.shape[1]] * scale
            products = errors.mT @ errors
            if back.spare is not None:
                between = between + owns[below] * (products - mean)
    return total, [*more, between] if len(layers) > 2 else more


def _products(values: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """D^T D for D = values * scale, rows for biases left out."""
    errors = values[:, : scale.shape[1]] * scale
    return errors.mT @ errors


def count_tangent_controls(network: Network) -> int:
    """How many controls `tangent_kernels` gives an entry."""
    layers = len(network.widths)
    return min(layers, MOST_GROUPS) * Degrees.ODD.value + (layers > 1) + (layers > 2)
