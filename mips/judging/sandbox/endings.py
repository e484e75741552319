"""How a foreign program comes to its end: the limits that it is given, and the errors that say what ended it."""

from __future__ import annotations

import math
from dataclasses import dataclass

MEMORY_MIB = 512  # of address space, with the interpreter's own; chosen by hand


class SandboxUnavailable(Exception):
    """The locks that were asked for do not work on this machine; nothing was run."""


class ForeignError(Exception):
    """The program raised an error (`exception`), its answer has another form (`protocol`), or holds a number so large
    that it cannot be right (`wrong`); the child lives on."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


class Ended(BaseException):
    """The program is over before its time, and no question is answered any more.

    Not an Exception, so that nothing takes it for an answer. `status` is `timeout`, `memory`, `exception`, `protocol`
    or `no_entry_point`.
    """

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status, self.reason = status, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one program: wall seconds in all and for one question, and MiB of address space with the interpreter's own."""

    seconds: float
    answer_seconds: float = math.inf
    memory: int = MEMORY_MIB
