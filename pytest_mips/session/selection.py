"""Which tests are the tasks of a benchmark run: the hooks of collection."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from pytest_mips.options.companions import goes_on, reason_to_skip
from pytest_mips.options.settings import Options
from pytest_mips.runs.formatting import printable
from pytest_mips.session import hints
from pytest_mips.session.collection import (
    TASK,
    assign_tasks,
    by_definition,
    first_of_each_file,
    one_part,
    split_marked,
    task_error,
    use_default_paths,
    why_not_collected,
)
from pytest_mips.session.terminal import Terminal


class Selection:
    """What is selected, free of the order in which other plugins put the tests.

    `roster` are the names of all tasks that were selected, `partial` says whether they are fewer than there are. The
    items that are left after collection are all of them, or one part (`--mips-shard`). `skipped` are those of them that
    their own marks skip, with the reason, and `uncollected` what could not be looked into for tasks.
    """

    def __init__(self, config: pytest.Config, options: Options) -> None:
        use_default_paths(config)
        self._config, self._options = config, options
        self._mistakes: list[str] = []
        self._known: list[str] | None = None  # the tasks that there were before anybody took some away
        named = any("::" in argument for argument in config.args)
        self.partial = options.quick or named or bool(config.getoption("lf", default=False))
        self.roster: list[str] = []
        self._hints: list[str] = []
        self.skipped: dict[str, str] = {}
        self.uncollected: list[dict[str, str]] = []
        self.told: list[str] = []  # lines about wrong usage, in a process of pytest-xdist

    @property
    def empty_shard(self) -> bool:
        """Whether there are tasks, of which this part may have none."""
        return self._options.shard is not None and bool(self.roster)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        report = yield
        mistake = task_error(report, self._config.rootpath)
        if mistake and goes_on(self._config):
            report.longrepr = printable(mistake)
        elif mistake:  # told once, in one line, when all files have been read
            self._mistakes.append(mistake)
            report.outcome, report.longrepr, report.result = "passed", None, []
        if why := why_not_collected(report):
            self.uncollected.append({"test": report.nodeid, "why": why})
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        with self._telling(items):
            if self._mistakes:
                raise pytest.UsageError(*map(printable, self._mistakes))
            self._hints = hints.unmarked(split_marked(items)[1])
            self._take_tasks(items)
            self._known = [item.stash[TASK].name for item in items]
        yield

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Choose, once all others have taken tests away, put them into another order, or added some."""
        if self._known is not None:  # there were no mistakes
            with self._telling(session.items):
                self._choose(session.items, self._known)

    def pytest_report_collectionfinish(self) -> list[str]:
        return [printable(line) for line in self._hints]

    def _choose(self, items: list[pytest.Item], known: Sequence[str]) -> None:
        self._take_tasks(items)
        if not items:
            option = self._config.option
            self._hints += hints.nothing_selected(known, keyword=option.keyword, markers=option.markexpr)
        if self._options.quick:
            self._keep(items, first_of_each_file(items))
        self.partial = self.partial or len(items) < len(known) or bool(self.uncollected)
        self.roster = [item.stash[TASK].name for item in by_definition(items)]
        if self._options.shard:
            self._keep(items, one_part(items, *self._options.shard))
        reasons = {item.stash[TASK].name: reason_to_skip(item) for item in items}
        self.skipped = {name: reason for name, reason in reasons.items() if reason is not None}

    @contextmanager
    def _telling(self, items: list[pytest.Item]) -> Iterator[None]:
        """Tell wrong usage above pytest's own lines.

        A process of pytest-xdist, which has no page, keeps it for the one that began it, and runs nothing.
        """
        try:
            yield
        except pytest.UsageError as error:
            if not hasattr(self._config, "workerinput"):
                raise Terminal(self._config).mistakes(error) from error
            self.told += [str(message) for message in error.args]
            items.clear()

    def _take_tasks(self, items: list[pytest.Item]) -> None:
        self._keep(items, split_marked(items)[0])
        assign_tasks(by_definition(items))

    def _keep(self, items: list[pytest.Item], kept: list[pytest.Item]) -> None:
        dropped = [item for item in items if item not in kept]
        if dropped:
            self._config.hook.pytest_deselected(items=dropped)
            items[:] = kept
