"""Nested kinks become one sum of steps with the same values."""

from __future__ import annotations

import pytest
import sympy as sp

from lemmata.theory.grammar import read
from lemmata.theory.kernels.admissible import X
from lemmata.theory.kernels.duals import dual
from lemmata.theory.kernels.flatten import flattened

NESTED = [
    "Max(0, Min(x, 1))",
    "abs(abs(x) - 1)",
    "Max(Min(x, 2), -abs(x - 1)/2)",
    "Max(0, abs(x) - abs(x - 3))",
    "abs(abs(abs(x) - 1) - 1/2)",
    "x*Max(0, Min(x, 1))",
]


@pytest.mark.parametrize("text", NESTED)
def test_values_stay_and_nothing_is_nested(text: str) -> None:
    f = read(text)
    flat = flattened(f)
    assert not any(node.args[0].has(sp.Max, sp.Min, sp.Abs, sp.Heaviside) for node in flat.atoms(sp.Heaviside))
    assert flat.atoms(sp.Max, sp.Min, sp.Abs) == set()
    for k in range(-40, 41):
        at = sp.Rational(k, 8) + sp.Rational(1, 1000)
        assert flat.xreplace({X: at}) == f.xreplace({X: at})


@pytest.mark.parametrize("text", ["abs(x)", "Max(0, x) + abs(x - 1)", "tanh(x)", "Max(0, abs(x^2 - 1))"])
def test_others_stay_as_they_are(text: str) -> None:
    assert flattened(read(text)) == read(text)


@pytest.mark.parametrize("text", ["Max(0, Min(x, 1))", "exp(-|x|)"])
def test_their_duals_are_derived(text: str) -> None:
    one = dual(read(text))
    assert one.closed is not None and one.length is not None
