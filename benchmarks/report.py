"""The tables of a run, as text for a terminal (`simple`) or for Markdown (`github`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tabulate import tabulate

from benchmarks.records import Rate, Ratio, Training, by_seed, marks, ratio_text, ratio_verdict

RATIO_NOTE = (
    "Core seconds (time.process_time) of one thread until the network is perfect, which is the same for both: no "
    "error on {checked:,} fresh sequences. Not counted for either: drawing data, and the check on those sequences "
    "(the plain loop's looks every 100 steps too). Counted for ours: everything `train` does, its own checks "
    "included, but it is told 1,000 fresh sequences only. The plain loop is one seed of the paper's training with "
    "the layers shown: {layers}. A ratio with `>` is no measurement but a lower bound: the plain loop was ended at its "
    "cap of {times:g} times what ours took{steps} or {seconds:g} core seconds and was not perfect yet."
)
LAYERS_ARE = {
    "paper": "those that the paper's own search ended with, where we know them, else those that ours ended with",
    "ours": "those that ours ended with",
}
RATE_NOTE = (
    "Forward and backward pass of `RecurrentBatch`, one thread, multiply-adds of the matrix products counted as two "
    "operations each; the large product is 1,024 by 1,024, on the same thread, in turns with the passes; medians of "
    "the turns."
)
TRAINING_NOTE = (
    "Core seconds of `train` in a fresh process a task, its own check on all fresh sequences included; peak memory "
    "is that of the process up to the end of `train`, imports and data included; `wrong` counts fresh sequences "
    "with an error, of {checked:,}."
)


@dataclass(slots=True, kw_only=True)
class Results:
    """What one run of the benchmark has measured so far."""

    roster: Sequence[str]
    families: int
    options: dict[str, Any]
    rates: list[Rate] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    trainings: list[Training] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)


def report(results: Results, style: str) -> str:
    """Return everything that was measured, the marks last."""
    options = results.options
    parts = []
    if results.rates:
        parts += ["## Floating-point rate of a training step", rate_table(results.rates, style), RATE_NOTE]
    if results.ratios:
        note = RATIO_NOTE.format(
            checked=options["fresh"],
            times=options["baseline_times"],
            seconds=options["baseline_seconds"],
            steps=f", {options['baseline_steps']:,} steps" if options["baseline_steps"] else "",
            layers=LAYERS_ARE.get(str(options["baseline_layers"]), "the same for all tasks"),
        )
        parts += ["## Time to a perfect network", ratio_table(results.ratios, style), *_capped(results.ratios), note]
    if results.trainings:
        note = TRAINING_NOTE.format(checked=options["fresh"])
        parts += ["## Training every task", training_table(results.trainings, style)]
        parts += [seed_table(results.trainings, style), note]
    parts += [
        "Not measured: " + " ".join(dict.fromkeys(death.splitlines()[:1] + death.splitlines()[-1:]))
        for death in results.deaths
    ]
    parts += ["## Marks", mark_table(results, style)]
    return "\n\n".join(parts) + "\n"


def rate_table(rates: Sequence[Rate], style: str) -> str:
    rows = [
        {
            "training step": rate.what,
            "numbers": rate.dtype,
            "ms a step": f"{1000 / rate.steps_a_second:.2f}",
            "GFLOP/s": f"{rate.achieved / 1e9:.2f}",
            "GFLOP/s, large product": f"{rate.product / 1e9:.1f}",
            "ratio": f"{rate.share:.3f}",
        }
        for rate in rates
    ]
    return _table(rows, style, left=2)


def ratio_table(ratios: Sequence[Ratio], style: str) -> str:
    rows = [
        {
            "family": ratio.ours.family,
            "task": ratio.ours.task,
            "seed": ratio.ours.seed,
            "ours, s": "died" if ratio.ours.error else f"{ratio.ours.seconds:.2f}",
            "ours": layers(ratio.ours.cell, ratio.ours.readout),
            "plain, s": f"{ratio.plain.seconds:.1f}" if ratio.plain else "",
            "plain": layers(ratio.plain.cell, ratio.plain.readout) if ratio.plain else "",
            "steps": ratio.plain.steps if ratio.plain else "",
            "ended": ratio.plain.why_stopped if ratio.plain else "not run",
            "plain right": share(ratio.plain.accuracy) if ratio.plain else "",
            "ratio": ratio_text(ratio),
            "mark": ratio_verdict(ratio),
        }
        for ratio in ratios
    ]
    return _table(rows, style, left=2)


def training_table(trainings: Sequence[Training], style: str) -> str:
    """Return a row a task, in the order they come; where there are several root seeds, a figure for each."""
    rows = []
    for task in dict.fromkeys(run.task for run in trainings):
        runs = sorted((run for run in trainings if run.task == task), key=lambda run: run.seed)
        rows.append(
            {
                "task": task,
                "family": runs[0].family,
                **{f"s, seed {run.seed}": "died" if run.error else f"{run.seconds:.2f}" for run in runs},
                "hidden": " / ".join(str(run.hidden) for run in runs),
                "trials": " / ".join(str(run.trials) for run in runs),
                "wrong": " / ".join("died" if run.error else str(run.wrong) for run in runs),
                "right": share(min(run.accuracy for run in runs)),
                "peak MiB": f"{max(run.peak_mib for run in runs):.0f}",
            }
        )
    return _table(rows, style, left=2)


def seed_table(trainings: Sequence[Training], style: str) -> str:
    rows = [
        {
            "root seed": seed.seed,
            "tasks": seed.tasks,
            "sum, s": f"{seed.seconds:,.1f}",
            "most, s": f"{seed.most_seconds:.1f} ({seed.slowest})",
            "peak MiB": f"{seed.peak_mib:.0f} ({seed.largest})",
            "perfect": f"{seed.perfect} of {seed.tasks}",
        }
        for seed in by_seed(trainings)
    ]
    return _table(rows, style, left=0)


def mark_table(results: Results, style: str) -> str:
    found = marks(results.trainings, results.ratios, len(results.roster), results.families)
    rows = [{"mark": each.mark, "found": each.found, "verdict": each.verdict.upper()} for each in found]
    return _table(rows, style, left=3)


def layers(cell: Sequence[int], readout: Sequence[int]) -> str:
    """Return the sizes of the layers as text, the cell's before the bar: `3-8-1 | 1-8-1`."""
    return " | ".join("-".join(map(str, part)) for part in (cell, readout))


def share(accuracy: float) -> str:
    """Return a share in percent; 100% is said of 1 only."""
    return "100%" if accuracy == 1 else f"{min(100 * accuracy, 99.9999):.4f}%"


def _capped(ratios: Sequence[Ratio]) -> list[str]:
    """Return a line that names what was ended before its time, and what it would take to know more."""
    capped = [ratio for ratio in ratios if ratio.is_bound]
    if not capped:
        return []
    names = ", ".join(ratio.ours.task for ratio in capped)
    line = f"{len(capped)} of {len(ratios)} plain loops were ended before they were perfect: {names}."
    undecided = [50 * ratio.ours.seconds for ratio in capped if ratio_verdict(ratio) == "undecided"]
    if undecided:
        line += f" To settle the undecided ones takes a cap of {max(undecided):,.0f} core seconds (and steps to match)."
    return [line]


def _table(rows: list[dict[str, Any]], style: str, *, left: int) -> str:
    align = ["left"] * left + ["right"] * (len(rows[0]) - left)
    return tabulate(rows, headers="keys", tablefmt=style, colalign=align, disable_numparse=True)
