"""One tile of the kernel matrices: a few arrays that stay in the cache, carried through all layers.

A tile holds u = (1 - c) / 2 of its pairs and the tangent kernel y. With alpha = cos a, beta = sin a and a the bias angle of an
input (network.Side), a layer's biases turn the features' defect into the preactivations' without cancellation:

    1 - c' = 1 - (alpha_1 alpha_2 c + beta_1 beta_2) = alpha_1 alpha_2 (1 - c) + 2 sin^2((a_1 - a_2) / 2),

since 1 - alpha_1 alpha_2 - beta_1 beta_2 = 1 - cos(a_1 - a_2), and sin((a_1 - a_2) / 2) = cos(a_1 / 2) cos(a_2 / 2)
(tan(a_1 / 2) - tan(a_2 / 2)). It is a sum of nonnegative terms, and 0 for equal inputs. For nearly opposite ones, likewise,

    1 + c' = alpha_1 alpha_2 (1 + c) + 2 sin^2((a_1 + a_2) / 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lemmata.numerics.kernels.duals import Array, Dual, Pair
from lemmata.numerics.kernels.inputs import CLOSE, MODERATE, Inputs, Opposite, refine
from lemmata.numerics.kernels.network import Network, Side


@dataclass(frozen=True, slots=True)
class Place:
    """Where arrays are and which library computes them: NumPy on the CPU, Torch elsewhere."""

    xp: Any
    dtype: Any
    device: Any = None

    def put(self, values: Any) -> Array:
        """A NumPy array brought there."""
        if self.xp is np:
            return np.ascontiguousarray(values, dtype=self.dtype)
        return self.xp.as_tensor(np.asarray(values, np.float64)).to(device=self.device, dtype=self.dtype)

    def get(self, values: Array) -> Any:
        """The values as a NumPy array (the same memory where that can be)."""
        return values if self.xp is np else values.cpu().numpy()

    def empty(self, *shape: int) -> Array:
        """An array of that shape with any values."""
        return np.empty(shape, self.dtype) if self.xp is np else self.xp.empty(shape, dtype=self.dtype, device=self.device)


@dataclass(frozen=True, slots=True)
class Half:
    """One side of the matrices: the inputs, their unit vectors, and what each layer needs of them, brought to its place."""

    inputs: Inputs
    units: Array
    sides: list[Side]

    def cut(self, layer: int, start: int, stop: int) -> Side:
        """A layer's vectors for some inputs."""
        side = self.sides[layer]
        return Side(*(getattr(side, name)[start:stop] for name in Side.__slots__))


class Worker:
    """The buffers of one thread, and the walk of a tile through the layers."""

    def __init__(self, network: Network, dual: Dual, place: Place, first: Half, second: Half, size: int) -> None:
        """Four tiles' worth of numbers are all that is held."""
        self.network, self.dual, self.place = network, dual, place
        self.first, self.second, self.same = first, second, first is second
        self.flat = [place.empty(size * size) for _ in range(4)]

    def run(self, rows: tuple[int, int], columns: tuple[int, int]) -> tuple[Array, Array]:
        """NNGP and NTK of the tile; they live in the buffers until the next call."""
        network, m, n = self.network, rows[1] - rows[0], columns[1] - columns[0]
        u, slope, product, y = (flat[: m * n].reshape(m, n) for flat in self.flat)
        opposite = self._start(u, y, rows, columns)
        last: tuple[Side, Side] | None = None
        for layer in range(network.depth + 1):
            p, q = self.first.cut(layer, *rows), self.second.cut(layer, *columns)
            own = network.own(layer, self.first.inputs.rows.shape[1])
            if last is None:
                y *= p.straight[:, None] * own
                y *= q.straight[None, :]
                y += network.shift
            else:
                before = Pair(last[0].length[:, None], last[1].length[None, :], p.root[:, None], q.root[None, :])
                self.dual.step(self.place.xp, u, slope, product, before)
                if layer == 1 and opposite is not None:
                    self._mend(opposite, u, slope, product)
                y *= slope
                if self.dual.gain * network.weight != 1:
                    y *= self.dual.gain * network.weight
                product *= p.straight[:, None]
                product *= q.straight[None, :]
                if own == 1:
                    y += product
                else:
                    self.place.xp.multiply(product, own, out=slope)
                    y += slope
                if network.shift:
                    y += network.shift
            last = p, q
            if network.bias and layer < network.depth:
                self._turn(u, slope, p, q)
                if layer == 0 and opposite is not None:
                    opposite = self._turned(opposite, p, q)
        if network.bias:
            product += network.bias
        if network.shrinking != 1:
            product /= network.shrinking
            y /= network.shrinking
        return product, y

    def _start(self, u: Array, y: Array, rows: tuple[int, int], columns: tuple[int, int]) -> Opposite | None:
        """u of the inputs into `u` and their cosine into `y`; the nearly opposite pairs."""
        xp, place = self.place.xp, self.place
        xp.matmul(self.first.units[slice(*rows)], self.second.units[slice(*columns)].T, out=y)
        xp.multiply(y, -0.5, out=u)
        u += 0.5
        diagonal = list(range(u.shape[0])) if self.same and rows == columns else []
        u[diagonal, diagonal] = 0.5
        relative = self.network.depth == 1
        opposite = None
        if float(u.min()) < CLOSE or float(u.max()) > 1 - (MODERATE if relative else CLOSE):
            host = place.get(u)
            opposite = refine(self.first.inputs, self.second.inputs, rows[0], columns[0], host, relative)
            if host is not u:
                u[...] = place.put(host)
            xp.multiply(u, -2, out=y)
            y += 1
        u[diagonal, diagonal] = 0
        y[diagonal, diagonal] = 1
        return opposite if opposite is not None and len(opposite.rows) else None

    def _turn(self, u: Array, spare: Array, p: Side, q: Side) -> None:
        """The layer's biases: u = alpha_1 alpha_2 u + sin^2((a_1 - a_2) / 2)."""
        self.place.xp.subtract(p.tangent[:, None], q.tangent[None, :], out=spare)
        spare *= p.cosine[:, None]
        spare *= q.cosine[None, :]
        spare *= spare
        u *= p.cosines[:, None]
        u *= q.cosines[None, :]
        u += spare

    def _turned(self, pairs: Opposite, p: Side, q: Side) -> Opposite:
        """The same for (1 + c) / 2; what is no longer nearly opposite is left to `step`."""
        ends = [
            [self.place.get(part)[at] for part in (side.tangent, side.cosine, side.cosines)]
            for side, at in ((p, pairs.rows), (q, pairs.columns))
        ]
        (tangent, cosine, alpha), (other, its, gamma) = ends
        half = alpha * gamma * pairs.half + (cosine * its * (tangent + other)) ** 2
        kept = half <= MODERATE
        return Opposite(pairs.rows[kept], pairs.columns[kept], half[kept])

    def _mend(self, pairs: Opposite, u: Array, slope: Array, product: Array) -> None:
        """Overwrite what the first hidden layer made of nearly opposite pairs."""
        exact = self.dual.opposite(pairs.half)
        if exact is not None:
            for array, values in zip((u, slope, product), exact, strict=True):
                array[pairs.rows, pairs.columns] = self.place.put(values)
