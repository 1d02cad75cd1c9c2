"""`lemmata new`, `lemmata list` and `lemmata show`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from importlib.resources import files

import click

from lemmata.verify.catalogue import Catalogue, Entry, NothingSelected, select
from lemmata.verify.commands_judge import narrowed, targets_of
from lemmata.verify.options import (
    ALPHA,
    AS_EXPECTED,
    BUDGET,
    DEADLINE,
    DEVICE,
    EXIT_STATUS,
    JOBS,
    JSON,
    NOT_AS_EXPECTED,
    SEED,
    USAGE,
    Mistake,
    budget_of,
    check_writable,
    write_json,
)
from lemmata.verify.run import run, survey
from lemmata.verify.show import console, show_story
from lemmata.verify.supervisor import Supervisor

PICTURES = "lemmata.pictures"
"""The entry-point group of what draws pictures for the command line."""


@click.command(epilog="Exit status: 0 when the file was written, 2 when it was not.")
@click.argument("file", metavar="FILE")
def new(file: str) -> int:
    """Write a commented claim file that already runs.

    By convention its name ends in _claims.py: pytest then finds it too. A file that exists is left as it is.
    """
    if not file.endswith(".py"):
        raise Mistake(f"{file} is not the name of a Python file: let it end in _claims.py")
    folder = os.path.dirname(os.path.abspath(file))
    if not os.path.isdir(folder):
        raise Mistake(f"cannot write {file}: there is no folder {folder}; create it, or name another file")
    template = files("lemmata.verify").joinpath("new_file.txt").read_text(encoding="utf-8")
    try:
        with open(file, "x", encoding="utf-8") as stream:
            stream.write(template.replace("FILE", file.replace(os.sep, "/")))
    except FileExistsError:
        raise Mistake(f"{file} exists and is left as it is: name another file") from None
    except OSError as error:
        raise Mistake(f"cannot write {file}: {error.strerror}; name another file") from None
    click.echo(f"wrote {file}; judge it with: lemmata check {file}")
    return AS_EXPECTED


@click.command("list", epilog="Exit status: 0, or 2 when a file of the register or the selection is at fault.")
@click.argument("patterns", metavar="[SELECT ...]", nargs=-1)
@click.option(
    "--rows", is_flag=True, help="The statements of the founding sources instead: each with its claims and verdicts, or why it has none."
)
@click.option(
    "--graph",
    is_flag=True,
    help="Which theorem rests on which: rows of the sources, then claims as trees; SELECT may name rows (Y.66).",
)
@click.option(
    "--verdicts",
    metavar="FILE",
    help="With --rows or --graph: what `lemmata verify --json FILE` wrote (default: the last run in this folder).",
)
@click.option("--dot", metavar="FILE", help="With --graph: write the rows' graph to FILE for Graphviz instead of printing it.")
@click.option(
    "--output",
    metavar="FILE",
    help="With --graph: draw the rows' graph, coloured by verdict, as a .svg, .pdf or .png instead of printing it.",
)
def list_claims(patterns: tuple[str, ...], rows: bool, graph: bool, verdicts: str | None, dot: str | None, output: str | None) -> int:
    """List what the register holds, topic by topic, without judging it."""
    from lemmata.verify.catalogue import survey_register

    if rows and graph:
        raise Mistake("--rows and --graph are two tables: ask for one of them")
    if verdicts is not None and not (rows or graph):
        raise Mistake("--verdicts goes with --rows or --graph: `lemmata list --rows --verdicts FILE`")
    if dot is not None and not graph:
        raise Mistake("--dot goes with --graph: `lemmata list --graph --dot FILE`")
    if output is not None and not graph:
        raise Mistake("--output goes with --graph: `lemmata list --graph --output graph.svg`")
    if output is not None and dot is not None:
        raise Mistake("--dot and --output are two files of one graph: ask for one of them")
    if rows and patterns:
        raise Mistake(f"--rows shows all rows: leave out {patterns[0]}")
    catalogue = survey_register()
    entries: Sequence[Entry] = catalogue.entries
    if graph:
        return _show_graph(catalogue, patterns, verdicts, dot, output)
    if patterns:
        try:
            entries = select(entries, patterns)
        except NothingSelected as error:
            raise Mistake(str(error)) from None
    for problem in catalogue.problems:
        click.echo(str(problem), err=True)
    if rows:
        _show_rows(entries, verdicts)
    else:
        _show_list(entries)
    return USAGE if catalogue.problems else AS_EXPECTED


def _show_rows(entries: Sequence[Entry], document: str | None) -> None:
    from lemmata.verify.rows.table import show_rows

    show_rows(console(), entries, _verdicts(document))


def _verdicts(document: str | None) -> Mapping[str, str]:
    from lemmata.verify.rows.verdicts import NoVerdicts, last_verdicts, verdicts_of

    try:
        return last_verdicts() if document is None else verdicts_of(document)
    except NoVerdicts as error:
        raise Mistake(str(error)) from None


def _show_graph(catalogue: Catalogue, patterns: Sequence[str], document: str | None, file: str | None, picture: str | None) -> int:
    """The graph of the whole register, or what is below the rows, claims and topics that are named."""
    from lemmata.verify.graph import dot, reached, show_graph
    from lemmata.verify.rows.coverage import ROWS

    known = {row.name for row in ROWS}
    rows = [pattern for pattern in patterns if pattern in known]
    others = [pattern for pattern in patterns if pattern not in known]
    try:
        chosen = select(catalogue.entries, others) if others else [] if rows else list(catalogue.entries)
    except NothingSelected as error:
        raise Mistake(f"{error}; rows are named like Y.66") from None
    for problem in catalogue.problems:
        click.echo(str(problem), err=True)
    wanted = rows if patterns else None
    if picture is not None:
        click.echo(_drawing()(picture, catalogue.entries, _verdicts(document), reached(wanted)))
    elif file is None:
        show_graph(console(), catalogue.entries, _verdicts(document), wanted, chosen)
    else:
        _write_text(file, dot(catalogue.entries, _verdicts(document), reached(wanted)))
    return USAGE if catalogue.problems else AS_EXPECTED


def _drawing() -> Callable[..., str]:
    """What draws the graph: the reports plug it in, as they do their command."""
    found = entry_points(group=PICTURES, name="graph")
    if not found:
        raise Mistake("no drawing of the graph is installed: install lemmata again, or write --dot FILE and draw it with Graphviz")
    drawing: Callable[..., str] = next(iter(found)).load()
    return drawing


def _write_text(file: str, text: str) -> None:
    check_writable(file)
    with open(file, "w", encoding="utf-8") as stream:
        stream.write(text)
    click.echo(f"wrote {file}")


def _show_list(entries: Sequence[Entry]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    out = console()
    topic = ""
    for entry in entries:
        if entry.topic != topic:
            topic = entry.topic
            out.print(Text(f"\n{topic}" if entry is not entries[0] else topic, style="bold"))
        known_wrong = "  (known to be wrong)" if entry.expect == "refuted" else ""
        out.print(Padding(Text.assemble(entry.name, (known_wrong, "dim")), (0, 0, 0, 2)))
        for text in (entry.about, entry.source):
            if text:
                out.print(Padding(Text(text, style="dim"), (0, 0, 0, 6)))
    out.print(Text(f"\n{len(entries)} claims; `lemmata show NAME` shows one, `lemmata verify NAME` judges it"))


@click.command(epilog=EXIT_STATUS)
@click.argument("target", metavar="NAME")
@DEADLINE
@JSON
@JOBS
@DEVICE
@ALPHA
@SEED
@BUDGET
def show(
    target: str, budget: str, seed: int, alpha: float, device: str, jobs: int | None, json_file: str | None, deadline: float | None
) -> int:
    """Show one claim in full: statement, derivation, evidence, verdict.

    NAME is a claim of the register, or FILE::NAME for one of your own. It is judged first.
    """
    check_writable(json_file)
    with Supervisor(jobs, register="::" not in target) as supervisor:
        chosen = budget_of(budget, seed, device, deadline, supervisor, alpha)
        if "::" in target:
            wanted, problems = targets_of([target])
            entries: list[Entry] = []
            for (path, patterns), catalogue in zip(wanted.items(), survey(list(wanted), chosen, supervisor), strict=True):
                entries, problems = narrowed(path, patterns, catalogue.entries, catalogue.problems)
            for problem in problems:
                click.echo(str(problem), err=True)
            if not entries:
                return USAGE
        else:
            (catalogue,) = survey([""], chosen, supervisor)
            try:
                entries = select(catalogue.entries, [target])
            except NothingSelected as error:
                raise Mistake(str(error)) from None
        records = run([entry.ref for entry in entries], chosen, supervisor=supervisor)
    out = console()
    for number, (entry, record) in enumerate(zip(entries, records, strict=True)):
        if number:
            out.print()
        show_story(out, record, entry, chosen)
    if json_file is not None:
        write_json(json_file, records, [])
    return AS_EXPECTED if all(record.as_expected for record in records) else NOT_AS_EXPECTED
