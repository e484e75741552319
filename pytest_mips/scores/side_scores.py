"""What stands beside the score and is not counted in it: what is right at the training length, and right machines."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_mips.runs.records import BROKEN, Record

AT_LENGTH = "at the training length"
MACHINES = ("proved", "exact", "")  # the strongest first


def right_at_length(record: Record) -> bool | None:
    """Return whether an attempt's program is right on all fresh sequences of the training length; None: not known.

    Lines of older runs do not say it: there what is solved is right, and what was not right on all outputs is not.
    """
    if record.status == "solved":
        return True
    if record.solved_at_length is not None:
        return record.solved_at_length
    if record.program_accuracy is not None:
        return record.program_accuracy == 1
    return None if record.status in BROKEN or record.program_sha256 else False


def machines(records: Sequence[Record]) -> dict[str, int]:
    """Return how many of the attempts have no formula but a finite machine that is right, by how sure that is."""
    found = [record.machine for record in records if record.status != "solved"]
    return {strength: found.count(strength) for strength in MACHINES if strength}


def machines_text(records: Sequence[Record]) -> str:
    """Return how many right machines there are without a formula, nothing where there are none."""
    counts = {strength: count for strength, count in machines(records).items() if count}
    if not counts:
        return ""
    told = ", ".join(f"{count} {strength}" for strength, count in counts.items())
    return f"right machines without a formula, not counted as solved: {sum(counts.values())} ({told})"


def all_the_same(record: Record) -> str:
    """Return what an attempt that did not solve its task came to all the same, in a few words, else nothing."""
    if record.status == "solved":
        return ""
    told = [f"machine {record.machine}"] if record.machine else []
    return ", ".join([*told, *([f"right {AT_LENGTH}"] if right_at_length(record) else [])])
