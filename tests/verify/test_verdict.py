"""The truth table of `decide`: every combination of what the three roads can say, and the verdict it must give."""

from __future__ import annotations

import itertools

import pytest

from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road, Verdict
from lemmata.verify.verdict import decide

X = {"x": "1/2"}


def say(
    road: Road, outcome: Outcome, rigour: Rigour = Rigour.RIGOROUS, instrument: str = "one", at: dict[str, str] | None = None
) -> Evidence:
    return Evidence(road, instrument, outcome, rigour, f"{instrument} {outcome.value}", X if at is None else at)


AGREES = say(Road.MEASURED, Outcome.AGREES)
PROOF = say(Road.DERIVED, Outcome.PROVES, Rigour.EXACT, "derivation")
CERTIFICATE = say(Road.SEARCHED, Outcome.CERTIFIES, Rigour.RIGOROUS, "boxes")
BALLS_AGAINST = say(Road.MEASURED, Outcome.DISAGREES, Rigour.RIGOROUS, "balls")
ODDS_AGAINST = say(Road.MEASURED, Outcome.DISAGREES, Rigour.STATISTICAL, "Monte Carlo")
FLOAT_AGAINST = say(Road.MEASURED, Outcome.DISAGREES, Rigour.FLOATING, "floats")
FLOAT_TOO = say(Road.MEASURED, Outcome.DISAGREES, Rigour.FLOATING, "other floats")
FLOAT_ELSEWHERE = say(Road.MEASURED, Outcome.DISAGREES, Rigour.FLOATING, "other floats", {"x": "1/3"})
FLOAT_IN_A_BATCH = say(Road.SEARCHED, Outcome.DISAGREES, Rigour.FLOATING, "floats")
BALL_IN_A_BATCH = say(Road.SEARCHED, Outcome.AGREES, Rigour.RIGOROUS, "balls")
ODDS_FOR = say(Road.MEASURED, Outcome.AGREES, Rigour.STATISTICAL, "Monte Carlo")
OTHER_VALUE = say(Road.DERIVED, Outcome.DISAGREES, Rigour.EXACT, "derivation")
REFUSED = say(Road.MEASURED, Outcome.REFUSED, Rigour.EXACT, "shy")
STOPPED = say(Road.DERIVED, Outcome.STOPPED, Rigour.EXACT, "derivation")
UNDECIDED = say(Road.MEASURED, Outcome.UNDECIDED)
BLIND = say(Road.CONTROL, Outcome.BLIND, Rigour.EXACT, "controls")
CAUGHT = say(Road.CONTROL, Outcome.CAUGHT, Rigour.EXACT, "controls")
FAILED = say(Road.MEASURED, Outcome.FAILED, Rigour.EXACT, "searching")
CONTROLS_STOPPED = say(Road.CONTROL, Outcome.STOPPED, Rigour.EXACT, "controls")
VACUOUS = say(Road.STATED, Outcome.VACUOUS, Rigour.EXACT, "domain")
COLLAPSED = say(Road.STATED, Outcome.DISAGREES, Rigour.EXACT, "statement")
LACKING = say(Road.MEASURED, Outcome.LACKING, Rigour.EXACT, "ball arithmetic", {"x": "0"})
CODE_AGAINST = say(Road.COMPILED, Outcome.DISAGREES, Rigour.FLOATING, "NumPy code")

