"""The funnel: how many tasks of the roster came through each stage."""

from __future__ import annotations

from collections.abc import Sequence

from mips.machines.drawing.markup import Cell, Child, Markup, table, tag
from pytest_mips.runs.attempts import STAGES
from pytest_mips.runs.records import Record

PROVED = "proved"


def passed(record: Record) -> int:
    """Return how many of STAGES an attempt came through, and one more where its program is proved.

    An attempt that was not solved names the stage at which it ended; where it names none, a network is all it left.
    """
    if record.status == "solved":
        return len(STAGES) + record.assurance.startswith(PROVED)
    if record.stage in STAGES:
        return STAGES.index(record.stage)
    return int(record.hidden_size > 0)


def counts(records: Sequence[Record]) -> dict[str, int]:
    """Return for each stage how many of the attempts came through it."""
    through = [passed(record) for record in records]
    return {stage: sum(count > number for count in through) for number, stage in enumerate((*STAGES, PROVED))}


def section(records: Sequence[Record]) -> Markup:
    """Return the funnel as a table with bars."""
    total = len(records)
    rows: list[dict[str, Child | Cell]] = []
    for stage, count in {"roster": total, **counts(records)}.items():
        bar = tag("div", style=f"width:{100 * count / max(1, total):.1f}%", class_="bar")
        rows.append({"stage": stage, "tasks": count, "": tag("div", bar, class_="track")})
    return tag(
        "section", tag("h2", "Stages"), table(rows, right=["tasks"], class_="funnel"),
        tag("p", "How many tasks of the roster came through each stage. Verified is solved; proved is equal to the "
                 "reference on inputs of every length.", class_="note"), id="stages",
    )  # fmt: skip
