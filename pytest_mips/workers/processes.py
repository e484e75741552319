"""What an attempt has started, what all of it takes, and how it is ended, also what has left its group.

Below a child that runs `pytest_mips.workers.supervisor` is all that the attempt has started, whatever has become of the
processes in between.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MARK = "MIPS_ATTEMPT"  # a variable in the environment of a child and of all that it starts
PROC = Path("/proc")
ROUNDS, PAUSE_SECONDS = 200, 0.005  # of ending what starts others while it is ended


def end_tree(child: subprocess.Popen[bytes]) -> None:
    """Kill all that is below a child, then itself and its group."""
    if child.poll() is None:
        end_below(child.pid)
    end_group(child)


def end_below(process: int) -> None:
    """Kill all that is below a process, also what is started meanwhile; where there is no /proc, nothing."""
    for _ in range(ROUNDS):
        found = below(process)
        for each in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        if not found:
            return
        time.sleep(PAUSE_SECONDS)


def end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill a child and whatever it started that has stayed in its group."""
    with suppress(ProcessLookupError, PermissionError):  # all gone (macOS says it the second way)
        os.killpg(child.pid, signal.SIGKILL)


def end_marked(mark: str) -> None:
    """Kill the processes that carry a mark: what is left of an attempt whose keeper was killed.

    One that has wiped its environment is not found. Where there is no /proc, none is.
    """
    for _ in range(3):  # those that are started while others are ended
        found = list(marked(mark))
        for process in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        if not found:
            return


def marked(mark: str) -> Iterator[int]:
    """Yield the processes in whose environment the mark is."""
    wanted = f"{MARK}={mark}".encode()
    for entry in PROC.iterdir() if PROC.is_dir() else ():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)


def below(process: int) -> list[int]:
    """Return all descendants of a process that have not ended, those nearest to it first."""
    found, waiting = list[int](), _children(process)
    while waiting:
        found += [each for each in waiting if _runs(each)]
        waiting = [child for each in waiting for child in _children(each)]
    return found


def keeper_below(child: int) -> int:
    """Return the lower of the two keepers of an attempt, right above it; `child` itself where there is no other."""
    return next(iter(_children(child)), child)


def send_on(child: subprocess.Popen[bytes]) -> None:
    """Let a child go on that the attempt below it may have stopped."""
    with suppress(ProcessLookupError, PermissionError):
        child.send_signal(signal.SIGCONT)


def resident_mib(process: int) -> int:
    """Return the memory that all below a process hold, in MiB; 0 where the system does not tell."""
    pages = 0
    for each in below(process):
        with suppress(OSError, ValueError, IndexError):
            pages += int((PROC / str(each) / "statm").read_bytes().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def peak_mib(process: int) -> int:
    """Return the largest resident size that any one below a process has had, in MiB; 0 where the system is silent."""
    return max(map(_peak_mib, below(process)), default=0)


def _children(process: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in (PROC / str(process) / "task").iterdir():
            with suppress(OSError, ValueError):
                found += map(int, (thread / "children").read_bytes().split())
    return found


def _runs(process: int) -> bool:
    """Return whether a process is there and has not ended: one that nobody has reaped yet is there still."""
    with suppress(OSError, IndexError):
        stat = (PROC / str(process) / "stat").read_bytes()  # with the name of a program, which may be no text
        return stat.rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    return False


def _peak_mib(process: int) -> int:
    with suppress(OSError, ValueError, StopIteration):
        lines = (PROC / str(process) / "status").read_bytes().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith(b"VmHWM:"))) // 2**10
    return 0
