"""One benchmark run inside a pytest session: attempts start as workers come free, items wait for their own."""

from __future__ import annotations

import os
import shlex
from collections.abc import Generator
from contextlib import ExitStack
from typing import Any

import pytest

from mips import Task
from pytest_mips.baselines.endpoint import withheld
from pytest_mips.options.companions import distributed, goes_on, rehearsed
from pytest_mips.options.settings import SHARED_FOLDER, Options
from pytest_mips.runs import records
from pytest_mips.runs.attempts import SYSTEM, Finding, Job
from pytest_mips.runs.formatting import counterexample_text, printable
from pytest_mips.runs.records import BROKEN
from pytest_mips.scores import summary
from pytest_mips.session import gates
from pytest_mips.session.collection import TASK, by_definition
from pytest_mips.session.planning import make_plan
from pytest_mips.session.run_writer import RunWriter, Unwritable, shown, summarized
from pytest_mips.session.scheduling import Attempts
from pytest_mips.session.selection import Selection
from pytest_mips.session.terminal import Terminal

EMPTY_SHARD, WRONG_USAGE = "mips_empty_shard", "mips_wrong_usage"  # what a process of pytest-xdist says when it ends
VERDICT: pytest.StashKey[records.Record] = pytest.StashKey()
WORD: pytest.StashKey[str] = pytest.StashKey()  # what stands for the verdict on a task in pytest's own output


class Unsolved(Exception):
    """A task was not solved: a result, reported as xfailed."""


