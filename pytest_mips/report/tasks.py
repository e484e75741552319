"""The tasks of a run: the table of all, and a section of each that unfolds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mips.machines.drawing.markup import NOTHING, Cell, Child, Markup, facts, table, tag
from pytest_mips.report import artefacts, baselines
from pytest_mips.report.elements.counterexample import drawing
from pytest_mips.report.folder import folder_of, shown
from pytest_mips.runs.attempts import SYSTEM
from pytest_mips.runs.formatting import NONE, minimum_text, overruled_text, percent
from pytest_mips.runs.layout import program_file
from pytest_mips.runs.records import Record
from pytest_mips.scores import side_scores
from pytest_mips.scores.summary import Line, Summary

KNOWN = {True: "yes", False: "no", None: None}
NUMBERS = ("hidden", "network", "program", "nodes", "seconds")


def overview(summary: Summary) -> Markup:
    """Return the table of all tasks; every name leads to the section of its task."""
    rows: list[dict[str, Child | Cell]] = []
    several = any(line.attempts > 1 for line in summary.lines)
    for line in summary.lines:
        record = line.best
        told = f" {line.solved}/{line.attempts}" if several else ""
        told += f" {same}" if (same := side_scores.all_the_same(record)) else ""
        rows.append(
            {
                "task": tag("a", record.task, href=f"#{anchor(record.task)}"),
                "status": Cell([badge(record.status), told], record.status),
                "network": _share(record.network_accuracy if record.hidden_size else None),
                "program": _share(record.program_accuracy),
                "form": record.form,
                "assurance": record.assurance,
                "hidden": record.hidden_size or None,
                "nodes": record.program_nodes or None,
                "seconds": Cell(f"{line.seconds:.1f}", line.seconds),
            }
        )
    own = [{"data-task": line.best.task, "data-status": line.best.status} for line in summary.lines]
    note = (
        "hidden: the network's hidden size; network: its share of right outputs on fresh sequences; program: the "
        "program's on those of the judge, both rounded down; nodes: syntax nodes of the program; seconds: those of all "
        "attempts."
    )
    return tag(
        "section", tag("h2", "Tasks"), tag("div", class_="filter", data_for="tasks"),
        table(rows, right=NUMBERS, row_attributes=own, id="tasks", class_="sortable"), tag("p", note, class_="note"),
    )  # fmt: skip


def sections(run_dir: Path, summary: Summary, records: Sequence[Record]) -> Markup:
    """Return a section for each task of the roster, its attempts and the programs of other systems in it."""
    lines = {line.best.task: line for line in summary.lines}
    others = {task: [each for each in summary.baselines if each.task == task] for task in summary.roster}
    own = {task: [each for each in records if (each.task, each.system) == (task, SYSTEM)] for task in summary.roster}
    return tag(
        "section", tag("h2", "Task by task"), tag("p", class_="unfold"),
        [_section(run_dir, summary, planned, lines.get(planned["task"]), own[planned["task"]], others[planned["task"]])
         for planned in summary.run["tasks"]], id="details",
    )  # fmt: skip


def anchor(task: str) -> str:
    """Return the name under which the section of a task is found."""
    return f"task-{task}"


def badge(status: str) -> Markup:
    """Return a status in its colour."""
    kind = "good" if status == "solved" else "bad" if status in ("error", "sandbox_unavailable") else "open"
    return tag("span", status.replace("_", " "), class_=f"badge {kind}")


def _section(
    run_dir: Path, summary: Summary, planned: Any, line: Line | None, own: Sequence[Record], others: Sequence[Record]
) -> Markup:
    task, record = planned["task"], line.best if line else None
    status = record.status if record else ""
    head = tag(
        "summary", tag("span", task, class_="name"), " ", badge(status) if status else "",
        " ", tag("span", _gist(record), class_="gist") if record else "",
    )  # fmt: skip
    seeds = summary.run["arguments"]["seeds"]
    parts: list[Child] = [tag("p", planned.get("about"))] if planned.get("about") else []
    if record:
        parts += [
            shown("The record", lambda: _facts(record)),
            _why(record),
            shown("The files", lambda: artefacts.section(_folder(run_dir, record, seeds), record)),
            _attempts(own, record) if len(own) > 1 else NOTHING,
        ]
    parts.append(baselines.programs(run_dir, others))
    attributes = {"id": anchor(task), "data_task": task, "data_status": status}
    return tag("details", head, tag("div", parts, class_="body"), class_="task", **attributes)


def _folder(run_dir: Path, record: Record, seeds: Sequence[int]) -> Path:
    folder_of(run_dir, record.task, str(record.seed))
    return (run_dir / program_file(record.key, seeds)).parent


def _gist(record: Record) -> str:
    if record.status == "solved":
        return ", ".join(filter(None, [record.form, record.assurance, f"{record.program_nodes} nodes"]))
    return record.why


def _why(record: Record) -> Markup:
    if record.status == "solved":
        return NOTHING
    told: list[Child] = [tag("p", tag("b", record.status.replace("_", " ")), f": {record.why}", class_="why")]
    if record.counterexample:
        found = record.counterexample
        told.append(shown("The counterexample", lambda: drawing(found)))
    return tag("div", told)


def _facts(record: Record) -> Markup:
    sizes = record.architecture or {}
    known = minimum_text(record.minimum)
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in record.stage_seconds.items())
    shape = f"{sizes['cell_depth']}+{sizes['readout_depth']}" if {"cell_depth", "readout_depth"} <= sizes.keys() else ""
    told = facts(
        [
            ("network right on", percent(record.network_accuracy) if record.hidden_size else None),
            ("program right on", None if record.program_accuracy is None else percent(record.program_accuracy)),
            (f"right {side_scores.AT_LENGTH}", KNOWN[side_scores.right_at_length(record)]),
            ("finite machine", record.machine and f"{record.machine}, without a formula"),
            ("hidden size", record.hidden_size or None),
            ("layers of cell and readout", shape),
            ("least a state must hold", None if known == NONE else known),
            (
                "answers overruled",
                overruled_text(record.overruled) if (record.overruled or {}).get("answers") else None,
            ),
            ("seconds by stage", stages),
            (
                "core seconds of training",
                f"{record.training_core_seconds:.1f}" if record.training_core_seconds else None,
            ),
            ("peak memory", f"{record.peak_mib} MiB" if record.peak_mib else None),
            ("seed", record.seed),
        ]
    )
    mistake = record.network_mistake
    wrong = shown("The network's mistake", lambda: drawing(mistake, "The network's first mistake")) if mistake else None
    return tag("div", told, wrong)


def _attempts(own: Sequence[Record], best: Record) -> Markup:
    rows: list[dict[str, Child | Cell]] = [
        {
            "seed": f"{each.seed}, shown here" if each is best else each.seed,
            "status": badge(each.status),
            "form": each.form,
            "assurance": each.assurance,
            "nodes": each.program_nodes or None,
            "why": each.why if each.status != "solved" else "",
        }
        for each in own
    ]
    return tag("div", tag("h3", "All attempts"), table(rows, right=["nodes"]))


def _share(share: float | None) -> Cell | None:
    return None if share is None else Cell(percent(share), share)
