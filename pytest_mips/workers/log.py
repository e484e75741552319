"""What a child process prints, bounded while it is printed: the beginning and the end of it, in memory."""

from __future__ import annotations

import os
import select
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

LOG_BYTES = 2**20  # of a longer log, what is kept
HEAD_BYTES = LOG_BYTES // 4  # of these, from its beginning: what went wrong first
CHUNK_BYTES = 2**16  # what a pipe holds
CHUNKS = 2 * LOG_BYTES // CHUNK_BYTES  # that are read before others get a turn: one that prints on and on has no end
LOOK_SECONDS = 0.25  # how soon the reader sees that nobody wants to know more, while something holds the pipe open


class Log:
    """A context manager with the pipe `writer` for a child to print into; `close_writer` once the child has it.

    A thread reads it to its end, so that who prints never waits for long and never fills a disk.
    """

    def __enter__(self) -> Self:
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._head, self._tail, self._left_out = bytearray(), bytearray(), 0
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read, name="mips-log", daemon=True)
        self._thread.start()
        return self

    def close_writer(self) -> None:
        """Leave the pipe to the child; may be called again."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_writer()
        self._closed.set()
        self._thread.join()
        os.close(self._reader)

    def text(self) -> str:
        """Return what was printed up to now; of what was more than `LOG_BYTES`, how much is left out and where."""
        with self._lock:
            self._drain()
            head, tail = bytes(self._head), bytes(self._tail[-(LOG_BYTES - HEAD_BYTES) :])
            left_out = self._left_out + len(self._tail) - len(tail)
        gap = f"\n[... {left_out} bytes are left out ...]\n" if left_out else ""
        return head.decode("utf-8", errors="replace") + gap + tail.decode("utf-8", errors="replace")

    def _read(self) -> None:
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        while not self._closed.is_set():
            if poll.poll(LOOK_SECONDS * 1000):
                with self._lock:
                    if self._drain():
                        return

    def _drain(self) -> bool:
        """Take what is in the pipe; return whether that was the end of it."""
        with suppress(BlockingIOError):
            for _ in range(CHUNKS):
                chunk = os.read(self._reader, CHUNK_BYTES)
                if not chunk:
                    return True
                fits = HEAD_BYTES - len(self._head)
                self._head += chunk[:fits]
                self._tail += chunk[fits:]
                if len(self._tail) > 2 * LOG_BYTES:
                    self._left_out += len(self._tail) - LOG_BYTES
                    del self._tail[:-LOG_BYTES]
        return False
