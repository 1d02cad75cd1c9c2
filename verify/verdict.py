"""decide(): one total function from the evidence to a verdict. Its truth table is its test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road, Verdict

CONTROLS = "controls"
"""The stage, and the instrument, under which all instruments together meet the altered copies."""

GRANTED = "; taking for granted: "
"""What introduces the assumptions of a derivation: a finding on its derived form names them too, and once is enough."""

LOOKED = (Road.MEASURED, Road.SEARCHED)
"""The roads on which a point is looked at: the points of measurement, and those that a search or a batch chose."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, why, the evidence that decided (a counterexample when refuted), and a conflict between engines if any."""

    verdict: Verdict
    because: str
    deciding: Evidence | None = None
    conflict: str = ""


def decide(evidence: Sequence[Evidence]) -> Decision:
    """The verdict that the evidence supports.

    Floating point that contradicts a rigorous enclosure at the same point is set aside: it is the float that erred.
    In order: a collapsed or vacuous statement; a counterexample (rigorous, statistical, or floating point confirmed by
    a second road); a derivation of another value; a side without a value at an admissible point; then proved, certified;
    blindness, controls that were not run to their end, a stage that failed; then supported; else inconclusive.
    """
    evidence = _without_erring_floats(evidence)
    stated = _first(evidence, Road.STATED, Outcome.DISAGREES)
    if stated is not None:
        return Decision(Verdict.REFUTED, stated.because, stated)
    for item in evidence:
        if item.outcome is Outcome.VACUOUS:
            return Decision(Verdict.INCONCLUSIVE, item.because, item)
    counterexample = _counterexample(evidence)
    proof = _first(evidence, Road.DERIVED, Outcome.PROVES)
    certificate = next((item for item in evidence if item.outcome is Outcome.CERTIFIES), None)
    if counterexample is not None:
        conflict = _conflict(counterexample, proof, certificate)
        return Decision(Verdict.REFUTED, counterexample.because, counterexample, conflict)
    lacking = next((item for item in evidence if item.outcome is Outcome.LACKING), None)
    if lacking is not None:
        return Decision(Verdict.INCONCLUSIVE, lacking.because, lacking)
    unconfirmed = next((item for item in evidence if item.outcome is Outcome.DISAGREES and item.rigour is Rigour.FLOATING), None)
    if unconfirmed is not None:
        return Decision(Verdict.INCONCLUSIVE, f"unconfirmed disagreement in floating point: {unconfirmed.because}", unconfirmed)
    agreeing = [item for item in evidence if item.outcome is Outcome.AGREES and item.road is Road.MEASURED]
    if proof is not None and agreeing:
        return Decision(Verdict.PROVED, proof.because, proof)
    if certificate is not None:
        return Decision(Verdict.CERTIFIED, certificate.because, certificate)
    if proof is not None:
        reasons = _reasons(evidence)
        return Decision(Verdict.INCONCLUSIVE, f"derived, but nothing measured it: {reasons}", proof)
    blind = next((item for item in evidence if item.outcome is Outcome.BLIND), None)
    if blind is not None:
        return Decision(Verdict.INCONCLUSIVE, blind.because, blind)
    undecided = next((item for item in evidence if item.outcome is Outcome.UNDECIDED), None)
    if undecided is not None:
        return Decision(Verdict.INCONCLUSIVE, undecided.because or "the two sides could not be told apart where they touch", undecided)
    unfinished = next((item for item in evidence if _leaves_open(item)), None)
    if unfinished is not None:
        return Decision(Verdict.INCONCLUSIVE, unfinished.because, unfinished)
    if agreeing:
        return Decision(Verdict.SUPPORTED, _support(agreeing), agreeing[0])
    return Decision(Verdict.INCONCLUSIVE, _reasons(evidence))


def _leaves_open(item: Evidence) -> bool:
    """A stage of measuring that failed, or controls that were not run to their end: the agreement was not tested as it should be."""
    return (item.outcome is Outcome.FAILED and item.road is not Road.DERIVED) or (
        item.instrument == CONTROLS and item.outcome is Outcome.STOPPED
    )


def _without_erring_floats(evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """The evidence less what floating point says against a ball that agrees at the same point."""
    settled = [
        item.at
        for item in evidence
        if item.road in LOOKED and item.outcome is Outcome.AGREES and item.rigour in (Rigour.EXACT, Rigour.RIGOROUS)
    ]
    return [
        item
        for item in evidence
        if not (item.road in LOOKED and item.outcome is Outcome.DISAGREES and item.rigour is Rigour.FLOATING and item.at in settled)
    ]


def _first(evidence: Sequence[Evidence], road: Road, outcome: Outcome) -> Evidence | None:
    return next((item for item in evidence if item.road is road and item.outcome is outcome), None)


def _counterexample(evidence: Sequence[Evidence]) -> Evidence | None:
    """The strongest disagreement that stands on its own, or a floating one that a second finding confirms.

    A finding at a named point comes before a derivation of another value, which it then confirms: readers want a point.
    """
    against = [item for item in evidence if item.outcome is Outcome.DISAGREES and item.road is not Road.COMPILED]
    derived = next((item for item in against if item.road is Road.DERIVED), None)
    pointed = [item for item in against if item.road is not Road.DERIVED]
    for rigour in (Rigour.EXACT, Rigour.RIGOROUS, Rigour.STATISTICAL):
        found = [item for item in pointed if item.rigour is rigour]
        if found:
            return _together(max(found, key=lambda item: item.road is Road.MEASURED), derived)
    floating = [item for item in pointed if item.rigour is Rigour.FLOATING]
    for item in floating:
        if derived or any(other.instrument != item.instrument and other.at == item.at for other in floating):
            return _together(item, derived)
    return derived


def _together(item: Evidence, derived: Evidence | None) -> Evidence:
    """A finding at a point, with what a derivation says to it."""
    if derived is None:
        return item
    told, _, granted = derived.because.partition(GRANTED)
    said = told if granted and granted in item.because else derived.because
    return replace(item, because=f"{item.because}; {said}")


def _conflict(counterexample: Evidence, proof: Evidence | None, certificate: Evidence | None) -> str:
    other = proof or certificate
    if other is None:
        return ""
    return f"{other.instrument} says the statement holds ({other.because}), {counterexample.instrument} found it false: an engine is wrong"


def _support(agreeing: Sequence[Evidence]) -> str:
    instruments = ", ".join(dict.fromkeys(item.instrument for item in agreeing))
    places = len({tuple(sorted(item.at.items())) for item in agreeing})
    return f"agreement at {places} point{'s' if places != 1 else ''} ({instruments})"


def _reasons(evidence: Sequence[Evidence]) -> str:
    """Why nothing looked, or not well enough: the reasons of refusals, stops and failures, once each."""
    given = [
        f"{item.instrument}: {item.because}" if item.instrument else item.because
        for item in evidence
        if item.outcome in (Outcome.REFUSED, Outcome.STOPPED, Outcome.FAILED) and item.because
    ]
    return "; ".join(dict.fromkeys(given)) or "no instrument examined the statement"
