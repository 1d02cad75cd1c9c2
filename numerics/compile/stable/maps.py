"""Correlation maps that carry d = 1 - c: values, derivatives and compositions in NumPy and Torch, each with its proved error."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.stable.charts import vanishes
from lemmata.numerics.compile.stable.conditioning import amplification, compound
from lemmata.numerics.compile.stable.pieces import UNIT
from lemmata.numerics.compile.stable.tables import Germs, Table, build

GOALS = (9 * UNIT, 80 * UNIT)
"""Relative errors of the value (below 1e-15) and of the gradient (below 1e-14); of higher derivatives ten times that."""

MANTISSA = {"float64": 53, "float32": 24}


@dataclass(frozen=True)
class Proved:
    """Proved relative errors over all of [0, 2], where the result neither underflows nor overflows."""

    value: float
    gradient: float


def stable_map(kappa: Any, c: Any, *, end: int = 1) -> StableMap:
    """The map F(d) = end (kappa(end) - kappa(end (1 - d))) on [0, 2], compiled with a proved relative error.

    For end = 1 this is kappa(1) - kappa(1 - d) with d = 1 - c: 1 - kappa for a normalised map; for end = -1 it is
    kappa(-1 + e) - kappa(-1) with e = 1 + c. `kappa` is a closed form in c whose other symbols have been given exact values; it may
    have square-root singularities at c = +-1 and must be analytic between.

    Raises CannotEvaluate for another symbol, another singularity, or a map that takes its end's value again inside.

    >>> import sympy as sp
    >>> c = sp.Symbol("c", real=True)
    >>> k = stable_map((sp.sqrt(1 - c**2) + c * (sp.pi - sp.acos(c))) / sp.pi, c)
    >>> float(k.numpy(1e-20)), float(k.slope(1e-20))
    (9.999999999699894e-21, 0.9999999999549842)
    >>> k.error("float64").value < 1e-15
    True
    """
    others = kappa.free_symbols - {c}
    if others:
        raise CannotEvaluate(f"the map depends on {', '.join(sorted(map(str, others)))}: give exact values: {shorten(kappa)}")
    if not kappa.has(c):
        raise CannotEvaluate(f"a constant has no relative error: {shorten(kappa)} does not depend on {c}")
    if end not in (1, -1):
        raise CannotEvaluate(f"an end of [-1, 1] is 1 or -1, and {end} is neither")
    return StableMap(Germs(kappa, c, end))


class StableMap:
    """F(d) = kappa(1) - kappa(1 - d) and its derivatives as tables; see `stable_map`.

    A result of the type of the argument: doubles are exact arguments; single precision is computed in doubles and rounded once.
    Outside [0, 2] and for nan the result is nan; where a one-sided derivative is infinite the result is an infinity.
    """

    def __init__(self, germs: Germs) -> None:
        self.germs = germs
        self.table = cache(self._table)
        self._factors = cache(lambda order: amplification(germs, self.table(order), order))

    def _table(self, order: int) -> Table:
        return build(self.germs, order, GOALS[order] if order < len(GOALS) else 10 * GOALS[-1])

    def numpy(self, d: Any, *, order: int = 0, layers: int = 1) -> np.ndarray:
        """F, or its derivative of an order, at an array; with `layers` the value of F composed with itself as often."""
        given = np.asarray(d)
        given = given if given.dtype.kind == "f" else given.astype(np.float64)
        value = given.astype(np.float64)
        if order and layers != 1:
            raise CannotEvaluate("a table holds the derivative of one layer: `through` has that of a composition")
        self._require_composable(layers)
        for layer in range(layers):
            value = self.table(order).numpy(_inside(value, np) if layer else value)
        return value.astype(given.dtype)

    def slope(self, d: Any) -> np.ndarray:
        """kappa'(1 - d) = F'(d) at an array."""
        return self.numpy(d, order=1)

    def torch(self, d: Any, *, layers: int = 1) -> Any:
        """F at a tensor, composed `layers` times, with gradients of every order from tables of their own."""
        import torch

        from lemmata.numerics.compile.stable.autograd import differentiable

        self._require_composable(layers)
        value = d.to(torch.float64)
        for layer in range(layers):
            value = differentiable(_inside(value, torch) if layer else value, self.table, 0)
        return value.to(d.dtype)

    def through(self, d: Any, layers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """F composed `layers` times at doubles: the values, the derivatives, and a proved relative error of each at each point."""
        self._require_composable(layers)
        value = np.asarray(d, dtype=np.float64)
        slope = np.ones_like(value)
        error, slope_error = np.zeros_like(value), np.zeros_like(value)
        for layer in range(layers):
            value = _inside(value, np) if layer else value
            factor = self.table(1).numpy(value)
            slope_error = compound(slope_error + UNIT_ERROR, self._factors(1).at(value), error, self.table(1).error)
            error = compound(0.0, self._factors(0).at(value), error, self.table(0).error)
            slope = slope * factor
            value = self.table(0).numpy(value)
        with np.errstate(over="ignore"):
            return value, slope, np.expm1(error), np.expm1(slope_error)

    def _require_composable(self, layers: int) -> None:
        """F may follow itself where it is 1 - kappa: d counts from c = 1, and kappa(1) = 1."""
        if layers < 1:
            raise CannotEvaluate(f"a composition has at least one layer, not {layers}")
        if layers > 1 and not (self.germs.end == 1 and vanishes(self.germs.at_start - 1)):
            raise CannotEvaluate("layers follow one another where kappa(1) = 1 and d = 1 - c: normalise the map")

    def error(self, dtype: str = "float64", *, layers: int = 1) -> Proved:
        """The proved relative errors of value and gradient in a floating-point type, uniformly over [0, 2].

        For several layers only the value has a uniform bound (`through` bounds both at each point): errors of earlier layers are
        multiplied by sup |d F'/F| a layer, which is 1 for a convex map. Raises CannotEvaluate for an unknown type.
        """
        if dtype not in MANTISSA:
            raise CannotEvaluate(f"errors are proved for {' and '.join(MANTISSA)}, not for {dtype}")
        value, gradient = self.table(0).error, self.table(1).error if layers == 1 else None
        total = _repeated(value, float(self._factors(0).factors.max()), layers) if layers > 1 else float(value)
        last = 0.0 if dtype == "float64" else 2.0 ** -MANTISSA[dtype]
        return Proved(_both(total, last), float("inf") if gradient is None else _both(float(gradient), last))


UNIT_ERROR = float(UNIT) * (1 + 2.0**-50)
"""Of one product, as the logarithm of a ratio."""


def _both(first: float, second: float) -> float:
    return (first + second + first * second) * (1 + 2.0**-50)


def _repeated(error: Fraction, factor: float, layers: int) -> float:
    """exp(error (1 + factor + ... )) - 1 for so many layers."""
    total = 0.0
    for layer in range(layers):
        total = (total * factor if layer else 0.0) + float(error) * (1 + 2.0**-40)
    with np.errstate(over="ignore"):
        return float(np.expm1(total * (1 + 2.0**-30)))


def _inside(value: Any, xp: Any) -> Any:
    """A value that rounding took just past 2 is 2: that only brings it nearer to the truth."""
    return xp.where((value > 2) & (value <= 2 * (1 + 2.0**-48)), 2.0, value)
