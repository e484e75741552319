"""Attempts side by side: threads, each of which waits for one child process with a hard time limit."""

from __future__ import annotations

import json
import os
import pickle
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import IO, Any

from pytest_mips.attempt import STAGES, Finding, Job, decode

POLL_SECONDS = 0.5  # how soon the end of a child is noticed while a process it started still holds the pipe
GRACE_SECONDS = 5.0  # what a child gets to leave by itself after its finding
LOG_BYTES = 2**20  # the end of a longer log is kept

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
    """An attempt made progress; `line` says what begins or ended."""

    job: Job
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An attempt is over."""

    job: Job
    finding: Finding


Event = Began | Said | Ended


class ChildPool:
    """At most `workers` child processes at a time; what happens to them arrives in the queue `events`."""

    def __init__(self, workers: int, events: SimpleQueue[Event]) -> None:
        self._threads = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="mips")
        self._events = events
        self._lock = threading.Lock()
        self._children: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def submit(self, job: Job) -> None:
        """Run the job as soon as a worker is free."""
        self._threads.submit(self._run, job)

    def stop(self) -> None:
        """End every child at once and start no other; returns when all are gone."""
        with self._lock:
            self._stopped = True
            for child in self._children:
                end_group(child)
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job) -> None:
        self._events.put(Began(job=job))
        try:
            finding = run_child(job, self._adopt, lambda line: self._events.put(Said(job=job, line=line)))
        except Exception as error:  # the machine, not the task: no memory, no processes, no disk
            finding = Finding(status="error", reason=f"the child process could not be run: {error}")
        if self._stopped and finding.status == "error":
            finding = Finding(status="not_run", reason="stopped before its end", seconds=finding.seconds)
        self._events.put(Ended(job=job, finding=finding))

    def _adopt(self, child: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._children = {each for each in self._children if each.returncode is None} | {child}
            if self._stopped:
                end_group(child)


def run_child(job: Job, adopt: Callable[[subprocess.Popen[bytes]], None], say: Callable[[str], None]) -> Finding:
    """Return what a child process of its own makes of the job; at the time limit its whole process group is killed.

    What the child said to know already is kept when it ends without a verdict.
    `adopt` gets the process once it runs, `say` every line of progress.
    """
    environment = os.environ | ONE_THREAD | {"PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-P", "-m", "pytest_mips.attempt"]
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as log:
        pickle.dump(job, stdin)
        stdin.seek(0)
        began = time.monotonic()
        child = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=log, env=environment, start_new_session=True
        )
        adopt(child)
        last_line = ""
        known = Finding(status="error")

        def hear(message: Mapping[str, Any]) -> None:
            nonlocal last_line, known
            if "known" in message:
                known = decode(message["known"])
            else:
                last_line = message["progress"]
                say(last_line)

        assert child.stdout is not None
        with child.stdout:
            try:
                finding = _listen(child, child.stdout, began + job.time_limit, hear)
            except TimeoutError:
                end_group(child)
                reason = f"time limit of {job.time_limit:g} s" + (f", last heard: {last_line}" if last_line else "")
                finding = replace(known, status="timeout", stage=_stage(last_line), reason=reason)
            _reap(child, GRACE_SECONDS if finding else 0.0)
        if finding is None:
            reason = _cause_of_death(child.returncode)
            finding = replace(known, status="error", stage=_stage(last_line), reason=reason)
        elif finding.status == "error":
            finding = replace(known, status="error", reason=finding.reason, peak_mib=finding.peak_mib, stage="")
        return replace(finding, seconds=round(time.monotonic() - began, 3), log=_tail(log))


def end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill a child and whatever it started."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # all gone (macOS says it the second way)
        return


def _listen(
    child: subprocess.Popen[bytes], pipe: IO[bytes], deadline: float, hear: Callable[[Mapping[str, Any]], None]
) -> Finding | None:
    """Return the child's finding, or None if it is gone without one. Raises TimeoutError at the deadline."""
    buffer = b""
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        gone = child.poll() is not None  # before the look at the pipe, so that its last words are not missed
        ready, _, _ = select.select([pipe], [], [], 0 if gone else min(left, POLL_SECONDS))
        chunk = os.read(pipe.fileno(), 2**16) if ready else b""
        if not chunk and (ready or gone):
            return None
        *lines, buffer = (buffer + chunk).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "finding" in message:
                return decode(message["finding"])
            hear(message)


def _reap(child: subprocess.Popen[bytes], grace: float) -> None:
    try:
        child.wait(grace)
    except subprocess.TimeoutExpired:
        pass
    finally:
        end_group(child)
        child.wait()


def _cause_of_death(returncode: int) -> str:
    if returncode >= 0:
        return f"the child process left with exit status {returncode} before its verdict"
    try:
        return f"the child process was killed by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"the child process was killed by signal {-returncode}"


def _stage(line: str) -> str:
    """Return the stage that a line of progress begins with (`trained: ...`), or nothing."""
    word = line.partition(":")[0].strip()
    return word if word in STAGES else ""


def _tail(log: IO[bytes]) -> str:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - LOG_BYTES))
    return log.read().decode("utf-8", errors="replace")
