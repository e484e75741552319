"""The parents of an attempt: they do nothing but wait, and end whatever the attempt leaves.

On Linux all orphans below them become their own children (prctl(2), PR_SET_CHILD_SUBREAPER), so that a process is found
however it has left its group, its session or its environment. There are two, one above the other: an attempt that kills
its parent, or its whole group, leaves its orphans to the other. One that is stopped goes on when pytest is gone.
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

from pytest_mips.workers.processes import end_below

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def stay_behind(channel: int) -> None:
    """Return in a new process; the one that called is its grandparent from now on, and never returns.

    Both ancestors end, with the exit status of the new process, when that one and all that it has started are gone.
    They end them when nobody reads the channel any more: a killed pytest leaves nothing behind.
    """
    _control(PR_SET_PDEATHSIG, signal.SIGCONT)  # stopped by an attempt, it could not see that pytest is gone
    _keep_one(channel, of_keeper=True)
    _keep_one(channel, of_keeper=False)
    _control(PR_SET_PDEATHSIG, signal.SIGKILL)
    if sys.platform == "linux":
        os.setsid()  # what an attempt sends to its group is not for its keepers


def _keep_one(channel: int, *, of_keeper: bool) -> None:
    """Return in a new process, of which the one that called is the keeper; a keeper that is stopped is sent on."""
    _control(PR_SET_CHILD_SUBREAPER, 1)
    parent = os.getpid()
    kept = os.fork()
    if kept == 0:
        _control(PR_SET_PDEATHSIG, signal.SIGCONT)
        if os.getppid() != parent:  # it was killed before that
            os.kill(os.getpid(), signal.SIGKILL)
        return
    for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGCONT}:
        with suppress(OSError, ValueError):  # where there is no session of its own
            signal.signal(each, signal.SIG_IGN)
    threading.Thread(target=_end_with_reader, args=(channel, kept), daemon=True).start()
    while True:
        found, status = os.waitpid(-1, os.WUNTRACED if of_keeper else 0)
        if os.WIFSTOPPED(status):
            os.kill(found, signal.SIGCONT)
        elif found == kept:  # no orphan
            break
    end_below(os.getpid())
    _leave_like(os.waitstatus_to_exitcode(status))


def _end_with_reader(channel: int, attempt: int) -> None:
    poll = select.poll()
    poll.register(channel, 0)
    poll.poll()
    end_below(os.getpid())
    with suppress(ProcessLookupError):
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
