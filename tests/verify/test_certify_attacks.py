"""Near misses made at random from what is true: no certificate may promise less than the gap that was put in."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flint import arb
from sympy import Abs, Eq, Ge, Le, Max, Rational, acos, asin, atan, cos, cosh, erf, erfc, exp, log, pi, sin, sinh, sqrt, symbols, tan, tanh

from lemmata.numerics.compile.arb import CannotEvaluate, enclose
from lemmata.verify import Claim
from lemmata.verify.certify.equality import cover
from lemmata.verify.certify.inequality import hold
from lemmata.verify.certify.statement import closed

x = symbols("x", real=True)
BOXES = 1200

IDENTITIES: list[tuple[Any, Any, int, int]] = [
    (acos(-x), pi - acos(x), -1, 1),
    (sqrt(1 - x**2) + x * (pi - acos(x)), sqrt(1 - x**2) + x * (pi / 2 + asin(x)), -1, 1),
    (sin(2 * x), 2 * sin(x) * cos(x), -2, 3),
    (cosh(x) ** 2, 1 + sinh(x) ** 2, -2, 2),
    (tanh(x), (exp(x) - exp(-x)) / (exp(x) + exp(-x)), -3, 3),
    (erf(x), 1 - erfc(x), -3, 3),
    (log(1 + x), log(2 + 2 * x) - log(2), 0, 5),
    (sqrt(1 - x) * sqrt(1 + x), sqrt(1 - x**2), -1, 1),
    ((Abs(x) + x) / 2, Max(0, x), -1, 1),
    (tan(x), sin(x) / cos(x), -1, 1),
    (acos(x), pi / 2 - atan(x / sqrt(1 - x**2)), 0, 1),
    (cos(3 * acos(x)), 4 * x**3 - 3 * x, -1, 1),
]

TOUCHING: list[tuple[Any, Any, int, int]] = [
    (1 - x**2 / 2, cos(x), -3, 3),
    (x, (sqrt(1 - x**2) + x * (pi - acos(x))) / pi, -1, 1),
    (log(1 + x), x, 0, 3),
    (tanh(x) ** 2, x**2, -2, 2),
    (1 + x, exp(x), -2, 2),
    (sin(x), x, 0, 3),
    (x * (1 - x), Rational(1, 4) + 0 * x, 0, 1),
]


def perturbed(rng: random.Random, low: int, high: int) -> tuple[Any, Any, Any]:
    """A narrow or a wide error, the place where it is largest, and how large it is there; every other one is 0 elsewhere."""
    place = Rational(rng.randint(low * 10**6, high * 10**6), 10**6)
    size = Rational(rng.randint(1, 9), 10 ** rng.randint(1, 14)) * rng.choice((1, -1))
    narrow = 10 ** rng.randint(0, 10)
    if rng.random() < 0.5:
        return size * Max(0, 1 - narrow * (x - place) ** 2), place, size
    return size * exp(-narrow * (x - place) ** 2), place, size


@pytest.mark.parametrize("seed", range(8))
def test_no_equality_is_certified_below_its_gap(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(14):
        left, right, low, high = rng.choice(IDENTITIES)
        error, place, _ = perturbed(rng, low, high)
        claim = Claim("near-miss", Eq(left, right + error, evaluate=False), given=[Ge(x, low), Le(x, high)])
        statement = closed(claim, [])
        assert statement is not None
        found = cover(statement, rng.choice((1e-2, 1e-5, 1e-12)), rng.choice((40, 200, BOXES)))
        if found.against is not None:
            assert low <= found.against[x] <= high and error.xreplace(found.against) != 0  # the identity itself is true
        elif found.eps is not None:
            others = [Rational(rng.randint(low * 10**6, high * 10**6), 10**6) for _ in range(3)]
            assert all(within(claim, at, found.eps, found.relative) for at in (place, *others))


def within(claim: Claim, at: Any, eps: float, relative: bool) -> bool:
    """Whether the promise is compatible with both sides at a point."""
    try:
        left, right = (enclose(side, {x: at}, digits=40) for side in (claim.lhs, claim.rhs))
    except CannotEvaluate:  # a side without a value at the point, such as x/sqrt(1 - x^2) at 1: then nothing may be promised
        return False
    scale = max(abs(left).upper(), abs(right).upper()) if relative else arb(1)
    return bool(abs(left - right).lower() <= arb(eps) * scale)


@pytest.mark.parametrize("seed", range(8))
def test_no_inequality_is_certified_where_it_fails(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(14):
        left, right, low, high = rng.choice(TOUCHING)
        error, place, size = perturbed(rng, low, high)
        claim = Claim("near-miss", Le(left, right + error, evaluate=False), given=[Ge(x, low), Le(x, high)])
        statement = closed(claim, [])
        assert statement is not None
        found = hold(statement, BOXES)
        if found.against is not None:
            assert enclose(claim.rhs - claim.lhs, found.against, digits=30) < 0
        elif found.holds:
            others = [Rational(rng.randint(low * 10**6, high * 10**6), 10**6) for _ in range(3)]
            assert all(enclose(claim.rhs - claim.lhs, {x: at}, digits=30) >= 0 for at in (place, *others))
