"""Attempts on any executor: what a `ChildPool` is on this machine, a `Farm` is wherever the executor has workers."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from pytest_mips.runs.attempts import Finding, Job
from pytest_mips.workers.executors import Began, Ended, Event, Said
from pytest_mips.workers.farm.mistakes import in_one_line
from pytest_mips.workers.farm.run_lock import RunLock
from pytest_mips.workers.farm.work import do_jobs, parcel_of

TRIES = 2  # a worker that dies costs the attempt it ran, and that is repeated once
LOOK_SECONDS = 0.2  # how often futures are asked whether they run
STOP_SECONDS = 15.0  # what an executor gets to end what runs, before it is left to itself

Findings = list[Finding] | str


@dataclass(eq=False, slots=True, kw_only=True)
class _Group:
    """Jobs that one worker does in turn, and how far they have come; `over` is done when they are."""

    jobs: tuple[Job, ...]
    put: Callable[[Event], None]
    over: Future[None] = field(default_factory=Future)
    tries: int = 0
    begun: bool = False
    alone: bool = False  # it may be what breaks executors, so no other runs beside it


class Farm:
    """Groups of jobs on an executor, at most `in_flight` of them at a time (None: as many as there are).

    What happens to them arrives in the queue `events`. The executor is the farm's from now on: it is shut down by
    `stop`. One whose futures do not know whether they run has a method `running(future)`. `refusal` says of a job that
    is about to be sent why it must not, and nothing if it may.
    """

    def __init__(
        self,
        executor: Executor,
        events: SimpleQueue[Event],
        in_flight: int | None = None,
        refusal: Callable[[Job], str] = lambda job: "",
    ) -> None:
        self._executor, self._events, self._in_flight, self._refusal = executor, events, in_flight, refusal
        self._is_running: Callable[[Future[Findings]], bool] = getattr(executor, "running", Future.running)
        self._run_lock = RunLock()
        self._lock = threading.Lock()
        self._stopped = False
        self._inbox: SimpleQueue[_Group | Future[Findings] | None] = SimpleQueue()
        self._waiting: deque[_Group] = deque()
        self._flying: dict[Future[Findings], _Group] = {}
        self._thread = threading.Thread(target=self._work, name="mips-farm", daemon=True)
        self._thread.start()

    def submit(self, *jobs: Job) -> Future[None]:
        """Run the jobs one after the other as soon as a worker is free. Raises RuntimeError when stopped."""
        return self._enter(_Group(jobs=jobs, put=self._events.put))

    def finding(self, job: Job) -> Finding:
        """Return what comes of a job that needs a worker; nobody else is told. Raises CancelledError when stopped."""
        told: list[Event] = []
        try:
            self._enter(_Group(jobs=(job,), put=told.append)).result()
        except RuntimeError as error:  # it takes no more
            raise CancelledError from error
        return next(event.finding for event in told if isinstance(event, Ended))

    def stop(self) -> None:
        """Cancel what waits and end what runs, as far as the executor can; returns within `STOP_SECONDS`."""
        with self._lock:
            self._stopped = True
            self._inbox.put(None)
        self._run_lock.cut()
        self._thread.join()

    def _enter(self, group: _Group) -> Future[None]:
        with self._lock:
            if self._stopped:
                raise RuntimeError("the farm was stopped")
            group.over.set_running_or_notify_cancel()  # only the farm ends it
            self._inbox.put(group)
        return group.over

    # All below is done by one thread, which alone knows what waits and what flies.

    def _work(self) -> None:
        while not self._stopped:
            self._take()
            for future, group in self._flying.items():
                if self._is_running(future):
                    self._begin(group)
            while not self._stopped and self._waiting and self._has_room():
                self._send(self._waiting.popleft())
        self._end()

    def _take(self) -> None:
        try:
            message = self._inbox.get(timeout=LOOK_SECONDS)
        except Empty:
            return
        if isinstance(message, _Group):
            self._waiting.append(message)
        elif message is not None:
            self._land(self._flying.pop(message), message)

    def _has_room(self) -> bool:
        if any(group.alone for group in self._flying.values()):
            return False
        if self._waiting[0].alone:
            return not self._flying
        return self._in_flight is None or len(self._flying) < self._in_flight

    def _send(self, group: _Group) -> None:
        for job in group.jobs:
            if why := self._refusal(job):
                group.jobs = tuple(other for other in group.jobs if other != job)
                group.put(Ended(job=job, finding=Finding(status="not_run", reason=why)))
        if not group.jobs:
            group.over.set_result(None)
            return
        try:
            future = self._executor.submit(do_jobs, parcel_of(group.jobs, self._run_lock.line))
        except Exception as error:
            self._lose(group, error)
            return
        self._flying[future] = group
        future.add_done_callback(self._inbox.put)

    def _land(self, group: _Group, future: Future[Findings]) -> None:
        try:
            findings = future.result()
        except BaseException as error:  # also a KeyboardInterrupt that a worker had, which is none of ours
            self._lose(group, error)
            return
        if isinstance(findings, str):
            findings = [Finding(status="error", reason=findings)] * len(group.jobs)
        self._finish(group, findings)

    def _lose(self, group: _Group, error: BaseException) -> None:
        """Have a group done again whose worker died; the second time it is over with an error."""
        group.tries += 1
        if group.tries < TRIES:
            group.alone = isinstance(error, BrokenExecutor)  # others broke down with it, and one of them did it
            self._waiting.appendleft(group)
            for job in group.jobs if group.begun else ():
                group.put(Said(job=job, line=f"begins again: {in_one_line(error)}"))
        else:
            reason = f"no worker came to its end in {TRIES} tries: {in_one_line(error)}"
            self._finish(group, [Finding(status="error", reason=reason)] * len(group.jobs))

    def _begin(self, group: _Group) -> None:
        if not group.begun:
            group.begun = True
            for job in group.jobs:
                group.put(Began(job=job))

    def _finish(self, group: _Group, findings: Sequence[Finding]) -> None:
        self._begin(group)
        for job, finding in zip(group.jobs, findings, strict=True):
            group.put(Ended(job=job, finding=finding))
        group.over.set_result(None)

    def _end(self) -> None:
        """Cancel all, see the executor go, and say of what had begun what is known of it."""
        while not self._inbox.empty():
            self._take()
        for future in self._flying:
            future.cancel()
        closing = threading.Thread(target=_shut_down, args=(self._executor,), name="mips-farm-end", daemon=True)
        closing.start()
        closing.join(STOP_SECONDS)
        for future, group in self._flying.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self._land(group, future)
            else:
                self._waiting.append(group)
        for group in self._waiting:
            if group.begun:
                stopped = Finding(status="not_run", reason="stopped before its end")
                self._finish(group, [stopped] * len(group.jobs))
            else:
                group.over.set_exception(CancelledError())


def _shut_down(executor: Executor) -> None:
    with suppress(Exception):  # nobody is left who could do anything about it
        executor.shutdown(wait=True, cancel_futures=True)
