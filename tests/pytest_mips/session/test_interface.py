"""The interface row by row, where no other test has the row for its subject: ini twins, the real tasks, exit codes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kept_runs import unpacked_run
from runs import ARTEFACTS, MACHINE, SOURCE, make_run, record
from stage import Stage

from mips import Task, integers, pipeline
from mips.judging.questions import Effort
from pytest_mips.baselines import systems
from pytest_mips.options.settings import resolve
from pytest_mips.report.page import page
from pytest_mips.runs import records
from pytest_mips.runs.attempts import Finding
from pytest_mips.runs.provenance.provenance import commit
from pytest_mips.runs.provenance.surroundings import physical_cores
from pytest_mips.scores import summary

ROOT = Path(__file__).parents[3]

# Option -> a value, and what else it needs.
VALUES: dict[str, tuple[str, ...]] = {
    "quick": ("true",), "strict": ("true",), "baselines_only": ("true",),
    "fail_on_regression": ("true", "compare=before"), "compare": ("before",),
    "seeds": ("3",), "seed": ("7",), "time_limit": ("12.5",), "memory_limit": ("512",), "budget": ("1h30m",),
    "workers": ("5",), "executor": ("own.module:factory",), "shard": ("2/3",), "report_dir": ("elsewhere",),
    "run": ("mine",), "resume": ("before",), "method": ("paper",), "device": ("cuda:1",), "networks": ("nets",),
    "fail_under": ("95%",),
    "programs": ("other=programs",), "synthesizer": ("aalpy",), "sandbox": ("bwrap",),
    "llm": ("m", "llm_base_url=http://x/v1"), "llm_base_url": ("http://y/v1", "llm=m"),
    "llm_key_env": ("SOME_KEY", "llm=m", "llm_base_url=http://x/v1"),
    **{
        f"llm_{name}": (value, "llm=m", "llm_base_url=http://x/v1")
        for name, value in {
            "samples": "4", "budget": "1000", "temperature": "0.5", "concurrency": "9", "rounds": "3", "seconds": "7",
        }.items()
    },
}  # fmt: skip
FLAGS = ("quick", "strict", "baselines_only", "fail_on_regression")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pytest load the plugins that a test names, and no other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_PLUGINS", raising=False)


def declared() -> set[str]:
    """Return the options that the help lists, without their first part."""
    text = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "pytest_mips.plugin", "--help"],
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, cwd="/", capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    words = (line.split("=")[0].split()[0] for line in text.splitlines() if line.startswith("  --mips-"))
    return {word.removeprefix("--mips-").replace("-", "_") for word in words}


def test_every_option_is_in_the_table_of_this_test() -> None:
    assert declared() == VALUES.keys() | {"benchmark"}


@pytest.mark.parametrize("name", VALUES)
def test_an_ini_twin_means_what_its_option_means(
    name: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, alone: None
) -> None:
    """In the root directory; that paths are relative to it is another test."""
    monkeypatch.setenv("SOME_KEY", "k")
    make_run(pytester.path / "reports" / "before", [record("A")])
    value, *more = VALUES[name]
    pairs = [f"{name}={value}", *more]

    def options(arguments: list[str], ini: list[str]) -> dict[str, Any]:
        pytester.makeini("\n".join(["[pytest]", *(f"mips_{line}" for line in ini)]))
        settings = resolve(pytester.parseconfigure("-p", "pytest_mips.plugin", *arguments))
        found = {each: getattr(settings, each) for each in settings.__slots__}
        if name != "run":
            found["run_dir"] = found["run_dir"].parent if "resume" not in name else found["run_dir"]
        return found

    arguments = [
        f"--mips-{key.replace('_', '-')}" + ("" if key in FLAGS else f"={text}")
        for key, _, text in (pair.partition("=") for pair in pairs)
    ]
    by_option, by_ini, by_neither = options(arguments, []), options([], pairs), options([], [])
    assert by_option == by_ini
    assert by_option != by_neither


def test_the_flag_has_a_twin_that_starts_a_run(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.pytester.makeini("[pytest]\nmips_solver = fake_solver:solve\nmips_paths = .\nmips_benchmark = true\n")
    assert stage.pytester.runpytest_inprocess("--mips-workers=1").ret == 0
    assert stage.records()["Easy"]["status"] == "solved"


def test_paths_of_an_ini_file_are_relative_to_the_root_and_others_to_here(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, alone: None
) -> None:
    here = pytester.mkdir("deep")
    for place in (pytester.path, here):
        make_run(place / "before", [record("A")])
    names = {"compare": "before", "executor": "submitit=f.toml", "programs": "other=progs", "report_dir": "out"}

    def found(*arguments: str) -> tuple[Any, ...]:
        monkeypatch.chdir(here)
        options = resolve(pytester.parseconfigure("-p", "pytest_mips.plugin", f"--rootdir={pytester.path}", *arguments))
        return options.compare, options.executor, options.programs, options.run_dir.parent

    pytester.makeini("[pytest]\n" + "".join(f"mips_{name} = {value}\n" for name, value in names.items()))
    root = pytester.path
    ini = f"--config-file={root / 'tox.ini'}"
    assert found(ini) == (root / "before", f"submitit={root / 'f.toml'}", (("other", root / "progs"),), root / "out")
    given = [f"--mips-{name.replace('_', '-')}={value}" for name, value in names.items()]
    assert found(ini, *given) == (
        here / "before", f"submitit={here / 'f.toml'}", (("other", here / "progs"),), here / "out",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ((), 62),
        (("--mips-quick",), 12),
        pytest.param(("-k", "Binary_Addition"), 1, marks=pytest.mark.slow),
        pytest.param(("-k", "Sum_Last"), 6, marks=pytest.mark.slow),
    ],
)
def test_the_tasks_of_the_benchmark_are_what_a_run_takes_when_no_path_is_given(
    options: tuple[str, ...], count: int
) -> None:
    command = [sys.executable, "-m", "pytest", "--mips-benchmark", "--co", "-q", "-p", "no:cacheprovider", *options]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert sum("benchmark_tasks/" in line and "::" in line for line in told.splitlines()) == count


# Exit codes


@pytest.mark.parametrize("more", [(), ("--mips-programs=other=programs",), ("-n", "1")], ids=["plain", "others", "-n"])
def test_an_empty_shard_is_a_success_whatever_else_is_run(more: tuple[str, ...], stage: Stage) -> None:
    if "-n" in more:
        pytest.importorskip("xdist", reason="pytest-xdist is not installed")
        more = ("-p", "xdist", *more)
    stage.tasks("Easy")
    stage.pytester.mkdir("programs").joinpath("Easy.py").write_text(SOURCE)
    result = stage.pytester.runpytest_subprocess("--mips-benchmark", "--mips-shard=2/2", *more)
    assert result.ret == 0, result.stdout.str() + result.stderr.str()


SLEEPING = """
def sleeping(rng, length):
    if in_child():
        time.sleep(1000)
    return rng.choices((0, 1), k=length)
