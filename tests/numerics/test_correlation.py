"""Means over pairs of normals as functions of the correlation, and bounds between points: each inequality against numbers."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from flint import acb, arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.quadrature.correlation import Pair, X, Y, mean, place
from lemmata.numerics.quadrature.interpolation import Grid, enough, grid, parameter, reach
from lemmata.numerics.quadrature.lengths import Length
from lemmata.numerics.quadrature.orthants import halves, quadrants
from lemmata.numerics.quadrature.sectors import integrate_sectors

PIECES = [sp.Max(0, X), sp.Abs(X), sp.Heaviside(X), sp.sign(X), sp.Max(X / 10, X), X**2 * sp.Max(0, X) - 1, X**3, sp.Min(X, 0) + 2]


def test_quadrants_and_sectors_give_the_same_balls() -> None:
    draw = random.Random(1)
    for _ in range(40):
        f, g = draw.choice(PIECES), draw.choice(PIECES)
        c, root = place(Fraction(draw.randrange(1, 500), 100))
        first, second = halves(f, X), halves(g, X)
        assert first is not None and second is not None
        expr = f * g.xreplace({X: c * X + root * Y})
        if not expr.has(sp.Max, sp.Min, sp.Abs, sp.Heaviside, sp.sign):
            continue
        with precision(90):
            assert quadrants(first, second, c, root).overlaps(integrate_sectors(expr, X, Y, 15))


@pytest.mark.parametrize("f", PIECES)
def test_quadrants_at_the_ends_are_means_over_one_normal(f: Any) -> None:
    first = halves(f, X)
    with precision(90):
        for c in (1, -1):
            expected = mean(f * f.xreplace({X: c * X}), 15)
            assert quadrants(first, first, sp.Integer(c), sp.Integer(0)).overlaps(expected)


@pytest.mark.parametrize("f", [sp.Max(1, X), sp.tanh(X), sp.Max(0, X) * sp.exp(X), sp.Abs(X - 1), sp.Symbol("a") * X])
def test_other_functions_have_no_halves(f: Any) -> None:
    assert halves(f, X) is None


@pytest.mark.parametrize(
    "f, g", [(sp.Max(0, X), sp.Abs(X)), (sp.Heaviside(X), sp.Max(0, X)), (sp.tanh(X), sp.sign(X)), (X**2, sp.Max(0, X))]
)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_modulus_bounds_how_far_a_mean_moves(f: Any, g: Any, sign: int) -> None:
    pair = Pair(f, g, sign)
    for t in (Fraction(1, 3), Fraction(1, 50)):
        bound = pair.modulus(t, 15)
        for end in (1, -1):
            limit = pair.value(sp.Integer(end), sp.Integer(0), 15)
            for part in (1, 3, 9):
                c, root = place(t * part / 9)
                assert abs(pair.value(end * c, root, 15) - limit) <= bound
    assert abs(pair.value(sp.Rational(3, 5), sp.Rational(4, 5), 15)) <= pair.size(15)


def test_the_modulus_is_for_nonnegative_correlations() -> None:
    with pytest.raises(Unsupported):
        Pair(X, X).modulus(Fraction(2), 15)


@pytest.mark.parametrize("count, half", [(2, Fraction(1)), (5, Fraction(1, 8)), (24, Fraction(3)), (75, Fraction(2))])
def test_the_norming_constant_bounds_random_polynomials(count: int, half: Fraction) -> None:
    draw = random.Random(count)
    found = grid(Fraction(1, 3), half, arb(2), count)
    assert found is not None and len(found.points) == count
    with precision(300):
        _compare(found, half, count, draw)


def _compare(found: Grid, half: Fraction, count: int, draw: random.Random) -> None:
    places = [(-(arb(t.numerator) / t.denominator).log() - arb(1) / 3) / (arb(half.numerator) / half.denominator) for t in found.points]
    for _ in range(5):
        coefficients = [draw.gauss(0, 1) for _ in range(count)]
        largest = max((abs(_series(coefficients, x)) for x in places), key=lambda ball: float(ball.mid()))
        for k in range(60):
            assert abs(_series(coefficients, arb(k - 30) / 30)) <= found.norming * largest


def _series(coefficients: list[float], x: arb) -> arb:
    """A sum of Chebyshev polynomials."""
    before, current, total = arb(1), x, arb(coefficients[0])
    for coefficient in coefficients[1:]:
        total = total + coefficient * current
        before, current = current, 2 * x * current - before
    return total


def test_the_bound_between_points_holds_for_a_function_with_a_pole_nearby() -> None:
    half, height = arb(1), arb(1) / 2
    rho = parameter(half, height)
    wide = reach(half, height)
    pole = wide + arb(1) / 8
    M = 1 / (pole - wide)
    for count in (4, 9, 20):
        found = grid(Fraction(0), Fraction(1), rho, count)
        assert found is not None
        # f(w) = 1/(pole - w) less its own interpolation by constants is f itself: the bound has to exceed its maximum
        largest = max(
            (abs(1 / (pole + (arb(t.numerator) / t.denominator).log())) for t in found.points), key=lambda ball: float(ball.mid())
        )
        assert found.bound(largest, M) >= 1 / (pole - 1)


def test_a_function_that_vanishes_at_the_points_is_seen_through_its_bound() -> None:
    """T_n is below 1e-3 at all rounded zeros and 1 between them: only the share of M can say so, and it does."""
    count, half, height = 12, arb(1), arb(1)
    rho = parameter(half, height)
    found = grid(Fraction(0), Fraction(1), rho, count)
    assert found is not None
    M = (rho**count + rho**-count) / 2
    values = [abs(_series([0.0] * count + [1.0], -(arb(t.numerator) / t.denominator).log())) for t in found.points]
    assert all(value < arb(1) / 1000 for value in values)
    assert found.bound(arb(0), M) >= 1


def test_enough_points_are_few() -> None:
    rho = parameter(arb(3), arb(49) / 64)
    count = enough(rho, arb(1), 1e-10)
    found = grid(Fraction(0), Fraction(3), rho, count)
    assert found is not None and found.decay < arb(10) ** -10 and count < 115
    assert grid(Fraction(0), Fraction(1, 2**40), arb(2), 20) is None


def test_the_bound_of_a_length_holds_for_complex_variances() -> None:
    draw = random.Random(7)
    closed = {X**2: lambda q: q, sp.exp(X / 2): lambda q: (q / 8).exp(), sp.cos(X): lambda q: (-q / 2).exp()}
    for G, form in closed.items():
        for low, high, height in ((-1.0, 1.0, 0.625), (-3.0, -1.0, 0.375), (0.5, 1.5, 0.7)):
            bound = Length(G).bound(low, high, height, 15)
            for _ in range(20):
                w = acb(draw.uniform(low, high), draw.uniform(-height, height))
                assert abs(form((2 * w).exp())) <= bound
    with pytest.raises(Unsupported):
        Length(X**2).bound(-1.0, 1.0, 0.79, 15)
