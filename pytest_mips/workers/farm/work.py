"""What a worker is sent, and what it does with it: child processes on its machine, so that hard limits hold there."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue

from pytest_mips.runs.attempts import Finding, Job, Key
from pytest_mips.runs.provenance.surroundings import installed
from pytest_mips.workers.executors import ChildPool, Ended, Event
from pytest_mips.workers.farm.run_lock import Line, is_cut

LOOK_SECONDS = 0.25  # how often a worker looks whether the run still goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Jobs for one worker, pickled, so that it compares versions before it reads them.

    `path` are folders that modules are imported from here and that a worker may see as well.
    """

    jobs: bytes
    versions: Mapping[str, str]
    path: tuple[str, ...]
    line: Line


def parcel_of(jobs: Sequence[Job], line: Line) -> Parcel:
    """Return what a worker needs to do the jobs."""
    own = (sys.prefix, sys.base_prefix)
    path = tuple(entry for entry in sys.path if entry and not entry.startswith(own))
    return Parcel(jobs=pickle.dumps(tuple(jobs)), versions=installed(), path=path, line=line)


def do_jobs(parcel: Parcel) -> list[Finding] | str:
    """Return what comes of the jobs, one finding each, or in one line why none was begun.

    It ends early, with `not_run` for what is left, when the run has ended or a Dask scheduler has cancelled the task.
    """
    if why := disagreement(parcel.versions, installed()):
        return why
    sys.path += [entry for entry in parcel.path if entry not in sys.path]
    jobs: tuple[Job, ...] = pickle.loads(parcel.jobs)
    told: SimpleQueue[Event] = SimpleQueue()
    with _cancellation() as cancelled:
        pool = ChildPool(1, told)
        try:
            done = pool.submit(*jobs)
            while not (is_cut(parcel.line) or cancelled()):
                if wait([done], timeout=LOOK_SECONDS).done:
                    done.result()
                    break
        finally:
            pool.stop()
    findings: dict[Key, Finding] = {}
    while not told.empty():
        event = told.get()
        if isinstance(event, Ended):
            findings[event.job.key] = event.finding
    stopped = Finding(status="not_run", reason="stopped before its turn")
    return [findings.get(job.key, stopped) for job in jobs]


def disagreement(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """Return in one line which versions differ between this machine and a worker, or nothing."""
    differ = [name for name in ours if theirs.get(name) != ours[name]]
    if not differ:
        return ""
    here = ", ".join(f"{name} {ours[name]}" for name in differ)
    there = ", ".join(f"{name} {theirs.get(name, 'unknown')}" for name in differ)
    return f"versions differ: the worker has {there}, the run has {here}; install the same on every worker"


@contextmanager
def _cancellation() -> Iterator[Callable[[], bool]]:
    """Yield how to ask whether this call is not wanted any more, as far as what runs it can tell."""
    if "distributed" in sys.modules:  # as it is on a Dask worker
        from pytest_mips.workers.farm.dask import on_worker

        with on_worker() as cancelled:
            yield cancelled
    else:
        yield lambda: False
