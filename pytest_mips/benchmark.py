"""One benchmark run inside a pytest session: attempts start as workers come free, items wait for their own."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from mips import Task
from pytest_mips import records, summary
from pytest_mips.attempt import SYSTEM, Finding, Job, Performer, failure
from pytest_mips.baselines.endpoint import Endpoint, withheld
from pytest_mips.baselines.live import Live
from pytest_mips.collection import (
    TASK,
    assign_tasks,
    first_of_each_file,
    split_marked,
    task_error,
    use_default_paths,
)
from pytest_mips.executors import Began, ChildPool, Ended, Event, Said
from pytest_mips.options import Options
from pytest_mips.planning import Plan, make_plan
from pytest_mips.summary import BROKEN
from pytest_mips.terminal import Terminal
from pytest_mips.wording import counterexample_text

WAIT_SECONDS = 1.0  # how often the main thread looks whether it has been silent for too long

VERDICT: pytest.StashKey[records.Record] = pytest.StashKey()
WORD: pytest.StashKey[str] = pytest.StashKey()  # what stands for the verdict on a task in pytest's own output


class Unsolved(Exception):
    """A task was not solved: a result, reported as xfailed."""


class Benchmark:
    """The working object; registered as a plugin only under `--mips-benchmark`."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        if hasattr(config, "workerinput") or config.getoption("numprocesses", default=None):
            raise pytest.UsageError("--mips-benchmark does not work with -n of pytest-xdist; use --mips-workers.")
        use_default_paths(config)
        self._config = config
        self._options = options
        self._terminal = Terminal(config)
        self._mistakes: list[str] = []
        self._partial = options.quick
        self._plan: Plan | None = None
        self._summary: summary.Summary | None = None
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._running: dict[tuple[str, str, int], tuple[Job, float, str]] = {}
        self._performer = Performer()
        self._done: dict[tuple[str, str, int], records.Record] = {}

    # Collection

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
            raise pytest.UsageError(*self._mistakes)
        marked, others = split_marked(items)
        self._deselect(items, marked, others)
        assign_tasks(items)
        yield
        if self._options.quick:
            self._deselect(items, *first_of_each_file(items))
        self._partial = self._partial or len(items) < len(marked)

    def _deselect(self, items: list[pytest.Item], kept: list[pytest.Item], dropped: list[pytest.Item]) -> None:
        if dropped:
            self._config.hook.pytest_deselected(items=dropped)
            items[:] = kept

    # The run

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        if session.testsfailed or session.config.option.collectonly or not session.items:
            return (yield)
        plan = self._plan = make_plan(session.items, self._options, self._config.rootpath, partial=self._partial)
        self._open(plan)
        with ExitStack() as stack:
            stack.callback(self._close, plan)
            pool = ChildPool(self._options.workers, self._events) if self._options.workers else None
            live = self._live(plan, pool, stack)
            if pool:
                stack.callback(pool.stop)
                for group in plan.groups:
                    pool.submit(*group)
                if live:
                    live.start(plan.conversations)
            result = yield
            if not session.shouldstop and not session.shouldfail:
                if live and not pool:
                    for talk in plan.conversations:
                        live.converse(talk)
                self._finish([job for job in plan.jobs if job.system != SYSTEM])
            return result

    def _live(self, plan: Plan, pool: ChildPool | None, stack: ExitStack) -> Live | None:
        """Return who holds the conversations of the plan; when the stack unwinds, it asks for nothing more."""
        llm = self._options.llm
        if not plan.conversations or llm is None:
            return None
        key = stack.enter_context(withheld(llm.key_env)) if llm.key_is_needed else ""
        live = Live(
            Endpoint(llm.model, key=key, base_url=llm.base_url, temperature=llm.temperature, seconds=llm.seconds),
            folder=self._options.run_dir / "baselines",
            judge=pool.finding if pool else lambda job: self._performer.perform(job, lambda line: None),
            tell=self._events.put,
            concurrency=llm.concurrency,
            rounds=llm.rounds,
            budget=llm.budget,
        )
        stack.callback(live.stop)
        return live

    def await_verdict(self, item: pytest.Item, task: Task) -> None:
        """Return when every attempt at the item's task is over and one solved it.

        Raises `Unsolved` if none did, and fails the test for a harness error, or for an unsolved task if strict.
        """
        plan = self._plan
        if plan is None or TASK not in item.stash:
            pytest.fail(f"{item.nodeid}: mips() is for tests with the marker mips_task.", pytrace=False)
        if task is not item.stash[TASK]:
            pytest.fail(f"mips() got {task}, expected the test's own parameter {item.stash[TASK]}.", pytrace=False)
        jobs = [job for job in plan.jobs if job.task == task.name and job.system == SYSTEM]
        if self._options.baselines_only:
            jobs = [job for job in plan.jobs if job.task == task.name]
            if not jobs:
                pytest.skip(f"no system has a program for {task}")
        self._finish(jobs)
        attempts = [self._done[job.key] for job in jobs]
        if self._options.baselines_only:
            self._judged(item, attempts)
            return
        line = summary.summarize(plan.run | {"tasks": [{"task": task.name}]}, attempts).lines[0]
        broken = [record for record in attempts if record.status in BROKEN]
        verdict = item.stash[VERDICT] = broken[0] if broken else line.best
        told = "  ".join(filter(None, [verdict.why, counterexample_text(verdict.counterexample)]))
        if broken:
            pytest.fail(f"{task}: {verdict.status}: {told}", pytrace=False)
        if verdict.status != "solved":
            if self._options.strict:
                pytest.fail(f"{task}: {verdict.status}: {told}", pytrace=False)
            raise Unsolved(told)

    def _judged(self, item: pytest.Item, attempts: list[records.Record]) -> None:
        """Pass when every recorded program has a verdict, whatever it is; fail for a harness error."""
        broken = [record for record in attempts if record.status in BROKEN]
        item.stash[VERDICT] = broken[0] if broken else attempts[0]
        item.stash[WORD] = broken[0].status if broken else "judged"
        if broken:
            pytest.fail(f"{broken[0].task}: {broken[0].system}: {broken[0].status}: {broken[0].why}", pytrace=False)

    def _finish(self, jobs: list[Job]) -> None:
        """Return when all of these jobs are over; those that no worker takes are run here."""
        if self._options.workers == 0:
            talked = {job.key for talk in self._plan.conversations for job in talk} if self._plan else set()
            for job in jobs:
                if job.key not in self._done and job.key not in talked:
                    self._run_here(job)
        while not all(job.key in self._done for job in jobs):
            self._listen()

    def _listen(self) -> None:
        try:
            event = self._events.get(timeout=WAIT_SECONDS)
        except Empty:
            self._terminal.heartbeat(self._running.values())
            return
        self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case Began(job=job):
                self._running[job.key] = (job, time.monotonic(), "")
            case Said(job=job, line=line):
                self._running[job.key] = (job, self._running.get(job.key, (job, time.monotonic()))[1], line)
            case Ended(job=job, finding=finding):
                self._running.pop(job.key, None)
                self._keep(job, finding)

    def _run_here(self, job: Job) -> None:
        try:
            finding = self._performer.perform(job, lambda line: self._terminal.line(f"    {job.task}: {line}"))
        except Exception as error:
            self._keep(job, failure(error))
            raise
        self._keep(job, finding)

    def _keep(self, job: Job, finding: Finding) -> None:
        """Write what came of an attempt and say it: `tasks/<Task>/`, for later seeds `tasks/<Task>/seed-<seed>/`.

        Programs of baselines are kept in `baselines/<system>/<Task>/<sample>.py`.
        """
        assert self._plan is not None
        plan = self._plan
        record = records.record_of(job, finding, plan.fingerprints[job.key])
        self._done[job.key] = record
        records.append(self._options.run_dir / "results.jsonl", record)
        if record.status == "not_run":
            return
        if job.system == SYSTEM:
            folder = self._options.run_dir / "tasks" / job.task
            first = job.seed == self._options.seeds[0]
            records.write_artefacts(folder if first else folder / f"seed-{job.seed}", finding)
        else:
            records.write_baseline(self._options.run_dir / "baselines" / job.system / job.task, job, finding)
        self._terminal.attempt(
            record, len(self._done), len(plan.jobs), plan.name_width, seeded=len(self._options.seeds) > 1
        )

    def _open(self, plan: Plan) -> None:
        run_dir = self._options.run_dir
        try:
            run_dir.mkdir(parents=True)
            records.write_atomically(run_dir / "run.json", json.dumps(plan.run, indent=1) + "\n")
        except OSError as error:
            raise pytest.UsageError(f"--mips-report-dir: {run_dir} cannot be written: {error.strerror}.") from error
        self._terminal.line(
            f"tasks: {len(plan.run['tasks'])}, attempts: {len(plan.jobs)}, workers: {self._options.workers}, "
            f"time limit: {self._options.time_limit:g} s an attempt, report: {self._shown(run_dir)}"
        )

    def _close(self, plan: Plan) -> None:
        """Keep what is still in the queue, write down what was not run, and derive the summary."""
        while not self._events.empty():
            self._take(self._events.get())
        for job in plan.jobs:
            if job.key not in self._done:
                self._keep(job, Finding(status="not_run", reason="stopped before its turn"))
        self._summary = summary.load(self._options.run_dir)
        summary.write(self._options.run_dir, self._summary)

    def _shown(self, path: Path) -> str:
        start = self._config.invocation_params.dir
        return str(path.relative_to(start) if path.is_relative_to(start) else path)

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
        markup = {"passed": {"green": True}, "xfailed": {"yellow": True}}.get(category, {"red": True})
        return category, "", (report.mips_status.upper() or report.outcome.upper(), markup)

    def pytest_terminal_summary(self) -> None:
        if self._summary is not None:
            self._terminal.summary(self._summary, self._shown(self._options.run_dir / "summary.md"))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK and self._summary is not None and not self._summary.complete:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
