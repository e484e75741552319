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
from mips.sandbox.foreign import SandboxUnavailable, choose
from pytest_mips import claims, provenance
from pytest_mips.attempt import Job
from pytest_mips.collection import TASK
from pytest_mips.devices import check_device
from pytest_mips.options import Options
from pytest_mips.recorded import Recorded, RecordedError, recorded
from pytest_mips.records import SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be attempted: `run` is the content of `run.json`, `fingerprints` are by the keys of the jobs."""

    run: dict[str, Any]
    jobs: tuple[Job, ...]
    fingerprints: Mapping[tuple[str, str, int], str]

    @property
    def name_width(self) -> int:
        """How many places the names of the tasks take."""
        return max(len(job.task) for job in self.jobs)


def make_plan(items: Sequence[pytest.Item], options: Options, root: Path, *, partial: bool) -> Plan:
    """Return the plan for the selected items.

    Raises pytest.UsageError when there is no device to train on, for a task that cannot leave this process, and for
    recorded programs that cannot be read.
    """
    programs = _recorded(options, {item.stash[TASK].name for item in items})
    layer, no_sandbox = _sandbox(options.sandbox) if programs else ("", "")
    accelerator = check_device(options.device)
    versions = provenance.versions()
    jobs: list[Job] = []
    later: list[Job] = []  # recorded programs are judged when all is trained
    tasks, fingerprints = [], {}
    for item in items:
        task = item.stash[TASK]
        payload = _by_value(task, item)
        for program in programs.get(task.name, ()):
            later.append(
                Job(
                    task=task.name,
                    seed=program.number,
                    payload=payload,
                    solver=options.solver,
                    time_limit=options.time_limit,
                    system=program.system,
                    source=program.source,
                    layer=layer,
                    no_sandbox=no_sandbox,
                    judge_seed=options.seeds[0],
                )
            )
            fingerprints[later[-1].key] = provenance.fingerprint(
                task,
                item.path,
                seed=options.seeds[0],
                solver=program.source,
                device=layer,
                method=program.system,
                versions=versions,
            )
        for seed in () if options.baselines_only else options.seeds:
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
            fingerprints[jobs[-1].key] = provenance.fingerprint(
                task,
                item.path,
                seed=seed,
                solver=options.solver,
                device=options.device,
                method=options.method,
                versions=versions,
            )
        prints = {str(job.seed): fingerprints[job.key] for job in jobs if job.task == task.name}
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
        **_claims(options),
    }
    return Plan(run=run, jobs=(*jobs, *later), fingerprints=fingerprints)


def _claims(options: Options) -> dict[str, Any]:
    """Return what is published about other systems, where baselines are judged."""
    if options.claims is None or not options.programs:
        return {}
    try:
        return {"claims": [claim.to_json() for claim in claims.read(options.claims)]}
    except claims.ClaimsError as error:
        raise pytest.UsageError(f"ini option mips_claims: {error}.") from error


def _recorded(options: Options, names: set[str]) -> dict[str, list[Recorded]]:
    """Return the programs of all baselines for tasks of these names, by task."""
    if not options.programs:
        if options.baselines_only:
            raise pytest.UsageError("--mips-baselines-only: there is no baseline; give one with --mips-programs.")
        return {}
    try:
        found = [program for name, path in options.programs for program in recorded(name, path)]
    except RecordedError as error:
        raise pytest.UsageError(f"--mips-programs: {error}.") from error
    own = [program for program in found if program.task in names]
    if not own:
        named = ", ".join(sorted({program.task for program in found})[:3])
        raise pytest.UsageError(f"--mips-programs: found programs for {named} ..., none for a selected task.")
    return {name: [program for program in own if program.task == name] for name in names}


def _sandbox(wanted: str) -> tuple[str, str]:
    """Return the layer that will hold foreign programs and nothing, or nothing and why there is none."""
    try:
        return choose(wanted), ""
    except SandboxUnavailable as error:
        return "", str(error)


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
