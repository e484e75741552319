"""Networks that are right but for one answer in a hundred: the machine of the majority, and the program behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from observing import Kept

from benchmarks.damage import FACTORS, NUMBERS, OFFSET, RARE, damaged
from benchmarks.known import COUNTER, KNOWN, MODULO, affine, perceptron
from mips.distillation import full
from mips.distillation.full import distil
from mips.extraction import majority
from mips.extraction.budget import ExtractionBudget
from mips.extraction.extraction import extract_machine
from mips.extraction.hankel import NotFinite
from mips.extraction.majority import majority_machine
from mips.machines.mealy import MealyMachine
from mips.networks.network import Network
from mips.outcome import StageFailure
from mips.symbolic.synthesis.behaviour import Behaviour
from mips.symbolic.synthesis.synthesis import synthesize
from mips.symbolic.terms.formulas import Formulas
from mips.tasks.task import integers

PARITY = Network(cell=perceptron([[1, 1], [1, 1]], [0, -1], [[1], [-2]], [0]), readout=affine([[1]], [0]))
MAXIMUM = Network(cell=perceptron([[1, 0], [-1, 1]], [0, 0], [[1], [1]], [0]), readout=affine([[1]], [0]))
NETWORKS = {"parity": (PARITY, 1, 2), "modulo 3": (MODULO, 1, 3), "maximum": (MAXIMUM, 5, 6)}  # highest input, states


def words(high: int, length: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, high, (300, length, 1), endpoint=True)


def letters(high: int) -> tuple[tuple[int, ...], ...]:
    return tuple((x,) for x in range(high + 1))


def damage(network: Network, high: int) -> Network:
    return damaged(network, 0, high)


@pytest.mark.parametrize("name", KNOWN)
def test_the_damage_is_done_where_the_scrambler_says_and_nowhere_else(name: str) -> None:
    network, low, high = KNOWN[name]
    seen = np.random.default_rng(3).integers(low, high, (200, 30, 1), endpoint=True)
    rare = np.zeros(seen.shape, dtype=np.int64)
    for word, found in zip(seen[:, :, 0].tolist(), rare, strict=True):
        number = 0
        for t, x in enumerate(word):
            number = (2 * number + FACTORS[0] * (x - low) + OFFSET) % NUMBERS
            found[t] = number == RARE
    assert np.array_equal(damaged(network, low, high).run(seen) - network.run(seen), rare)
    assert 0.003 < rare.mean() < 0.02


@pytest.mark.parametrize("name", NETWORKS)
def test_the_majority_is_nearly_the_machine_without_the_damage(name: str) -> None:
    """Nearly: wrong answers that several words share may look like a state of their own."""
    network, high, states = NETWORKS[name]
    with pytest.raises(NotFinite):
        extract_machine(damage(network, high), letters(high), horizon=10, seed=0)
    exact = extract_machine(network, letters(high), horizon=10, seed=0)
    assert exact.size == states
    found = majority_machine(damage(network, high), letters(high), horizon=10, seed=0, noise=0.02)
    seen = words(high, 10)
    answers = np.array([found.run(word) for word in seen[:, :, 0].tolist()])
    assert (answers == network.run(seen)).mean() > 0.98
    assert found == exact or name == "modulo 3"


def search_of_the_machine(
    behaviour: Behaviour, machine: MealyMachine | None, *, noise: float, tell: Callable[[Any], None]
) -> Formulas:
    """Return formulas of the machine's own answers, and refuse where there is none, as the search does in the end."""
    if machine is None:
        raise StageFailure("synthesized", "no formula fits")
    parts = (behaviour.words, behaviour.check_words)
    outputs, check_outputs = (np.array([machine.run(word) for word in words[:, :, 0].tolist()]) for words in parts)
    own = replace(behaviour, outputs=outputs, check_outputs=check_outputs)
    return synthesize(own, machine, noise=0.0, tell=tell)


