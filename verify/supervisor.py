"""The supervisor: workers, their deadlines and their memory; what ends a worker is a named outcome of its task alone."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Self

from lemmata.numerics.budget import Budget
from lemmata.verify.discover import ClaimRef
from lemmata.verify.processes import Stopwatch, ended_from_outside, how_it_ended, members, resident
from lemmata.verify.worker import Failure, Kind, Known, Task, Word, main

TICK = 0.1
"""Seconds between two looks at the deadlines and the memory of the workers."""

HARD, STARTING = 1.5, 2.0
"""A worker is ended at HARD * deadline + STARTING seconds of its own time: a judgement that keeps its deadline ends before."""

COUNTED = 0.5
"""Seconds between two looks for processes that a claim has started: their memory counts as well."""

PATIENCE = 20
"""On the clock on the wall a worker is ended after this many times that: so much slower than alone it is stuck."""

PRINTED_MOST = 2**26
"""Bytes that a task may print: a disk has an end."""

OUTPUT_KEPT = 4_000
"""Bytes from the end of what a task printed that are kept."""

ATTEMPTS = 5
"""How often a process is tried to be started before the run ends, with the error of the system."""

STARTED = "starting"
"""The stage of a task that has just been handed out."""

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

_OF_WORKERS = {**_ONE_THREAD, "PYTHONHASHSEED": "0", "SYMPY_CACHE_SIZE": "20000"}
"""What SymPy has found about an expression is forgotten after a thousand others if it is not told: a claim has more than that."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a task: the worker's answer or a Failure, what it printed, what was known of the claim, its time."""

    task: Task
    value: Any
    output: str = ""
    known: Known | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """News of one task: it began, reached a stage, or (answer given) ended."""

    task: Task
    stage: str = ""
    answer: Answer | None = None


Listener = Callable[[Report], None]


@dataclass
class _Worker:
    process: Any
    connection: Connection
    log: str
    origin: str
    position: int = -1
    task: Task | None = None
    began: float = 0.0
    stage: str = ""
    pids: list[int] = field(default_factory=list)
    family: list[int] = field(default_factory=list)
    counted: float = 0.0
    watch: Stopwatch = field(default_factory=lambda: Stopwatch(0))
    known: Known | None = None
    answer: Any = None
    answered: bool = False


