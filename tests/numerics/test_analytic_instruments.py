"""Derivatives, integrals, series, limits and iterates of closed expressions against values known in closed form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import mpmath
import pytest
import sympy as sp
from flint import arb
from sympy.stats import Expectation, Normal

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose, precision, to_arb
from lemmata.numerics.instruments.derivative import INSTRUMENT as DERIVATIVE
from lemmata.numerics.instruments.difference_quotient import INSTRUMENT as DIFFERENCES
from lemmata.numerics.instruments.integral import INSTRUMENT as INTEGRAL
from lemmata.numerics.instruments.iterate import INSTRUMENT as ITERATE
from lemmata.numerics.instruments.limit import INSTRUMENT as LIMIT
from lemmata.numerics.instruments.series import INSTRUMENT as SERIES
from lemmata.numerics.measurement import Approx, Ball, Measurement, Refusal
from lemmata.numerics.streams import Stream
from lemmata.theory.recursion import iterate
from lemmata.theory.trajectory import descent

x, y, z, c, a = sp.symbols("x y z c a", real=True)
q = sp.Symbol("q", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
R, oo = sp.Rational, sp.oo
ARC = sp.Lambda(y, (sp.sqrt(1 - y**2) + y * (sp.pi - sp.acos(y))) / sp.pi)


def measure(instrument: Any, quantity: Any, at: dict | None = None, **budget: Any) -> Measurement:
    assert instrument.supports(quantity) is None
    return instrument.measure(quantity, at or {}, replace(Budget(), **budget), Stream(0))


def is_right(measurement: Measurement, truth: Any, at: dict | None = None) -> bool:
    """Whether a ball overlaps, or an approximation lies within its own error of, the truth at sixty digits."""
    exact = enclose(sp.sympify(truth), at or {}, digits=60)
    if isinstance(measurement, Ball):
        return bool(measurement.value.overlaps(exact))
    assert isinstance(measurement, Approx), measurement
    with precision(260), mpmath.workdps(70):
        value = arb(mpmath.nstr(mpmath.mpf(measurement.value), 60), mpmath.nstr(mpmath.mpf(measurement.error), 10))
        return value.overlaps(exact)


def accuracy(measurement: Measurement) -> int:
    """Bits of relative accuracy that a measurement claims."""
    if isinstance(measurement, Ball):
        return int(measurement.value.rel_accuracy_bits())
    assert isinstance(measurement, Approx), measurement
    return int(mpmath.floor(mpmath.log(abs(mpmath.mpf(measurement.value)) / measurement.error, 2))) if measurement.error else 10**6


BALL_INTEGRALS = [
    (sp.Integral(a * sp.sin(x), (x, 0, sp.pi)), {a: R(1, 3)}, 2 * a),
    (sp.Integral(sp.exp(-(x**2) / (2 * q)) / sp.sqrt(2 * sp.pi * q), (x, -oo, oo)), {q: R(1, 10**12)}, 1),
    (sp.Integral(sp.exp(-(x**2) / (2 * q)) / sp.sqrt(2 * sp.pi * q), (x, -oo, oo)), {q: sp.Integer(10) ** 12}, 1),
    (sp.Integral(sp.Max(0, x) ** 2 * sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi), (x, -oo, oo)), {}, R(1, 2)),
    (sp.Integral(sp.Heaviside(x - 1) * x * sp.exp(-(x**2) / 2), (x, -oo, oo)), {}, sp.exp(R(-1, 2))),
    (sp.Integral(sp.erf(x) ** 2 * sp.exp(-(x**2)) / sp.sqrt(sp.pi), (x, -oo, oo)), {}, R(1, 3)),
    (sp.Integral(sp.sqrt(1 - x**2), (x, -1, 1)), {}, sp.pi / 2),
    (sp.Integral(sp.Abs(sp.cos(x)), (x, 0, 3 * sp.pi)), {}, 6),
    (sp.Integral(1 / (1 + x**2), (x, -oo, oo)), {}, sp.pi),
    (sp.Integral(1 / x**2, (x, 2, oo)), {}, R(1, 2)),
    (sp.Integral(x**3 * sp.exp(-x), (x, 0, oo)), {}, 6),
    (sp.Integral(x * sp.exp(2 * x), (x, -oo, 0)), {}, R(-1, 4)),
    (sp.Integral(sp.Piecewise((x, x > 0), (x**2, True)), (x, -1, a)), {a: 2}, R(7, 3)),
    (sp.Integral(sp.exp(x), (x, 1, 0)), {}, 1 - sp.E),
    (sp.Integral(x**2, (x, 0, x)), {x: 3}, 9),
    (sp.Integral(sp.log(1 + x), (x, 0, 1)), {}, 2 * sp.log(2) - 1),
    (sp.Integral(sp.acos(x), (x, -1, 1)), {}, sp.pi),
    (sp.Integral(sp.exp(-sp.Abs(x - y)), (x, -oo, oo)), {y: R(5, 2)}, 2),
    (sp.Integral(sp.exp(-sp.Max(x - 1, 1 - 2 * x)), (x, -oo, oo)), {}, R(3, 2) * sp.exp(R(1, 3))),
]


@pytest.mark.parametrize(("quantity", "at", "truth"), BALL_INTEGRALS, ids=lambda v: str(v)[:60])
def test_integrals_in_balls(quantity: Any, at: dict, truth: Any) -> None:
    found = measure(INTEGRAL, quantity, at)
    assert isinstance(found, Ball) and is_right(found, truth, at) and accuracy(found) >= 45


def test_integrals_to_fifty_digits() -> None:
    found = measure(INTEGRAL, sp.Integral(sp.exp(-(x**2)), (x, -oo, oo)), digits=50)
    assert isinstance(found, Ball) and is_right(found, sp.sqrt(sp.pi)) and accuracy(found) > 160


APPROXIMATE_INTEGRALS = [
    (sp.Integral(1 / sp.sqrt(x), (x, 0, 1)), 2),
    (sp.Integral(sp.log(x), (x, 0, 1)), -1),
    (sp.Integral(x ** R(-3, 2), (x, 1, oo)), 2),
    (sp.Integral(sp.exp(-(x**2) - y**2), (x, -oo, oo), (y, -oo, oo)), sp.pi),
    (sp.Integral(x * y, (x, 0, y), (y, 0, 1)), R(1, 8)),
    (sp.Integral(sp.Abs(x - R(1, 3)) ** R(-1, 2), (x, 0, 1)), 2 * (sp.sqrt(R(1, 3)) + sp.sqrt(R(2, 3)))),
    (sp.Integral(sp.Max(0, x) * sp.Max(0, y) * sp.exp(-(x**2) / 2 - y**2 / 2), (x, -oo, oo), (y, -oo, oo)), 1),
    (sp.Integral(x + y * z, (x, 0, 1), (y, 0, 2), (z, 0, 3)), 12),
]


@pytest.mark.parametrize(("quantity", "truth"), APPROXIMATE_INTEGRALS, ids=lambda v: str(v)[:60])
def test_integrals_by_quadrature(quantity: Any, truth: Any) -> None:
    found = measure(INTEGRAL, quantity)
    assert isinstance(found, Approx) and is_right(found, truth) and accuracy(found) > 30


@pytest.mark.parametrize(
    "quantity",
    [
        sp.Integral(1 / x, (x, 1, oo)),
        sp.Integral(1 / x, (x, 0, 1)),
        sp.Integral(1 / x, (x, -1, 1)),
        sp.Integral(x, (x, 0, oo)),
        sp.Integral(1 / sp.sqrt(x), (x, 1, oo)),
        sp.Integral(sp.exp(x), (x, 0, oo)),
        sp.Integral(x ** R(-3, 2), (x, 0, 1)),
    ],
    ids=str,
)
def test_divergent_integrals_are_refused(quantity: Any) -> None:
    found = measure(INTEGRAL, quantity)
    assert isinstance(found, Refusal) and found.divergent, found


def test_a_function_without_continuation_inside_the_range_does_not_crash_the_integrator() -> None:
    """The integrator is C code: an exception raised in its callback is kept, and the other road is taken."""
    half = sp.Integral(sp.Piecewise((1, x < 2), (sp.zeta(x, 1), True)), (x, 0, 3))
    assert isinstance(measure(INTEGRAL, half), Approx | Refusal)
    unknown = measure(INTEGRAL, sp.Integral(sp.Piecewise((1, x < 2), (sp.Function("mystery")(x), True)), (x, 0, 3)))
    assert isinstance(unknown, Refusal) and "mystery" in unknown.reason


def test_integrals_that_do_not_settle_are_refused() -> None:
    assert isinstance(measure(INTEGRAL, sp.Integral(sp.sin(x) / x, (x, 1, oo))), Refusal)
    assert isinstance(measure(INTEGRAL, sp.Integral(a * x, (x, 0, 1))), Refusal)
    for not_real in (sp.Integral(sp.sqrt(x), (x, -1, 1)), sp.Integral(sp.sqrt(x - y), (x, 0, 1), (y, 0, 1))):
        assert isinstance(measure(INTEGRAL, not_real), Refusal)
    s = Normal("s", 0, 1)
    assert INTEGRAL.supports(sp.Integral(Expectation(s * x), (x, 0, 1))) is not None


BALL_SERIES = [
    (sp.Sum(1 / n**2, (n, 1, oo)), {}, sp.pi**2 / 6),
    (sp.Sum(1 / n**2, (n, -oo, -1)), {}, sp.pi**2 / 6),
    (sp.Sum(a**n, (n, 0, oo)), {a: R(-1, 3)}, R(3, 4)),
    (sp.Sum(a**n, (n, 0, oo)), {a: sp.sqrt(2) / 2}, 2 + sp.sqrt(2)),
    (sp.Sum(n**2 * a**n, (n, 0, oo)), {a: R(9, 10)}, 1710),
    (sp.Sum(a**n / sp.factorial(n), (n, 0, oo)), {a: -10}, sp.exp(-10)),
    (sp.Sum(sp.binomial(2 * n, n) * a**n, (n, 0, oo)), {a: R(1, 5)}, sp.sqrt(5)),
    (sp.Sum(sp.sin(n) / 2**n, (n, 0, oo)), {}, 2 * sp.sin(1) / (5 - 4 * sp.cos(1))),
    (sp.Sum(sp.exp(-n), (n, -oo, 0)), {}, None),
    (sp.Sum(n, (n, 1, k)), {k: 10}, 55),
    (sp.Sum(sp.Sum(x, (n, 1, k)), (k, 1, 4)), {x: R(1, 2)}, 5),
    (sp.Product(1 + 1 / n, (n, 1, 9)), {}, 10),
]


@pytest.mark.parametrize(("quantity", "at", "truth"), [row for row in BALL_SERIES if row[2] is not None], ids=lambda v: str(v)[:60])
def test_series_in_balls(quantity: Any, at: dict, truth: Any) -> None:
    found = measure(SERIES, quantity, at)
    assert isinstance(found, Ball) and is_right(found, truth, at) and accuracy(found) >= 45


def test_a_theta_series_satisfies_its_functional_equation() -> None:
    """sum exp(-pi n^2 t) over all n is t^(-1/2) times the same sum at 1/t."""
    theta = sp.Sum(sp.exp(-sp.pi * n**2 * q), (n, -oo, oo))
    left, right = (measure(SERIES, theta, {q: value}) for value in (R(1, 3), sp.Integer(3)))
    assert isinstance(left, Ball) and isinstance(right, Ball)
    assert left.value.overlaps(to_arb(3).sqrt() * right.value) and accuracy(left) > 45


APPROXIMATE_SERIES = [
    (sp.Sum((-1) ** n / n, (n, 1, oo)), -sp.log(2)),
    (sp.Sum(n ** R(-3, 2), (n, 1, oo)), sp.zeta(R(3, 2))),
    (sp.Sum((n + 1) ** R(-5, 2), (n, 0, oo)), sp.zeta(R(5, 2))),
    (sp.Product(1 + 1 / n**2, (n, 1, oo)), sp.sinh(sp.pi) / sp.pi),
]


@pytest.mark.parametrize(("quantity", "truth"), APPROXIMATE_SERIES, ids=lambda v: str(v)[:60])
def test_series_by_acceleration(quantity: Any, truth: Any) -> None:
    found = measure(SERIES, quantity)
    assert isinstance(found, Approx) and is_right(found, truth) and accuracy(found) > 30


@pytest.mark.parametrize(
    "quantity",
    [
        sp.Sum(1 / n, (n, 1, oo)),
        sp.Sum(2**n, (n, 0, oo)),
        sp.Sum((-1) ** n, (n, 1, oo)),
        sp.Sum((-1) ** n * sp.log(n + 1), (n, 1, oo)),
        sp.Sum(sp.factorial(n) * R(1, 100) ** n, (n, 0, oo)),
        sp.Sum(1 / (n * sp.log(n)), (n, 2, oo)),
        sp.Sum(1 / sp.sqrt(n), (n, 1, oo)),
        sp.Product(1 + 1 / n, (n, 1, oo)),
    ],
    ids=str,
)
def test_divergent_series_are_refused(quantity: Any) -> None:
    found = measure(SERIES, quantity)
    assert isinstance(found, Refusal) and found.divergent, found


@pytest.mark.parametrize("term", [1 / (n * sp.log(n + 1) ** 2), sp.sin(n) / n], ids=str)
def test_series_that_no_acceleration_can_be_trusted_with_are_refused(term: Any) -> None:
    """For sin(n)/n two library methods return the same wrong number when each gives up."""
    assert isinstance(measure(SERIES, sp.Sum(term, (n, 1, oo))), Refusal)


LIMITS = [
    (sp.Limit((1 + 1 / x) ** x, x, oo), {}, sp.E, 60),
    (sp.Limit(sp.sin(x) / x, x, 0, "+-"), {}, 1, 60),
    (sp.Limit((sp.sqrt(1 + x) - 1) / x, x, 0, "-"), {}, R(1, 2), 60),
    (sp.Limit(sp.tanh(x), x, oo), {}, 1, 60),
    (sp.Limit(sp.tanh(x), x, -oo), {}, -1, 60),
    (sp.Limit(sp.sqrt(x**2 + x) - x, x, oo), {}, R(1, 2), 60),
    (sp.Limit(1 + 1 / sp.sqrt(x) + 1 / x, x, oo), {}, 1, 60),
    (sp.Limit(n * sp.sin(a / n), n, oo), {a: R(2, 3)}, R(2, 3), 60),
    (sp.Limit((x**3 - a**3) / (x - a), x, a, "+-"), {a: 2}, 12, 60),
    (sp.Limit(sp.Sum(1 / k**2, (k, 1, n)), n, oo), {}, sp.pi**2 / 6, 40),
    (sp.Limit(sp.Integral(sp.exp(-(y**2) / 2) * sp.tanh(y * x) ** 2, (y, -oo, oo)) / x**2, x, 0), {}, sp.sqrt(2 * sp.pi), 20),
    (sp.Limit(k**2 * (1 - iterate(ARC, c, k)), k, oo), {c: R(1, 3)}, 9 * sp.pi**2 / 2, 3),
]


@pytest.mark.parametrize(("quantity", "at", "truth", "bits"), LIMITS, ids=lambda v: str(v)[:60])
def test_limits(quantity: Any, at: dict, truth: Any, bits: int) -> None:
    found = measure(LIMIT, quantity, at)
    assert isinstance(found, Approx) and is_right(found, truth, at) and accuracy(found) >= bits


@pytest.mark.parametrize(
    "expr", [sp.log(x) / x, 1 / sp.log(x), x ** R(-1, 10), x**100 * sp.exp(-x), sp.cos(x) / x, 10**40 / (x + 10**40)], ids=str
)
def test_limits_that_are_zero_are_within_the_error(expr: Any) -> None:
    assert is_right(measure(LIMIT, sp.Limit(expr, x, oo)), 0)


@pytest.mark.parametrize(
    ("expr", "variable", "divergent"),
    [
        (sp.sin(x), x, False),
        (sp.sin(sp.pi * x), x, False),
        ((-1) ** n, n, False),
        (sp.cos(2 * sp.pi * n / 3), n, False),
        (sp.cos(2 * sp.pi * sp.log(n) / sp.log(2)), n, False),
        (sp.log(sp.log(x)), x, False),
        (sp.log(x), x, True),
        (x**2, x, True),
        (n * (-1) ** n, n, True),
    ],
    ids=str,
)
def test_what_has_no_limit_is_refused(expr: Any, variable: Any, divergent: bool) -> None:
    found = measure(LIMIT, sp.Limit(expr, variable, oo))
    assert isinstance(found, Refusal) and (found.divergent or not divergent), found


def test_two_sides_that_differ() -> None:
    found = measure(LIMIT, sp.Limit(sp.Abs(x) / x, x, 0, "+-"))
    assert isinstance(found, Refusal) and found.divergent and "sides differ" in found.reason
    assert is_right(measure(LIMIT, sp.Limit(sp.Abs(x) / x, x, 0, "-")), -1)


def test_limits_say_what_could_not_be_measured() -> None:
    found = measure(LIMIT, sp.Limit(sp.Integral(sp.Function("mystery")(x * y), (y, 0, 1)), x, 0))
    assert isinstance(found, Refusal) and "mystery" in found.reason


def test_derivatives() -> None:
    found = measure(DERIVATIVE, sp.Derivative(x**3 * sp.exp(a * x), x, 2), {x: 2, a: R(1, 3)})
    assert isinstance(found, Ball) and is_right(found, (6 * x + 6 * a * x**2 + a**2 * x**3) * sp.exp(a * x), {x: 2, a: R(1, 3)})
    assert is_right(measure(DERIVATIVE, sp.Derivative(sp.Max(0, x) ** 2, x), {x: 3}), 6)
    mixed = measure(DERIVATIVE, sp.Derivative(sp.sin(x * y), x, y), {x: 1, y: 2})
    assert is_right(mixed, sp.cos(2) - 2 * sp.sin(2))


@pytest.mark.parametrize("expr", [sp.Max(0, x), sp.Abs(x), sp.Piecewise((x, x > 0), (2 * x, True))], ids=str)
def test_derivatives_at_kinks_are_refused(expr: Any) -> None:
    found = measure(DERIVATIVE, sp.Derivative(expr, x), {x: 0})
    assert isinstance(found, Refusal) and "no derivative" in found.reason
    assert isinstance(measure(DERIVATIVE, sp.Derivative(expr, x), {x: R(1, 10**9)}), Ball)


def test_iterates() -> None:
    assert is_right(measure(ITERATE, iterate(sp.Lambda(x, x**2), c, k), {c: R(1, 2), k: 5}), R(1, 2**32))
    assert is_right(measure(ITERATE, iterate(sp.Lambda(x, a * x), c, k), {a: R(1, 3), c: 7, k: 200}), 7 * R(1, 3) ** 200)
    assert is_right(measure(ITERATE, iterate(ARC, c, 0), {c: R(1, 3)}), R(1, 3))
    angle = sp.acos(R(1, 3)) * 2**300
    chaotic = measure(ITERATE, iterate(sp.Lambda(x, 2 * x**2 - 1), c, k), {c: R(1, 3), k: 300})
    assert is_right(chaotic, sp.cos(angle)) and accuracy(chaotic) > 45


def test_iterates_at_the_fixed_point_and_beyond_the_budget() -> None:
    assert is_right(measure(ITERATE, iterate(ARC, c, 1000), {c: 1}), 1)
    found = measure(ITERATE, iterate(ARC, c, k), {c: R(1, 3), k: 10}, steps=5)
    assert isinstance(found, Refusal) and "budget" in found.reason
    assert isinstance(measure(ITERATE, iterate(sp.Lambda(x, sp.log(x)), c, 5), {c: 2}), Refusal)


def test_the_bound_variable_of_an_iterate() -> None:
    node = iterate(sp.Lambda(x, a * x + 1), x, k)
    assert node.free_symbols == {a, x, k}
    assert is_right(measure(ITERATE, node.xreplace({x: sp.Integer(3)}), {a: 2, k: 3}), 31)
    assert is_right(measure(ITERATE, node, {x: 3, a: 2, k: 3}), 31)
    assert r"^{\circ k}" in sp.latex(node)
    for wrong in (sp.Lambda((x, y), x + y), x**2):
        with pytest.raises(ValueError, match="Lambda of one variable"):
            iterate(wrong, c, k)
    with pytest.raises(ValueError, match="non-negative"):
        iterate(ARC, c, -1)


def test_derivatives_of_means_are_measured_on_both_sides() -> None:
    mu = sp.Symbol("mu", real=True)
    s, r, z = Normal("s", 0, 1), Normal("r", 0, 1), Normal("z", mu, 1)
    kernel = Expectation(sp.Max(0, s) * sp.Max(0, c * s + sp.sqrt(1 - c**2) * r))
    known = [
        (sp.Derivative(Expectation(sp.exp(sp.sqrt(q) * s)), q), {q: sp.Integer(1)}, sp.exp(sp.Rational(1, 2)) / 2),
        (sp.Derivative(kernel, c), {c: sp.Rational(999, 1000)}, (sp.pi - sp.acos(sp.Rational(999, 1000))) / (2 * sp.pi)),
        (sp.Derivative(Expectation(sp.Max(0, z)), mu), {mu: sp.Integer(0)}, sp.Rational(1, 2)),
        (sp.Derivative(sp.Integral(sp.exp(-q * c), (c, 0, sp.oo)), q), {q: sp.Integer(2)}, -sp.Rational(1, 4)),
    ]
    for node, at, truth in known:
        found = measure(DIFFERENCES, node, at)
        assert is_right(found, truth), (node, found)
        assert accuracy(found) > 30, (node, found)


def test_a_corner_of_a_mean_has_no_derivative() -> None:
    mu, s = sp.Symbol("mu", real=True), Normal("s", 0, 1)
    found = measure(DIFFERENCES, sp.Derivative(sp.Abs(mu) * Expectation(s**2), mu), {mu: sp.Integer(0)})
    assert isinstance(found, Refusal) and found.divergent
    end = sp.Derivative(Expectation(sp.sqrt(mu) * s**2), mu)
    assert isinstance(measure(DIFFERENCES, end, {mu: sp.Integer(0)}), Refusal)
    assert DIFFERENCES.supports(sp.Derivative(mu**2, mu)) is not None


def test_neighbours_with_two_limits_have_none_and_slow_ones_are_not_said_to() -> None:
    """At a step of 2/M descent on a parabola turns from u to -u for ever; (-1)^n/n has a limit all the same."""
    n, w = sp.Symbol("n", integer=True, positive=True), sp.Symbol("w", real=True)
    for body in (descent(w**2 / 2, {w: 3}, 2)[n, w], (-1) ** n * (1 + 1 / n)):
        found = measure(LIMIT, sp.Limit(body, n, sp.oo))
        assert isinstance(found, Refusal) and found.divergent
    assert is_right(measure(LIMIT, sp.Limit((-1) ** n / n, n, sp.oo)), 0)
