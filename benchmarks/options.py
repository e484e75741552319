"""The options that several measurements share, and the folder of their results."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.roster import ROOT


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add `--run`, the finished run whose networks are measured."""
    reference = ROOT / "reports" / "reference"
    parser.add_argument("--run", type=Path, default=reference, help="a finished run (reports/reference)")


def parse(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Add `--jobs` and `--out` and return what all options say. Wrong ones end the process with one line."""
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side (2)")
    parser.add_argument("--out", type=Path, default=None, help="folder for the results (a fresh temporary one)")
    options = parser.parse_args(arguments)
    at_least_one(parser, options, "jobs")
    return options


def at_least_one(parser: argparse.ArgumentParser, options: argparse.Namespace, name: str) -> None:
    """End the process with one line where the option of that name is below 1."""
    if (found := getattr(options, name)) < 1:
        parser.error(f"--{name}: found {found}, expected at least 1")


def results_folder(options: argparse.Namespace, name: str) -> Path:
    """Return the folder of `--out`, else a fresh temporary one with `name` in its own; it exists then."""
    folder: Path = options.out or Path(tempfile.mkdtemp(prefix=f"{name}-"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
