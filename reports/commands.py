"""`lemmata report`: claims judged (or read back from JSON) and written as LaTeX or PDF, with figures and bibliography."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import click

from lemmata.numerics.budget import Budget
from lemmata.reports.output import Destination, Written, destination, write_report
from lemmata.reports.store import Stored, read_document, write_document
from lemmata.verify.catalogue import Entry, NothingSelected, select
from lemmata.verify.commands_judge import narrowed, targets_of
from lemmata.verify.discover import Problem
from lemmata.verify.options import (
    AS_EXPECTED,
    EXIT_STATUS,
    INTERRUPTED,
    NOT_AS_EXPECTED,
    USAGE,
    Mistake,
    budget_of,
    check_writable,
    judging_options,
)
from lemmata.verify.supervisor import Supervisor


@click.command(epilog=EXIT_STATUS)
@click.argument("targets", metavar="[SELECT|FILE ...]", nargs=-1)
@click.option(
    "--output", default="report.pdf", show_default=True, metavar="report.pdf|.html|.tex|DIR", help="What to write; a folder gets all of it."
)
@click.option("--from", "source", metavar="FILE", help="Judge nothing: write the report of the records in FILE (see --json).")
@click.option("--figures/--no-figures", default=True, show_default=True, help="Draw the figures of the topics reported.")
@judging_options
def report(
    targets: tuple[str, ...],
    output: str,
    source: str | None,
    figures: bool,
    budget: str,
    seed: int,
    alpha: float,
    device: str,
    jobs: int | None,
    json_file: str | None,
    deadline: float | None,
) -> int:
    """Write statements, derivations, evidence and verdicts as PDF, HTML or LaTeX.

    SELECT names claims or topics of the built-in register as for `lemmata verify`, FILE is a Python file with claims as
    for `lemmata check`; without either, the whole register is reported. PDF needs pdflatex; without it the .tex is
    written and the message says what to install. HTML is one page that loads nothing.
    """
    where = destination(output)
    check_writable(json_file)
    if source is not None:
        if targets:
            raise Mistake("--from takes the records of its file: leave out the selection, or judge without --from")
        stored = read_document(source)
    else:
        judged = _judged(targets, budget, seed, alpha, device, jobs, deadline, figures)
        if isinstance(judged, int):
            return judged
        stored = judged
    if json_file is not None:
        write_document(json_file, stored)
    written = _write(stored, where, figures)
    if stored.problems or written.failed:
        return USAGE
    return AS_EXPECTED if all(record.as_expected for record in stored.records) else NOT_AS_EXPECTED


def _judged(
    targets: Sequence[str],
    budget: str,
    seed: int,
    alpha: float,
    device: str,
    jobs: int | None,
    deadline: float | None,
    figures: bool,
) -> Stored | int:
    """The records of the claims that were asked for and the data of their figures; an exit status where there are none."""
    from lemmata.verify.progress import progress
    from lemmata.verify.run import Interrupted, run
    from lemmata.verify.show import console

    with Supervisor(jobs, register=not targets or not all(map(_is_file, targets))) as supervisor:
        chosen = budget_of(budget, seed, device, deadline, supervisor, alpha)
        entries, problems = _entries(targets, chosen, supervisor)
        for problem in problems:
            click.echo(str(problem), err=True)
        if not entries:
            return USAGE if problems else AS_EXPECTED
        refs = [entry.ref for entry in entries]
        with progress(console(), len(refs)) as shown:
            try:
                records = run(refs, chosen, on_event=shown, supervisor=supervisor)
            except Interrupted:
                click.echo("stopped by Ctrl-C: no report was written", err=True)
                return INTERRUPTED
    data, notes = _figure_data(entries, chosen) if figures else ({}, [])
    plain = [{"file": problem.file, "line": problem.line, "claim": problem.claim, "message": problem.message} for problem in problems]
    return Stored(records=tuple(records), figures=data, notes=tuple(notes), problems=tuple(plain))


def _entries(targets: Sequence[str], budget: Budget, supervisor: Supervisor) -> tuple[list[Entry], list[Problem]]:
    """The claims that the arguments name: those of the register first, then those of files, each once."""
    from lemmata.verify.run import survey

    files = [target for target in targets if _is_file(target)]
    patterns = [target for target in targets if not _is_file(target)]
    found: dict[Any, Entry] = {}
    problems: list[Problem] = []
    if patterns or not files:
        (register,) = survey([""], budget, supervisor)
        problems.extend(register.problems)
        try:
            entries = select(register.entries, patterns) if patterns else register.entries
        except NothingSelected as error:
            raise Mistake(str(error)) from None
        found.update({entry.ref: entry for entry in entries})
    if files:
        wanted, faults = targets_of(files)
        problems.extend(faults)
        for (path, narrow), catalogue in zip(wanted.items(), survey(list(wanted), budget, supervisor), strict=True):
            entries, faults = narrowed(path, narrow, catalogue.entries, catalogue.problems)
            found.update({entry.ref: entry for entry in entries})
            problems.extend(faults)
    return list(found.values()), problems


def _is_file(target: str) -> bool:
    """Whether an argument means a file or a folder of claims rather than a selection from the register."""
    path = target.partition("::")[0]
    return path.endswith(".py") or os.sep in path or "::" in target or os.path.exists(path)


def _figure_data(entries: Sequence[Entry], budget: Budget) -> tuple[Mapping[str, Any], list[str]]:
    """The data of the figures that illustrate a topic of the register among these claims, and why one has none."""
    from lemmata.reports.figures import measure_figures

    topics = {entry.topic for entry in entries if entry.ref.module}
    return measure_figures(topics, budget)


def _write(stored: Stored, where: Destination, figures: bool) -> Written:
    from lemmata.reports.figures import draw_figures
    from lemmata.reports.html import page
    from lemmata.reports.latex import document

    drawn, notes = draw_figures(stored.figures) if figures else ([], [])
    said = (*stored.notes, *notes)
    tex = partial(document, stored.records, figures=drawn, notes=said)
    written = write_report(where, tex, partial(page, stored.records, figures=drawn, notes=said), drawn, stored)
    if written.no_pdf:
        click.echo(written.no_pdf, err=True)
    click.echo(written.line)
    return written
