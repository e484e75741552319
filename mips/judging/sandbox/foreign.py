"""A foreign program as a function: every call is a question to a locked child, every answer is held to its form."""

from __future__ import annotations

import json
import math
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mips.judging.reading.entry_point import PROGRAM, Entry
from mips.judging.requests import Asked, as_request
from mips.judging.sandbox import bubblewrap
from mips.judging.sandbox.endings import Ended, ForeignError, Limits, SandboxUnavailable

FOLDER = Path(__file__).parent
PROCESS, LANDLOCK, BWRAP = "process", "landlock", "bwrap"
LAYERS: dict[str, tuple[str, ...]] = {
    LANDLOCK: ("rlimits", "landlock", "seccomp"),
    BWRAP: ("rlimits", "namespaces", "seccomp"),
    PROCESS: ("rlimits",),
}
USUAL = Entry(name=PROGRAM)
NUMPY_MIB = 512  # more for a program that imports numpy: its libraries reserve room that they do not use
START_SECONDS = 20.0  # to start the interpreter and put on the locks, whatever the machine is busy with
END_SECONDS = 5.0  # what killed processes get to be gone
INHERITED = ("MIPS_ATTEMPT",)  # by which an attempt's processes are found; gone when the program begins
SIGNAL_OFFSET = 128  # how bwrap says that what it ran was ended by a signal
LENIENT = re.compile(rb',"lenient":(\d{1,9})}')  # after answers that were no plain ints and were taken for such
LINE_BYTES, ANSWER_BYTES, SYMBOL_BYTES = 4096, 400, 4096  # a reply may have, for each word and each symbol asked


