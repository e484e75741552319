"""Words as bytes for a child process that runs a program and has the same interpreter."""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any, Protocol

HEADER = 8  # bytes of the length of a request; `mips.judging.sandbox.child` reads as many
FORM = 2  # of `marshal`, the newest one without references, which would only cost time


class Asked(Protocol):
    """Words and the right answers, and both as the bytes that go and come (`mips.judging.questions.Questions`)."""

    words: list[tuple[Any, ...]]
    expected: list[list[Any]]

    @property
    def request(self) -> bytes: ...

    @property
    def symbols(self) -> int: ...

    @property
    def reply(self) -> bytes: ...


def as_request(words: Sequence[tuple[Any, ...]]) -> bytes:
    """Return words, tuples of symbols (ints, texts or tuples of these), in the form of `marshal`, their length in
    HEADER bytes before."""
    text = marshal.dumps([*words], FORM)
    return len(text).to_bytes(HEADER) + text
