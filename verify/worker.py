"""The worker: a process that loads one file and judges its claims, each in a fork of its own.

A claim is judged from the very state in which its file was loaded (no caches, counters or memory of the claims before
it), so that the order of claims and the number of workers change nothing. Where a process cannot fork (Windows), and on
CUDA (a context costs seconds and does not survive a fork), the worker judges by itself with SymPy's cache cleared.
"""

from __future__ import annotations

import faulthandler
import gc
import io
import json
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, NoReturn

from lemmata.numerics.budget import Budget
from lemmata.verify.conditions import versions
from lemmata.verify.discover import ClaimRef, Loaded, load_file, load_module, one_line, place_of
from lemmata.verify.evidence import Verdict
from lemmata.verify.reading import watching
from lemmata.verify.record import Record
from lemmata.verify.sources import Sources, sources_of

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
    """Why a claim has no record, in one sentence; `from_outside` where something else than lemmata ended its process."""

    because: str
    from_outside: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a claim apart from its judgement.

    record   a record without a verdict, as JSON
    uses     the claims that it uses
    sources  the files that it was made from, each with a hash of its contents
    """

    record: str
    uses: Uses
    sources: Sources = ()


def main(connection: Connection, log: str) -> None:
    """Serve tasks until the supervisor closes the line or ends."""
    output = _be_a_worker(log)
    files: dict[str, Loaded] = {}
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        if task is None:
            return
        os.chdir(task.folder)
        _forget_output(output)
        _serve(task, connection, files, output)
        _flush()
        connection.send((Word.FREE, None))


def _be_a_worker(log: str) -> int:
    """A process group of its own, output into a file, one thread, first in line when memory runs out; the file's descriptor."""
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
    return descriptor


def _forget_output(output: int) -> None:
    """Empty the log: what a file prints while it is imported says nothing about a claim.

    A file may have closed the standard streams: whatever is opened next would take their place, and be printed into.
    """
    _flush()
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.ftruncate(output, 0)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a claim may have closed it
            stream.flush()


def _end_with(parent: Any) -> None:
    """A worker whose supervisor is gone has no one to report to."""
    parent.join()
    for child in list(_children):
        _sweep(child)
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


_children: list[int] = []
"""The child that acts for this worker, if one does: it leads a process group of its own."""


def _sweep(group: int) -> None:
    """End what is left of a child's process group: what a claim has started ends with it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


Say = Callable[[Word, Any], None]


def _serve(task: Task, connection: Connection, files: dict[str, Loaded], output: int) -> None:
    from lemmata.verify import catalogue

    def say(word: Word, value: Any) -> None:
        connection.send((word, value))

    say(Word.BEGAN, os.getpid())
    forks = hasattr(os, "fork") and task.budget.device != "cuda"
    match task.kind:
        case Kind.FIND_CUDA:
            from lemmata.verify.device import find_cuda

            say(Word.ANSWER, find_cuda())
        case Kind.SURVEY_REGISTER:
            say(Word.STAGE, "importing the register")
            catalogue.load_register()
            _apart(connection, forks, lambda say: say(Word.ANSWER, catalogue.survey_register()))
        case Kind.SURVEY_FILE:
            say(Word.STAGE, "importing the file")
            loaded = _loaded(task.ref, files)
            _apart(connection, forks, lambda say: say(Word.ANSWER, catalogue.catalogue_of(loaded, task.ref.file)))
        case Kind.JUDGE:
            say(Word.STAGE, "importing the file")
            loaded = _loaded(task.ref, files)
            claim = next((claim for claim in loaded.claims if claim.name == task.ref.name), None)
            if claim is None:
                say(Word.ANSWER, Failure(f"there is no claim {task.ref.name!r} in the file (any more)"))
                return
            _forget_output(output)
            if not forks:
                from sympy.core.cache import clear_cache

                clear_cache()
            _apart(connection, forks, lambda say: _judge(task, claim, loaded, say))


def _loaded(ref: ClaimRef, files: dict[str, Loaded]) -> Loaded:
    key = ref.module or ref.file
    if key not in files:
        watching().look_beside(ref.file)
        if not ref.module:
            files[key] = load_file(ref.file)
            sys.path.insert(0, os.path.dirname(ref.file))  # for what the file's functions import when they are called
        else:
            from lemmata.verify.catalogue import load_register

            files[key] = dict(load_register()[0]).get(ref.module) or load_module(ref.module)
        versions()  # found before children are forked, each of which would find it anew
        sources_of(ref.file, files[key].digest)  # and the modules beside it are hashed now, before someone edits them
    return files[key]


def _apart(connection: Connection, forks: bool, action: Callable[[Say], None]) -> None:
    """Act in a child, so that nothing stays behind; whatever ends the child before it is done ends this worker in the same way."""
    if not forks:
        action(lambda word, value: connection.send((word, value)))
        return
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the one other thread only waits for the supervisor's end
        gc.freeze()  # a child that looks for garbage among all that its parent loaded would copy it, and look for long
        child = os.fork()
    if child == 0:
        _act(connection, writing, action)
    with suppress(OSError):  # the child does so too: whoever comes first
        os.setpgid(child, child)
    _children.append(child)
    os.close(writing)
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # its number is its own until it is collected
        _sweep(child)
    _, status = os.waitpid(child, 0)
    _children.clear()
    os.set_blocking(reading, False)  # what the child has started may hold the other end, and outlive it
    with suppress(BlockingIOError):
        if os.read(reading, 1) == b"!":
            os.close(reading)
            return
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _act(connection: Connection, writing: int, action: Callable[[Say], None]) -> NoReturn:
    """The child: only it speaks, not the processes that a claim may fork from it and that would go on as if they were it."""
    own = os.getpid()

    def say(word: Word, value: Any) -> None:
        if os.getpid() != own:
            os._exit(0)
        connection.send((word, value))

    status = 1
    try:
        os.setpgid(0, 0)
        say(Word.BEGAN, own)
        action(say)
        _flush()
        if os.getpid() == own:
            os.write(writing, b"!")
        status = 0
    finally:
        os._exit(status)


def _judge(task: Task, claim: Claim, loaded: Loaded, say: Say) -> None:
    """Judge and answer with a record as JSON text, or with a Failure; nothing that happens here is raised."""
    from importlib import import_module

    from lemmata.verify.catalogue import resolve
    from lemmata.verify.claim import ClaimError

    module, _, name = task.judge.partition(":")
    try:
        uses = tuple((name, resolve(name, task.ref, loaded)) for name in claim.uses)
        blank = json.dumps(_unjudged(claim, task.budget).to_json(), default=str)

        def known() -> None:
            say(Word.KNOWN, Known(blank, uses, sources_of(task.ref.file, loaded.digest)))

        known()
        judge = getattr(import_module(module), name)

        def stage(name: Any) -> None:
            if watching().news():  # told at once: what ends a claim from outside leaves no time for it
                known()
            say(Word.STAGE, str(name))

        try:
            record = judge(claim, task.budget, stage)
        finally:
            known()  # with what was imported and read on the way
        say(Word.ANSWER, json.dumps(record.to_json(), default=str))
    except ClaimError as error:
        say(Word.ANSWER, Failure(one_line(str(error))))
    except MemoryError:
        say(Word.ANSWER, Failure("memory ran out; state it for smaller sizes or give it a smaller budget"))
    except BaseException as error:  # whatever a user's code raises, SystemExit included, is an outcome of this claim
        text = one_line(f"{type(error).__name__}: {error}")[:500].rstrip(": ")
        say(Word.ANSWER, Failure(f"the judgement raised {text}{place_of(error, task.ref.file)}"))


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
