"""The soft deadline: a stage of a judgement that takes too long is stopped inside its process, and says so.

SymPy may never return. It is Python, so an alarm can interrupt it; what ignores the alarm is ended from outside by the
supervisor. Wall-clock time is an emergency stop only: no verdict is better or worse for it, except that what it stops
is not evidence.
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
    """Run the block for at most so many seconds, then raise TimeUp in it; an outer limit stands while an inner one runs.

    Works in the main thread of systems that have interval timers; elsewhere the block runs without a soft limit and
    the supervisor's hard limit alone holds.
    """
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable:
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    outer, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    started = time.monotonic()
    if 0 < outer < seconds:
        signal.setitimer(signal.ITIMER_REAL, outer)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if outer:
            signal.setitimer(signal.ITIMER_REAL, max(outer - (time.monotonic() - started), SHORTEST))
