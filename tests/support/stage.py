"""The stage on which the plugin is tried: a folder with task files, and a solver that does as a task's name says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SOLVER = """
import random
from mips.outcome import Outcome

COPY = "def program(xs):\\n    return list(xs)\\n"

def solve(task, *, seed, progress):
    progress("trained: a fake network")
    task.draw(random.Random(seed), task.length)
    if task.name.startswith("Hard") or (task.name.startswith("Lucky") and seed != 1):
        return Outcome(
            status="unsolved", stage="synthesized", reason="no formula fits", hidden_size=3, network_accuracy=0.75,
            counterexample={"inputs": [1, 0], "expected": [1, 1], "actual": [1, 0]},
        )
    return Outcome(
        status="solved", stage="verified", form="linear", assurance="proved", program=COPY, program_nodes=9,
        hidden_size=1, network_accuracy=1.0, stage_seconds={"trained": 0.1}, files={"machine.json": b"{}"},
    )
"""


TASK_FILE = """
import os, signal, subprocess, sys, time
import pytest
from mips import Task, integers

def copy(state, x):
    return state, x

def in_child():
    return "pytest" not in sys.modules

def task(name, sample=None, **changes):
    parts = {{"step": copy, "start": 0, "inputs": integers(0, 1), "length": 4, "sample": sample}}
    return Task(name, **(parts | changes))

{tasks}

@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_copy(task, mips):
    mips(task)
"""


class Stage:
    """A folder with task files, and what a run of them leaves."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        pytester.makepyfile(fake_solver=SOLVER)
        pytester.makeini("[pytest]\nmips_solver = fake_solver:solve\nmips_paths = .\n")

    def tasks(self, *names: str, before: str = "", file: str = "test_copy") -> None:
        """Write a task file: each of `names` is a name, or a call `task(...)`."""
        calls = ", ".join(name if "(" in name else f"task({name!r})" for name in names)
        self.pytester.makepyfile(**{file: TASK_FILE.format(tasks=f"{before}\nTASKS = [{calls}]")})

    def run(self, *arguments: str, workers: str = "2") -> pytest.RunResult:
        """Run the benchmark in this process."""
        return self.pytester.runpytest_inprocess("--mips-benchmark", f"--mips-workers={workers}", *arguments)

    @property
    def folder(self) -> Path:
        """The only run there is."""
        (folder,) = (self.pytester.path / "reports").iterdir()
        return folder

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def records(self) -> dict[str, Any]:
        lines = (self.folder / "results.jsonl").read_text().splitlines()
        return {record["task"]: record for record in map(json.loads, lines)}
