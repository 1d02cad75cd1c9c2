"""Quadrature without proof: double-exponential rules in one to three variables, with errors from two rules or two levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from flint import arb

from lemmata.numerics.compile.errors import CannotEvaluate
from lemmata.numerics.compile.numpy_backend import compile_numpy

DIGITS = 30
SHELLS = 40
LEVELS = (5, 6)
"""Steps 2^-level of the double-exponential rule on [-1, 1] in several variables; their difference is the error."""


def mp_function(f: Any, x: Any) -> Callable[[Any], Any]:
    """f as a function of mpmath numbers; it raises CannotEvaluate when it meets a function that mpmath lacks."""
    function = sp.lambdify([x], f, "mpmath")

    def evaluate(value: Any) -> Any:
        try:
            return function(value)
        except NameError as error:
            raise CannotEvaluate(f"mpmath has no function {error.name}") from error

    return evaluate


def mp_number(value: Any) -> Any:
    """A closed SymPy number for mpmath, infinities included."""
    if value in (sp.oo, -sp.oo):
        return mpmath.inf if value == sp.oo else -mpmath.inf
    return mpmath.mpf(sp.N(value, DIGITS + 5)._to_mpmath(mpmath.mp.prec))


def as_mpf(value: arb) -> Any:
    """An exact ball (a middle or a radius) as an mpmath number, rounded to mpmath's precision.

    >>> as_mpf(arb(3) / 4) == mpmath.mpf("0.75")
    True
    """
    mantissa, exponent = value.man_exp()
    return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))


def quadrature_1d(f: Any, x: Any, low: Any, high: Any, inside: Sequence[Any] = ()) -> tuple[Any, Any]:
    """The integral and an error estimate: how far the tanh-sinh rule is from itself with fewer nodes and fewer digits.

    `inside` are points where the range is split, since the rule needs kinks and singularities at its ends.
    Fewer digits, because nodes stop where they meet a singular end in the working precision: levels alone share that error.

    >>> x = sp.Symbol("x", positive=True)
    >>> value, error = quadrature_1d(1 / sp.sqrt(x), x, sp.S.Zero, sp.S.One)
    >>> bool(abs(value - 2) <= error)
    True
    """
    with mpmath.workdps(DIGITS):
        function = mp_function(f, x)
        middle = [mp_number(point) for point in inside] or ([mpmath.mpf(0)] if low == -sp.oo and high == sp.oo else [])
        ends = [mp_number(low), *sorted(middle), mp_number(high)]
        with mpmath.workdps(DIGITS - 10):
            second = mpmath.quad(function, ends, maxdegree=6)
        first, first_error = mpmath.quad(function, ends, maxdegree=7, error=True)
        value = mpmath.re(first)
        if not mpmath.isfinite(value):
            raise CannotEvaluate("quadrature met a value that is not finite")
        if abs(mpmath.im(first)) > abs(first - second) + abs(value) * mpmath.eps * 2**20:
            raise CannotEvaluate("the integrand is not real on the whole range")
        return value, abs(first - second) + abs(first_error) + abs(value) * mpmath.mpf(10) ** (5 - DIGITS)


def settled_sign(f: Any, x: Any, end: Any, other: Any) -> bool:
    """Whether an integrand of one sign has shells towards an end that do not shrink: the integral diverges there.

    Shells are [2^k, 2^(k+1)] for an infinite end and their mirror images 2^-k beside a finite one. The ratio of two shells far
    out is 2^(1-p) for a decay like x^-p; one that is 1 to twenty bits is taken for p = 1.
    """
    with mpmath.workdps(DIGITS):
        function = mp_function(f, x)
        direction = 1 if end == sp.oo or (end.is_finite and other.is_infinite and other == -sp.oo) else -1
        if end.is_infinite:
            base, places = mpmath.mpf(0), [mpmath.mpf(2) ** k for k in range(SHELLS - 4, SHELLS + 1)]
        else:
            base = mp_number(end)
            direction = -1 if other.is_infinite and other == -sp.oo else (1 if other.is_infinite or other > end else -1)
            places = [mpmath.mpf(2) ** -k for k in range(SHELLS - 4, SHELLS + 1)]
        shells = []
        for near, far in zip(places, places[1:], strict=False):
            points = [near + (far - near) * t / 4 for t in range(5)]
            try:
                values = [mpmath.re(function(base + direction * point)) for point in points]
            except (ArithmeticError, ValueError):
                return False
            if not all(mpmath.isfinite(v) for v in values) or not (all(v > 0 for v in values) or all(v < 0 for v in values)):
                return False
            shells.append(abs((far - near) * (7 * values[0] + 32 * values[1] + 12 * values[2] + 32 * values[3] + 7 * values[4]) / 90))
        return all(after >= before * (1 - mpmath.mpf(2) ** -20) for before, after in zip(shells, shells[1:], strict=False))


def nodes(level: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes of the real line t, and of [-1, 1] as distance to the nearer end, with the tanh-sinh weights."""
    t = np.arange(-(2**level) * 4, 2**level * 4 + 1) / 2.0**level
    weights = np.full_like(t, 2.0**-level)
    return t, weights, np.pi / 2 * np.sinh(t)


