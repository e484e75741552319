"""The ablation of the paper's method: `make ablation`, or `python -m benchmarks.ablation --help`.

The networks of a finished run are distilled by the paper's method, whole and with parts left out, and every program is
judged as in a benchmark run: same judge, same seeds, same effort. A program that the run itself has, judged and solved,
is not judged again. Nothing is trained. The results go to `ablation.md` in the folder `--out`.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from tabulate import tabulate

from benchmarks.roster import ROOT, add_run, families, find, names, parse, results_folder
from mips.judging.judge import judge
from mips.networks.storage import load
from mips.outcome import StageFailure
from mips.paper.distillation import RAW, distil
from mips.paper.lattices.choice import KINDS
from mips.paper.normalizers.normalize import NORMALIZERS
from mips.pipeline import derived_seed, doubt, judging_seconds
from mips.program.emission import emit
from mips.symbolic.regression.budget import BOOLEAN, FAMILIES, LINEAR, SYMBOLIC
from pytest_mips.runs.archive import unpacked
from pytest_mips.runs.provenance import provenance
from pytest_mips.runs.records import latest, read
from pytest_mips.workers.executors import ONE_THREAD

REGRESSIONS = (LINEAR, BOOLEAN, SYMBOLIC)
WHOLE = "the whole method"
# Variant -> the parts that it leaves out.
VARIANTS: Mapping[str, frozenset[str]] = {
    WHOLE: frozenset(),
    **{f"without {name}": frozenset({name}) for name in NORMALIZERS},
    "without any normalizer": frozenset(NORMALIZERS),
    "without the raw network": frozenset({RAW}),
    **{f"{name} alone": frozenset(KINDS) - {name} for name in KINDS},
    **{f"without {name}": frozenset({name}) for name in REGRESSIONS},
    **{f"{name} alone": FAMILIES - {name} for name in REGRESSIONS},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of the network of one task: for each variant empty if it was solved, else stage and reason."""

    task: str
    failures: dict[str, str]
    seconds: float


def measure(name: str, run: Path, variants: Sequence[str]) -> Found:
    """Return what the variants make of a task's network; a program that comes again is judged once."""
    began = time.process_time()
    task = find(families(), name)[1]
    stored = load(run / "tasks" / name)
    seed, accuracy = int(stored.about["seed"]), float(stored.about["accuracy"])
    verdicts = {program: "" for program in judged(name, run)}
    failures = {}
    for variant in dict.fromkeys((WHOLE, *variants)):  # the others are compared with it
        try:
            formulas = distil(
                stored.network,
                stored.inputs,
                stored.length,
                seed=seed,
                noise=doubt(accuracy),
                without=VARIANTS[variant],
            ).formulas
        except StageFailure as failure:
            failures[variant] = str(failure)
            continue
        program = emit(formulas)
        if program not in verdicts:
            verdict = judge(program, task, seed=derived_seed(seed, "judge"), seconds=judging_seconds(task))
            verdicts[program] = "" if verdict.solved else f"verified: {verdict.reason}"
        failures[variant] = verdicts[program]
    return Found(task=name, failures=failures, seconds=time.process_time() - began)


def judged(name: str, run: Path) -> list[str]:
    """Return the program of a task in the run without its docstring, if it was judged and solved, else nothing."""
    records = latest(read(run / "results.jsonl")).values()
    if not any(record.task == name and record.status == "solved" for record in records):
        return []
    source = (run / "tasks" / name / "program.py").read_text(encoding="utf-8")
    told = ast.get_docstring(ast.parse(source).body[0], clean=False)
    return [source.replace(f'    """{told}"""\n', "")]


def main(arguments: Sequence[str] | None = None) -> int:
    roster = names(families())
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__)
    add_run(parser)
    add = parser.add_argument
    add("--tasks", nargs="+", default=roster, choices=roster, metavar="NAME", help="only these")
    add("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS), metavar="NAME", help="only these")
    options = parse(parser, arguments)
    with unpacked(options.run) as run:
        return ablate(parser, options, run)


def ablate(parser: argparse.ArgumentParser, options: argparse.Namespace, run: Path) -> int:
    """Distil and judge the networks of the run in a folder, write the report; return the exit status."""
    missing = [name for name in options.tasks if not (run / "tasks" / name / "network.json").is_file()]
    if missing:
        parser.error(
            f"--run: {options.run} holds no network of {', '.join(missing)}; expected tasks/<Task>/network.json"
        )
    if not (options.run / "results.jsonl").is_file():
        parser.error(f"--run: {options.run} holds no results.jsonl; expected the folder of a finished run")
    out = results_folder(options, "ablation")
    os.environ.update(ONE_THREAD)
    found = []
    count = len(options.tasks)
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        results = pool.map(measure, options.tasks, [run] * count, [options.variants] * count)
        for number, one in enumerate(results, 1):
            found.append(one)
            bad = [variant for variant, failure in one.failures.items() if failure]
            print(
                f"({number}/{count}) {one.task}: {', '.join(bad) + ': unsolved' if bad else 'all solved'}", flush=True
            )
    (out / "ablation.md").write_text(report(found, out), encoding="utf-8")
    print(f"\n{table(found, 'simple')}\n\n{out / 'ablation.md'}")
    return 0


def table(found: Sequence[Found], style: str) -> str:
    """Return a row a variant: how many tasks it solves, and in which it differs from the whole method."""
    rows = []
    for variant in found[0].failures:
        lost = [one.task for one in found if one.failures[variant] and not one.failures.get(WHOLE, "")]
        won = [f"+{one.task}" for one in found if not one.failures[variant] and one.failures.get(WHOLE)]
        solved = sum(not one.failures[variant] for one in found)
        rows.append({"variant": variant, "solved": f"{solved} of {len(found)}", "lost, +won": ", ".join(lost + won)})
    return tabulate(rows, headers="keys", tablefmt=style, disable_numparse=True)


def report(found: Sequence[Found], out: Path) -> str:
    """Return `ablation.md`."""
    facts = provenance.commit(ROOT, but=out.resolve())
    changed = " with changes" if facts["dirty"] else ""
    unsolved = [f"- **{one.task}** {one.failures[WHOLE]}" for one in found if one.failures.get(WHOLE, "")] or ["none"]
    return (
        f"# Ablation of the paper's method\n\nCommit {facts['commit'] or 'unknown'}{changed}, "
        f"{sum(one.seconds for one in found):,.0f} core seconds. The networks are the same in every row; every program "
        f"was judged as in a benchmark run.\n\n{table(found, 'github')}\n\n## Not solved by the whole method\n\n"
        + "\n".join(unsolved)
        + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
