"""Other systems: how they compare with ours, what they cost, and their programs with what the judge said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mips.machines.drawing import code
from mips.machines.drawing.markup import NOTHING, Cell, Child, Markup, table, tag
from pytest_mips.report.elements.counterexample import drawing
from pytest_mips.report.folder import folder_of, missing, shown, text
from pytest_mips.runs.attempts import SYSTEM
from pytest_mips.runs.layout import program_file
from pytest_mips.runs.records import Record
from pytest_mips.scores import claims, comparison
from pytest_mips.scores.comparison import System
from pytest_mips.scores.side_scores import AT_LENGTH
from pytest_mips.scores.summary import Summary

COSTS = ("prompt tokens", "completion tokens", "seconds")
SHOWN = 6_000  # characters of a program: tables may have many more
MORE = (5, 10, 100)  # samples for which solved@k is told, as far as there are so many


def section(summary: Summary, records: Sequence[Record]) -> Markup:
    """Return the comparison of all systems, nothing where there is ours alone."""
    found = summary.systems
    claimed = claims.from_run(summary.run)
    if len(found) < 2 and all(system.name == SYSTEM for system in found):
        return NOTHING
    count = len(summary.roster)
    spent = [costs([record for record in records if record.system == system.name]) for system in found]
    columns = dict.fromkeys(name for name in COSTS if any(name in each for each in spent))
    rows: list[dict[str, Child | Cell]] = []
    for row, system, cost in zip(comparison.system_rows(found, records, count), found, spent, strict=True):
        statuses = row.pop("statuses")
        row.pop("cost", None)  # told in columns of its own here
        rows.append({**row, **_more(system, found), **columns, **cost, "statuses": statuses})
    rows += [dict(row) for row in claims.rows(claimed)]
    loosely = ", ".join(f"{name} {count:,}" for name, count in comparison.lenient_by_system(found, records).items())
    pairs: list[dict[str, Child | Cell]] = [dict(row) for row in comparison.pair_rows(found, count)]
    numbers = ["solved", AT_LENGTH, "samples", "solved@1", *(f"solved@{k}" for k in MORE), *COSTS]
    return tag(
        "section", tag("h2", "Systems"), table(rows, right=numbers),
        tag("p", "Intervals are Wilson's. solved@k is the mean share of tasks that k samples would solve. A system "
                 "that was not judged on some task has no score. What was claimed is not judged and counts nowhere.",
            class_="note"),
        tag("p", f"{comparison.LENIENT} {loosely}.", class_="note") if loosely else "",
        tag("h3", "Two by two") if pairs else "",
        table(pairs, right=["only A", "only B", "both", "neither", "p (exact McNemar)"]),
        tag("h3", "Who solves what"), _solvers(summary, claimed), id="systems",
    )  # fmt: skip


def costs(records: Sequence[Record]) -> dict[str, Child | Cell]:
    """Return what programs cost, as far as the records say it: tokens, and the seconds of writing them, or ours."""
    usages = [usage for record in records if (usage := getattr(record, "usage", None))]
    about = "about " if any(usage.get("estimated") for usage in usages) else ""
    told: dict[str, Child | Cell] = {}
    for name in ("prompt_tokens", "completion_tokens"):
        tokens = [usage[name] for usage in usages if isinstance(usage.get(name), int | float)]
        if tokens:
            told[name.replace("_", " ")] = Cell(f"{about}{sum(tokens):,.0f}", sum(tokens))
    seconds = [usage["seconds"] for usage in usages if isinstance(usage.get("seconds"), int | float)]
    if not usages:
        seconds = [record.seconds for record in records if record.system == SYSTEM]
    return told | ({"seconds": Cell(f"{sum(seconds):,.0f}", sum(seconds))} if seconds else {})


def programs(run_dir: Path, records: Sequence[Record]) -> Markup:
    """Return the programs of other systems for one task, each with its status, reason and counterexample."""
    if not records:
        return NOTHING
    return tag("div", tag("h3", "Programs of other systems"), [_program(run_dir, record) for record in records])


def _program(run_dir: Path, record: Record) -> Markup:
    kind = "good" if record.status == "solved" else "bad" if record.status == "sandbox_unavailable" else "open"
    status = tag("span", record.status.replace("_", " "), class_=f"badge {kind}")
    head = tag(
        "summary", f"{record.system}, sample {record.seed} ", status, " ", tag("span", record.why, class_="gist")
    )
    usage: Mapping[str, Any] = getattr(record, "usage", None) or {}
    cost = ", ".join(f"{value} {str(name).replace('_', ' ')}" for name, value in usage.items())
    counterexample = record.counterexample
    return tag(
        "details", head, tag("p", cost, class_="note") if cost else "",
        shown("The counterexample", lambda: drawing(counterexample)) if counterexample else "",
        shown("The program", lambda: _source(run_dir, record)), class_="foreign",
    )  # fmt: skip


def _source(run_dir: Path, record: Record) -> Markup:
    folder_of(run_dir, record.system, record.task, str(record.seed))
    source = text(run_dir / program_file(record.key, ()))
    if source is None:
        return missing("The program")
    left = len(source) - SHOWN
    more = tag("p", f"{left:,} more characters are in its file.", class_="note") if left > 0 else ""
    return tag("div", code.highlighted(source[:SHOWN]), more)


def _more(system: System, found: Sequence[System]) -> dict[str, Child | Cell]:
    most = max(each.samples for each in found)
    ks = [k for k in MORE if k <= most]
    return {
        f"solved@{k}": f"{system.solved_at(k):.1%}" if system.samples >= k and not system.unjudged else None for k in ks
    }


def _solvers(summary: Summary, claimed: Sequence[claims.Claim]) -> Markup:
    rows: list[dict[str, Child | Cell]] = []
    statuses: dict[tuple[str, str], list[str]] = {}
    for record in summary.records:
        statuses.setdefault((record.task, record.system), []).append(record.status.replace("_", " "))
    for task in summary.roster:
        row: dict[str, Child | Cell] = {"task": tag("a", task, href=f"#task-{task}")}
        for system in summary.systems:
            right, attempts = system.attempts[task]
            found = statuses.get((task, system.name), ())
            row[system.name] = _share(right, attempts, found, judged=task not in system.unjudged)
        for claim in claimed:
            if claim.solved:
                row[f"{claim.system} (claimed)"] = Cell(
                    "claimed" if task in claim.solved else "", float(task in claim.solved)
                )
        rows.append(row)
    return table(rows, class_="sortable")


def _share(right: int, attempts: int, statuses: Sequence[str], *, judged: bool) -> Cell:
    """Return how many attempts were right, and what became of the others where none was."""
    if not judged:
        return Cell(tag("span", "not judged", class_="soft"), -2.0)
    if not attempts:
        return Cell(tag("span", "no program", class_="soft"), -1.0)
    why = ", ".join(dict.fromkeys(statuses)) or "not solved"
    told = "solved" if right else why
    if attempts > 1:
        told = f"{right}/{attempts}" + ("" if right else f" {why}")
    return Cell(tag("span", told, class_="yes" if right else "no"), right / attempts)
