"""What the commands have in common: their options, exit statuses, and errors of one line."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from typing import Any, TypeVar

import click

from lemmata.numerics.budget import BUDGETS, Budget, BudgetName
from lemmata.verify.device import DEVICES, NoSuchDevice, resolve
from lemmata.verify.discover import Problem
from lemmata.verify.journal import Journal, RecordsUnusable
from lemmata.verify.record import Record, to_document
from lemmata.verify.state import open_journal
from lemmata.verify.supervisor import Supervisor, ask
from lemmata.verify.worker import Kind

AS_EXPECTED, NOT_AS_EXPECTED, USAGE, INTERRUPTED = 0, 1, 2, 130

EXIT_STATUS = """\b
Exit status: 0 when every claim came out as expected, 1 when one did not,
2 for a fault of usage or of a file (all other claims are still judged),
130 when stopped by Ctrl-C (what is judged by then is printed)."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Mistake(click.UsageError):
    """A user's mistake whose message already says what to do."""


class OneOf(click.ParamType):
    """A word out of a few, with an error that lists them."""

    name = "word"

    def __init__(self, what: str, words: Sequence[str]) -> None:
        self.what = what
        self.words = tuple(words)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return "|".join(self.words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.words:
            raise Mistake(f"there is no {self.what} {value!r}: use {', '.join(self.words[:-1])} or {self.words[-1]}")
        return str(value)


BUDGETS_KNOWN = OneOf("budget", [name.value for name in BudgetName])
DEVICES_KNOWN = OneOf("device", DEVICES)

BUDGET = click.option(
    "--budget",
    type=BUDGETS_KNOWN,
    default="quick",
    show_default=True,
    help="How much work a claim may take and how small an error must be seen.",
)
SEED = click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random stream of the run.")
DEVICE = click.option("--device", type=DEVICES_KNOWN, default="auto", show_default=True, help="Where samplers and descent runs compute.")
JOBS = click.option("--jobs", type=click.IntRange(min=1), help="Worker processes; as many as there are cores if not given.")
JSON = click.option("--json", "json_file", metavar="FILE", help="Write the records to FILE as JSON.")
DEADLINE = click.option(
    "--deadline",
    type=float,
    metavar="SECONDS",
    help="Emergency stop for one claim; by default that of the budget (60, 300, 1800).",
)
ALPHA = click.option(
    "--alpha",
    type=float,
    default=Budget().alpha,
    show_default=True,
    help="Probability of one or more false alarms in the whole run.",
)
RESUME = click.option(
    "--resume",
    is_flag=True,
    help="Go on with the run of the same command that was stopped or killed: what it has recorded stands, unless the claim's file,"
    " the budget, the seed, the device or a version has changed. After a finished run: print it again.",
)
CONTROLS = click.option("--controls", is_flag=True, help="Print how many altered copies of the claims each instrument has refuted.")
RECORDS = click.option(
    "--records",
    metavar="FILE",
    help="Where each claim is recorded as it is finished; in the user's state folder if not given.",
)


def judging_options(command: Command) -> Command:
    """The options of every command that judges."""
    for option in (DEADLINE, JSON, JOBS, DEVICE, ALPHA, SEED, BUDGET):
        command = option(command)
    return command


def options_of_runs(command: Command) -> Command:
    """The options of commands that judge many claims: to go on where an earlier run stopped, to print what tests the tests."""
    return RESUME(RECORDS(CONTROLS(command)))


def journal_of(
    command: str, selection: Sequence[str], budget: Budget, named: str | None, resume: bool
) -> AbstractContextManager[Journal | None]:
    """The record file of a run, closed at the end of a `with` block; raises Mistake for one that cannot be used."""
    try:
        journal, said = open_journal(command, selection, budget, named, resume)
    except RecordsUnusable as error:
        raise Mistake(str(error)) from None
    if said:
        click.echo(said, err=True)
    return nullcontext() if journal is None else closing(journal)


def budget_of(budget: str, seed: int, device: str, deadline: float | None, supervisor: Supervisor, alpha: float | None = None) -> Budget:
    """The budget that the options ask for, its device resolved; raises Mistake for a value or a device that cannot be."""
    chosen = replace(BUDGETS[BudgetName(budget)], seed=seed)
    try:
        chosen = chosen if deadline is None else replace(chosen, deadline=deadline)
        chosen = chosen if alpha is None else replace(chosen, alpha=alpha)
    except ValueError as error:
        raise Mistake(f"--{error}") from None
    try:
        found = resolve(device, lambda: ask(supervisor, Kind.FIND_CUDA, Budget()) is True)
    except NoSuchDevice as error:
        raise Mistake(str(error)) from None
    return replace(chosen, device=found)


def check_writable(path: str | None, records: str | None = None) -> None:
    """Raises Mistake, before any work, when a file could not be written, or is that of the records as well."""
    if path is None:
        return
    if records is not None and os.path.realpath(path) == os.path.realpath(records):
        raise Mistake(f"--json and --records name the same file {path}: give each its own")
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        raise Mistake(f"cannot write {path}: it is a folder; name a file")
    if not os.path.isdir(folder):
        raise Mistake(f"cannot write {path}: there is no folder {folder}; create it, or name another file")
    if not os.access(folder if _replaceable(path) else path, os.W_OK):
        raise Mistake(f"cannot write {path}: permission denied; name another file")


def write_json(path: str, records: Sequence[Record], problems: Sequence[Problem]) -> None:
    """Write records and problems; the file appears whole or not at all."""
    document = to_document(list(records))
    document["problems"] = [
        {"file": problem.file, "line": problem.line, "claim": problem.claim, "message": problem.message} for problem in problems
    ]
    text = json.dumps(_finite(document), indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"
    target = f"{path}.partial" if _replaceable(path) else path
    try:
        with open(target, "w", encoding="utf-8") as stream:
            stream.write(text)
        if target != path:
            os.replace(target, path)
    except OSError as error:
        raise Mistake(f"cannot write {path}: {error.strerror}; make room or name another file") from None


def _replaceable(path: str) -> bool:
    """Whether a file can be put in this place in one move; not so for a pipe, a device, or in a folder that is closed."""
    return (os.path.isfile(path) or not os.path.exists(path)) and (
        not os.path.exists(path) or os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)
    )


def _finite(value: Any) -> Any:
    """The same data with null where a number is not finite: JSON has no infinity."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, (list, tuple)) else value
