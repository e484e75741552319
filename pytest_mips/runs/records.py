"""`results.jsonl`, the only truth of a run: one attempt a line, appended as attempts finish."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mips.machines.drawing.machine import mermaid
from pytest_mips.runs import lines
from pytest_mips.runs.attempts import SYSTEM, Finding, Job, Key, ProgramJob
from pytest_mips.runs.formatting import encodable
from pytest_mips.runs.training_curves import draw

SCHEMA = 1
KINDS: Mapping[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float)}  # of fields, in lines
IDLE = ("not_run", "sandbox_unavailable")  # nothing was run
BROKEN = ("error", *IDLE)  # no verdict: nobody is to blame for it but the harness
LIMITS = ("timeout", "memory")  # a verdict, though on another machine another attempt may come further


# The fields of a line, in their order. Those from OPTIONAL on are younger than the first runs, whose lines lack them.
REQUIRED = (
    *("task", "seed", "status", "stage", "reason", "form", "assurance", "program_sha256", "program_nodes"),
    *("hidden_size", "network_accuracy", "counterexample", "stage_seconds", "seconds", "peak_mib", "fingerprint"),
)
OPTIONAL = (
    *("program_accuracy", "architecture", "network_mistake", "training_core_seconds", "minimum", "overruled"),
    *("normalizers", "autoencoders", "autoencoder", "locks", "usage", "machine", "solved_at_length", "lenient"),
)
FIELDS = ("schema", "task", "system", *REQUIRED[1:], *OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Finding):
    """One line of `results.jsonl`: a finding, and of which attempt it is.

    A line holds FIELDS; the program stands in a file of its own, of which `program_sha256` is the sum.
    """

    schema: int = SCHEMA
    task: str
    system: str = SYSTEM
    seed: int
    program_sha256: str
    fingerprint: str

    @property
    def key(self) -> Key:
        """What a later line must have too, to count in the place of this one."""
        return self.task, self.system, self.seed

    @property
    def why(self) -> str:
        """Stage and reason of what was not solved, in one line."""
        return ": ".join(part for part in (self.stage, self.reason) if part)

    def to_json(self) -> dict[str, Any]:
        """Return the line as a JSON object."""
        return {name: getattr(self, name) for name in FIELDS}


def record_of(job: Job, finding: Finding, fingerprint: str) -> Record:
    """Return the record of one finding."""
    own = {each.name for each in dataclasses.fields(Finding)}
    values = {name: getattr(finding, name) for name in FIELDS if name in own}
    values["reason"] = " ".join(finding.reason.split())
    values["seconds"] = round(finding.seconds, 3)
    values["training_core_seconds"] = round(finding.training_core_seconds, 3)
    values["stage_seconds"] = {stage: round(seconds, 3) for stage, seconds in finding.stage_seconds.items()}
    digest = hashlib.sha256(finding.program.encode()).hexdigest() if finding.program else ""
    return Record(
        task=job.task, system=job.system, seed=job.seed, program_sha256=digest, fingerprint=fingerprint, **values
    )


def append(path: Path, record: Record) -> None:
    """Add one line to the file, all of it or nothing. Raises OSError."""
    line = json.dumps(record.to_json(), allow_nan=False) + "\n"
    lines.append(path, line.encode())


def read(path: Path) -> list[Record]:
    """Return the records of a file in their order; a torn last line is ignored, no file is no records.

    Raises ValueError for any other line that is no record, naming the line.
    """
    found = path.read_bytes().split(b"\n") if path.exists() else []
    records = []
    for number, line in enumerate(found, start=1):
        try:
            records += [_record(line)] if line else []
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            if number == len(found):
                break
            raise ValueError(f"{path.name}, line {number}: found {line[:60]!r}, expected a record ({error})") from error
    return records


def readable(path: Path) -> list[Record]:
    """Return the records of a file, without the lines that are none, and of a file that cannot be read none."""
    records = []
    with suppress(OSError):
        for line in path.read_bytes().split(b"\n"):
            with suppress(ValueError, TypeError, AttributeError, RecursionError):
                records.append(_record(line))
    return records


def _record(line: bytes) -> Record:
    """Return the record of one line; what it does not know it leaves out.

    Raises ValueError, TypeError, AttributeError or RecursionError.
    """
    fields = json.loads(line)
    if missing := [name for name in REQUIRED if name not in fields]:
        raise ValueError(f"it lacks {', '.join(missing)}")
    own: dict[str, Any] = {}
    for each in dataclasses.fields(Record):
        if each.name in fields and each.name in FIELDS:
            value = fields[each.name]
            if (kinds := KINDS.get(str(each.type))) and not isinstance(value, kinds):
                raise TypeError(f"{each.name} is {str(value)[:20]!r}, expected {each.type}")
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{each.name} is {value}, expected a finite number")
            own[each.name] = tuple(value) if isinstance(value, list) else value
    return Record(**own)


def latest(records: Iterable[Record]) -> dict[Key, Record]:
    """Return the record that counts for each (task, system, seed).

    The last line says of which fingerprint it is, since others are of another task, other settings or other code. Of
    those with that fingerprint the one of the highest standing counts, and of equals the later one: a verdict beats
    none, wherever it stands.
    """
    last: dict[Key, str] = {}
    best: dict[tuple[Key, str], Record] = {}
    for record in records:
        last[record.key] = record.fingerprint
        place = record.key, record.fingerprint
        if place not in best or standing(record) >= standing(best[place]):
            best[place] = record
    return {key: best[key, fingerprint] for key, fingerprint in last.items()}


def standing(record: Record) -> int:
    """Return how much a record settles: 0 where nothing was run, 1 an error, 2 a limit, 3 a verdict without any."""
    ranks = {**dict.fromkeys(IDLE, 0), "error": 1, **dict.fromkeys(LIMITS, 2)}
    return ranks.get(record.status, 3)


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of it."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(encodable(text), encoding="utf-8")
    os.replace(draft, path)


def write_baseline(place: Path, job: ProgramJob, finding: Finding) -> None:
    """Write the program `<sample>.py`, and what the child said where the attempt failed beside it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(encodable(job.source or finding.program), encoding="utf-8")
    if finding.status == "error" and finding.log:
        place.with_suffix(".log").write_text(finding.log, encoding="utf-8")


def write_artefacts(folder: Path, finding: Finding) -> None:
    """Write what an attempt left: `program.py`, `log.txt`, `counterexample.json` and the outcome's own files.

    Where `training.json` holds a curve of the loss, it is drawn into `training.svg`, and a machine of few states into
    `machine.mmd`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():  # of an attempt before, when a run is gone on with
        if old.is_file():
            old.unlink()
    texts = {
        "machine.mmd": mermaid(finding.files["machine.json"]) if "machine.json" in finding.files else "",
        "training.svg": draw(finding.files["training.json"]) if "training.json" in finding.files else "",
        "program.py": finding.program,
        "log.txt": finding.log,
        "counterexample.json": json.dumps(finding.counterexample) + "\n" if finding.counterexample else "",
    }
    for name, text in texts.items():
        if text:
            (folder / name).write_text(encodable(text), encoding="utf-8")
    for name, data in finding.files.items():
        (folder / Path(name).name).write_bytes(data)
