"""The summary: a pure function of `run.json` and `results.jsonl`. It counts the roster, not the results."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from pytest_mips.runs.attempts import SYSTEM, Key
from pytest_mips.runs.formatting import (
    code_span,
    counterexample_text,
    each_text,
    overruled_text,
    percent,
    printable,
    prose,
)
from pytest_mips.runs.records import BROKEN, SCHEMA, Record, latest, read
from pytest_mips.scores import claims, comparison, networks, remarks, side_scores, stages

BEST_FIRST = ("solved", "unsolved", "timeout", "memory", "not_run", "error")
STRONGEST_FIRST = ("proved", "proved-affine", "tested", "")
HASHED = ("task", "system", "seed", "status", "form", "assurance", "program_sha256", "program_nodes", "counterexample")
TOLD = (  # fields of the best attempt in `summary.json`
    *("form", "assurance", "machine", "hidden_size", "architecture", "minimum", "overruled", "network_accuracy"),
    *("network_mistake", "program_accuracy", "program_nodes", "training_core_seconds", "peak_mib"),
)
NO_VERDICT: dict[str, Any] = {
    "status": "error", "stage": "", "reason": "no verdict", "form": "", "assurance": "", "program_sha256": "",
    "program_nodes": 0, "hidden_size": 0, "network_accuracy": 0.0, "counterexample": None, "stage_seconds": {},
    "seconds": 0.0, "peak_mib": 0, "fingerprint": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One task of the roster: its best attempt, how many attempts solved it, and the seconds of all of them."""

    best: Record
    attempts: int
    solved: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All tasks of the roster in its order, and what they add up to; without lines where baselines alone were judged.

    `systems` are all that were compared, ours included, `attempts` our own records, `baselines` those of the others.
    """

    run: Mapping[str, Any]
    lines: tuple[Line, ...]
    results_hash: str
    systems: tuple[comparison.System, ...] = ()
    attempts: tuple[Record, ...] = ()
    baselines: tuple[Record, ...] = ()

    @property
    def roster(self) -> list[str]:
        return [planned["task"] for planned in self.run["tasks"]]

    @property
    def records(self) -> tuple[Record, ...]:
        """All that were planned, ours first."""
        return (*self.attempts, *self.baselines)

    @property
    def solved(self) -> int:
        return sum(line.best.status == "solved" for line in self.lines)

    @property
    def proved(self) -> int:
        return sum(line.best.status == "solved" and line.best.assurance.startswith("proved") for line in self.lines)

    @property
    def complete(self) -> bool:
        """Whether every attempt came to a verdict of its own: no harness error, nothing that was not run."""
        return not any(record.status in BROKEN for record in self.records)

    @property
    def score(self) -> str:
        """The one line that is quoted; the count is always out of the roster."""
        partial = ", a partial run" if self.run["partial"] else ""
        own = [f"solved {self.solved} of {len(self.lines)} (proved {self.proved})"] if self.lines else []
        others = [f"{each.name} {each.solved_text}" for each in self.systems if each.name != SYSTEM]
        return f"{', '.join(own + others)}{partial}"

    @property
    def beside(self) -> list[str]:
        """Lines that belong to the score: what every system solves at the training length, and right machines."""
        right = side_scores.machines_text([line.best for line in self.lines])
        return [*filter(None, [comparison.at_length_line(self.systems), right])]


def summarize(run: Mapping[str, Any], records: Iterable[Record]) -> Summary:
    """Return the summary of a run: `run` is the content of `run.json`."""
    found = latest(records)
    lines, own = [], list[Record]()
    for planned in () if run["arguments"].get("baselines_only") else run["tasks"]:
        attempts = [
            found.get((planned["task"], SYSTEM, seed)) or Record(task=planned["task"], seed=seed, **NO_VERDICT)
            for seed in run["arguments"]["seeds"]
        ]
        own += attempts
        lines.append(
            Line(
                best=min(attempts, key=_rank),
                attempts=len(attempts),
                solved=sum(record.status == "solved" for record in attempts),
                seconds=sum(record.seconds for record in attempts),
            )
        )
    roster = [planned["task"] for planned in run["tasks"]]
    others = tuple(
        found.get((planned["task"], system, number))
        or Record(task=planned["task"], system=system, seed=number, **NO_VERDICT)
        for system in run["arguments"].get("programs", ())
        for planned in run["tasks"]
        for number in _samples(planned, system, found)
    )
    systems = comparison.systems(roster, [*own, *others])
    return Summary(
        run=run,
        lines=tuple(lines),
        results_hash=results_hash(found.values()),
        systems=tuple(systems),
        attempts=tuple(own),
        baselines=others,
    )


def _samples(planned: Mapping[str, Any], system: str, found: Iterable[Key]) -> list[int]:
    """Return the samples of another system for a task that were planned; older runs know of results alone.

    In a part of a run that is missing, one at least was planned.
    """
    if "others" in planned:
        return sorted(map(int, planned["others"].get(system, ())))
    known = {seed for task, name, seed in found if (task, name) == (planned["task"], system)}
    return sorted(known) or ([0] if planned.get("test") == "" else [])


def load(run_dir: Path) -> Summary:
    """Return the summary of a finished run. Raises OSError or ValueError when the folder holds none."""
    return summarize(json.loads((run_dir / "run.json").read_text(encoding="utf-8")), read(run_dir / "results.jsonl"))


def results_hash(records: Iterable[Record]) -> str:
    """Return a hash of the results that is free of order, times and hosts."""
    rows = sorted(json.dumps([getattr(record, name) for name in HASHED]) for record in records)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def to_json(summary: Summary) -> dict[str, Any]:
    """Return the content of `summary.json`."""
    counts = Counter(line.best.status for line in summary.lines)
    return {
        "schema": SCHEMA,
        "run": summary.run["run"],
        "partial": summary.run["partial"],
        "roster": len(summary.roster),
        "solved": summary.solved,
        "proved": summary.proved,
        "machines": side_scores.machines([line.best for line in summary.lines]),
        "statuses": {status: counts[status] for status in BEST_FIRST},
        "results_hash": summary.results_hash,
        "systems": comparison.to_json(summary.systems, len(summary.roster)),
        "claims": [claim.to_json() for claim in claims.from_run(summary.run)],
        "networks": networks.totals([line.best for line in summary.lines]),
        "tasks": [
            {
                "task": line.best.task,
                "status": line.best.status,
                "seed": line.best.seed,
                "solved_attempts": line.solved,
                "attempts": line.attempts,
                "why": line.best.why if line.best.status != "solved" else "",
                **{name: getattr(line.best, name) for name in TOLD},
                "solved_at_length": side_scores.right_at_length(line.best),
                "seconds": round(line.seconds, 1),
            }
            for line in summary.lines
        ],
    }


def table(summary: Summary, *, style: str) -> str:
    """Return all tasks of the roster as a table in one of tabulate's styles."""
    rows = []
    several = any(line.attempts > 1 for line in summary.lines)
    for line in summary.lines:
        record = line.best
        status = f"{record.status} {line.solved}/{line.attempts}" if several else record.status
        rows.append(
            {
                "task": record.task,
                "status": ", ".join(filter(None, [status, side_scores.all_the_same(record)])),
                "form": record.form,
                "assurance": record.assurance,
                "hidden": record.hidden_size or None,
                "network": percent(record.network_accuracy) if record.hidden_size else None,
                "program": None if record.program_accuracy is None else percent(record.program_accuracy),
                "nodes": record.program_nodes or None,
                "seconds": f"{line.seconds:.1f}",
            }
        )
    align = (*["left"] * 4, *["right"] * 5)
    text: str = tabulate(rows, headers="keys", tablefmt=style, colalign=align if rows else None, disable_numparse=True)
    return text


