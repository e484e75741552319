"""submitit: an executor that sends every call to Slurm, or to processes of this machine, by files in a folder."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from pytest_mips.workers.farm.mistakes import FarmError, WorkerLost

POLL_SECONDS = 0.5  # how often a job is asked for; submitit itself asks Slurm less often
END_SECONDS = 5.0  # what cancelled jobs of this machine get to end
CLUSTERS = ("local", "slurm")
MISSING = "found no package `submitit`, expected it for submitit; pip install 'mips[slurm]'"


def open_submitit(file: Path) -> SubmititExecutor:
    """Return an executor as the TOML file describes it. Raises FarmError when that cannot be had.

    `[executor]` has `cluster`, "local" or "slurm", and `folder`, relative to the file; `[parameters]` are those of
    `submitit.AutoExecutor.update_parameters`, and `timeout_min` must be among them.
    """
    try:
        import submitit
    except ImportError as error:
        raise FarmError(MISSING) from error
    folder, cluster, parameters = _read(file)
    try:
        executor = submitit.AutoExecutor(folder=folder, cluster=cluster)
        executor.update_parameters(**parameters)
    except Exception as error:  # submitit raises whatever comes to hand, also where there is no Slurm
        line = str(error).strip().partition("\n")[0]
        raise FarmError(f"{file}: found what submitit refuses ({line}), expected settings that it takes") from error
    return SubmititExecutor(executor)


def _read(file: Path) -> tuple[Path, str, dict[str, Any]]:
    """Return folder, cluster and parameters. Raises FarmError for a file that does not give them."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FarmError(f"{file}: found no readable file ({error.strerror}), expected a TOML file") from error
    except ValueError as error:
        raise FarmError(f"{file}: found no TOML ({error}), expected [executor] and [parameters]") from error
    executor, parameters = found.get("executor", {}), found.get("parameters", {})
    if strange := [name for name in found if name not in ("executor", "parameters")]:
        raise FarmError(f"{file}: found {strange[0]!r}, expected [executor] and [parameters] alone")
    if not isinstance(executor, dict) or not isinstance(parameters, dict):
        raise FarmError(f"{file}: found a value, expected the tables [executor] and [parameters]")
    if strange := [name for name in executor if name not in ("folder", "cluster")]:
        raise FarmError(f"{file}: found {strange[0]!r} in [executor], expected folder and cluster alone")
    folder, cluster = executor.get("folder"), executor.get("cluster")
    if not isinstance(folder, str) or not folder:
        raise FarmError(f"{file}: found folder {folder!r} in [executor], expected the folder that jobs are written to")
    if cluster not in CLUSTERS:
        raise FarmError(f"{file}: found cluster {cluster!r} in [executor], expected {' or '.join(CLUSTERS)}")
    if not isinstance(parameters.get("timeout_min"), int):
        raise FarmError(
            f"{file}: found timeout_min {parameters.get('timeout_min')!r} in [parameters], expected whole minutes, "
            "above what --mips-time-limit gives an attempt"
        )
    return file.parent / folder, cluster, parameters


class SubmititExecutor(Executor):
    """Calls of functions as jobs of submitit, each with a thread that waits for it."""

    def __init__(self, executor: Any) -> None:
        self._executor = executor
        self._lock = threading.Lock()  # submitit is not made for threads
        self._threads: list[threading.Thread] = []
        self._closed = threading.Event()

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._closed.is_set():
            raise RuntimeError("it takes no more")
        future: Future[Any] = Future()
        with self._lock:
            job = self._executor.submit(function, *args, **kwargs)
        thread = threading.Thread(target=self._follow, args=(job, future), name=f"mips-{job.job_id}", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if cancel_futures:
            self._closed.set()
        if wait:
            for thread in self._threads:
                thread.join()
        self._closed.set()

    def _follow(self, job: Any, future: Future[Any]) -> None:
        """Give the future what comes of the job; end the job when nobody wants it any more."""
        try:
            while not self._is_done(job):
                if not future.running() and not future.cancelled() and self._has_begun(job):
                    future.set_running_or_notify_cancel()
                if self._closed.wait(POLL_SECONDS) or future.cancelled():
                    self._cancel(job)
                    future.cancel()
                    break
            if future.cancelled() or not (future.running() or future.set_running_or_notify_cancel()):
                return
            if self._closed.is_set():
                raise WorkerLost(f"job {job.job_id} was cancelled")
            future.set_result(_result(job))
        except Exception as error:
            if not future.cancelled():
                future.set_exception(error)

    def _is_done(self, job: Any) -> bool:
        with self._lock:
            return bool(job.done())

    def _has_begun(self, job: Any) -> bool:
        with self._lock:
            return bool(job.state == "RUNNING")

    def _cancel(self, job: Any) -> None:
        """Cancel a job, and see one of this machine go."""
        with self._lock:
            job.cancel(check=False)
        tick = threading.Event()
        for _ in range(int(END_SECONDS / POLL_SECONDS) if self._executor.cluster == "local" else 0):
            if self._is_done(job):
                return
            tick.wait(POLL_SECONDS)


def _result(job: Any) -> Any:
    """Return what the call returned. Raises WorkerLost in one line when it did not come to its end or raised."""
    import submitit

    try:
        return job.result()
    except submitit.core.utils.FailedJobError as error:
        trace = str(error).partition("\n----------------------\n")[2].partition("\n----------------------\n")[0]
        last = trace.strip().rpartition("\n")[2]
        raise WorkerLost(f"job {job.job_id} raised {last}; its log is {job.paths.stderr}") from error
    except submitit.core.utils.UncompletedJobError as error:
        raise WorkerLost(f"job {job.job_id} left no result ({job.state}); its log is {job.paths.stderr}") from error
