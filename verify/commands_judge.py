"""`lemmata verify` and `lemmata check`: find the claims, judge them, print what came out."""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from lemmata.numerics.budget import Budget
from lemmata.verify.catalogue import Entry, NothingSelected, select
from lemmata.verify.discover import ClaimRef, Problem, displayed
from lemmata.verify.evidence import Outcome
from lemmata.verify.journal import Journal
from lemmata.verify.options import (
    AS_EXPECTED,
    EXIT_STATUS,
    INTERRUPTED,
    NOT_AS_EXPECTED,
    USAGE,
    Mistake,
    budget_of,
    check_writable,
    journal_of,
    judging_options,
    options_of_runs,
    write_json,
)
from lemmata.verify.progress import progress
from lemmata.verify.record import Record
from lemmata.verify.run import Interrupted, TooManyClaims, run, survey
from lemmata.verify.show import console, count_line, explain, show_table
from lemmata.verify.supervisor import Supervisor

if TYPE_CHECKING:
    from rich.console import Console


@click.command(epilog=EXIT_STATUS)
@click.argument("patterns", metavar="[SELECT ...]", nargs=-1)
@judging_options
@options_of_runs
def verify(
    patterns: tuple[str, ...],
    budget: str,
    seed: int,
    alpha: float,
    device: str,
    jobs: int | None,
    json_file: str | None,
    deadline: float | None,
    records: str | None,
    resume: bool,
    controls: bool,
) -> int:
    """Judge the claims of the built-in register.

    SELECT is the name of a claim, of a topic (see `lemmata list`), or a pattern such as 'relu-*'; without any, all
    claims are judged.
    """
    check_writable(json_file, records)
    with Supervisor(jobs, register=True) as supervisor:
        chosen = budget_of(budget, seed, device, deadline, supervisor, alpha)
        (catalogue,) = survey([""], chosen, supervisor)
        entries: Sequence[Entry] = catalogue.entries
        if patterns:
            try:
                entries = select(entries, patterns)
            except NothingSelected as error:
                raise Mistake(str(error)) from None
        with journal_of("verify", patterns, chosen, records, resume) as journal:
            return _judge(entries, catalogue.problems, chosen, supervisor, json_file, journal, controls)


@click.command(epilog=EXIT_STATUS)
@click.argument("targets", metavar="FILE ...", nargs=-1, required=True)
@judging_options
@options_of_runs
def check(
    targets: tuple[str, ...],
    budget: str,
    seed: int,
    alpha: float,
    device: str,
    jobs: int | None,
    json_file: str | None,
    deadline: float | None,
    records: str | None,
    resume: bool,
    controls: bool,
) -> int:
    """Judge the claims in files of your own.

    FILE is a Python file with lemmata.verify.Claim objects at module level, FILE::NAME one claim of it (or a pattern:
    FILE::'relu-*'), or a folder, which stands for every *_claims.py below it.
    """
    check_writable(json_file, records)
    with Supervisor(jobs) as supervisor:
        chosen = budget_of(budget, seed, device, deadline, supervisor, alpha)
        wanted, problems = targets_of(targets)
        catalogues = survey(list(wanted), chosen, supervisor)
        entries: list[Entry] = []
        for (path, patterns), catalogue in zip(wanted.items(), catalogues, strict=True):
            found, faults = narrowed(path, patterns, catalogue.entries, catalogue.problems)
            entries.extend(found)
            problems.extend(faults)
        with journal_of("check", targets, chosen, records, resume) as journal:
            return _judge(entries, problems, chosen, supervisor, json_file, journal, controls)


def show_controls(out: Console, records: Sequence[Record]) -> None:
    """How many altered copies each instrument has refuted, as a table; refuted claims and those expected to be have none."""
    from lemmata.verify.controls.table import kill_rates, kill_table

    out.print()
    if kill_rates(records):
        out.print(kill_table(records, ascii_only=not (out.encoding or "").lower().startswith("utf")))
    else:
        out.print("controls: no claim had an altered copy that could be put to the instruments", soft_wrap=True)
    out.print()


