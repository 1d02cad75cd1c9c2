"""Certificates of equalities over whole domains: what is true is certified, what is off by little never below its gap."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sympy import (
    Abs,
    Eq,
    Ge,
    Gt,
    Le,
    Lt,
    Max,
    Piecewise,
    Rational,
    Symbol,
    acos,
    asin,
    cos,
    erf,
    erfc,
    exp,
    log,
    pi,
    sin,
    sqrt,
    symbols,
    tan,
    tanh,
)

from lemmata.numerics.budget import Budget
from lemmata.verify import Claim
from lemmata.verify.certify.certificate import certificate
from lemmata.verify.evidence import Evidence, Outcome

c, x, y = symbols("c x y", real=True)
q1, q2 = symbols("q_1 q_2", positive=True)
n = Symbol("n", integer=True, nonnegative=True)
UNIT = [Ge(c, -1), Le(c, 1)]
SQUARE = [Ge(x, -1), Le(x, 1), Ge(y, -1), Le(y, 1)]
KERNEL = (sqrt(1 - c**2) + c * (pi - acos(c))) / (2 * pi)
ANGLE = (sqrt(1 - c**2) + c * (pi / 2 + asin(c))) / (2 * pi)
UNMEASURED = SimpleNamespace(points=(), budget=Budget())


def found(statement: Any, given: list[Any]) -> Evidence | None:
    claim = Claim("certified", statement, given=given)
    return next(certificate(claim, UNMEASURED, [], Budget()), None)


TRUE = {
    "arc-cosines": (Eq(acos(-c), pi - acos(c)), UNIT),
    "kernel": (Eq(KERNEL, ANGLE), UNIT),
    "scaled-kernel": (Eq(sqrt(q1 * q2) * KERNEL, sqrt(q1) * sqrt(q2) * ANGLE), UNIT),
    "half-line": (Eq(tanh(x), (1 - exp(-2 * x)) / (1 + exp(-2 * x))), [Ge(x, 0)]),
    "line": (Eq(erf(x), 1 - erfc(x)), []),
    "kinks": (Eq((Abs(x) + x) / 2, Max(0, x)), [Ge(x, -1), Le(x, 1)]),
    "pieces": (Eq(Piecewise((x, x > 0), (0, True)), Max(0, x)), [Ge(x, -1), Le(x, 1)]),
    "plane": (Eq(sin(x + y), sin(x) * cos(y) + cos(x) * sin(y)), SQUARE),
    "integers": (Eq(cos(n * acos(c)), cos(n * (pi / 2 - asin(c)))), [*UNIT, Le(n, 8)]),
    "wide": (Eq(log(1 + x), log(2 + 2 * x) - log(2)), [Ge(x, 0), Le(x, 10**6)]),
    "triangle": (Eq(log((2 - x - y) * (1 + x)), log(2 - x - y) + log(1 + x)), [Ge(x, 0), Ge(y, 0), Lt(x + y, 1)]),
}


TRUE |= {
    "kinks-of-three": (Eq(Abs(x - 1) + Abs(x + 1), 2 * Max(1, x, -x)), [Ge(x, -5), Le(x, 5)]),
    "logarithm-at-zero": (Eq(x * log(x), x * log(2 * x) - x * log(2)), [Gt(x, 0), Le(x, 1)]),
    "grows": (Eq(Max(0, x) - Max(0, -x), x), []),
    "decay": (Eq(x * exp(-x) * (1 + exp(-x)), x * exp(-x) + x * exp(-2 * x)), [Ge(x, 0)]),
    "strip": (Eq(asin(2 * q1 * c / (1 + 2 * q1)), pi / 2 - acos(2 * q1 * c / (1 + 2 * q1))), UNIT),
    "angle": (Eq(KERNEL.xreplace({c: cos(x)}), (sin(x) + (pi - x) * cos(x)) / (2 * pi)), [Ge(x, 0), Le(x, pi)]),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_equality_is_certified(name: str) -> None:
    item = found(*TRUE[name])
    assert item is not None and item.outcome is Outcome.CERTIFIES
    assert item.resolution is not None and item.resolution <= Budget().resolution


FALSE = {
    "shifted": Eq(KERNEL, ANGLE + Rational(1, 10**14)),
    "tiny": Eq(KERNEL, ANGLE + Rational(1, 10**30)),
    "narrow": Eq(KERNEL, ANGLE + exp(-(10**6) * (c - Rational(31415, 10**5)) ** 2) / 10**20),
    "not-scaled-alike": Eq(sqrt(q1 * q2) * KERNEL, sqrt(q1) * sqrt(q2) * ANGLE + q1 / 10**14),
    "far-out": Eq(erf(q1), 1 - erfc(q1) + exp(-((q1 - 10**4) ** 2)) / 10**9),
    "one-integer": Eq(cos(n * acos(c)), cos(n * (pi / 2 - asin(c))) + Piecewise((Rational(1, 10**6), Eq(n, 5)), (0, True))),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_equality_is_refuted_or_left_open(name: str) -> None:
    item = found(FALSE[name], [*UNIT, Le(n, 8)] if name == "one-integer" else UNIT)
    assert item is None or item.outcome is Outcome.DISAGREES
    assert name == "far-out" or item is not None


OPEN = {
    "complex-in-between": (Eq(cos(2 * acos(2 * x)), 8 * x**2 - 1), [Ge(x, -1), Le(x, 1)]),
    "removable": (Eq(sin(2 * x) / x, 2 * sin(x) * cos(x) / x), [Ge(x, -1), Le(x, 1)]),
    "pole": (Eq(tan(x), sin(x) / cos(x)), [Ge(x, 0), Le(x, 2)]),
    "sign-over-itself": (Eq(Abs(x) / x, (Abs(x) / x) ** 3), [Ge(x, -1), Le(x, 1)]),
    "cancels-on-the-half-line": (Eq((x**2 - 1) / (x - 1), x + 1), [Ge(x, 0)]),
    "logarithm-of-zero": (Eq(x * log(x), x * log(2 * x) - x * log(2)), [Ge(x, 0), Le(x, 1)]),
    "odd-root": (Eq((x**3) ** Rational(1, 3), x), [Ge(x, -1), Le(x, 1)]),
    "branch": (Eq(asin(sin(x)), x), [Ge(x, 0), Le(x, 4)]),
    "all-integers": (Eq(cos(n * acos(c)), cos(n * (pi / 2 - asin(c)))), UNIT),
    "zeroth-power-over-zero": (Eq(n * sin(x) / x, n * sin(x) / x + 0 * y, evaluate=False), [Ge(x, -1), Le(x, 1), Le(n, 2)]),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_undefined_somewhere_is_not_certified(name: str) -> None:
    item = found(*OPEN[name])
    assert item is None or item.outcome is not Outcome.CERTIFIES


def test_the_error_promised_is_printed_rounded_up() -> None:
    item = found(*TRUE["scaled-kernel"])
    assert item is not None and item.resolution is not None
    printed = Rational(item.because.split("<= ")[1].split(" ")[0])
    assert printed >= Rational(item.resolution) and "q_1, q_2 = 1 by scaling" in item.because