class ForeignProgram:
    """A context manager; inside, call it with a word (a list of ints, of texts or of tuples of these).

    With `texts` its answers are lists of texts, else of plain ints or of tuples of them.
    `source` is run as it is, `entry` says what of it is called. Where it imports `numpy`, and that is installed, the
    child can read and import it. Errors name the line of `source`, as `told_line` tells it. `locks` names what holds
    the child, `lenient` counts the answers that were no lists of plain ints and were taken for such. Entering raises
    SandboxUnavailable or Ended, calling raises ForeignError or Ended. When the context is left, the child and all in
    its process group are gone.
    """

    endings = (Ended,)

    def __init__(
        self,
        source: str,
        layer: str,
        limits: Limits,
        *,
        entry: Entry = USUAL,
        numpy: bool = False,
        texts: bool = False,
        told_line: Callable[[int], str] = "line {}".format,
    ) -> None:
        self._source, self._layer, self._limits = source, layer, limits
        self._entry, self._texts, self._told_line = entry, texts, told_line
        self._numpy = bubblewrap.numpy_folders() if numpy else ()
        self.lenient = 0
        self.locks: tuple[str, ...] = ()
        self._buffer = b""  # what the child said and nobody has read yet
        self._deadline = self._answer_by = math.inf

    def __enter__(self) -> Self:
        command = [sys._base_executable, "-P", "-s", "-S", "-B", str(FOLDER / "child.py")]  # type: ignore[attr-defined]
        if self._layer == BWRAP:
            prefix = bubblewrap.prefix(FOLDER, self._numpy)
            if not prefix:
                raise SandboxUnavailable("bwrap: not installed")
            command = [*prefix, *command]
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONHASHSEED": "0"} | {name: os.environ[name] for name in INHERITED if name in os.environ},
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxUnavailable(f"{command[0]}: {error.strerror}") from error
        try:
            self._open()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def __call__(self, word: list[Any]) -> list[Any]:
        (answer,) = self._asked([word], as_request([tuple(word)]), len(word))
        if isinstance(answer, Exception):
            raise answer
        outputs: list[Any] = answer
        return outputs

    def many(self, questions: Asked) -> list[list[Any]] | list[list[Any] | Exception]:
        """Return the answer to each word, or the ForeignError that it met with; `expected` itself if all are right."""
        return self._asked(questions.words, questions.request, questions.symbols, questions)

    def _asked(
        self, words: Sequence[Sequence[Any]], request: bytes, symbols: int, questions: Asked | None = None
    ) -> list[Any]:
        """Return the answers to words of so many symbols in all; `expected` of the questions if it is right."""
        assert self._child.stdout is not None
        if self._child.poll() is not None:
            raise self._gone()
        if self._buffer or _ready(self._child.stdout.fileno(), select.POLLIN, 0):
            raise Ended("protocol", "an answer before the question")
        self._answer_by = time.monotonic() + self._limits.answer_seconds
        self._send(request)
        said = self._line(LINE_BYTES + ANSWER_BYTES * len(words) + SYMBOL_BYTES * symbols)
        if questions is not None and self._all_right(said, questions.reply):
            return questions.expected
        reply = _object(said)
        if reply == {"memory": True}:
            raise Ended("memory", f"more than {self._limits.memory} MiB")
        lenient = reply.get("lenient", 0)
        self.lenient += min(lenient, len(words)) if type(lenient) is int and lenient > 0 else 0
        answers = reply.get("answers")
        if type(answers) is not list or len(answers) != len(words):
            raise Ended("protocol", "a line that is no answer")
        return [self._understood(answer, word) for answer, word in zip(answers, words, strict=True)]

    def _all_right(self, said: bytes, reply: bytes) -> bool:
        """Return whether a line is the reply that all is right, perhaps with a count of lenient readings at its end."""
        if said + b"\n" == reply:
            return True
        start = reply.removesuffix(b"}\n")
        more = LENIENT.fullmatch(said, len(start)) if said.startswith(start) else None
        self.lenient += int(more[1]) if more else 0
        return more is not None

    def _error(self, reply: dict[str, Any]) -> str:
        """Return the text of an error that the child tells, with the line where it arose."""
        text, line = _printable(str(reply.get("text", ""))), reply.get("line")
        return f"{text} ({self._told_line(line)})" if type(line) is int and line > 0 else text

    def _understood(self, answer: Any, word: Sequence[Any]) -> list[Any] | Exception:
        match answer:
            case list():
                if self._texts and len(answer) == len(word) and set(map(type, answer)) <= {str}:
                    return [*map(_printable, answer)]
                shaped = [tuple(y) if type(y) is list else y for y in answer]
                if not self._texts and len(shaped) == len(word) and all(map(_is_output, shaped)):
                    return shaped
                form = "texts" if self._texts else "plain ints or tuples"
                raise Ended("protocol", f"an answer that is no list of {form}, as long as the word")
            case {"odd": str(text)}:
                return ForeignError("protocol", _printable(text))
            case {"large": int(bits)}:
                return ForeignError("wrong", f"gave a number of {bits} bits")
            case {"trouble": "exception", "text": str()}:
                return ForeignError("exception", self._error(answer))
        raise Ended("protocol", "a line that is no answer")

    def _open(self) -> None:
        memory = self._limits.memory + (NUMPY_MIB if self._numpy else 0)
        self._deadline = time.monotonic() + START_SECONDS
        order = {
            "locks": LAYERS[self._layer],
            "memory": memory * 2**20,
            "seconds": int(self._limits.seconds) + 2,
            "parent": os.getpid(),
            "source": self._source,
            "entry": self._entry.to_json(),
            "numpy": self._numpy,
            "texts": self._texts,
        }
        try:
            self._send(json.dumps(order).encode() + b"\n")
            locks = _object(self._line(LINE_BYTES))
        except Ended as end:
            raise SandboxUnavailable(f"{self._layer}: the child did not start: {end.reason}") from end
        if "locks" not in locks:
            raise SandboxUnavailable(f"{self._layer}: {locks.get('unavailable', 'the child said nothing')}")
        self.locks = tuple(locks["locks"])
        if self.locks != LAYERS[self._layer]:
            raise SandboxUnavailable(f"{self._layer}: found {self.locks}, expected {LAYERS[self._layer]}")
        self._deadline = time.monotonic() + self._limits.seconds
        self._answer_by = time.monotonic() + self._limits.answer_seconds
        ready = _object(self._line(LINE_BYTES))
        if "no_entry_point" in ready:
            raise Ended("no_entry_point", _printable(str(ready["no_entry_point"])))
        if "trouble" in ready:
            raise Ended("memory" if ready["trouble"] == "memory" else "exception", self._error(ready))
        if ready != {"ready": True}:
            raise Ended("protocol", "the child's first line is none that it may say")

    def _send(self, request: bytes) -> None:
        assert self._child.stdin is not None
        pipe = self._child.stdin.fileno()
        os.set_blocking(pipe, False)
        left = memoryview(request)
        while left:
            self._wait(writing=pipe)
            try:
                left = left[os.write(pipe, left) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise self._gone() from None

    def _line(self, most: int) -> bytes:
        """Return the next line of the child, of at most `most` bytes."""
        assert self._child.stdout is not None
        pipe = self._child.stdout.fileno()
        while b"\n" not in self._buffer:
            self._wait(reading=pipe)
            part = os.read(pipe, 2**16)
            if not part:
                raise self._gone()
            self._buffer += part
            if len(self._buffer) > most:
                raise Ended("protocol", f"an answer of more than {most} bytes")
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _wait(self, *, reading: int | None = None, writing: int | None = None) -> None:
        left = min(self._deadline, self._answer_by) - time.monotonic()
        pipe, event = (reading, select.POLLIN) if reading is not None else (writing, select.POLLOUT)
        assert pipe is not None
        if left <= 0 or not _ready(pipe, event, left):
            limit = self._limits.seconds if self._deadline < self._answer_by else self._limits.answer_seconds
            raise Ended("timeout", f"no answer within {limit:g} s")

    def _gone(self) -> Ended:
        """Return what the end of the child means."""
        try:
            code = self._child.wait(1.0)
        except subprocess.TimeoutExpired:
            return Ended("protocol", "the child closed its answers")
        if self._layer == BWRAP and code > SIGNAL_OFFSET:
            code = SIGNAL_OFFSET - code
        if code == -signal.SIGXCPU or code == -signal.SIGKILL:
            return Ended("timeout" if code == -signal.SIGXCPU else "memory", "the system ended the child")
        if code < 0:
            return Ended("exception", f"the child was ended by signal {-code}")
        return Ended("protocol", f"the child left with exit status {code} before its answer")

    def _end(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._await_silence()
        for pipe in (self._child.stdin, self._child.stdout):
            assert pipe is not None
            with suppress(OSError):  # what could not be sent any more
                pipe.close()
        self._child.wait()

    def _await_silence(self) -> None:
        """Return when no process holds the child's answers open any more: those in a namespace end a moment later."""
        assert self._child.stdout is not None
        deadline = time.monotonic() + END_SECONDS
        pipe = self._child.stdout.fileno()
        while (left := deadline - time.monotonic()) > 0 and _ready(pipe, select.POLLIN, left):
            if not os.read(pipe, 2**16):
                return


def _ready(pipe: int, event: int, seconds: float) -> bool:
    """Return whether a pipe can be read or written within a time; `select` knows none above 1,023."""
    poll = select.poll()
    poll.register(pipe, event)
    return bool(poll.poll(math.ceil(1000 * seconds) if seconds < math.inf else None))


def _printable(text: str) -> str:
    return text.encode("utf-8", errors="backslashreplace").decode()


def _object(line: bytes) -> dict[str, Any]:
    try:
        reply = json.loads(line)
    except (ValueError, RecursionError):
        reply = None
    if type(reply) is not dict:
        raise Ended("protocol", "a line that is no answer")
    return reply


def _is_output(y: Any) -> bool:
    return type(y) is int or (type(y) is tuple and all(type(part) is int for part in y))
