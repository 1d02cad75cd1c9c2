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
    """Coefficients and constant of the best linear prediction under weights of sum 1, as short dyadic numbers, and the spread left."""
    root = weights.sqrt()
    design = torch.stack([torch.ones_like(units), *columns], 1)
    solution = torch.linalg.lstsq(design * root[:, None], (units * root)[:, None]).solution[:, 0]
    rest = (units - design @ solution) * root
    constant, *slopes = [short(value) for value in solution.tolist()]
    return tuple(slopes), constant, float(rest.square().sum().sqrt())


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
