"""judge(): one claim from its statement to its record.

The three roads in order: the statement itself, the derivation, the measurements; then what tests the tests (controls)
and what looks where the points did not (search, certificates). Each stage returns evidence; `decide` alone judges.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lemmata.numerics.budget import CLAIMS_A_RUN, Budget
from lemmata.numerics.streams import Stream
from lemmata.verify.claim import Claim, ClaimError
from lemmata.verify.clock import TimeUp, at_most, used
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road, Verdict
from lemmata.verify.record import Record
from lemmata.verify.verdict import CONTROLS, decide

Progress = Callable[[str], None]

DERIVING_SHARE = 0.4
"""The part of a claim's deadline that the derived road may take before it is stopped and the instruments go on."""

SHORTEST = 0.01
"""Seconds that a stage gets when the deadline has passed: enough to be stopped in."""


def judge(claim: Claim, budget: Budget, progress: Progress = lambda _: None) -> Record:
    """The record of one claim, in this process; raises ClaimError for a claim that cannot be judged as written.

    `budget.alpha` is the run's false-alarm probability; this claim spends its fixed share of it. `progress` is told the
    name of each stage as it begins.
    """
    if claim.faults:
        raise ClaimError(f"{claim.name}: {claim.faults[0]}")
    from lemmata.verify.recording import record_of

    started = time.monotonic()
    case = _Case(claim, budget.share(CLAIMS_A_RUN), progress)
    evidence = list(case.stages())
    return record_of(claim, budget, decide(evidence), evidence, case.derivations, case.granted, time.monotonic() - started)


class _Case:
    """The stages of one judgement, in order; the state they share is what was measured and derived on the way."""

    def __init__(self, claim: Claim, budget: Budget, progress: Progress) -> None:
        self.claim = claim
        self.budget = budget
        self.progress = progress
        self.stream = Stream(budget.seed, (claim.name,))
        self.derivations: list[Any] = []
        self.granted: tuple[str, ...] = ()
        self.proved = False
        self.search: Any = None
        self.end = used() + budget.deadline

    def left(self) -> float:
        """Seconds of the processor until the claim's deadline; an alarm set to 0 would never ring."""
        return max(self.end - used(), SHORTEST)

    def stages(self) -> Iterator[Evidence]:
        """All evidence, stage by stage; a stage that shows the statement to be empty or ill-posed ends it.

        A claim that is refuted where it was measured is not searched further. Controls ask whether a wrong statement would
        have been caught: a claim already caught, or expected to be, has none.
        """
        claim = self.claim
        if claim.collapsed is not None:
            yield collapsed(claim.collapsed)
            return
        self.progress("domain")
        ill = next(iter(self._ill_posed()), None)
        if ill is not None:
            yield ill
            return
        points = claim.domain.points(self.budget.points, self.stream.child("points").python())
        shown = drawn(claim, points)
        yield shown
        if shown.outcome is Outcome.VACUOUS:
            return
        yield from self._derived()
        from lemmata.verify.measure import Measured

        measured = Measured(claim, points, self.budget, self.stream)
        found = [*self._stopping_late(measured.evidence, "measuring"), *self._stopping_late(lambda: self._compiled(measured), "compiling")]
        if decide(found).verdict is not Verdict.REFUTED:  # what two instruments refute where it was measured needs no search either
            found += self._stopping_late(lambda: self._searched(measured), "searching")
        yield from found
        self.granted = measured.assumes()
        against = any(item.outcome is Outcome.DISAGREES for item in found)
        if claim.expect != "refuted" and not against:
            from lemmata.verify.controls import control_evidence

            tightest = self.search.tightest if self.search is not None else None
            yield from self._stopping_late(lambda: control_evidence(claim, measured, tightest), CONTROLS)

    def _ill_posed(self) -> Iterator[Evidence]:
        """An empty domain, or a function without a definition: nothing to judge."""
        claim = self.claim
        try:
            with at_most(self.budget.deadline * DERIVING_SHARE):
                reason = claim.domain.empty()
        except TimeUp:
            reason = "the hypotheses could not be examined in time: state them as bounds on single symbols where possible"
        if reason:
            yield Evidence(Road.STATED, "domain", Outcome.VACUOUS, Rigour.EXACT, f"no admissible point: {reason}")
        undefined = undefined_functions(claim)
        if undefined:
            names = ", ".join(undefined)
            because = f"{names} has no definition: substitute an expression for it, or state the claim for named functions"
            yield Evidence(Road.STATED, "statement", Outcome.REFUSED, Rigour.EXACT, because)

    def _derived(self) -> Iterator[Evidence]:
        from lemmata.verify.derive import DerivedRoad

        self.progress("deriving")
        road = DerivedRoad(self.claim)
        try:
            with at_most(self.budget.deadline * DERIVING_SHARE):
                outcome = road.run()
        except TimeUp:
            outcome = None
            because = f"stopped after {self.budget.deadline * DERIVING_SHARE:.0f} s"
            yield Evidence(Road.DERIVED, "derivation", Outcome.STOPPED, Rigour.EXACT, because)
        self.derivations = road.derivations
        if outcome is not None:
            self.proved = outcome.outcome is Outcome.PROVES
            yield outcome

    def _compiled(self, measured: Any) -> Iterator[Evidence]:
        from lemmata.verify.compiled import compiled_evidence

        for derivation in self.derivations[:1]:
            yield from compiled_evidence(derivation, measured)

    def _searched(self, measured: Any) -> Iterator[Evidence]:
        """Counterexamples off the points, then what holds over the whole domain where nothing is proved of it yet, then batches."""
        from lemmata.verify.certify.certificate import certificate
        from lemmata.verify.search import Search, batch_evidence, long_run_evidence

        self.search = Search(self.claim, self.budget, self.stream)
        found = list(self.search.evidence())
        yield from found
        if not self.proved and not any(item.outcome is Outcome.DISAGREES for item in found):
            yield from certificate(self.claim, measured, self.derivations, self.budget)
        yield from batch_evidence(self.claim, self.budget, self.stream)
        yield from long_run_evidence(self.claim, self.budget, self.stream)

    def _stopping_late(self, stage: Callable[[], Iterator[Evidence]], name: str) -> Iterator[Evidence]:
        """The evidence of a stage up to the moment it is stopped or fails, and the stop or the failure itself."""
        self.progress(name)
        found: list[Evidence] = []
        road = Road.CONTROL if name == CONTROLS else Road.MEASURED
        try:
            with at_most(self.left()):
                for item in stage():
                    found.append(item)
        except TimeUp:
            because = f"stopped at the deadline of {self.budget.deadline:g} s"
            found.append(Evidence(road, name, Outcome.STOPPED, Rigour.EXACT, because))
        except Exception as error:  # a fault of ours or of a user's code: named in the record, told in full where it happened
            traceback.print_exc()
            because = f"{name} raised {type(error).__name__}: {str(error).strip()[:300]}"
            found.append(Evidence(road, name, Outcome.FAILED, Rigour.EXACT, because))
        yield from found


