"""`merge OUT RUN...`: put the parts of a run together."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pytest_mips.cli.folder import REPORTS, BadFolder
from pytest_mips.cli.merging import MergeError, merge

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
