"""Covariances (NNGP) and tangent kernels (NTK) of networks of any depth at infinite width, layer by layer, in closed form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from lemmata.theory.kernels.admissible import ActivationError
from lemmata.theory.kernels.duals import Q1, Q2, C, Dual, Q
from lemmata.theory.kernels.parametrisation import Parametrisation


@dataclass(frozen=True)
class Pair:
    """A symmetric kernel at two inputs: its two diagonal values and the one between them."""

    first: Any
    second: Any
    cross: Any

    def map(self, *others: Pair, by: Any) -> Pair:
        """The kernel whose three entries are `by` of the entries."""
        entries = zip(*((p.first, p.second, p.cross) for p in (self, *others)), strict=True)
        return Pair(*(by(*row) for row in entries))


@dataclass(frozen=True)
class Layer:
    """The kernels of the preactivations of one layer: `nngp` their covariance, `ntk` their tangent kernel."""

    depth: int
    nngp: Pair
    ntk: Pair


@dataclass(frozen=True)
class Kernels:
    """Fully connected networks with one activation: K^(l+1) = sigma_w^2 E[f(u) f(v)] + sigma_b^2 under N(0, K^(l)).

    The tangent kernel obeys T^(l+1) = G^(l+1) + sigma_w^2 E[f'(u) f'(v)] T^(l), where G is what the layer's own parameters
    give: K^(l+1) itself in the NTK and mean-field parametrisations, n E[f(u) f(v)] + 1 in the standard one (n the width of the
    layer before; `width` is one symbol or number for all hidden layers). Without biases (`sigma_b` = 0) the 1 is left out.
    Sources: Jacot, Gabriel & Hongler (2018), theorem 1; Sohl-Dickstein et al. (2020), section 2.

    Raises ActivationError where the activation's duals have no closed form: then layers are numbers, not formulas.
    """

    dual: Dual
    sigma_w: Any
    sigma_b: Any = 0
    parametrisation: Parametrisation = Parametrisation.NTK
    width: Any = sp.Symbol("n", positive=True)

    def __post_init__(self) -> None:
        for name, one in (("the activation", self.dual), ("its derivative", self.dual.slope)):
            if one.closed is None or one.length is None:
                raise ActivationError(f"the dual of {name} has no closed form by the rules: measure it at numbers instead")

    def input_layer(self, first: Any, second: Any, cross: Any, size: Any = 1) -> Layer:
        """The first layer's kernels from |x|^2, |x'|^2 and <x, x'> of inputs with `size` coordinates."""
        inner = Pair(*(sp.sympify(value) / size for value in (first, second, cross)))
        return self._layer(1, inner, None, size)

    def after(self, layer: Layer) -> Layer:
        """One layer on."""
        q1, q2 = layer.nngp.first, layer.nngp.second
        at = {Q1: q1, Q2: q2, C: layer.nngp.cross / sp.sqrt(q1 * q2)}
        means = Pair(self._length(self.dual, q1), self._length(self.dual, q2), self.dual.at(q1, q2, at[C]))
        slope = self.dual.slope
        slopes = Pair(self._length(slope, q1), self._length(slope, q2), slope.at(q1, q2, at[C]))
        carried = slopes.map(layer.ntk, by=lambda s, t: sp.sympify(self.sigma_w) ** 2 * s * t)
        return self._layer(layer.depth + 1, means, carried, self.width)

    def layers(self, first: Layer) -> Iterator[Layer]:
        """The layers from `first` on, without end."""
        layer = first
        while True:
            yield layer
            layer = self.after(layer)

    def output(self, first: Layer, depth: int) -> Layer:
        """The kernels of the output of a network with `depth` layers of weights, in this parametrisation.

        >>> from lemmata.theory.kernels.duals import dual
        >>> linear = Kernels(dual(lambda x: x), 1)
        >>> linear.output(linear.input_layer(1, 1, sp.Rational(1, 2)), 3).ntk.cross
        3/2
        """
        if depth < 1:
            raise ValueError(f"a network has at least one layer of weights, not {depth}")
        for layer in self.layers(first):
            if layer.depth == depth:
                break
        if self.parametrisation is not Parametrisation.MEAN_FIELD or depth == 1:
            return layer
        return Layer(depth, *(kernel.map(by=lambda value: value / self.width) for kernel in (layer.nngp, layer.ntk)))

    def _layer(self, depth: int, means: Pair, carried: Pair | None, width: Any) -> Layer:
        """The kernels from the mean products of the layer's inputs and the tangent kernel that is carried on."""
        weight, bias = sp.sympify(self.sigma_w) ** 2, sp.sympify(self.sigma_b) ** 2
        covariance = means.map(by=lambda m: weight * m + bias)
        match self.parametrisation:
            case Parametrisation.STANDARD:
                own = means.map(by=lambda m: width * m + (0 if bias == 0 else 1))
            case Parametrisation.NTK | Parametrisation.MEAN_FIELD:
                own = covariance
        tangent = own if carried is None else own.map(carried, by=lambda a, b: a + b)
        return Layer(depth, covariance, tangent)

    def _length(self, one: Dual, q: Any) -> Any:
        assert one.length is not None
        return one.length.end.xreplace({Q: sp.sympify(q)})
