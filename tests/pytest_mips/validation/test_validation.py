"""The files of a run are held against their schemas: of the runs that are kept, of fresh ones, and of damaged ones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept_runs import KEPT, every_kept_run, unpacked_run
from llm_server import serving
from observing import Kept
from runs import MACHINE, make_run, record
from stage import SOLVER, Stage

from benchmarks.known import NAMED, affine, compiled, counter, perceptron
from mips.networks.network import Layer, Network
from mips.networks.projection import projected_states
from mips.outcome import StageFailure
from mips.pipeline import distil
from mips.tasks.task import Integers, integers
from pytest_mips.cli.merge import merge
from pytest_mips.validation import check
from pytest_mips.validation.check import NoValidator, faults, faults_in

pytest.importorskip("jsonschema", reason="the package jsonschema is not installed")

COPY = "def program(xs):\n    return list(xs)\n"
WRONG = "def program(xs):\n    return [0 for x in xs]\n"
WIDE = 'task("{}", inputs=integers(0, 400))'
DYING = """
def dying(rng, length):
    if in_child():
        os._exit(3)
    return rng.choices((0, 1), k=length)
"""
VOTE = Network(cell=affine([[1], [2]], [-1]), readout=perceptron([[1, 1]], [0, -1], [[1], [-1]], [0]))
NONSENSE = Network(
    cell=(Layer(weight=np.array([[3.7], [0.9]]), bias=np.array([0.3])), Layer(weight=-np.eye(1), bias=np.ones(1))),
    readout=(Layer(weight=np.array([[7.3]]), bias=np.array([0.2])),),
)


@pytest.fixture
def tidy(stage: Stage) -> Stage:
    """The stage, its solver with a machine that is one, and a task file with a task that ends the child."""
    solver = SOLVER.replace('b"{}"', repr(json.dumps(MACHINE).encode()))
    assert solver != SOLVER
    stage.pytester.makepyfile(fake_solver=solver)
    return stage


def folders(stage: Stage) -> dict[str, Path]:
    return {path.name: path for path in (stage.pytester.path / "reports").iterdir()}


def programs(stage: Stage, files: dict[str, str]) -> str:
    for name, text in files.items():
        place = stage.pytester.path / "some" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return "--mips-programs=some=some"


# Runs as they are


@every_kept_run
def test_a_run_that_is_kept_has_no_fault(folder: Path) -> None:
    assert faults(folder) == []


def test_there_are_runs_that_are_kept() -> None:
    assert {"reference", "reference-paper", "further"} <= {path.name for path in KEPT}


def test_a_fresh_run_with_everything_in_it_has_no_fault(tidy: Stage) -> None:
    tidy.tasks(WIDE.format("Easy"), WIDE.format("Hard"), "task('Broken', dying)", before=DYING)
    given = programs(tidy, {"Easy/0.py": COPY, "Easy/1.py": WRONG, "Hard.py": "x = 1\n"})
    tidy.run(given, "--mips-run=first", "--mips-seeds=2")
    assert {each["status"] for each in map(json.loads, (tidy.folder / "results.jsonl").read_text().splitlines())} == {
        "solved", "unsolved", "error", "wrong", "no_entry_point"
    }  # fmt: skip
    assert faults(tidy.folder) == []
    tidy.run(given, "--mips-resume=first", "--mips-seeds=2")
    assert tidy.read("run.json")["resumed"][0]["again"] and faults(tidy.folder) == []
    assert {path.name for path in tidy.folder.rglob("*.json")} == {
        "run.json", "summary.json", "machine.json", "counterexample.json"
    }  # fmt: skip


def test_parts_of_a_run_and_their_whole_have_no_fault(tidy: Stage) -> None:
    tidy.tasks("Easy", "Hard", "Other")
    for number in (1, 2):
        assert tidy.run(f"--mips-run=part{number}", f"--mips-shard={number}/2", workers="0").ret == 0
    parts = folders(tidy)
    merge([parts["part1"], parts["part2"]], parts["part1"].with_name("whole"))
    merge([parts["part1"]], parts["part1"].with_name("half"))  # a task without a verdict
    assert {*folders(tidy)} == {"part1", "part2", "whole", "half"}
    assert [faults(folder) for folder in folders(tidy).values()] == [[]] * 4


def test_baselines_alone_and_their_claims_have_no_fault(tidy: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    tidy.tasks("Easy", "Hard")
    claim = {"system": "Other", "source": "a paper", "of": 9, "total": 3}
    (tidy.pytester.path / "claims.json").write_text(json.dumps([claim]))
    monkeypatch.setattr("mips.judging.sandbox.choice.probe", lambda layer: f"{layer}: no such lock")
    given = programs(tidy, {"Easy.py": COPY})
    tidy.run(given, "--mips-baselines-only", "-o", "mips_claims=claims.json")
    assert tidy.records()["Easy"]["status"] == "sandbox_unavailable" and tidy.read("run.json")["claims"]
    assert faults(tidy.folder) == []


@pytest.mark.slow
def test_what_a_model_replied_has_no_fault(tidy: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openai", reason="the extra llm is not installed")
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    tidy.tasks("Easy")
    with serving() as server:
        tidy.run("--mips-llm=good", f"--mips-llm-base-url={server.url}", "--mips-llm-rounds=2", "--mips-baselines-only")
    assert len([*(tidy.folder / "baselines").rglob("*.json")]) >= 2
    assert faults(tidy.folder) == []


@pytest.mark.slow  # it trains; the files of distillation are held against their schemas below
def test_what_the_real_solver_leaves_has_no_fault(tidy: Stage) -> None:
    tidy.tasks("Easy")
    assert tidy.run("-o", "mips_solver=mips.pipeline:solve", workers="1").ret == 0
    assert {path.name for path in (tidy.folder / "tasks" / "Easy").glob("*.json")} == {
        "network.json", "training.json", "hidden_states.json", "derivation.json"
    }  # fmt: skip
    assert faults(tidy.folder) == []


@pytest.mark.parametrize(
    ("network", "alphabet", "method"),
    [
        pytest.param(
            network,
            alphabet,
            method,
            id=f"{name}, {method}",
            marks=[pytest.mark.slow] * (method == "paper" and name in ("sum", "vote")),
        )
        for name, network, alphabet, methods in (
            ("parity", compiled(NAMED["parity"][0]), integers(0, 1), ("full", "paper")),
            ("sum", counter(0, 9)[0], integers(0, 9), ("full", "paper")),
            ("vote", VOTE, integers(0, 1), ("full", "paper")),
            ("nonsense", NONSENSE, integers(0, 9), ("paper",)),
        )
        for method in methods
    ],
)
def test_what_distillation_leaves_has_no_fault(network: Network, alphabet: Integers, method: str) -> None:
    kept: dict[str, bytes] = {"hidden_states.json": projected_states(network, alphabet, 8, seed=0)}
    learnt: dict[str, Any] = {}
    tell = Kept(facts=learnt, files=kept)
    with suppress(StageFailure):
        distil(network, alphabet, 8, seed=0, method=method, tell=tell)
    assert "derivation.json" in kept
    for name, content in kept.items():
        assert faults_in(json.loads(content), name.removesuffix(".json")) == [], name
    line = json.dumps({**RECORD, **learnt})
    assert faults_in(json.loads(line), "record") == []


RECORD: dict[str, Any] = {
    "schema": 1, "task": "T", "system": "mips", "seed": 0, "status": "unsolved", "stage": "synthesized", "reason": "",
    "form": "", "assurance": "", "program_sha256": "", "program_nodes": 0, "hidden_size": 1, "network_accuracy": 1.0,
    "counterexample": None, "stage_seconds": {}, "seconds": 0.5, "peak_mib": 1, "fingerprint": "0" * 64,
}  # fmt: skip


# Runs that are damaged


def change(path: Path, edit: Callable[[Any], None]) -> None:
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A run of two tasks, copied, so that it can be damaged."""
    kept = unpacked_run("reference")
    names = ("Dithering", "Majority_0_3")
    folder = tmp_path / "copied"
    folder.mkdir()
    for name in ("run.json", "summary.json"):
        shutil.copy(kept / name, folder)
    lines = [line for line in (kept / "results.jsonl").read_text().splitlines() if json.loads(line)["task"] in names]
    (folder / "results.jsonl").write_text("".join(line + "\n" for line in lines))
    for name in names:
        shutil.copytree(kept / "tasks" / name, folder / "tasks" / name)
    assert faults(folder) == []
    return folder


