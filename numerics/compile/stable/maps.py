"""Correlation maps that carry d = 1 - c, and functions on an interval, in NumPy and Torch: values, derivatives, proved errors."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, final

import numpy as np
import sympy as sp

from lemmata.numerics.compile.balls import shorten
from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.stable.charts import vanishes
from lemmata.numerics.compile.stable.conditioning import amplification, compound
from lemmata.numerics.compile.stable.pieces import UNIT
from lemmata.numerics.compile.stable.sources import Drop, Line, Source
from lemmata.numerics.compile.stable.tables import Table, build

GOALS = (9 * UNIT, 80 * UNIT)
"""Relative errors of the value (below 1e-15) and of the gradient (below 1e-14); of higher derivatives ten times that."""

MANTISSA = {"float64": 53, "float32": 24}


@dataclass(frozen=True)
class Proved:
    """Proved relative errors over the whole range, where the result neither underflows nor overflows."""

    value: float
    gradient: float


def stable_map(kappa: Any, c: Any, *, end: int = 1) -> StableMap:
    """The map F(d) = end (kappa(end) - kappa(end (1 - d))) on [0, 2], compiled with a proved relative error.

    For end = 1 this is kappa(1) - kappa(1 - d) with d = 1 - c: 1 - kappa for a normalised map; for end = -1 it is
    kappa(-1 + e) - kappa(-1) with e = 1 + c. `kappa` is a closed form in c whose other symbols have been given exact values; it may
    have square-root singularities at c = +-1 and must be analytic between.

    Raises CannotEvaluate for another symbol, another singularity, or a zero inside (of F, or of a derivative that is asked for) that
    is not simple: next to it no relative error can be proved.

    >>> import sympy as sp
    >>> c = sp.Symbol("c", real=True)
    >>> k = stable_map((sp.sqrt(1 - c**2) + c * (sp.pi - sp.acos(c))) / sp.pi, c)
    >>> float(k.numpy(1e-20)), float(k.slope(1e-20))
    (9.999999999699894e-21, 0.9999999999549842)
    >>> k.error("float64").value < 1e-15
    True
    """
    _require_one_symbol(kappa, c)
    if end not in (1, -1):
        raise CannotEvaluate(f"an end of [-1, 1] is 1 or -1, and {end} is neither")
    return StableMap(Drop(kappa, c, end))


def stable_function(expr: Any, x: Any, low: Any, high: Any) -> StableFunction:
    """A closed form on [low, high], 0 < low < high, with a proved relative error: a length map, for example.

    The ends are exact numbers, rounded outwards to doubles. The function must be analytic on the interval, with simple zeros
    at most.

    Raises CannotEvaluate for another symbol, an interval that is none, a singularity or another zero.

    >>> import sympy as sp
    >>> q = sp.Symbol("q", positive=True)
    >>> f = stable_function(sp.asin(2 * q / (1 + 2 * q)), q, 1e-12, 1e12)
    >>> f"{f.numpy(1e-12):.14g}", f.error().value < 1e-15
    ('1.999999999996e-12', True)
    """
    _require_one_symbol(expr, x)
    if not 0 < low < high or not high < sp.oo:
        raise CannotEvaluate(f"an interval has ends 0 < low < high < oo, and [{low}, {high}] has not")
    return StableFunction(Line(expr, x, _double(low, -math.inf), _double(high, math.inf)))


def _double(value: Any, towards: float) -> Fraction:
    """The nearest double on that side of a number, exactly."""
    exact = Fraction(value) if isinstance(value, float) else Fraction(*sp.Rational(value).as_numer_denom())
    found = float(exact)
    return Fraction(found if Fraction(found) == exact else math.nextafter(found, towards))


def _require_one_symbol(expr: Any, x: Any) -> None:
    others = expr.free_symbols - {x}
    if others:
        raise CannotEvaluate(f"the function depends on {', '.join(sorted(map(str, others)))}: give exact values: {shorten(expr)}")
    if not expr.has(x):
        raise CannotEvaluate(f"a constant has no relative error: {shorten(expr)} does not depend on {x}")


class Compiled(abc.ABC):
    """A function and its derivatives as tables.

    A result has the type of the argument: doubles are exact arguments; single precision is computed in doubles and rounded once.
    Outside the range and for nan the result is nan; where a one-sided derivative is infinite the result is an infinity.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.table = cache(self._table)
        self._amplification = cache(lambda order: amplification(source, self.table(order), order))

    def _table(self, order: int) -> Table:
        return build(self.source, order, GOALS[order] if order < len(GOALS) else 10 * GOALS[-1])

    @abc.abstractmethod
    def numpy(self, d: Any) -> np.ndarray:
        """The function at an array."""

    @abc.abstractmethod
    def torch(self, d: Any) -> Any:
        """The function at a tensor, with gradients of every order from tables of their own."""

    def derivative(self, d: Any, order: int) -> np.ndarray:
        """The derivative of an order at an array."""
        given = np.asarray(d)
        given = given if given.dtype.kind == "f" else given.astype(np.float64)
        return _rounded(self.table(order).numpy(given.astype(np.float64)), given.dtype)

    def slope(self, d: Any) -> np.ndarray:
        """The first derivative at an array: kappa'(1 - d) for a correlation map."""
        return self.derivative(d, 1)

    def error(self, dtype: str = "float64") -> Proved:
        """The proved relative errors of value and gradient in a floating-point type; raises CannotEvaluate for an unknown one."""
        return Proved(*(_in_type(float(self.table(order).error), dtype) for order in (0, 1)))


