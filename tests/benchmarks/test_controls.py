"""The positive controls and the ablation in small: what they count, and that each of them can say no."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from summaries import record

from benchmarks import ablation, controls, enumeration
from benchmarks.known import KNOWN, NAMED, change_of_basis, compiled, disguised
from mips.judging.judge import judge
from mips.judging.questions import Effort
from mips.networks.network import Layer, Network
from mips.networks.storage import StoredNetwork, save
from mips.outcome import StageFailure
from mips.paper.distillation import distil
from mips.program.emission import emit
from mips.tasks.task import integers
from pytest_mips.runs.records import append

WHOLE, LESS = ablation.WHOLE, "Boolean alone"


def found(name: str, level: float, intact: bool, full: bool, paper: bool) -> controls.Found:
    case = controls.Case(name=name, seed=0, level=level)
    return controls.Found(case=case, intact=intact, recovered={"full": full, "paper": paper}, seconds=1.0)


FOUND = [
    found("parity", 0.0, True, True, True),
    found("delay", 0.0, True, True, False),
    found("parity", 0.1, False, True, False),
    found("delay", 0.1, False, False, False),
]


def test_without_noise_a_network_is_the_same_and_with_it_every_layer_moves_in_proportion() -> None:
    network = disguised(compiled(NAMED["delay"][0]), change_of_basis(5, 0))
    same = controls.noisy(network, 0.0, 3)
    for old, new in zip((*network.cell, *network.readout), (*same.cell, *same.readout), strict=True):
        assert np.array_equal(old.weight, new.weight) and np.array_equal(old.bias, new.bias)
    wide = Network(
        cell=(Layer(weight=np.full((101, 100), 7.0), bias=np.zeros(100)),),
        readout=(Layer(weight=np.ones((100, 100)), bias=np.zeros(100)),),
    )
    moved = controls.noisy(wide, 0.01, 0)
    assert np.std(moved.cell[0].weight - 7.0) == pytest.approx(0.07, rel=0.05)
    assert np.std(moved.readout[0].weight) == pytest.approx(0.01, rel=0.05)


def test_shares_are_those_of_a_level() -> None:
    assert controls.shares(FOUND) == {
        0.0: {"network right": 1.0, "full": 1.0, "paper": 0.5},
        0.1: {"network right": 0.0, "full": 0.5, "paper": 0.0},
    }
    assert "| 0.1 | full | delay" in " ".join(controls.lost(FOUND).replace("|   ", "| ").split())


def test_a_known_program_is_recovered_and_a_ruined_one_is_not() -> None:
    exact = controls.measure(controls.Case(name="parity", seed=0, level=0.0))
    assert exact.intact and exact.recovered == {"full": True, "paper": True}
    ruined = controls.measure(controls.Case(name="sum modulo 8", seed=0, level=0.5))
    assert not ruined.intact and ruined.recovered == {"full": False, "paper": False}


def test_basis_noise_and_words_are_drawn_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: dict[str, set[int]] = {"basis": set(), "noise": set()}

    def change(size: int, seed: int) -> np.ndarray:
        seeds["basis"].add(seed)
        return np.eye(size)

    def noisy(network: Network, level: float, seed: int) -> Network:
        seeds["noise"].add(seed)
        return network

    def none(*_: Any, **__: Any) -> Any:
        raise StageFailure("extracted", "enough is seen")

    monkeypatch.setattr(controls, "change_of_basis", change)
    monkeypatch.setattr(controls, "noisy", noisy)
    monkeypatch.setattr(controls, "distil", none)
    for seed in range(5):
        controls.measure(controls.Case(name="parity", seed=seed, level=0.1))
    assert len(seeds["basis"]) == len(seeds["noise"]) == 5 and not seeds["basis"] & seeds["noise"]


@pytest.mark.parametrize(
    ("main", "arguments", "said"),
    [
        (controls.main, ["--seeds", "0"], "--seeds: found 0, expected at least 1"),
        (controls.main, ["--jobs", "0"], "--jobs: found 0, expected at least 1"),
        (controls.main, ["--jobs", "-2"], "--jobs: found -2, expected at least 1"),
        (controls.main, ["--levels", "0", "-0.5"], "--levels: found -0.5, expected finite numbers of at least 0"),
        (controls.main, ["--levels", "nan"], "--levels: found nan, expected finite numbers of at least 0"),
        (controls.main, ["--levels", "inf"], "--levels: found inf, expected finite numbers of at least 0"),
        (ablation.main, ["--jobs", "0"], "--jobs: found 0, expected at least 1"),
    ],
)
def test_wrong_options_are_named_and_nothing_is_written(
    main: Callable[[list[str]], int],
    arguments: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as end:
        main([*arguments, "--out", str(tmp_path / "out")])
    assert end.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(f": error: {said}")
    assert not (tmp_path / "out").exists()


def test_every_known_network_answers_in_whole_numbers() -> None:
    for network, low, high in KNOWN.values():
        words = np.random.default_rng(0).integers(low, high, (20, 12, 1), endpoint=True)
        hidden = network.start(20)
        for t in range(12):
            hidden = network.step(hidden, words[:, t])
            answer = network.read(hidden)
            assert np.allclose(answer, np.rint(answer))


def test_the_report_and_the_picture_of_the_controls(tmp_path: Path) -> None:
    text = controls.report(FOUND, tmp_path)
    assert "2 known programs as networks, 1 random bases each, 4 core seconds." in text
    controls.picture(FOUND, tmp_path / "a.svg")
    controls.picture(FOUND, tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_ablation_counts_what_is_lost_and_won() -> None:
    some = [
        ablation.Found(task="A", failures={WHOLE: "", LESS: "synthesized: no formula"}, seconds=1.0),
        ablation.Found(task="B", failures={WHOLE: "extracted: no lattice", LESS: ""}, seconds=1.0),
        ablation.Found(task="C", failures={WHOLE: "", LESS: ""}, seconds=1.0),
    ]
    rows = [" ".join(line.split()) for line in ablation.table(some, "github").splitlines()[2:]]
    assert rows == ["| the whole method | 2 of 3 | |", "| Boolean alone | 2 of 3 | A, +B |"]
    assert "- **B** extracted: no lattice" in ablation.report(some, Path("/nowhere"))


def test_the_ablation_judges_what_a_network_really_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored under the name of a task that it has not learnt, a network gives a program that is judged wrong."""
    few = Effort(fresh=300, exhaustive=500, examples=50)
    monkeypatch.setattr(ablation, "judge", functools.partial(judge, effort=few))
    parity = compiled(NAMED["parity"][0])
    for name, network in (("Parity_All", parity), ("Parity_Zeros", parity)):
        about = {"seed": 0, "accuracy": 1.0}
        save(StoredNetwork(network=network, inputs=integers(0, 1), length=10, about=about), tmp_path / "tasks" / name)
    right = ablation.measure("Parity_All", tmp_path, [WHOLE, LESS])
    assert right.failures == {WHOLE: "", LESS: ""}
    wrong = ablation.measure("Parity_Zeros", tmp_path, [WHOLE])
    assert wrong.failures[WHOLE].startswith("verified: differs from the reference")


