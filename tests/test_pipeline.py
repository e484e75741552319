"""The stages together: hand-made networks become programs, tasks become outcomes, failures become unsolved outcomes."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
from typing import Any

import numpy as np
import pytest
from test_extraction import NAMED, compiled, counter

import mips.pipeline
from mips.emission import emit
from mips.failure import StageFailure
from mips.judge import Effort, judge
from mips.network import Layer, Network
from mips.pipeline import MOST_WORDS, Outcome, derived_seed, distil, observe, solve
from mips.program import load_program, loop_machine, program_nodes
from mips.task import Task, integers
from mips.training.portfolio import Trained

SMALL = Effort(fresh=300, exhaustive=500, examples=50)
TOTAL = Task("Total", step=lambda s, x: (s + x, s + x), start=0, inputs=integers(-9, 9), length=8)
PARITY = Task("Odd", step=lambda s, x: (s ^ x, s ^ x), start=0, inputs=integers(0, 1), length=10)


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less data, and a judge that tries less: these tests are about the stages between."""
    monkeypatch.setattr(mips.pipeline, "judge", functools.partial(judge, effort=SMALL))
    monkeypatch.setattr(mips.pipeline, "TRAINING_WORDS", 6000)
    monkeypatch.setattr(mips.pipeline, "FRESH_WORDS", 500)


def trained_as(network: Network, accuracy: float = 1.0) -> Any:
    """A training that is over at once."""
    return lambda data, fresh, *, seed, progress: Trained(network=network, accuracy=accuracy, trail=())


@pytest.mark.parametrize("name", ["parity", "delay", "sum modulo 8", "0101 or 1010"])
def test_a_compiled_network_becomes_its_program(name: str) -> None:
    machine = NAMED[name][0]
    low, high = machine.symbols[0][0], machine.symbols[-1][0]
    kept: dict[str, bytes] = {}
    found = distil(compiled(machine), integers(low, high), 10, seed=0, keep=kept)
    assert found.form in ("symbolic", "boolean")
    assert json.loads(kept["machine.json"])["symbols"] == [list(symbol) for symbol in machine.symbols]
    source = emit(found.formulas)
    assert loop_machine(source) is not None
    letters = np.random.default_rng(0).integers(0, high - low + 1, (20, 40)).tolist()
    for word in letters:
        assert load_program(source)([low + letter for letter in word]) == [y for (y,) in machine.run(word)]


def test_a_linear_network_takes_the_linear_route() -> None:
    network, _ = counter(0, 9)
    found = distil(network, integers(0, 9), 10, seed=0)
    assert found.form == "linear"
    assert load_program(emit(found.formulas))([3, 4, 5]) == [3, 7, 12]


