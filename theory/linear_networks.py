r"""Deep linear networks: f(x) = W_K ... W_1 x fitted to a linear target R x under the square loss.

$$L(W) = \tfrac12 \mathbb{E}\,|f(x) - R x|^2 = \tfrac12 \operatorname{tr}(D^T D\, \Sigma),
\qquad D = W_K \cdots W_1 - R,\quad \Sigma = \mathbb{E}\, x x^T$$

Sigma is the uncentred second moment. Widths are symbols, so that a statement is about networks of every width at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp


def square_loss(deviation: Any, moment: Any) -> Any:
    r"""Half the mean square of D x over inputs with second moment Sigma, as a trace.

    $$\tfrac12 \mathbb{E}\,|D x|^2 = \tfrac12 \operatorname{tr}(D^T D\, \Sigma)$$

    D is m x n, Sigma n x n; ValueError for other shapes. Source: Hardt & Ma (2017), Identity Matters in Deep Learning, section 2.

    >>> from sympy import MatrixSymbol, symbols
    >>> m, n = symbols("m n", integer=True, positive=True)
    >>> square_loss(MatrixSymbol("D", m, n), MatrixSymbol("Sigma", n, n))
    Trace(D.T*D*Sigma)/2
    """
    entries, (rows, columns) = deviation.shape[1], moment.shape
    if any(sp.expand(side - entries) != 0 for side in (rows, columns)):
        raise ValueError(f"maps of {entries} inputs need their {entries} x {entries} second moment, not one of shape {rows} x {columns}")
    return sp.Trace(deviation.T * deviation * moment) / 2


@dataclass(frozen=True)
class LinearNetwork:
    r"""A linear network of `depth` layers with widths d_0, ..., d_K: W_k is d_k x d_(k-1), R is d_K x d_0, Sigma is d_0 x d_0.

    Raises ValueError for less than one layer.

    >>> network = LinearNetwork(3)
    >>> network.weight(2).shape, network.product
    ((d_2, d_1), W_3*W_2*W_1)
    >>> network.above(1), network.below(3)
    (W_3*W_2, W_2*W_1)
    """

    depth: int

    def __post_init__(self) -> None:
        if not isinstance(self.depth, int) or self.depth < 1:
            raise ValueError(f"a linear network has one layer or more, a number, not {self.depth!r}")

    @cached_property
    def widths(self) -> tuple[Any, ...]:
        """The sizes d_0, ..., d_K of the layers, positive integers."""
        return tuple(sp.Symbol(f"d_{layer}", integer=True, positive=True) for layer in range(self.depth + 1))

    @cached_property
    def weights(self) -> tuple[Any, ...]:
        """The matrices W_1, ..., W_K."""
        return tuple(self.weight(layer) for layer in range(1, self.depth + 1))

    def weight(self, layer: int, name: str = "W") -> Any:
        """The matrix W_k of a layer k = 1, ..., K, or another one of its shape; ValueError for any other k."""
        if not 1 <= layer <= self.depth:
            raise ValueError(f"the layers are numbered 1 to {self.depth}: there is no layer {layer}")
        return sp.MatrixSymbol(f"{name}_{layer}", self.widths[layer], self.widths[layer - 1])

    @cached_property
    def target(self) -> Any:
        """The linear map R that the network is to learn."""
        return sp.MatrixSymbol("R", self.widths[-1], self.widths[0])

    @cached_property
    def moment(self) -> Any:
        """The second moment Sigma of the inputs."""
        return sp.MatrixSymbol("Sigma", self.widths[0], self.widths[0])

    def above(self, layer: int) -> Any:
        """W_K ... W_(k+1), the layers after k; the identity for k = K."""
        return self._product(self.depth, layer + 1, self.widths[layer])

    def below(self, layer: int) -> Any:
        """W_(k-1) ... W_1, the layers before k; the identity for k = 1."""
        return self._product(layer - 1, 1, self.widths[0])

    def _product(self, last: int, first: int, size: Any) -> Any:
        factors = [self.weight(layer) for layer in range(last, first - 1, -1)]
        return sp.MatMul(*factors).doit() if factors else sp.Identity(size)

    @property
    def product(self) -> Any:
        """The linear map W_K ... W_1 of the network."""
        return self.below(self.depth + 1)

    @property
    def deviation(self) -> Any:
        """D = W_K ... W_1 - R."""
        return self.product - self.target

    @property
    def loss(self) -> Any:
        """1/2 tr(D^T D Sigma)."""
        return square_loss(self.deviation, self.moment)
