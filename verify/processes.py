"""What the system tells about a process: its memory, its time, how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

SPARSE = 0.1
"""Seconds between two readings of a process's time: the system counts it in hundredths."""


class Stopwatch:
    """The seconds that a process would have taken alone on its machine.

    While it sleeps the clock on the wall counts; while it runs or waits for its turn, what it was given of the processor:
    other work on the machine must not bring a claim closer to its deadline. Where the system does not say, the wall counts.
    """

    def __init__(self, pid: int, seconds: float = 0.0) -> None:
        self.pid = pid
        self.seconds = seconds
        self._looked = time.monotonic()
        self._used = _state_and_time(pid)[1]

    def read(self) -> float:
        """The seconds so far."""
        now = time.monotonic()
        passed = now - self._looked
        if passed >= SPARSE:
            state, used = _state_and_time(self.pid)
            self.seconds += min(passed, used - self._used) if state == "R" else passed
            self._looked, self._used = now, used
        return self.seconds


def _state_and_time(pid: int) -> tuple[str, float]:
    """The state of a process ("R" while it runs or could) and its seconds on a processor; ("", 0) where nothing is known."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return fields[0], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return "", 0.0


def resident(pid: int) -> int:
    """Bytes of resident memory of a process; 0 once it is gone, or where the system does not say."""
    try:
        if sys.platform == "linux":
            with open(f"/proc/{pid}/statm") as statm:
                return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        if hasattr(os, "fork"):
            told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
            return int(told.strip() or 0) * 1024
    except (OSError, ValueError, IndexError):
        return 0
    return 0


def members(group: int) -> list[int]:
    """The processes of a process group; none where the system does not say."""
    found = []
    for name in os.listdir("/proc") if sys.platform == "linux" else ():
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as stat:
                    fields = stat.read().rpartition(")")[2].split()
            except OSError:  # it has ended meanwhile
                continue
            if fields[2:3] == [str(group)]:
                found.append(int(name))
    return found


def how_it_ended(code: int | None, stage: str = "") -> str:
    """An exit status in words, with what the process was doing.

    >>> how_it_ended(3, "deriving")
    'its process ended itself while deriving (exit status 3)'
    """
    doing = f" while {stage}" if stage else ""
    if code is None or code >= 0:
        return f"its process ended itself{doing} (exit status {code})"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"its process was ended by {name}{doing}{', as the system does when memory runs out' if name == 'SIGKILL' else ''}"


def ended_from_outside(code: int | None) -> bool:
    """Whether a signal that people and systems send has ended a process: that says nothing about what it was doing."""
    sent = {getattr(signal, name, None) for name in ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT")}
    return code is not None and code < 0 and -code in sent
