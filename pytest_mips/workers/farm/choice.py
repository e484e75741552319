"""Which executor a run asked for: `threads`, `dask[=ADDRESS]`, `submitit=FILE.toml` or `package.module:factory`."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pytest_mips.workers.attempt import takes
from pytest_mips.workers.farm.dask import DaskExecutor, open_dask
from pytest_mips.workers.farm.mistakes import FarmError
from pytest_mips.workers.farm.slurm import open_submitit

EXPECTED = "threads, dask, dask=ADDRESS, submitit=FILE.toml or package.module:factory"


def executor_of(spec: str, *, workers: int) -> Executor:
    """Return the executor that `spec` names; who takes it shuts it down. Raises FarmError in one line.

    `workers` is for those that start workers themselves: threads, the embedded cluster of Dask, a factory that takes
    an argument of that name.
    """
    kind, equals, rest = spec.partition("=")
    if spec == "threads":
        return ThreadPoolExecutor(max_workers=workers, thread_name_prefix="mips-farm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages of others, to their users: under -W error they would end it all
        if kind == "dask" and bool(equals) == bool(rest):
            return open_dask(rest, workers=workers)
        if kind == "submitit" and rest:
            return open_submitit(Path(rest))
    if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", spec):
        return RenewedExecutor(_factory(spec, workers))
    raise FarmError(f"found {spec!r}, expected {EXPECTED}")


def places(executor: Executor, *, workers: int) -> int:
    """Return how many groups of jobs to have in flight: `workers`, or as many as a Dask cluster has threads by now."""
    return max(workers, executor.places()) if isinstance(executor, DaskExecutor) else workers


def _factory(spec: str, workers: int) -> Callable[[], Executor]:
    """Return how to get an executor from the user's function. Raises FarmError when there is no such function."""
    module, _, name = spec.partition(":")
    try:
        factory = getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise FarmError(
            f"found {spec!r}, of which {module} cannot be imported ({error}), expected package.module:factory; "
            "put the folder of the module on PYTHONPATH"
        ) from error
    except AttributeError as error:
        raise FarmError(f"found {spec!r}, expected a function {name} in {module}, which has none") from error

    def make() -> Executor:
        try:
            found = factory(workers=workers) if takes(factory, "workers") else factory()
        except Exception as error:
            raise FarmError(
                f"found {spec!r}, which raised {type(error).__name__}: {error}; expected it to return an executor"
            ) from error
        if not isinstance(found, Executor):
            raise FarmError(
                f"found {spec!r}, which returned {type(found).__name__}, expected a concurrent.futures.Executor"
            )
        return found

    return make


class RenewedExecutor(Executor):
    """The executor of a factory; when it is broken, as a pool of processes is once one of them dies, another one."""

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._executor = make()

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        try:
            return self._executor.submit(function, *args, **kwargs)
        except BrokenExecutor:
            self._executor.shutdown(wait=False)
            self._executor = self._make()
            return self._executor.submit(function, *args, **kwargs)

    def running(self, future: Future[Any]) -> bool:
        """Return whether it runs, as far as is known: futures of Dask never say so, and count from the beginning."""
        return future.running() or type(self._executor).__module__.startswith("distributed.")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if takes(self._executor.shutdown, "cancel_futures"):
            self._executor.shutdown(wait=wait, cancel_futures=cancel_futures)
        else:
            self._executor.shutdown(wait=wait and not cancel_futures)
