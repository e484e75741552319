"""The plan of a run: one job for each task and seed, and the content of `run.json`."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle
import pytest

from mips import Task
from mips.sandbox.foreign import PROCESS, SandboxUnavailable, choose
from pytest_mips import claims, provenance
from pytest_mips.attempt import SYSTEM, Job, Key
from pytest_mips.baselines import authors, endpoint
from pytest_mips.baselines.recorded import Recorded, RecordedError, recorded
from pytest_mips.collection import TASK
from pytest_mips.devices import check_device
from pytest_mips.options import Options
from pytest_mips.records import SCHEMA
from pytest_mips.sources import Sources
from pytest_mips.versions import installed

TOGETHER = 16  # programs of other systems that one child judges, at most
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
    conversations: tuple[tuple[Job, ...], ...]
    fingerprints: Mapping[Key, str]
    notes: tuple[str, ...] = ()

    @property
    def groups(self) -> list[list[Job]]:
        """The jobs that need nothing else, those that one child does in turn together: some programs, task by task."""
        live = {job.key for talk in self.conversations for job in talk}
        free = [job for job in self.jobs if job.key not in live]
        groups = [[job] for job in free if job.system == SYSTEM or job.author]
        judged = [job for job in free if job.system != SYSTEM and not job.author]
        enough, last = len(judged) // GROUPS, list[Job]()
        for _, jobs in itertools.groupby(judged, key=lambda job: job.task):
            for some in _batched(jobs, TOGETHER):
                if not last or len(last) >= enough or len(last) + len(some) > TOGETHER:
                    groups.append(last := [])
                last += some
        return groups

    @property
    def name_width(self) -> int:
        """How many places the names of the tasks take."""
        return max((len(job.task) for job in self.jobs), default=0)


def make_plan(
    items: Sequence[pytest.Item], options: Options, root: Path, *, partial: bool, roster: Sequence[str]
) -> Plan:
    """Return the plan for the selected items; `roster` are all tasks of which they may be one part.

    Raises pytest.UsageError when there is no device to train on, for a task that cannot leave this process, for
    recorded programs that cannot be read, and for other systems of which something is not installed.
    """
    if len(set(options.others)) < len(options.others):
        raise pytest.UsageError(
            f"two systems have one name: {', '.join(options.others)}; call the recorded one otherwise."
        )
    programs, notes = _recorded(options, roster)
    authors = _authors(options)
    others = bool(options.programs or authors or options.llm)
    if options.baselines_only and not others:
        raise pytest.UsageError(
            "--mips-baselines-only: there is no baseline; give one with --mips-programs, --mips-synthesizer or "
            "--mips-llm."
        )
    if options.llm and (why := endpoint.missing()):
        raise pytest.UsageError(f"--mips-llm: {why}.")
    if options.llm and options.llm.secret and options.sandbox == PROCESS:
        raise pytest.UsageError(
            f"--mips-sandbox={PROCESS}: its programs could read the key of --mips-llm from this process; judge them "
            "behind landlock or bwrap, or later, by --mips-programs."
        )
    layer, no_sandbox = _sandbox(options.sandbox) if others else ("", "")
    accelerator = check_device(options.device)
    versions = installed("pytest")
    own: list[Job] = []
    written: list[Job] = []  # programs of other systems are judged when all is trained
    talks: list[tuple[Job, ...]] = []
    tasks, fingerprints = [], dict[Key, str]()
    sources = Sources(root)
    solver = sources.of_module(options.solver.partition(":")[0])
    told = {
        name: f"{sources.of_module(place.partition(':')[0])} {installed(name)[name]}" for name, place in authors.items()
    }
    if options.llm:
        told |= dict.fromkeys(options.llm.systems, json.dumps(options.llm.to_json()))
    for item in items:
        task = item.stash[TASK]
        shared: dict[str, Any] = {"task": task.name, "payload": _by_value(task, item), "solver": options.solver}
        shared |= {"time_limit": options.time_limit, "memory_limit": options.memory_limit}
        foreign = {**shared, "layer": layer, "no_sandbox": no_sandbox, "judge_seed": options.seeds[0]}
        judged = [
            Job(seed=one.number, system=one.system, source=one.source, usage=one.usage, **foreign)
            for one in programs.get(task.name, ())
        ]
        judged += [Job(seed=0, system=name, author=author, **foreign) for name, author in authors.items()]
        if options.llm:
            talks_here = [
                tuple(Job(seed=number, system=name, **foreign) for name in options.llm.systems)
                for number in range(options.llm.samples)
            ]
            talks += talks_here
            judged += [job for talk in talks_here for job in talk]
        solved = [] if options.baselines_only else options.seeds
        trained = [Job(seed=seed, device=options.device, method=options.method, **shared) for seed in solved]
        parts = provenance.parts(
            task,
            sources.of_file(item.path, getattr(getattr(item, "module", None), "__package__", None) or ""),
            solver=options.solver,
            source=solver,
            device=options.device,
            method=options.method,
            versions=versions,
        )
        fingerprints |= _fingerprints(parts, trained, judged, told)
        prints: dict[str, dict[str, str]] = {}
        for job in (*trained, *judged):
            prints.setdefault(job.system, {})[str(job.seed)] = fingerprints[job.key]
        planned: dict[str, Any] = {"task": task.name, "test": item.nodeid, "about": task.about}
        planned |= {"fingerprints": prints.pop(SYSTEM, {}), "parts": parts}
        tasks.append(planned | ({"others": prints} if others else {}))
        own += trained
        written += judged
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
        **(_claims(options) if others else {}),
    }
    return Plan(run=run, jobs=(*own, *written), conversations=tuple(talks), fingerprints=fingerprints, notes=notes)


def _fingerprints(
    parts: Mapping[str, str], trained: Iterable[Job], judged: Iterable[Job], told: Mapping[str, str]
) -> dict[Key, str]:
    """Return the fingerprints of jobs for one task; `told` is what is known of other systems, a recorded one apart."""
    shared = {name: parts[name] for name in provenance.SHARED}
    return {job.key: provenance.fingerprint(parts, job.seed) for job in trained} | {
        job.key: provenance.fingerprint(
            shared, job.judge_seed, job.system, job.source, told.get(job.system, ""), job.layer
        )
        for job in judged
    }


def _authors(options: Options) -> dict[str, str]:
    """Return the other synthesizers that were asked for, each with its `package.module:function`."""
    for name in options.synthesizers:
        if why := authors.fault(name):
            raise pytest.UsageError(f"--mips-synthesizer: {why}.")
    return {name: authors.AUTHORS[name] for name in options.synthesizers}


def _claims(options: Options) -> dict[str, Any]:
    """Return what is published about other systems, where baselines are judged."""
    if options.claims is None:
        return {}
    try:
        return {"claims": [claim.to_json() for claim in claims.read(options.claims)]}
    except claims.ClaimsError as error:
        raise pytest.UsageError(f"ini option mips_claims: {error}.") from error


def _recorded(options: Options, roster: Sequence[str]) -> tuple[dict[str, list[Recorded]], tuple[str, ...]]:
    """Return the programs of all baselines for the tasks of the roster, by task, and what is to be said of others."""
    try:
        found = [program for name, path in options.programs for program in recorded(name, path)]
    except RecordedError as error:
        raise pytest.UsageError(f"--mips-programs: {error}.") from error
    wanted = set(roster)
    if found and not any(program.task in wanted for program in found):
        named = ", ".join(sorted({program.task for program in found})[:3])
        raise pytest.UsageError(f"--mips-programs: found programs for {named} ..., none for a selected task.")
    notes = []
    for name, _ in options.programs:
        others = sorted({program.task for program in found if program.system == name} - wanted)
        if others:
            more = " ..." if len(others) > NAMED else ""
            notes.append(f"{name}: not judged, since no selected task is called so: {', '.join(others[:NAMED])}{more}")
    return {name: [program for program in found if program.task == name] for name in roster}, tuple(notes)


def _sandbox(wanted: str) -> tuple[str, str]:
    """Return the layer that will hold foreign programs and nothing, or nothing and why there is none."""
    try:
        return choose(wanted), ""
    except SandboxUnavailable as error:
        return "", str(error)


def _batched(jobs: Iterable[Job], most: int) -> Iterator[list[Job]]:
    """Yield the jobs, at most so many at a time."""
    jobs = iter(jobs)
    while some := list(itertools.islice(jobs, most)):
        yield some


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
