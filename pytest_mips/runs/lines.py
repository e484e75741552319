"""A file of whole lines: what a crash or a full disk has left of one is cut off before another is written."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

CHUNK_BYTES = 2**16  # that are read at a time, from the end, to find where the last whole line ends


def append(path: Path, line: bytes) -> None:
    """Add a line with its end to a file, all of it or nothing, also while other processes do so. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        with suppress(OSError):  # a filesystem without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = _cut(descriptor)
        left = memoryview(line)
        try:
            while left:
                left = left[os.write(descriptor, left) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)


def mend(path: Path) -> None:
    """Cut a last line that has no end off a file: nobody knows how much of it is missing. Raises OSError."""
    if path.exists():
        descriptor = os.open(path, os.O_RDWR)
        try:
            _cut(descriptor)
        finally:
            os.close(descriptor)


def _cut(descriptor: int) -> int:
    """Cut off what follows the last end of a line; return the size of the file."""
    size = os.fstat(descriptor).st_size
    whole = end = size
    while end:
        start = max(0, end - CHUNK_BYTES)
        whole = start + os.pread(descriptor, end - start, start).rfind(b"\n") + 1
        if whole > start:
            break
        end = start
    if whole < size:
        os.ftruncate(descriptor, whole)
    return whole