"""


@pytest.mark.slow
def test_an_interrupted_run_says_how_to_go_on(stage: Stage) -> None:
    stage.tasks("task('Slow', sleeping)", before=SLEEPING)
    command = [sys.executable, "-m", "pytest", "--mips-benchmark", "--mips-workers=1", "--mips-run=mine"]
    run = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=stage.pytester.path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    deadline = time.monotonic() + 60
    while not (stage.pytester.path / "reports" / "mine" / "run.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.5)
    run.send_signal(signal.SIGINT)
    told, _ = run.communicate(timeout=60)
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "to go on: pytest --mips-benchmark --mips-workers=1 --mips-resume=mine" in told
    assert stage.records()["Slow"]["status"] == "not_run"


def test_an_internal_error_keeps_the_results(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.tasks("Easy")

    def broken(run_dir: Path) -> summary.Summary:
        raise RuntimeError("a mistake of the plugin")

    monkeypatch.setattr(summary, "load", broken)
    result = stage.run()
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    assert stage.records()["Easy"]["status"] == "solved"


# What counts


def test_a_seed_that_was_not_run_makes_the_run_incomplete(tmp_path: Path) -> None:
    run = make_run(tmp_path / "two", [record("A"), record("A", "not_run", seed=1)], seeds=[0, 1])
    assert not summary.load(run).complete
    assert summary.load(make_run(tmp_path / "one", [record("A"), record("A", seed=1)], seeds=[0, 1])).complete


@pytest.mark.slow
def test_a_program_of_another_system_without_a_record_has_no_verdict(stage: Stage) -> None:
    stage.tasks("Easy", "Simple")
    folder = stage.pytester.mkdir("programs")
    for name in ("Easy", "Simple"):
        folder.joinpath(f"{name}.py").write_text("def program(xs):\n    return xs\n")
    assert stage.run("--mips-programs=other=programs", "--mips-baselines-only").ret == 0
    results = stage.folder / "results.jsonl"
    results.write_text(results.read_text().splitlines(keepends=True)[0])
    found = summary.load(stage.folder)
    assert not found.complete and found.score == "other 1 of 2, 1 not judged"
    assert [each.reason for each in found.baselines if each.status == "error"] == ["no verdict"]


# Workers and layers


def test_attempts_are_made_side_by_side(stage: Stage) -> None:
    """Each of two tasks waits for what the other writes."""
    meeting = """
def meeting(own, other):
    def sample(rng, length):
        if in_child():
            open(own, "w").close()
            while not os.path.exists(other):
                time.sleep(0.01)
        return rng.choices((0, 1), k=length)
    return sample
