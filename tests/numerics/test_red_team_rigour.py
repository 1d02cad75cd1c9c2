"""Edges of the conditions that proved bounds rest on: where one is not met there is no bound."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from lemmata.numerics.quadrature.growth import growth

x = sp.Symbol("x", real=True)


@pytest.mark.parametrize("function", [sp.cos(sp.sqrt(x)), sp.sech(sp.sqrt(x)), 1 / sp.cosh(sp.sqrt(1 - x)), sp.tanh(sp.log(x)) ** 2])
def test_what_bounds_a_function_of_real_arguments_bounds_none_of_imaginary_ones(function: Any) -> None:
    """cos(sqrt(x)) is cosh(sqrt(-x)) for x < 0: real, and not bounded."""
    assert growth(function, {x: 0.0}) is None


@pytest.mark.parametrize("function", [sp.cos(sp.sqrt(1 + x**2)), sp.sech(sp.sqrt(sp.Abs(x))), sp.tanh(sp.log(1 + sp.exp(x)))])
def test_real_arguments_are_seen_to_be_real(function: Any) -> None:
    bound = growth(function, {x: 0.0})
    assert bound is not None and bound.bounded
