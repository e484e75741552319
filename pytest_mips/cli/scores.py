"""`scores RUN`: task by task what is claimed, solved at the training length, and solved at all lengths."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tabulate import tabulate

from pytest_mips.cli.folder import BadFolder, loaded
from pytest_mips.runs.formatting import printable
from pytest_mips.runs.records import Record
from pytest_mips.scores import claims
from pytest_mips.scores.claims import Claim
from pytest_mips.scores.summary import Summary

NAME, HELP = "scores", "print both scores of a system, task by task, beside what was claimed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the tool takes."""
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run, or its name inside reports/")
    parser.add_argument("--system", metavar="NAME", help="which system (the only one that is not ours)")
    parser.add_argument("--json", action="store_true", help="as fields of a claim, for claims.json")


def run(arguments: argparse.Namespace) -> int:
    """Print both scores of a system; return 0."""
    _, summary = loaded(arguments.run)
    system = _system(summary, arguments.system)
    records = [record for record in summary.records if record.system == system]
    here = [task for task in summary.roster if any(_at_length(one) for one in records if one.task == task)]
    everywhere = [task for task in summary.roster if any(one.status == "solved" for one in records if one.task == task)]
    if arguments.json:
        checked = claims.Checked(at_length=tuple(here), at_all_lengths=tuple(everywhere), source=summary.run["run"])
        sys.stdout.write(json.dumps(checked.to_json(), indent=1) + "\n")
        return 0
    claimed = claims.from_run(summary.run)
    rows = [
        {
            "task": task,
            **{f"{each.system} (claimed)": _mark(task in each.solved) for each in claimed if each.solved},
            "training length": _mark(task in here),
            "all lengths": _mark(task in everywhere),
            "statuses": _statuses([one for one in records if one.task == task]),
        }
        for task in summary.roster
    ]
    table = tabulate(rows, headers="keys", disable_numparse=True)
    totals = [f"{system}: {len(here)} of {len(rows)} solved at the training length, {len(everywhere)} at all lengths"]
    totals += [_told(each) for each in claimed]
    lines = [*(line.rstrip() for line in table.splitlines()), "", *totals]
    sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))
    return 0


def _system(summary: Summary, wanted: str | None) -> str:
    """Return the name of the system that is asked for. Raises BadFolder where that is not clear."""
    names = [each.name for each in summary.systems]
    others = [name for name in names if name != "mips"] or names
    if wanted is None and len(others) == 1:
        return others[0]
    if wanted in names:
        return str(wanted)
    found = f"found {wanted!r}" if wanted else "found several systems"
    raise BadFolder(f"--system: {found}, expected one of {', '.join(names) or 'none: nothing was judged'}")


def _at_length(record: Record) -> bool:
    return record.status == "solved" or record.solved_at_length is True


def _mark(yes: bool) -> str:
    return "yes" if yes else ""


def _statuses(records: Sequence[Record]) -> str:
    statuses = [record.status for record in records]
    return ", ".join(f"{statuses.count(each)} {each}" for each in dict.fromkeys(sorted(statuses)))


def _told(claim: Claim) -> str:
    told = f"{claim.system} (claimed): {claim.total} of {claim.of}"
    return f"{told}; {claim.checked.told}" if claim.checked else told
