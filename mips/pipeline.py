"""The pipeline, one line a stage: task, dataset, network, machine, formulas, program, verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mips.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one attempt at a task came to.

    `status` is `solved` or `unsolved`. `stage` is the last stage reached when solved (`verified`), else the stage that
    failed (`trained`, `extracted`, `synthesized`, `verified`), with `reason` in one line. `form` is `linear`, `boolean`,
    `symbolic` or empty; `assurance` is `proved`, `proved-affine`, `tested` or empty. `program` is Python source or empty.
    `counterexample` is JSON-ready (`inputs`, `expected`, `actual`) or None. `stage_seconds` maps stage to wall seconds.
    `files` maps a file name to its bytes (the network, the machine), for whoever keeps artefacts.
    """

    status: str
    stage: str
    reason: str = ""
    form: str = ""
    assurance: str = ""
    program: str = ""
    program_nodes: int = 0
    hidden_size: int = 0
    network_accuracy: float = 0.0
    counterexample: dict[str, Any] | None = None
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


def solve(task: Task, *, seed: int, progress: Callable[[str], None] = lambda line: None) -> Outcome:
    """Train, distil, synthesize and judge `task` once. `progress` gets one line whenever something begins or ends."""
    raise NotImplementedError
