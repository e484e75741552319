"""What `summary.md` says of how a run was made: what it could not look into, and when it was gone on with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_mips.runs.formatting import resumed_text


def uncollected(run: Mapping[str, Any]) -> list[str]:
    """Return what could not be looked into for tasks."""
    lines = [f"- {each['test']} {each['why']}" for each in run.get("uncollected", ())]
    return ["## Not looked into for tasks", "\n".join(lines)] if lines else []


def resumed(run: Mapping[str, Any]) -> list[str]:
    """Return what is told of the times that the run was gone on with."""
    lines = []
    for told, reasons in map(resumed_text, run.get("resumed", ())):
        lines += [f"- {told}", *(f"  - {reason}" for reason in reasons)]
    return ["## Gone on with", "\n".join(lines)] if lines else []