class Supervisor:
    """Owns the workers of a run; a context manager, so that none outlives it.

    `perform` hands out tasks in order and returns their answers in that same order, whatever the number of workers. Where it
    is told that the register will be judged, that is loaded once, in the process that workers are forked from.
    """

    def __init__(self, jobs: int | None = None, *, register: bool = False) -> None:
        self.jobs = jobs or cores()
        self.preload = "lemmata.verify.warm_register" if register else "lemmata.verify.warm"
        self.since = time.monotonic()
        self._context: Any = multiprocessing.get_context(
            "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        )
        self._workers: list[_Worker] = []
        self._logs = tempfile.TemporaryDirectory(prefix="lemmata-")
        self._count = 0
        atexit.register(self.close)  # before multiprocessing's own exit, which would wait for the workers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every worker; may be called twice."""
        atexit.unregister(self.close)
        for worker in self._workers:
            _kill(worker)
        self._workers.clear()
        self._logs.cleanup()

    def perform(self, tasks: Sequence[Task], listener: Listener = lambda _: None) -> list[Answer]:
        """The answers of the tasks, in their order; `listener` hears of each as it goes on."""
        answers: dict[int, Answer] = {}
        lost: set[int] = set()
        waiting = deque(enumerate(tasks))
        try:
            while len(answers) < len(tasks):
                self._hand_out(waiting, listener)
                busy = [worker for worker in self._workers if worker.task is not None]
                wait([worker.connection for worker in busy], timeout=TICK)
                for worker in busy:
                    self._listen(worker, listener)
                    self._look_after(worker)
                    if worker.answered:
                        answer = self._collect(worker)
                        worker.task = None
                        if isinstance(answer.value, Failure) and len(worker.pids) == 1 and worker.position not in lost:
                            lost.add(worker.position)  # the worker ended before it had begun this: another may have a try
                            waiting.appendleft((worker.position, answer.task))
                            continue
                        answers[worker.position] = answer
                        listener(Report(answer.task, answer=answer))
                self._workers = [worker for worker in self._workers if worker.process.is_alive() or worker.task is not None]
        except BaseException:
            for worker in self._workers:
                if worker.task is not None:
                    _kill(worker)
            self._workers = [worker for worker in self._workers if worker.task is None]
            raise
        return [answers[index] for index in range(len(tasks))]

    def _hand_out(self, waiting: deque[tuple[int, Task]], listener: Listener) -> None:
        """Give the next tasks to workers that serve their file, or to fresh ones."""
        while waiting and sum(worker.task is not None for worker in self._workers) < self.jobs:
            position, task = waiting.popleft()
            worker = self._worker_for(task)
            worker.position, worker.task, worker.began = position, task, time.monotonic()
            worker.stage, worker.known, worker.answer, worker.answered, worker.pids = "", None, None, False, [worker.process.pid]
            worker.watch, worker.family, worker.counted = Stopwatch(worker.process.pid), [], time.monotonic()
            with suppress(OSError):  # a worker that has just ended is noticed when it is looked after
                worker.connection.send(task)
            listener(Report(task, stage=STARTED))

    def _worker_for(self, task: Task) -> _Worker:
        idle = [worker for worker in self._workers if worker.task is None and worker.process.is_alive()]
        for worker in idle:
            if worker.origin == task.origin:
                return worker
        if idle and len(self._workers) >= self.jobs:
            _kill(idle[0])
            self._workers.remove(idle[0])
        self._count += 1
        log = os.path.join(self._logs.name, f"worker-{self._count}.txt")
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=main, args=(theirs, log), daemon=False, name=f"lemmata-worker-{self._count}")
        with _environment_of_workers():
            if self._context.get_start_method() == "forkserver":
                self._context.set_forkserver_preload([self.preload])
            _start(process)
        theirs.close()
        worker = _Worker(process, ours, log, task.origin)
        self._workers.append(worker)
        return worker

    def _listen(self, worker: _Worker, listener: Listener) -> None:
        """Take in everything that a worker has said."""
        try:
            while not worker.answered and worker.connection.poll():
                word, value = worker.connection.recv()
                match word:
                    case Word.BEGAN:
                        if len(worker.pids) == 1:
                            worker.began = time.monotonic()
                        worker.watch = Stopwatch(value, worker.watch.seconds if len(worker.pids) > 1 else 0.0)
                        worker.pids.append(value)
                    case Word.STAGE:
                        worker.stage = value
                        assert worker.task is not None
                        listener(Report(worker.task, stage=value))
                    case Word.KNOWN:
                        worker.known = value
                    case Word.ANSWER:
                        worker.answer = value
                    case Word.FREE:
                        worker.answered = True
        except (EOFError, OSError):
            self._bury(worker)
        except Exception as error:  # something else wrote into the line, or what it sent cannot be read
            worker.answer = Failure(f"its process answered what cannot be read ({type(error).__name__}: {error})")
            _kill(worker)
            worker.answered = True
        if not worker.answered and not worker.process.is_alive() and not worker.connection.poll():
            self._bury(worker)  # a fork of it may still hold the line open

    def _bury(self, worker: _Worker) -> None:
        """A worker has ended by itself: what it had not answered is a failure."""
        worker.process.join(timeout=5)
        if worker.answer is None:
            code = worker.process.exitcode
            worker.answer = Failure(how_it_ended(code, worker.stage), ended_from_outside(code))
        _kill(worker)
        worker.answered = True

    def _look_after(self, worker: _Worker) -> None:
        """End a worker that is over its time or its memory."""
        if worker.answered or worker.task is None:
            return
        budget = worker.task.budget
        if time.monotonic() > worker.counted + COUNTED:
            worker.family, worker.counted = members(worker.pids[-1]), time.monotonic()
        stage = f" while {worker.stage}" if worker.stage else ""
        limit = HARD * budget.deadline + STARTING
        memory = max(resident(pid) for pid in {*worker.pids, *worker.family})  # a fork shares its parent's pages
        if worker.watch.read() > limit or time.monotonic() - worker.began > PATIENCE * limit:
            advice = "give it more with --deadline, or state it more simply"
            worker.answer = Failure(f"stopped after {limit:.3g} s{stage} (deadline {budget.deadline:g} s); {advice}")
        elif _printed(worker.log) > PRINTED_MOST:
            worker.answer = Failure(f"stopped{stage} when it had printed {PRINTED_MOST // 2**20} MiB; let it print less")
        elif memory > budget.memory:
            advice = "state it for smaller sizes or give it a smaller budget"
            worker.answer = Failure(f"stopped{stage} when its memory passed {budget.memory / 2**30:.1f} GiB; {advice}")
        else:
            return
        _kill(worker)
        worker.answered = True

    def _collect(self, worker: _Worker) -> Answer:
        assert worker.task is not None
        return Answer(worker.task, worker.answer, _tail(worker.log), worker.known, time.monotonic() - worker.began)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ask(supervisor: Supervisor, kind: Kind, budget: Budget) -> Any:
    """The answer to one question that needs heavy imports, from a worker."""
    return supervisor.perform([Task(kind, ClaimRef("", ""), budget, folder=os.getcwd())])[0].value


@contextmanager
def _environment_of_workers() -> Iterator[None]:
    """One thread a worker, the same order of sets in every run, room to remember: set while their processes start."""
    before = {name: os.environ.get(name) for name in _OF_WORKERS}
    os.environ.update(_OF_WORKERS)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _start(process: Any) -> None:
    """Start a process; a system that refuses is asked again: its server of processes may just have ended, or its table be full."""
    for attempt in range(ATTEMPTS):
        try:
            process.start()
            return
        except (OSError, EOFError):
            if attempt + 1 == ATTEMPTS:
                raise
            time.sleep(TICK * 2**attempt)


def _kill(worker: _Worker) -> None:
    """End a worker and all that it started: it leads a process group, and so does the child that acts for it."""
    for group in {worker.process.pid, *(worker.pids if worker.task is not None else ())} - {None}:
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join(timeout=5)
    worker.connection.close()


def _printed(log: str) -> int:
    try:
        return os.path.getsize(log)
    except OSError:
        return 0


def _tail(log: str) -> str:
    try:
        with open(log, "rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - OUTPUT_KEPT))
            return stream.read().decode(errors="replace").strip()
    except OSError:
        return ""
