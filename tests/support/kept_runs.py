"""The runs that the repository keeps, with the task folders that are packed in them."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from pytest_mips.runs.archive import unpacked

REPORTS = Path(__file__).parents[2] / "reports"
KEPT = sorted(path.parent for path in REPORTS.glob("*/run.json"))  # the folders of all kept runs


@cache
def unpacked_run(name: str) -> Path:
    """Return a folder with all files of the kept run of that name; a copy, removed when the process ends."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(unpacked(REPORTS / name))
