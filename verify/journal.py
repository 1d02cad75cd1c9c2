"""The record file of a run: a line for each claim as it is finished, so that a run that was killed can go on.

JSON Lines. The first line holds the conditions of the run (see `lemmata.verify.conditions`); each other line one claim:
where it lives, a hash of every file that it was made from, what it uses, what it printed, and its record. A line is
written in one piece and handed to the system at once, so that it outlives the process that wrote it; what a loss of power may take is
the last lines, which are judged again. A torn last line is cut off; any other damage is named and nothing is taken over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lemmata.numerics.budget import Budget
from lemmata.verify.conditions import LIMITS, conditions, difference, file_digest
from lemmata.verify.discover import ClaimRef
from lemmata.verify.evidence import Outcome
from lemmata.verify.record import Record, RecordFault, read_record
from lemmata.verify.sources import Sources

FORMAT = 1
"""The format of record files; `lemmata records` in the first line."""

MARK = "lemmata records"

Uses = tuple[tuple[str, ClaimRef | None], ...]


class RecordsUnusable(ValueError):
    """A record file that cannot be gone on with, or not be written; one sentence, with what to do."""


class RecordsBusy(RecordsUnusable):
    """Another run is writing the file."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A claim that has been judged: its own record (not yet capped by what it uses), what it uses and printed."""

    record: Record
    uses: Uses = ()
    output: str = ""
    sources: Sources = ()


class Journal:
    """A record file, open for one run; `recalled` holds the claims that need not be judged again.

    `changed` counts recorded claims whose files have changed since, and those that an emergency stop ended under another
    limit than this run's. `fault` says why keeping records ended before the run did ("" while it goes on).
    """

    def __init__(self, path: str, budget: Budget, resume: bool = False) -> None:
        """Open a record file, and take its records over if `resume`; raises RecordsUnusable.

        Without `resume` the file begins anew; a file that holds anything but records is never touched.
        """
        self.path = path
        self.recalled: dict[ClaimRef, Finished] = {}
        self.changed = 0
        self.fault = ""
        self._limits = [getattr(budget, limit) for limit in LIMITS]
        self._now = json.loads(json.dumps(conditions(budget)))
        self._descriptor = _opened(path)
        try:
            _lock(self._descriptor, path)
            lines, torn = _lines(self._descriptor, path)
            if resume and lines:
                self._recall(lines)
                if torn:
                    os.ftruncate(self._descriptor, sum(map(len, lines)))
                os.lseek(self._descriptor, 0, os.SEEK_END)
            else:
                os.ftruncate(self._descriptor, 0)
                os.lseek(self._descriptor, 0, os.SEEK_SET)
                self._write({MARK: FORMAT, "conditions": self._now})
                if self.fault:
                    raise RecordsUnusable(self.fault)
        except BaseException:
            os.close(self._descriptor)
            raise

    def add(self, ref: ClaimRef, finished: Finished) -> None:
        """Append one claim; a disk that is full ends the keeping of records, never the run."""
        self._write(
            {
                "file": ref.file,
                "name": ref.name,
                "module": ref.module,
                "sources": dict(finished.sources),
                "limits": self._limits,
                "uses": [[name, None if used is None else [used.file, used.name, used.module]] for name, used in finished.uses],
                "output": finished.output,
                "record": finished.record.to_json(),
            }
        )

    def close(self) -> None:
        """Close the file and give up the lock; may be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _write(self, data: Mapping[str, Any]) -> None:
        if self.fault or self._descriptor < 0:
            return
        line = (json.dumps(data, default=str) + "\n").encode()
        try:
            while line:  # in one piece, unless the system takes less
                line = line[os.write(self._descriptor, line) :]
        except OSError as error:
            self.fault = f"cannot write {self.path}: {error.strerror}; make room or name another file with --records"

    def _recall(self, lines: list[bytes]) -> None:
        """Take over the records that stand under this run's conditions; raises RecordsUnusable for a file that is damaged."""
        header = _parsed(lines[0], self.path, 1)
        if header[MARK] != FORMAT:
            advice = "judge anew without --resume, or name another file with --records"
            raise RecordsUnusable(f"{self.path} has format {header[MARK]!r} and this version reads {FORMAT}; {advice}")
        before = header.get("conditions")
        if not isinstance(before, dict):
            raise RecordsUnusable(f"{self.path}:1: the conditions of the run are missing; judge anew without --resume")
        found = difference(before, self._now)
        if found:
            raise RecordsUnusable(f"{self.path} was recorded under other conditions ({found}); judge anew without --resume")
        digests: dict[str, str] = {}
        changed: set[ClaimRef] = set()
        for number, line in enumerate(lines[1:], start=2):
            ref, finished, limits = _claim_of(_parsed(line, self.path, number), f"{self.path}:{number}")
            for source, _ in finished.sources:
                if source not in digests:
                    digests[source] = file_digest(source)
            fresh = bool(finished.sources) and all(digests[source] == digest for source, digest in finished.sources)
            stopped = any(item.outcome is Outcome.STOPPED for item in finished.record.evidence)
            if fresh and (limits == self._limits or not stopped):
                self.recalled[ref] = finished
                changed.discard(ref)
            else:
                self.recalled.pop(ref, None)
                changed.add(ref)
        self.changed = len(changed)


