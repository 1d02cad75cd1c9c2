"""Gaussian integration by parts: the values against certified integrals, every check seen to reject a corrupted equation."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp
from sympy import Abs, Heaviside, Max, Min, Piecewise, Rational, cos, cosh, erf, exp, sign, sin
from sympy.stats import Expectation, Normal

from lemmata.numerics.budget import Budget
from lemmata.numerics.compile.arb import enclose
from lemmata.numerics.instruments.certified_mean import INSTRUMENT as CERTIFIED
from lemmata.numerics.instruments.integral import INSTRUMENT as INTEGRAL
from lemmata.numerics.measurement import Ball
from lemmata.numerics.streams import Stream
from lemmata.theory.activations import activations, gelu, relu
from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.gaussian import gaussian_pair
from lemmata.theory.gaussian_checks import discharge
from lemmata.theory.gaussian_reduction import Equation, Kind, Law, Reduction, variables
from lemmata.theory.gaussian_terms import Switch, Term, Wave, terms_of
from lemmata.theory.rules.gaussian_parts import gaussian_parts
from lemmata.theory.rules.local import LocalRewrite

q1, q2, a = sp.symbols("q1 q2 a", positive=True)
c, x = sp.symbols("c x", real=True)
u, v = gaussian_pair(q1, q2, c)
D = Domain((q1, q2, c, a), (c >= -1, c <= 1))

PAIRS: list[tuple[Any, Any]] = [
    (Max(0, x), Max(0, x)),
    (Max(0, x) ** 3, Max(0, x) ** 2),
    (Abs(x), Min(0, x)),
    (sign(x), erf(x)),
    (x**3 * Heaviside(x), x**2 * Heaviside(-x)),
    (Piecewise((x**2, x < 0), (-x, True)), x + 1),
    (gelu(x), relu(x)),
    (erf(2 * x + 1), x**2),
    (x * exp(-(x**2)), x**3 * exp(-(x**2) / 2)),
    (x**2 * exp(x), exp(-x) * (1 + x)),
    (sin(x), x**2 * sin(2 * x)),
    (cos(x + 1), sin(x) * cos(x)),
    (sin(x), Max(0, x)),
    (x * cos(x), erf(x)),
    (cosh(x), Max(0, x)),
    (Max(0, x) + exp(x), sign(x)),
    (erf(x) * exp(-(x**2)), erf(x) * x),
]
POINTS = [(1, 1, Rational(1, 2)), (2, Rational(1, 3), Rational(-4, 5)), (Rational(1, 2), Rational(3, 2), 0)]


def _pair(f: Any, g: Any) -> Any:
    return Expectation(f.xreplace({x: u}) * g.xreplace({x: v}), evaluate=False)


def _overlap(closed: Any, node: Any, at: dict[Any, Any]) -> bool:
    measured = CERTIFIED.measure(node, at, Budget(), Stream(0))
    assert isinstance(measured, Ball), measured
    return bool(_ball(closed.xreplace(at)).overlaps(measured.value))


def _ball(value: Any) -> Any:
    """A closed number as a ball, its integrals measured by their own instrument."""
    known = {}
    for node in value.atoms(sp.Integral):
        measured = INTEGRAL.measure(node, {}, Budget(), Stream(0))
        assert isinstance(measured, Ball), measured
        known[node] = measured.value
    return enclose(value, {}, known=known)


@pytest.mark.parametrize(("f", "g"), PAIRS, ids=str)
def test_the_closed_form_is_the_certified_value(f: Any, g: Any) -> None:
    node = _pair(f, g)
    closed = Derivation(node, D).by(gaussian_parts).end
    assert not closed.has(Expectation)
    for point in POINTS:
        assert _overlap(closed, node, dict(zip((q1, q2, c), map(sp.sympify, point), strict=True)))


@pytest.mark.parametrize("name", ["hard_tanh", "elu"])
def test_kinks_elsewhere_end_in_a_bivariate_normal_probability(name: str) -> None:
    f = activations()[name](x)
    derivation = Derivation(_pair(f, x + Heaviside(x - 1)), Domain((q1, q2, c), (c > -1, c < 1))).by(gaussian_parts)
    assert derivation.end.has(sp.Integral)
    for point in [(1, 1, Rational(1, 2)), (2, Rational(1, 3), Rational(-4, 5))]:
        at = dict(zip((q1, q2, c), map(sp.sympify, point), strict=True))
        parts = [_pair(f, x), _pair(f, Heaviside(x - 1))]
        measured = [CERTIFIED.measure(node, at, Budget(), Stream(0)) for node in parts]
        if all(isinstance(one, Ball) for one in measured):
            assert _ball(derivation.end.xreplace(at)).overlaps(measured[0].value + measured[1].value)
        else:
            assert name == "elu"


def test_at_the_ends_the_kernel_of_the_relu_is_half_the_identity_and_zero() -> None:
    closed = Derivation(_pair(relu(x), relu(x)), D).by(gaussian_parts).end
    assert sp.expand(closed.subs(c, 1) - sp.sqrt(q1 * q2) / 2) == 0
    assert sp.expand(closed.subs(c, -1)) == 0


@pytest.mark.parametrize(
    ("f", "because"),
    [
        (sp.tanh(x), "neither a power"),
        (exp(x**2) * Max(0, x), "finite"),
        (exp(x**3) * Max(0, x), "quadratic"),
        (sp.log(x), "neither a power"),
        (sin(x) * erf(x), "no elementary mean"),
        (erf(x) ** 3, "more than two"),
        (Max(0, x**2 - 1), "affine"),
    ],
    ids=str,
)
def test_what_is_outside_is_refused_with_the_reason(f: Any, because: str) -> None:
    with pytest.raises(NotApplicable, match=because):
        Derivation(_pair(f, f), D).by(gaussian_parts)


def test_a_growing_exponential_needs_a_small_variance() -> None:
    small = Domain((q1, q2, c), (c >= -1, c <= 1, q1 < Rational(1, 4), q2 < Rational(1, 4)))
    node = Expectation(exp(u**2 / 2) * sp.erf(u))
    assert Derivation(Expectation(exp(u**2 / 4) * u * sp.erf(u)), small).by(gaussian_parts).end.has(q1)
    with pytest.raises(NotApplicable, match="finite"):
        Derivation(node * 1, D).by(gaussian_parts)


def test_a_wrong_result_is_rejected() -> None:
    node = _pair(gelu(x), relu(x))
    rewrite = gaussian_parts.apply(node, domain=D)
    assert isinstance(rewrite, LocalRewrite)
    (one,) = rewrite.replaced
    for wrong in (-one.after, one.after + c / 10**6, one.after.xreplace({q1: q2, q2: q1}), one.after.xreplace({sp.pi: sp.Rational(22, 7)})):
        broken = replace(rewrite, after=wrong, replaced=(replace(one, after=wrong),))
        with pytest.raises(NotDischarged):
            gaussian_parts.check(node, broken, domain=D)


def _equations() -> list[Equation]:
    """Equations of every kind, from reductions of several integrands."""
    law = Law((sp.S.Zero, a), ((q1, c * sp.sqrt(q1) * sp.sqrt(q2)), (c * sp.sqrt(q1) * sp.sqrt(q2), q2)))
    names = variables(2)
    s, t = names
    found: dict[Any, Equation] = {}
    for f in (s * erf(s) * Heaviside(t - 1), t * exp(-(s**2) + t) * Heaviside(s), sin(s) * cos(2 * t), t**2 * sin(s) * sign(s)):
        reduction = Reduction(D)
        for _, term in terms_of(f, names, D):
            try:
                reduction.value(law, term)
            except NotApplicable:
                assert f.has(sin)
        found |= reduction.equations
    return list(found.values())


EQUATIONS = _equations()


def test_every_kind_of_equation_occurs_and_is_discharged() -> None:
    assert {equation.kind for equation in EQUATIONS} == set(Kind)
    for equation in EQUATIONS:
        discharge(equation, D)


def _corruptions(equation: Equation) -> list[Equation]:
    wrong: list[Equation] = []
    if equation.term.expression(variables(len(equation.law.means))) == 0:  # 0 = 0, whatever the law
        return wrong
    if equation.closed != 0:
        wrong += [replace(equation, closed=2 * equation.closed), replace(equation, closed=equation.closed + c)]
    for k, part in enumerate(equation.parts):
        rest = (equation.parts[:k], equation.parts[k + 1 :])
        wrong.append(replace(equation, parts=(*rest[0], *rest[1])))
        wrong.append(replace(equation, parts=(*rest[0], replace(part, coefficient=-part.coefficient), *rest[1])))
        if part.law.means:
            moved = Law(tuple(m + 1 for m in part.law.means), part.law.covariance)
            wrong.append(replace(equation, parts=(*rest[0], replace(part, law=moved), *rest[1])))
            wider = Law(part.law.means, tuple(tuple(2 * e for e in row) for row in part.law.covariance))
            wrong.append(replace(equation, parts=(*rest[0], replace(part, law=wider), *rest[1])))
    return wrong


def test_no_corrupted_equation_is_discharged() -> None:
    tried = 0
    for equation in EQUATIONS:
        for wrong in _corruptions(equation):
            tried += 1
            with pytest.raises(NotDischarged):
                discharge(wrong, D)
    assert tried > 60


def test_terms_stand_for_their_integrand() -> None:
    names = variables(2)
    s, t = names
    for f in (Abs(s) * Max(0, t), (s + erf(t)) ** 2, Piecewise((s, s < 1), (exp(s), True)) * sin(t), s**2 * cosh(t)):
        terms = terms_of(f, names, D)
        for point in itertools.product((Rational(-3, 2), Rational(1, 2), Rational(7, 3)), repeat=2):
            at = dict(zip(names, point, strict=True))
            total = sum((k * term.expression(names) for k, term in terms), sp.S.Zero)
            assert sp.expand((total - f).xreplace(at).rewrite(exp)) == 0


def test_a_product_of_two_steps_in_one_variable_becomes_one() -> None:
    (s,) = variables(1)
    terms = terms_of(Heaviside(s) * Heaviside(s - 1), (s,), D)
    assert all(len(term.switches) <= 1 for _, term in terms)


def test_the_pieces_of_a_term() -> None:
    names = variables(1)
    switch, wave = Switch((sp.Integer(2),), sp.Integer(1), sp.S.Zero), Wave((sp.Integer(3),), sp.S.Zero)
    assert Term((2,), -(names[0] ** 2), (switch,), (wave,)).expression(names) == names[0] ** 2 * exp(-(names[0] ** 2)) * sign(
        2 * names[0] + 1
    ) * cos(3 * names[0])


def test_normal_variables_with_means() -> None:
    """Laws that are not centred, forms that share a variable: the closed forms are the certified values."""
    m = sp.Symbol("m", real=True)
    y, w = Normal("y", m, sp.sqrt(a)), Normal("w", 1, 2)
    at = {m: Rational(1, 2), a: Rational(3, 2)}
    for f in (sign(y + w) * erf(y), exp(-((y - w) ** 2)) * Max(0, y), Heaviside(y - 2) * erf(w) * Max(0, y), Heaviside(y - w) * y):
        node = Expectation(f)
        assert _overlap(Derivation(node, Domain((m, a))).by(gaussian_parts).end, node, at)
    derived = Derivation(Expectation(Max(0, y) * Max(0, w + y)), Domain((m, a))).by(gaussian_parts).end
    assert _ball(derived.xreplace(at)) > 0
