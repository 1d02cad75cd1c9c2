"""What an activation is: a function of one SymPy expression, with the facts that theorems about it use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from math import inf
from pkgutil import iter_modules
from typing import Any

import sympy as sp


@dataclass(frozen=True)
class Activation:
    """A named activation: calling it gives its SymPy expression. The facts are those of the default parameters.

    kinks        points where it is not differentiable
    jumps        points where it is not continuous
    growth       the least integer p with sigma(x) = O(|x|^p); None where it grows like exp(a x)
    smoothness   the largest k with k continuous derivatives; -1 where it jumps, infinite where it is analytic
    homogeneous  sigma(a x) = a^h sigma(x) for a > 0: the degree h, or None
    source       where it was introduced
    """

    name: str
    function: Callable[..., Any]
    growth: int | None
    kinks: tuple[Any, ...] = ()
    jumps: tuple[Any, ...] = ()
    homogeneous: int | None = None
    smoothness: float = inf
    source: str = ""

    def __call__(self, x: Any, *parameters: Any) -> Any:
        """The activation as a SymPy expression of `x`."""
        return self.function(sp.sympify(x), *(sp.sympify(parameter) for parameter in parameters))

    def derivative(self, x: sp.Symbol, *parameters: Any) -> Any:
        """sigma'(x) in a real symbol, jumps as delta functions; raises TypeError for anything but a real symbol."""
        if not (isinstance(x, sp.Symbol) and x.is_real):
            raise TypeError(f"the derivative is taken in a real symbol, not in {x}")
        return sp.diff(self(x, *parameters), x)

    def __repr__(self) -> str:
        return self.name


@cache
def activations() -> dict[str, Activation]:
    """Every activation by name: those of this folder, then entry points of the group `lemmata.activations`.

    >>> sorted(activations())[:3]
    ['abs_', 'cos_', 'elu']
    """
    package = import_module("lemmata.theory.activations")
    found: dict[str, Activation] = {}
    for module in iter_modules(package.__path__):
        for value in vars(import_module(f"{package.__name__}.{module.name}")).values():
            if isinstance(value, Activation):
                found[value.name] = value
    for entry in entry_points(group="lemmata.activations"):
        value = entry.load()
        found[value.name] = value
    return found
