"""`show RUN`: print the summary of a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pytest_mips.cli.folder import loaded
from pytest_mips.scores.summary import markdown

NAME, HELP = "show", "print the summary of a run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the tool takes."""
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run, or its name inside reports/")


def run(arguments: argparse.Namespace) -> int:
    """Print the summary; return 0."""
    _, summary = loaded(arguments.run)
    sys.stdout.write(markdown(summary))
    return 0
