"""The zoo and the large networks: their tasks, comparison and reports, on networks that are trained for a second."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks import scale, zoo
from benchmarks.zoo_networks import KINDS, TASKS, ZooTask, automaton, drawn, one_hot_blocks, trained
from mips.machines.mealy import MealyMachine
from mips.tasks.alphabets import all_numbers, symbol_of

FLIP_FLOP = next(task for task in TASKS if task.name == "flip-flop")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_table_of_a_task_answers_as_its_step_does(task: ZooTask) -> None:
    words = drawn(task, 20, 30, np.random.default_rng(0))
    symbols = [symbol_of(task.inputs, numbers) for numbers in all_numbers(task.inputs)]
    for word, answers in zip(words.tolist(), automaton(task).run(words).tolist(), strict=True):
        state = task.start
        for place, answer in zip(word, answers, strict=True):
            state, expected = task.step(state, symbols[place])
            assert answer == expected
    assert len(np.unique(automaton(task).said)) > 1
    assert len(np.unique(one_hot_blocks(task.inputs), axis=0)) == task.inputs.count


def test_the_first_difference_of_machine_and_task_is_found() -> None:
    table = automaton(FLIP_FLOP)
    symbols = tuple(all_numbers(FLIP_FLOP.inputs))
    rows = [tuple((int(y),) for y in row) for row in table.said]
    right = MealyMachine(symbols=symbols, transitions=tuple(map(tuple, table.after.tolist())), outputs=tuple(rows))
    assert zoo.first_difference(right, table) is None
    forgets = MealyMachine(symbols=symbols, transitions=((1, 0, 0), (1, 0, 0)), outputs=tuple(rows))
    assert zoo.first_difference(forgets, table) == [0, 2, 2]  # set, keep, keep


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_trained_by_steps_of_the_same_seed(kind: str) -> None:
    made, right, steps = trained(FLIP_FLOP, kind, 3, most_steps=25)
    again, same, _ = trained(FLIP_FLOP, kind, 3, most_steps=25)
    assert steps == 25 and right == same and 0.3 < right < 1
    assert all(
        torch.equal(old, new) for old, new in zip(made.module.parameters(), again.module.parameters(), strict=True)
    )


def test_a_run_goes_on_and_says_what_did_not_learn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--out", str(tmp_path), "--only", "gru/flip-flop"]
    assert zoo.main([*given, "ssm/parity", "--steps", "25"]) == 0
    assert "not learned" in capsys.readouterr().out
    kept = json.loads((tmp_path / "zoo.json").read_text())["results"]
    (tmp_path / "zoo.json").write_text(json.dumps({"results": [{**one, "code": "old"} for one in kept[:1]] + kept[1:]}))
    assert zoo.main(given) == 0
    assert "exact" in (said := capsys.readouterr().out) and "(kept)" not in said
    results = {one.task: one for one in zoo.stored(tmp_path)}
    assert results["parity"].verdict == zoo.NOT_LEARNED and results["parity"].steps == 25
    assert results["flip-flop"].verdict == zoo.EXACT and results["flip-flop"].program_right
    assert zoo.main(given) == 0 and "(kept)" in capsys.readouterr().out
    assert "| gru    | 1 of 1" in (tmp_path / "zoo.md").read_text()
    with pytest.raises(SystemExit):
        zoo.main(["--only", "nothing/such"])


def test_a_large_network_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = scale.Case(made=scale._recurrent(nn.GRU, hidden=16), task=scale.FLIP_FLOP, length=8, rate=2e-2)
    monkeypatch.setattr(scale, "CASES", {"small": case})
    made, right = scale.trained(case, 0, 100)
    assert right > 0.99
    torch.save([part.state_dict() for part in made.parts], tmp_path / "small.pt")
    found = scale.distilled("small", tmp_path / "small.pt")
    assert found["exact"] and found["nodes"] and found["mib"] >= found["mib_before"] > 0
