"""`compare A B`: what run B solves that A does not, and the other way round, and which programs changed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from pytest_mips.cli.folder import loaded
from pytest_mips.report.artefacts import read_program
from pytest_mips.runs.formatting import counterexample_text, printable
from pytest_mips.runs.records import Record
from pytest_mips.scores.differences import CHANGED, SAME, SOLVED, UNSOLVED, Comparison, compare, one_sided
from pytest_mips.scores.side_scores import AT_LENGTH

NAME, HELP = "compare", "compare two runs, task by task"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the tool takes."""
    for name, told in (("before", "A"), ("after", "B")):
        parser.add_argument(name, type=Path, metavar=told, help="folder of a run, or its name inside reports/")


def run(arguments: argparse.Namespace) -> int:
    """Print the comparison; return 0."""
    runs = [loaded(folder) for folder in (arguments.before, arguments.after)]
    (folder_a, before), (folder_b, after) = runs
    lines = [f"{letter}: {run.run['run']}: {run.score}" for letter, (_, run) in zip("AB", runs, strict=True)]
    for found in compare(before, after, (folder_a, folder_b), read_program):
        lines += ["", *_told(found)]
    for letter, systems in zip("AB", one_sided(before, after), strict=True):
        lines += ["", f"only in {letter}: {', '.join(systems)}"] if systems else []
    sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))
    return 0


def _told(found: Comparison) -> Iterator[str]:
    count, (left, right) = len(found.differences), found.solved
    newly, lost = len(found.of(SOLVED)), len(found.of(UNSOLVED))
    yield f"{found.system}: A solved {left} of {count}, B solved {right} of {count} that both have"
    at_length = found.at_length
    yield f"  {AT_LENGTH}, longer sequences not asked for: A {at_length[0]}, B {at_length[1]}"
    yield f"  only B solves {newly}, only A solves {lost}; exact McNemar p = {found.p_value:.2g}"
    for kind in (UNSOLVED, SOLVED, CHANGED):
        for number, each in enumerate(found.of(kind)):
            if not number:
                yield f"  {kind}: {len(found.of(kind))}"
            yield f"    {each.after.task}" + (f" ({_why(each.after)})" if kind == UNSOLVED else "")
            example = counterexample_text(each.after.counterexample) if kind == UNSOLVED else ""
            yield from [f"      {example}"] if example else []
            yield from (f"      {line}" for line in each.diff.splitlines())
    yield f"  {SAME}: {len(found.of(SAME))}"
    for letter, tasks in (("A", found.only_before), ("B", found.only_after)):
        if tasks:
            yield f"  tasks only in {letter}: {', '.join(tasks)}"


def _why(record: Record) -> str:
    return ": ".join(filter(None, [record.status, record.why]))
