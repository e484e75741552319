"""From what pytest collected to the benchmark's roster: one task an item, every name once."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mips import Task, TaskError
from pytest_mips.options.companions import NO_COPIES, is_forked
from pytest_mips.runs.formatting import printable

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


def why_not_collected(report: pytest.CollectReport) -> str:
    """Return why nothing is known of the tests in a file or folder, in one line; nothing where all is well."""
    if report.passed:
        return ""
    excinfo: pytest.ExceptionInfo[BaseException] | None = getattr(getattr(report, "call", None), "excinfo", None)
    said = excinfo.exconly(tryshort=True) if excinfo is not None and report.failed else report.longreprtext
    if report.skipped and isinstance(report.longrepr, tuple):
        said = report.longrepr[2]
    return printable(" ".join(f"{report.outcome}: {said.removeprefix('Skipped: ')}".split()))


def split_marked(items: Iterable[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the items with the marker `mips_task`, and the others."""
    marked: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        (marked if item.get_closest_marker("mips_task") else others).append(item)
    return marked, others


def assign_tasks(items: Iterable[pytest.Item]) -> None:
    """Put each item's task into its stash. Raises pytest.UsageError with a line for each mistake."""
    mistakes, repeated = [], list[str]()
    seen: dict[str, tuple[Task, pytest.Item]] = {}
    for item in items:
        task, mistake = _task_of(item)
        if task is None:
            mistakes.append(mistake)
            continue
        item.stash[TASK] = task
        if is_forked(item):
            mistakes.append(f"{item.nodeid}: the marker `forked` {NO_COPIES}")
        if task.name in seen:
            other, other_item = seen[task.name]
            if task is other:
                repeated.append(
                    f"Task {task.name!r} is collected twice, as {other_item.nodeid} and as {item.nodeid}, and one test "
                    "stands for one task: leave out what repeats tests (an option such as --count of pytest-repeat, a "
                    "plugin, a hook, a second test of the same tasks); --mips-seeds=N makes N attempts at each task."
                )
            else:
                mistakes.append(
                    f"Task {task.name!r} is there twice: {other.where} ({other_item.nodeid}) and {task.where} "
                    f"({item.nodeid}); each name stands for one task: rename one of them."
                )
        seen.setdefault(task.name, (task, item))
    if mistakes or repeated:
        raise pytest.UsageError(*mistakes, *repeated[:1])  # what repeats one repeats all


def by_definition(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return the items as they are defined, file by file, whatever order others have put them into."""
    return sorted(items, key=_place)


def _place(item: pytest.Item) -> tuple[str, int, tuple[int, ...], str]:
    """Return where an item is defined: file, line, which of the parameters of its test it has, and its name."""
    indices = getattr(getattr(item, "callspec", None), "indices", {})
    return os.path.relpath(item.path, item.config.rootpath), item.location[1] or 0, (*indices.values(),), item.nodeid


def one_part(items: Iterable[pytest.Item], number: int, count: int) -> list[pytest.Item]:
    """Return the `number`-th of `count` parts, dealt out by the names of the tasks, in the order of the items.

    Every item is in one part, and which one depends on the names alone.
    """
    names = sorted(item.stash[TASK].name for item in items)[number - 1 :: count]
    return [item for item in items if item.stash[TASK].name in names]


def first_of_each_file(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return one item of each family: the one that each file defines first."""
    first: dict[Path, pytest.Item] = {}
    for item in by_definition(items):
        first.setdefault(item.path, item)
    return [item for item in items if item is first[item.path]]


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
