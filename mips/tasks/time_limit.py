"""A limit on wall time for code in this process that may never come back."""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

RING_AGAIN = 0.1  # seconds until the next attempt, should the exception be swallowed (in a `__del__`, for instance)


class OutOfTime(BaseException):
    """The time is over. Not an Exception, so that code which catches all Exceptions does not live on."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTime inside the block when it has run for `seconds`.

    Uses the interval timer of the process and the signal SIGALRM; a handler and a timer that were set before are put
    back, the timer later by at most the time of the block. Off the main thread, and on systems without such a timer,
    nothing can be raised into running code: there the block runs without a limit, and whoever started the thread or
    process has to end it. The same holds for code that catches BaseException, and for one long call in C.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(signal_number: int, frame: FrameType | None) -> None:
        # what is raised in a callback of the garbage collector is swallowed: wait for the next ring
        if frame is None or all(frame.f_code is not getattr(call, "__code__", None) for call in gc.callbacks):
            raise OutOfTime

    previous = signal.signal(signal.SIGALRM, ring)
    began = time.monotonic()
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds, RING_AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if previous is None else previous)
        if remaining:
            signal.setitimer(signal.ITIMER_REAL, max(remaining - (time.monotonic() - began), 0.001), interval)