TABLE = [
    ([], Verdict.INCONCLUSIVE),
    ([AGREES], Verdict.SUPPORTED),
    ([AGREES, CAUGHT], Verdict.SUPPORTED),
    ([AGREES, PROOF], Verdict.PROVED),
    ([AGREES, CERTIFICATE], Verdict.CERTIFIED),
    ([AGREES, PROOF, CERTIFICATE], Verdict.PROVED),
    ([CERTIFICATE], Verdict.CERTIFIED),
    ([PROOF], Verdict.INCONCLUSIVE),
    ([PROOF, REFUSED], Verdict.INCONCLUSIVE),
    ([REFUSED], Verdict.INCONCLUSIVE),
    ([STOPPED], Verdict.INCONCLUSIVE),
    ([STOPPED, AGREES], Verdict.SUPPORTED),
    ([REFUSED, AGREES], Verdict.SUPPORTED),
    ([BALLS_AGAINST], Verdict.REFUTED),
    ([BALLS_AGAINST, AGREES, PROOF], Verdict.REFUTED),
    ([ODDS_AGAINST], Verdict.REFUTED),
    ([ODDS_AGAINST, AGREES], Verdict.REFUTED),
    ([FLOAT_AGAINST], Verdict.INCONCLUSIVE),
    ([FLOAT_AGAINST, AGREES], Verdict.SUPPORTED),
    ([FLOAT_AGAINST, FLOAT_TOO, AGREES], Verdict.SUPPORTED),
    ([FLOAT_IN_A_BATCH, FLOAT_TOO, BALL_IN_A_BATCH, AGREES], Verdict.SUPPORTED),
    ([FLOAT_IN_A_BATCH, FLOAT_TOO], Verdict.REFUTED),
    ([FLOAT_AGAINST, ODDS_FOR], Verdict.INCONCLUSIVE),
    ([FLOAT_ELSEWHERE, AGREES], Verdict.INCONCLUSIVE),
    ([FLOAT_AGAINST, FLOAT_TOO], Verdict.REFUTED),
    ([FLOAT_AGAINST, FLOAT_ELSEWHERE], Verdict.INCONCLUSIVE),
    ([FLOAT_AGAINST, OTHER_VALUE], Verdict.REFUTED),
    ([FLOAT_AGAINST, PROOF, AGREES], Verdict.PROVED),
    ([FLOAT_AGAINST, PROOF], Verdict.INCONCLUSIVE),
    ([OTHER_VALUE], Verdict.REFUTED),
    ([UNDECIDED], Verdict.INCONCLUSIVE),
    ([UNDECIDED, AGREES], Verdict.INCONCLUSIVE),
    ([UNDECIDED, AGREES, PROOF], Verdict.PROVED),
    ([BLIND, AGREES], Verdict.INCONCLUSIVE),
    ([BLIND, AGREES, PROOF], Verdict.PROVED),
    ([BLIND, CERTIFICATE, AGREES], Verdict.CERTIFIED),
    ([AGREES, FAILED], Verdict.INCONCLUSIVE),
    ([AGREES, say(Road.DERIVED, Outcome.FAILED, Rigour.EXACT, "derivation")], Verdict.SUPPORTED),
    ([AGREES, FAILED, PROOF], Verdict.PROVED),
    ([AGREES, FAILED, CERTIFICATE], Verdict.CERTIFIED),
    ([AGREES, BALLS_AGAINST, FAILED], Verdict.REFUTED),
    ([AGREES, CONTROLS_STOPPED], Verdict.INCONCLUSIVE),
    ([AGREES, CONTROLS_STOPPED, PROOF], Verdict.PROVED),
    ([LACKING], Verdict.INCONCLUSIVE),
    ([LACKING, AGREES], Verdict.INCONCLUSIVE),
    ([LACKING, AGREES, PROOF], Verdict.INCONCLUSIVE),
    ([LACKING, BALLS_AGAINST], Verdict.REFUTED),
    ([VACUOUS], Verdict.INCONCLUSIVE),
    ([VACUOUS, AGREES, PROOF], Verdict.INCONCLUSIVE),
    ([COLLAPSED], Verdict.REFUTED),
    ([AGREES, PROOF, CODE_AGAINST], Verdict.INCONCLUSIVE),
]


@pytest.mark.parametrize(("evidence", "verdict"), TABLE, ids=lambda value: str(value)[:60] if isinstance(value, Verdict) else "")
def test_table(evidence: list[Evidence], verdict: Verdict) -> None:
    assert decide(evidence).verdict is verdict


def test_order_of_evidence_never_matters() -> None:
    everything = [AGREES, PROOF, BALLS_AGAINST, FLOAT_AGAINST, BLIND, UNDECIDED, REFUSED]
    for size in (2, 3):
        for group in itertools.combinations(everything, size):
            verdicts = {decide(order).verdict for order in itertools.permutations(group)}
            assert len(verdicts) == 1, group


def test_a_pass_needs_something_that_looked() -> None:
    silent = [REFUSED, STOPPED, BLIND, CAUGHT, VACUOUS, UNDECIDED]
    for size in range(len(silent) + 1):
        for group in itertools.combinations(silent, size):
            assert decide(list(group)).verdict is Verdict.INCONCLUSIVE


def test_a_proof_against_a_ball_is_a_conflict_that_names_both() -> None:
    decision = decide([PROOF, BALLS_AGAINST])
    assert decision.verdict is Verdict.REFUTED
    assert "derivation" in decision.conflict and "balls" in decision.conflict


def test_every_refusal_is_named_in_an_inconclusive_verdict() -> None:
    assert "shy" in decide([REFUSED]).because


def test_assumptions_are_told_once() -> None:
    derived = Evidence(Road.DERIVED, "derivation", Outcome.DISAGREES, Rigour.EXACT, "the derivation ends in x; taking for granted: x > 0")
    boxes = Evidence(Road.SEARCHED, "boxes", Outcome.DISAGREES, Rigour.RIGOROUS, "not there; taking for granted: x > 0", {"x": "1"})
    points = Evidence(Road.MEASURED, "balls", Outcome.DISAGREES, Rigour.RIGOROUS, "lhs = rhs fails", {"x": "1"})
    assert decide([derived, boxes]).because == "not there; taking for granted: x > 0; the derivation ends in x"
    assert decide([derived, points]).because == "lhs = rhs fails; the derivation ends in x; taking for granted: x > 0"