"""
    stage.tasks("task('A', meeting('a', 'b'))", "task('B', meeting('b', 'a'))", before=meeting)
    assert stage.run("--mips-time-limit=20", workers="2").ret == 0
    assert {each["status"] for each in stage.records().values()} == {"solved"}


def test_workers_are_by_default_the_physical_cores(pytester: pytest.Pytester, alone: None) -> None:
    assert resolve(pytester.parseconfigure("-p", "pytest_mips.plugin")).workers == physical_cores()
    assert 1 <= physical_cores() <= (os.cpu_count() or 1)


@pytest.mark.slow
def test_programs_are_held_by_the_layer_that_was_asked_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.tasks("Easy")
    stage.pytester.mkdir("programs").joinpath("Easy.py").write_text("def program(xs):\n    return xs\n")
    assert stage.run("--mips-programs=other=programs", "--mips-baselines-only", "--mips-sandbox=process").ret == 0
    assert stage.records()["Easy"]["locks"] == ["rlimits"]
    wanted: list[str] = []
    monkeypatch.setattr(systems, "choose", lambda layer: wanted.append(layer) or "process")
    for layer in ("landlock", "bwrap", "auto"):
        options = (f"--mips-sandbox={layer}", f"--mips-run={layer}", "--mips-report-dir=out")
        assert stage.run("--mips-programs=other=programs", "--mips-baselines-only", *options).ret == 0
    assert wanted == ["landlock", "bwrap", "auto"]
    assert {path.name for path in (stage.pytester.path / "out").iterdir()} == set(wanted)


# Files


def test_a_machine_is_drawn_and_a_network_kept_beside_the_program(tmp_path: Path) -> None:
    files = {"machine.json": json.dumps(MACHINE).encode(), "network.safetensors": b"weights"}
    found = Finding(status="solved", program=SOURCE, log="said", counterexample={"inputs": [1]}, files=files)
    records.write_artefacts(tmp_path / "T", found)
    names = {"machine.json", "machine.mmd", "network.safetensors", "program.py", "log.txt", "counterexample.json"}
    assert {path.name for path in (tmp_path / "T").iterdir()} == names
    assert (tmp_path / "T" / "machine.mmd").read_text().startswith("stateDiagram")


@pytest.mark.parametrize(
    ("artefact", "heading"),
    [("program.py", "Program"), ("machine.json", "State machine"), ("hidden_states.json", "Hidden states"),
     ("derivation.json", "How it was found"), ("training.svg", "Training")],
)  # fmt: skip
def test_the_page_has_every_part_that_a_run_has(artefact: str, heading: str, tmp_path: Path) -> None:
    whole = page(make_run(tmp_path / "whole", [record("A")]))
    less = page(make_run(tmp_path / "less", [record("A")], artefacts={**ARTEFACTS, artefact: b""}))
    assert f"{heading}</h3>" in whole
    assert len(less) < len(whole) - 100


def test_where_a_run_comes_from_is_told(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    git("init", "--quiet")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "-m", "one")
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "new").write_text("made by the run")
    head = git("rev-parse", "HEAD").strip()
    assert commit(tmp_path, but=reports) == {"commit": head, "dirty": False}
    (tmp_path / "file").write_text("two")
    assert commit(tmp_path, but=reports) == {"commit": head, "dirty": True}


def test_the_reference_run_is_whole_and_clean_and_unedited() -> None:
    folder = ROOT / "reports" / "reference"
    run = json.loads((folder / "run.json").read_text())
    found, kept = summary.load(folder), json.loads((folder / "summary.json").read_text())
    assert run["commit"] and not run["dirty"] and not run["partial"]
    assert len(found.roster) == 62 and found.complete
    assert (kept["results_hash"], kept["solved"]) == (found.results_hash, found.solved)
    assert found.results_hash in (folder / "summary.md").read_text()
    for line in found.lines:
        program = (unpacked_run("reference") / "tasks" / line.best.task / "program.py").read_text()
        assert hashlib.sha256(program.encode()).hexdigest() == line.best.program_sha256


# The judge


def test_the_judge_speaks_once_and_nothing_comes_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def noting(name: str, stage_of: Callable[..., Any]) -> Callable[..., Any]:
        def told(*arguments: Any, **more: Any) -> Any:
            said.append(name)
            return stage_of(*arguments, **more)

        return told

    few = pipeline.PipelineBudget(
        training_words=22_000, fresh_words=500, judging=Effort(fresh=300, exhaustive=500, examples=50)
    )
    for name in ("sample", "train", "judge"):
        monkeypatch.setattr(pipeline, name, noting(name, getattr(pipeline, name)))
    monkeypatch.setitem(pipeline.METHODS, "full", noting("distil", pipeline.METHODS["full"]))
    task = Task("T", step=lambda s, x: (s + x, s + x), start=0, inputs=integers(0, 1), length=10, about="A sum.")
    assert pipeline.solve(task, seed=0, budget=few).status == "solved"
    assert said[-3:] == ["train", "distil", "judge"] and said.count("judge") == 1
    said.clear()
    strict = replace(few, judging=Effort(nodes=1))
    assert pipeline.solve(task, seed=0, budget=strict).status == "unsolved"
    assert said[-1] == "judge" and said.count("judge") == 1
