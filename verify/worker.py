"""The worker: a process that loads one file and judges its claims, each in a fork of its own.

A claim is judged from the very state in which its file was loaded (no caches, counters or memory of the claims before
it), so that the order of claims and the number of workers change nothing. Where a process cannot fork (Windows), and on
CUDA (a context costs seconds and does not survive a fork), the worker judges by itself with SymPy's cache cleared.
"""

from __future__ import annotations

import faulthandler
import io
import json
import multiprocessing
import os
import signal
import sys
import threading
import traceback
import warnings
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from lemmata.numerics.budget import Budget
from lemmata.verify.discover import ClaimRef, Loaded, load_file, load_module, one_line
from lemmata.verify.evidence import Verdict
from lemmata.verify.record import Record

if TYPE_CHECKING:
    from lemmata.verify.claim import Claim

JUDGE = "lemmata.verify.judge:judge"
"""The function that judges, as module:name; tests of the isolation put others in its place."""


Uses = tuple[tuple[str, ClaimRef | None], ...]


class Kind(Enum):
    """What a worker can be asked to do."""

    SURVEY_REGISTER = "survey the register"
    SURVEY_FILE = "survey a file"
    JUDGE = "judge a claim"
    FIND_CUDA = "look for CUDA"


@dataclass(frozen=True, slots=True)
class Task:
    """One request; `ref.name` is empty where a whole file is meant."""

    kind: Kind
    ref: ClaimRef
    budget: Budget = field(default_factory=Budget)
    judge: str = JUDGE
    folder: str = "."

    @property
    def origin(self) -> str:
        """What a worker that serves this task has to load; a worker loads one origin in its life."""
        return self.ref.file if not self.ref.module else "register"


class Word(Enum):
    """What a worker says."""

    BEGAN = "began"
    STAGE = "stage"
    KNOWN = "known"
    ANSWER = "answer"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a claim has no record, in one sentence; the worker itself is well."""

    because: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a claim before it is judged: a record without a verdict, as JSON, and the claims that it uses."""

    record: str
    uses: Uses


def main(connection: Connection, log: str) -> None:
    """Serve tasks until the supervisor closes the line or ends."""
    _be_a_worker(log)
    files: dict[str, Loaded] = {}
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        if task is None:
            return
        os.chdir(task.folder)
        _forget_output()
        _serve(task, connection, files)
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send((Word.FREE, None))


def _be_a_worker(log: str) -> None:
    """A process group of its own, output into a file, one thread, first in line when memory runs out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    descriptor = os.open(log, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
    faulthandler.enable(2)
    if sys.platform == "linux":
        with open("/proc/self/oom_score_adj", "w") as score:
            score.write("1000")
    if "torch" in sys.modules:
        import torch

        torch.set_num_threads(1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _forget_output() -> None:
    """Empty the log: what a file prints while it is imported says nothing about a claim."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.ftruncate(1, 0)


def _end_with(parent: Any) -> None:
    """A worker whose supervisor is gone has no one to report to."""
    parent.join()
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _serve(task: Task, connection: Connection, files: dict[str, Loaded]) -> None:
    from lemmata.verify import catalogue

    connection.send((Word.BEGAN, os.getpid()))
    match task.kind:
        case Kind.FIND_CUDA:
            from lemmata.verify.device import find_cuda

            connection.send((Word.ANSWER, find_cuda()))
        case Kind.SURVEY_REGISTER:
            connection.send((Word.STAGE, "importing the register"))
            connection.send((Word.ANSWER, catalogue.survey_register()))
        case Kind.SURVEY_FILE:
            connection.send((Word.STAGE, "importing the file"))
            loaded = _loaded(task.ref, files)
            connection.send((Word.ANSWER, catalogue.catalogue_of(loaded, task.ref.file)))
        case Kind.JUDGE:
            connection.send((Word.STAGE, "importing the file"))
            loaded = _loaded(task.ref, files)
            claim = next((claim for claim in loaded.claims if claim.name == task.ref.name), None)
            if claim is None:
                connection.send((Word.ANSWER, Failure(f"there is no claim {task.ref.name!r} in the file (any more)")))
                return
            _forget_output()
            uses = tuple((name, catalogue.resolve(name, task.ref, loaded)) for name in claim.uses)
            if hasattr(os, "fork") and task.budget.device != "cuda":
                _judge_in_a_fork(task, claim, uses, connection)
            else:
                from sympy.core.cache import clear_cache

                clear_cache()
                _judge(task, claim, uses, connection)


def _loaded(ref: ClaimRef, files: dict[str, Loaded]) -> Loaded:
    key = ref.module or ref.file
    if key not in files:
        if not ref.module:
            files[key] = load_file(ref.file)
            sys.path.insert(0, os.path.dirname(ref.file))  # for what the file's functions import when they are called
        else:
            from lemmata.verify.catalogue import load_register

            registered = dict(load_register()[0])
            files[key] = registered[ref.module] if ref.module in registered else load_module(ref.module)
    return files[key]


def _judge_in_a_fork(task: Task, claim: Claim, uses: Uses, connection: Connection) -> None:
    """Judge in a child; whatever ends the child without an answer ends this worker in the same way."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the one other thread only waits for the supervisor's end
        child = os.fork()
    if child == 0:
        status = 1
        try:
            connection.send((Word.BEGAN, os.getpid()))
            _judge(task, claim, uses, connection)
            sys.stdout.flush()
            os.write(writing, b"!")
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    answered = os.read(reading, 1) == b"!"
    os.close(reading)
    if answered:
        return
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _judge(task: Task, claim: Claim, uses: Uses, connection: Connection) -> None:
    """Judge and answer with a record as JSON text, or with a Failure; nothing that happens here is raised."""
    from importlib import import_module

    from lemmata.verify.claim import ClaimError

    module, _, name = task.judge.partition(":")
    try:
        connection.send((Word.KNOWN, Known(json.dumps(_unjudged(claim, task.budget).to_json(), default=str), uses)))
        judge = getattr(import_module(module), name)
        record = judge(claim, task.budget, lambda stage: connection.send((Word.STAGE, str(stage))))
        connection.send((Word.ANSWER, json.dumps(record.to_json(), default=str)))
    except ClaimError as error:
        connection.send((Word.ANSWER, Failure(one_line(str(error)))))
    except MemoryError:
        connection.send((Word.ANSWER, Failure("memory ran out; state it for smaller sizes or give it a smaller budget")))
    except BaseException as error:  # whatever a user's code raises, SystemExit included, is an outcome of this claim
        traceback.print_exc()
        text = one_line(f"{type(error).__name__}: {error}")
        connection.send((Word.ANSWER, Failure(f"the judgement raised {text[:500]}")))


def _unjudged(claim: Claim, budget: Budget) -> Record:
    """The record that stands if the judgement is ended from outside; the statement as SymPy prints it if LaTeX fails."""
    from lemmata.verify.recording import unjudged

    try:
        return unjudged(claim, budget, "")
    except Exception as error:
        because = f"the statement cannot be printed ({type(error).__name__}: {error})"
        return Record(
            claim.name, Verdict.INCONCLUSIVE, because, claim.expect, str(claim.statement), file=claim.file, line=claim.line, uses=claim.uses
        )
