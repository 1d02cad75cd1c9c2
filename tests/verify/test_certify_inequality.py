"""Certificates of inequalities over whole domains: with room, touching, on rays; and what must not be certified."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sympy import Abs, Ge, Gt, Le, Lt, Rational, acos, atan, cos, exp, log, pi, sin, sqrt, symbols, tan, tanh

from lemmata.numerics.budget import BUDGETS, Budget, BudgetName
from lemmata.verify import Claim, check
from lemmata.verify.certify.certificate import certificate
from lemmata.verify.discover import load_module
from lemmata.verify.evidence import Evidence, Outcome, Verdict

c, x, y = symbols("c x y", real=True)
q, p = symbols("q p", positive=True)
UNIT = [Ge(c, -1), Le(c, 1)]
BETWEEN = [Ge(x, 0), Le(x, 1)]
KERNEL = (sqrt(1 - c**2) + c * (pi - acos(c))) / pi
BUMP = exp(-(10**6) * (x - Rational(31415, 10**5)) ** 2)
UNMEASURED = SimpleNamespace(points=(), budget=Budget())


def found(statement: Any, given: list[Any]) -> Evidence | None:
    claim = Claim("bound", statement, given=given)
    return next(certificate(claim, UNMEASURED, [], Budget()), None)


TRUE = {
    "room": (Le(cos(2 * acos(c)), 2), UNIT),
    "touching-with-a-half-power": (Ge(KERNEL, c), UNIT),
    "touching-outside-the-domain": (Gt(KERNEL, c), [Ge(c, -1), Lt(c, 1)]),
    "both-ends": (Ge(sin(x), 2 * x / pi), [Ge(x, 0), Le(x, pi / 2)]),
    "tiny-room": (Ge(KERNEL, c - Rational(1, 10**9)), UNIT),
    "fourth-order": (Ge(cos(x), 1 - x**2 / 2), []),
    "irrational-contact": (Ge(x**4 - 4 * x**2 + 4, 0), BETWEEN[:1]),
    "half-line": (Le(log(1 + x), x), [Ge(x, 0)]),
    "open-half-line": (Lt(log(1 + x), x), [Gt(x, 0)]),
    "at-infinity": (Lt(tanh(x), 1), []),
    "bump": (Le(BUMP, 1), BETWEEN),
    "scaled": (Le(tanh(x) * q, 2 * q), []),
    "triangle": (Le(x * y, Rational(1, 2)), [Ge(x, 0), Ge(y, 0), Le(x + y, 1)]),
}


TRUE |= {
    "corner": (Lt(x * y, 1), [Ge(x, 0), Lt(x, 1), Ge(y, 0), Lt(y, 1)]),
    "kink": (Ge(Abs(x), x), [Ge(x, -1), Le(x, 1)]),
    "between-kinks": (Ge(Abs(x - 1) + Abs(x + 1), 2), []),
    "means": (Le(sqrt(q * p), (q + p) / 2), []),
    "logarithm-at-zero": (Ge(x * log(x), -Rational(37, 100)), [Gt(x, 0), Le(x, 1)]),
    "contact-at-a-power-of-e": (Ge(x * log(x), -exp(-1)), [Gt(x, 0)]),
    "decay": (Le(x * exp(-x), exp(-1)), [Ge(x, 0)]),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_inequality_is_certified(name: str) -> None:
    item = found(*TRUE[name])
    assert item is not None and item.outcome is Outcome.CERTIFIES


FALSE = {
    "bump": (Le(BUMP, Rational(99, 100)), BETWEEN),
    "strict-at-an-end": (Gt(KERNEL, c), UNIT),
    "strict-at-zero": (Lt(log(1 + x), x), [Ge(x, 0)]),
    "strict-inside": (Gt((x**2 - 2) ** 2 + 0 * x, 0, evaluate=False), []),
    "crossing": (Ge(KERNEL, c + Rational(1, 10**9)), UNIT),
    "corner": (Lt(x * y, 1), [Ge(x, 0), Le(x, 1), Ge(y, 0), Le(y, 1)]),
    "strict-means": (Lt(sqrt(q * p), (q + p) / 2), []),
    "strict-between-kinks": (Gt(Abs(x - 1) + Abs(x + 1), 2), []),
    "far": (Le(x, 10**9), [Ge(x, 0)]),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_inequality_is_refuted_at_a_point(name: str) -> None:
    item = found(*FALSE[name])
    assert item is not None and item.outcome is Outcome.DISAGREES and item.at


OPEN = {
    "root-of-a-negative": (Ge(sqrt(x) * sqrt(x - 1), -2), [Ge(x, -9), Le(x, 5)]),
    "arc-cosine-outside": (Le(cos(2 * acos(x)), 200), [Ge(x, -2), Le(x, 2)]),
    "pole-inside": (Ge(tan(x) ** 2, -1, evaluate=False), [Ge(x, 0), Le(x, 2)]),
    "pole-on-the-ray": (Ge(tan(x) ** 2 + x, 0), [Ge(x, 0)]),
    "sign-over-itself": (Le(Abs(x) / x, 1), [Ge(x, -1), Le(x, 1)]),
    "jump-at-an-open-end": (Le(atan(1 / x) * y, 2 * y), [Gt(x, 0), Le(x, 1), Ge(y, -1), Le(y, 1)]),
    "removable": (Le(sin(x) / x, 2), [Ge(x, -1), Le(x, 1)]),
    "logarithm-of-a-square": (Ge(log(x**2), -1000), [Ge(x, -1), Le(x, 1)]),
    "odd-root": (Ge(Abs(x ** Rational(1, 3)), -1, evaluate=False), [Ge(x, -1), Le(x, 1)]),
    "negative-between-the-boxes": (Ge((x - Rational(1, 3)) ** 2, Rational(1, 10**70)), BETWEEN),
    "pole-far-away": (Ge(1 / (x - 10**6) ** 2, 0, evaluate=False), [Ge(x, 0)]),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_undefined_somewhere_is_not_certified(name: str) -> None:
    item = found(*OPEN[name])
    assert item is None or item.outcome is not Outcome.CERTIFIES


@pytest.mark.parametrize("budget", [BudgetName.QUICK, BudgetName.STANDARD])
def test_a_larger_budget_certifies_what_a_smaller_one_does(budget: BudgetName) -> None:
    """An inequality that wide enclosures decide is decided: finer eyes do not make it less so."""
    claims = {claim.name: claim for claim in load_module("lemmata.verify.register.decreasing_paths").claims}
    record = check(claims["first-condition-whole-line-depth-1"], BUDGETS[budget])
    assert record.verdict is Verdict.CERTIFIED, record.because
