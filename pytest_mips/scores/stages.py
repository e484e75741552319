"""What the stages of the paper's method did, as tables: normalizers and integer autoencoders, task by task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tabulate import tabulate

from pytest_mips.runs.formatting import percent
from pytest_mips.runs.records import Record

NORMALIZERS_LEGEND = (
    "Each cell: weights that are not zero, different weights, and the description length in bits, before and after the "
    "normalizer. It is `undone` when an answer on fresh sequences would change, when the network would become longer "
    "(whitening: only if those after it do not make up for it), or when it cannot be applied; `results.jsonl` has the "
    "reasons."
)
AUTOENCODERS_LEGEND = (
    "Each cell: bits of a code; the round-trip fidelity, the share of answers that stay when decode(encode(h)) is put "
    "in the place of h at every step; and how many rows of the encoded table, of how many, contradict each other, with "
    "the share of steps that the best function of code and input could tell, where it is not all of them. In bold the "
    "one that led to the program, in brackets one that was refused: a table that contradicts itself, a fidelity below "
    "99.9%, or the nearest one where the states lie on no lattice and in no clusters; `-` where there is none at all, "
    "as the state never changes or its steps have no common basis. `results.jsonl` has the reasons."
)


def section(records: Sequence[Record]) -> list[str]:
    """Return the paragraphs about these stages, none when no attempt went through them."""
    through = [record for record in records if record.autoencoders or record.normalizers]
    if not through:
        return []
    return [
        "## Normalizers",
        _table(through, [_normalizers(record) for record in through]),
        NORMALIZERS_LEGEND,
        "## Integer autoencoders",
        _table(through, [_autoencoders(record) for record in through]),
        AUTOENCODERS_LEGEND,
    ]


def _table(records: Sequence[Record], cells: Sequence[Mapping[str, str]]) -> str:
    rows = [{"task": record.task, **cell} for record, cell in zip(records, cells, strict=True)]
    text: str = tabulate(rows, headers="keys", tablefmt="github", disable_numparse=True)
    return text


def _normalizers(record: Record) -> dict[str, str]:
    return {step["normalizer"]: _step(step) for step in record.normalizers}


def _step(step: Mapping[str, Any]) -> str:
    before, after = (
        f"{side['nonzero']}/{side['distinct']}/{side['bits']:.0f}" for side in (step["before"], step["after"])
    )
    return f"{before}, undone" if step["refused"] else before if before == after else f"{before} → {after}"


def _autoencoders(record: Record) -> dict[str, str]:
    return {each["kind"]: _assessment(each, each["kind"] == record.autoencoder) for each in record.autoencoders}


def _assessment(found: Mapping[str, Any], used: bool) -> str:
    if not found["rows"]:
        return "-"
    text = f"{found['bits']:.1f} bits, {percent(found['fidelity'])}, {found['contradictions']}/{found['rows']}"
    if found["contradictions"]:
        text += f" {percent(found['determinism'])}"
    return f"**{text}**" if used else f"[{text}]" if found["refused"] else text
