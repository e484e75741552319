"""What measurements share: the tasks by family, a file of `benchmark_tasks/`; options; the folder of results."""

from __future__ import annotations

import argparse
import runpy
import tempfile
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


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add `--run`, the finished run whose networks are measured."""
    reference = ROOT / "reports" / "reference"
    parser.add_argument("--run", type=Path, default=reference, help="a finished run (reports/reference)")


def parse(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Add `--jobs` and `--out` and return what all options say. Wrong ones end the process with one line."""
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side (2)")
    parser.add_argument("--out", type=Path, default=None, help="folder for the results (a fresh temporary one)")
    options = parser.parse_args(arguments)
    at_least_one(parser, options, "jobs")
    return options


def at_least_one(parser: argparse.ArgumentParser, options: argparse.Namespace, name: str) -> None:
    """End the process with one line where the option of that name is below 1."""
    if (found := getattr(options, name)) < 1:
        parser.error(f"--{name}: found {found}, expected at least 1")


def results_folder(options: argparse.Namespace, name: str) -> Path:
    """Return the folder of `--out`, else a fresh temporary one with `name` in its own; it exists then."""
    folder: Path = options.out or Path(tempfile.mkdtemp(prefix=f"{name}-"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
