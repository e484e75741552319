"""The runs that the repository keeps, with the task folders that are packed in them."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from pytest_mips.runs.archive import unpacked

REPORTS = Path(__file__).parents[2] / "reports"
KEPT = sorted(path.parent for path in REPORTS.glob("*/run.json"))  # the folders of all kept runs

# `make test` reads one run of ours alone and one beside other systems, `make slow` the others.
every_kept_run = pytest.mark.parametrize(
    "folder",
    [
        pytest.param(path, marks=[pytest.mark.slow] * (path.name not in ("reference-paper", "comparison")))
        for path in KEPT
    ],
    ids=lambda path: path.name,
)


@cache
def unpacked_run(name: str) -> Path:
    """Return a folder with all files of the kept run of that name; a copy, removed when the process ends."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(unpacked(REPORTS / name))
