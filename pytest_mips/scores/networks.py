"""The networks of a run: how small each is beside what theory asks for, how accurate, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tabulate import tabulate

from pytest_mips.runs.formatting import NONE, code_span, counterexample_text, minimum_text, percent
from pytest_mips.runs.records import Record

LEGEND = (
    "`layers` are those of the cell and of the readout, `width` is that of the inner ones. `minimum` is the least that "
    "a hidden state must hold, found in the machine that the network became: for a linear one the rank of its Hankel "
    "matrix, else the logarithm of the number of states of the smallest Moore machine. It stands in brackets where the "
    "task was not solved or the network errs, so that the machine may be another than the task's, and is not known "
    "where the machine has no end or more states than are looked for. `network` is the share of right outputs on fresh "
    "sequences, `core s` the seconds of one core that training took, `peak MiB` the largest memory of the attempt."
)


def perfect(record: Record) -> bool:
    """Return whether a network was found and made no mistake."""
    return bool(record.hidden_size) and record.network_accuracy == 1 and record.network_mistake is None


def totals(records: Sequence[Record]) -> dict[str, Any]:
    """Return what the networks add up to; the count of the perfect ones is out of the roster."""
    return {
        "perfect": sum(map(perfect, records)),
        "roster": len(records),
        "training_core_seconds": round(sum(record.training_core_seconds for record in records), 1),
        "largest_training_core_seconds": round(max((each.training_core_seconds for each in records), default=0.0), 1),
        "largest_peak_mib": max((record.peak_mib for record in records), default=0),
    }


def section(records: Sequence[Record]) -> list[str]:
    """Return the paragraphs about the networks of the best attempts, one a task of the roster."""
    if not records:
        return []
    sums = totals(records)
    return [
        "## Networks",
        tabulate([_row(record) for record in records], headers="keys", tablefmt="github",
                 colalign=("left", *["right"] * 7), disable_numparse=True),
        f"Perfect networks: {sums['perfect']} of {sums['roster']}. Training: {sums['training_core_seconds']:.1f} core "
        f"seconds in all, the longest {_largest(records, 'training_core_seconds', '.1f', 'core seconds')}. "
        f"Largest peak: {_largest(records, 'peak_mib', 'd', 'MiB')}.",
        LEGEND,
        *_imperfect(record for record in records if not perfect(record)),
    ]  # fmt: skip


def _row(record: Record) -> dict[str, str]:
    sizes = record.architecture or {}
    known = minimum_text(record.minimum)
    sure = known == NONE or (record.status == "solved" and perfect(record))
    return {
        "task": record.task,
        "hidden": str(record.hidden_size or ""),
        "layers": f"{sizes['cell_depth']}+{sizes['readout_depth']}" if sizes else "",
        "width": str(sizes.get("width") or (NONE if sizes else "")),
        "minimum": "" if not record.hidden_size else known if sure else f"[{known}]",
        "network": percent(record.network_accuracy) if record.hidden_size else "",
        "core s": f"{record.training_core_seconds:.1f}" if record.training_core_seconds else "",
        "peak MiB": str(record.peak_mib or ""),
    }


def _largest(records: Sequence[Record], name: str, form: str, unit: str) -> str:
    record = max(records, key=lambda each: getattr(each, name))
    value = getattr(record, name)
    return f"{value:{form}} {unit} ({record.task})" if value else "unknown"


def _imperfect(records: Iterable[Record]) -> list[str]:
    """Return the networks that err, each with its accuracy and the first sequence it gets wrong."""
    lines = []
    for record in records:
        if not record.hidden_size:
            lines.append(f"- **{record.task}** no network ({record.status})")
            continue
        mistake = counterexample_text(record.network_mistake, "first wrong sequence")
        lines.append(
            f"- **{record.task}** {percent(record.network_accuracy)}" + (f"\n  {code_span(mistake)}" if mistake else "")
        )
    return ["## Imperfect networks", "\n".join(lines)] if lines else []
