"""Attempts as records: the job that an attempt does, and the finding that comes of it."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mips.outcome import Outcome
from pytest_mips.runs.formatting import each_text, encodable

SYSTEM = "mips"
Key = tuple[str, str, int]  # of an attempt: its task, its system, and the seed or the number of the sample
STAGES = ("trained", "extracted", "synthesized", "verified")


class NoProgram(Exception):
    """An author has no program for a task; the message says why, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverJob:
    """One attempt of our own: a solver makes what it can of a task.

    `payload` is the task, pickled by value. `solver` names `package.module:function`; it gets `seed`, and `device`,
    `method` and `network`, a folder, only if they are not the usual ones, so that most solvers need not know of them.
    `time_limit` is in seconds, `memory_limit` in MiB, 0 for none. `network` are the files of the network to distil, by
    name; None where one is to be trained. Where there should be one and is none, `no_network` says so, and nothing is
    tried.
    """

    task: str
    seed: int
    payload: bytes
    solver: str
    time_limit: float
    memory_limit: int = 0
    device: str = "cpu"
    method: str = "full"
    network: Mapping[str, bytes] | None = None
    no_network: str = ""

    @property
    def system(self) -> str:
        """The name that our own attempts have among systems."""
        return SYSTEM

    @property
    def key(self) -> Key:
        """What no other job of a run shares."""
        return self.task, self.system, self.seed


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramJob:
    """One program of another system, to be judged in a sandbox of the kind `layer`.

    The program is `source`, or what the `author` (`package.module:function`) writes when the job is done. `payload` is
    the task, pickled by value. `seed` is the number of the program among those of its system for the task, and
    `judge_seed` the seed of our first attempt, which the judge's words are drawn with. Where no sandbox works,
    `no_sandbox` says why, and nothing is run. `usage` is what the program cost. `time_limit` is in seconds,
    `memory_limit` in MiB, 0 for none.
    """

    task: str
    system: str
    seed: int
    payload: bytes
    time_limit: float
    memory_limit: int = 0
    source: str = ""
    author: str = ""
    usage: Mapping[str, float] | None = None
    layer: str = ""
    judge_seed: int = 0
    no_sandbox: str = ""

    @property
    def key(self) -> Key:
        """What no other job of a run shares."""
        return self.task, self.system, self.seed


Job = SolverJob | ProgramJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Outcome):
    """What came of one attempt: an `Outcome`, also of attempts that did not get that far, with what was measured.

    `status` is one of `solved`, `unsolved`, `timeout`, `memory`, `error`, `not_run`, or of a recorded program one of
    `mips.judging.sandbox.verdict`. `locks`, `lenient` and `usage` are those of a recorded program. `seconds` are wall
    seconds, `peak_mib` is the largest resident size, in MiB, and `log` is what the child said and printed. No text but
    the program holds what cannot be written: a half of a pair of characters becomes its escape sequence, whoever makes
    the finding.
    """

    stage: str = ""
    locks: Sequence[str] = ()
    lenient: int = 0
    usage: Mapping[str, float] | None = None
    seconds: float = 0.0
    peak_mib: int = 0
    log: str = ""

    def __post_init__(self) -> None:
        for name in {each.name for each in dataclasses.fields(self)} - {"program"}:
            object.__setattr__(self, name, each_text(encodable, getattr(self, name)))


def encode(finding: Finding) -> dict[str, Any]:
    """Return the finding as a JSON object; files become base64. `decode` is its inverse."""
    fields = {each.name: getattr(finding, each.name) for each in dataclasses.fields(finding)}
    fields["stage_seconds"] = dict(finding.stage_seconds)
    fields["files"] = {name: base64.b64encode(data).decode("ascii") for name, data in finding.files.items()}
    return fields


def decode(fields: Mapping[str, Any]) -> Finding:
    """Return the finding that `encode` made `fields` of."""
    files = {name: base64.b64decode(text) for name, text in fields["files"].items()}
    return Finding(**{**fields, "files": files})
