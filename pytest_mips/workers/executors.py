"""Attempts side by side: threads, each of which waits for one child process with a hard time limit."""

from __future__ import annotations

import json
import os
import pickle
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from queue import SimpleQueue
from typing import IO, Any

from pytest_mips.runs.attempts import Finding, Job, SolverJob, decode
from pytest_mips.runs.formatting import percent
from pytest_mips.workers.importing import child_environment
from pytest_mips.workers.log import Log
from pytest_mips.workers.processes import MARK, end_marked, end_tree, keeper_below, peak_mib, resident_mib, send_on

POLL_SECONDS = 0.25  # how soon the end of a child is noticed while a process it started still holds the pipe, or how
# much memory it takes
GRACE_SECONDS = 5.0  # what a child gets to leave by itself after its finding

# One thread a child: side by side they would only get in each other's way, and sums would depend on the machine.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """An attempt has begun."""

    job: Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An attempt made progress; `line` says what begins or ended, and `stage` is the stage it is in, if it is known."""

    job: Job
    line: str
    stage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An attempt is over."""

    job: Job
    finding: Finding


Event = Began | Said | Ended


class ChildPool:
    """At most `workers` child processes at a time; what happens to them arrives in the queue `events`.

    `refusal` says of a job that is about to begin why it must not, and nothing if it may.
    """

    def __init__(
        self, workers: int, events: SimpleQueue[Event], refusal: Callable[[Job], str] = lambda job: ""
    ) -> None:
        self._refusal = refusal
        self._threads = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="mips")
        self._events = events
        self._lock = threading.Lock()
        self._children: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def submit(self, *jobs: Job) -> Future[None]:
        """Run the jobs one after the other as soon as a worker is free."""
        return self._threads.submit(self._run, jobs, self._events.put)

    def finding(self, job: Job) -> Finding:
        """Return what comes of a job that needs a worker; nobody else is told. Raises CancelledError when stopped."""
        told: list[Event] = []
        try:
            self._threads.submit(self._run, (job,), told.append).result()
        except RuntimeError as error:  # it takes no more
            raise CancelledError from error
        found = [event.finding for event in told if isinstance(event, Ended)]
        return found[0] if found else Finding(status="not_run", reason="stopped before its turn")

    def stop(self) -> None:
        """End every child at once and start no other; returns when all are gone."""
        with self._lock:
            self._stopped = True
            for child in self._children:
                end_tree(child)
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, jobs: Sequence[Job], put: Callable[[Event], None]) -> None:
        """Have children do the jobs: one does all of them, unless one job is its end, and then another goes on."""
        while jobs and not self._stopped:
            left = list(jobs)
            if refusal := self._refusal(left[0]):
                put(Ended(job=left[0], finding=Finding(status="not_run", reason=refusal)))
                jobs = left[1:]
                continue
            put(Began(job=left[0]))
            try:
                run_child(jobs, self._adopt, partial(self._tell, left, put))
            except Exception as error:  # the machine, not the task: no memory, no processes, no disk
                reason = f"the child process could not be run: {error}"
                self._tell(left, put, Ended(job=left[0], finding=Finding(status="error", reason=reason)))
            jobs = left

    def _tell(self, left: list[Job], put: Callable[[Event], None], event: Said | Ended) -> None:
        """Hand an event on; at the end of a job take it off those that are left, and say that the next one begins."""
        if isinstance(event, Ended):
            left.pop(0)
            if self._stopped and event.finding.status == "error":
                event = Ended(job=event.job, finding=_stopped_early(event.finding))
        put(event)
        if isinstance(event, Ended) and left and not self._stopped:
            put(Began(job=left[0]))

    def _adopt(self, child: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._children = {each for each in self._children if each.returncode is None} | {child}
            if self._stopped:
                end_tree(child)


def run_child(
    jobs: Sequence[Job],
    adopt: Callable[[subprocess.Popen[bytes]], None],
    tell: Callable[[Said | Ended], None],
) -> None:
    """Have a child process of its own do the jobs in turn, until all are done or it ends with one of them.

    At the time limit of a job all that it has started is killed. What the child said to know already is kept when it
    ends without a verdict. `adopt` gets the process once it runs, `tell` every line of progress and every end.
    """
    mark = secrets.token_hex(16)
    environment = os.environ | ONE_THREAD | {"PYTHONHASHSEED": "0", MARK: mark} | child_environment()
    command = [sys.executable, "-P", "-m", "pytest_mips.workers.attempt"]
    with tempfile.TemporaryFile() as stdin, Log() as log:
        pickle.dump(tuple(jobs), stdin)
        stdin.seek(0)
        began = time.monotonic()
        child = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=log.writer, env=environment, start_new_session=True
        )
        log.close_writer()
        adopt(child)
        assert child.stdout is not None
        with child.stdout:
            messages = _Messages(child, child.stdout)
            for number, job in enumerate(jobs, 1):
                finding = _attempt(job, child, messages, began, tell)
                alive = finding is not None and finding.status not in ("timeout", "memory")
                if not alive or number == len(jobs):
                    _reap(child, GRACE_SECONDS if alive else 0.0)
                    end_marked(mark)
                if finding is None:
                    reason = _cause_of_death(child.returncode)
                    finding = replace(messages.known, status="error", stage=messages.stage, reason=reason)
                seconds = round(time.monotonic() - began, 3)
                tell(Ended(job=job, finding=replace(finding, seconds=seconds, log=log.text())))
                if not alive:
                    return
                began = time.monotonic()


