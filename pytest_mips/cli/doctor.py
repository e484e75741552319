"""`doctor`: what works on this machine, what does not, and how to get it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from tabulate import tabulate

if TYPE_CHECKING:
    from pytest_mips.cli.checkup import Check
from pytest_mips.runs.formatting import printable

NAME, HELP = "doctor", "say what works on this machine, and how to get the rest"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the tool takes."""
    parser.add_argument("--json", action="store_true", help="for machines: all checks, and why nothing can run")


def run(arguments: argparse.Namespace) -> int:
    """Print all checks; return 0 where the benchmark can run, else 1."""
    from pytest_mips.cli.checkup import cannot_run, checks  # it looks at sandboxes, which other tools do not need

    found = checks()
    reasons = cannot_run(found)
    sys.stdout.write(_json(found, reasons) if arguments.json else _text(found, reasons))
    return 1 if reasons else 0


def _json(found: list[Check], reasons: list[str]) -> str:
    facts = {"can_run": not reasons, "reasons": reasons, "checks": [each.to_json() for each in found]}
    return json.dumps(facts, indent=1) + "\n"


def _text(found: list[Check], reasons: list[str]) -> str:
    rows = [[each.part, each.status, each.found, each.cure] for each in found]
    table = tabulate(rows, headers=["part", "status", "found", "cure"], tablefmt="simple", disable_numparse=True)
    told = [f"the benchmark cannot run: {reason}" for reason in reasons] or ["the benchmark can run"]
    return printable("\n".join([*(line.rstrip() for line in table.splitlines()), "", *told])) + "\n"
