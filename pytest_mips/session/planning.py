"""The plan of a run: one job for each task and seed, and the content of `run.json`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mips import Task
from pytest_mips.baselines.systems import asked_for
from pytest_mips.options.settings import Options
from pytest_mips.runs.attempts import SYSTEM, Job, Key, ProgramJob, SolverJob
from pytest_mips.runs.provenance import provenance
from pytest_mips.runs.provenance.sources import Sources
from pytest_mips.runs.provenance.surroundings import installed
from pytest_mips.runs.records import SCHEMA
from pytest_mips.scores import claims
from pytest_mips.session.collection import TASK
from pytest_mips.workers import pickling
from pytest_mips.workers.devices import check_device

if TYPE_CHECKING:
    from pytest_mips.session.networks import StoredNetworks

TOGETHER = 24  # programs of other systems that one child judges, at most; it draws the words of a seed once
NAMED = 5  # tasks in a line about programs that belong to none
GROUPS = 8  # of them, about, where there are few, so that no worker is idle


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be attempted: `run` is the content of `run.json`, `fingerprints` are by the keys of the jobs.

    `conversations` are the jobs of live systems, for which a program must be asked for first: with each sample of one
    that is not told what was wrong, that of the one that is. `notes` are lines for whoever looks on.
    """

    run: dict[str, Any]
    jobs: tuple[Job, ...]
    conversations: tuple[tuple[ProgramJob, ...], ...]
    fingerprints: Mapping[Key, str]
    notes: tuple[str, ...] = ()

    @property
    def groups(self) -> list[list[Job]]:
        """The jobs that need nothing else, those that one child does in turn together: some programs, task by task."""
        live = {job.key for talk in self.conversations for job in talk}
        free = [job for job in self.jobs if job.key not in live]
        groups: list[list[Job]] = [[job] for job in free if isinstance(job, SolverJob) or job.author]
        judged = [job for job in free if isinstance(job, ProgramJob) and not job.author]
        batches = [
            some for _, jobs in itertools.groupby(judged, key=lambda job: job.task) for some in _batched(jobs, TOGETHER)
        ]
        dealt: list[list[Job]] = [[] for _ in range(max(min(GROUPS, len(batches)), -(-len(judged) // TOGETHER)))]
        for some in batches:  # neighbours take about equally long, so that they go to different groups
            smallest = min(dealt, key=len)
            if len(smallest) + len(some) > TOGETHER:
                dealt.append(smallest := [])
            smallest += some
        return [*groups, *filter(None, dealt)]

    @property
    def name_width(self) -> int:
        """How many places the names of the tasks take."""
        return max((len(job.task) for job in self.jobs), default=0)


def make_plan(
    items: Sequence[pytest.Item],
    options: Options,
    root: Path,
    *,
    partial: bool,
    roster: Sequence[str],
    uncollected: Sequence[Mapping[str, str]] = (),
) -> Plan:
    """Return the plan for the selected items; `roster` are all tasks of which they may be one part.

    `uncollected` tells what could not be looked into for tasks, and why.

    Raises pytest.UsageError when there is no device to train on, no stored network where these are asked
    for, for a task that cannot leave this process, for recorded programs that cannot be read, and for other systems of
    which something is not installed.
    """
    others = asked_for(options, roster, sources := Sources(root))
    accelerator = check_device(options.device)
    versions = installed("pytest")
    networks = _networks(options, items)
    solver = sources.of_module(options.solver.partition(":")[0])
    own: list[SolverJob] = []
    written: list[ProgramJob] = []  # programs of other systems are judged when all is trained
    talks: list[tuple[ProgramJob, ...]] = []
    tasks, fingerprints = [], dict[Key, str]()
    for item in items:
        task = item.stash[TASK]
        shared: dict[str, Any] = {
            "task": task.name,
            "payload": _by_value(task, item),
            "time_limit": options.time_limit,
            "memory_limit": options.memory_limit,
        }
        trained = [
            SolverJob(
                seed=seed,
                solver=options.solver,
                device=options.device,
                method=options.method,
                **shared,
                **(networks.job_fields(task.name, seed) if networks else {}),
            )
            for seed in (() if options.baselines_only else options.seeds)
        ]
        judged, held = others.jobs(task.name, {**shared, "judge_seed": options.seeds[0]})
        parts = provenance.parts(
            task,
            sources.of_file(item.path, getattr(getattr(item, "module", None), "__package__", None) or ""),
            solver=options.solver,
            source=solver,
            device=options.device,
            method=options.method,
            versions=versions,
            network=networks.told(task.name) if networks else "",
        )
        prints = _fingerprints(parts, trained, judged, others.told)
        tasks.append(_planned(item, parts, prints, others=bool(options.others)))
        fingerprints |= prints
        own += trained
        written += judged
        talks += held
    run = {
        "schema": SCHEMA,
        "run": options.run_dir.name,
        "partial": partial,
        "arguments": options.to_json(),
        **provenance.commit(root, but=options.run_dir.parent),
        "versions": versions,
        "machine": provenance.machine() | ({"accelerator": accelerator} if accelerator else {}),
        "tasks": tasks,
        **(
            {"shard": {"number": options.shard[0], "of": options.shard[1], "roster": [*roster]}}
            if options.shard
            else {}
        ),
        **({"uncollected": [*uncollected]} if uncollected else {}),
        **(_claims(options) if options.others else {}),
    }
    return Plan(
        run=run, jobs=(*own, *written), conversations=tuple(talks), fingerprints=fingerprints, notes=others.notes
    )


def _networks(options: Options, items: Sequence[pytest.Item]) -> StoredNetworks | None:
    """Return the networks that are there already, None where they are to be trained."""
    if options.networks is None or options.baselines_only:
        return None
    from pytest_mips.session.networks import stored_networks  # it loads NumPy

    names = [item.stash[TASK].name for item in items]
    return stored_networks(options.networks, options.networks_shown, names, options.seeds)


def _planned(item: pytest.Item, parts: Mapping[str, str], prints: Mapping[Key, str], *, others: bool) -> dict[str, Any]:
    """Return what `run.json` tells of one task."""
    by_system: dict[str, dict[str, str]] = {}
    for (_, system, seed), fingerprint in prints.items():
        by_system.setdefault(system, {})[str(seed)] = fingerprint
    task = item.stash[TASK]
    planned: dict[str, Any] = {"task": task.name, "test": item.nodeid, "about": task.about}
    planned |= {"fingerprints": by_system.pop(SYSTEM, {}), "parts": dict(parts)}
    return planned | ({"others": by_system} if others else {})


def _fingerprints(
    parts: Mapping[str, str], trained: Iterable[SolverJob], judged: Iterable[ProgramJob], told: Mapping[str, str]
) -> dict[Key, str]:
    """Return the fingerprints of jobs for one task; `told` is what is known of other systems, a recorded one apart."""
    shared = {name: parts[name] for name in provenance.SHARED}
    return {job.key: provenance.fingerprint(parts, job.seed) for job in trained} | {
        job.key: provenance.fingerprint(
            shared, job.judge_seed, job.system, job.source, told.get(job.system, ""), job.layer
        )
        for job in judged
    }


def _claims(options: Options) -> dict[str, Any]:
    """Return what is published about other systems, where baselines are judged."""
    if options.claims is None:
        return {}
    try:
        return {"claims": [claim.to_json() for claim in claims.read(options.claims)]}
    except claims.ClaimsError as error:
        raise pytest.UsageError(f"ini option mips_claims: {error}.") from error


def _batched(jobs: Iterable[Job], most: int) -> Iterator[list[Job]]:
    """Yield the jobs, at most so many at a time."""
    jobs = iter(jobs)
    while some := list(itertools.islice(jobs, most)):
        yield some


def _by_value(task: Task, item: pytest.Item) -> bytes:
    """Return the task pickled with its step function, which a child process could not import from a test file."""
    try:
        return pickling.packed(task, getattr(getattr(item, "module", None), "__name__", ""))
    except Exception as error:
        raise pytest.UsageError(
            f"Task {task.name!r} ({task.where}): cannot be sent to another process: {error}; step functions may use "
            "functions, numbers and modules, but no open files or locks."
        ) from error
