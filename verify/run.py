"""run(): the records of many claims, judged in workers; and what a claim owes to the claims it uses."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from lemmata.numerics.budget import CLAIMS_A_RUN, Budget
from lemmata.verify.catalogue import Catalogue
from lemmata.verify.discover import ClaimRef, Problem, displayed
from lemmata.verify.evidence import Evidence, Outcome, Rigour, Road, Verdict
from lemmata.verify.journal import Finished, Journal
from lemmata.verify.record import Record
from lemmata.verify.supervisor import STARTED, Answer, Report, Supervisor
from lemmata.verify.worker import JUDGE, Failure, Kind, Task

Uses = Mapping[ClaimRef, tuple[tuple[str, ClaimRef | None], ...]]

STRENGTH = (Verdict.INCONCLUSIVE, Verdict.SUPPORTED, Verdict.CERTIFIED, Verdict.PROVED)
"""The verdicts that hold, from weak to strong, above the one that does not."""


class EventKind(Enum):
    """What happens to a claim in a run; RECALLED: it was judged by an earlier run, and its record stands."""

    RECALLED = "recalled"
    STARTED = "started"
    STAGE = "stage"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Event:
    """News of one claim: `stage` when one begins; `record` and what the claim printed when it is finished."""

    kind: EventKind
    ref: ClaimRef
    stage: str = ""
    record: Record | None = None
    output: str = ""


OnEvent = Callable[[Event], None]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run; `records` holds what was judged by then."""

    def __init__(self, records: Mapping[ClaimRef, Record]) -> None:
        super().__init__()
        self.records = dict(records)


class TooManyClaims(ValueError):
    """A run's error rate is spent in a fixed number of shares; more claims than shares cannot be judged in one run."""


def run(
    refs: Sequence[ClaimRef],
    budget: Budget,
    *,
    jobs: int | None = None,
    on_event: OnEvent = lambda _: None,
    supervisor: Supervisor | None = None,
    judge: str = JUDGE,
    journal: Journal | None = None,
) -> list[Record]:
    """The records of claims, in the order of `refs`; each claim is judged in isolation (see `lemmata.verify.worker`).

    Claims that these use are judged too, and cap their verdicts. `on_event` hears of every claim as it goes on (the
    verdict it hears is the claim's own, before that cap). Each claim is appended to `journal` as it is finished, and those
    that it recalls are not judged again. Raises TooManyClaims.
    """
    if len(refs) > CLAIMS_A_RUN:
        raise TooManyClaims(f"{len(refs)} claims in one run, and its error rate is shared among {CLAIMS_A_RUN}: judge them in parts")
    if supervisor is None:
        with Supervisor(jobs) as own:
            return run(refs, budget, on_event=on_event, supervisor=own, judge=judge, journal=journal)
    records: dict[ClaimRef, Record] = {}
    uses: dict[ClaimRef, tuple[tuple[str, ClaimRef | None], ...]] = {}

    def hear(report: Report) -> None:
        if report.answer is not None:
            records[report.task.ref] = record_from(report.answer)
            uses[report.task.ref] = report.answer.known.uses if report.answer.known is not None else ()
            if journal is not None:
                _keep(journal, report.answer, records[report.task.ref])
        on_event(_event(report, records))

    def missing() -> list[ClaimRef]:
        """What is still to be judged of the claims and of all that they use, after what is recalled."""
        unknown: dict[ClaimRef, None] = {}
        ahead = [*refs, *(lemma for found in uses.values() for _, lemma in found if lemma is not None)]
        for ref in ahead:  # which grows meanwhile
            finished = journal.recalled.get(ref) if journal is not None and ref not in records else None
            if finished is not None:
                records[ref], uses[ref] = finished.record, finished.uses
                on_event(Event(EventKind.RECALLED, ref, record=finished.record, output=finished.output))
                ahead.extend(lemma for _, lemma in finished.uses if lemma is not None)
            elif ref not in records:
                unknown[ref] = None
        return list(unknown)

    try:
        while wanted := missing():
            supervisor.perform([Task(Kind.JUDGE, ref, budget, judge, os.getcwd()) for ref in wanted], hear)
    except KeyboardInterrupt:
        raise Interrupted(apply_uses(records, uses)) from None
    capped = apply_uses(records, uses)
    return [capped[ref] for ref in refs]


