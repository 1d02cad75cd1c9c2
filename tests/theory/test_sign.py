"""Exact signs: enclosures hold the number, shrink with the precision, and zero is told from almost zero."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from lemmata.theory.exact.constants import NotEnclosed, enclose
from lemmata.theory.exact.order import compare, sign

x = sp.Symbol("x")
NUMBERS = [
    sp.sin(1),
    sp.sin(sp.Rational(-3, 2)),
    sp.cos(sp.Rational(31, 7)),
    sp.cos(150),
    sp.sin(sp.pi / 7 + 20),
    sp.tanh(2),
    sp.tanh(sp.Rational(-1, 3)),
    sp.exp(sp.Rational(-7, 3)),
    sp.exp(20),
    sp.log(sp.Rational(1, 1000)),
    sp.sqrt(2) ** 3,
    2 ** sp.sqrt(2),
    sp.root(7, 3) ** -2,
    sp.Max(sp.sqrt(2), sp.Rational(7, 5)),
    sp.Abs(1 - sp.pi),
    sp.CRootOf(x**5 - x - 1, 0),
    sp.erf(sp.Rational(1, 3)),
    sp.atan(3) + sp.acos(sp.Rational(1, 3)),
]


@pytest.mark.parametrize("number", NUMBERS, ids=str)
@pytest.mark.parametrize("bits", [64, 256])
def test_an_enclosure_holds_the_number_and_shrinks(number: sp.Expr, bits: int) -> None:
    low, high = enclose(number, bits)
    digits = number.evalf(120)  # another implementation, far more digits than the enclosure is wide
    middle = Fraction(str(sp.Rational(str(digits))))
    assert low <= middle <= high
    assert (high - low) * 2 ** (bits - 20) <= max(abs(low), abs(high))


def test_zero_is_told_from_almost_zero() -> None:
    nested = sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5 + 2 * sp.sqrt(6))
    assert sign(nested) == 0
    assert sign(nested + sp.Rational(1, 10**60)) == 1
    assert sign(sp.exp(sp.pi * sp.sqrt(163)) - 262537412640768744) == -1
    assert sign(sp.CRootOf(x**3 - x - 1, 0) ** 3 - sp.CRootOf(x**3 - x - 1, 0) - 1) == 0


def test_what_is_not_decided_is_said() -> None:
    assert sign(sp.gamma(sp.sqrt(2))) is None
    assert sign(sp.sin(1) ** 2 + sp.cos(1) ** 2 - 1) is None
    assert sign(sp.Symbol("y", positive=True)) is None
    assert sign(sp.Float("0.5")) is None
    assert sign(sp.nan) is None and sign(sp.zoo) is None
    with pytest.raises(NotEnclosed):
        enclose(sp.gamma(sp.sqrt(2)), 64)


def test_order_with_infinities() -> None:
    assert compare(sp.oo, 3) == 1 and compare(3, sp.oo) == -1 and compare(-sp.oo, sp.oo) == -1
    assert compare(sp.pi, sp.Rational(355, 113)) == -1 and compare(sp.sqrt(4), 2) == 0
