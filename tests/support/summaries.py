"""Records and the facts of a run, and the cells of the tables made of them."""

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


def rows(text: str, heading: str) -> dict[str, list[str]]:
    """The cells of the table below a heading, by the name in the first column."""
    lines = text.partition(heading)[2].strip().partition("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}
