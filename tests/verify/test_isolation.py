"""Isolation, the odder ways in which a claim goes wrong: each is a named outcome of that claim, and the next one is judged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lemmata.numerics.budget import Budget
from lemmata.verify import supervisor as supervising
from lemmata.verify.discover import ClaimRef
from lemmata.verify.evidence import Verdict
from lemmata.verify.processes import Stopwatch, ended_from_outside, how_it_ended
from lemmata.verify.record import Record
from lemmata.verify.run import run, survey
from lemmata.verify.supervisor import Supervisor
from tests.verify.helpers import TRUE, write

QUICK = Budget(deadline=20.0)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="claims are judged in forks, which this system does not have")

HEADER = """\
import gc, os, pathlib, signal, sys, threading, time
from multiprocessing.connection import Connection
from sympy import Eq, Ge, Le, Symbol, cos, sin
from lemmata.verify import Claim
x = Symbol("x", real=True)

def claim(name, ill):
    return Claim(name, Eq(sin(x)**2 + cos(x)**2, 1), derivation=ill)
"""


@pytest.fixture(scope="module")
def one() -> Iterator[Supervisor]:
    with Supervisor(1) as supervisor:
        yield supervisor


def judged(path: Path, supervisor: Supervisor, budget: Budget = QUICK) -> list[Record]:
    (catalogue,) = survey([str(path)], budget, supervisor)
    assert catalogue.problems == ()
    return run([entry.ref for entry in catalogue.entries], budget, supervisor=supervisor)


HARMLESS = {
    "raises in a thread": """
def ill(lhs):
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    return lhs
""",
    "leaves a thread behind": """
def ill(lhs):
    threading.Thread(target=time.sleep, args=(1000,)).start()
    return lhs
""",
    "closes its standard streams": """
def ill(lhs):
    sys.stdout.close()
    sys.stderr.close()
    os.close(1)
    os.close(2)
    return lhs
""",
    "leaves a process behind that holds every line": """
def ill(lhs):
    if os.fork() == 0:
        time.sleep(1000)
    return lhs
""",
    "prints a lot": """
def ill(lhs):
    for _ in range(200):
        print("x" * 10_000)
    return lhs
""",
    "ignores every signal": """
def ill(lhs):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    return lhs
""",
    "changes its folder, its path and its limits": """
def ill(lhs):
    os.chdir("/")
    sys.path.clear()
    sys.setrecursionlimit(5_000)
    return lhs
""",
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_a_claim_leaves_behind_troubles_nobody(case: str, tmp_path: Path, one: Supervisor) -> None:
    path = write(tmp_path / "ill_claims.py", HARMLESS[case] + "ill = claim('ill', ill)\n" + TRUE, HEADER)
    ill, good = judged(path, one)
    assert ill.verdict is Verdict.PROVED, ill.because
    assert good.verdict is Verdict.PROVED, good.because


def test_a_process_that_a_claim_forks_does_not_answer_in_its_place(tmp_path: Path, one: Supervisor) -> None:
    body = "def ill(lhs):\n    os.fork()\n    return lhs\nill = claim('ill', ill)\n"
    for _ in range(3):
        ill, good = judged(write(tmp_path / "ill_claims.py", body + TRUE, HEADER), one)
        assert ill.verdict is good.verdict is Verdict.PROVED


ENDS = {
    "dies while its child holds every line": (
        "    if os.fork() == 0:\n        time.sleep(1000)\n    os._exit(7)\n",
        "its process ended itself while deriving (exit status 7)",
    ),
    "writes into every line it finds": (
        "    gc.unfreeze()\n    for found in gc.get_objects():\n"
        "        if isinstance(found, Connection) and found.writable:\n"
        "            found.send_bytes(b'nonsense')\n"
        "    return lhs\n",
        "answered what cannot be read",
    ),
    "answers with something else": (
        "    gc.unfreeze()\n    for found in gc.get_objects():\n"
        "        if isinstance(found, Connection) and found.writable:\n"
        "            found.send('nonsense')\n"
        "    return lhs\n",
        "answered what cannot be read",
    ),
    "closes every line": ("    os.closerange(3, 200)\n    return lhs\n", "its process ended itself"),
    "hangs in C": ("    return 3 ** (10**9)\n", "stopped after"),
    "sleeps": ("    time.sleep(1000)\n", "stopped after"),
    "stops itself": ("    os.kill(os.getpid(), signal.SIGSTOP)\n", "stopped after"),
    "stops its worker": ("    os.kill(os.getppid(), signal.SIGSTOP)\n    time.sleep(1000)\n", "stopped after"),
    "kills its worker": ("    os.kill(os.getppid(), signal.SIGKILL)\n    time.sleep(1000)\n", "SIGKILL"),
    "terminates its group": ("    os.killpg(0, signal.SIGTERM)\n    time.sleep(1000)\n", "SIGTERM"),
    "recurses without end in C": ("    return eval('(' * 100 + '1' + ')' * 100 + '+' + '-' * 100_000 + '1')\n", "MemoryError"),
    "aborts": ("    os.abort()\n", "SIGABRT"),
}


@pytest.mark.parametrize("case", ENDS)
def test_what_ends_a_claim_is_named(case: str, tmp_path: Path, one: Supervisor) -> None:
    code, wanted = ENDS[case]
    path = write(tmp_path / "ill_claims.py", f"def ill(lhs):\n{code}ill = claim('ill', ill)\n" + TRUE, HEADER)
    budget = replace(QUICK, deadline=1.0) if wanted == "stopped after" else QUICK
    ill, good = judged(path, one, budget)
    told = ill.because + "".join(item.because for item in ill.evidence)
    assert wanted in told
    assert good.verdict.holds, good.because


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_the_memory_of_what_a_claim_starts_counts_and_none_of_it_outlives_the_claim(tmp_path: Path, one: Supervisor) -> None:
    told = tmp_path / "pids"
    note = f"pathlib.Path({str(told)!r}).open('a').write(f'{{os.getpid()}} ')"
    eating = "held = [bytearray(2**24) for _ in range(200)]\n        time.sleep(1000)\n    os.wait()\n"
    eater = f"    if os.fork() == 0:\n        {note}\n        {eating}"
    idler = f"    if os.fork() == 0:\n        {note}\n        time.sleep(1000)\n    time.sleep(0.3)\n    return lhs\n"
    body = f"def eat(lhs):\n{eater}def idle(lhs):\n{idler}eats = claim('eats', eat)\nidles = claim('idles', idle)\n"
    eats, idles, good = judged(write(tmp_path / "ill_claims.py", body + TRUE, HEADER), one, replace(QUICK, memory=1500 * 2**20))
    assert eats.verdict is Verdict.INCONCLUSIVE and "memory passed 1.5 GiB" in eats.because
    assert idles.verdict is good.verdict is Verdict.PROVED
    pids = told.read_text().split()
    assert len(pids) == 2
    end = time.monotonic() + 10
    while any(running(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(running(pid) for pid in pids)


def running(pid: str) -> bool:
    """Whether a process runs; one that has ended and was not collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_printing_without_end(tmp_path: Path, one: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "PRINTED_MOST", 2**20)
    body = "def ill(lhs):\n    while True:\n        print('x' * 10_000)\nill = claim('ill', ill)\n"
    ill, good = judged(write(tmp_path / "ill_claims.py", body + TRUE, HEADER), one)
    assert ill.verdict is Verdict.INCONCLUSIVE and "had printed 1 MiB; let it print less" in ill.because
    assert good.verdict.holds


