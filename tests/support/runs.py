"""Made-up runs: folders with `run.json`, `results.jsonl` and whatever artefacts a test wants in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_mips.runs.records import Record, append

SOURCE = """\
def program(xs):
    total = 0
    ys = []
    for x in xs:
        total = total + x
        ys.append(total)
    return ys
"""
EXAMPLE = {"inputs": [1, 0, 1], "expected": [1, 1, 2], "actual": [1, 1, 0]}
MACHINE = {
    "symbols": [[0], [1]], "classes": [0, 1], "start": 0, "transitions": [[0, 1], [1, 0]],
    "outputs": [[[0], [1]], [[1], [0]]],
}  # fmt: skip
STATES = {
    "hidden_size": 2, "axes": ["first", "second"], "explained": [0.75, 0.25], "points": [[0.0, 1.0], [1.5, -2.0]],
    "outputs": [0, 1],
}  # fmt: skip
DERIVATION = {
    "steps": [
        {"step": "linear realization", "failed": "no linear recurrence"},
        {"step": "machine of the behaviour", "states": 2},
        {
            "step": "search for formulas", "of": "2 states", "allowed": 0.02, "fitting": 1,
            "tiers": [{"tier": "past inputs and outputs", "tried": 3, "fitting": 1}],
            "best": [{"size": 7, "overruled": 0.0, "formulas": "s = 0; s' = s + x; y = s'"}],
        },
        {"step": "formulas taken", "size": 6, "formulas": "y = s'"},
    ]
}  # fmt: skip
CURVE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0,0L9,9"/></svg>'
ARTEFACTS = {
    "program.py": SOURCE,
    "machine.json": json.dumps(MACHINE),
    "hidden_states.json": json.dumps(STATES),
    "derivation.json": json.dumps(DERIVATION),
    "training.svg": CURVE,
    "log.txt": "[ 1.0 s] trained: drawing data\nlast words\n",
}


def record(task: str, status: str = "solved", **changes: Any) -> Record:
    solved = status == "solved"
    fields: dict[str, Any] = {
        "seed": 0, "status": status, "stage": "verified" if solved else "synthesized", "reason": "", "form": "linear",
        "assurance": "proved" if solved else "", "program_sha256": "0" if solved else "",
        "program_nodes": 19 if solved else 0, "hidden_size": 2, "network_accuracy": 1.0, "program_accuracy": 1.0,
        "counterexample": None, "stage_seconds": {"trained": 1.5}, "seconds": 2.0, "peak_mib": 300, "fingerprint": "f",
    }  # fmt: skip
    return Record(task=task, **fields | changes)


def run_json(name: str, tasks: Sequence[str], **arguments: Any) -> dict[str, Any]:
    return {
        "schema": 1, "run": name, "partial": False,
        "arguments": {"seeds": [0], "workers": 2, "time_limit": 900.0, "method": "full", **arguments},
        "commit": "0123456789abcdef", "dirty": False, "versions": {"python": "3.11.7"},
        "machine": {"cpu": "some", "cores": 2, "physical_cores": 2, "memory_mib": 4096, "platform": "Linux x86_64"},
        "tasks": [
            {"task": task, "test": "t", "about": f"What {task} is.", "fingerprints": {"0": "f"}} for task in tasks
        ],
    }  # fmt: skip


def make_run(
    folder: Path,
    records: Sequence[Record],
    *,
    tasks: Sequence[str] | None = None,
    artefacts: Mapping[str, str | bytes] = ARTEFACTS,
    programs: Mapping[str, str] | None = None,
    **arguments: Any,
) -> Path:
    """Write a run and return its folder: every task has the artefacts, but for `programs` by their paths."""
    folder.mkdir(parents=True)
    systems = list(dict.fromkeys(each.system for each in records if each.system != "mips"))
    roster = list(dict.fromkeys(each.task for each in records)) if tasks is None else tasks
    run = run_json(folder.name, roster, programs=systems, **arguments)
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "results.jsonl").touch()
    for each in records:
        append(folder / "results.jsonl", each)
        if each.system == "mips":
            place = folder / "tasks" / each.task
            place.mkdir(parents=True, exist_ok=True)
            for name, content in artefacts.items():
                (place / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for path, source in (programs or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(source)
    return folder