def test_faults_are_named_by_file_place_and_what_was_found(copied: Path) -> None:
    change(copied / "run.json", lambda run: run["arguments"].update(seeds=["0"], colour="red"))
    change(copied / "summary.json", lambda found: found["tasks"][3].update(status="fine"))
    change(copied / "tasks/Dithering/machine.json", lambda machine: machine["transitions"][0].__setitem__(0, None))
    change(copied / "tasks/Dithering/network.json", lambda network: network.pop("length"))
    change(copied / "tasks/Majority_0_3/training.json", lambda found: found["trail"][0].update(steps=-1))
    lines = (copied / "results.jsonl").read_text().splitlines()
    lines[1] = lines[1].replace('"status": "solved"', '"status": "splendid"')
    (copied / "results.jsonl").write_text("\n".join([*lines, '{"task": "torn']))
    (copied / "tasks/Dithering/counterexample.json").write_text("null")
    told = faults(copied)
    for number, (start, end) in enumerate(
        [
            ("run.json: $.arguments: found 'colour', expected no more than 'quick',", "'executor'"),
            ("run.json: $.arguments.seeds[0]: found '0', expected integer", ""),
            ('results.jsonl, line 2: $.status: found \'splendid\', expected one of "solved", "unsolved",', ""),
            ("summary.json: $.tasks[3].status: found 'fine', expected one of", ""),
            ("tasks/Dithering/counterexample.json: $: found None, expected object", ""),
            ("tasks/Dithering/machine.json: $.transitions[0][0]: found None, expected integer", ""),
            ("tasks/Dithering/network.json: $: found only 'about',", "expected 'length'"),
            ("tasks/Majority_0_3/training.json: $.trail[0].steps: found -1, expected at least 0", ""),
        ]
    ):
        matching = [line for line in told if line.startswith(start) and line.endswith(end)]
        assert matching, (number, start, told)
    assert not any("line 3" in line or "\n" in line for line in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "run.json: found nothing that can be read (No such file or directory), expected a"),
        ("", "run.json: found no JSON (Expecting value"),
        ("[]", "run.json: $: found [], expected object"),
        ('{"a": 1, "a": 2}', "run.json: found no JSON (the field 'a' is there twice)"),
        ('{"a": NaN}', "run.json: found no JSON (NaN is no number of JSON)"),
        ("[" * 100_000, "run.json: found no JSON (maximum recursion depth"),
        ("\udcff", "run.json: found no JSON ('utf-8' codec can't decode"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_one_line(tmp_path: Path, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / "run.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    (line,) = faults(tmp_path)
    assert line.startswith(told) and "\n" not in line


def test_a_line_in_the_middle_that_is_torn_is_a_fault(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", [record("T")])
    (folder / "results.jsonl").write_text('{"task": "T\n{}\n')
    told = [line for line in faults(folder) if line.startswith("results.jsonl")]
    assert told[0].startswith("results.jsonl, line 1: found no JSON")
    assert told[1].startswith("results.jsonl, line 2: $: found only nothing, expected 'schema'")


def test_files_of_a_later_seed_and_replies_are_looked_at(copied: Path) -> None:
    later = copied / "tasks" / "Dithering" / "seed-1"
    later.mkdir()
    (later / "hidden_states.json").write_text("{}")
    replies = copied / "baselines" / "some" / "_rounds" / "T"
    replies.mkdir(parents=True)
    (replies / "0-1.json").write_text('{"prompt": [], "reply": "", "usage": {}}')
    found = {line.partition(":")[0] for line in faults(copied)}
    assert found == {"tasks/Dithering/seed-1/hidden_states.json", "baselines/some/_rounds/T/0-1.json"}


def test_a_file_of_another_solver_is_its_own_business(copied: Path) -> None:
    (copied / "tasks" / "Dithering" / "notes.json").write_text("anything")
    assert faults(copied) == []


def test_a_missing_package_is_told_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check._validator.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "jsonschema", None)
    with pytest.raises(NoValidator, match=r"found no package `jsonschema`, expected .*; pip install jsonschema"):
        faults(tmp_path)
