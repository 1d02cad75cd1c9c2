"""The exact zero test: what must be proved, what must be refuted, and what must stay undecided."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import sympy as sp
from sympy import acos, asin, atan, cos, erf, erfc, exp, floor, log, pi, sin, sqrt, tanh
from sympy.stats import Expectation, Normal

from lemmata.theory.domain import Domain
from lemmata.theory.exact import constants, continuity, equal, generators, is_zero, nonnegative, positive, signs, zero
from lemmata.theory.exact.signs import within_unit

c, x, y, theta = sp.symbols("c x y theta", real=True)
p, q = sp.symbols("p q", positive=True)
k = sp.Symbol("k", integer=True, positive=True)
unit = Domain((c,), (c >= -1, c <= 1))
half = Domain((c,), (c >= 0, c <= 1))
angle = Domain((theta,), (theta >= 0, theta <= pi))
s, z = Normal("s", 0, 1), Normal("z", 0, 1)
k1 = (sqrt(1 - c**2) + c * (pi - acos(c))) / pi

ZERO = [
    (acos(-c) + acos(c) - pi, unit),
    (sqrt(1 - c) * sqrt(1 + c) - sqrt(1 - c**2), unit),
    (atan(c / sqrt(1 - c**2)) - asin(c), Domain((c,), (c > -1, c < 1))),
    (acos(1 - 2 * c**2) - 2 * asin(c), half),
    (acos(cos(theta)) - theta, angle),
    (sqrt(1 - cos(theta) ** 2) - sin(theta), angle),
    (atan(p) + atan(1 / p) - pi / 2, None),
    (log(p * q) - log(p) - log(q), None),
    (exp(x + y) - exp(x) * exp(y), None),
    (tanh(x) - (1 - exp(-2 * x)) / (1 + exp(-2 * x)), None),
    (sin(2 * x) - 2 * sin(x) * cos(x), None),
    (erfc(x) - 1 + erf(x), None),
    (sp.Abs(x) ** 2 - x**2, None),
    (sp.Max(0, x) - (x + sp.Abs(x)) / 2, None),
    (sqrt(12) - 2 * sqrt(3), None),
    (sqrt(3 + 2 * sqrt(2)) - 1 - sqrt(2), None),
    (log(6) - log(2) - log(3), None),
    (2 ** (k + 1) - 2 * 2**k, None),
    (log(1 + exp(x)) - x - log(1 + exp(-x)), None),
    (asin(2 * p * c / (1 + 2 * p)) - asin(2 * c / (2 + 1 / p)), Domain((c, p), (c >= -1, c <= 1))),
    (Expectation(s**2) + 1 - Expectation(s**2) - 1, None),
    (Expectation(2 * sin(s) * cos(s)) - Expectation(sin(2 * s)), None),
]

NOT_ZERO = [
    (acos(c) - asin(c), unit),
    (acos(1 - 2 * c**2) - 2 * asin(c), unit),
    (sqrt(x**2) - x, None),
    (x - y, None),
    (floor(x) - x, None),
    (pi - sp.Rational(355, 113), None),
    (pi**2 / 6 - sp.Rational(8, 5), None),
    (sqrt(2) + sqrt(3) - sqrt(10), None),
    (k1 - c, unit),
    (erf(x) - tanh(x), None),
]

UNDECIDED = [
    (sp.sign(x) ** 2 - 1 + sp.Piecewise((1, sp.Eq(x, 0)), (0, True)), None),
    (Expectation(s**2) - Expectation(z**4), None),
    (sp.Float("0.5") * x, None),
    (sp.nan, None),
]


@pytest.mark.parametrize(("expr", "domain"), ZERO, ids=str)
def test_identities_are_proved(expr: Any, domain: Domain | None) -> None:
    assert is_zero(expr, domain) is True


@pytest.mark.parametrize(("expr", "domain"), NOT_ZERO, ids=str)
def test_non_identities_are_refuted(expr: Any, domain: Domain | None) -> None:
    assert is_zero(expr, domain) is False


@pytest.mark.parametrize(("expr", "domain"), UNDECIDED, ids=str)
def test_what_cannot_be_decided_is_none(expr: Any, domain: Domain | None) -> None:
    assert is_zero(expr, domain) is None


@pytest.mark.parametrize(("expr", "domain"), [pair for pair in ZERO if not pair[0].has(Expectation)], ids=str)
def test_no_identity_survives_a_small_change(expr: Any, domain: Domain | None) -> None:
    assert is_zero(expr + sp.Rational(1, 10**6), domain) is not True


def test_a_jump_defeats_derivative_and_anchor() -> None:
    """floor has derivative 0 almost everywhere and vanishes at 0: it must not be taken for 0."""
    assert is_zero(floor(c), half) is not True
    assert is_zero(sp.sign(c) - 1, Domain((c,), (c >= 0, c <= 1))) is not True


def test_an_interval_with_a_pole_in_it_is_not_connected() -> None:
    """atan(x) + atan(1/x) is pi/2 on one side of 0 and -pi/2 on the other."""
    assert is_zero(atan(x) + atan(1 / x) - pi / 2) is not True


def test_a_hypothesis_that_couples_two_symbols_is_not_taken_for_an_interval() -> None:
    domain = Domain((x, y), (x * y >= 1,))
    assert is_zero(atan(x) + atan(1 / x) - pi / 2, domain) is not True


def test_equal_compares_both_ways() -> None:
    assert equal(sqrt(8), 2 * sqrt(2)) is True
    assert equal(sqrt(8), 3) is False
    assert equal(k1, c * (pi - acos(c)) / pi + sqrt(1 - c**2) / pi, unit) is True


@pytest.mark.parametrize(
    ("expr", "domain"),
    [
        (1 - c**2, unit),
        (k1 - c, unit),
        (1 - acos(c) / pi, unit),
        (x**2 - x * y + y**2, None),
        (2 * p * q + 1 - p**2 * 0, None),
        (1 - p**2 / 2, Domain((p,), (p**2 < 2,))),
        (exp(x) - x - 1, Domain((x,), (x >= 0,))),
        (1 - tanh(x) ** 2, None),
        (4 * p * q * (1 - c**2) + 2 * p + 2 * q + 1, Domain((c, p, q), (c >= -1, c <= 1))),
        (sp.expand(4 * p * q * (1 - c**2) + 2 * p + 2 * q + 1), Domain((c, p, q), (c >= -1, c <= 1))),
    ],
    ids=str,
)
def test_nonnegative_expressions_are_proved(expr: Any, domain: Domain | None) -> None:
    assert nonnegative(expr, domain)
    assert not positive(-expr - 1, domain)


@pytest.mark.parametrize(
    ("expr", "domain"),
    [(c, unit), (c**2 - sp.Rational(1, 2), unit), (x**3, None), (p - q, None), (k1 - c - sp.Rational(1, 9), unit)],
    ids=str,
)
def test_expressions_of_either_sign_are_not(expr: Any, domain: Domain | None) -> None:
    assert not nonnegative(expr, domain)


def test_the_argument_of_an_arc_sine_is_seen_to_stay_in_range() -> None:
    argument = 2 * c * sqrt(p) * sqrt(q) / (sqrt(1 + 2 * p) * sqrt(1 + 2 * q))
    assert within_unit(argument, Domain((c, p, q), (c >= -1, c <= 1)))
    assert not within_unit(2 * argument, Domain((c, p, q), (c >= -1, c <= 1)))


def test_constants_lie_between_their_rational_bounds() -> None:
    for value in (pi, exp(-3) + sqrt(2), log(sp.Rational(7, 3)), acos(sp.Rational(1, 3)), erf(sp.Rational(13, 10)), atan(5), exp(pi)):
        low, high = constants.enclose(value, 64)
        assert low < high
        assert constants.constant_sign(value - sp.Rational(low.numerator, low.denominator), (256,)) == frozenset({1})
        assert constants.constant_sign(sp.Rational(high.numerator, high.denominator) - value, (256,)) == frozenset({1})


@pytest.mark.parametrize("module", [zero, signs, generators, continuity, constants], ids=lambda module: module.__name__)
def test_no_floating_point_is_used(module: Any) -> None:
    """The source of the zero test calls none of SymPy's numeric routes and writes no decimal number."""
    import ast

    names = {node.attr for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Attribute)}
    assert not names & {"evalf", "n", "equals", "simplify", "nsimplify", "is_zero"}
    literals = [node.value for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Constant)]
    assert not any(isinstance(value, float) for value in literals)


def test_steep_exponentials_are_not_made_dense_polynomials() -> None:
    steep = exp(-(10**6) * (x - sp.Rational(1, 3)) ** 2)
    unit = Domain((x,), (x >= 0, x <= 1))
    assert is_zero(steep - exp(x), unit) is not True
    assert not nonnegative(sp.Rational(99, 100) - steep, unit)


def test_logarithms_of_long_exponentials_are_not_factored() -> None:
    """1 + exp(-12345/1000) would be factored as a polynomial of degree 12345, in C code that nothing can interrupt."""
    assert is_zero(log(1 + exp(-sp.Rational(123457, 1000)))) is False
    assert is_zero(log(1 + exp(-x) + exp(sp.Rational(99991, 7) * x)) - log(2)) is not True
