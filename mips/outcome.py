"""What a solver hands back. A module of its own, so that a method of one's own need not load the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one attempt at a task came to.

    `status` is `solved` or `unsolved`. `stage` is `verified` when solved, else the stage that failed (`trained`,
    `extracted`, `synthesized`, `verified`), with `reason` in one line. `form` is `linear`, `boolean`, `symbolic` or
    empty; `assurance` is `proved`, `proved-affine`, `tested` or empty. `program` is Python source or empty.
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
