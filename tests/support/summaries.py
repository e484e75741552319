"""Records and the facts of a run, for tests of what is computed of them."""

from __future__ import annotations

from typing import Any

from pytest_mips.runs.attempts import SYSTEM, Finding, ProgramJob, SolverJob
from pytest_mips.runs.records import Record, record_of

RUN: dict[str, Any] = {
    "run": "mine",
    "partial": False,
    "arguments": {"seeds": [0], "workers": 2, "time_limit": 900.0},
    "commit": "0123456789abcdef",
    "dirty": False,
    "versions": {"python": "3.11"},
    "machine": {"cpu": "A CPU", "physical_cores": 2, "memory_mib": 4096},
    "tasks": [{"task": "A"}, {"task": "B"}, {"task": "C"}],
}


EXAMPLE = {"inputs": [1, 0], "expected": [1, 1], "actual": [1, 0]}


def record(task: str, status: str = "solved", seed: int = 0, system: str = SYSTEM, **changes: Any) -> Record:
    shared: dict[str, Any] = {"task": task, "seed": seed, "payload": b"", "time_limit": 1.0}
    job = SolverJob(solver="a:b", **shared) if system == SYSTEM else ProgramJob(system=system, **shared)
    parts: dict[str, Any] = {"stage": "verified", "form": "linear", "assurance": "proved", "program": f"# {task}\n"}
    finding = Finding(status=status, **(parts if status == "solved" else {}) | changes)
    return record_of(job, finding, "f")
