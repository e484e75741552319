"""The paper's method: known machines under a change of basis are found again, and every part can be left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from observing import Kept
from random_examples import PlainNetwork, plain_networks, words

from benchmarks.known import HIGHEST_AND_SUM, NAMED, change_of_basis, compiled, counter, disguised
from mips.networks.network import Layer, Network
from mips.outcome import StageFailure
from mips.paper import distillation
from mips.paper.distillation import PARTS, RAW, distil
from mips.paper.lattices.choice import KINDS
from mips.paper.normalizers.normalize import NORMALIZERS
from mips.pipeline import distil as by_name
from mips.program.emission import emit
from mips.program.source import load_program
from mips.symbolic.regression.budget import FAMILIES, SYMBOLIC
from mips.symbolic.regression.budget import QUICK as LITTLE
from mips.symbolic.regression.columns import regress
from mips.tasks.task import integers


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("parity", 0),
        ("parity", 1),
        pytest.param("sum modulo 8", 0, marks=pytest.mark.slow),
        pytest.param("0101 or 1010", 1, marks=pytest.mark.slow),
        pytest.param("delay", 0, marks=pytest.mark.slow),
        pytest.param("delay", 1, marks=pytest.mark.slow),
        pytest.param("sum modulo 8", 1, marks=pytest.mark.slow),
        pytest.param("0101 or 1010", 0, marks=pytest.mark.slow),
    ],
)
def test_a_disguised_machine_becomes_its_program(name: str, seed: int) -> None:
    machine = NAMED[name][0]
    low, high = machine.symbols[0][0], machine.symbols[-1][0]
    plain = compiled(machine)
    facts: dict[str, Any] = {}
    kept: dict[str, bytes] = {}
    tell = Kept(facts=facts, files=kept)
    network = disguised(plain, change_of_basis(plain.hidden_size, seed))
    program = load_program(emit(distil(network, integers(low, high), 10, seed=0, tell=tell).formulas))
    for word in np.random.default_rng(0).integers(low, high, (20, 40), endpoint=True).tolist():
        assert program(word) == [y for (y,) in machine.run(word)]
    assert [each["kind"] for each in facts["autoencoders"]] == ["linear lattice", "GCD lattice", "Boolean"]
    assert facts["autoencoder"] in [each["kind"] for each in facts["autoencoders"] if not each["refused"]]
    assert len(facts["normalizers"]) == len(NORMALIZERS)
    assert facts["minimum"]["kind"] == "states" and "machine.json" in kept


def test_a_linear_recurrence_is_linear() -> None:
    found = distil(disguised(counter(0, 9)[0], np.array([[0.3]])), integers(0, 9), 10, seed=0)
    assert found.form == "linear"
    assert load_program(emit(found.formulas))([3, 4, 5]) == [3, 7, 12]


@pytest.mark.slow  # test_lattice.py has its lattice
def test_two_coordinates_of_a_nonlinear_cell() -> None:
    found = distil(disguised(HIGHEST_AND_SUM, change_of_basis(2, 0)), integers(0, 9), 10, seed=0)
    assert load_program(emit(found.formulas))([3, 9, 5]) == [0, 3, 8]


@pytest.mark.parametrize("length", [4, 5, 6, 8, 10])
@pytest.mark.parametrize(("weight", "bias", "initial"), [(1.0, 0.0, 0.0), (2.0, 1.0, 0.0), (2.0, 1.0, 3.0)])
def test_what_never_ends_is_not_learnt_by_heart(weight: float, bias: float, initial: float, length: int) -> None:
    """One symbol makes few words: clusters of their states fit everything, and are not the machine."""
    network = Network(
        cell=(Layer(weight=np.array([[weight], [1.0]]), bias=np.array([bias])),),
        readout=(Layer(weight=np.eye(1), bias=np.zeros(1)),),
        initial=np.array([initial]),
    )
    found = distil(network, integers(5, 5), length, seed=0)
    word = np.full((1, 3 * length, 1), 5)
    assert load_program(emit(found.formulas))([5] * 3 * length) == network.run(word)[0, :, 0].tolist()


@pytest.mark.parametrize("length", [6, 8, 10])
def test_a_state_that_moves_by_itself(length: int) -> None:
    """The Fibonacci numbers: no input enters and no bias, only h(0)."""
    network = Network(
        cell=(Layer(weight=np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]), bias=np.zeros(2)),),
        readout=(Layer(weight=np.array([[1.0], [0.0]]), bias=np.zeros(1)),),
        initial=np.array([0.0, 1.0]),
    )
    found = distil(network, integers(0, 1), length, seed=0)
    assert load_program(emit(found.formulas))([0] * 12) == [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144]


PLAIN = {plain.name: plain for plain in plain_networks()}
QUICK = frozenset({"GCD lattice", "Boolean"})  # half of the time


def some(kept: int) -> list[object]:
    """Return the names, of which all but the first ones are for the slow tests."""
    return [pytest.param(name, marks=[pytest.mark.slow] * (i >= kept)) for i, name in enumerate(PLAIN)]


def is_solved(plain: PlainNetwork, network: Network, without: frozenset[str]) -> bool:
    formulas = distil(network, integers(0, 9), 10, seed=0, without=without).formulas
    longer = words(0, 9, count=50, length=40)
    return bool((formulas.run(longer) == plain.answers(longer)).all())


@pytest.mark.parametrize("name", PLAIN)
def test_networks_trained_as_the_paper_trains_become_their_programs(name: str) -> None:
    plain = PLAIN[name]
    recurrence = plain.network.cell[0].weight[: plain.network.hidden_size]
    assert np.abs(np.linalg.eigvals(recurrence)).max() > 0.05  # no lattice without grouping
    assert is_solved(plain, plain.network, QUICK)


@pytest.mark.parametrize("name", some(2))
def test_the_whole_method_solves_them_and_no_other_part_takes_over(name: str) -> None:
    assert is_solved(PLAIN[name], PLAIN[name].network, frozenset())


@pytest.mark.parametrize("name", ["sum 2, 3 units, seed 0", "delay 3, 4 units, seed 0"])
def test_without_grouping_they_lie_on_no_lattice(name: str) -> None:
    with pytest.raises(StageFailure, match="the hidden states lie on no lattice"):
        distil(PLAIN[name].network, integers(0, 9), 10, seed=0, without=QUICK | {"grouping"})


@pytest.mark.parametrize("name", some(4))
def test_a_network_that_is_wrong_is_refused(name: str) -> None:
    """Its cell is that of a right one with noise of a tenth on each weight: some answers are wrong, in no order."""
    network = PLAIN[name].network
    (cell,) = network.cell
    noise = 0.1 * np.random.default_rng(0).normal(size=cell.weight.shape)
    wrong = replace(network, cell=(Layer(weight=cell.weight + noise, bias=cell.bias),))
    inputs = words(0, 9, count=500, length=10)
    assert (wrong.run(inputs) == PLAIN[name].answers(inputs)).mean() < 0.9
    with pytest.raises(StageFailure, match="extracted: "):
        distil(wrong, integers(0, 9), 10, seed=0, without=QUICK)


def test_refused_autoencoders_are_told_where_the_others_lead_nowhere() -> None:
    network = compiled(NAMED["parity"][0])
    with pytest.raises(StageFailure) as failure:
        distil(network, integers(0, 1), 8, seed=0, without=FAMILIES)
    assert all(kind in failure.value.reason for kind in ("linear lattice", "GCD lattice", "Boolean"))


def test_every_part_can_be_left_out_and_an_unknown_one_is_named() -> None:
    network = compiled(NAMED["parity"][0])
    for part in PARTS:
        facts: dict[str, Any] = {}
        try:
            distil(
                network,
                integers(0, 1),
                8,
                seed=0,
                without=frozenset({part}),
                tell=Kept(facts=facts),
            )
        except StageFailure:
            assert part == "nothing: parity can do without any one part"
        assert part not in [step["normalizer"] for step in facts["normalizers"]]
        assert part not in [each["kind"] for each in facts["autoencoders"]]
    with pytest.raises(ValueError, match="the method has no part 'whitning'; there are Boolean, Boolean regression"):
        distil(network, integers(0, 1), 8, seed=0, without=frozenset({"whitning"}))


def test_without_regressions_or_autoencoders_there_is_no_program() -> None:
    network = compiled(NAMED["parity"][0])
    with pytest.raises(StageFailure, match=r"synthesized: linear lattice: no formula|synthesized: .*no formula for"):
        distil(network, integers(0, 1), 8, seed=0, without=FAMILIES)
    with pytest.raises(StageFailure, match="extracted: no autoencoder is left to try"):
        distil(network, integers(0, 1), 8, seed=0, without=frozenset({"linear lattice", "GCD lattice", "Boolean"}))


def test_formulas_that_fail_on_further_words_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distillation, "disagreement", lambda formulas, behaviour: 0.25)
    with pytest.raises(StageFailure, match=r"the formulas are wrong on 25\.00% of the answers to further words"):
        distil(compiled(NAMED["parity"][0]), integers(0, 1), 8, seed=0)


@pytest.mark.slow
def test_states_on_no_lattice_and_in_no_clusters_are_a_failure_that_says_so() -> None:
    drifting = Network(
        cell=(
            Layer(weight=np.array([[-0.21, 0.37], [0.6, 0.1]]), bias=np.array([0, 0.3])),
            Layer(weight=np.ones((2, 1)), bias=np.zeros(1)),
        ),
        readout=(Layer(weight=np.full((1, 1), 3.0), bias=np.zeros(1)),),
    )
    with pytest.raises(StageFailure, match=r"extracted: linear lattice: .*; GCD lattice: .*; Boolean: ") as failure:
        distil(drifting, integers(0, 9), 10, seed=0)
    assert failure.value.stage == "extracted"


def test_the_pipeline_knows_the_method_by_name() -> None:
    network = compiled(NAMED["parity"][0])
    assert by_name(network, integers(0, 1), 8, seed=0, method="paper") == distil(network, integers(0, 1), 8, seed=0)


def test_no_two_parts_share_a_name() -> None:
    """Leaving out a regression leaves every autoencoder in."""
    kinds = ("normalizers", NORMALIZERS), ("autoencoders", KINDS), ("regressions", FAMILIES), ("the rest", {RAW})
    assert sum(len(parts) for _, parts in kinds) == len(PARTS)


def test_symbolic_terms_alone_are_not_linear_forms() -> None:
    """A weighted sum of four variables is beyond enumeration; with linear forms it is found, without it is not."""
    rng = np.random.default_rng(0)
    columns = {f"v{i}": rng.integers(-9, 10, 300) for i in range(4)}
    target = 3 * columns["v0"] - 5 * columns["v1"] + 7 * columns["v2"] - 4 * columns["v3"] + 6
    assert regress(columns, [target], (0, 1, 2), LITTLE) is not None
    assert regress(columns, [target], (0, 1, 2), replace(LITTLE, families=frozenset({SYMBOLIC}))) is None
