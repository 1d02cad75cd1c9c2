"""Certificates of equalities over whole domains: what is true is certified, what is off by little never below its gap."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sympy import (
    Abs,
    Eq,
    Ge,
    Le,
    Lt,
    Max,
    Piecewise,
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


@pytest.mark.parametrize("name", TRUE)
def test_a_true_equality_is_certified(name: str) -> None:
    item = found(*TRUE[name])
    assert item is not None and item.outcome is Outcome.CERTIFIES
    assert item.resolution is not None and item.resolution <= Budget().resolution