class Benchmark:
    """The working object; registered as a plugin only under `--mips-benchmark`.

    Under pytest-xdist each of its processes has one and makes the attempts at its own items, one at a time, while that
    of the process that began them writes the summary.
    """

    def __init__(self, config: pytest.Config, options: Options, selection: Selection) -> None:
        self._config, self._options, self._selection = config, options, selection
        self._serves = hasattr(config, "workerinput")  # a process of pytest-xdist
        self._leads = not self._serves and distributed(config)
        self._process = os.getpid()
        self._terminal = Terminal(config)
        self._writer: RunWriter | None = None
        self._attempts: Attempts | None = None
        self._summary: summary.Summary | None = None
        self._failed: list[str] = []
        self._news: list[str] = []
        self._wrong: list[str] = []  # wrong usage, as processes of pytest-xdist tell it
        self._empty = False  # whether this part of the tasks has none, as far as processes of pytest-xdist say it

    # The run

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        nothing = not session.items and not self._selection.empty_shard
        stopped = session.testsfailed and not goes_on(self._config)
        if self._leads or stopped or rehearsed(self._config) or nothing:
            return (yield)
        with withheld(self._options.llm.secret if self._options.llm else "") as key:
            try:
                return (yield from self._run(session, key))
            except pytest.UsageError as error:
                raise (error if self._serves else self._terminal.mistakes(error)) from error

    def _run(self, session: pytest.Session, key: str) -> Generator[None, Any, Any]:
        """Make the attempts, while pytest goes through its items; `key` is that of a live system's endpoint."""
        selection, options = self._selection, self._options
        plan = make_plan(
            by_definition(session.items),
            options,
            self._config.rootpath,
            partial=selection.partial,
            roster=selection.roster,
            uncollected=selection.uncollected,
        )
        writer = self._writer = RunWriter(plan, options, self._config.invocation_params.dir)
        with ExitStack() as stack:
            attempts = stack.enter_context(Attempts(writer, options, self._terminal, key=key, on_demand=self._serves))
            stack.callback(writer.leave)
            writer.open(self._terminal.line, shared=self._serves)
            self._attempts = attempts
            self._terminal.line(
                f"tasks: {len(writer.plan.run['tasks'])}, attempts: {len(plan.jobs)}, workers: {options.workers}, "
                f"time limit: {options.time_limit:g} s an attempt, report: {writer.shown}"
            )
            for note in plan.notes:
                self._terminal.line(note)
            for each in selection.uncollected:
                self._terminal.line(f"not looked into for tasks: {each['test']}: {each['why']}")
            try:
                for task in () if self._serves else selection.skipped:
                    self._leave_out(task)
                attempts.begin()
                result = yield
                if not session.shouldstop and not session.shouldfail and not self._serves:
                    attempts.finish_others()
                return result
            finally:
                attempts.stop()
                if not self._serves:
                    self._close(writer)

    def _close(self, writer: RunWriter) -> None:
        try:
            self._judge(writer.close())
        except Unwritable as error:
            self._failed.append(str(error))

    def _judge(self, found: summary.Summary) -> None:
        """Take the summary for that of the run, and look at the gates."""
        self._summary = found
        try:
            comparisons = gates.compared(found, self._options)
        except (OSError, ValueError, LookupError, TypeError) as error:
            self._failed.append(f"--mips-compare: the other run cannot be read: {error}")
            return
        if self._options.compare is not None:
            self._news = gates.news(comparisons, self._options.compare)
        self._failed += gates.failed(found, self._options, comparisons)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput[SHARED_FOLDER] = str(self._options.run_dir)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        said = getattr(node, "workeroutput", {})
        self._empty |= bool(said.get(EMPTY_SHARD))
        self._wrong = self._wrong or said.get(WRONG_USAGE, [])

    def await_verdict(self, item: pytest.Item, task: Task) -> None:
        """Return when every attempt at the item's task is over and one solved it.

        Raises `Unsolved` if none did, and fails the test for a harness error, or for an unsolved task if strict.
        """
        if self._writer is None or self._attempts is None or TASK not in item.stash:
            pytest.fail(f"{item.nodeid}: mips() is for tests with the marker mips_task.", pytrace=False)
        if task is not item.stash[TASK]:
            pytest.fail(f"mips() got {task}, expected the test's own parameter {item.stash[TASK]}.", pytrace=False)
        if os.getpid() != self._process:
            pytest.fail(
                f"{item.nodeid}: the test runs in a copy of the process that makes the attempts, which hears nothing "
                "of them; leave out the option, plugin or marker that forks.",
                pytrace=False,
            )
        plan = self._writer.plan
        only = self._options.baselines_only
        jobs = self._jobs(task.name)
        if only and not jobs:
            pytest.skip(f"no system has a program for {task}")
        self._attempts.finish(jobs)
        attempts = [self._writer.done[job.key] for job in jobs]
        broken = [record for record in attempts if record.status in BROKEN]
        if only:
            item.stash[VERDICT] = broken[0] if broken else attempts[0]
            item.stash[WORD] = broken[0].status if broken else "judged"
            if broken:
                told = f"{broken[0].task}: {broken[0].system}: {broken[0].status}: {broken[0].why}"
                pytest.fail(printable(told), pytrace=False)
            return
        line = summary.summarize(plan.run | {"tasks": [{"task": task.name}]}, attempts).lines[0]
        verdict = item.stash[VERDICT] = broken[0] if broken else line.best
        told = printable("  ".join(filter(None, [verdict.why, counterexample_text(verdict.counterexample)])))
        if broken or (verdict.status != "solved" and self._options.strict):
            pytest.fail(f"{task}: {verdict.status}: {told}", pytrace=False)
        if verdict.status != "solved":
            raise Unsolved(told)

    def _jobs(self, task: str) -> list[Job]:
        """Return the jobs that the test of a task waits for."""
        assert self._writer is not None
        only = self._options.baselines_only
        return [job for job in self._writer.plan.jobs if job.task == task and (only or job.system == SYSTEM)]

    def _leave_out(self, task: str) -> None:
        """Write down that nothing is attempted at a task whose test is skipped."""
        assert self._writer is not None
        reason = f"its test is skipped: {self._selection.skipped[task]}"
        self._terminal.line(f"not run: {task}: {reason}")
        for job in self._writer.plan.jobs:
            if job.task == task and not self._writer.over(job):
                self._writer.keep(job, Finding(status="not_run", reason=reason))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Wait for the attempts at a task also where its test ended before it asked for them.

        A test that skips itself or has an error before it asks would else leave it to chance what becomes of them.
        """
        result = yield
        if VERDICT in item.stash or TASK not in item.stash or self._writer is None or self._attempts is None:
            return result
        if item.session.shouldstop or item.session.shouldfail:
            return result
        task = item.stash[TASK].name
        if task in self._selection.skipped:
            if self._serves:
                self._leave_out(task)
            return result
        try:
            self._attempts.finish(self._jobs(task))
        except pytest.exit.Exception:
            raise
        except Exception:  # of an attempt in this process; it is kept as its record
            pass
        return result

    # Reports

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        report = yield
        if call.when != "call":
            return report
        if call.excinfo is not None and isinstance(call.excinfo.value, Unsolved):
            report.outcome = "skipped"
            report.wasxfail = report.longrepr = str(call.excinfo.value)
        elif report.passed and VERDICT not in item.stash:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: the test ended without a call of mips(task), so nothing is known."
        report.mips_status = item.stash.get(WORD, item.stash[VERDICT].status) if VERDICT in item.stash else ""
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any, config: pytest.Config) -> tuple[str, str, Any] | None:
        if getattr(report, "when", "") != "call" or not hasattr(report, "mips_status"):
            return None
        category = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        markup = {"red": True} if category == "failed" else {"green" if category == "passed" else "yellow": True}
        return category, "", (report.mips_status.upper() or report.outcome.upper(), markup)

    @property
    def _shown(self) -> str:
        return shown(self._options.run_dir, self._config.invocation_params.dir)

    def pytest_terminal_summary(self) -> None:
        folder = self._options.run_dir
        if self._summary is not None:
            self._terminal.summary(self._summary, self._shown, strict=self._options.strict)
            for line in self._news:
                self._terminal.line(line)
        for line in (*self._wrong, *self._failed):
            self._terminal.line(f"ERROR: {line}", red=True)
        there = self._writer.opened if self._writer else self._leads and (folder / "run.json").exists()
        if there and (self._summary is None or not self._summary.complete):
            self._terminal.line(f"to go on: {self._line_to_go_on(folder.name)}")

    def _line_to_go_on(self, name: str) -> str:
        """Return the command of this run with `--mips-resume`, in the place of what named the run.

        No run is gone on with by processes of pytest-xdist, so that they are called off.
        """
        given = [str(argument) for argument in self._config.invocation_params.args]
        named = ("--mips-resume", "--mips-run")
        kept = [
            argument
            for before, argument in zip(["", *given], given, strict=False)
            if argument.partition("=")[0] not in named and not (before in named and not argument.startswith("-"))
        ]
        alone = ["-n0"] if self._leads else []
        return shlex.join(["pytest", *kept, f"--mips-resume={name}", *alone])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._leads and (self._options.run_dir / "run.json").exists():
            try:
                self._judge(summarized(self._options.run_dir, self._shown))
            except Unwritable as error:
                self._failed.append(str(error))
        if self._serves:
            said: dict[str, Any] = self._config.workeroutput  # type: ignore[attr-defined]
            said[EMPTY_SHARD] = self._selection.empty_shard and not session.items
            said[WRONG_USAGE] = self._selection.told
        if self._wrong:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        empty = self._empty or (self._selection.empty_shard and self._writer is not None)
        if empty and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK
        met = (self._summary is None or self._summary.complete) and not self._failed
        if session.exitstatus == pytest.ExitCode.OK and not met:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
