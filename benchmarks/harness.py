"""What the plugin costs: `make harness-benchmark`, or `python -m benchmarks.harness --help`.

Three measurements, each as a ratio within one run. *Start-up*: plain `pytest` in an empty folder, with the plugin and
without it in turns. *Run*: a benchmark run with the arguments after `--`; its wall seconds beside the ideal, the sum of
all attempts over the workers, and the processor seconds of the process that began it beside those of all. *Judge*:
recorded programs for all tasks, three for each, first as many right ones, then right ones and wrong ones.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.roster import ROOT, families, names
from pytest_mips.runs.archive import unpacked
from pytest_mips.runs.provenance.surroundings import physical_cores
from pytest_mips.runs.records import read

ROUNDS = 30
WRONG = ("def program(xs):\n    return [0 for x in xs]\n", "def program(xs):\n    return [x + 1 for x in xs]\n")


def start_up(rounds: int) -> str:
    """Return how much longer plain pytest takes when the plugin is installed: medians of as many starts of each."""
    found: dict[str, list[float]] = {"without": [], "with": []}
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_nothing.py").write_text("def test_nothing(): pass\n")
        for _ in range(rounds):
            for kind, load in (("without", []), ("with", ["-p", "pytest_mips.plugin"])):
                command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *load]
                began = time.perf_counter()
                subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
                found[kind].append(time.perf_counter() - began)
    without, with_it = (statistics.median(found[kind]) for kind in ("without", "with"))
    more = (with_it - without) * 1000
    return (
        f"start-up: {with_it / without:.3f} of the time without the plugin, {more:+.1f} ms of {without * 1000:.0f} ms"
    )


def run(arguments: Sequence[str], folder: Path) -> str:
    """Return what a benchmark run costs beyond its attempts."""
    command = [sys.executable, "-m", "pytest", "--mips-benchmark", f"--mips-report-dir={folder}", *arguments]
    code = (
        "import json, resource, sys, pytest; status = int(pytest.main(sys.argv[2:]));"
        "kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN;"
        "used = [u.ru_utime + u.ru_stime for u in map(resource.getrusage, kinds)];"
        "open(sys.argv[1], 'w').write(json.dumps(used)); sys.exit(status)"
    )
    usage = folder / "usage.json"
    began = time.perf_counter()
    status = subprocess.run([sys.executable, "-c", code, str(usage), *command[3:]], cwd=ROOT).returncode
    wall = time.perf_counter() - began
    own, children = json.loads(usage.read_text())
    (results,) = folder.glob("*/results.jsonl")
    seconds = sum(record.seconds for record in read(results))
    ideal = seconds / physical_cores()
    return (
        f"run: exit status {status}, {wall:.1f} s of wall time, {wall / ideal:.3f} of the ideal {ideal:.1f} s; "
        f"{own:.1f} s of processor time for the plugin and pytest, {own / (own + children):.2%} of all"
    )


def judge(programs: dict[str, list[str]], folder: Path) -> str:
    """Return how long it takes to judge these programs."""
    lines = [json.dumps({"task_id": task, "solution": text}) for task, texts in programs.items() for text in texts]
    (folder / "programs.jsonl").write_text("\n".join(lines) + "\n")
    reports = folder / "reports"
    options = ["--mips-baselines-only", f"--mips-programs=some={folder / 'programs.jsonl'}", "-q"]
    command = [sys.executable, "-m", "pytest", "--mips-benchmark", f"--mips-report-dir={reports}", *options]
    began = time.perf_counter()
    status = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode
    wall = time.perf_counter() - began
    records = read(next(reports.glob("*/results.jsonl")))
    solved = sum(record.status == "solved" for record in records)
    return f"judge: exit status {status}, {len(records)} programs, {solved} of them solved, in {wall:.1f} s"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for and print it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.harness", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=("start-up", "run", "judge"), default=["start-up", "judge"])
    parser.add_argument("--programs", type=Path, default=ROOT / "reports" / "reference", help="run with right programs")
    parser.add_argument("--keep", type=Path, help="where the report of the run goes (nowhere)")
    parser.add_argument("rest", nargs="*", help="arguments of the benchmark run, after --")
    options = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if "start-up" in options.parts:
        print(start_up(ROUNDS), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        if "judge" in options.parts:
            with unpacked(options.programs) as stored:
                places = {name: stored / "tasks" / name / "program.py" for name in names(families())}
                right = {name: place.read_text() for name, place in places.items() if place.exists()}
            for kind, programs in (
                ("right", {name: [text] * 3 for name, text in right.items()}),
                ("mixed", {name: [text, *WRONG] for name, text in right.items()}),
            ):
                (Path(folder) / kind).mkdir()
                print(judge(programs, Path(folder) / kind), flush=True)
    if "run" in options.parts:
        place = options.keep or Path(tempfile.mkdtemp(prefix="harness-"))
        place.mkdir(parents=True, exist_ok=True)
        print(run(options.rest, place), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
