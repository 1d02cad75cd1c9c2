"""Coefficients on spheres by rule: against exact integrals at small degrees, what it declines, and that wrong values are not discharged."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.kernels.sphere import legendre
from lemmata.theory.rules.sphere_harmonics import at_one, at_zero, funk_hecke, relu_harmonics

j = sp.Symbol("j", integer=True, positive=True)
a = sp.Symbol("a", positive=True)
phi = sp.Symbol("phi", real=True)
DOMAIN = Domain((j, a))
COSINE = sp.cos(phi)
KERNEL = (sp.sin(phi) + (sp.pi - phi) * COSINE) / sp.pi


def half(rest: sp.Expr, k: sp.Expr = 2 * j, order: sp.Expr = a, top: sp.Expr = sp.pi / 2) -> sp.Integral:
    return sp.Integral(rest * sp.gegenbauer(k, order, COSINE) * sp.sin(phi) ** (2 * order), (phi, 0, top))


@pytest.mark.parametrize("order", [sp.Rational(1, 2), sp.Rational(3, 2), sp.Rational(5, 2)])
@pytest.mark.parametrize("degree", [2, 4, 6])
def test_the_relu_coefficient_is_the_integral(order: sp.Expr, degree: int) -> None:
    closed = Derivation(half(COSINE), DOMAIN).by(relu_harmonics).end.subs({j: degree // 2, a: order})
    t = sp.Symbol("t", real=True)
    d = int(2 * order + 1)
    zonal = sp.expand(legendre(degree, d + 1) * at_one(sp.Integer(degree // 2), sp.sympify(order)))
    value = sp.integrate(sp.expand(zonal * t) * (1 - t**2) ** (order - sp.Rational(1, 2)), (t, 0, 1))
    assert sp.simplify(value - closed) == 0


@pytest.mark.parametrize("degree", [2, 4, 6, 8])
def test_values_of_gegenbauer_polynomials(degree: int) -> None:
    x = sp.Symbol("x")
    for order in (sp.Rational(1, 2), sp.Integer(1), sp.Rational(5, 2), sp.Integer(3)):
        polynomial = sp.gegenbauer(degree, order, x)
        assert sp.simplify(polynomial.subs(x, 1) - at_one(sp.Integer(degree // 2), order)) == 0
        assert sp.simplify(polynomial.subs(x, 0) - at_zero(sp.Integer(degree // 2), order)) == 0


@pytest.mark.parametrize(("order", "degree"), [(1, 2), (1, 4), (2, 2)])
def test_the_kernel_coefficient_is_the_integral(order: int, degree: int) -> None:
    closed = Derivation(half(KERNEL, top=sp.pi), DOMAIN).by(funk_hecke).by(relu_harmonics).end.subs({j: degree // 2, a: order})
    polynomial = sp.gegenbauer(degree, order, COSINE)
    integrand = sp.expand(sp.expand(KERNEL * polynomial * sp.sin(phi) ** (2 * order)).rewrite(sp.exp))
    assert sp.simplify(sp.integrate(integrand, (phi, 0, sp.pi)) - closed) == 0


@pytest.mark.parametrize(
    "node",
    [
        half(COSINE, k=2 * j + 1),
        half(COSINE, k=j),
        half(COSINE**2),
        half(COSINE, top=sp.pi),
        half(COSINE, order=sp.Symbol("c", real=True)),
        sp.Integral(COSINE, (phi, 0, sp.pi / 2)),
        sp.Integral(COSINE * sp.gegenbauer(2 * j, a, sp.sin(phi)), (phi, 0, sp.pi / 2)),
    ],
)
def test_what_the_relu_rule_declines(node: sp.Integral) -> None:
    with pytest.raises(NotApplicable, match="relu_harmonics"):
        Derivation(node, DOMAIN).by(relu_harmonics)


@pytest.mark.parametrize("rest", [COSINE, KERNEL + 1, KERNEL + (sp.pi - phi) * COSINE / sp.pi, 2 * KERNEL])
def test_another_kernel_is_declined(rest: sp.Expr) -> None:
    with pytest.raises(NotApplicable, match="kappa_1"):
        Derivation(half(rest, top=sp.pi), DOMAIN).by(funk_hecke)


@pytest.mark.parametrize(("rule", "node"), [(relu_harmonics, half(COSINE)), (funk_hecke, half(KERNEL, top=sp.pi))])
def test_a_wrong_value_is_not_discharged(rule: Rule, node: sp.Integral) -> None:
    rewrite = rule.apply(node, domain=DOMAIN)
    (item,) = rewrite.replaced
    for wrong in (2 * item.after, -item.after, item.after * a):
        altered = replace(rewrite, after=wrong, replaced=(replace(item, after=wrong),))
        with pytest.raises(NotDischarged):
            rule.check(node, altered, domain=DOMAIN)
