"""Where the record files of runs are kept when no other place is named: a folder of the user's, one file a command."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from lemmata.numerics.budget import Budget
from lemmata.verify.journal import Journal, RecordsBusy, RecordsUnusable

KEPT_DAYS = 30
"""Record files that no run has touched for so long are removed."""

SIDE_BY_SIDE = 9
"""Runs of the very same command at one time that each get a record file."""


def state_folder() -> str:
    """The folder for what a program remembers between runs: `$XDG_STATE_HOME/lemmata`, or what the system has in its place."""
    chosen = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(chosen):
        return os.path.join(chosen, "lemmata")
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), "lemmata")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "lemmata")
    return os.path.join(home, ".local", "state", "lemmata")


def records_of(command: str, selection: Sequence[str], budget: Budget) -> str:
    """The record file of a command with its selection, budget, seed and device, run in the current folder."""
    told = [command, os.path.realpath(os.getcwd()), *selection, "", budget.name, repr(budget.seed), repr(budget.alpha), budget.device]
    key = hashlib.blake2b("\0".join(told).encode(errors="surrogateescape"), digest_size=8).hexdigest()
    return os.path.join(state_folder(), "records", f"{command}-{key}.jsonl")


def open_journal(command: str, selection: Sequence[str], budget: Budget, named: str | None, resume: bool) -> tuple[Journal | None, str]:
    """The record file of a run, and a sentence to be said about it ("" where there is nothing to say).

    A file that was named, or is to be gone on with, must be usable: raises RecordsUnusable. Where the user's own folder
    cannot be written the run goes on without records.
    """
    if named is not None:
        return _opened(named, budget, resume)
    path = records_of(command, selection, budget)
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    except OSError as error:
        if resume:
            raise RecordsUnusable(f"there are no records in {os.path.dirname(path)} ({error.strerror}); judge without --resume") from None
        return None, f"no records are kept: cannot make {os.path.dirname(path)} ({error.strerror}); name a file with --records"
    _forget_old(os.path.dirname(path))
    if resume:
        return _opened(path, budget, resume)
    stem, suffix = os.path.splitext(path)
    for number in range(1, SIDE_BY_SIDE + 1):
        place = path if number == 1 else f"{stem}-{number}{suffix}"
        try:
            journal = Journal(place, budget)
        except RecordsBusy:
            continue
        except RecordsUnusable as error:
            return None, f"no records are kept: {error}"
        also = f"the same command is running: this run's records are in {place}; name it with --records to resume this one"
        return journal, also if number > 1 else ""
    return None, "no records are kept: the same command is running many times; name a file with --records"


def _opened(path: str, budget: Budget, resume: bool) -> tuple[Journal, str]:
    there = os.path.exists(path)
    journal = Journal(path, budget, resume)
    if not resume:
        return journal, ""
    if not there:
        return journal, f"nothing to resume ({path} does not exist): all claims are judged"
    changed = f"; {journal.changed} changed since and judged again" if journal.changed else ""
    return journal, f"taken over from {path}: {len(journal.recalled)} judged before{changed}"


def _forget_old(folder: str) -> None:
    """Remove the record files that no run has touched for a long time."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".jsonl") and time.time() - entry.stat().st_mtime > KEPT_DAYS * 86_400:
                with suppress(OSError):
                    os.unlink(entry.path)
