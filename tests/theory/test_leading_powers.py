"""Limits by leading powers: what it finds, what it declines, and that a wrong value is not discharged."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged
from lemmata.theory.domain import Domain
from lemmata.theory.rules.leading_powers import leading_powers

n = sp.Symbol("n", integer=True, positive=True)
a, b = sp.symbols("a b", positive=True)
DOMAIN = Domain((a, b))


def limit(f: sp.Expr) -> sp.Expr:
    return Derivation(sp.Limit(f, n, sp.oo), DOMAIN).by(leading_powers).end


@pytest.mark.parametrize(
    ("f", "value"),
    [
        ((3 * n**2 + n) / (n + 1) ** 2, 3),
        (sp.gamma(n + sp.Rational(1, 2)) / sp.gamma(n) / sp.sqrt(n), 1),
        (sp.gamma(2 * n + 3) / sp.gamma(2 * n + 1) / n**2, 4),
        (sp.binomial(n + 2, n) / n**2, sp.Rational(1, 2)),
        (sp.factorial(n + 3) / sp.factorial(n) / n**3, 1),
        ((a * n + b) ** b / n**b, a**b),
        (sp.RisingFactorial(a, n) / sp.factorial(n) * n ** (1 - a), 1 / sp.gamma(a)),
        (n ** (-a), 0),
        (sp.gamma(n) / sp.gamma(n + b), 0),
    ],
)
def test_values(f: sp.Expr, value: sp.Expr) -> None:
    assert sp.simplify(limit(f) - value) == 0


@pytest.mark.parametrize(
    "f",
    [
        n**2 / (n + 1),
        sp.gamma(n) / n**5,
        sp.gamma(2 * n) / sp.gamma(n) ** 2,
        (1 - n) ** a / n**a,
        n ** (a - b),
        sp.sin(n) / n,
        (-1) ** n / n,
        2**n / n**2,
        sp.gamma(1 - n) / n,
        (n**a + 1) / n**a,
    ],
)
def test_what_it_declines(f: sp.Expr) -> None:
    with pytest.raises(NotApplicable, match="leading_powers"):
        limit(f)


@pytest.mark.parametrize("f", [(3 * n**2 + n) / (n + 1) ** 2, sp.gamma(n + a) / sp.gamma(n) / n**a, (a * n + b) ** b / n**b])
def test_a_wrong_value_is_not_discharged(f: sp.Expr) -> None:
    rewrite = leading_powers.apply(sp.Limit(f, n, sp.oo), domain=DOMAIN)
    leading_powers.check(sp.Limit(f, n, sp.oo), rewrite, domain=DOMAIN)
    (item,) = rewrite.replaced
    for wrong in (2 * item.after, item.after * a, sp.S.Zero):
        altered = replace(rewrite, after=wrong, replaced=(replace(item, after=wrong),))
        with pytest.raises(NotDischarged):
            leading_powers.check(sp.Limit(f, n, sp.oo), altered, domain=DOMAIN)


def test_a_limit_of_zero_is_not_taken_for_another() -> None:
    node = sp.Limit(n ** (-a), n, sp.oo)
    rewrite = leading_powers.apply(node, domain=DOMAIN)
    (item,) = rewrite.replaced
    altered = replace(rewrite, after=sp.S.One, replaced=(replace(item, after=sp.S.One),))
    with pytest.raises(NotDischarged):
        leading_powers.check(node, altered, domain=DOMAIN)