def test_a_file_that_closes_its_streams_as_it_is_imported(tmp_path: Path, one: Supervisor) -> None:
    body = "os.close(1)\nos.close(2)\ndef ill(lhs):\n    print('!', flush=True)\n    return lhs\nill = claim('ill', ill)\n"
    ill, good = judged(write(tmp_path / "ill_claims.py", body + TRUE, HEADER), one)
    assert ill.verdict is good.verdict is Verdict.PROVED


def test_workers_that_die_between_claims_are_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / "good_claims.py", TRUE)
    with Supervisor(1) as supervisor:
        assert judged(path, supervisor)[0].verdict.holds
        os.kill(supervisor._workers[0].process.pid, signal.SIGKILL)
        assert run([ClaimRef(str(path), "good")], QUICK, supervisor=supervisor)[0].verdict.holds


BUSY = "print('ready', flush=True)\nwhile True: pass"
ASLEEP = "import time\nprint('ready', flush=True)\ntime.sleep(1000)"


def started(code: str) -> subprocess.Popen[str]:
    """A process on the first of our cores that has begun its work."""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes cannot be put on one core here")
def test_a_busy_machine_brings_no_deadline_closer() -> None:
    processes = [started(code) for code in (BUSY, BUSY, ASLEEP)]
    try:
        watches = [Stopwatch(process.pid) for process in processes]
        began = time.monotonic()
        while time.monotonic() < began + 2:
            for watch in watches:
                watch.read()
            time.sleep(0.05)
        passed = time.monotonic() - began
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    first, second, asleep = (watch.seconds for watch in watches)
    assert 0 < first + second < 1.2 * passed  # they shared one core
    assert asleep > 0.8 * passed


def test_ends_in_words() -> None:
    assert how_it_ended(-9, "deriving").startswith("its process was ended by SIGKILL while deriving")
    assert how_it_ended(-200) == "its process was ended by signal 200"
    assert how_it_ended(None) == "its process ended itself (exit status None)"
    assert ended_from_outside(-15) and not ended_from_outside(-11) and not ended_from_outside(0) and not ended_from_outside(None)


def test_a_server_of_processes_that_dies_is_replaced(tmp_path: Path) -> None:
    from multiprocessing import forkserver

    path = write(tmp_path / "good_claims.py", TRUE)
    with Supervisor(1) as supervisor:
        assert judged(path, supervisor)[0].verdict.holds
        server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]  # no public name tells who it is
        os.kill(server, signal.SIGKILL)
    with Supervisor(1) as supervisor:
        assert judged(path, supervisor)[0].verdict.holds