class _Messages:
    """The lines that a child says, one JSON object each, and the last of each kind about the job it is at."""

    def __init__(self, child: subprocess.Popen[bytes], pipe: IO[bytes]) -> None:
        self._child, self._pipe = child, pipe
        self._poll = select.poll()  # not select(2), which knows the first 1,024 open files alone
        self._poll.register(pipe, select.POLLIN)
        self._buffer = b""
        self.forget()

    def forget(self) -> None:
        self.last_line, self.stage, self.known = "", "", Finding(status="error")

    def next(self, deadline: float, memory: int) -> Mapping[str, Any] | None:
        """Return the next one, or None if the child is gone without another.

        Raises TimeoutError at the deadline, MemoryError when the child and what it started hold more MiB than allowed.
        """
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            gone = self._child.poll() is not None  # before the look at the pipe, so that its last words are not missed
            ready = self._poll.poll(0 if gone else 1000 * min(left, POLL_SECONDS))
            chunk = os.read(self._pipe.fileno(), 2**16) if ready else b""
            if not chunk and (ready or gone):
                return None
            self._buffer += chunk
            if not ready:
                send_on(self._child)
                if memory and (held := resident_mib(keeper_below(self._child.pid))) > memory:
                    raise MemoryError(held)
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: Mapping[str, Any] | None = json.loads(line)
        return message


def _attempt(
    job: Job, child: subprocess.Popen[bytes], messages: _Messages, began: float, tell: Callable[[Said | Ended], None]
) -> Finding | None:
    """Return the child's finding about a job, or None if it is gone without one; at the time limit it is killed."""
    messages.forget()
    try:
        while message := messages.next(began + job.time_limit, job.memory_limit):
            if "finding" in message:
                finding = decode(message["finding"])
                if finding.status == "error":
                    known = messages.known
                    return replace(known, status="error", reason=finding.reason, peak_mib=finding.peak_mib, stage="")
                return finding
            if "known" in message:
                messages.known = decode(message["known"])
            else:
                messages.last_line, messages.stage = message["progress"], message["stage"]
                tell(Said(job=job, line=messages.last_line, stage=messages.stage))
    except TimeoutError:
        peak = peak_mib(keeper_below(child.pid))
        end_tree(child)
        reason = _too_long(job, messages.known, messages.last_line)
        return replace(messages.known, status="timeout", stage=messages.stage, reason=reason, peak_mib=peak)
    except MemoryError as error:
        peak = max(peak_mib(keeper_below(child.pid)), error.args[0])
        end_tree(child)
        reason = f"memory limit of {job.memory_limit} MiB, {error} MiB held"
        return replace(messages.known, status="memory", stage=messages.stage, reason=reason, peak_mib=peak)
    return None


def _too_long(job: Job, known: Finding, said: str) -> str:
    """Return what was known of an attempt when its time was over, and what may help."""
    told = [f"time limit of {job.time_limit:g} s"]
    if known.hidden_size:
        told.append(f"the network was right on {percent(known.network_accuracy)} of the answers")
    if said:
        told.append(f"last heard: {said}")
    cure = "a longer --mips-time-limit"
    if isinstance(job, SolverJob):
        cure += ", other seeds (--mips-seeds), or a task with fewer symbols or shorter words"
    return f"{', '.join(told)}; try {cure}"


def _stopped_early(finding: Finding) -> Finding:
    return Finding(status="not_run", reason="stopped before its end", seconds=finding.seconds)


def _reap(child: subprocess.Popen[bytes], grace: float) -> None:
    try:
        child.wait(grace)
    except subprocess.TimeoutExpired:
        pass
    finally:
        end_tree(child)
        child.wait()


def _cause_of_death(returncode: int) -> str:
    if returncode >= 0:
        return f"the child process left with exit status {returncode} before its verdict"
    try:
        return f"the child process was killed by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"the child process was killed by signal {-returncode}"
