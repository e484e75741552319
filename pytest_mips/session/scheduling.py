"""All attempts of a run: who does them, in which order, and what is told meanwhile."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pytest

from mips.outcome import Event as Progress
from mips.outcome import tell_nobody
from pytest_mips.baselines.endpoint import Endpoint
from pytest_mips.baselines.live import Live
from pytest_mips.options.live_systems import Llm
from pytest_mips.options.settings import THREADS, Options
from pytest_mips.runs.attempts import SYSTEM, Finding, Job, Key
from pytest_mips.session.durations import Durations
from pytest_mips.session.planning import Plan
from pytest_mips.session.run_writer import RunWriter, Unwritable
from pytest_mips.session.terminal import Terminal
from pytest_mips.workers.attempt import Performer, failure
from pytest_mips.workers.executors import Began, ChildPool, Ended, Event, Said

if TYPE_CHECKING:
    from pytest_mips.workers.farm import Farm

WAIT_SECONDS = 1.0  # how often the main thread looks whether it has been silent for too long


class Attempts:
    """A context manager that has workers; after `begin` attempts are made, and `finish` waits for some of them.

    Children do them, or this process where `--mips-workers` is 0. If `on_demand`, those that are not waited for are
    not made. `key` is that of a live system's endpoint. `stop` ends what runs.
    """

    def __init__(
        self, writer: RunWriter, options: Options, terminal: Terminal, *, key: str = "", on_demand: bool = False
    ) -> None:
        self._key = key
        self._writer, self._options, self._terminal, self._on_demand = writer, options, terminal, on_demand
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._running: dict[Key, tuple[Job, float, str]] = {}
        self._durations = Durations(options.run_dir.parent)
        self._performer = Performer()
        self._began = time.monotonic()
        self._stack = ExitStack()
        self._pool: ChildPool | Farm | None = None
        self._live: Live | None = None

    def __enter__(self) -> Self:
        """Have workers ready. Raises pytest.UsageError where there is no such executor."""
        self._pool = self._opened_pool()
        if self._pool:
            self._stack.callback(self._pool.stop)
        if self._writer.plan.conversations and self._options.llm is not None:
            self._live = self._asking(self._options.llm)
            self._stack.callback(self._live.stop)
        return self

    @property
    def _plan(self) -> Plan:
        return self._writer.plan

    def begin(self) -> None:
        """Have the workers begin with what the books say is still to be done."""
        if self._pool:
            for group in () if self._on_demand else self._waiting():
                self._pool.submit(*group)
            if self._live:
                self._live.start([talk for talk in self._plan.conversations if not self._writer.over(*talk)])

    def stop(self) -> None:
        """End what runs, and keep what is known."""
        self._stack.close()
        with suppress(Unwritable):  # whoever closes the books meets it too, and says it
            while not self._events.empty():
                self._take(self._events.get())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def finish(self, jobs: Sequence[Job]) -> None:
        """Return when all of these jobs are over. Ends the pytest run when nothing can be written any more."""
        try:
            if self._pool and self._on_demand:
                for job in jobs:
                    self._pool.submit(job)
            elif not self._pool:
                talked = {job.key for talk in self._plan.conversations for job in talk}
                for job in jobs:
                    if not self._writer.over(job) and job.key not in talked:
                        self._do_here(job)
            while not self._writer.over(*jobs):
                self._listen()
        except Unwritable as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.INTERRUPTED)

    def finish_others(self) -> None:
        """Return when the programs of all other systems are judged."""
        if self._live and not self._pool:
            self._live.count({talk[0].system for talk in self._plan.conversations})
            for talk in self._plan.conversations:
                if not self._writer.over(*talk):
                    self._live.converse(talk)
        self.finish([job for job in self._plan.jobs if job.system != SYSTEM])

    def _waiting(self) -> list[list[Job]]:
        """Return what is still to be done, ours first, the longest first."""
        groups = [[job for job in group if not self._writer.over(job)] for group in self._plan.groups]
        own = [group for group in groups if group and group[0].system == SYSTEM]
        others = [group for group in groups if group and group[0].system != SYSTEM]
        return [*self._durations.longest_first(own), *self._durations.longest_first(others)]

    def _refusal(self, job: Job) -> str:
        """Return why a job must not begin any more, nothing if it may."""
        budget = self._options.budget
        if budget is None:
            return ""
        spent, expected = time.monotonic() - self._began, self._durations.expected(job, cautious=True)
        if spent + expected <= budget:
            return ""
        return f"{spent:.0f} s are spent and it is expected to take {expected:.0f} s: beyond the budget of {budget:g} s"

    def _opened_pool(self) -> ChildPool | Farm | None:
        """Return who does attempts elsewhere than in this process."""
        workers, spec = self._options.workers, self._options.executor
        if spec == THREADS:
            return ChildPool(workers, self._events, self._refusal) if workers else None
        from pytest_mips.workers.farm import Farm, FarmError, executor_of, places

        try:
            executor = executor_of(spec, workers=workers)
            return Farm(executor, self._events, places(executor, workers=workers), self._refusal)
        except FarmError as error:
            raise pytest.UsageError(f"--mips-executor: {error}.") from error

    def _asking(self, llm: Llm) -> Live:
        """Return who asks the model for programs."""
        return Live(
            Endpoint(llm.model, key=self._key, base_url=llm.base_url, temperature=llm.temperature, seconds=llm.seconds),
            folder=self._writer.folder / "baselines",
            judge=self._pool.finding if self._pool else lambda job: self._performer.perform(job, tell_nobody),
            tell=self._events.put,
            concurrency=llm.concurrency,
            rounds=llm.rounds,
            budget=llm.budget,
            request=llm.request,
        )

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

    def _do_here(self, job: Job) -> None:
        if refusal := self._refusal(job):
            self._keep(job, Finding(status="not_run", reason=refusal))
            return
        try:
            finding = self._performer.perform(job, lambda event: self._say(job, event))
        except Exception as error:
            self._keep(job, failure(error))
            raise
        self._keep(job, finding)

    def _say(self, job: Job, event: Progress) -> None:
        if event.line:
            self._terminal.line(f"    {job.task}: {event.line}")

    def _keep(self, job: Job, finding: Finding) -> None:
        record = self._writer.keep(job, finding)
        if record.status == "not_run":
            return
        self._durations.learn(job, record.seconds)
        self._terminal.attempt(
            record,
            len(self._writer.done),
            len(self._plan.jobs),
            self._plan.name_width,
            seeded=len(self._options.seeds) > 1,
        )
