"""Sums of rational functions: known values, partial sums with their tails, and what has no such value."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy as sp
from flint import arb

from lemmata.numerics.compile.arb import precision
from lemmata.numerics.quadrature.holomorphic import constant
from lemmata.numerics.quadrature.rational_sums import rational_sum
from lemmata.verify import Claim, Verdict, check

n = sp.Symbol("n", integer=True)
k = sp.Symbol("k", integer=True)

KNOWN: list[tuple[Any, int, Any]] = [
    (1 / n**2, 1, sp.pi**2 / 6),
    (1 / n**4, 1, sp.pi**4 / 90),
    (1 / (n * (n + 1)), 1, sp.Integer(1)),
    (1 / (n * (n + 2)), 1, sp.Rational(3, 4)),
    (1 / (n**2 + 1), 1, (sp.pi * sp.coth(sp.pi) - 1) / 2),
    (1 / (2 * n - 1) ** 2, 1, sp.pi**2 / 8),
    (1 / (4 * n**2 - 1), 1, sp.Rational(1, 2)),
    ((2 * n + 1) / (n**2 * (n + 1) ** 2), 1, sp.Integer(1)),
    (1 / (n**2 * (n + 1)), 1, sp.pi**2 / 6 - 1),
]


@pytest.mark.parametrize(("term", "first", "value"), KNOWN, ids=[str(term) for term, _, _ in KNOWN])
def test_known_sums_lie_in_their_balls(term: Any, first: int, value: Any) -> None:
    with precision(120):
        found = rational_sum(term, n, first)
        assert found is not None and found.overlaps(constant(value)) and found.rel_accuracy_bits() > 90


def test_random_sums_lie_between_partial_sums_and_their_tails() -> None:
    """0 <= term <= C / n^2 beyond M with C from the leading coefficients: the tail lies in [0, C / M]."""
    rng = random.Random(3)
    for _ in range(40):
        below = sp.prod((n + sp.Rational(rng.randint(1, 9), rng.randint(1, 5))) ** rng.randint(1, 2) for _ in range(rng.randint(2, 3)))
        term = sp.Integer(rng.randint(1, 5)) / below if sp.Poly(below, n).degree() >= 2 else None
        if term is None:
            continue
        with precision(80):
            found = rational_sum(term, n, 0)
            assert found is not None
            partial = sum((constant(term.subs(n, m)) for m in range(200)), arb(0))
            tail = constant(5 / sp.Integer(199))
            assert found - partial >= 0 and found - partial <= tail


@pytest.mark.parametrize(
    ("term", "first"), [(1 / n, 1), (n / (n**2 + 1), 1), (1 / (n - 3) ** 2, 1), (1 / (n**2 + 1) ** 2, 1), (sp.exp(-n), 0)]
)
def test_no_value_by_this_way(term: Any, first: int) -> None:
    assert rational_sum(term, n, first) is None


def test_a_wrong_sum_is_refuted_and_the_right_one_is_not() -> None:
    basel = sp.Sum(1 / k**2, (k, 1, sp.oo))
    assert check(Claim("basel-wrong", sp.Eq(basel, 43 * sp.pi**2 / 256, evaluate=False))).verdict is Verdict.REFUTED
    assert check(Claim("basel", sp.Eq(basel, sp.pi**2 / 6, evaluate=False))).verdict.holds
