"""The parent of an attempt: it does nothing but wait, and ends whatever the attempt leaves.

On Linux all orphans below it become its own children (prctl(2), PR_SET_CHILD_SUBREAPER), so that a process is found
however it has left its group, its session or its environment.
"""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import sys
import threading
from contextlib import suppress

from pytest_mips.processes import end_below

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def stay_behind(channel: int) -> None:
    """Return in a new process; the one that called is its parent from now on, and never returns.

    The parent ends, with the exit status of the new process, when that one and all that it has started are gone. It
    ends them when nobody reads the channel any more: a killed pytest leaves nothing behind.
    """
    _control(PR_SET_CHILD_SUBREAPER, 1)
    parent = os.getpid()
    attempt = os.fork()
    if attempt == 0:
        _control(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was killed before that
            os.kill(os.getpid(), signal.SIGKILL)
        return
    for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        with suppress(OSError, ValueError):  # what the attempt sends to its group is not for its keeper
            signal.signal(each, signal.SIG_IGN)
    threading.Thread(target=_end_with_reader, args=(channel, attempt), daemon=True).start()
    found, status = os.wait()
    while found != attempt:  # an orphan
        found, status = os.wait()
    end_below(os.getpid())
    _leave_like(os.waitstatus_to_exitcode(status))


def _end_with_reader(channel: int, attempt: int) -> None:
    poll = select.poll()
    poll.register(channel, 0)
    poll.poll()
    end_below(os.getpid())
    os.kill(attempt, signal.SIGKILL)  # where nothing is known of what is below


def _leave_like(exitcode: int) -> None:
    """End as the attempt did, without leaving a memory image behind."""
    if exitcode < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(-exitcode, signal.SIG_DFL) if -exitcode != signal.SIGKILL else None
        os.kill(os.getpid(), -exitcode)
    os._exit(exitcode)


def _control(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
