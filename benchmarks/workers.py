"""Measurements side by side, each in a fresh child process with one thread; what they say is printed as it comes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import IO, Any

from benchmarks.roster import ROOT
from pytest_mips.workers.executors import ONE_THREAD

Job = Mapping[str, Any]


class ChildDied(Exception):
    """A child process ended without a result; the text is the end of what it wrote to standard error."""


class Workers:
    """At most `jobs` child processes at a time."""

    def __init__(self, jobs: int, say: Callable[[str], None] = print) -> None:
        self._jobs = jobs
        self._say = say
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._children: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(self, jobs: Sequence[Job], keep: Callable[[Job, Any, str], None]) -> None:
        """Run all jobs. `keep` is called in this thread with each job, its result, and what it died of, if it did."""
        pool = ThreadPoolExecutor(self._jobs)
        try:
            futures = {pool.submit(self._child, job): job for job in jobs}
            for done, future in enumerate(as_completed(futures), 1):
                job, result, error = futures[future], None, ""
                try:
                    result = future.result()
                except ChildDied as death:
                    error = str(death)
                keep(job, result, error)
                self.tell(f"({done}/{len(jobs)}) {title(job)}: {error.splitlines()[-1] if error else 'done'}")
        finally:
            with self._lock:
                self._stopped = True
                for child in self._children:
                    child.kill()
            pool.shutdown(cancel_futures=True)
            self._stopped = False

    def tell(self, line: str) -> None:
        """Print a line with the seconds since the start in front."""
        self._say(f"[{time.monotonic() - self._began:6.0f} s] {line}")

    def _child(self, job: Job) -> Any:
        command = [sys.executable, "-m", "benchmarks.child", json.dumps(job)]
        with tempfile.TemporaryFile("w+") as log:
            with self._lock:
                if self._stopped:
                    raise ChildDied("not run")
                child = subprocess.Popen(
                    command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT, env=os.environ | ONE_THREAD
                )
                self._children.add(child)
            try:
                assert child.stdout is not None
                result = self._listen(job, child.stdout)
                child.wait()
            finally:
                with self._lock:
                    self._children.discard(child)
            if result is None or child.returncode:
                log.seek(0)
                tail = log.read().strip().splitlines()[-3:]
                raise ChildDied("\n".join([f"exit status {child.returncode}", *tail]))
            return result["result"]

    def _listen(self, job: Job, pipe: IO[str]) -> Any:
        result = None
        with pipe:
            for line in pipe:
                message = json.loads(line)
                if "progress" in message:
                    self.tell(f"{title(job)}: {message['progress']}")
                else:
                    result = message
        return result


def title(job: Job) -> str:
    """Return what a job is called in progress lines."""
    return f"{job['task']}, seed {job['seed']}" if "task" in job else str(job["kind"])
