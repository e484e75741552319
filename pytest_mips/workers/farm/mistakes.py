"""What can go wrong with workers: before the run, and in it."""

from __future__ import annotations

from concurrent.futures import CancelledError

LENGTH = 300  # of what an error says about itself, at most


class FarmError(Exception):
    """What was asked for cannot run attempts: one line with what was found, what was expected, and the cure."""


class WorkerLost(Exception):
    """A worker was gone before what it did was over."""


def in_one_line(error: BaseException) -> str:
    """Return what happened to a worker, with the cure where it is known."""
    text = " ".join(str(error).split())[:LENGTH]
    if isinstance(error, CancelledError):
        text = "the executor dropped it, as Dask does when its scheduler is gone"
    if isinstance(error, ModuleNotFoundError):
        text += "; install mips on every worker"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
