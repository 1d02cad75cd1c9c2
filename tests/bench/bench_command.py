"""The command: how fast it starts, and what the whole register costs in time and memory with the quick budget.

Goals on two cores: start in 0.3 s, the register in 60 s with a peak of 1.5 GB over all its processes.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

LEMMATA = str(Path(sys.executable).with_name("lemmata"))


def resident(pid: int) -> int:
    """Bytes that a process and all its descendants hold (proportional where the kernel says so, shared pages once)."""
    total, waiting = 0, [pid]
    while waiting:
        process = waiting.pop()
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += 1024 * sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            for thread in Path(f"/proc/{process}/task").iterdir():
                waiting += [int(child) for child in (thread / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return total


def peak_of(command: Sequence[str]) -> tuple[int, int]:
    """Exit status of a command and the peak memory of its process tree, looked at ten times a second."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak, over = 0, threading.Event()
    while not over.wait(0.1):
        peak = max(peak, resident(process.pid))
        if process.poll() is not None:
            over.set()
    return process.returncode, peak


def test_start_of_the_command(benchmark: Any) -> None:
    benchmark(subprocess.run, [LEMMATA, "--help"], check=True, capture_output=True)


def test_verify_of_the_register(benchmark: Any) -> None:
    status, peak = benchmark.pedantic(peak_of, args=([LEMMATA, "verify", "--device", "cpu", "--budget", "quick"],), rounds=1)
    benchmark.extra_info.update(exit_status=status, peak_megabytes=round(peak / 2**20))
    print(f"\nregister: exit status {status}, peak {peak / 2**30:.2f} GiB")


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