def _opened(path: str) -> int:
    """A descriptor for reading and writing; raises RecordsUnusable for what cannot be written or is no ordinary file."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        raise RecordsUnusable(f"cannot keep records in {path}: it is a folder; name a file")
    if not os.path.isdir(folder):
        raise RecordsUnusable(f"cannot keep records in {path}: there is no folder {folder}; create it, or name another file")
    if os.path.exists(path) and not os.path.isfile(path):
        raise RecordsUnusable(f"cannot keep records in {path}: it is no ordinary file; name another")
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise RecordsUnusable(f"cannot keep records in {path}: {error.strerror}; name another file") from None


def _lock(descriptor: int, path: str) -> None:
    """Take the file for this run alone, until the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # a system without advisory locks: two runs must be given two files
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RecordsBusy(f"another run is writing {path}: wait for it, or name another file with --records") from None
    except OSError:
        return  # a file system without locks


def _lines(descriptor: int, path: str) -> tuple[list[bytes], bool]:
    """The whole lines of a record file, ends included, and whether a torn one follows; raises RecordsUnusable for another file."""
    with suppress(OSError):
        os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as stream:
        text = stream.read()
    begins = f'{{"{MARK}": '.encode()
    if not (text.startswith(begins) or begins.startswith(text)):
        raise RecordsUnusable(f"{path} is not a record file, and is left as it is; name another file with --records")
    *whole, rest = text.split(b"\n")
    return [line + b"\n" for line in whole], bool(rest)


def _parsed(line: bytes, path: str, number: int) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError:
        raise RecordsUnusable(f"{path}:{number}: not JSON; judge anew without --resume, or remove this line") from None
    if not isinstance(data, dict):
        raise RecordsUnusable(f"{path}:{number}: not a record; judge anew without --resume, or remove this line")
    return data


def _claim_of(data: Mapping[str, Any], place: str) -> tuple[ClaimRef, Finished, Any]:
    """One line of a record file; raises RecordsUnusable with the place and what is missing."""
    try:
        ref = ClaimRef(data["file"], data["name"], data["module"])
        uses = tuple((name, None if used is None else ClaimRef(*used)) for name, used in data["uses"])
        record = read_record(data["record"])
        if record.to_json()["digest"] != data["record"].get("digest"):
            raise RecordFault("its digest does not fit what it says: it was altered after it was written")
        finished = Finished(record, uses, data["output"], tuple(sorted(data["sources"].items())))
        return ref, finished, data["limits"]
    except RecordFault as error:
        why = str(error)
    except KeyError as error:
        why = f"the key {error} is missing"
    except (AttributeError, TypeError, ValueError):
        why = "a value of another type than it should have"
    raise RecordsUnusable(f"{place}: {data.get('name', 'a claim')}: {why}; judge anew without --resume, or remove this line") from None