def collapsed(value: bool) -> Evidence:
    """SymPy has already evaluated the statement: `False` is a refutation, `True` says nothing."""
    how = "write it so that SymPy keeps it: Eq(lhs, rhs, evaluate=False), Le(lhs, rhs, evaluate=False), ..."
    if value:
        because = f"SymPy evaluated the statement to True before lemmata saw it, so nothing was checked: {how}"
        return Evidence(Road.STATED, "statement", Outcome.VACUOUS, Rigour.EXACT, because)
    because = f"SymPy evaluated the statement to False before lemmata saw it, which nothing here has checked; to see both sides, {how}"
    return Evidence(Road.STATED, "statement", Outcome.DISAGREES, Rigour.EXACT, because)


def drawn(claim: Claim, points: Sequence[Any]) -> Evidence:
    """That the points of measurement satisfy the hypotheses, each decided exactly; vacuous where one is not shown to."""
    if not points:
        return Evidence(Road.STATED, "domain", Outcome.VACUOUS, Rigour.EXACT, "no admissible point was found: check `given`")
    unshown = [at for at in points if claim.domain.satisfies(at) is not True]
    if unshown:
        because = "points were drawn that are not shown to satisfy the hypotheses: state `given` as bounds on single symbols where possible"
        return Evidence(Road.STATED, "domain", Outcome.VACUOUS, Rigour.EXACT, because)
    if not claim.symbols:
        return Evidence(Road.STATED, "domain", Outcome.AGREES, Rigour.EXACT, "no free symbol: one value on each side")
    count = f"{len(points)} points" if len(points) > 1 else "one point"
    because = f"{count} drawn, {'each' if len(points) > 1 else 'it'} satisfies the hypotheses (decided exactly)"
    return Evidence(Road.STATED, "domain", Outcome.AGREES, Rigour.EXACT, because)


def undefined_functions(claim: Claim) -> list[str]:
    """The names of functions in the statement that nothing defines, such as `Function("f")(x)`."""
    from sympy.core.function import AppliedUndef

    from lemmata.theory.quantity import RandomQuantity

    found = {str(node.func) for side in (claim.lhs, claim.rhs) for node in side.atoms(AppliedUndef) if not isinstance(node, RandomQuantity)}
    return sorted(found)