def test_a_program_of_the_run_is_known_without_its_docstring(tmp_path: Path) -> None:
    folder = tmp_path / "tasks" / "A"
    folder.mkdir(parents=True)
    formulas = distil(compiled(NAMED["parity"][0]), integers(0, 1), 8, seed=0).formulas
    (folder / "program.py").write_text(emit(formulas, "A, distilled.\n\n    Verdict: proved.\n    "))
    assert ablation.judged("A", tmp_path) == []
    append(tmp_path / "results.jsonl", record("A", "unsolved"))
    assert ablation.judged("A", tmp_path) == []
    append(tmp_path / "results.jsonl", record("A", "solved"))
    assert ablation.judged("A", tmp_path) == [emit(formulas)]


def test_a_run_without_networks_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ablation.main(["--run", str(tmp_path), "--tasks", "Prev1"])
    assert "holds no network of Prev1; expected tasks/<Task>/network.json" in capsys.readouterr().err


def test_a_run_without_results_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = StoredNetwork(network=compiled(NAMED["parity"][0]), inputs=integers(0, 1), length=10, about={})
    save(stored, tmp_path / "tasks" / "Parity_All")
    with pytest.raises(SystemExit):
        ablation.main(["--run", str(tmp_path), "--tasks", "Parity_All", "--out", str(tmp_path / "out")])
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.endswith(f"--run: {tmp_path} holds no results.jsonl; expected the folder of a finished run")
    assert not (tmp_path / "out").exists()


def test_the_variants_leave_out_what_they_say() -> None:
    assert ablation.VARIANTS["GCD lattice alone"] == {"linear lattice", "Boolean"}
    assert ablation.VARIANTS["symbolic regression alone"] == {"linear regression", "Boolean regression"}
    assert ablation.VARIANTS["without Boolean regression"] == {"Boolean regression"}
    assert len(ablation.VARIANTS) == 18


def test_rates_of_the_enumeration_are_measured() -> None:
    rates = enumeration.measure(limit=500, slow=20)
    assert rates.size >= 3
    assert 0 < rates.distinct < rates.candidates
    assert rates.evaluated > 0 and rates.compiled > 0 and rates.searched > 0
