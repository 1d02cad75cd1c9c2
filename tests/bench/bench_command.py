"""The command: how fast it starts, and what the whole register costs in time, in the processor's seconds and in memory.

Goals on two cores: start in 0.3 s; the register in 3 minutes with the quick budget and in 15 with the standard one, with a
peak of 1.5 GB over all its processes. The processor's seconds tell that on a machine that has other work as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

LEMMATA = str(Path(sys.executable).with_name("lemmata"))


def used_and_held(pid: int) -> tuple[float, int]:
    """The processor's seconds that a process, all its descendants and those they have collected were given, and the bytes they hold.

    Memory is proportional where the kernel says so: shared pages count once.
    """
    seconds, held, waiting = 0.0, 0, [pid]
    while waiting:
        process = waiting.pop()
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            seconds += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            held += 1024 * sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            for thread in Path(f"/proc/{process}/task").iterdir():
                waiting += [int(child) for child in (thread / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return seconds, held


def cost_of(command: Sequence[str]) -> tuple[int, float, int]:
    """Exit status of a command, the processor's seconds and the peak memory of its process tree, looked at twice a second."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds, peak, over = 0.0, 0, threading.Event()
    while not over.wait(0.5):
        used, held = used_and_held(process.pid)
        seconds, peak = max(seconds, used), max(peak, held)  # between its end and its collection a process counts nowhere
        if process.poll() is not None:
            over.set()
    return process.returncode, seconds, peak


def test_start_of_the_command(benchmark: Any) -> None:
    benchmark(subprocess.run, [LEMMATA, "--help"], check=True, capture_output=True)


@pytest.mark.parametrize("budget", ["quick", "standard"])
def test_verify_of_the_register(benchmark: Any, budget: str) -> None:
    status, seconds, peak = benchmark.pedantic(cost_of, args=([LEMMATA, "verify", "--device", "cpu", "--budget", budget],), rounds=1)
    benchmark.extra_info.update(exit_status=status, processor_seconds=round(seconds), peak_megabytes=round(peak / 2**20))
    print(f"\nregister ({budget}): exit status {status}, {seconds:.0f} s of the processor, peak {peak / 2**30:.2f} GiB")


@pytest.mark.parametrize("topic", ["domain-scalars", "domain-matrices"])
def test_points_of_a_domain(benchmark: Any, topic: str) -> None:
    import random

    import sympy as sp

    from lemmata.theory.domain import Domain

    q1, q2 = sp.symbols("q1 q2", positive=True)
    c = sp.Symbol("c", real=True)
    n, m = sp.symbols("n m", integer=True, positive=True)
    sigma, weights = sp.MatrixSymbol("Sigma", n, n), sp.MatrixSymbol("W", m, n)
    scalars = (q1, q2, c), [c >= -1, c <= 1]
    matrices = (sigma, weights), [sp.Q.positive_definite(sigma)]
    symbols, given = scalars if topic == "domain-scalars" else matrices
    benchmark(lambda: Domain(symbols, given).points(6, random.Random(0)))