def _map(level: int, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights of a range, finite or not (the whole line is split at 0, where kinks are): one more axis, the last."""
    t, weights, s = nodes(level)
    low, high = low[..., None], high[..., None]
    derivative = np.pi / 2 * np.cosh(t)
    if np.isinf(low).all() and np.isinf(high).all():
        points = np.concatenate([-np.exp(s), np.exp(s)])
        factor = np.tile(weights * np.exp(s) * derivative, 2)
        return np.broadcast_to(points, low.shape[:-1] + points.shape), np.broadcast_to(factor, low.shape[:-1] + points.shape)
    if np.isinf(high).all():
        return low + np.exp(s), weights * np.exp(s) * derivative + 0 * low
    if np.isinf(low).all():
        return high - np.exp(s), weights * np.exp(s) * derivative + 0 * high
    share = 1 / (1 + np.exp(-2 * s))
    return low + (high - low) * share, weights * (high - low) * derivative / (2 * np.cosh(s) ** 2)


def quadrature_nd(f: Any, limits: list[tuple[Any, Any, Any]]) -> tuple[float, float]:
    """A nested integral, limits from the innermost out: the finer of two levels, with their difference as the error.

    >>> x, y = sp.symbols("x y", real=True)
    >>> value, error = quadrature_nd(x * y, [(x, sp.S.Zero, y), (y, sp.S.Zero, sp.S.One)])
    >>> abs(value - 1 / 8) <= error
    True
    """
    first, second = (_level(f, limits, level if len(limits) == 2 else level - 2) for level in LEVELS)
    if not np.isfinite(second):
        raise CannotEvaluate("quadrature met a value that is not finite")
    return second, abs(first - second) + abs(second) * float(np.finfo(float).eps) * 64


def _level(f: Any, limits: list[tuple[Any, Any, Any]], level: int) -> float:
    places: dict[Any, np.ndarray] = {}
    total_weight = np.ones(())
    for variable, low, high in reversed(limits):
        known = list(places)
        ends = [_end(end, known, places) for end in (low, high)]
        shape = np.broadcast_shapes(*(end.shape for end in ends), total_weight.shape)
        points, weights = _map(level, *(np.broadcast_to(end, shape) for end in ends))
        places = {name: array[..., None] for name, array in places.items()}
        places[variable] = points
        total_weight = total_weight[..., None] * weights
    variables = list(places)
    values = compile_numpy(f, variables)(*(places[variable] for variable in variables))
    singular = ~np.isfinite(values)
    if np.any(singular & (total_weight > np.finfo(float).eps ** 2 * total_weight.max())):
        raise CannotEvaluate("the integrand is not finite inside the range")
    return float(np.sum(np.where(singular, 0.0, values) * total_weight))


def _end(end: Any, known: list[Any], places: dict[Any, np.ndarray]) -> np.ndarray:
    if end in (sp.oo, -sp.oo):
        return np.asarray(np.inf if end == sp.oo else -np.inf)
    return compile_numpy(end, known)(*(places[name] for name in known))
