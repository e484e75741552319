"""From what pytest collected to the benchmark's roster: one task an item, every name once."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mips import Task, TaskError

TASK: pytest.StashKey[Task] = pytest.StashKey()


def use_default_paths(config: pytest.Config) -> None:
    """Collect `mips_paths` when no path was given. Raises pytest.UsageError for a path that is not there."""
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        return
    paths = [config.rootpath / path for path in config.getini("mips_paths")]
    for path in paths:
        if not os.path.exists(path):
            cure = "give the path of a task file or set mips_paths."
            if config.inipath is None and config.rootpath != config.invocation_params.dir:  # by the value of an option
                cure = "that is not this project: write options with a path as --option=PATH."
            raise pytest.UsageError(
                f"no path was given and mips_paths names {path.name!r}, which is not in {config.rootpath}; {cure}"
            )
    config.args[:] = [str(path) for path in paths]


def task_error(report: pytest.CollectReport, root: Path) -> str:
    """Return the one line to show for a task file whose import raised a TaskError; empty for anything else.

    The message names the file itself, or the line of the file that raised is put in front.
    """
    excinfo: pytest.ExceptionInfo[BaseException] | None = getattr(getattr(report, "call", None), "excinfo", None)
    if excinfo is None or not isinstance(excinfo.value, TaskError):
        return ""
    file = root / report.nodeid
    message = " ".join(str(excinfo.value).split())
    lines = [frame.lineno for frame in traceback.extract_tb(excinfo.tb) if Path(frame.filename) == file]
    return message if file.name in message or not lines else f"{report.nodeid}:{lines[-1]}: {message}"


def split_marked(items: Iterable[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the items with the marker `mips_task`, and the others."""
    marked: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        (marked if item.get_closest_marker("mips_task") else others).append(item)
    return marked, others


def assign_tasks(items: Iterable[pytest.Item]) -> None:
    """Put each item's task into its stash. Raises pytest.UsageError with a line for each mistake."""
    mistakes = []
    seen: dict[str, tuple[Task, pytest.Item]] = {}
    for item in items:
        task, mistake = _task_of(item)
        if task is None:
            mistakes.append(mistake)
            continue
        item.stash[TASK] = task
        if task.name in seen:
            other, other_item = seen[task.name]
            mistakes.append(
                f"Task {task.name!r} is there twice: {other.where} ({other_item.nodeid}) and {task.where} "
                f"({item.nodeid}); each name stands for one task: rename one of them."
            )
        seen.setdefault(task.name, (task, item))
    if mistakes:
        raise pytest.UsageError(*mistakes)


def first_of_each_file(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return one item of each family, the first of each file, and the others."""
    first: dict[Path, pytest.Item] = {}
    for item in items:
        first.setdefault(item.path, item)
    kept = list(first.values())
    return kept, [item for item in items if item not in kept]


def _task_of(item: pytest.Item) -> tuple[Task | None, str]:
    call: Any = getattr(item, "callspec", None)
    tasks = [value for value in call.params.values() if isinstance(value, Task)] if call else []
    if len(tasks) != 1:
        return None, (
            f"{item.nodeid}: found {len(tasks)} parameters that are a mips.Task, expected exactly one: "
            'add @pytest.mark.parametrize("task", TASKS, ids=str).'
        )
    if "mips" not in getattr(item, "fixturenames", ()):
        return None, f"{item.nodeid}: found no fixture `mips`, expected a test like `def {_name(item)}(task, mips)`."
    return tasks[0], ""


def _name(item: pytest.Item) -> str:
    return getattr(item, "originalname", None) or item.name
