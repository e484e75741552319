"""Which run `--mips-resume` means without a name: the newest that is somebody's own and has something left to do.

A run that is committed is a record that others rely on, and a finished one is a result: who wants to change these says
so by name.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from pytest_mips.runs.attempts import SYSTEM
from pytest_mips.runs.layout import newest
from pytest_mips.runs.provenance.surroundings import tracked
from pytest_mips.runs.records import latest, readable
from pytest_mips.runs.resuming import AGAIN, ResumeError


def run_to_go_on_with(reports: Path) -> Path:
    """Return the folder of that run. Raises ResumeError where there is none, with the newest and why it is not it."""
    found = [path.parent for path in reversed(newest(reports, "run.json"))]
    reasons = {}
    for folder in found:
        reasons[folder] = _objection(folder)
        if not reasons[folder]:
            return folder
    if not found:
        raise ResumeError(f"there is no run in {reports}; give the name of one")
    last = found[0]
    raise ResumeError(
        f"the newest run in {reports} is {last.name}, which {reasons[last]}; to go on with it all the same, name it: "
        f"--mips-resume={last.name}"
    )


def _objection(folder: Path) -> str:
    """Return why a run is not meant, nothing where it may be; a damaged one may."""
    if any(tracked(folder / name) for name in ("run.json", "results.jsonl")):
        return "is committed in git"
    files = [folder, *filter(Path.exists, (folder / "run.json", folder / "results.jsonl"))]
    if not all(os.access(each, os.W_OK) for each in files):
        return "cannot be written"
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        seeds = [int(seed) for seed in run["arguments"]["seeds"]]
        own = not run["arguments"].get("baselines_only")
        planned = {(task["task"], SYSTEM, seed) for task in run["tasks"] for seed in seeds if own}
        planned |= {
            (task["task"], system, int(number))
            for task in run["tasks"]
            for system, numbers in task.get("others", {}).items()
            for number in numbers
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return ""
    known = latest(readable(folder / "results.jsonl"))
    left = any(key not in known or known[key].status in AGAIN for key in planned)
    return "" if left else "is finished"