@pytest.fixture
def search(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have formulas looked for as ever in the slow tests, else without overruling anything, which takes long."""
    if request.param == "of the machine":
        monkeypatch.setattr(full, "synthesize", search_of_the_machine)


@pytest.mark.usefixtures("search")
@pytest.mark.parametrize(
    ("name", "search"),
    [("parity", "of the machine"), pytest.param("modulo 3", "whole", marks=pytest.mark.slow)],
    indirect=["search"],
)
def test_the_program_behind_a_damaged_network_is_found_and_what_was_overruled_is_said(name: str) -> None:
    network, high, _ = NETWORKS[name]
    facts: dict[str, dict[str, int]] = {}
    tell = Kept(facts=facts)
    found = distil(damage(network, high), integers(0, high), 10, seed=0, noise=0.02, tell=tell)
    assert np.array_equal(found.formulas.run(words(high, 30)), network.run(words(high, 30)))
    assert 0.001 < facts["overruled"]["answers"] / facts["overruled"]["of"] < 0.02


@pytest.mark.parametrize("shift", [-9.0, 2000.0])
def test_answers_may_be_negative_or_large(shift: float) -> None:
    network = Network(cell=MAXIMUM.cell, readout=affine([[1]], [shift]))
    exact = extract_machine(network, letters(5), horizon=10, seed=0)
    assert majority_machine(damage(network, 5), letters(5), horizon=10, seed=0, noise=0.02) == exact


def test_answers_may_have_many_numbers() -> None:
    network = Network(cell=PARITY.cell, readout=affine([[300, 600, -900, 1, 2, 3, 4]], [0] * 7))
    found = majority_machine(damage(network, 1), letters(1), horizon=10, seed=0, noise=0.02)
    assert found == extract_machine(network, letters(1), horizon=10, seed=0)


@pytest.mark.usefixtures("search")
@pytest.mark.parametrize(
    "search", ["of the machine", pytest.param("whole", marks=pytest.mark.slow)], indirect=["search"]
)
def test_without_a_known_noise_wrong_answers_are_overruled_at_last() -> None:
    facts: dict[str, dict[str, int]] = {}
    found = distil(damage(PARITY, 1), integers(0, 1), 10, seed=0, tell=Kept(facts=facts))
    assert np.array_equal(found.formulas.run(words(1, 30)), PARITY.run(words(1, 30)))
    assert facts["overruled"]["answers"] > 0


def test_a_network_without_damage_overrules_nothing() -> None:
    facts: dict[str, dict[str, int]] = {}
    distil(PARITY, integers(0, 1), 10, seed=0, tell=Kept(facts=facts))
    assert facts["overruled"]["answers"] == 0 < facts["overruled"]["of"]


def test_too_much_damage_is_not_overruled() -> None:
    with pytest.raises(NotFinite, match="contradicted by"):
        majority_machine(damage(MODULO, 1), letters(1), horizon=10, seed=0, noise=0.001)


def test_a_counter_has_no_machine_of_a_majority() -> None:
    with pytest.raises(NotFinite):
        majority_machine(COUNTER, tuple((x,) for x in range(-1, 2)), horizon=10, seed=0, noise=0.02)


def test_the_answers_of_a_group_are_the_most_frequent_of_its_members() -> None:
    """Also where groups have not settled when the next is split: none is ever empty."""
    budget = ExtractionBudget(settling_rounds=1)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rows = rng.integers(0, 4, (int(rng.integers(40, 200)), int(rng.integers(2, 6))))
        modes, group = majority._grouped(rows, 0.0, budget)
        assert sorted(set(group.tolist())) == list(range(len(modes)))
        for number, mode in enumerate(modes):
            for column, answer in zip(rows[group == number].T, mode, strict=True):
                assert (column == answer).sum() == np.bincount(column).max()


def test_words_that_are_too_short_to_look_ahead_are_refused() -> None:
    with pytest.raises(NotFinite, match="too short"):
        majority_machine(PARITY, letters(1), horizon=2, seed=0, noise=0.02)