@final
class StableFunction(Compiled):
    """A function on an interval; see `stable_function`."""

    def numpy(self, d: Any) -> np.ndarray:
        return self.derivative(d, 0)

    def torch(self, d: Any) -> Any:
        return _torch(self.table, d, 1)


@dataclass(frozen=True)
class Through:
    """A map composed with itself: values, derivatives, and a proved relative error of each at each point."""

    value: np.ndarray
    slope: np.ndarray
    value_error: np.ndarray
    slope_error: np.ndarray


@final
class StableMap(Compiled):
    """F(d) = kappa(1) - kappa(1 - d); see `stable_map`."""

    source: Drop

    def numpy(self, d: Any, *, layers: int = 1) -> np.ndarray:
        """F at an array, or F composed with itself so often."""
        self._require_composable(layers)
        given = np.asarray(d)
        given = given if given.dtype.kind == "f" else given.astype(np.float64)
        value = given.astype(np.float64)
        for layer in range(layers):
            value = self.table(0).numpy(_inside(value, np) if layer else value)
        return _rounded(value, given.dtype)

    def torch(self, d: Any, *, layers: int = 1) -> Any:
        """F at a tensor, or F composed with itself so often, with gradients of every order from tables of their own."""
        self._require_composable(layers)
        return _torch(self.table, d, layers)

    def through(self, d: Any, layers: int) -> Through:
        """F composed with itself at doubles, with derivatives and the errors that are proved for these points.

        An error is infinite where a value or derivative on the way is subnormal, or its own error is too large to be followed.
        """
        self._require_composable(layers)
        value = np.atleast_1d(np.asarray(d, dtype=np.float64))
        slope = np.ones_like(value)
        error, slope_error = np.zeros_like(value), np.zeros_like(value)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for layer in range(layers):
                value = _inside(value, np) if layer else value
                factor, following = self.table(1).numpy(value), self.table(0).numpy(value)
                slope_error = compound(slope_error + UNIT_ERROR, self._amplification(1), value, error, self.table(1).error)
                error = compound(0.0, self._amplification(0), value, error, self.table(0).error)
                error[_lost(following, (value != 0) & (value != 2))] = np.inf
                steeper = slope * factor
                slope_error[_lost(steeper, (slope != 0) & (factor != 0))] = np.inf
                value, slope = following, steeper
            return Through(value, slope, np.expm1(error), np.expm1(slope_error))

    def _require_composable(self, layers: int) -> None:
        """F may follow itself where it is 1 - kappa: d counts from c = 1, and kappa(1) = 1."""
        if layers < 1:
            raise CannotEvaluate(f"a composition has at least one layer, not {layers}")
        if layers > 1 and not (self.source.end == 1 and vanishes(self.source.at_start - 1)):
            raise CannotEvaluate("layers follow one another where kappa(1) = 1 and d = 1 - c: normalise the map")

    def error_after(self, layers: int, dtype: str = "float64") -> float:
        """The proved relative error of a composition, uniformly over [0, 2] where nothing underflows.

        Errors of earlier layers are multiplied by sup |d F'/F| a layer: 1 for a convex map, and then layers only add up. Where it is
        larger this bound is not sharp (`through` follows each point), and where F'(2) is infinite so is the bound.
        """
        self._require_composable(layers)
        return _in_type(_repeated(self.table(0).error, float(self._amplification(0).factors.max()), layers), dtype)


def _torch(table: Callable[[int], Table], d: Any, layers: int) -> Any:
    import torch

    from lemmata.numerics.compile.stable.autograd import differentiable

    value = d.to(torch.float64)
    for layer in range(layers):
        value = differentiable(_inside(value, torch) if layer else value, table, 0)
    return value.to(d.dtype)


def _rounded(value: np.ndarray, kind: Any) -> np.ndarray:
    """Rounded once to a type; beyond its range an infinity, without a warning."""
    with np.errstate(over="ignore", under="ignore"):
        return value.astype(kind)


def _lost(value: np.ndarray, nonzero: np.ndarray) -> np.ndarray:
    """Where a result that is not zero in truth has fallen below the normal numbers."""
    lost: np.ndarray = (np.abs(value) < np.finfo(np.float64).tiny) & nonzero
    return lost


UNIT_ERROR = float(UNIT) * (1 + 2.0**-50)
"""Of one product, as the logarithm of a ratio."""


def _in_type(error: float, dtype: str) -> float:
    """An error in doubles followed by a rounding to a type."""
    if dtype not in MANTISSA:
        raise CannotEvaluate(f"errors are proved for {' and '.join(MANTISSA)}, not for {dtype}")
    last = 0.0 if dtype == "float64" else 2.0 ** -MANTISSA[dtype]
    return math.inf if math.isinf(error) else (error + last + error * last) * (1 + 2.0**-50)


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
