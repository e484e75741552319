"""`verify RUN`: judge the stored programs of a run again, with the judge and the tasks that are in the checkout.

Only the tests of the judge are repeated, in a sandbox, not its proofs: `solved` here is what other systems can reach.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tabulate import tabulate

from pytest_mips.cli.folder import BadFolder, loaded
from pytest_mips.cli.verification import Verified, judge_again, stored_programs, unknown_programs
from pytest_mips.runs.archive import unpacked
from pytest_mips.runs.formatting import counterexample_text, printable

NAME, HELP = "verify", "judge the stored programs of a run again: the tests, in a sandbox, not the proofs"
NOTE = "Only the tests of the judge were repeated, in a sandbox, not the proofs."
SHOWN = 12  # digits of a hash


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the tool takes."""
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run, or its name inside reports/")
    parser.add_argument("--root", type=Path, metavar="DIR", default=Path(), help="the checkout with the tasks (here)")
    for option, metavar, told in (
        ("sandbox", "KIND", "locks on the programs: auto, landlock, bwrap or process"),
        ("workers", "N", "programs judged side by side"),
    ):
        parser.add_argument(f"--{option}", metavar=metavar, help=f"{told} (as --mips-{option})")


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; return 0 where all that was solved is solved again and no program has changed, else 1."""
    folder, summary = loaded(arguments.run)
    try:
        with unpacked(folder) as place:
            found = stored_programs(place, summary.run)
            unknown = unknown_programs(place, found)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise BadFolder(f"{arguments.run} cannot be verified: {' '.join(str(error).split())}") from error
    if not os.path.isdir(arguments.root):
        raise BadFolder(f"--root: {arguments.root} is no folder")
    _say([f"{summary.run['run']}: {summary.score}", f"{len(found)} stored programs are judged again"])
    given = {"--mips-sandbox": arguments.sandbox, "--mips-workers": arguments.workers}
    more = [f"{option}={value}" for option, value in given.items() if value is not None]
    verdicts = judge_again(found, summary.run, arguments.root.resolve(), more=more)
    faults = [*_faults(verdicts)]
    _say(["", *_table(verdicts), "", *_totals(verdicts), NOTE])
    _say(f"{file} is a program that no result speaks of" for file in unknown)
    _say(faults and ["", *faults])
    return 1 if faults else 0


def _say(lines: Iterator[str] | Sequence[str]) -> None:
    sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))
    sys.stdout.flush()


def _table(verdicts: Sequence[Verified]) -> list[str]:
    rows = [
        {
            "task": one.stored.record.task,
            "system": one.stored.record.system,
            "seed": one.stored.record.seed,
            "in the run": one.stored.record.status,
            "now": one.now.status if one.now else "not judged",
            "program": "gone" if one.stored.source is None else "changed" if one.stored.changed else "same",
        }
        for one in verdicts
    ]
    return [line.rstrip() for line in tabulate(rows, headers="keys", disable_numparse=True).splitlines()]


def _totals(verdicts: Sequence[Verified]) -> Iterator[str]:
    for system in dict.fromkeys(one.stored.record.system for one in verdicts):
        own = [one for one in verdicts if one.stored.record.system == system]
        solved = [one for one in own if one.stored.record.status == "solved"]
        again, same = sum(not one.lost for one in solved), sum(not one.stored.changed for one in own)
        yield (
            f"{system}: {again} of {len(solved)} solved programs are solved again; {same} of {len(own)} programs "
            "are the file that was judged"
        )


def _faults(verdicts: Sequence[Verified]) -> Iterator[str]:
    for one in verdicts:
        record, stored = one.stored.record, one.stored
        name = f"{record.task} ({record.system}, seed {record.seed})"
        if stored.changed and stored.source is not None:
            expected = f"expected {record.program_sha256[:SHOWN]}... as in results.jsonl"
            yield f"{name}: {stored.file} has changed: found sha256 {stored.digest[:SHOWN]}..., {expected}"
        if one.lost and one.now:
            example = counterexample_text(one.now.counterexample)
            told = "  ".join(
                filter(None, [f"{name}: it was solved and is {one.now.status} now", one.now.reason, example])
            )
            yield told
        elif one.lost or stored.source is None:
            yield f"{name}: it was {record.status} and cannot be judged: {one.why}"
