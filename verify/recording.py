"""From a judgement to its record: statement and derivation printed, the counterexample, the environment."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.theory.derivation import Derivation
from lemmata.theory.printing import latex, latex_statement
from lemmata.theory.printing.hypotheses import latex_setting
from lemmata.theory.printing.motions import told_apart
from lemmata.theory.printing.plain_text import text
from lemmata.verify.claim import Claim
from lemmata.verify.conditions import versions
from lemmata.verify.controls.table import survivors
from lemmata.verify.evidence import Evidence, Outcome, Road, Verdict
from lemmata.verify.record import Record, StepRecord
from lemmata.verify.verdict import Decision


def record_of(
    claim: Claim,
    budget: Budget,
    decision: Decision,
    evidence: Sequence[Evidence],
    derivations: Sequence[Derivation],
    granted: Sequence[str],
    seconds: float,
) -> Record:
    """The record of one judgement: everything a report or a reader needs, as text; `granted` is what the measurements assume."""
    steps = tuple(step for derivation in derivations for step in derivation.steps)
    return Record(
        verdict=decision.verdict,
        because=decision.because,
        derivation=tuple(
            StepRecord(
                step.rule,
                step.link.value,
                latex(step.before),
                latex(step.after),
                step.because,
                step.assumes,
                step.source,
                text(step.before),
                text(step.after),
            )
            for step in steps
        ),
        assumes=tuple(
            dict.fromkeys((*(item for step in steps for item in step.assumes), *_sides_defined(claim, evidence, derivations), *granted))
        ),
        evidence=tuple(evidence),
        counterexample=_counterexample(decision),
        conflict=decision.conflict,
        resolution=_resolution(decision, evidence),
        survivors=survivors(evidence),
        environment=environment(budget),
        seconds=seconds,
        **stated(claim),
    )


def _sides_defined(claim: Claim, evidence: Sequence[Evidence], derivations: Sequence[Derivation]) -> tuple[str, ...]:
    """Where a proof holds only where its sides are defined: what was not proved of denominators, roots and logarithms."""
    from lemmata.theory.exact.defined import unproved_conditions

    if not any(item.road is Road.DERIVED and item.outcome is Outcome.PROVES for item in evidence):
        return ()
    sides = dict.fromkeys((*(derivation.end for derivation in derivations), claim.rhs))
    return tuple(condition for side in sides for condition in unproved_conditions(side, claim.domain))


@lru_cache(maxsize=1)
def stated(claim: Claim) -> dict[str, Any]:
    """The part of a record that is known before anything is judged; a record is made before and after that, and printing is slow."""
    lhs, rhs = told_apart(claim.lhs, claim.rhs)
    if claim.relation is None:
        text = str(claim.statement)
        printed = {"text": text, "statement": rf"\mathrm{{{text}}}", "lhs": "", "rhs": ""}
    else:
        printed = {
            "text": f"{claim.lhs} {claim.relation.value} {claim.rhs}",
            "statement": latex_statement(lhs, claim.relation.value, rhs),
            "lhs": latex(lhs),
            "rhs": latex(rhs),
        }
    return {
        "name": claim.name,
        "expect": claim.expect,
        "given": latex_setting(claim.given, lhs, rhs),
        "about": claim.about,
        "source_key": claim.source.key,
        "source_locus": claim.source.locus,
        "file": claim.file,
        "line": claim.line,
        "uses": claim.uses,
        **printed,
    }


def unjudged(claim: Claim, budget: Budget, because: str, seconds: float = 0.0) -> Record:
    """The record of a claim whose judgement was ended from outside: a deadline, a dead worker, too much memory."""
    return Record(verdict=Verdict.INCONCLUSIVE, because=because, environment=environment(budget), seconds=seconds, **stated(claim))


def _counterexample(decision: Decision) -> dict[str, Any] | None:
    if decision.verdict is not Verdict.REFUTED or decision.deciding is None:
        return None
    item = decision.deciding
    return {
        "at": dict(item.at),
        "lhs": item.lhs,
        "rhs": item.rhs,
        "rigour": item.rigour.value,
        "instrument": item.instrument,
        "because": item.because,
    }


def _resolution(decision: Decision, evidence: Sequence[Evidence]) -> float | None:
    """The smallest error that would have been caught at every point: the best instrument's there, the worst point's."""
    if not decision.verdict.holds:
        return None
    best: dict[tuple[tuple[str, str], ...], float] = {}
    for item in evidence:
        if item.road is Road.MEASURED and item.outcome is Outcome.AGREES and item.resolution is not None:
            place = tuple(sorted(item.at.items()))
            best[place] = min(item.resolution, best.get(place, item.resolution))
    return max(best.values(), default=None)


def environment(budget: Budget) -> dict[str, Any]:
    """What a reader needs to repeat the run: seed, budget, device, versions."""
    return {
        "seed": budget.seed,
        "budget": budget.name,
        "alpha": budget.alpha,
        "device": _device_name(budget.device),
        "python": platform.python_version(),
        "versions": dict(versions()),
    }


def _device_name(device: str) -> str:
    if device != "cuda":
        return device
    import torch

    return f"cuda ({torch.cuda.get_device_name()})"
