"""The files of a run while it goes on: its folder, what is planned, what is done, and what is written when it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_mips.options.settings import Options
from pytest_mips.report import writing
from pytest_mips.runs import records, resuming
from pytest_mips.runs.attempts import Finding, Job, Key, SolverJob
from pytest_mips.runs.layout import program_file
from pytest_mips.runs.writer_lock import FolderLock, FolderLocked
from pytest_mips.scores import summary
from pytest_mips.session.planning import Plan


class Unwritable(Exception):
    """The folder of the run cannot be written any more; one line says why. What was written before is kept."""


class RunWriter:
    """The folder of the run, its plan, and the record of every attempt that is over, by the key of its job."""

    def __init__(self, plan: Plan, options: Options, root: Path) -> None:
        self.plan, self.done = plan, dict[Key, records.Record]()
        self._options, self._root = options, root
        self._occupancy: FolderLock | None = None
        self.opened = False  # whether the folder is there, with a plan in it

    @property
    def folder(self) -> Path:
        return self._options.run_dir

    @property
    def shown(self) -> str:
        """The folder as a person at the keyboard would name it."""
        return shown(self.folder, self._root)

    def open(self, say: Callable[[str], None], *, shared: bool = False) -> None:
        """Make the folder, or go on with the one that is there; `shared` with other processes of the same run.

        Raises pytest.UsageError where it cannot be written or cannot be gone on with. Whoever opens it must `leave`.
        """
        try:
            if not self._options.resume:
                self.folder.mkdir(parents=True, exist_ok=shared)
            self._occupancy = FolderLock(self.folder, shared=shared)
            if self._options.resume:
                before = resuming.earlier(self.folder)
                kept = resuming.kept(before, self.plan.run, self.plan.fingerprints)
                self.plan = replace(self.plan, run=resuming.joined(before, self.plan.run, kept))
                for record in kept.back:
                    records.append(self.folder / "results.jsonl", record)
                self.done = dict(kept.stay)
                say(f"going on with {self.folder.name}: {len(kept.stay)} results stay")
                if kept.left_out:
                    say(f"    {len(kept.left_out)} results do not count any more: no such seed or sample is planned")
                for each in kept.again:
                    say(f"    again: {each['task']} {each['system']} {each['seed']}: {each['why']}")
            records.write_atomically(self.folder / "run.json", json.dumps(self.plan.run, indent=1) + "\n")
            self.opened = True
        except FolderLocked as error:
            raise pytest.UsageError(
                f"--mips-resume: another process writes into {self.shown}; wait until it has ended, or end it."
            ) from error
        except resuming.ResumeError as error:
            raise pytest.UsageError(f"--mips-resume: {error}.") from error
        except OSError as error:
            raise pytest.UsageError(f"--mips-report-dir: {self.folder} cannot be written: {error.strerror}.") from error

    def leave(self) -> None:
        """Let others write into the folder; may be called again."""
        if self._occupancy is not None:
            self._occupancy.leave()
            self._occupancy = None

    def over(self, *jobs: Job) -> bool:
        """Return whether all of these jobs are over."""
        return all(job.key in self.done for job in jobs)

    def keep(self, job: Job, finding: Finding) -> records.Record:
        """Write what an attempt left and then its line, so that a line speaks of files that are there; return it.

        A finding that no file takes is kept as an error. Raises Unwritable.
        """
        try:
            record = self._written(job, finding)
        except Exception as error:  # also of the system: a name may be none, while there is room for a line
            reason = f"what came of it cannot be kept: {type(error).__name__}: {error}"
            broken = Finding(status="error", reason=reason, seconds=finding.seconds, peak_mib=finding.peak_mib)
            record = records.record_of(job, broken, self.plan.fingerprints[job.key])
            try:
                records.append(self.folder / "results.jsonl", record)
            except OSError as trouble:
                raise Unwritable(f"{self.shown} cannot be written: {trouble.strerror}") from trouble
        self.done[job.key] = record
        return record

    def _written(self, job: Job, finding: Finding) -> records.Record:
        record = records.record_of(job, finding, self.plan.fingerprints[job.key])
        place = self.folder / program_file(job.key, self._options.seeds)
        if record.status != "not_run":
            if isinstance(job, SolverJob):
                records.write_artefacts(place.parent, finding)
            else:
                records.write_baseline(place, job, finding)
        records.append(self.folder / "results.jsonl", record)
        return record

    def close(self) -> summary.Summary:
        """Write down what was not run, derive the summary and write it; return it. Raises Unwritable."""
        for job in self.plan.jobs:
            if not self.over(job):
                self.keep(job, Finding(status="not_run", reason="stopped before its turn"))
        return summarized(self.folder, self.shown)


def summarized(folder: Path, shown: str) -> summary.Summary:
    """Return the summary of what is in a folder, called `shown`, after it was written there. Raises Unwritable."""
    try:
        found = summary.load(folder)
        writing.write(folder, found)
    except OSError as error:
        raise Unwritable(f"{shown} cannot be written: {error.strerror}") from error
    return found


def shown(folder: Path, root: Path) -> str:
    """Return a folder as a person whose working directory is `root` would name it."""
    return str(folder.relative_to(root) if folder.is_relative_to(root) else folder)
