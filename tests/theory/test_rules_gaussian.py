"""Every rule: it reaches the known result, its check accepts that, and its check rejects a corrupted rewrite."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
import sympy as sp
from sympy import DiracDelta, Heaviside, Integral, Lambda, Limit, Max, Rational, acos, asin, cos, erf, exp, oo, pi, sqrt, tanh
from sympy.stats import Bernoulli, Covariance, Expectation, Exponential, Normal, Probability, Uniform, Variance

from lemmata.theory.derivation import Derivation, Link, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.exact import equal
from lemmata.theory.quantity import quantities
from lemmata.theory.recursion import iterate
from lemmata.theory.rules.calculus import close_sum, differentiate, take_limit
from lemmata.theory.rules.density import density
from lemmata.theory.rules.determinant import determinant
from lemmata.theory.rules.half_lines import half_lines
from lemmata.theory.rules.independence import independence
from lemmata.theory.rules.inequality import at_least, at_most
from lemmata.theory.rules.integrate import integrate
from lemmata.theory.rules.laws import density_integral, finite_law, indicator
from lemmata.theory.rules.linear_flow import linear_flow
from lemmata.theory.rules.linearity import linearity, second_moments
from lemmata.theory.rules.local import LocalRewrite, LocalRule
from lemmata.theory.rules.price import price
from lemmata.theory.rules.rearrange import rearrange
from lemmata.theory.rules.recurrence import affine_recurrence, power_law
from lemmata.theory.rules.scaling import scaling
from lemmata.theory.rules.stein import heat, stein
from lemmata.theory.rules.symmetry import symmetry
from lemmata.theory.trajectory import flow

q, q1, q2, a, lam = sp.symbols("q q1 q2 a lamda", positive=True)
c, x, t, r, m = sp.symbols("c x t r m", real=True)
p = sp.Symbol("p", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
n = sp.Symbol("n", integer=True, positive=True)
s, s1, s2, z = Normal("s", 0, 1), Normal("s1", 0, 1), Normal("s2", 0, 1), Normal("z", m, q)
B, U, Y = Bernoulli("B", p), Uniform("U", 0, 1), Exponential("Y", lam)
u, v = sqrt(q1) * s1, sqrt(q2) * (c * s1 + sqrt(1 - c**2) * s2)
k1 = (sqrt(1 - x**2) + x * (pi - acos(x))) / pi
D = Domain((q, q1, q2, a, lam, c, m, p, r), (c >= -1, c <= 1, p <= 1, r > 0, r < 1))


@dataclass(frozen=True)
class Case:
    """A rule, what it is applied to, and what must come out."""

    rule: Any
    before: Any
    after: Any
    args: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.rule.name}: {self.before}"


CASES = [
    Case(linearity, Expectation(2 * s**2 + a * Max(0, s) + 3), 2 * Expectation(s**2) + a * Expectation(Max(0, s)) + 3),
    Case(second_moments, Variance(s), Expectation(s**2) - Expectation(s) ** 2),
    Case(second_moments, Covariance(u, v), Expectation(u * v) - Expectation(u) * Expectation(v)),
    Case(independence, Expectation(s1**2 * exp(s2)), Expectation(s1**2) * Expectation(exp(s2))),
    Case(scaling, Expectation(Max(0, sqrt(q) * s)), Expectation(sqrt(q) * Max(0, s))),
    Case(scaling, Expectation(Heaviside(sqrt(q) * s)), Expectation(Heaviside(s))),
    Case(symmetry, Expectation(erf(sqrt(q) * s) ** 3), sp.Integer(0)),
    Case(half_lines, Expectation(Max(0, sqrt(q) * s) ** 2), q / 2),
    Case(half_lines, Expectation(sp.Abs(s) ** 3), 2 * sqrt(2 / pi)),
    Case(half_lines, Expectation(exp(-a * s**2) * s**4), 3 / (1 + 2 * a) ** Rational(5, 2)),
    Case(half_lines, Expectation(Max(0, z)), m * (1 + erf(m / (sqrt(2) * q))) / 2 + q * exp(-(m**2) / (2 * q**2)) / sqrt(2 * pi)),
    Case(half_lines, Expectation(exp(a * s)), exp(a**2 / 2)),
    Case(density, Expectation(DiracDelta(u) * DiracDelta(v)), 1 / (2 * pi * sqrt(q1 * q2 * (1 - c**2)))),
    Case(density, Expectation(DiracDelta(s - a) * s**2), a**2 * exp(-(a**2) / 2) / sqrt(2 * pi)),
    Case(determinant, Expectation(exp(-(u**2) - v**2)), 1 / sqrt(1 + 2 * q1 + 2 * q2 + 4 * q1 * q2 * (1 - c**2))),
    Case(determinant, Expectation(exp(u + v)), exp((q1 + q2) / 2 + c * sqrt(q1 * q2))),
    Case(finite_law, Expectation(exp(a * B)), 1 - p + p * exp(a)),
    Case(integrate, Integral(1 / sqrt(1 - t**2), (t, 0, c)), asin(c)),
    Case(integrate, Integral(acos(t), (t, -1, c)), c * acos(c) - sqrt(1 - c**2) + pi),
    Case(integrate, Integral(exp(-lam * t), (t, 0, oo)), 1 / lam),
    Case(differentiate, sp.Derivative(c**3 * exp(c), c), (3 * c**2 + c**3) * exp(c)),
    Case(close_sum, sp.Sum(r**k, (k, 0, n)), (1 - r ** (n + 1)) / (1 - r)),
    Case(close_sum, sp.Sum(k, (k, 1, n)), n * (n + 1) / 2),
    Case(take_limit, Limit(r**n, n, oo), sp.Integer(0)),
    Case(take_limit, Limit(sp.sin(x) / x, x, 0), sp.Integer(1)),
    Case(take_limit, Limit((1 + 1 / n) ** n, n, oo), sp.E),
    Case(take_limit, Limit((2 * n + 1) / (3 * n - 5), n, oo), Rational(2, 3)),
    Case(affine_recurrence, iterate(Lambda(x, r * x + 1), a, k), 1 / (1 - r) + r**k * (a - 1 / (1 - r))),
    Case(affine_recurrence, iterate(Lambda(x, x + lam), a, k), a + k * lam),
    Case(linear_flow, flow(lam * (x - m) ** 2 / 2, {x: c})[a, x], m + exp(-lam * a) * (c - m)),
    Case(stein, Expectation(s * tanh(s)), Expectation(1 - tanh(s) ** 2)),
    Case(heat, sp.Derivative(Expectation(cos(sqrt(q) * s)), q), Expectation(-cos(sqrt(q) * s)) / 2),
    Case(rearrange, acos(c), pi / 2 - asin(c), (pi / 2 - asin(c),)),
]

SHAPES = [
    Case(price, Expectation(Max(0, u) * Max(0, v)), None),
    Case(price, Expectation(Max(0, u) * Max(0, v)), None, (-1,)),
    Case(price, Expectation(Max(0, u) * Max(0, v)), None, (1,)),
    Case(price, Expectation(erf(u) * erf(v)), None),
    Case(price, Expectation(erf(sqrt(q) * s) ** 2), None),
    Case(indicator, Probability(sp.And(u > 0, v > 0)), None),
    Case(density_integral, Expectation(sp.Abs(U - Rational(1, 3))), None),
    Case(density_integral, Expectation(Y**2), None),
    Case(density, Expectation(DiracDelta(u) * exp(v)), None),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_known_result_comes_out(case: Case) -> None:
    derivation = Derivation(case.before, D).by(case.rule, *case.args)
    assert equal(derivation.end, case.after, D) is True
    assert derivation.steps[0].because


@pytest.mark.parametrize("case", SHAPES, ids=str)
def test_a_step_to_another_quantity_is_discharged(case: Case) -> None:
    derivation = Derivation(case.before, D).by(case.rule, *case.args)
    assert derivation.end != case.before and quantities(derivation.end)


def corrupted(case: Case) -> list[Rewrite]:
    """The rewrite with its result changed: by itself, and consistently with what it says it replaced."""
    rewrite = case.rule.apply(case.before, *case.args, domain=D)
    changes = [lambda e: e + 1, lambda e: 2 * e + Rational(1, 7), lambda e: e + 1 / (1 + q)]
    found: list[Rewrite] = [replace(rewrite, after=change(rewrite.after)) for change in changes]
    if isinstance(rewrite, LocalRewrite):
        for change in changes:
            items = tuple(replace(item, after=change(item.after)) for item in rewrite.replaced)
            after = case.before.xreplace({item.before: item.after for item in items})
            found.append(replace(rewrite, after=after, replaced=items))
    return found


@pytest.mark.parametrize("case", [*CASES, *SHAPES], ids=str)
def test_a_corrupted_rewrite_is_rejected(case: Case) -> None:
    for rewrite in corrupted(case):
        with pytest.raises(NotDischarged):
            case.rule.check(case.before, rewrite, *case.args, domain=D)


def _inside(rewrite: LocalRewrite, before: Any, old: Any, new: Any) -> LocalRewrite:
    """The rewrite with a part of its result exchanged."""
    items = tuple(replace(item, after=item.after.xreplace({old: new})) for item in rewrite.replaced)
    return replace(rewrite, after=before.xreplace({item.before: item.after for item in items}), replaced=items)


def test_price_rejects_a_wrong_derivative_a_wrong_anchor_and_a_wrong_end() -> None:
    before = Expectation(Max(0, u) * Max(0, v))
    rewrite = price.apply(before, -1, domain=D)
    (integral,) = rewrite.after.atoms(Integral)
    variable = integral.limits[0][0]
    wrong = [
        Integral(2 * integral.function, *integral.limits),
        Integral(integral.function.xreplace({next(iter(integral.function.atoms(Heaviside))): sp.Integer(1)}), *integral.limits),
        Integral(integral.function, (variable, -1, c**2)),
        Integral(integral.function, (variable, 0, c)),
    ]
    for other in wrong:
        with pytest.raises(NotDischarged):
            price.check(before, _inside(rewrite, before, integral, other), -1, domain=D)


def test_scaling_needs_a_proved_sign() -> None:
    with pytest.raises(NotApplicable, match="positive"):
        Derivation(Expectation(Max(0, c * s)), D).by(scaling)


def test_half_lines_needs_a_finite_expectation() -> None:
    with pytest.raises(NotApplicable, match="finite"):
        Derivation(Expectation(exp(a * s**2)), D).by(half_lines)


def test_a_divergent_gaussian_integral_is_not_discharged() -> None:
    with pytest.raises(NotDischarged, match="infinite"):
        Derivation(Expectation(exp(s1**2 - s2**2)), D).by(determinant)


def test_an_integral_across_a_pole_is_not_discharged() -> None:
    with pytest.raises((NotApplicable, NotDischarged)):
        Derivation(Integral(1 / t**2, (t, -1, 1)), D).by(integrate)


def test_independence_refuses_shared_variables() -> None:
    with pytest.raises(NotApplicable, match="share"):
        Derivation(Expectation(Max(0, u) * Max(0, v)), D).by(independence)


def test_an_event_that_ties_with_positive_probability_has_no_step_indicator() -> None:
    with pytest.raises(NotApplicable, match="equal with positive probability"):
        Derivation(Probability(Max(0, s) <= 0), D).by(indicator)


def test_symmetry_says_what_it_assumes() -> None:
    assert Derivation(Expectation(erf(s)), D).by(symmetry).assumes == ()
    assert Derivation(Expectation(1 / s), D).by(symmetry).assumes == ("the odd integrand is integrable",)


def test_symmetry_refuses_a_law_with_a_mean() -> None:
    with pytest.raises(NotApplicable, match="symmetric"):
        Derivation(Expectation(z**3), D).by(symmetry)


def test_bounds_carry_their_direction() -> None:
    unit = Domain((c,), (c >= -1, c <= 1))
    assert Derivation(1 - c**2, unit).by(at_least, 0).link is Link.AT_LEAST
    assert Derivation(c**2, unit).by(at_most, 1).link is Link.AT_MOST
    with pytest.raises(NotDischarged):
        Derivation(c, unit).by(at_least, 0)
    with pytest.raises(NotDischarged):
        Derivation(2 * c**2, unit).by(at_most, 1)


def test_the_power_law_of_the_critical_relu_network() -> None:
    domain = Domain((c,), (c >= -1, c < 1))
    statement = Limit(k**2 * (1 - iterate(Lambda(x, k1), c, k)), k, oo)
    derivation = Derivation(statement, domain).by(power_law)
    assert equal(derivation.end, 9 * pi**2 / 2) is True
    assert derivation.assumes == ("the Stolz-Cesaro theorem",)
    rewrite = power_law.apply(statement, domain=domain)
    wrong = replace(rewrite, after=4 * pi**2, replaced=tuple(replace(item, after=4 * pi**2) for item in rewrite.replaced))
    with pytest.raises(NotDischarged, match="contact"):
        power_law.check(statement, wrong, domain=domain)


def test_the_power_law_needs_a_start_below_the_fixed_point() -> None:
    everywhere = Domain((c,), (c >= -1, c <= 1))
    with pytest.raises(NotDischarged, match="start"):
        Derivation(Limit(k**2 * (1 - iterate(Lambda(x, k1), c, k)), k, oo), everywhere).by(power_law)


def test_the_power_law_needs_the_right_exponent() -> None:
    domain = Domain((c,), (c >= -1, c < 1))
    with pytest.raises(NotApplicable, match="does not match"):
        Derivation(Limit(k * (1 - iterate(Lambda(x, k1), c, k)), k, oo), domain).by(power_law)


def test_an_affine_recurrence_with_slope_one_or_not_is_left_alone() -> None:
    with pytest.raises(NotApplicable, match="= 1"):
        Derivation(iterate(Lambda(x, lam * x + 1), a, k), D).by(affine_recurrence)


def test_rearrange_refuses_another_function() -> None:
    with pytest.raises(NotDischarged):
        Derivation(acos(c), D).by(rearrange, asin(c))


def test_every_rule_is_named_once() -> None:
    rules = [case.rule for case in (*CASES, *SHAPES)] + [power_law, at_least, at_most]
    names = {rule.name for rule in rules}
    assert len(names) == len({type(rule) for rule in rules})
    assert all(rule.needs for rule in rules if isinstance(rule, LocalRule))
