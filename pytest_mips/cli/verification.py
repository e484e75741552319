"""The stored programs of a run, judged again: by the judge and the tasks that a checkout holds, in a sandbox.

Every program goes through the judge as a program of another system does: all tests are repeated, the proofs are not.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_mips.runs.attempts import SYSTEM, Key
from pytest_mips.runs.layout import program_file
from pytest_mips.runs.records import Record, latest, read

OWN = "stored"  # what our programs are called as those of another system
AGAIN = "again"  # the run that judges
TOLD_LINES = 5  # of a run that judged nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A program of a run: the result that speaks of it, its file inside the run, and the text, None if that is gone."""

    record: Record
    file: Path
    source: bytes | None

    @property
    def key(self) -> Key:
        return self.record.task, self.record.system, self.record.seed

    @property
    def digest(self) -> str:
        return "" if self.source is None else hashlib.sha256(self.source).hexdigest()

    @property
    def changed(self) -> bool:
        """Whether the file is another than the one that was judged, as far as the result says which that was."""
        return bool(self.record.program_sha256) and self.digest != self.record.program_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A stored program, what the judge says of it now, and if it said nothing why not."""

    stored: Stored
    now: Record | None
    why: str = ""

    @property
    def lost(self) -> bool:
        """Whether it was solved and is not solved again."""
        return self.stored.record.status == "solved" and (self.now is None or self.now.status != "solved")


def stored_programs(folder: Path, run: Mapping[str, Any]) -> list[Stored]:
    """Return the programs of a run, ours first, task by task of its roster; `run` is the content of `run.json`.

    Raises ValueError for a result whose names cannot be those of files.
    """
    seeds = [int(seed) for seed in run["arguments"]["seeds"]]
    roster = {planned["task"]: number for number, planned in enumerate(run["tasks"])}
    found = []
    for record in latest(read(folder / "results.jsonl")).values():
        file = _file(record, seeds)
        source = (folder / file).read_bytes() if (folder / file).is_file() else None
        if source is not None or record.program_sha256 or record.status == "solved":
            found.append(Stored(record=record, file=file, source=source))
    systems = [SYSTEM, *dict.fromkeys(each.record.system for each in found)]
    return sorted(found, key=lambda one: (systems.index(one.key[1]), roster.get(one.key[0], len(roster)), one.key[2]))


def unknown_programs(folder: Path, found: Sequence[Stored]) -> list[Path]:
    """Return the programs in the folder of a run that no result speaks of."""
    known = {each.file for each in found}
    patterns = ("tasks/*/program.py", "tasks/*/seed-*/program.py", "baselines/*/*/*.py")
    files = {path.relative_to(folder) for pattern in patterns for path in folder.glob(pattern)}
    return sorted(file for file in files - known if file.parts[2] != "_rounds")


def judge_again(
    found: Sequence[Stored], run: Mapping[str, Any], root: Path, *, more: Sequence[str] = ()
) -> list[Verified]:
    """Return what the judge in the checkout `root` says of programs; `more` are further arguments for pytest."""
    tests = {planned["task"]: str(planned.get("test", "")).partition("::")[0] for planned in run["tasks"]}
    told = {each.key: _why_not(each, tests, root) for each in found}
    ready = [each for each in found if not told[each.key]]
    if not ready:
        return [Verified(stored=each, now=None, why=told[each.key]) for each in found]
    with tempfile.TemporaryDirectory(prefix="mips-verify-") as temporary:
        place = Path(temporary)
        keys, names = _laid_out(ready, place / "programs")
        files = dict.fromkeys(str(root / tests[each.key[0]]) for each in ready)
        said = _judged(place, names, int(run["arguments"]["seeds"][0]), root, [*more, *files])
        records = latest(read(place / "reports" / AGAIN / "results.jsonl"))
    verdicts = []
    for each in found:
        now = records.get(keys[each.key]) if each.key in keys else None
        why = told[each.key] or said or f"there is no task of that name in {tests[each.key[0]]} any more"
        verdicts.append(Verified(stored=each, now=now, why="" if now else why))
    return verdicts


def _file(record: Record, seeds: Sequence[int]) -> Path:
    """Return where the program of a result is, inside the folder of the run."""
    task, system, seed = record.task, record.system, record.seed
    well_named = re.fullmatch(r"[A-Za-z_]\w*", str(task)) and re.fullmatch(r"\w[\w.-]*", str(system))
    if not well_named or type(seed) is not int:
        raise ValueError(f"found a result of {task!r}, {system!r}, {seed!r}, expected names of files and a number")
    return program_file(record.key, seeds)


def _why_not(one: Stored, tests: Mapping[str, str], root: Path) -> str:
    """Return why a program cannot be judged, nothing where it can."""
    if one.source is None:
        return f"there is no {one.file}"
    test = tests.get(one.key[0], "")
    if not test:
        return "run.json names no test file"
    if not (root / test).resolve().is_relative_to(root.resolve()):
        return f"{test} is not inside {root}"
    return "" if (root / test).is_file() else f"{test} is gone"


def _laid_out(found: Sequence[Stored], place: Path) -> tuple[dict[Key, Key], dict[str, Path]]:
    """Write programs as recorded baselines; return the key that each will have, and the folder of each name."""
    systems = dict.fromkeys(each.key[1] for each in found)
    own = OWN
    while own in systems:
        own += "-"
    names = {system: own if system == SYSTEM else system for system in systems}
    counts: dict[tuple[str, str], int] = {}
    keys = {}
    for each in found:
        task, system, _ = each.key
        number = counts[task, system] = counts.get((task, system), -1) + 1
        keys[each.key] = task, names[system], number
        file = place / names[system] / task / f"{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(each.source or b"")
    return keys, {name: place / name for name in names.values()}


def _judged(place: Path, names: Mapping[str, Path], seed: int, root: Path, more: Sequence[str]) -> str:
    """Let pytest judge recorded baselines in a child process; return why it did not come to its end, if so."""
    settings = {"quick": "false", "synthesizer": "", "llm": "", "claims": ""}  # of the project, for runs of its own
    command = [
        *(sys.executable, "-m", "pytest", "--mips-benchmark", "--mips-baselines-only", "--mips-seeds=1"),
        *(f"--mips-programs={name}={folder}" for name, folder in names.items()),
        *(f"--mips-seed={seed}", f"--mips-report-dir={place / 'reports'}", f"--mips-run={AGAIN}"),
        *(part for name, value in settings.items() for part in ("-o", f"mips_{name}={value}")),
        *("-o", f"cache_dir={place / 'cache'}", *more),
    ]
    child = subprocess.run(
        command,
        cwd=root,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if child.returncode in (0, 1):
        return ""
    return f"pytest ended with exit status {child.returncode}: {' | '.join(_last(child.stdout, child.stderr))}"


def _last(*texts: str) -> Iterator[str]:
    """Yield the errors that are told in texts, or else their last lines."""
    lines = [" ".join(line.split()) for text in texts for line in text.splitlines() if line.strip()]
    yield from [line for line in lines if line.startswith(("ERROR", "E "))][-TOLD_LINES:] or lines[-TOLD_LINES:]
