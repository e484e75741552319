"""The other systems of a run: whose programs are judged, behind which locks, and what the verdicts depend on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from mips.judging.sandbox.choice import choose
from mips.judging.sandbox.endings import SandboxUnavailable
from mips.judging.sandbox.foreign import PROCESS
from pytest_mips.baselines import endpoint, synthesizers
from pytest_mips.baselines.recorded import Recorded, RecordedError, recorded
from pytest_mips.options.live_systems import Llm
from pytest_mips.options.settings import Options
from pytest_mips.runs.attempts import ProgramJob
from pytest_mips.runs.provenance.sources import Sources
from pytest_mips.runs.provenance.surroundings import installed

NAMED = 5  # tasks in a line about programs that belong to none


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What was asked for of other systems.

    `programs` are the recorded ones, by task, `authors` those that write when asked, by name. `layer` is the sandbox
    that holds their programs; where none works it is empty, and `no_sandbox` says why. `told` is what the programs of
    a system depend on, beside their text, `notes` are lines for whoever looks on.
    """

    programs: Mapping[str, Sequence[Recorded]]
    authors: Mapping[str, str]
    llm: Llm | None
    layer: str
    no_sandbox: str
    told: Mapping[str, str]
    notes: tuple[str, ...]

    def jobs(self, task: str, shared: Mapping[str, Any]) -> tuple[list[ProgramJob], list[tuple[ProgramJob, ...]]]:
        """Return all jobs of other systems for a task, and those of them that are conversations, one by one."""
        shared = {**shared, "layer": self.layer, "no_sandbox": self.no_sandbox}
        judged = [
            ProgramJob(seed=one.number, system=one.system, source=one.source, usage=one.usage, **shared)
            for one in self.programs.get(task, ())
        ]
        judged += [ProgramJob(seed=0, system=name, author=author, **shared) for name, author in self.authors.items()]
        talks = [
            tuple(ProgramJob(seed=number, system=name, **shared) for name in self.llm.systems)
            for number in range(self.llm.samples if self.llm else 0)
            if self.llm
        ]
        return [*judged, *(job for talk in talks for job in talk)], talks


def asked_for(options: Options, roster: Sequence[str], sources: Sources) -> Others:
    """Return the other systems of a run with these tasks.

    Raises pytest.UsageError for recorded programs that cannot be read, for systems of which something is not
    installed, and for what does not go together.
    """
    if len(set(options.others)) < len(options.others):
        raise pytest.UsageError(
            f"two systems have one name: {', '.join(options.others)}; call the recorded one otherwise."
        )
    programs, notes = _recorded(options, roster)
    writing = _authors(options)
    if options.baselines_only and not options.others:
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
    layer, no_sandbox = _sandbox(options.sandbox) if options.others else ("", "")
    told = {
        name: f"{sources.of_module(place.partition(':')[0])} {installed(name)[name]}" for name, place in writing.items()
    }
    if options.llm:
        told |= dict.fromkeys(options.llm.systems, json.dumps(options.llm.to_json()))
    return Others(
        programs=programs,
        authors=writing,
        llm=options.llm,
        layer=layer,
        no_sandbox=no_sandbox,
        told=told,
        notes=notes,
    )


def _authors(options: Options) -> dict[str, str]:
    """Return the other synthesizers that were asked for, each with its `package.module:function`."""
    for name in options.synthesizers:
        if why := synthesizers.fault(name):
            raise pytest.UsageError(f"--mips-synthesizer: {why}.")
    return {name: synthesizers.AUTHORS[name] for name in options.synthesizers}


def _recorded(options: Options, roster: Sequence[str]) -> tuple[dict[str, list[Recorded]], tuple[str, ...]]:
    """Return the programs of all baselines for the tasks of the roster, by task, and what is to be said of others."""
    try:
        found = [program for name, path in options.programs for program in recorded(name, path, roster)]
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
