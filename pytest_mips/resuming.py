"""Going on with a run: which results of it stay, which are made again, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_mips.records import Record, latest, read

AGAIN = ("error", "timeout", "memory", "not_run", "sandbox_unavailable")  # statuses that another attempt may change
CHANGED = "the task, the settings, the versions or the code have changed"
MISSING = "no result"

Key = tuple[str, str, int]


class ResumeError(ValueError):
    """The folder of a run cannot be gone on with; one line says what was found and expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What a folder holds of a run: the content of `run.json`, and the result that counts for each attempt."""

    run: Mapping[str, Any]
    records: Mapping[Key, Record]


def earlier(folder: Path) -> Earlier:
    """Return what a folder holds, after a line that a crash has torn is cut off, so that others can follow it.

    Raises ResumeError.
    """
    results = folder / "results.jsonl"
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        run["tasks"], run["arguments"]
        mend(results)
        return Earlier(run=run, records=latest(read(results)))
    except OSError as error:
        raise ResumeError(f"{folder.name}: {error.strerror}; expected run.json and results.jsonl in it") from error
    except (ValueError, LookupError, TypeError) as error:
        raise ResumeError(f"{folder.name}: run.json or results.jsonl is damaged: {error}") from error


def mend(path: Path) -> None:
    """Cut a last line that has no end off a file: nobody knows how much of it is missing."""
    if not path.exists():
        return
    with path.open("rb+") as stream:
        content = stream.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            stream.truncate(whole)


def kept(before: Earlier, fingerprints: Mapping[Key, str]) -> tuple[dict[Key, Record], list[dict[str, Any]]]:
    """Return the results that stay, and all attempts that are made again with the reason for each.

    `fingerprints` are those of the attempts that are planned now.
    """
    stay: dict[Key, Record] = {}
    again = []
    for key, fingerprint in fingerprints.items():
        record = before.records.get(key)
        why = MISSING if record is None else record.status if record.status in AGAIN else ""
        if record is not None and not why and record.fingerprint != fingerprint:
            why = CHANGED
        if record is not None and not why:
            stay[key] = record
        else:
            again.append({"task": key[0], "system": key[1], "seed": key[2], "why": why})
    return stay, again


def joined(before: Earlier, run: Mapping[str, Any], stay: int, again: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the content of `run.json` from now on: tasks of both plans, each as it was planned last.

    `resumed` tells of every time that the run was gone on with. Raises ResumeError where a system would be without a
    plan for some task: a score would then be of no system at all.
    """
    old, new = ({task["task"]: task for task in tasks} for tasks in (before.run["tasks"], run["tasks"]))
    systems, now = (set(each["arguments"].get("programs", ())) for each in (before.run, run))
    if gone := systems - now:
        raise ResumeError(
            f"{before.run['run']} has programs of {', '.join(sorted(gone))}, which are not asked for now; "
            "give the same --mips-programs, --mips-llm and --mips-synthesizer again"
        )
    if now - systems and old.keys() - new.keys():
        raise ResumeError(
            f"{', '.join(sorted(now - systems))} would come to {len(new)} of the tasks of {before.run['run']} only; "
            "select all of them, or begin another run"
        )
    step = {"commit": run["commit"], "before": before.run.get("commit", ""), "kept": stay, "again": [*again]}
    return {
        **run,
        "run": before.run["run"],
        "partial": bool(before.run.get("partial")) and bool(run["partial"]),
        "tasks": [*(new if old.keys() <= new.keys() else old | new).values()],
        "resumed": [*before.run.get("resumed", ()), step],
    }
