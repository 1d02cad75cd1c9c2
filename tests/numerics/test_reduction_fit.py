"""Coefficients of control variates: the best ones, short, and the same ones in every run."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import sympy as sp
import torch
from sympy import Rational as R
from sympy import stats

from lemmata.numerics.budget import Budget
from lemmata.numerics.instruments.monte_carlo import INSTRUMENT as MONTE_CARLO
from lemmata.numerics.reduction.controls import fit, short
from lemmata.numerics.streams import Stream


def test_fit_finds_what_is_linear() -> None:
    column = torch.tensor([0.0, 1.0, 2.0, 5.0], dtype=torch.float64)
    slopes, constant, spread = fit(3 * column - 2, [column], torch.full((4,), 0.25, dtype=torch.float64))
    assert (slopes[0], constant) == (3, -2)
    assert spread <= 8 * math.ulp(13.0)


def test_dependent_and_empty_columns_are_left_out_of_a_fit() -> None:
    column = torch.tensor([0.0, 1.0, 2.0, 5.0], dtype=torch.float64)
    weights = torch.full((4,), 0.25, dtype=torch.float64)
    slopes, constant, _ = fit(column, [column, 2 * column, torch.zeros_like(column)], weights)
    assert (slopes, constant) == ((1, 0, 0), 0)


def test_a_fit_does_not_depend_on_where_its_arrays_lie() -> None:
    """Residuals at rounding level: their noise must not become a coefficient, and the same numbers give the same fit."""
    rng = Stream(0, ("fit",)).torch()
    x = torch.randn(1024, generator=rng, dtype=torch.float64)
    columns = [x**2 - 1, x**4 - 6 * x**2 + 3]
    weights = torch.full((1024,), 1 / 1024, dtype=torch.float64)
    found = set()
    for shift in range(8):
        moved = [torch.cat([torch.zeros(shift, dtype=torch.float64), each])[shift:] for each in (x**2 / 3, *columns)]
        found.add(fit(moved[0], moved[1:], weights))
    assert len(found) == 1
    ((slopes, _, _),) = found
    assert slopes[1] == 0


@pytest.mark.parametrize("value", [0.1, -math.pi, 1e-300, 3.0, 0.0])
def test_short_numbers_are_near_and_short(value: float) -> None:
    near = short(Fraction(value), abs(value))
    assert abs(near - Fraction(value)) * 2**24 <= abs(Fraction(value))
    assert abs(near.numerator).bit_length() <= 26 or near.denominator == 1


def test_the_same_draws_give_the_same_estimate() -> None:
    """A fit by a library whose rounding depends on memory once moved the ninth digit of a standard error."""
    c = sp.Symbol("c", real=True)
    s, t = stats.Normal("s", 0, 1), stats.Normal("t", 0, 1)
    node = stats.Expectation(s**2 * (c * s + sp.sqrt(1 - c**2) * t) ** 2)
    found, heap = set(), []
    for size in (1, 77, 4097, 30011):
        heap.append(torch.zeros(size))
        found.add(MONTE_CARLO.measure(node, {c: R(1, 3)}, Budget(samples=2**14), Stream(0, ("same",))))
    assert len(found) == 1
