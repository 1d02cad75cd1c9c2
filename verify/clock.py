"""The soft deadline: a stage of a judgement that takes too long is stopped inside its process, and says so.

SymPy may never return. It is Python, so an alarm can interrupt it; what ignores the alarm, or sleeps, is ended from outside
by the supervisor. The clock is an emergency stop only: no verdict is better or worse for it, except that what it stops is
not evidence. It counts the processor's seconds that this process was given, so that other work on the machine stops nothing.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SHORTEST = 0.001
"""Seconds left to an outer limit whose time ran out while an inner one ran: a timer set to 0 would never ring."""


class TimeUp(BaseException):
    """The stage's time is over. Not an Exception, so that code which swallows exceptions cannot swallow it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Run the block for at most so many seconds of the processor, then raise TimeUp in it; an outer limit stands meanwhile.

    Works in the main thread of systems that have interval timers; elsewhere the block runs without a soft limit and
    the supervisor's hard limit alone holds.
    """
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable:
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGPROF, ring)
    outer, _ = signal.setitimer(signal.ITIMER_PROF, seconds)
    started = used()
    if 0 < outer < seconds:
        signal.setitimer(signal.ITIMER_PROF, outer)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        if outer:
            signal.setitimer(signal.ITIMER_PROF, max(outer - (used() - started), SHORTEST))


def used() -> float:
    """Seconds of the processor that this process was given so far: what `at_most` counts."""
    return time.process_time()
