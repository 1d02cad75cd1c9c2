"""True claims at a loose error rate: the decision code rejects no more of them than it says.

The streams are fixed, so that a failure is a fault and not bad luck; `false_alarms.py` does ten times as many runs and keeps the result.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.calibration.laws import KNOWN, not_above, rejected

RATE = 1e-2
RUNS = 2_000
LEVEL = 1e-3
"""Of the exact binomial test of the count."""

KEPT = Path(__file__).with_name("false_alarms.json")


@pytest.mark.parametrize("name", KNOWN)
def test_true_claims_are_rejected_no_more_often_than_the_rate(name: str) -> None:
    runs = RUNS // len(KNOWN) + 1
    claim = KNOWN[name].claim(name)
    alarms = sum(rejected(claim, seed, RATE) for seed in range(runs))
    assert not_above(alarms, runs, RATE, LEVEL / len(KNOWN)), f"{alarms} of {runs} runs rejected a true claim"


def test_the_kept_result_of_the_long_run_is_within_the_rate() -> None:
    kept = json.loads(KEPT.read_text())
    assert kept["runs"] >= 20_000 and kept["rate"] == RATE
    assert sum(law["alarms"] for law in kept["laws"].values()) == kept["alarms"]
    assert not_above(kept["alarms"], kept["runs"], RATE, LEVEL)


def test_the_count_can_fail() -> None:
    """Three times the nominal rate is told from it in this many runs."""
    assert not not_above(3 * 20, 2_000, RATE, LEVEL)
    assert not_above(20, 2_000, RATE, LEVEL)


def test_a_claim_that_is_off_is_rejected() -> None:
    """The same runs reject what is wrong by half: silence is not how they keep the rate."""
    for name in ("coin", "bounded", "normal", "exponential", "variance", "event"):
        claim = KNOWN[name].claim(f"{name}, off", factor=1.5)
        assert all(rejected(claim, seed, RATE) for seed in range(20)), name