def test_a_linear_network_that_is_no_integer_machine_goes_on_to_the_other_routes() -> None:
    """h = x / 2 answers round(x / 2): linear weights, and no integers in them."""
    halves = Network(
        cell=(Layer(weight=np.array([[0.0], [0.5]]), bias=np.array([-0.25])),),
        readout=(Layer(weight=np.eye(1), bias=np.zeros(1)),),
    )
    found = distil(halves, integers(0, 9), 6, seed=0)
    assert found.form == "symbolic"
    assert load_program(emit(found.formulas))(list(range(10))) == [x // 2 for x in range(10)]


def test_the_stages_are_told_in_order() -> None:
    entered: list[str] = []
    distil(compiled(NAMED["parity"][0]), integers(0, 1), 8, seed=0, clock=lambda stage, what: entered.append(stage))
    assert list(dict.fromkeys(entered)) == ["extracted", "synthesized"]


def test_few_words_are_all_observed_and_many_are_drawn() -> None:
    network = compiled(NAMED["parity"][0])
    few = observe(network, integers(0, 1), 6, 0)
    assert sorted(few.words[:, :, 0].tolist()) == [list(word) for word in itertools.product((0, 1), repeat=6)]
    many = observe(network, integers(0, 1), 20, 0)
    assert 2**20 > MOST_WORDS > len(many.words) and many.words.shape[1:] == (20, 1)
    for words, outputs in ((few.words, few.outputs), (many.check_words, many.check_outputs)):
        assert np.array_equal(outputs, network.run(words))
        assert set(np.unique(words)) == {0, 1}
    assert np.array_equal(many.words, observe(network, integers(0, 1), 20, 0).words)
    assert not np.array_equal(many.words, observe(network, integers(0, 1), 20, 1).words)


def test_seeds_of_different_purposes_differ() -> None:
    seeds = {derived_seed(seed, purpose) for seed in range(20) for purpose in ("training", "fresh", "judge")}
    assert len(seeds) == 60 and min(seeds) >= 0
    assert derived_seed(3, "fresh") == derived_seed(3, "fresh")


def as_json(outcome: Outcome) -> dict[str, Any]:
    fields = {one.name: getattr(outcome, one.name) for one in dataclasses.fields(outcome)}
    assert all(isinstance(content, bytes) for content in fields.pop("files").values())
    return json.loads(json.dumps(fields))


@pytest.mark.usefixtures("light")
def test_a_linear_task_is_solved_and_proved() -> None:
    lines: list[str] = []
    outcome = solve(TOTAL, seed=0, progress=lines.append)
    record = as_json(outcome)
    seconds = record.pop("stage_seconds")
    program = record.pop("program")
    assert record == {
        "status": "solved", "stage": "verified", "reason": "", "form": "linear", "assurance": "proved-affine",
        "program_nodes": program_nodes(program), "hidden_size": 1, "network_accuracy": 1.0, "counterexample": None,
    }  # fmt: skip
    assert set(seconds) == {"trained", "extracted", "verified"} and min(seconds.values()) >= 0
    assert load_program(program)([1, 2, -3]) == [1, 3, 0]
    about = load_program(program).__doc__ or ""
    assert "Total" in about and "hidden size 1" in about and "proved equal" in about
    assert [line.split(":")[0] for line in lines] == sorted(
        (line.split(":")[0] for line in lines), key=["trained", "extracted", "synthesized", "verified"].index
    )
    assert all("\n" not in line for line in lines)


@pytest.mark.usefixtures("light")
def test_a_trained_network_solves_a_task_and_the_seed_decides_all(monkeypatch: pytest.MonkeyPatch) -> None:
    largest = Task("Peak", step=lambda s, x: (max(s, x), max(s, x)), start=0, inputs=integers(0, 3), length=5)
    first = solve(largest, seed=1)
    record = as_json(first)
    assert (record["status"], record["stage"], record["form"]) == ("solved", "verified", "symbolic")
    assert (record["assurance"], record["counterexample"]) == ("proved", None)
    assert record["hidden_size"] >= 1 and record["network_accuracy"] > 0.99
    assert set(record["stage_seconds"]) == {"trained", "extracted", "synthesized", "verified"}
    assert load_program(first.program)([0, 2, 1, 3, 0]) == [0, 2, 2, 3, 3]
    assert solve(largest, seed=1).program == first.program


@pytest.mark.usefixtures("light")
def test_a_wrong_program_is_unsolved_with_its_counterexample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mips.pipeline, "train", trained_as(compiled(NAMED["copy"][0]), 0.5))
    outcome = solve(PARITY, seed=0)
    assert (outcome.status, outcome.stage, outcome.assurance) == ("unsolved", "verified", "")
    assert outcome.reason.startswith("differs from the reference on ") and outcome.reason in outcome.program
    found = as_json(outcome)["counterexample"]
    assert set(found) == {"inputs", "expected", "actual"}
    assert PARITY.run(found["inputs"]) == found["expected"] != found["actual"]
    assert load_program(outcome.program)(found["inputs"]) == found["actual"]
    assert outcome.network_accuracy == 0.5 and "machine.json" in outcome.files


@pytest.mark.usefixtures("light")
@pytest.mark.parametrize(
    ("part", "stage", "known"),
    [
        ("train", "trained", {"hidden_size": 0, "form": "", "program": ""}),
        ("observe", "extracted", {"hidden_size": 2, "form": "", "program": ""}),
        ("synthesize", "synthesized", {"hidden_size": 2, "form": "", "program": ""}),
        ("judge", "verified", {"hidden_size": 2, "form": "symbolic", "program": ""}),
    ],
)
def test_a_failure_of_a_stage_is_an_unsolved_outcome(
    monkeypatch: pytest.MonkeyPatch, part: str, stage: str, known: dict[str, Any]
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise StageFailure(stage, "there is a reason")

    monkeypatch.setattr(mips.pipeline, "train", trained_as(compiled(NAMED["parity"][0])))
    monkeypatch.setattr(mips.pipeline, "_from_lattice", fail)
    monkeypatch.setattr(mips.pipeline, part, fail)
    record = as_json(solve(PARITY, seed=0))
    assert (record["status"], record["stage"], record["reason"]) == ("unsolved", stage, "there is a reason")
    assert {name: record[name] for name in known} == known
    assert stage in record["stage_seconds"]


@pytest.mark.usefixtures("light")
def test_other_errors_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(mips.pipeline, "train", crash)
    with pytest.raises(RuntimeError, match="a bug"):
        solve(PARITY, seed=0)
