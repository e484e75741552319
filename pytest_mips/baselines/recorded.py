"""Recorded baselines: programs of other systems, read from a folder or a JSONL file; nothing is run here."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_mips.baselines.endpoint import LARGEST_COUNT
from pytest_mips.runs.formatting import encodable

BYTE_ORDER_MARK = "\N{BYTE ORDER MARK}"
EXTRACTED = "extracted_code_{}.py"  # of a folder of that name in the recordings of the paper's authors
LARGEST_BYTES = 1 << 20  # of one program; a larger one is cut, which no parser accepts


class RecordedError(ValueError):
    """A baseline cannot be read; one line says what was found, where, and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One program of a system for a task, the `number`-th of its samples, counted from 0, and its cost, if known."""

    system: str
    task: str
    number: int
    source: str
    usage: Mapping[str, float] | None = None


def recorded(system: str, path: Path, roster: Collection[str] = ()) -> tuple[Recorded, ...]:
    """Return all programs that a path holds: a folder with `T.py`, `T/k.py` or `T/k/*.py`, or JSONL.

    Of a folder `T/k` with an `extracted_code_k.py`, as the paper's authors recorded GPT-4's, only this file is one.

    What begins with an underscore is no program, unless it is called like a task of the roster. Samples of a task are
    numbered in the order of their names, numbers in names as numbers, or of their lines. Raises RecordedError where
    there is nothing that can be read, or a line that is no `{"task_id": ..., "solution": ...}`.
    """
    try:
        found = list(_from_folder(path, roster) if path.is_dir() else _from_lines(path))
    except OSError as error:
        raise RecordedError(f"{system}={path}: {error.strerror}; expected a folder or a JSONL file") from error
    if not found:
        raise RecordedError(f"{system}={path}: found no program; expected T.py, T/k.py, T/k/*.py, or JSONL")
    counts: dict[str, int] = {}
    programs = []
    for task, source, usage in found:
        number = counts[task] = counts.get(task, -1) + 1
        source = encodable(source).removeprefix(BYTE_ORDER_MARK)
        programs.append(Recorded(system=system, task=task, number=number, source=source, usage=usage))
    return tuple(programs)


def _from_folder(folder: Path, roster: Collection[str]) -> Iterator[tuple[str, str, Mapping[str, float] | None]]:
    for entry in _sorted(folder.iterdir(), roster):
        if entry.suffix == ".py" and entry.is_file():
            yield entry.stem, _text(entry), _usage(entry)
        elif entry.is_dir() and not entry.is_symlink():
            for inner in _sorted(entry.iterdir()):
                for file in _files(inner):
                    if file.suffix == ".py" and file.is_file():
                        yield entry.name, _text(file), _usage(file)


def _files(entry: Path) -> list[Path]:
    """Return the files of a sample: a file is its own, of a folder it is the extracted code, or all of them."""
    if not entry.is_dir() or entry.is_symlink():
        return [entry]
    extracted = entry / EXTRACTED.format(entry.name)
    return [extracted] if extracted.is_file() else _sorted(entry.iterdir())


def _from_lines(path: Path) -> Iterator[tuple[str, str, Mapping[str, float] | None]]:
    for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").split("\n"), 1):
        if not line.strip():
            continue
        try:
            match json.loads(line):
                case {"task_id": str(task), "solution": str(source)}:
                    yield task, source, None
                    continue
        except (ValueError, RecursionError):
            pass
        raise RecordedError(
            f'{path.name}, line {number}: found {line[:60]!r}, expected {{"task_id": "...", "solution": "..."}}'
        )


def _usage(program: Path) -> Mapping[str, float] | None:
    """Return the numbers of `usage` in the JSON file beside a program, None where there are none."""
    try:
        usage = json.loads(program.with_suffix(".json").read_text(encoding="utf-8"))["usage"]
        counts = {str(name): value for name, value in usage.items() if isinstance(value, int | float)}
        return {name: value for name, value in counts.items() if 0 <= value < LARGEST_COUNT} or None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _sorted(entries: Iterable[Path], names: Collection[str] = ()) -> list[Path]:
    def key(path: Path) -> list[tuple[int, int, str]]:
        parts = re.findall(r"\d+|\D+", path.name)
        return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]

    return sorted((each for each in entries if each.stem in names or not each.name.startswith((".", "_"))), key=key)


def _text(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(LARGEST_BYTES).decode("utf-8", errors="replace")
