"""How a worker on the same machine sees that the run has ended, whatever runs the worker: by a lock on a file.

The run holds the lock as long as it goes on; the kernel takes it back when the process dies, however it dies. A worker
on another machine sees nothing of it, and must be told in another way.
"""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a worker must know: the locked file, and which folder of which machine it is in."""

    path: str
    place: tuple[str, int, int]


class RunLock:
    """The end that the run holds."""

    def __init__(self) -> None:
        self._descriptor, path = tempfile.mkstemp(prefix="mips-run-")
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self.line = Line(path=path, place=_place(path))
        self._held = True

    def cut(self) -> None:
        """Let go, so that every worker here ends what it does; may be called again."""
        if self._held:
            self._held = False
            Path(self.line.path).unlink(missing_ok=True)
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)  # also where a process forked from this one has the file open
            os.close(self._descriptor)


def is_cut(line: Line) -> bool:
    """Return whether the run has ended for sure; where its file cannot be seen, that is not known."""
    if _place(line.path) != line.place:
        return False
    try:
        descriptor = os.open(line.path, os.O_RDONLY)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # held, or nothing that can be locked
        return False
    finally:
        os.close(descriptor)
    return True


def _place(path: str) -> tuple[str, int, int]:
    """Return what tells the folder of a file from those of the same name elsewhere."""
    try:
        found = os.stat(os.path.dirname(path))
    except OSError:
        return "", 0, 0
    try:
        machine = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        machine = socket.gethostname()
    return machine, found.st_dev, found.st_ino
