"""What a child process and all that it has started take, and how they are ended, also those that left its group."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MARK = "MIPS_ATTEMPT"  # a variable in the environment of a child and of all that it starts
PROC = Path("/proc")


def end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill a child and whatever it started that has stayed in its group."""
    with suppress(ProcessLookupError, PermissionError):  # all gone (macOS says it the second way)
        os.killpg(child.pid, signal.SIGKILL)


def end_marked(mark: str) -> None:
    """Kill the processes that carry a mark: those that left the group of the child that was started with it.

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


def resident_mib(process: int) -> int:
    """Return the memory that a process and its descendants hold, in MiB; 0 where the system does not tell."""
    pages, waiting = 0, [process]
    while waiting:
        entry = PROC / str(waiting.pop())
        with suppress(OSError, ValueError, IndexError):
            pages += int((entry / "statm").read_text().split()[1])
            for task in (entry / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def peak_mib(process: int) -> int:
    """Return the largest resident size that a process has had, in MiB; 0 where the system does not tell."""
    with suppress(OSError, ValueError, StopIteration):
        lines = (PROC / str(process) / "status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) // 2**10
    return 0
