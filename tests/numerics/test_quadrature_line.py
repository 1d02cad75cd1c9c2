"""One-dimensional certified integrals against exact values and against an independent high-precision quadrature."""

from __future__ import annotations

import random

import mpmath
import pytest
import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import enclose, precision
from lemmata.numerics.laws import Source, Unsupported
from lemmata.numerics.quadrature.growth import growth
from lemmata.numerics.quadrature.line import integrate_line
from lemmata.numerics.quadrature.mean import Integrator
from lemmata.numerics.quadrature.pieces import boundaries, branches, real_roots, resolve

s = sp.Symbol("s", real=True)
R = sp.Rational
DIGITS = 15


def agrees(value: arb, exact: sp.Expr) -> bool:
    """The ball holds the exact value, whose own enclosure is 10 digits sharper."""
    return bool(value.overlaps(enclose(exact, {}, digits=DIGITS + 10)))


def sharp(value: arb) -> bool:
    """The ball is as small as was asked."""
    return bool(value.rad() <= abs(value.mid()) * arb(10) ** -DIGITS)


KNOWN = {
    "relu squared": (sp.Max(0, s) ** 2, R(1, 2)),
    "relu": (sp.Max(0, s), 1 / sp.sqrt(2 * sp.pi)),
    "shifted relu": (sp.Max(0, s - sp.sqrt(2)), sp.exp(-1) / sp.sqrt(2 * sp.pi) - sp.sqrt(2) * sp.erfc(1) / 2),
    "absolute value": (sp.Abs(s) ** 3, 2 * sp.sqrt(2 / sp.pi)),
    "half line": (sp.Heaviside(s - 1), sp.erfc(1 / sp.sqrt(2)) / 2),
    "far half line": (sp.Heaviside(s - 30), sp.erfc(30 / sp.sqrt(2)) / 2),
    "sign": (sp.sign(s) * s, sp.sqrt(2 / sp.pi)),
    "moment generating function": (sp.exp(5 * s), sp.exp(R(25, 2))),
    "characteristic function": (sp.cos(3 * s), sp.exp(-R(9, 2))),
    "quadratic exponent": (sp.exp(s**2 / 4), sp.sqrt(2)),
    "falling exponent": (sp.exp(-(s**2)), 1 / sp.sqrt(3)),
    "gelu": (s * (1 + sp.erf(s / sp.sqrt(2))) / 2, 1 / (2 * sp.sqrt(sp.pi))),
    "erf squared": (sp.erf(s) ** 2, 2 / sp.pi * sp.asin(R(2, 3))),
    "piecewise": (sp.Piecewise((s, s > 0), (s / 10, True)) ** 2, R(101, 200)),
    "clipped": (sp.Piecewise((1, s > 1), (0, s < -1), (R(1, 2), True)), R(1, 2)),
    "quadratic kink": (sp.Max(0, s**2 - 1), 2 * sp.exp(-R(1, 2)) / sp.sqrt(2 * sp.pi)),
    "nested kinks": (
        sp.Abs(sp.Abs(s) - 1),
        2 * (sp.erf(1 / sp.sqrt(2)) - R(1, 2) + (2 * sp.exp(-R(1, 2)) - 1) / sp.sqrt(2 * sp.pi)),
    ),
    "largest of three": (sp.Max(0, s, 2 * s), 2 / sp.sqrt(2 * sp.pi)),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_mean_lies_in_a_ball_of_fifteen_digits(name: str) -> None:
    expr, exact = KNOWN[name]
    value = integrate_line(expr, s, DIGITS)
    assert agrees(value, sp.sympify(exact)), value
    assert sharp(value), value


@pytest.mark.parametrize("q", [R(1, 10**12), R(1, 7), sp.Integer(1), sp.Integer(10**12)])
def test_no_variance_is_too_small_or_too_large(q: sp.Expr) -> None:
    value = integrate_line(sp.Max(0, sp.sqrt(q) * s) ** 2, s, DIGITS)
    assert agrees(value, q / 2) and sharp(value)
    steep = integrate_line(sp.erf(sp.sqrt(q) * s) ** 2, s, DIGITS)
    assert agrees(steep, 2 / sp.pi * sp.asin(2 * q / (1 + 2 * q))) and sharp(steep)


@pytest.mark.parametrize("expr", [sp.tanh(s) ** 2, sp.log(1 + sp.exp(s)), s / (1 + sp.exp(-s)), sp.atan(s) ** 2, sp.sqrt(1 + s**2)])
def test_functions_without_a_closed_form_against_fifty_digit_quadrature(expr: sp.Expr) -> None:
    value = integrate_line(expr, s, DIGITS)
    with mpmath.workdps(50):
        function = sp.lambdify(s, expr * sp.exp(-(s**2) / 2) / sp.sqrt(2 * sp.pi), "mpmath")
        truth, error = mpmath.quad(function, mpmath.linspace(-16, 16, 33), error=True)
        text, slack = mpmath.nstr(truth, 40), mpmath.nstr(error + mpmath.exp(-120), 5)
    with precision(200):
        assert value.overlaps(arb(text, slack)) and sharp(value)


def test_hundreds_of_random_integrals_hold_their_exact_values() -> None:
    """E p(s) exp(b s) = exp(b^2/2) E p(s + b), with p's moments exact; and E |s - a|^n from the half-line moments."""
    rng = random.Random(20)
    z = sp.Symbol("z", real=True)
    for _ in range(200):
        coefficients = [R(rng.randint(-9, 9), rng.randint(1, 9)) for _ in range(rng.randint(1, 5))]
        b = R(rng.randint(-12, 12), rng.randint(2, 6))
        poly = sp.Add(*(c * s**k for k, c in enumerate(coefficients)))
        shifted = sp.Poly(poly.xreplace({s: z + b}), z)
        exact = sp.exp(b**2 / 2) * sum(c * (sp.factorial2(k - 1) if k % 2 == 0 else 0) for (k,), c in shifted.terms())
        assert agrees(integrate_line(poly * sp.exp(b * s), s, DIGITS), sp.sympify(exact)), (poly, b)
    for _ in range(100):
        a, n = R(rng.randint(-30, 30), 10), rng.choice([1, 3, 5])
        moments = [sp.erfc(a / sp.sqrt(2)) / 2, sp.exp(-(a**2) / 2) / sp.sqrt(2 * sp.pi)]
        for k in range(2, n + 1):
            moments.append((k - 1) * moments[k - 2] + a ** (k - 1) * moments[1])
        above = sum(sp.binomial(n, k) * (-a) ** (n - k) * moments[k] for k in range(n + 1))
        whole = sum(sp.binomial(n, k) * (-a) ** (n - k) * (sp.factorial2(k - 1) if k % 2 == 0 else 0) for k in range(n + 1))
        assert agrees(integrate_line(sp.Abs(s - a) ** n, s, DIGITS), 2 * above - whole), (a, n)


def test_zero_is_a_small_ball_around_zero() -> None:
    value = integrate_line(sp.tanh(s), s, DIGITS)
    assert value.contains(0) and value.rad() <= arb(10) ** -DIGITS


def test_fifty_digits() -> None:
    value = integrate_line(sp.Max(0, s - 1), s, 50)
    exact = enclose(sp.exp(-R(1, 2)) / sp.sqrt(2 * sp.pi) - sp.erfc(1 / sp.sqrt(2)) / 2, {}, digits=60)
    assert value.overlaps(exact) and value.rad() <= abs(value.mid()) * arb(10) ** -50


@pytest.mark.parametrize("expr", [sp.exp(s**4), 1 / s, sp.gamma(s), sp.exp(s**2)])
def test_what_has_no_proved_bound_is_refused(expr: sp.Expr) -> None:
    with pytest.raises(Unsupported):
        integrate_line(expr, s, DIGITS)


@pytest.mark.parametrize(
    ("family", "expr", "exact"),
    [
        ("Uniform", s**2, R(1, 3)),
        ("Uniform", sp.Max(0, s - R(1, 2)), R(1, 8)),
        ("Uniform", sp.exp(s), sp.E - 1),
        ("Exponential", sp.exp(s / 2), sp.Integer(2)),
        ("Exponential", sp.Max(0, s - 3), sp.exp(-3)),
        ("Exponential", sp.sin(s), R(1, 2)),
        ("Laplace", sp.Abs(s) * sp.exp(s / 2), R(20, 9)),
        ("Logistic", s**2, sp.pi**2 / 3),
    ],
)
def test_other_laws(family: str, expr: sp.Expr, exact: sp.Expr) -> None:
    variable = sp.Dummy("v", real=True)
    integrator = Integrator(DIGITS)
    value = integrator._mean(expr.xreplace({s: variable}), {variable: Source(variable, family)})
    assert agrees(value, exact) and sharp(value)


def test_the_growth_bound_holds_where_it_is_sampled() -> None:
    """On the strips, at random complex points, |f| is at most what was proved."""
    rng = random.Random(7)
    x, y = sp.symbols("x y", real=True)
    functions = [
        sp.tanh(x) * sp.tanh(x / 2 + y),
        sp.log(1 + sp.exp(x - y)),
        sp.erf(x / 3) * y**2,
        sp.exp(x / 2 - x**2 + x * y / 8),
        sp.cosh(x) / sp.cosh(y),
        sp.sin(x + 2 * y) / (1 + sp.exp(-x)),
        sp.atan(x / 4 + y / 4),
    ]
    for expr in functions:
        widths = {x: 0.5, y: 0.25}
        bound = growth(expr, widths)
        assert bound is not None, expr
        function = sp.lambdify((x, y), expr, "mpmath")
        for _ in range(200):
            at = [rng.gauss(0, 4), rng.gauss(0, 4)]
            z = [mpmath.mpc(at[0], rng.uniform(-0.5, 0.5)), mpmath.mpc(at[1], rng.uniform(-0.25, 0.25))]
            assert abs(function(*z)) <= float(bound.at(arb(abs(at[0]) + abs(at[1]))).upper()), (expr, z)


def test_kinks_inside_kinks_are_all_found() -> None:
    expr = sp.Max(0, sp.Max(0, s) - 1) + sp.Abs(sp.Min(s, 2))
    places = sorted(float(root.mid()) for boundary in boundaries(expr) for root in real_roots(boundary, s) or [])
    assert set(places) == {0.0, 1.0, 2.0}
    assert resolve(expr, {s: arb(3)}) == s + 1
    assert branches(sp.Abs(s)) == [s, -s]
