"""The plan of a run: one job for each task and seed, and the content of `run.json`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle
import pytest

from mips import Task
from pytest_mips import provenance
from pytest_mips.attempt import Job
from pytest_mips.collection import TASK
from pytest_mips.devices import check_device
from pytest_mips.options import Options
from pytest_mips.records import SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be attempted: `run` is the content of `run.json`, `fingerprints` are by task name and seed."""

    run: dict[str, Any]
    jobs: tuple[Job, ...]
    fingerprints: Mapping[tuple[str, int], str]

    @property
    def name_width(self) -> int:
        """How many places the names of the tasks take."""
        return max(len(job.task) for job in self.jobs)


def make_plan(items: Sequence[pytest.Item], options: Options, root: Path, *, partial: bool) -> Plan:
    """Return the plan for the selected items.

    Raises pytest.UsageError when there is no device to train on, or for a task that cannot leave this process.
    """
    accelerator = check_device(options.device)
    versions = provenance.versions()
    jobs, tasks, fingerprints = [], [], {}
    for item in items:
        task = item.stash[TASK]
        payload = _by_value(task, item)
        for seed in options.seeds:
            jobs.append(
                Job(
                    task=task.name,
                    seed=seed,
                    payload=payload,
                    solver=options.solver,
                    time_limit=options.time_limit,
                    device=options.device,
                    method=options.method,
                )
            )
            fingerprints[task.name, seed] = provenance.fingerprint(
                task,
                item.path,
                seed=seed,
                solver=options.solver,
                device=options.device,
                method=options.method,
                versions=versions,
            )
        prints = {str(seed): fingerprints[task.name, seed] for seed in options.seeds}
        tasks.append({"task": task.name, "test": item.nodeid, "about": task.about, "fingerprints": prints})
    run = {
        "schema": SCHEMA,
        "run": options.run_dir.name,
        "partial": partial,
        "arguments": options.to_json(),
        **provenance.commit(root, but=options.run_dir.parent),
        "versions": versions,
        "machine": provenance.machine() | ({"accelerator": accelerator} if accelerator else {}),
        "tasks": tasks,
    }
    return Plan(run=run, jobs=tuple(jobs), fingerprints=fingerprints)


def _by_value(task: Task, item: pytest.Item) -> bytes:
    """Return the task pickled with its step function, which a child process could not import from a test file."""
    module: ModuleType | None = sys.modules.get(getattr(getattr(item, "module", None), "__name__", ""))
    if module is not None:
        cloudpickle.register_pickle_by_value(module)
    try:
        return cloudpickle.dumps(task)
    except Exception as error:
        raise pytest.UsageError(
            f"Task {task.name!r} ({task.where}): cannot be sent to another process: {error}; step functions may use "
            "functions, numbers and modules, but no open files or locks."
        ) from error
    finally:
        if module is not None:
            cloudpickle.unregister_pickle_by_value(module)
