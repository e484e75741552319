"""The benchmark's tasks by family; a family is a file of `benchmark_tasks/`."""

from __future__ import annotations

import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path

from mips import Task

ROOT = Path(__file__).parents[1]


def families() -> dict[str, list[Task]]:
    """Return the tasks of every file, by the file's name without `test_`."""
    files = sorted((ROOT / "benchmark_tasks").glob("test_*.py"))
    return {file.stem.removeprefix("test_"): runpy.run_path(str(file))["TASKS"] for file in files}


def names(roster: Mapping[str, Sequence[Task]]) -> list[str]:
    """Return the names of all tasks, in the order of the files."""
    return [task.name for tasks in roster.values() for task in tasks]


def find(roster: Mapping[str, Sequence[Task]], name: str) -> tuple[str, Task]:
    """Return the family and the task of that name."""
    for family, tasks in roster.items():
        for task in tasks:
            if task.name == name:
                return family, task
    raise KeyError(f"no task is called {name!r}; there are {', '.join(names(roster))}")