def survey(paths: Sequence[str], budget: Budget, supervisor: Supervisor) -> list[Catalogue]:
    """The catalogue of each file, in order; of the built-in register where the path is "".

    A file that never ends or that ends its process is a problem of that file alone.
    """
    tasks = [
        Task(Kind.SURVEY_FILE, ClaimRef(os.path.realpath(path), ""), budget, folder=os.getcwd())
        if path
        else Task(Kind.SURVEY_REGISTER, ClaimRef("", "", "register"), budget, folder=os.getcwd())
        for path in paths
    ]
    catalogues = []
    for path, answer in zip(paths, supervisor.perform(tasks), strict=True):
        if isinstance(answer.value, Catalogue):
            catalogues.append(answer.value)
        else:
            because = answer.value.because if isinstance(answer.value, Failure) else f"met {answer.value!r}"
            message = f"importing it failed: {because}; a claim file only makes claims, so move anything else out of it"
            catalogues.append(Catalogue(problems=(Problem(displayed(path) if path else "register", "", 0, message),)))
    return catalogues


def record_from(answer: Answer) -> Record:
    """The record of a judged claim, or of one whose judgement was ended from outside: inconclusive, with the reason."""
    if isinstance(answer.value, str):
        return Record.from_json(json.loads(answer.value))
    because = answer.value.because if isinstance(answer.value, Failure) else f"the worker answered {answer.value!r}"
    if answer.known is None:
        blank = Record(answer.task.ref.name, Verdict.INCONCLUSIVE, because, file=answer.task.ref.file)
    else:
        blank = Record.from_json(json.loads(answer.known.record))
    stop = Evidence(Road.STATED, "worker", Outcome.STOPPED, Rigour.EXACT, because)
    return replace(blank, because=because, evidence=(stop,), seconds=answer.seconds)


def _keep(journal: Journal, answer: Answer, record: Record) -> None:
    """Append a finished claim; one whose process was ended by someone else is not finished."""
    if isinstance(answer.value, Failure) and answer.value.from_outside:
        return
    known = answer.known
    sources = known.sources if known is not None else ()
    journal.add(answer.task.ref, Finished(record, known.uses if known is not None else (), answer.output, sources))


def _event(report: Report, records: Mapping[ClaimRef, Record]) -> Event:
    ref = report.task.ref
    if report.answer is not None:
        return Event(EventKind.FINISHED, ref, record=records[ref], output=report.answer.output)
    if report.stage == STARTED:
        return Event(EventKind.STARTED, ref)
    return Event(EventKind.STAGE, ref, stage=report.stage)


def apply_uses(records: Mapping[ClaimRef, Record], uses: Uses) -> dict[ClaimRef, Record]:
    """Each record, no better than the weakest of the claims that it uses (they in turn no better than theirs).

    A used claim that does not hold, is unknown, or rests on the claim itself makes its user inconclusive; a refutation
    stands whatever it uses.
    """
    done: dict[ClaimRef, Record] = {}

    def settle(ref: ClaimRef) -> Record:
        if ref not in done:
            record = records[ref]
            for name, used in uses.get(ref, ()):
                if used is None:
                    record = _capped(record, name, None, "which does not exist: correct the name")
                elif used not in records:
                    record = _capped(record, name, None, "which was not judged")
                elif ref in _rests_on(used, uses):
                    record = _capped(record, name, None, "which in turn rests on this one: break the circle")
                else:
                    record = _capped(record, name, settle(used))
            done[ref] = record
        return done[ref]

    return {ref: settle(ref) for ref in records}


def _rests_on(ref: ClaimRef, uses: Uses) -> set[ClaimRef]:
    """A claim and all that it rests on."""
    reached: set[ClaimRef] = set()
    ahead = [ref]
    while ahead:
        here = ahead.pop()
        if here not in reached:
            reached.add(here)
            ahead.extend(used for _, used in uses.get(here, ()) if used is not None)
    return reached


def _capped(record: Record, name: str, used: Record | None, fault: str = "") -> Record:
    """The record after one lemma has been looked at, with that look as evidence."""
    strength = used.verdict if used is not None and used.verdict.holds else Verdict.INCONCLUSIVE
    found = fault or (f"which is {used.verdict.value}" if used is not None else "")
    because = f"uses {name}, {found}"
    outcome = Outcome.AGREES if strength.holds else Outcome.UNDECIDED
    record = replace(record, evidence=(*record.evidence, Evidence(Road.LEMMA, name, outcome, Rigour.EXACT, because)))
    if not record.verdict.holds or STRENGTH.index(record.verdict) <= STRENGTH.index(strength):
        return record
    return replace(record, verdict=strength, because=f"{strength.value} only, because it {because}; by itself: {record.because}")
