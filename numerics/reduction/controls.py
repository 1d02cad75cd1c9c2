"""Control variates: polynomials in the sources whose mean is exactly zero, and the coefficients that a pilot run suggests."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
import torch

from lemmata.numerics.laws import Source
from lemmata.numerics.reduction.turns import Turn

MANTISSA = 24
"""Bits of a coefficient: more than a pilot run can tell, few enough for short exact expressions."""


def polynomials(turn: Turn) -> tuple[Any, ...]:
    """Polynomials of mean zero that the group leaves alone; only for one or two sources, whose means can be certified.

    Under rotations: r^2 - 2 and r^4 - 8 r^2 + 8 (r^2 / 2 is exponential: E r^2 = 2, E r^4 = 8). Under reflections: the even
    Hermite polynomials of normal sources up to degree 4 in one and 2 in two of them, (u - 1/2)^2 - 1/12 for uniform ones.
    For a source that does not move: x - 1 and x^2 - 4 x + 2 of an exponential one (E x = 1, E x^2 = 2).

    >>> x, y = sp.symbols("x y", real=True)
    >>> polynomials(Turn((Source(x, "Normal"),), 2))
    (x**2 - 1, x**4 - 6*x**2 + 3)
    """
    sources = turn.sources
    if len(sources) > 2 or turn.order == 1 and not any(source.family == "Exponential" for source in sources):
        return ()
    plane = turn.plane
    if plane is not None and turn.order > 2:
        square = plane[0] ** 2 + plane[1] ** 2
        return square - 2, square**2 - 8 * square + 8
    found = [polynomial for source in sources for polynomial in _of_one(source, len(sources) == 1, turn.order)]
    if plane is not None:
        found.append(plane[0] * plane[1])
    return tuple(found)


def _of_one(source: Source, alone: bool, order: int) -> list[Any]:
    x = source.variable
    if source.family == "Exponential":
        return [x - 1, x**2 - 4 * x + 2]
    if order == 1:
        return []
    if source.family == "Uniform":
        return [x**2 - x + sp.Rational(1, 6)]
    if source.is_normal:
        return [x**2 - 1, *([x**4 - 6 * x**2 + 3] if alone else [])]
    return []


def fit(units: torch.Tensor, columns: list[torch.Tensor]) -> tuple[tuple[Fraction, ...], Fraction, float]:
    """Coefficients and constant of the best linear prediction of the units, as short dyadic numbers, and the spread it leaves."""
    design = torch.stack([torch.ones_like(units), *columns], 1)
    solution = torch.linalg.lstsq(design, units[:, None]).solution[:, 0]
    rest = units - design @ solution
    constant, *slopes = [short(value) for value in solution.tolist()]
    return tuple(slopes), constant, float(rest.square().mean().sqrt())


def short(value: float) -> Fraction:
    """The dyadic number with 24 bits of mantissa nearest to a double.

    >>> short(0.1)
    Fraction(13421773, 134217728)
    """
    exact = Fraction(value)
    if exact == 0:
        return exact
    shift = MANTISSA - (abs(exact.numerator).bit_length() - exact.denominator.bit_length())
    scale = Fraction(2) ** shift
    return Fraction(round(exact * scale)) / scale
