"""The stage on which the plugin is tried: a folder with a task file and a solver that does as the task's name says."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in an attempt; networks this small gain nothing from threads

import pytest_mips.session.benchmark  # noqa: F401  (pytester forgets what is imported during a run; this is imported before)

pytest_plugins = "pytester"

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


@pytest.fixture
def stage(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the plugins of others only cost time here
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_mips.plugin")
    return Stage(pytester)


@pytest.fixture
def one_error(stage: Stage) -> Callable[..., str]:
    """Run, check that it ended as wrong usage with nothing written, and return what was said, a line a mistake."""

    def run(*arguments: str) -> str:
        result = stage.run(*arguments)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert not (stage.pytester.path / "reports").exists()
        assert "Traceback" not in result.stdout.str() + result.stderr.str()
        lines = [line for line in result.stderr.lines if line]
        assert all(line.startswith("ERROR: ") for line in lines)
        return "\n".join(lines)

    return run
