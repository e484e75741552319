"""Attempts on other machines, or wherever a `concurrent.futures.Executor` runs what it is given."""

from pytest_mips.workers.farm.choice import executor_of, places
from pytest_mips.workers.farm.farm import Farm
from pytest_mips.workers.farm.mistakes import FarmError, WorkerLost

__all__ = ["Farm", "FarmError", "WorkerLost", "executor_of", "places"]
