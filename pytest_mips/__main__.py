"""`python -m pytest_mips show RUN`: read-only tools over finished runs; torch is not needed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pytest_mips.summary import load, markdown


def main(arguments: list[str] | None = None) -> int:
    """Run one tool; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m pytest_mips", description="Tools over finished benchmark runs.")
    tools = parser.add_subparsers(required=True, metavar="TOOL")
    show = tools.add_parser("show", help="print the summary of a run")
    show.add_argument("run", type=Path, metavar="RUN", help="folder of a run, or its name inside reports/")
    run = parser.parse_args(arguments).run
    folder = run if run.is_dir() else Path("reports") / run
    try:
        sys.stdout.write(markdown(load(folder)))
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(
            f"ERROR: {run} is not the folder of a run, expected run.json and results.jsonl in it: {error}\n"
        )
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
