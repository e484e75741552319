"""Two runs compared, task by task: what one of them solves and the other does not, and which programs changed."""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_mips.runs.archive import unpacked
from pytest_mips.runs.attempts import SYSTEM
from pytest_mips.runs.layout import program_file
from pytest_mips.runs.records import Record
from pytest_mips.scores.comparison import mcnemar
from pytest_mips.scores.side_scores import right_at_length
from pytest_mips.scores.summary import Summary

SOLVED, UNSOLVED, CHANGED, SAME = "newly solved", "newly unsolved", "changed program", "same"
KINDS = (SOLVED, UNSOLVED, CHANGED, SAME)

Read = Callable[[Path], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One task in two runs: the attempt that counts in each, and a unified diff where the program is another."""

    kind: str
    before: Record
    after: Record
    diff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One system in two runs, over the tasks that both have; `only_before` and `only_after` are the other tasks."""

    system: str
    differences: tuple[Difference, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]

    def of(self, kind: str) -> list[Difference]:
        """Return the differences of one of KINDS."""
        return [each for each in self.differences if each.kind == kind]

    @property
    def solved(self) -> tuple[int, int]:
        """How many of the tasks that both have each run solves."""
        return (
            sum(each.before.status == "solved" for each in self.differences),
            sum(each.after.status == "solved" for each in self.differences),
        )

    @property
    def at_length(self) -> tuple[int, int]:
        """How many of these each run solves at the training length, as far as it is known."""
        return (
            sum(right_at_length(each.before) is True for each in self.differences),
            sum(right_at_length(each.after) is True for each in self.differences),
        )

    @property
    def p_value(self) -> float:
        """The p-value of the exact McNemar test: is the difference more than chance?"""
        return mcnemar(len(self.of(UNSOLVED)), len(self.of(SOLVED)))


def compare(before: Summary, after: Summary, folders: tuple[Path, Path], read: Read) -> list[Comparison]:
    """Return a comparison for every system that both runs have, ours first. `read` gives the text of a program.

    Task folders that are packed are looked into; of a damaged archive no program is kept.
    """
    with unpacked(folders[0], strict=False) as first, unpacked(folders[1], strict=False) as second:
        return _compare(before, after, (first, second), read)


def _compare(before: Summary, after: Summary, folders: tuple[Path, Path], read: Read) -> list[Comparison]:
    counting = _counting(before), _counting(after)
    found = []
    for system in dict.fromkeys((*counting[0], *counting[1])):
        left, right = (each.get(system) for each in counting)
        if left is None or right is None:
            continue
        differences = tuple(
            _difference((left[task], right[task]), (before, after), folders, read) for task in left if task in right
        )
        found.append(
            Comparison(
                system=system,
                differences=differences,
                only_before=tuple(task for task in left if task not in right),
                only_after=tuple(task for task in right if task not in left),
            )
        )
    return found


def one_sided(before: Summary, after: Summary) -> tuple[list[str], list[str]]:
    """Return the systems that only the one run has, and those that only the other has."""
    left, right = _counting(before), _counting(after)
    return [system for system in left if system not in right], [system for system in right if system not in left]


def without_docstrings(source: str) -> str:
    """Return source without the docstrings that have lines of their own, as it is where it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    gone: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.Module)) and ast.get_docstring(node) is not None:
            first, *rest = node.body
            end = first.end_lineno or first.lineno
            if rest and rest[0].lineno > end and (isinstance(node, ast.Module) or first.lineno > node.lineno):
                gone |= set(range(first.lineno, end + 1))
    return "".join(line for number, line in enumerate(source.splitlines(keepends=True), 1) if number not in gone)


def _counting(summary: Summary) -> dict[str, dict[str, Record]]:
    """Return for every system the attempt that counts at each task: the first solved one, else the first."""
    found: dict[str, dict[str, Record]] = {}
    if summary.lines:
        found[SYSTEM] = {line.best.task: line.best for line in summary.lines}
    for record in summary.baselines:
        best = found.setdefault(record.system, {})
        if record.task not in best or (record.status == "solved" != best[record.task].status):
            best[record.task] = record
    return found


def _difference(
    pair: tuple[Record, Record], runs: tuple[Summary, Summary], folders: tuple[Path, Path], read: Read
) -> Difference:
    before, after = pair
    solved = before.status == "solved", after.status == "solved"
    if solved[0] != solved[1]:
        return Difference(kind=SOLVED if solved[1] else UNSOLVED, before=before, after=after)
    if before.program_sha256 == after.program_sha256:
        return Difference(kind=SAME, before=before, after=after)
    texts = [
        read(folder / program_file(record.key, run.run["arguments"]["seeds"]))
        for record, run, folder in zip(pair, runs, folders, strict=True)
    ]
    known = [without_docstrings(text or "") for text in texts]
    if None not in texts and known[0] == known[1]:
        return Difference(kind=SAME, before=before, after=after)
    names = [
        f"{letter}: {run.run['run']}" + (" (no program kept)" if text is None else "")
        for letter, run, text in zip("AB", runs, texts, strict=True)
    ]
    return Difference(kind=CHANGED, before=before, after=after, diff=_diff(known, names))


def _diff(texts: Iterable[str], names: Sequence[str]) -> str:
    left, right = (text.splitlines() for text in texts)
    return "\n".join(difflib.unified_diff(left, right, fromfile=names[0], tofile=names[1], lineterm=""))
