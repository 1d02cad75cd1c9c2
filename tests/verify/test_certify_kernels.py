"""Certificates over ranges of correlations: true kernels are certified, what is off by little never below its gap."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flint import arb
from sympy import (
    Abs,
    Eq,
    Ge,
    Heaviside,
    Integer,
    Le,
    Max,
    Piecewise,
    Rational,
    Symbol,
    acos,
    asin,
    atan,
    cos,
    erf,
    exp,
    log,
    pi,
    sign,
    sin,
    sqrt,
    symbols,
    tanh,
)
from sympy.stats import Covariance, Expectation, Normal, Probability, Uniform, Variance

from lemmata.numerics.budget import BUDGETS, Budget, BudgetName
from lemmata.theory.activations import normal_cdf, step
from lemmata.theory.gaussian import gaussian_pair
from lemmata.verify import Claim
from lemmata.verify.certify.kernel_regions import Region, tanh_of
from lemmata.verify.certify.kernels import kernel_certificate
from lemmata.verify.evidence import Evidence, Outcome

c = Symbol("c", real=True)
t = Symbol("t", real=True)
q1, q2 = symbols("q_1 q_2", positive=True)
u, v = gaussian_pair(1, 1, c)
U, V = gaussian_pair(q1, q2, c)

Z = Normal("Z", [0, 0], [[1, c], [c, 1]])
W = Normal("W", [0, 0], [[q1, c * sqrt(q1 * q2)], [c * sqrt(q1 * q2), q2]])

UNIT = (Ge(c, -1), Le(c, 1))
RELU = (sqrt(1 - c**2) + c * (pi - acos(c))) / (2 * pi)


def relu(x: Any) -> Any:
    return Max(0, x)


def leaky(x: Any) -> Any:
    return Max(x / 10, x)


def judged(statement: Any, given: Any = UNIT, budget: Budget | None = None) -> Evidence | None:
    return kernel_certificate(Claim("kernel", statement, given=given), budget or Budget())


TRUE = {
    "relu with any variances": Eq(Expectation(relu(U) * relu(V)), sqrt(q1 * q2) * RELU),
    "relu, sides exchanged": Eq(RELU, Expectation(relu(v) * relu(u))),
    "relu at the opposite correlation": Eq(Expectation(relu(u) * relu(-v)), RELU.xreplace({c: -c})),
    "relu by its symmetry": Eq(Expectation(relu(u) * relu(v)) - Expectation(relu(u) * relu(-v)), c / 2),
    "a normal vector": Eq(Expectation(relu(Z[0]) * relu(Z[1])), RELU),
    "a normal vector with any variances": Eq(Expectation(relu(W[0]) * relu(W[1])), sqrt(q1 * q2) * RELU),
    "independent weights": Eq(Expectation(Normal("a", 0, 2) ** 2 * relu(u) * relu(v) * step(Normal("b", 1, 1))), 4 * RELU * normal_cdf(1)),
    "leaky relu": Eq(Expectation(leaky(u) * leaky(v)), Rational(81, 100) * RELU + Rational(1, 10) * c),
    "absolute values": Eq(Expectation(Abs(u) * Abs(v)), 2 / pi * (sqrt(1 - c**2) + c * asin(c))),
    "Sheppard": Eq(Probability((u > 0) & (v > 0)), Rational(1, 4) + asin(c) / (2 * pi)),
    "signs": Eq(Expectation(sign(U) * sign(V)), 2 / pi * asin(c)),
    "steps with any variances": Eq(2 * pi * Expectation(Heaviside(U) * Heaviside(V)), pi - acos(c)),
    "covariance of absolute values": Eq(Covariance(Abs(u), Abs(v)), 2 / pi * (sqrt(1 - c**2) + c * asin(c) - 1)),
    "correlation of squares": Eq(Covariance(u**2, v**2) / Variance(u**2), c**2),
    "a cubic": Eq(Expectation(u**3 * v), 3 * c),
    "one normal and one kink": Eq(Expectation(U * relu(V)), c * sqrt(q1) * sqrt(q2) / 2),
    "exponentials": Eq(Expectation(exp(u / 2) * exp(v / 2)), exp((1 + c) / 4)),
    "cosines": Eq(Expectation(cos(u) * cos(v)), exp(-1) * (exp(c) + exp(-c)) / 2),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_kernel_is_certified_far_below_the_resolution(name: str) -> None:
    found = judged(TRUE[name])
    assert found is not None and found.outcome is Outcome.CERTIFIES, name
    assert found.resolution is not None and found.resolution <= Rational(1, 10**5)


SMOOTH = {
    "erf": Eq(Expectation(erf(u) * erf(v)), 2 / pi * asin(2 * c / 3)),
    "Stein for tanh": Eq(Expectation(u * tanh(v)), c * Expectation(1 - tanh(v) ** 2)),
    "tanh at opposite correlations": Eq(Expectation(tanh(u) * tanh(-v)), -Expectation(tanh(v) * tanh(u))),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_activations_at_a_small_budget_give_a_coarse_certificate(name: str) -> None:
    found = judged(SMOOTH[name], budget=Budget(boxes=1200))
    assert found is not None and found.outcome is Outcome.CERTIFIES, name
    assert found.resolution is not None and found.resolution <= Budget().resolution


def test_the_relu_kernel_is_certified_to_ten_places() -> None:
    found = judged(Eq(Expectation(relu(U) * relu(V)), sqrt(q1 * q2) * RELU))
    assert found is not None and found.resolution is not None and found.resolution <= Rational(1, 10**10)
    assert "for all -1 <= c <= 1" in found.because and "proportional" in found.because


@pytest.mark.parametrize(
    "ends",
    [(0, 1), (-1, 0), (Rational(-1, 2), Rational(1, 3)), (sqrt(2) / 2, 1), (1 - Rational(1, 10**25), 1), (Rational(1, 2), Rational(3, 5))],
)
def test_parts_of_the_range(ends: Any) -> None:
    found = judged(TRUE["relu, sides exchanged"], (Ge(c, ends[0]), Le(c, ends[1])))
    assert found is not None and found.outcome is Outcome.CERTIFIES


def test_a_domain_inside_the_disc_needs_no_end() -> None:
    given = (Ge(c, 0), Le(c, Rational(1, 2)))
    found = judged(Eq(Expectation(relu(u) * relu(v)) / sqrt(1 - c**2), RELU / sqrt(1 - c**2)), given)
    assert found is not None and found.outcome is Outcome.CERTIFIES


WRONG = {
    "a term missing": (Eq(Expectation(relu(u) * relu(v)), (sqrt(1 - c**2) + c * acos(c)) / (2 * pi)), 1e-2),
    "off by a constant": (Eq(Expectation(relu(u) * relu(v)), RELU + Rational(1, 10**8)), 1e-8),
    "off by a factor": (Eq(Expectation(relu(u) * relu(v)), RELU * (1 + Rational(1, 10**9))), 5e-10),
    "off away from the first points": (Eq(Expectation(relu(u) * relu(v)), RELU + (c - c**3) / 10**9), 3.8e-10),
    "off by a bump": (Eq(Expectation(relu(u) * relu(v)), RELU + exp(-(10**6) * (c - Rational(31415, 10**5)) ** 2) / 10**6), 1e-6),
    "off by a tall narrow bump": (Eq(Expectation(relu(u) * relu(v)), RELU + exp(-(10**6) * (c - Rational(31415, 10**5)) ** 2)), 1.0),
    "off near the end": (Eq(Expectation(relu(u) * relu(v)), RELU + (1 - c**2) ** 2 * exp(-(10**5) * (1 - c)) * 10**9), 5e-2),
    "the variances exchanged": (Eq(Expectation(relu(U) * relu(V)), q1 * RELU), 1e-1),
    "the misprint of the erf kernel": (Eq(Expectation(erf(u) * erf(v)), 2 / pi * asin(c / 2)), 5e-2),
    "sign kernel with acos": (Eq(Expectation(sign(u) * sign(v)), 2 / pi * acos(c)), 1.0),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_kernel_is_never_certified_below_its_gap(name: str) -> None:
    statement, gap = WRONG[name]
    found = judged(statement)
    assert found is None or found.outcome is Outcome.DISAGREES or (found.resolution is not None and found.resolution >= gap), name


@pytest.mark.parametrize("name", ["a term missing", "off by a constant", "off by a factor", "off away from the first points"])
def test_a_wrong_kernel_is_refuted_at_a_point_with_few_digits(name: str) -> None:
    found = judged(WRONG[name][0])
    assert found is not None and found.outcome is Outcome.DISAGREES and len(found.at["c"]) <= 9


def test_random_alterations_are_never_certified_below_their_gap() -> None:
    draw = random.Random(5)
    kernels = [
        (Expectation(relu(u) * relu(v)), RELU),
        (Expectation(Abs(u) * Abs(v)), 2 / pi * (sqrt(1 - c**2) + c * asin(c))),
        (Expectation(sign(u) * sign(v)), 2 / pi * asin(c)),
    ]
    bumps = [
        lambda m, s: exp(-s * (c - m) ** 2),
        lambda m, s: sin(s * (c - m)),
        lambda m, s: 1 / (1 + s * (c - m) ** 2),
        lambda m, s: (1 - c**2) ** (s % 7) * (c - m),
        lambda m, s: sqrt(1 + m * c / 2 + c**2 / s),
        lambda m, s: atan(s * (c - m)),
    ]
    for _ in range(40):
        left, right = draw.choice(kernels)
        middle, steep = Rational(draw.randrange(-99, 100), 100), Integer(draw.choice([1, 3, 10, 100, 10**4]))
        size = Rational(1, 10 ** draw.randrange(2, 12))
        bump = size * draw.choice(bumps)(middle, steep)
        found = judged(Eq(left, right + bump), budget=Budget(boxes=1000))
        if found is None or found.outcome is not Outcome.CERTIFIES:
            continue
        gap = max(abs(bump.xreplace({c: Rational(k, 50)}).evalf()) for k in range(-50, 51))
        assert found.resolution is not None and found.resolution >= gap, bump


REFUSED = {
    "no expectation": Eq(sin(c) ** 2 + cos(c) ** 2, 1),
    "both normals in one function": Eq(Expectation(Max(0, u, v)), RELU),
    "an angle": Eq(Expectation(relu(u) * relu(cos(t) * Normal("s1", 0, 1) + sin(t) * Normal("s2", 0, 1))), RELU.xreplace({c: cos(t)})),
    "another law": Eq(Expectation(Uniform("r", 0, 1) * relu(u) * relu(v)), RELU / 2),
    "a variance that is no scale": Eq(Expectation(tanh(U) * tanh(V)), Expectation(tanh(V) * tanh(U)) + 0 * c),
    "no finite second moment": Eq(Expectation(exp(u**2 / 3) * v), c),
    "a sum of normals whose variance moves": Eq(Expectation(relu(u + v)), sqrt((1 + c) / pi)),
    "a closed side with a kink": Eq(Expectation(relu(u) * relu(v)), RELU + Abs(c) - Abs(c) ** 3),
    "a closed side that jumps": Eq(Expectation(relu(u) * relu(v)), Piecewise((RELU, c > 0), (RELU + 1, True))),
    "a root of what turns negative": Eq(Expectation(relu(u) * relu(v)), RELU + sqrt(c**2 - Rational(1, 100)) / 10**12),
    "a pole inside": Eq(Expectation(relu(u) * relu(v)), RELU + 1 / (10**14 * (c - Rational(1, 3)))),
    "a logarithm that ends": Eq(Expectation(relu(u) * relu(v)), RELU + log(1 - c) / 10**12),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_covered_is_not_certified(name: str) -> None:
    statement = REFUSED[name]
    assert statement is not True
    found = judged(statement, UNIT + ((Ge(t, 0), Le(t, 1)) if name == "an angle" else ()))
    assert found is None or found.outcome is not Outcome.CERTIFIES


def test_coefficients_of_the_normals_have_to_be_real() -> None:
    s1, s2 = Normal("s1", 0, 1), Normal("s2", 0, 1)
    z = sqrt(c) * Normal("z", 0, 1)
    first, second = z + sqrt(1 - c) * s1, z + sqrt(1 - c) * s2
    statement = Eq(Expectation(relu(first) * relu(second)), RELU)
    found = judged(statement, (Ge(c, 0), Le(c, 1)))
    assert found is not None and found.outcome is Outcome.CERTIFIES
    assert judged(statement) is None


def test_three_normals_with_correlations_are_not_covered() -> None:
    x, y, r = (Normal(name, 0, 1) for name in "xyr")
    w = c * x + sqrt(1 - c**2) * r
    assert judged(Eq(Expectation(relu(x) * relu(c * x + sqrt(1 - c**2) * y) * sign(w) ** 2), RELU)) is None
    assert judged(Eq(Expectation(relu(x) * relu(c * x + sqrt(1 - c**2) * y) * y**2), RELU)) is None
    beside = judged(Eq(Expectation(relu(x) * relu(c * x + sqrt(1 - c**2) * y) * r), 0))
    assert beside is not None and beside.outcome is Outcome.CERTIFIES


def test_a_larger_budget_reaches_farther() -> None:
    statement = TRUE["absolute values"]
    found = [judged(statement, budget=Budget(boxes=boxes)) for boxes in (80, 250, BUDGETS[BudgetName.QUICK].boxes)]
    sizes = [one.resolution if one is not None and one.resolution is not None else 1.0 for one in found]
    assert sizes[0] > sizes[1] > sizes[2]
    assert judged(statement, budget=Budget(boxes=4)) is None


def test_regions_bound_what_they_cover() -> None:
    draw = random.Random(2)
    for expr in (sqrt(1 - c**2), acos(c), asin(2 * c / 3), 1 / (2 + c), exp(3 * c), c * acos(c)):
        region = Region(expr, c, {}, tanh_of)
        for low, high, height in ((-1.0, 1.0, 0.75), (3.0, 9.0, 0.76), (-7.0, -2.0, 0.5)):
            bound = region.bound(low, high, height)
            assert bound is not None and bound.is_finite()
            for _ in range(8):
                w = complex(draw.uniform(low, high), draw.uniform(-height, height))
                assert bound >= arb(_modulus(expr, w))


def _modulus(expr: Any, w: complex) -> float:
    import mpmath

    with mpmath.workdps(40):
        value = mpmath.mpmathify(expr.xreplace({c: Symbol("z")}).subs(Symbol("z"), mpmath.tanh(mpmath.mpc(w))).evalf(35))
        return float(abs(value)) * (1 - 2.0**-40)


def test_regions_see_poles_and_cuts() -> None:
    assert Region(1 / (c - Rational(1, 3)), c, {}, tanh_of).bound(-1.0, 1.0, 0.75) is None
    assert Region(sqrt(c), c, {}, tanh_of).bound(-1.0, 1.0, 0.75) is None
    assert Region(log(c + Rational(1, 2)), c, {}, tanh_of).bound(0.0, 3.0, 0.5) is not None
