"""Dask: an executor that knows what runs, and what a worker of Dask must know about the task it is at.

A task whose worker dies is given to another worker by the scheduler, as often as its settings say, and nobody is told.
So the first worker leaves a mark with the scheduler, and one that finds it raises `WorkerLost`: how often an attempt is
repeated is for the farm to say. A task that is cancelled while it runs goes on in Dask; `on_worker` lets it see that.
"""

from __future__ import annotations

import functools
import logging
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

from pytest_mips.workers.farm.mistakes import FarmError, WorkerLost

TOPIC = "mips-began"
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 5.0
MISSING = "found no package `distributed`, expected it for dask; pip install 'mips[dask]'"


def open_dask(address: str, *, workers: int) -> DaskExecutor:
    """Return an executor at the scheduler of that address, or one of `workers` processes on this machine for "".

    Raises FarmError when the package is missing or no scheduler answers.
    """
    try:
        import distributed
    except ImportError as error:
        raise FarmError(MISSING) from error
    if not address:
        try:
            with _deaf_to_interrupts():
                cluster = distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address=None,
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # it listens all the same: at any free port
                    memory_limit=0,  # what takes memory is the child of an attempt, which has a limit of its own
                    silence_logs=logging.CRITICAL,
                )
                client = distributed.Client(cluster, set_as_default=False)
        except Exception as error:  # no port, no process, no disk
            why = " ".join(str(error).split())
            raise FarmError(f"found that no Dask cluster starts here ({why}), expected {workers} workers") from error
        return DaskExecutor(client, cluster)
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # no answer, or one of something else
        raise FarmError(
            f"found no Dask scheduler at {address} within {CONNECT_SECONDS:g} s, expected an address such as "
            "tcp://host:8786; start one with `dask scheduler` and `dask worker`"
        ) from error
    return DaskExecutor(client, None)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes begun meanwhile leave Ctrl-C at the terminal to the run, which then ends them."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class DaskExecutor(Executor):
    """Calls of functions as tasks of a Dask cluster, which is closed with it if it is its own."""

    def __init__(self, client: Any, cluster: Any | None) -> None:
        self._client, self._cluster = client, cluster
        self._calls = client.get_executor(pure=False, retries=0)
        self._keys: WeakKeyDictionary[Future[Any], str] = WeakKeyDictionary()
        self._begun: set[str] = set()
        client.subscribe_topic(TOPIC, lambda event: self._begun.add(event[1]))

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        key = f"mips-{uuid.uuid4().hex}"
        future: Future[Any] = self._calls.submit(functools.partial(function, **kwargs), *args, key=key)
        self._keys[future] = key
        return future

    def running(self, future: Future[Any]) -> bool:
        """Return whether a worker has begun with it; the future itself does not know."""
        return self._keys.get(future) in self._begun

    def places(self) -> int:
        """Return how many tasks run at a time with the workers that there are now."""
        return sum(self._client.nthreads().values())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._calls.shutdown(wait=wait and not cancel_futures)
        self._client.close(timeout=CLOSE_SECONDS)
        if self._cluster is not None:
            self._cluster.close(timeout=CLOSE_SECONDS)


@contextmanager
def on_worker() -> Iterator[Callable[[], bool]]:
    """Yield how to ask whether the Dask task that this thread is at was cancelled; elsewhere nothing ever is.

    Raises WorkerLost where a worker began the task before and did not come to its end.
    """
    import distributed

    try:
        worker = distributed.get_worker()
    except ValueError:
        yield lambda: False
        return
    key = str(worker.get_current_task())
    mark = distributed.Event(f"mips-{key}")
    try:
        if mark.is_set():
            raise WorkerLost("the worker that ran it is gone")
        mark.set()
        worker.log_event(TOPIC, key)

        def cancelled() -> bool:
            task = worker.state.tasks.get(key)
            ends = worker.status.name in ("closing", "closed", "failed")  # as when the scheduler is gone
            return ends or task is None or task.state in ("cancelled", "resumed")

        yield cancelled
    finally:
        with suppress(Exception):  # no scheduler, no mark
            mark.clear()
