"""`python -m pytest_mips TOOL`: tools over finished runs; torch is not needed."""

from __future__ import annotations

import argparse
import io
import sys

from pytest_mips.cli import compare, doctor, html, merge, scores, show, verify
from pytest_mips.cli.folder import BadFolder
from pytest_mips.runs.formatting import FITTING, printable

TOOLS = (show, scores, compare, merge, verify, html, doctor)
BAD_FOLDER = 4


def main(arguments: list[str] | None = None) -> int:
    """Run one tool; return the exit status, 4 with one line for what is no folder of a run."""
    parser = argparse.ArgumentParser(prog="python -m pytest_mips", description="Tools over finished benchmark runs.")
    tools = parser.add_subparsers(required=True, metavar="TOOL")
    for tool in TOOLS:
        own = tools.add_parser(tool.NAME, help=tool.HELP, description=tool.HELP)
        tool.add_arguments(own)
        own.set_defaults(run_tool=tool.run)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=FITTING)
    told = parser.parse_args(arguments)
    try:
        return int(told.run_tool(told))
    except BadFolder as error:
        sys.stderr.write(f"ERROR: {printable(str(error))}\n")
        return BAD_FOLDER


if __name__ == "__main__":
    sys.exit(main())
