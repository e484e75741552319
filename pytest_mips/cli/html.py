"""`html RUN`: write the report page of a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pytest_mips.cli.folder import BadFolder, loaded
from pytest_mips.report import page

NAME, HELP = "html", "write the report page of a run, one file that needs no network"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the tool takes."""
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run, or its name inside reports/")
    parser.add_argument("--against", type=Path, metavar="RUN", help="another run to compare with, on a page of its own")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=f"where to ({page.NAME} or report-against-<run>.html in the folder of the run)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the page and say where it is; return 0."""
    folder, _ = loaded(arguments.run)
    against = loaded(arguments.against)[0] if arguments.against else None
    try:
        place = page.write(folder, against=against, out=arguments.out)
    except OSError as error:
        raise BadFolder(f"{arguments.out or folder} cannot be written: {error.strerror}") from error
    sys.stdout.write(f"{place}\n")
    return 0
