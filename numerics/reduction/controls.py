"""Control variates: polynomials in the sources whose mean is exactly zero, and the coefficients that a pilot run suggests."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import sympy as sp
import torch
from flint import fmpq, fmpq_mat

from lemmata.numerics.laws import Source
from lemmata.numerics.reduction.turns import Turn

MANTISSA = 24
"""Bits of a coefficient: more than a pilot run can tell, few enough for short exact expressions."""

DEPENDENT = 2.0**-36
"""The part of a column, squared, that others must leave unexplained for it to count as one of its own."""


def polynomials(turn: Turn, only_radial: bool = False) -> tuple[Any, ...]:
    """Polynomials of mean zero that the group leaves alone, by rising degree; for one or two sources, whose means can be certified.

    Under rotations by 2 pi / K: those of the radius, 2^m m! L_m(r^2 / 2) up to m = 3 (L_m Laguerre's: r^2 / 2 is exponential), and
    under quarter turns also Re (x + i y)^4 and Im (x + i y)^4. Under reflections: even Hermite polynomials of normal sources, up to
    degree 8 in one and 4 in two of them, Legendre's of degree 2 and 4 on [0, 1] for uniform ones. For a source that does not move:
    Laguerre's of degree 1 and 2 of an exponential one.

    >>> x, y = sp.symbols("x y", real=True)
    >>> polynomials(Turn((Source(x, "Normal"),), 2))[:2]
    (x**2 - 1, x**4 - 6*x**2 + 3)
    """
    sources = turn.sources
    if len(sources) > 2 or turn.order == 1 and not any(source.family == "Exponential" for source in sources):
        return ()
    plane = turn.plane
    if plane is not None and turn.order > 2:
        return (*_radial(*plane), *(_harmonic(*plane) if turn.order == 4 and not only_radial else ()))
    if plane is not None:
        return tuple(_even_hermite(*plane))
    return tuple(polynomial for source in sources for polynomial in _of_one(source, len(sources) == 1, turn.order))


def _radial(x: Any, y: Any) -> list[Any]:
    t = x**2 + y**2
    return [t - 2, t**2 - 8 * t + 8, t**3 - 18 * t**2 + 72 * t - 48]


def _harmonic(x: Any, y: Any) -> list[Any]:
    """Real and imaginary part of (x + i y)^4: the mean of a harmonic function is its value at the origin."""
    return [x**4 - 6 * x**2 * y**2 + y**4, x**3 * y - x * y**3]


def _even_hermite(x: Any, y: Any) -> list[Any]:
    """He_i(x) He_j(y) with i + j = 2 or 4."""
    return [_hermite(i, x) * _hermite(degree - i, y) for degree in (2, 4) for i in range(degree, -1, -1)]


def _hermite(degree: int, x: Any) -> Any:
    """He_n: He_(n + 1) = x He_n - n He_(n - 1)."""
    before, now = sp.Integer(0), sp.Integer(1)
    for n in range(degree):
        before, now = now, sp.expand(x * now - n * before)
    return now


def _of_one(source: Source, alone: bool, order: int) -> list[Any]:
    x = source.variable
    if source.family == "Exponential":
        return [x - 1, x**2 - 4 * x + 2]
    if order == 1:
        return []
    if source.family == "Uniform":
        return [6 * x**2 - 6 * x + 1, 70 * x**4 - 140 * x**3 + 90 * x**2 - 20 * x + 1]
    if source.is_normal:
        return [_hermite(degree, x) for degree in ((2, 4, 6, 8) if alone else (2,))]
    return []


def nested(basis: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    """No control, those of least degree, and all of them."""
    if not basis:
        return ((),)
    degrees = [sp.total_degree(each) for each in basis]
    low = tuple(each for each, degree in zip(basis, degrees, strict=True) if degree == degrees[0])
    return ((), low, basis) if len(low) < len(basis) else ((), basis)


def fit(units: torch.Tensor, columns: list[torch.Tensor], weights: torch.Tensor) -> tuple[tuple[Fraction, ...], Fraction, float]:
    """Coefficients and constant of the best linear prediction under weights of sum 1, as short dyadic numbers, and the spread left.

    The normal equations are sums of products, solved exactly: a library's solver rounds by where its arrays lie in memory, and
    then no two runs are alike. A coefficient is a multiple of the 2^-MANTISSA-th part of what would explain the whole spread.
    """
    design = [torch.ones_like(units), *columns]
    gram = [[_weighted(one, two, weights) for two in design] for one in design]
    right = [_weighted(one, units, weights) for one in design]
    size = math.sqrt(_weighted(units, units, weights))
    kept, exact = _solve(gram, right)
    solution = [Fraction(0)] * len(design)
    for place, value in zip(kept, exact, strict=True):
        solution[place] = short(value, size / math.sqrt(gram[place][place]))
    rest = units - sum(float(value) * column for value, column in zip(solution, design, strict=True))
    return tuple(solution[1:]), solution[0], math.sqrt(_weighted(rest, rest, weights))


def _weighted(one: torch.Tensor, two: torch.Tensor, weights: torch.Tensor) -> float:
    return float((one * two * weights).sum())


def _solve(gram: list[list[float]], right: list[float]) -> tuple[list[int], list[Fraction]]:
    """The columns that are independent beyond rounding, and the exact solution over them."""
    kept: list[int] = []
    for place in range(len(gram)):
        trial = [*kept, place]
        if gram[place][place] > 0 and _determinant(gram, trial) > DEPENDENT * gram[place][place] * _determinant(gram, kept):
            kept = trial
    if not kept:
        return [], []
    matrix = fmpq_mat([[_rational(gram[i][j]) for j in kept] for i in kept])
    answer = matrix.solve(fmpq_mat([[_rational(right[i])] for i in kept]))
    return kept, [Fraction(int(value.p), int(value.q)) for value in answer.entries()]


def _determinant(gram: list[list[float]], places: list[int]) -> float:
    return float(Fraction(str(fmpq_mat([[_rational(gram[i][j]) for j in places] for i in places]).det()))) if places else 1.0


def _rational(value: float) -> fmpq:
    return fmpq(*value.as_integer_ratio())


def short(value: Fraction, size: float) -> Fraction:
    """The multiple of 2^-MANTISSA times the power of two below `size` that is nearest to a number.

    >>> short(Fraction(1, 10), 1.0)
    Fraction(838861, 8388608)
    """
    if not size > 0:
        return Fraction(0)
    unit = Fraction(2) ** (math.frexp(size)[1] - 1 - MANTISSA)
    return round(value / unit) * unit
