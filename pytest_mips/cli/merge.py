"""`merge OUT RUN...`: put the parts of a run together: their results, their files, and the roster of all of them."""

from __future__ import annotations

import argparse
import copy
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pytest_mips.cli.folder import REPORTS, BadFolder
from pytest_mips.report import writing
from pytest_mips.runs import records
from pytest_mips.runs.archive import unpacked
from pytest_mips.runs.attempts import SYSTEM, Key
from pytest_mips.runs.layout import program_file
from pytest_mips.scores import summary

NAME, HELP = "merge", "put the parts of a run (--mips-shard) together in a new folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the tool takes."""
    parser.add_argument("out", type=Path, metavar="OUT", help="the new folder, or its name inside reports/")
    parser.add_argument("parts", type=Path, metavar="RUN", nargs="+", help="folder of a part, or its name there")


def run(arguments: argparse.Namespace) -> int:
    """Merge, print the score; return 0, or 1 where something has no verdict."""
    parts = [part if os.path.isdir(part) else REPORTS / part for part in arguments.parts]
    out = arguments.out if len(arguments.out.parts) > 1 else REPORTS / arguments.out
    try:
        whole = merge(parts, out)
    except (MergeError, OSError) as error:
        raise BadFolder(str(error)) from error
    sys.stdout.write(f"{whole.score}\n{out / 'summary.md'}\n")
    return 0 if whole.complete else 1


SETTINGS = (
    "seeds",
    "quick",
    "method",
    "networks",
    "solver",
    "device",
    "baselines_only",
    "programs",
)  # that parts must share
FOLDERS = ("tasks", "baselines")


class MergeError(ValueError):
    """Runs do not belong together; one line says which, what was found and what was expected."""


def merge(parts: Sequence[Path], out: Path) -> summary.Summary:
    """Put the runs in the folders `parts` together in a new folder; return the summary of the whole.

    Where several parts have the same attempt, the best one counts, in whatever order the parts are given: a verdict
    before none. A part of a sharded run that is missing leaves its tasks without a verdict. Raises MergeError when the
    folder exists, the settings differ, or attempts at one task have different fingerprints, and ArchiveError for a
    damaged `tasks.zip`.
    """
    if out.exists():
        raise MergeError(f"{out} exists already; expected the name of a new run")
    runs = [_read(part) for part in parts]
    for part, run in zip(parts[1:], runs[1:], strict=True):
        _check(part, run, parts[0], runs[0])
    found = _attempts(parts)
    run = _joined(runs, [part.name for part in parts], out.name)
    for planned in run["tasks"]:
        for key, (_, record) in found.items():
            if key[0] == planned["task"]:
                prints = planned["fingerprints"] if key[1] == SYSTEM else planned.get("others", {}).get(key[1], {})
                prints[str(key[2])] = record.fingerprint
    with ExitStack() as opened:
        places = {part: opened.enter_context(unpacked(part)) for part in parts}
        out.mkdir(parents=True)
        records.write_atomically(out / "run.json", json.dumps(run, indent=1) + "\n")
        for place in places.values():
            for name in FOLDERS:
                if (place / name).is_dir():
                    shutil.copytree(place / name, out / name, dirs_exist_ok=True)
        for key, (part, record) in found.items():
            file = program_file(key, run["arguments"]["seeds"])
            if len(parts) > 1:
                _replace(places[part] / file, out / file, whole=key[1] == SYSTEM)
            records.append(out / "results.jsonl", record)
    whole = summary.load(out)
    writing.write(out, whole)
    return whole


def _attempts(parts: Sequence[Path]) -> dict[Key, tuple[Path, records.Record]]:
    """Return the record that counts for every attempt, with the part it is from. Raises MergeError."""
    found: dict[Key, tuple[Path, records.Record]] = {}
    for part in parts:
        for key, record in records.latest(records.read(part / "results.jsonl")).items():
            if key not in found:
                found[key] = part, record
                continue
            other = found[key][1]
            if record.fingerprint != other.fingerprint and not {record.status, other.status} & {*records.IDLE}:
                raise MergeError(f"{part}: {key[0]} was attempted with other settings or code than in a part before it")
            if _order(record) < _order(other):
                found[key] = part, record
    return found


def _order(record: records.Record) -> tuple[int, bool, str]:
    """Return what attempts are sorted by, the best one first, without regard to the part that they are from."""
    return -records.standing(record), record.status != "solved", repr(record)


def _replace(source: Path, target: Path, *, whole: bool) -> None:
    """Put the files that one attempt left in the place of another's, by where their programs are.

    The `whole` folder is of this attempt, or else the files of the program's name.
    """
    pattern = "*" if whole else f"{target.stem}.*"
    for old in target.parent.glob(pattern):
        if old.is_file():
            old.unlink()
    for file in source.parent.glob(pattern):
        if file.is_file():
            shutil.copy2(file, target.parent / file.name)


def _read(part: Path) -> dict[str, Any]:
    try:
        run: dict[str, Any] = json.loads((part / "run.json").read_text(encoding="utf-8"))
        run["tasks"], run["arguments"]
    except OSError as error:
        raise MergeError(f"{part}: {error.strerror}; expected the folder of a run") from error
    except (ValueError, LookupError, TypeError) as error:
        raise MergeError(f"{part}: run.json is damaged: {error}") from error
    return run


def _check(part: Path, run: Mapping[str, Any], first: Path, of_first: Mapping[str, Any]) -> None:
    facts: list[tuple[str, Any, Any]] = [(name, run.get(name), of_first.get(name)) for name in ("schema", "versions")]
    facts += [(name, run["arguments"].get(name), of_first["arguments"].get(name)) for name in SETTINGS]
    facts += [("shards", *(_shape(each) for each in (run, of_first)))]
    for name, found, expected in facts:
        if found != expected:
            raise MergeError(f"{part}: found {name} {found}, expected {expected} as in {first}")


def _shape(run: Mapping[str, Any]) -> Any:
    """Return what all shards of one run have in common, None for a run that is no shard."""
    shard = run.get("shard")
    return (shard["of"], sorted(shard["roster"])) if shard else None


def _joined(runs: Sequence[Mapping[str, Any]], names: Sequence[str], name: str) -> dict[str, Any]:
    planned = {task["task"]: copy.deepcopy(task) for run in runs for task in run["tasks"]}
    shape = _shape(runs[0])
    roster = runs[0]["shard"]["roster"] if shape else [*planned]
    absent: dict[str, Any] = {"test": "", "about": "", "fingerprints": {}}
    missing = [*{each["test"]: each for run in runs for each in run.get("uncollected", ())}.values()]
    machines = {json.dumps(run["machine"], sort_keys=True): run["machine"] for run in runs}
    return {
        **{key: value for key, value in runs[0].items() if key != "shard"},
        "run": name,
        "partial": any(run["partial"] for run in runs),
        "arguments": {**runs[0]["arguments"], "shard": None},
        "dirty": any(run["dirty"] for run in runs) or len({run["commit"] for run in runs}) > 1,
        "tasks": [planned.get(task, {"task": task, **absent}) for task in roster],
        "merged": [*names],
        **({"uncollected": missing} if missing else {}),
        **({"machines": [*machines.values()]} if len(machines) > 1 else {}),
    }
