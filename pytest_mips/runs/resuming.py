"""Going on with a run: which results of it stay, which are made again, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_mips.runs.attempts import SYSTEM, Key
from pytest_mips.runs.layout import program_file
from pytest_mips.runs.lines import mend
from pytest_mips.runs.provenance.provenance import SHARED, changes
from pytest_mips.runs.records import BROKEN, LIMITS, Record, latest, read

AGAIN = (*BROKEN, *LIMITS)  # statuses that another attempt may change
WAYS = ("seeds", "method", "networks", "solver", "device")  # of our own attempts, alike for all tasks of a run
MISSING = "no result"
MOVED = "the first seed is another, and its files have another place"
CHANGED = "the task, the settings, the versions or the code have changed"  # in runs that do not tell of what they are
ASKED = "its program, what was asked for or its sandbox has changed"


class ResumeError(ValueError):
    """The folder of a run cannot be gone on with; one line says what was found and expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What a folder holds of a run: the content of `run.json`, and all lines of `results.jsonl`."""

    run: Mapping[str, Any]
    records: Sequence[Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Which results stay, by the key of the attempt, and which attempts are made again, with the reason for each.

    `back` are those that stay although a later line says that nothing was run. `left_out` are results for tasks of the
    plan that do not count any more, since it has no such seed or sample.
    """

    stay: Mapping[Key, Record]
    back: Sequence[Record]
    again: Sequence[Mapping[str, Any]]
    left_out: Sequence[Key]


def earlier(folder: Path) -> Earlier:
    """Return what a folder holds, after a line that a crash has torn is cut off, so that others can follow it.

    Raises ResumeError.
    """
    results = folder / "results.jsonl"
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        run["tasks"], run["arguments"]
        mend(results)
        return Earlier(run=run, records=read(results))
    except OSError as error:
        raise ResumeError(f"{folder.name}: {error.strerror}; expected run.json and results.jsonl in it") from error
    except (ValueError, LookupError, TypeError) as error:
        raise ResumeError(
            f"{folder.name}: run.json or results.jsonl is damaged: {error}; mend it, or take the line out, and its "
            "attempt is made again"
        ) from error


def kept(before: Earlier, run: Mapping[str, Any], fingerprints: Mapping[Key, str]) -> Kept:
    """Return what stays and what is made again; `run` and `fingerprints` are those of the plan of now.

    What was not run has overwritten nothing, so that such a line hides no result: who goes on with other settings by
    mistake, stops, and goes on with the right ones finds all results again.
    """
    known, last = latest(_run(before.records)), latest(before.records)
    then, now = ({task["task"]: task.get("parts", {}) for task in each["tasks"]} for each in (before.run, run))
    seeds = [each["arguments"]["seeds"] for each in (before.run, run)]
    stay: dict[Key, Record] = {}
    again = []
    for key, fingerprint in fingerprints.items():
        record = known.get(key) or last.get(key)
        why = MISSING if record is None else record.status if record.status in AGAIN else ""
        if record is not None and not why and record.fingerprint != fingerprint:
            why = _difference(key, then.get(key[0], {}), now.get(key[0], {}))
        if not why and program_file(key, seeds[0]) != program_file(key, seeds[1]):
            why = MOVED
        if record is not None and not why:
            stay[key] = record
        else:
            again.append({"task": key[0], "system": key[1], "seed": key[2], "why": why})
    tasks = {task for task, _, _ in fingerprints}
    return Kept(
        stay=stay,
        back=[record for key, record in stay.items() if record is not last[key]],
        again=again,
        left_out=[key for key in known if key[0] in tasks and key not in fingerprints],
    )


def _run(records: Iterable[Record]) -> Iterable[Record]:
    return (record for record in records if record.status != "not_run")


def _difference(key: Key, then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return why an attempt has another fingerprint now, by what a task was and is made of."""
    if not then:
        return CHANGED
    ours = key[1] == SYSTEM
    return "; ".join(changes(then, now, now if ours else SHARED)) or (CHANGED if ours else ASKED)


def joined(before: Earlier, run: Mapping[str, Any], kept: Kept) -> dict[str, Any]:
    """Return the content of `run.json` from now on: tasks of both plans, each as it was planned last.

    `resumed` tells of every time that the run was gone on with. Raises ResumeError where a system would be without a
    plan for some task, or tasks would be made in different ways: a score would then be of no system at all.
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
    asked = [{name: each["arguments"].get(name) for name in WAYS} for each in (before.run, run)]
    if asked[0] != asked[1] and old.keys() - new.keys():
        differ = [f"{name} {asked[0][name]}, now {asked[1][name]}" for name in WAYS if asked[0][name] != asked[1][name]]
        raise ResumeError(
            f"{before.run['run']} was made with {'; '.join(differ)} for {len(new)} of its {len(old)} tasks; ask for "
            "the same again, select all tasks, or begin another run"
        )
    if run["arguments"].get("baselines_only") and not before.run["arguments"].get("baselines_only"):
        raise ResumeError(
            f"{before.run['run']} has results of ours, which --mips-baselines-only would leave out; begin another run"
        )
    step = {
        "commit": run["commit"],
        "before": before.run.get("commit", ""),
        "kept": len(kept.stay),
        "again": [*kept.again],
        "left_out": len(kept.left_out),
    }
    return {
        **run,
        "run": before.run["run"],
        "partial": bool(before.run.get("partial")) and bool(run["partial"]),
        "tasks": [*(new if old.keys() <= new.keys() else old | new).values()],
        "resumed": [*before.run.get("resumed", ()), step],
    }