def ended_early(records: Sequence[Record]) -> list[str]:
    """The claims in which the clock has ended something, with what it was."""
    found = []
    for record in records:
        parts = dict.fromkeys(item.instrument for item in record.evidence if item.outcome is Outcome.STOPPED)
        found += [f"{record.name} ({', '.join(parts)})"] if parts else []
    return found


def targets_of(targets: Sequence[str]) -> tuple[dict[str, list[str]], list[Problem]]:
    """Each file once, with the patterns that select in it (none: all of it), in the order given."""
    wanted: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for target in targets:
        path, pattern = target, ""
        if not os.path.exists(target) and "::" in target:
            path, _, pattern = target.partition("::")
        if os.path.isdir(path):
            inside = sorted(glob.glob(os.path.join(glob.escape(path), "**", "*_claims.py"), recursive=True))
            if not inside:
                problems.append(Problem(displayed(path), "", 0, "no *_claims.py in this folder; name the file itself"))
        else:
            inside = [path]
        for file in inside:
            known = next((name for name in wanted if os.path.realpath(name) == os.path.realpath(file)), file)
            before = wanted.get(known)
            wanted[known] = [*(before or []), pattern] if pattern and before != [] else []
    return wanted, problems


def narrowed(
    path: str, patterns: Sequence[str], entries: Sequence[Entry], problems: Sequence[Problem]
) -> tuple[list[Entry], list[Problem]]:
    """The selected claims of one file, and the problems that concern them."""
    if not patterns:
        return list(entries), list(problems)
    faults = [problem for problem in problems if not problem.claim or problem.claim in patterns]
    chosen: set[ClaimRef] = set()
    for pattern in patterns:
        try:
            chosen.update(entry.ref for entry in select(entries, [pattern]))
        except NothingSelected:
            if not any(problem.claim == pattern or not problem.claim for problem in problems):
                names = ", ".join(entry.name for entry in entries[:6]) + (", ..." if len(entries) > 6 else "")
                faults.append(Problem(displayed(path), "", 0, f"no claim matches {pattern!r}; it holds {names}"))
    return [entry for entry in entries if entry.ref in chosen], faults


def _judge(
    entries: Sequence[Entry],
    problems: Sequence[Problem],
    budget: Budget,
    supervisor: Supervisor,
    json_file: str | None,
    journal: Journal | None,
    controls: bool,
) -> int:
    """Judge, print, write; the exit status."""
    for problem in problems:
        click.echo(str(problem), err=True)
    if not entries:
        return USAGE if problems else AS_EXPECTED
    out = console()
    refs = [entry.ref for entry in entries]
    interrupted = False
    with progress(out, len(refs)) as shown:
        try:
            records = dict(zip(refs, run(refs, budget, on_event=shown, supervisor=supervisor, journal=journal), strict=True))
        except TooManyClaims as error:
            raise Mistake(str(error)) from None
        except Interrupted as stopped:
            interrupted = True
            records = {ref: stopped.records[ref] for ref in refs if ref in stopped.records}
    judged = list(records.values())
    if judged:
        show_table(out, judged)
    for ref, record in records.items():
        if not record.as_expected:
            width = out.width if out.is_terminal else 0
            out.print(explain(record, ref, budget, shown.outputs.get(ref, ""), width), soft_wrap=True)
            out.print()
    if json_file is not None:
        write_json(json_file, judged, problems)
    if controls and judged:
        show_controls(out, judged)
    late = ended_early(judged)
    if late:
        out.print(f"stopped by the clock in a part, perhaps judged better with more time (--deadline): {', '.join(late)}", soft_wrap=True)
    out.print(count_line(judged, time.monotonic() - supervisor.since, len(problems)), soft_wrap=True)
    if journal is not None and journal.fault:
        click.echo(f"the last claims are not recorded: {journal.fault}", err=True)
    if interrupted:
        goes_on = "" if journal is None else "; the same command with --resume goes on"
        click.echo(f"stopped by Ctrl-C: {len(judged)} of {len(refs)} claims were judged{goes_on}", err=True)
        return INTERRUPTED
    return _status(judged, problems)


def _status(records: Sequence[Record], problems: Sequence[Problem]) -> int:
    if problems:
        return USAGE
    return AS_EXPECTED if all(record.as_expected for record in records) else NOT_AS_EXPECTED
