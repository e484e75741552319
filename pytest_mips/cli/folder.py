"""Folders of runs as they are named on a command line."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_mips.scores.summary import Summary, load

REPORTS = Path("reports")


class BadFolder(Exception):
    """What is named is no folder of a run; one line says what was found and expected."""


def loaded(run: Path) -> tuple[Path, Summary]:
    """Return the folder of a run, named by its path or its name inside `reports/`, and its summary.

    Raises BadFolder.
    """
    folder = run if os.path.isdir(run) else REPORTS / run
    if not os.path.isdir(folder):  # of a name too long for a file there is none
        raise BadFolder(f"{run} is not the folder of a run, nor is there one of that name in {REPORTS}/")
    try:
        return folder, load(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())
        expected = "expected run.json and results.jsonl in it"
        raise BadFolder(f"{run} is not the folder of a run, {expected}: {told}") from error