def markdown(summary: Summary) -> str:
    """Return `summary.md`, in which nothing that an attempt said is markup."""
    return printable(_markdown(_as_prose(summary)))


def _as_prose(summary: Summary) -> Summary:
    """Return the summary with all texts as prose, but for counterexamples, which are shown as code."""
    records = []
    for record in summary.records:
        fields = record.to_json()
        kept = {name: fields.pop(name) for name in ("counterexample", "network_mistake")}
        records.append(Record(**each_text(prose, fields), **kept))
    return dataclasses.replace(summarize(each_text(prose, summary.run), records), results_hash=summary.results_hash)


def _markdown(summary: Summary) -> str:
    run, machine = summary.run, summary.run["machine"]
    commit = run["commit"][:12] + (" with uncommitted changes" if run["dirty"] else "") if run["commit"] else "none"
    facts = [
        f"seeds {', '.join(map(str, run['arguments']['seeds']))}"
        + (f", method {run['arguments']['method']}" if run["arguments"].get("method", "full") != "full" else "")
        + (f", networks read from {run['arguments']['networks']}" if run["arguments"].get("networks") else ""),
        f"commit {commit}",
        ", ".join([machine["cpu"], f"{machine['physical_cores']} cores", f"{machine['memory_mib'] // 1024} GiB"]),
        f"{run['arguments']['workers']} workers, {run['arguments']['time_limit']:g} s an attempt"
        + (f", training on {machine['accelerator']}" if "accelerator" in machine else ""),
        ", ".join(f"{name} {version}" for name, version in run["versions"].items()),
        f"results hash `{summary.results_hash}`",
    ]
    parts = [f"# Run {run['run']}: {summary.score}", "\n".join(f"- {fact}" for fact in [*summary.beside, *facts])]
    parts += remarks.uncollected(run) + remarks.resumed(run)
    best = [line.best for line in summary.lines]
    parts += comparison.section(summary.systems, summary.records, summary.roster, claims.from_run(run))
    if not summary.lines:
        return "\n\n".join(parts) + "\n"
    parts += [
        table(summary, style="github"),
        "`hidden` is the network's hidden size, `network` its share of right outputs on fresh sequences, `program` the "
        "program's on those of the judge, both rounded down, `nodes` the number of syntax nodes of the program, "
        "`seconds` those of all attempts.",
    ]
    rest = [line.best for line in summary.lines if line.best.status != "solved"]
    if rest:
        parts += ["## Not solved", "\n".join(_not_solved(record) for record in rest)]
    against = [record for record in best if record.overruled and record.overruled["answers"]]
    if against:
        parts += [
            "## Answers of the network that the program overrules",
            "\n".join(f"- **{each.task}** {overruled_text(each.overruled)}" for each in against),
        ]
    parts += networks.section(best) + stages.section(best)
    return "\n\n".join(parts) + "\n"


def _rank(record: Record) -> tuple[int, ...]:
    strengths = STRONGEST_FIRST.index(record.assurance), side_scores.MACHINES.index(record.machine)
    return BEST_FIRST.index(record.status), *strengths, record.seed


def _not_solved(record: Record) -> str:
    example = counterexample_text(record.counterexample)
    return f"- **{record.task}** {record.status}: {record.why}" + (f"\n  {code_span(example)}" if example else "")
