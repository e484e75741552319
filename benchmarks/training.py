"""The speed benchmark of training: `make training-benchmark`, or `python -m benchmarks.training --help`.

Three parts: `flops`, the floating-point rate of a training step; `ratios`, the time to a perfect network against the
paper's plain loop (plain.py), for one task of each family; `all`, core seconds and memory of every task. Every
measurement is a child process with one thread. The results go to `results.json` and `results.md` in the folder `--out`,
also when the run is interrupted.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.records import LEAST_RATIO, Plain, Rate, Ratio, Training, marks
from benchmarks.report import Results, report
from benchmarks.roster import ROOT, families, find, names
from benchmarks.settings import LAYERS, WORDS, Shape
from benchmarks.workers import Job, Workers, title
from mips import Task
from pytest_mips.runs.provenance import provenance
from pytest_mips.runs.provenance.surroundings import installed

TIMES = LEAST_RATIO + 1  # then the loop is ended: that ours was faster by the mark is settled

# No torch here: a child's peak memory is never below the parent's (fork), so the parent stays small.


def main(arguments: Sequence[str] | None = None) -> int:
    roster = families()
    options = parse(roster, arguments)
    out = options.out or Path(tempfile.mkdtemp(prefix="training-benchmark-"))
    out.mkdir(parents=True, exist_ok=True)
    given = {name: value for name, value in vars(options).items() if name != "out"}  # no place on this machine
    results = Results(roster=names(roster), families=len(roster), options=given)
    began = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    try:
        measure(roster, options, results)
    except KeyboardInterrupt:
        results.deaths.append("what was left when the run was interrupted")
    finally:
        write(results, out, began)
        print(f"\n{report(results, 'simple')}\n{out / 'results.json'}\n{out / 'results.md'}")
    return 1 if results.deaths else 0


def parse(roster: Mapping[str, Sequence[Task]], arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; names of tasks are checked here."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    add = parser.add_argument
    add("--parts", nargs="+", choices=("flops", "ratios", "all"), default=["flops", "ratios", "all"])
    add("--tasks", nargs="+", metavar="NAME", help="only these, in `ratios` and `all`")
    add("--all", action="store_true", help="ratios for all tasks, not only the first of each family")
    add("--seeds", nargs="+", type=int, default=[0], metavar="N", help="root seeds (0); ratios use the first")
    add("--jobs", type=int, default=2, help="processes side by side (2)")
    add("--fresh", type=int, default=100_000, help="fresh sequences that decide whether a network is perfect (100000)")
    add("--baseline-seconds", type=float, default=900, help="cap of the plain loop, core seconds a task (900)")
    add("--baseline-times", type=float, default=TIMES, help=f"another: so many times what ours took ({TIMES})")
    add("--baseline-steps", type=int, default=None, help="cap of the plain loop, steps (none)")
    add("--baseline-words", type=int, default=WORDS, help=f"training sequences of the plain loop ({WORDS})")
    add("--baseline-layers", type=layers, default="paper", metavar="paper|ours|HIDDEN,WIDTH,DEPTH,DEPTH",
        help="its network: those that the paper's search ended with, where we know them (settings.py), those that ours "
        "ended with, or hidden size, width, layers of f and of g (paper)")  # fmt: skip
    add("--flops-seconds", type=float, default=6, help="core seconds a size of `flops` (6)")
    add("--out", type=Path, default=None, help="folder for the results (a fresh temporary one)")
    options = parser.parse_args(arguments)
    for name in options.tasks or []:
        if name not in names(roster):
            parser.error(f"--tasks: no task is called {name!r}; there are {', '.join(names(roster))}")
    for name in (
        "jobs",
        "fresh",
        "baseline_seconds",
        "baseline_times",
        "baseline_steps",
        "baseline_words",
        "flops_seconds",
    ):
        if (getattr(options, name) or 0) < 0 or getattr(options, name) == 0:
            parser.error(f"--{name.replace('_', '-')}: {getattr(options, name)} is not above 0")
    return options


def layers(text: str) -> str | Shape:
    """Return `paper` and `ours` as they are, `32,64,3,2` as a shape."""
    if text in ("paper", "ours"):
        return text
    try:
        shape = Shape(*map(int, text.split(",")))
    except (TypeError, ValueError):
        shape = None
    if shape is None or min(shape) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not paper, ours or four numbers above 0, like 32,64,3,2")
    return shape


def measure(roster: Mapping[str, Sequence[Task]], options: argparse.Namespace, results: Results) -> None:
    """Run the chosen parts, one after the other, and put what comes of them into `results`."""
    workers = Workers(options.jobs)

    def keep(job: Job, result: Any, error: str) -> None:
        if error:
            results.deaths.append(f"{title(job)}: {error}")
        if job["kind"] == "rates":
            results.rates += [Rate(**each) for each in result or []]
            return
        family = find(roster, job["task"])[0]
        died = Training(task=job["task"], family=family, seed=job["seed"], error=error)
        if job["kind"] == "train":
            results.trainings.append(died if error else training(result))
            results.trainings.sort(key=lambda run: (results.roster.index(run.task), run.seed))
        else:
            results.ratios.append(Ratio(ours=died) if error else ratio(result))
            results.ratios.sort(key=lambda each: results.roster.index(each.ours.task))

    if "flops" in options.parts:
        workers.run([{"kind": "rates", "seconds": options.flops_seconds}], keep)
    if "ratios" in options.parts:
        first = [tasks[0].name for tasks in roster.values()]
        chosen = options.tasks or (results.roster if options.all else first)
        workers.run([ratio_job(name, options) for name in chosen], keep)
    if "all" in options.parts:
        jobs = [
            {"kind": "train", "task": name, "seed": seed, "checked": options.fresh}
            for seed in options.seeds
            for name in options.tasks or results.roster
        ]
        workers.run(jobs, keep)


def ratio_job(task: str, options: argparse.Namespace) -> Job:
    chosen = options.baseline_layers
    return {
        "kind": "ratio",
        "task": task,
        "seed": options.seeds[0],
        "checked": options.fresh,
        "words": options.baseline_words,
        "seconds": options.baseline_seconds,
        "times": options.baseline_times,
        "steps": options.baseline_steps,
        "layers": chosen if isinstance(chosen, Shape) else LAYERS.get(task) if chosen == "paper" else None,
    }


def training(fields: Mapping[str, Any]) -> Training:
    """Return the record of a JSON object."""
    return Training(**{**fields, "cell": tuple(fields["cell"]), "readout": tuple(fields["readout"])})


def ratio(fields: Mapping[str, Any]) -> Ratio:
    """Return the record of a JSON object."""
    plain = fields["plain"]
    if plain is not None:
        plain = Plain(**{**plain, "cell": tuple(plain["cell"]), "readout": tuple(plain["readout"])})
    return Ratio(ours=training(fields["ours"]), plain=plain)


def write(results: Results, out: Path, began: str) -> None:
    """Write `results.json`, complete, and `results.md`, for people."""
    found_marks = marks(results.trainings, results.ratios, len(results.roster), results.families)
    found = {
        "began": began,
        "options": results.options,
        **provenance.commit(ROOT, but=out.resolve()),
        "versions": installed("pytest"),
        "machine": provenance.machine(),
        "marks": [asdict(each) for each in found_marks],
        "rates": [asdict(each) | {"ratio": each.share} for each in results.rates],
        "ratios": [asdict(each) | {"ratio": each.value, "is_bound": each.is_bound} for each in results.ratios],
        "trainings": [asdict(each) for each in results.trainings],
    }
    (out / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    changed = " with changes" if found["dirty"] else ""
    head = (
        f"# Speed of training\n\nCommit {found['commit'] or 'unknown'}{changed}, begun {began}, "
        f"{found['machine']['cpu'] or 'unknown processor'}, {found['machine']['cores']} cores, "
        f"{results.options['jobs']} processes side by side, root seeds {results.options['seeds']}.\n\n"
    )
    (out / "results.md").write_text(head + report(results, "github"), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
