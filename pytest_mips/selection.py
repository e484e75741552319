"""Which tests are the tasks of a benchmark run: the hooks of collection."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pytest_mips import hints
from pytest_mips.collection import (
    TASK,
    assign_tasks,
    first_of_each_file,
    split_marked,
    task_error,
    use_default_paths,
)
from pytest_mips.options import Options
from pytest_mips.terminal import Terminal
from pytest_mips.wording import printable


class Selection:
    """`roster` are the names of all tasks that were selected, `partial` says whether they are fewer than there are.

    The items that are left after collection are all of them, or one part (`--mips-shard`).
    """

    def __init__(self, config: pytest.Config, options: Options) -> None:
        use_default_paths(config)
        self._config, self._options = config, options
        self._mistakes: list[str] = []
        named = any("::" in argument for argument in config.args)
        self.partial = options.quick or named or bool(config.getoption("lf", default=False))
        self.roster: list[str] = []
        self._hints: list[str] = []

    @property
    def empty_shard(self) -> bool:
        """Whether there are tasks, of which this part may have none."""
        return self._options.shard is not None and bool(self.roster)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        report = yield
        mistake = task_error(report, self._config.rootpath)
        if mistake:  # told once, in one line, when all files have been read
            self._mistakes.append(mistake)
            report.outcome, report.longrepr, report.result = "passed", None, []
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        if self._mistakes:
            raise self._told(pytest.UsageError(*map(printable, self._mistakes)))
        marked, others = split_marked(items)
        self._hints = hints.unmarked(others)
        self._deselect(items, marked, others)
        try:
            assign_tasks(items)
        except pytest.UsageError as error:
            raise self._told(error) from error
        known = [item.stash[TASK].name for item in items]
        yield
        if not items:
            option = self._config.option
            self._hints += hints.nothing_selected(known, keyword=option.keyword, markers=option.markexpr)
        if self._options.quick:
            self._deselect(items, *first_of_each_file(items))
        self.partial = self.partial or len(items) < len(marked)
        self.roster = [item.stash[TASK].name for item in items]
        if self._options.shard:
            number, count = self._options.shard
            kept = items[number - 1 :: count]
            self._deselect(items, kept, [item for item in items if item not in kept])

    def _told(self, error: pytest.UsageError) -> pytest.UsageError:
        """Return an error whose lines stand above pytest's own, but in a process of pytest-xdist, which has no page."""
        return error if hasattr(self._config, "workerinput") else Terminal(self._config).mistakes(error)

    def pytest_report_collectionfinish(self) -> list[str]:
        return [printable(line) for line in self._hints]

    def _deselect(self, items: list[pytest.Item], kept: list[pytest.Item], dropped: list[pytest.Item]) -> None:
        if dropped:
            self._config.hook.pytest_deselected(items=dropped)
            items[:] = kept
