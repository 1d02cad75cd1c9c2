"""The power that a supported verdict states is met: errors of that size are found at least 99 times in 100.

A run of a true claim states the smallest relative error that it would have caught. Other runs, of the claim wrong by just that
much, must catch it as often as promised. The spread of the law is chosen so that the promise is close to 1%, 0.1%, 0.01%.
"""

from __future__ import annotations

import pytest
import sympy as sp
from sympy.stats import Expectation

from tests.calibration.laws import KNOWN, MONTE_CARLO, Known, judged, narrow, not_above, rejected

RATE = 1e-6
RUNS = 300
LEVEL = 1e-4
"""Of the exact binomial test of the misses."""

DRAWS = 2**13
PER_SPREAD = 0.092
"""What is caught, in spreads of a draw, at this rate and number of draws, about."""


def promised(known: Known, seed: int) -> float:
    """The relative error that a supporting run states it would have caught."""
    (found,) = [item.resolution for item in judged(known.claim("true"), seed, RATE, DRAWS) if item.instrument == MONTE_CARLO.name]
    assert found is not None
    return found


def missed(known: Known, error: float, runs: int = RUNS) -> int:
    """How many runs do not reject the claim that is off by this relative error, up and down in turn."""
    claims = [known.claim(f"off by {sign}", factor=1 + sign * sp.Rational(error)) for sign in (1, -1)]
    return sum(not rejected(claims[seed % 2], 10**5 + seed, RATE, DRAWS) for seed in range(runs))


@pytest.mark.parametrize("error", [1e-2, 1e-3, 1e-4])
def test_known_errors_are_found_as_often_as_promised(error: float) -> None:
    spread = sp.Rational(error / PER_SPREAD).limit_denominator(10**7)
    known = Known(Expectation(narrow(spread)), sp.Integer(1))
    least = promised(known, 1)
    assert 0.9 * error < least < error, "the spread should make the promise just about the error"
    assert not_above(missed(known, least), RUNS, 0.01, LEVEL)


@pytest.mark.parametrize("name", ["coin", "bounded", "exponential", "variance"])
def test_the_promise_holds_for_laws_that_are_not_normal(name: str) -> None:
    assert not_above(missed(KNOWN[name], promised(KNOWN[name], 2), 200), 200, 0.01, LEVEL)


def test_the_count_of_misses_can_fail() -> None:
    """Half of the promised error is not found 99 times in 100."""
    known = Known(Expectation(narrow(sp.Rational(1, 10))), sp.Integer(1))
    assert not not_above(missed(known, promised(known, 3) / 2, 100), 100, 0.01, LEVEL)
