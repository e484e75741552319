"""The stages together: hand-made networks become programs, tasks become outcomes, failures become unsolved outcomes."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from observing import Kept

import mips.pipeline
from benchmarks.known import NAMED, affine, compiled, counter, machine_of, perceptron
from mips.distillation import full
from mips.distillation.distilled import MOST_WORDS, Distilled, observe
from mips.judging.questions import Effort
from mips.machines.mealy import MealyMachine
from mips.networks.network import Layer, Network
from mips.networks.storage import load
from mips.outcome import StageFailure
from mips.paper import distillation
from mips.pipeline import Outcome, PipelineBudget, derived_seed, distil
from mips.program.emission import emit
from mips.program.source import load_program, loop_machine, program_nodes
from mips.symbolic.terms.formulas import Formulas
from mips.symbolic.terms.term import constant
from mips.tasks.task import Task, integers
from mips.training.search import Mistake, Trained, Trial

# Less data, a judge that tries less, a shorter look at a task not learnt: these tests are about the stages.
FEW = PipelineBudget(
    training_words=22_000,
    fresh_words=500,
    judging=Effort(fresh=300, exhaustive=500, examples=50),
    suspected=10_000,
)
NO_DOUBT = dataclasses.replace(FEW, doubt=0.0, least_doubt=0.0)  # the search that overrules answers takes long
solve = functools.partial(mips.pipeline.solve, budget=FEW)
TOTAL = Task("Total", step=lambda s, x: (s + x, s + x), start=0, inputs=integers(-9, 9), length=8)
PARITY = Task("Odd", step=lambda s, x: (s ^ x, s ^ x), start=0, inputs=integers(0, 1), length=10)


TRIAL = Trial(
    method="by hand", architecture="any", steps=3, seconds=1.5, accuracy=0.5, why_stopped="done", curve=((0, 2, 0.25),)
)
MISTAKE = Mistake(inputs=((1,), (0,)), expected=((1,), (1,)), actual=((1,), (0,)))


def trained_as(network: Network, accuracy: float = 1.0) -> Any:
    """A training that is over at once."""
    mistake = None if accuracy == 1 else MISTAKE
    trained = Trained(network=network, accuracy=accuracy, mistake=mistake, seconds=3.5, trail=(TRIAL, TRIAL))
    return lambda data, fresh, *, seed, progress, device, seen: trained


@pytest.mark.parametrize("name", ["parity", "delay", "sum modulo 8", "0101 or 1010"])
def test_a_compiled_network_becomes_its_program(name: str) -> None:
    machine = NAMED[name][0]
    low, high = machine.symbols[0][0], machine.symbols[-1][0]
    kept: dict[str, bytes] = {}
    found = distil(compiled(machine), integers(low, high), 10, seed=0, tell=Kept(files=kept))
    assert found.form in ("symbolic", "boolean")
    assert json.loads(kept["machine.json"])["symbols"] == [list(symbol) for symbol in machine.symbols]
    source = emit(found.formulas)
    assert loop_machine(source) is not None
    letters = np.random.default_rng(0).integers(0, high - low + 1, (20, 40)).tolist()
    for word in letters:
        assert load_program(source)([low + letter for letter in word]) == [y for (y,) in machine.run(word)]


def test_a_network_without_end_keeps_what_it_does_up_to_the_horizon() -> None:
    vote = Network(cell=affine([[1], [2]], [-1]), readout=perceptron([[1, 1]], [0, -1], [[1], [-1]], [0]))
    kept: dict[str, bytes] = {}
    distil(vote, integers(0, 1), 10, seed=0, tell=Kept(files=kept))
    facts = json.loads(kept["machine.json"])
    assert facts["horizon"] == 10 and len(facts["transitions"]) == 11


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
    tell = Kept()
    distil(compiled(NAMED["parity"][0]), integers(0, 1), 8, seed=0, tell=tell)
    assert list(dict.fromkeys(tell.stages)) == ["extracted", "synthesized"]


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


def test_a_linear_task_is_solved_and_proved() -> None:
    lines: list[str] = []
    outcome = solve(TOTAL, seed=0, progress=lines.append)
    record = as_json(outcome)
    seconds = record.pop("stage_seconds")
    program = record.pop("program")
    assert record.pop("training_core_seconds") >= 0
    assert record == {
        "status": "solved", "stage": "verified", "reason": "", "form": "linear", "assurance": "proved-affine",
        "program_nodes": program_nodes(program), "hidden_size": 1, "network_accuracy": 1.0, "counterexample": None,
        "program_accuracy": 1.0, "network_mistake": None, "minimum": {"kind": "rank", "value": 1},
        "architecture": {"hidden": 1, "cell_depth": 1, "readout_depth": 1, "width": 0},
        "normalizers": [], "autoencoders": [], "autoencoder": "", "overruled": None,
        "machine": "", "solved_at_length": True,
    }  # fmt: skip
    assert set(seconds) == {"trained", "extracted", "verified"} and min(seconds.values()) >= 0
    assert load_program(program)([1, 2, -3]) == [1, 3, 0]
    about = load_program(program).__doc__ or ""
    assert "Total" in about and "hidden size 1" in about and "proved equal" in about
    assert [line.split(":")[0] for line in lines] == sorted(
        (line.split(":")[0] for line in lines), key=["trained", "extracted", "synthesized", "verified"].index
    )
    assert all("\n" not in line for line in lines)


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


UNLEARNT = (
    "the network has not learnt the task, it is right on {share} of the answers to fresh words: "
    "try other seeds or a longer time limit; FAILED: no luck"
)


@functools.cache
def parity_distilled() -> Distilled:
    """Return what is distilled of the network of PARITY."""
    return distil(compiled(NAMED["parity"][0]), PARITY.inputs, PARITY.length, seed=0)


@pytest.mark.parametrize("failed", ["extracted", "synthesized", "verified"])
@pytest.mark.parametrize(
    ("accuracy", "stage", "told"),
    [
        (1.0, "", "no luck"),
        (0.99995, "", "no luck; the network itself errs on 0.005 % of the answers to fresh words"),
        (0.8125, "trained", UNLEARNT.format(share="81.25 %")),
        (0.4, "trained", UNLEARNT.format(share="40.00 %")),
    ],
)  # fmt: skip
def test_a_network_that_errs_is_named_wherever_the_attempt_failed(
    failed: str, accuracy: float, stage: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise StageFailure(failed, "no luck")

    suspected: list[Task] = []
    monkeypatch.setattr(mips.pipeline, "train", trained_as(compiled(NAMED["parity"][0]), accuracy))
    monkeypatch.setattr(mips.pipeline, "suspect", lambda task, seed, symbols: suspected.append(task))
    if failed == "verified":
        monkeypatch.setattr(mips.pipeline, "distil", lambda *arguments, **options: parity_distilled())
        monkeypatch.setattr(mips.pipeline, "judge", refuse)
    else:
        monkeypatch.setattr(mips.pipeline, "distil", refuse)
    outcome = solve(PARITY, seed=0)
    assert (outcome.status, outcome.stage) == ("unsolved", stage or failed)
    assert outcome.reason == told.replace("FAILED", failed)
    assert suspected == [PARITY] * (accuracy < 1)


TURNS = ((1, 0, 2), (3, 1, 4), (5, 2, 0), (0, 4, 1), (2, 5, 3), (4, 3, 5))  # six states that no short formula tells
SHOWS = ((2, 7, 1), (5, 0, 3), (1, 4, 9), (8, 2, 6), (0, 5, 3), (7, 1, 2))
LIGHTS = machine_of(6, range(3), lambda s, x: (TURNS[s][x], SHOWS[s][x]))
OTHERS = machine_of(6, range(3), lambda s, x: (TURNS[s][x], SHOWS[s][x] + (s == 5)))
LIGHT = Task(
    "Light", step=lambda s, x: (TURNS[s][x], SHOWS[s][x]), start=0, inputs=integers(0, 2), length=6, about="Lights."
)


def no_formulas(behaviour: Any, machine: Any, *, noise: float, tell: Any) -> Formulas:
    """A search that explains the answers only if some may be overruled, as a nested conditional would."""
    if not noise:
        raise StageFailure("synthesized", "no formula fits")
    return Formulas(width=1, states=(), outputs=(constant(0),))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["full", "paper"])
@pytest.mark.parametrize(
    ("machine", "found", "told"),
    [
        (LIGHTS, "proved", "; its machine of 6 states equals the reference for inputs of every length"),
        (OTHERS, "", ""),
    ],
)
def test_a_right_machine_without_formulas_is_told_as_one(
    machine: MealyMachine, found: str, told: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise StageFailure("synthesized", "no formula fits")

    monkeypatch.setattr(mips.pipeline, "train", trained_as(compiled(machine)))
    monkeypatch.setattr(full, "synthesize", no_formulas)
    monkeypatch.setattr(distillation, "_formulas", fail)
    outcome = solve(LIGHT, seed=0, method=method)
    assert (outcome.status, outcome.stage, outcome.machine) == ("unsolved", "synthesized", found)
    assert "no formula fits" in outcome.reason and outcome.reason.endswith(told)
    assert ("equals the reference" in outcome.reason) == bool(told)
    assert (outcome.program, outcome.overruled, outcome.solved_at_length) == ("", None, None)
    assert len(json.loads(outcome.files["machine.json"])["transitions"]) == 6
    assert "verified" in outcome.stage_seconds


@pytest.mark.parametrize(("noise", "overrules"), [(0.0, False), (None, True), (0.01, True)])
def test_answers_are_overruled_only_of_a_network_that_may_err(
    noise: float | None, overrules: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full, "synthesize", no_formulas)
    if overrules:
        found = distil(compiled(LIGHTS), LIGHT.inputs, LIGHT.length, seed=0, noise=noise)
        assert found.overruled is not None and found.overruled.answers > 0 and found.machine == LIGHTS
        return
    with pytest.raises(StageFailure, match="no formula fits") as failure:
        distil(compiled(LIGHTS), LIGHT.inputs, LIGHT.length, seed=0, noise=noise, machines=False)
    assert failure.value.stage == "synthesized" and failure.value.machine == LIGHTS


def test_a_right_machine_behind_a_wrong_program_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mips.pipeline, "train", trained_as(compiled(LIGHTS), 0.999))
    monkeypatch.setattr(full, "synthesize", no_formulas)
    outcome = solve(LIGHT, seed=0)
    assert (outcome.status, outcome.stage, outcome.machine) == ("unsolved", "verified", "proved")
    assert outcome.reason.endswith(
        "; the network itself errs on 0.1 % of the answers to fresh words"
        "; its machine of 6 states equals the reference for inputs of every length"
    )
    assert outcome.solved_at_length is False


@pytest.mark.parametrize(("accuracy", "stage"), [(1.0, "verified"), (0.5, "trained")])
def test_a_wrong_program_is_unsolved_with_its_counterexample(
    accuracy: float, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mips.pipeline, "train", trained_as(compiled(NAMED["copy"][0]), accuracy))
    outcome = solve(PARITY, seed=0, budget=NO_DOUBT)
    assert (outcome.status, outcome.stage, outcome.assurance) == ("unsolved", stage, "")
    reason = outcome.reason.removeprefix(outcome.reason.partition("verified: ")[0] + "verified: ")
    assert reason.startswith("differs from the reference on ") and reason in outcome.program
    found = as_json(outcome)["counterexample"]
    assert set(found) == {"inputs", "expected", "actual"}
    assert PARITY.run(found["inputs"]) == found["expected"] != found["actual"]
    assert load_program(outcome.program)(found["inputs"]) == found["actual"]
    assert outcome.network_accuracy == accuracy and "machine.json" in outcome.files and outcome.machine == ""
    assert 0 < (outcome.program_accuracy or 0) < 1
    mistake = {"inputs": [1, 0], "expected": [1, 1], "actual": [1, 0]}
    assert outcome.network_mistake == (None if accuracy == 1 else mistake)


@pytest.mark.parametrize(
    ("part", "stage", "known"),
    [
        ("train", "trained", {"hidden_size": 0, "form": "", "program": ""}),
        ("observe", "extracted", {"hidden_size": 2, "form": "", "program": ""}),
        ("synthesize", "synthesized", {"hidden_size": 2, "form": "", "program": ""}),
        ("judge", "verified", {"hidden_size": 2, "form": "boolean", "program": ""}),
    ],
)
def test_a_failure_of_a_stage_is_an_unsolved_outcome(
    monkeypatch: pytest.MonkeyPatch, part: str, stage: str, known: dict[str, Any]
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise StageFailure(stage, "there is a reason")

    monkeypatch.setattr(mips.pipeline, "train", trained_as(compiled(NAMED["parity"][0])))
    monkeypatch.setattr(full if hasattr(full, part) and part != "distil" else mips.pipeline, part, fail)
    outcome = solve(PARITY, seed=0)
    record = as_json(outcome)
    assert (record["status"], record["stage"]) == ("unsolved", stage)
    assert record["reason"].split(";")[0] == "there is a reason"
    assert record["machine"] == ("proved" if stage == "synthesized" else "")
    kept = {"network.safetensors", "network.json", "training.json"}
    assert outcome.files.keys() & kept == (set() if part == "train" else kept)
    assert record["training_core_seconds"] == (0 if part == "train" else 3.5)
    assert record["minimum"] == (None if stage in ("trained", "extracted") else {"kind": "states", "value": 2})
    assert record["program_accuracy"] is None
    assert {name: record[name] for name in known} == known
    assert stage in record["stage_seconds"]


@pytest.mark.slow
def test_the_papers_method_tells_what_its_stages_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mips.pipeline, "train", trained_as(compiled(NAMED["parity"][0])))
    record = as_json(solve(PARITY, seed=0, method="paper"))
    assert record["status"] == "solved"
    assert [step["normalizer"] for step in record["normalizers"]][:2] == ["whitening", "grouping"]
    assert record["autoencoder"] in [each["kind"] for each in record["autoencoders"]]


def test_other_errors_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(mips.pipeline, "train", crash)
    with pytest.raises(RuntimeError, match="a bug"):
        solve(PARITY, seed=0)


def test_the_network_and_the_way_to_it_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    network = compiled(NAMED["parity"][0])
    monkeypatch.setattr(mips.pipeline, "train", trained_as(network, 0.5))
    outcome = solve(PARITY, seed=7, budget=NO_DOUBT)
    for name, content in outcome.files.items():
        (tmp_path / name).write_bytes(content)
    stored = load(tmp_path)
    words = np.random.default_rng(0).integers(0, 2, (20, 10, 1))
    assert np.array_equal(stored.network.run(words), network.run(words))
    assert (stored.inputs, stored.length) == (PARITY.inputs, PARITY.length)
    assert stored.about == {"task": "Odd", "seed": 7, "accuracy": 0.5}
    trial = dataclasses.asdict(TRIAL) | {"curve": [[0, 2, 0.25]]}
    assert json.loads(outcome.files["training.json"]) == {
        "task": "Odd", "seed": 7, "accuracy": 0.5, "seconds": 3.5, "trail": [trial, trial],
        "mistake": {"inputs": [1, 0], "expected": [1, 1], "actual": [1, 0]},
    }  # fmt: skip


@pytest.mark.slow
def test_the_device_is_where_training_takes_place(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = []

    def train(*data: Any, device: str, **rest: Any) -> Trained:
        devices.append(device)
        raise StageFailure("trained", "enough is seen")

    monkeypatch.setattr(mips.pipeline, "train", train)
    solve(PARITY, seed=0)
    solve(PARITY, seed=0, device="cuda:1")
    assert devices == ["cpu", "cuda:1"]


def test_a_network_without_numbers_is_a_failure_of_training(monkeypatch: pytest.MonkeyPatch) -> None:
    network = compiled(NAMED["parity"][0])
    weight = network.readout[0].weight.copy()
    weight[0, 0] = np.nan
    broken = dataclasses.replace(network, readout=(Layer(weight=weight, bias=network.readout[0].bias),))
    monkeypatch.setattr(mips.pipeline, "train", trained_as(broken, 0.0))
    outcome = solve(PARITY, seed=0)
    assert (outcome.status, outcome.stage) == ("unsolved", "trained")
    assert outcome.reason.startswith("the network cannot be kept: found ") and "readout.0.weight" in outcome.reason
    assert set(outcome.files) == {"training.json"}


@pytest.mark.parametrize("method", ["full", "paper"])
def test_a_network_that_explodes_is_a_failure_of_extraction(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    layer = Layer(weight=np.array([[1e9], [1.0]]), bias=np.zeros(1))
    explosive = Network(cell=(layer,), readout=(Layer(weight=np.eye(1), bias=np.zeros(1)),))
    monkeypatch.setattr(mips.pipeline, "train", trained_as(explosive))
    outcome = solve(PARITY, seed=0, method=method)
    assert (outcome.status, outcome.stage) == ("unsolved", "extracted")
    assert outcome.reason.startswith("after 3 steps a")
    assert outcome.reason.endswith("e+18, too large to be an integer; expected at most 9.01e+15 in absolute value")


def test_the_minimum_is_that_of_the_machine_which_the_network_is() -> None:
    finite, linear = Kept(), Kept()
    distil(compiled(NAMED["sum modulo 8"][0]), integers(0, 7), 6, seed=0, tell=finite)
    distil(counter(0, 9)[0], integers(0, 9), 10, seed=0, tell=linear)
    assert finite.facts["minimum"] == {"kind": "states", "value": 8}
    assert linear.facts["minimum"] == {"kind": "rank", "value": 1}


@pytest.mark.parametrize("function", [solve, distil])
def test_an_unknown_method_is_named(function: Any) -> None:
    given = (TOTAL,) if function is solve else (counter(0, 9)[0], integers(0, 9), 10)
    with pytest.raises(ValueError, match="no method is called 'papr'; there are full, paper"):
        function(*given, seed=0, method="papr")


@pytest.mark.slow
def test_a_network_that_errs_once_is_not_called_perfect_in_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mips.pipeline, "train", trained_as(compiled(NAMED["parity"][0]), 1 - 1 / 2_000_000))
    assert "accuracy 0.9999995 (seed 0)" in solve(PARITY, seed=0, budget=NO_DOUBT).program


def test_the_network_is_noted_before_it_is_distilled(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug")

    noted: list[Outcome] = []
    monkeypatch.setattr(mips.pipeline, "train", trained_as(compiled(NAMED["parity"][0]), 0.5))
    monkeypatch.setattr(mips.pipeline, "distil", crash)
    with pytest.raises(RuntimeError, match="a bug"):
        solve(PARITY, seed=0, note=noted.append)
    (known,) = noted
    assert (known.status, known.stage, known.hidden_size, known.network_accuracy) == ("unsolved", "trained", 2, 0.5)
    assert set(known.files) == {"network.safetensors", "network.json", "training.json", "hidden_states.json"}
    assert set(known.stage_seconds) == {"trained"}


# Networks that are there already


def never(*data: Any, **options: Any) -> Any:
    raise AssertionError("nothing is trained")


def test_a_given_network_is_distilled_and_judged_and_nothing_is_trained(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    network = compiled(NAMED["parity"][0])
    monkeypatch.setattr(mips.pipeline, "train", trained_as(network))
    trained = solve(PARITY, seed=3)
    monkeypatch.setattr(mips.pipeline, "train", never)
    mips.save(network, tmp_path, inputs=integers(0, 1), length=3)
    lines: list[str] = []
    for given in (load(tmp_path), tmp_path):
        outcome = solve(PARITY, seed=3, network=given, progress=lines.append)
        assert (outcome.status, outcome.program, outcome.assurance) == ("solved", trained.program, "proved")
        assert (outcome.network_accuracy, outcome.network_mistake) == (1.0, None)
        assert outcome.training_core_seconds == 0 and "training.json" not in outcome.files
        for name in ("network.safetensors", "network.json", "hidden_states.json", "machine.json"):
            assert outcome.files[name] == trained.files[name]
    assert "trained: network read from file: how good it is on fresh words" in lines


def test_a_given_network_that_errs_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mips.pipeline, "train", never)
    outcome = solve(PARITY, network=compiled(NAMED["copy"][0]), budget=NO_DOUBT)
    assert (outcome.status, outcome.stage) == ("unsolved", "trained")
    assert 0.4 < outcome.network_accuracy < 0.6 and "give a network of this task" in outcome.reason
    mistake = outcome.network_mistake
    assert mistake is not None and mistake["actual"] == mistake["inputs"] != mistake["expected"]
    assert "previous" not in outcome.program and outcome.counterexample is not None


def test_a_network_of_another_library_solves_a_task() -> None:
    def parity(word: list[int]) -> list[int]:
        return [sum(word[: t + 1]) % 2 for t in range(len(word))]

    outcome = solve(PARITY, network=mips.from_function(parity))
    assert (outcome.status, outcome.assurance) == ("solved", "proved") and "network.json" not in outcome.files


PAIRS = Network(
    cell=(Layer(weight=np.ones((3, 1)), bias=np.zeros(1)),), readout=(Layer(weight=np.eye(1), bias=np.zeros(1)),)
)


@pytest.mark.parametrize(
    ("network", "method", "told"),
    [
        (3, "full", "found an object of type int in the place of the network"),
        (mips.from_function(lambda word: word), "paper", "for the method 'paper'; expected a mips.Network"),
        ("nowhere", "full", "found no network in nowhere"),
        (PAIRS, "full", "found the inputs integers"),
        (mips.from_function(lambda word: [(x, x) for x in word]), "full", "answers with 2 numbers; expected 1"),
    ],
)
def test_a_network_that_cannot_be_of_the_task_is_told(network: Any, method: str, told: str) -> None:
    with pytest.raises((TypeError, ValueError), match="found") as error:
        solve(PARITY, network=network, method=method)
    assert told in str(error.value)
