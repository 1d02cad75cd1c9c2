"""Expectations as weighted sums over few fixed values of their normal variables: good enough to propose where to measure.

The same values serve all places, so the sums are smooth in the parameters and are climbed by their gradients; the balls of
the instruments decide afterwards, at few exact points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp
import torch
from sympy.stats import Covariance, Expectation, Probability, Variance
from sympy.stats.crv_types import NormalDistribution
from sympy.stats.rv import RandomSymbol
from torch import Tensor

from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.torch_backend import compile_torch
from lemmata.theory.quantity import quantities, random_symbols

NODES = {1: 40, 2: 16}
"""Gauss-Hermite nodes for each of one or two variables; more variables have low-discrepancy values."""

VALUES = 256
"""Low-discrepancy values for three or more variables."""

Function = Callable[[Mapping[Any, Tensor]], Tensor]


class Sum:
    """One expectation, variance, covariance or probability over normal variables as a weighted sum; raises CannotEvaluate for others.

    >>> from sympy import Symbol
    >>> from sympy.stats import Normal
    >>> q = Symbol("q", positive=True)
    >>> float(Sum(Expectation(q * Normal("s", 0, 1) ** 2), [q])({q: torch.tensor([3.0], dtype=torch.float64)})) - 3 < 1e-9
    True
    """

    def __init__(self, node: Any, symbols: list[Any]) -> None:
        if not isinstance(node, (Expectation, Variance, Covariance, Probability)) or any(quantities(arg) for arg in node.args):
            raise CannotEvaluate(f"{node} is no plain expectation")
        leaves = random_symbols(node)
        if not leaves or not all(_is_normal(leaf) for leaf in leaves):
            raise CannotEvaluate(f"{node} holds laws that are not normal, or none")
        self.kind = type(node)
        self.parts = [compile_torch(arg, [*symbols, *leaves]) for arg in node.args if isinstance(arg, sp.Basic)]
        if len(self.parts) != (2 if self.kind is Covariance else 1):
            raise CannotEvaluate(f"{node} has a condition")
        laws = [leaf.pspace.distribution for leaf in leaves]
        self.laws = {
            leaf: (compile_torch(law.mean, symbols), compile_torch(law.std, symbols)) for leaf, law in zip(leaves, laws, strict=True)
        }
        self.values, self.weights = _standard(len(leaves))

    def __call__(self, places: Mapping[Any, Tensor]) -> Tensor:
        wide = {symbol: value[:, None] for symbol, value in places.items()}
        for k, (leaf, (mean, deviation)) in enumerate(self.laws.items()):
            wide[leaf] = mean(wide) + deviation(wide) * self.values[:, k]
        shape = (next(iter(places.values())).shape[0], len(self.weights))
        parts = [part(wide).expand(shape) for part in self.parts]
        if self.kind in (Variance, Covariance):
            first, second = parts[0], parts[-1]
            return (first * second) @ self.weights - (first @ self.weights) * (second @ self.weights)
        return parts[0] @ self.weights


def _is_normal(leaf: Any) -> bool:
    law = getattr(getattr(leaf, "pspace", None), "distribution", None)
    return isinstance(leaf, RandomSymbol) and isinstance(law, NormalDistribution) and not random_symbols(law)


def _standard(count: int) -> tuple[Tensor, Tensor]:
    """Values of so many standard normal variables, and their weights."""
    if count not in NODES:
        unit = torch.quasirandom.SobolEngine(count, scramble=True, seed=count).draw(VALUES, dtype=torch.float64)
        values = math.sqrt(2) * torch.erfinv((2 * unit - 1).clamp(-1 + 1e-12, 1 - 1e-12))
        return values, torch.full((VALUES,), 1 / VALUES, dtype=torch.float64)
    import numpy as np

    nodes, weights = (torch.from_numpy(part) for part in np.polynomial.hermite_e.hermegauss(NODES[count]))
    weights = weights / weights.sum()
    values = torch.cartesian_prod(*[nodes] * count).reshape(-1, count)
    return values, torch.cartesian_prod(*[weights] * count).reshape(-1, count).prod(dim=1)
