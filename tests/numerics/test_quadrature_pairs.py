"""Means over a pair of normals by trapezoid rules: known values, other methods, many correlations and scales."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
import sympy as sp
from flint import arb
from sympy.stats import Expectation, Normal

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import precision
from lemmata.numerics.instruments.certified_mean import INSTRUMENT as CERTIFIED
from lemmata.numerics.instruments.hermite_series import INSTRUMENT as SERIES
from lemmata.numerics.laws import Unsupported
from lemmata.numerics.measurement import Ball, Refusal
from lemmata.numerics.quadrature.hermite import hermite_coefficients, mehler_mean
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.pairs import pair_mean, profile
from lemmata.numerics.quadrature.products import ARGUMENT as z
from lemmata.numerics.quadrature.products import product_of
from lemmata.numerics.quadrature.strips import integrate_strips
from lemmata.numerics.streams import Stream

x, y = sp.symbols("x y", real=True)
sigmoid = 1 / (1 + sp.exp(-z))

CORRELATIONS = [sp.Rational(value) for value in ("-0.9999", "-0.93", "-0.5", "0.1", "0.7", "0.9", "0.901", "0.999", "0.999999")]


def mean(f: Any, g: Any, a: Any, b: Any, r: Any, digits: int) -> arb:
    return pair_mean(profile(f, z), profile(g, z), lambda: constant(a), lambda: constant(b), lambda: constant(r), digits)


def known(f: Any, g: Any, a: Any, b: Any, r: Any) -> Any:
    """The closed value, by moment generating functions, Isserlis and Sheppard-type formulas."""
    s, t = sp.sympify(a) ** 2, sp.sympify(b) ** 2
    c = a * b * r
    forms = {
        (sp.exp(z), sp.exp(z)): sp.exp((s + t + 2 * c) / 2),
        (sp.exp(-z), z): -c * sp.exp(s / 2),
        (sp.cos(z), sp.cos(z)): (sp.exp(-(s + t - 2 * c) / 2) + sp.exp(-(s + t + 2 * c) / 2)) / 2,
        (z**2, z**2): s * t + 2 * c**2,
        (z**3, z): 3 * s * c,
        (sp.erf(z), sp.erf(z)): 2 / sp.pi * sp.asin(2 * c / sp.sqrt((1 + 2 * s) * (1 + 2 * t))),
        (sp.exp(-(z**2)), sp.exp(-(z**2))): 1 / sp.sqrt((1 + 2 * s) * (1 + 2 * t) - 4 * c**2),
        (z * sp.exp(z), sp.sin(z)): None,
    }
    return forms[f, g]


FORMS = [
    (sp.exp(z), sp.exp(z)),
    (sp.exp(-z), z),
    (sp.cos(z), sp.cos(z)),
    (z**2, z**2),
    (z**3, z),
    (sp.erf(z), sp.erf(z)),
    (sp.exp(-(z**2)), sp.exp(-(z**2))),
]


@pytest.mark.parametrize(("f", "g"), FORMS, ids=[f"{f},{g}" for f, g in FORMS])
def test_known_values_lie_in_the_balls(f: Any, g: Any) -> None:
    for r in CORRELATIONS:
        for a, b in ((1, 1), (sp.Rational(1, 10), 3), (sp.sqrt(2), sp.Rational(7, 5))):
            value = mean(f, g, a, b, r, 20)
            with precision(200):
                truth = constant(known(f, g, a, b, r))
            assert value.overlaps(truth)
            assert value.rel_accuracy_bits() >= 20 * 3


ANALYTIC = [
    sp.tanh(z),
    sigmoid,
    z * sigmoid,
    sp.log(1 + sp.exp(z)),
    z * sp.erf(z / 2),
    sp.cos(3 * z + 1),
    z**4 - 2 * z,
    sp.tanh(z + 1) ** 2,
]


def test_the_pair_rules_agree_with_the_plain_rule_in_two_dimensions() -> None:
    """Another lattice, other strips: two enclosures of one number must meet."""
    rng = random.Random(7)
    for _ in range(40):
        f, g = rng.choice(ANALYTIC), rng.choice(ANALYTIC)
        r = rng.choice(CORRELATIONS)
        a, b = (sp.Rational(rng.randint(1, 20), 10) for _ in range(2))
        ours = mean(f, g, a, b, r, 12)
        v = b * (r * x + sp.sqrt(1 - r**2) * y)
        try:
            theirs = integrate_strips(f.xreplace({z: a * x}) * g.xreplace({z: v}), x, y, 8)
        except Unsupported:
            continue
        assert ours.overlaps(theirs), (f, g, a, b, r, ours, theirs)
        assert ours.rel_accuracy_bits() > 35


def test_fifty_digits() -> None:
    first = mean(sp.tanh(z), sp.tanh(z), 2, 2, sp.Rational(9, 10), 50)
    second = mean(sp.tanh(z), sp.tanh(z), 2, 2, sp.Rational(9, 10), 30)
    assert first.rel_accuracy_bits() >= 166 and first.overlaps(second)


@pytest.mark.parametrize("f", [sp.Max(0, z), sp.exp(z**2 / 8), sp.sign(z)])
def test_what_is_not_analytic_or_grows_too_fast_is_refused(f: Any) -> None:
    with pytest.raises(Unsupported):
        profile(f, z)


def test_degenerate_pairs_are_refused() -> None:
    for a, r in ((0, sp.Rational(1, 2)), (1, 1)):
        with pytest.raises(Unsupported, match="positive variances"):
            mean(sp.tanh(z), sp.tanh(z), a, 1, r, 10)


def test_products_are_recognised() -> None:
    found = product_of(2 * sp.tanh(x) * x * sp.erf(x / 2 - y), x, y)
    assert found is not None
    assert (found.factor, found.a, found.r) == (2, 1, 1 / sp.sqrt(5))
    assert {found.f, found.g} == {z * sp.tanh(z), sp.erf(z)}
    assert product_of(sp.tanh(x) * sp.tanh(y) * sp.tanh(x + y), x, y) is None
    assert product_of(sp.tanh(x) + sp.tanh(y), x, y) is None


def test_mehlers_series_agrees_with_the_integral() -> None:
    """Two proofs of one number: a lattice in the plane, and coefficients on a line with a tail."""
    rng = random.Random(11)
    met = 0
    for _ in range(30):
        f, g = rng.choice([*ANALYTIC, sp.exp(z / 2), sp.erf(z)]), rng.choice(ANALYTIC)
        r = rng.choice([sp.Rational(value) for value in ("-0.8", "-0.3", "0.05", "0.5", "0.85")])
        a, b = (sp.Rational(rng.randint(1, 15), 10) for _ in range(2))
        ours = mean(f, g, a, b, r, 12)
        try:
            theirs = mehler_mean(profile(f, z), profile(g, z), lambda a=a: constant(a), lambda b=b: constant(b), lambda r=r: constant(r), 9)
        except Unsupported:
            continue
        met += 1
        assert ours.overlaps(theirs), (f, g, a, b, r, ours, theirs)
        assert theirs.rel_accuracy_bits() > 24 or f.xreplace({z: -z}) == -f or g.xreplace({z: -z}) == -g
    assert met >= 25


def test_hermite_coefficients_of_the_exponential() -> None:
    """exp(a s) has the coefficients exp(a^2 / 2) a^k / sqrt(k!)."""
    values, square = hermite_coefficients(profile(sp.exp(z), z), arb(3) / 2, 30, 1e-20)
    for k, value in enumerate(values):
        assert value.overlaps((arb(9) / 8).exp() * (arb(3) / 2) ** k / arb(math.factorial(k)).sqrt())
    assert square.overlaps((arb(9) / 2).exp())


def test_the_series_is_an_instrument() -> None:
    c = sp.Symbol("c", real=True)
    s, t = Normal("s", 0, 1), Normal("t", 0, 1)
    node = Expectation(sp.tanh(s) * sp.tanh(c * s + sp.sqrt(1 - c**2) * t))
    first = SERIES.measure(node, {c: sp.Rational(1, 3)}, Budget(), Stream(0, ("a",)))
    second = CERTIFIED.measure(node, {c: sp.Rational(1, 3)}, Budget(), Stream(0, ("b",)))
    assert isinstance(first, Ball) and isinstance(second, Ball) and first.value.overlaps(second.value)
    for beyond in (Expectation(sp.tanh(s)), Expectation(sp.Max(0, s) * sp.Max(0, t + s)), Expectation(sp.tanh(s * t))):
        assert isinstance(SERIES.measure(beyond, {}, Budget(), Stream(0, ("c",))), Refusal)


def test_a_pair_that_is_dear_has_fewer_digits_rather_than_none() -> None:
    """Scales of 1 and 1000: twenty digits take more nodes than are allowed, fifteen do not, and these are the same number."""
    gelu = z * (1 + sp.erf(z / sp.sqrt(2))) / 2
    a, b, r = sp.sqrt(sp.Rational(2, 11)), sp.Integer(1000), -sp.Rational(1, 10**6)
    few, many = mean(gelu, gelu, a, b, r, 15), mean(gelu, gelu, a, b, r, 20)
    assert few.overlaps(many) and few.rel_accuracy_bits() > 48 and many.rel_accuracy_bits() > 48
    with pytest.raises(Unsupported, match="nodes"):
        mean(gelu, gelu, b, b, sp.Rational(499, 500), 20)
