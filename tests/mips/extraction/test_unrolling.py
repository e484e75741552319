"""Machines that never end, unrolled as far as can be told; symbols that act alike are merged, exactly."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.known import KNOWN, NAMED, affine, compiled, counter, machine_of, perceptron
from mips.extraction import extraction
from mips.extraction.budget import ExtractionBudget
from mips.extraction.extraction import NotFinite, extract_machine, unroll_machine
from mips.extraction.symbol_classes import Classes, sampled_classes
from mips.machines.mealy import MealyMachine, UnrolledMachine, minimize
from mips.networks.network import Network

# y = 1 while there were more ones than zeros. As a counter the machine has a state for each difference.
VOTE = Network(
    cell=affine([[1.0], [2.0]], [-1.0]), readout=perceptron([[1.0, 1.0]], [0.0, -1.0], [[1.0], [-1.0]], [0.0])
)
BITS = ((0,), (1,))


def state_after(machine: UnrolledMachine, word: tuple[int, ...]) -> int | None:
    state: int | None = 0
    for letter in word:
        if state is None:
            return None
        state = machine.transitions[state][letter]
    return state


def residual(network: Network, letters: int, word: tuple[int, ...], longest: int) -> dict[tuple[int, ...], Any]:
    """Return what is answered last on each word of at most `longest` letters after `word`."""
    return {
        after: network.run(np.array([[*word, *after]])[:, :, None])[0, -1].tolist()
        for length in range(1, longest + 1)
        for after in itertools.product(range(letters), repeat=length)
    }


def by_brute_force(network: Network, letters: int, horizon: int) -> list[list[int | None]]:
    """Return the transitions between distinct residuals, words in order of length, none where several are possible."""
    access: list[tuple[int, ...]] = [()]
    known = [residual(network, letters, (), horizon)]
    transitions: list[list[int | None]] = []
    for word in access:
        transitions.append([])
        for letter in range(letters):
            after = (*word, letter)
            own = residual(network, letters, after, horizon - len(after))
            matches = [number for number, other in enumerate(known) if own.items() <= other.items()]
            if not matches:
                matches = [len(access)]
                access.append(after)
                known.append(own)
            transitions[-1].append(matches[0] if len(matches) == 1 else None)
    return transitions


ENDLESS: dict[str, tuple[Network, int]] = {
    "vote": (VOTE, 2),
    "sum": (counter(0, 2)[0], 3),
    "saturating": (KNOWN["saturating counter"][0], 2),
    "sum minus maximum": (KNOWN["sum minus maximum"][0], 3),
    "parity of the last 4": (KNOWN["parity of the last 4"][0], 2),
}


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.parametrize("horizon", [1, 2, 3, 5])
def test_the_distinct_residuals_up_to_the_horizon(name: str, horizon: int) -> None:
    network, letters = ENDLESS[name]
    found = unroll_machine(network, tuple((x,) for x in range(letters)), horizon=horizon, seed=0)
    assert [list(row) for row in found.transitions] == by_brute_force(network, letters, horizon)
    for word in itertools.product(range(letters), repeat=horizon):
        answers = [tuple(y) for y in network.run(np.array(word)[None, :, None])[0].tolist()]
        told = found.run(word)
        assert told == answers[: len(told)] and told


@pytest.mark.parametrize("horizon", [4, 6, 8])
def test_a_vote_has_a_state_for_each_difference_that_can_still_matter(horizon: int) -> None:
    found = unroll_machine(VOTE, BITS, horizon=horizon, seed=0)
    assert found.size == horizon + 1
    assert len(found.run((1, 0) * horizon)) == horizon  # it stays near zero, and the machine does not go further
    assert state_after(found, (1, 0)) == 0


def test_a_finite_machine_unrolled_is_the_machine() -> None:
    for name in ("parity", "division by 7", "sum modulo 8", "position"):
        machine, _ = NAMED[name]
        network = compiled(machine)
        found = unroll_machine(network, machine.symbols, horizon=10, seed=0)
        whole = extract_machine(network, machine.symbols, horizon=10, seed=0)
        assert (found.transitions, found.outputs) == (whole.transitions, whole.outputs)


def test_too_many_states_are_left_out() -> None:
    network, symbols = counter(0, 2)
    found = unroll_machine(network, symbols, horizon=8, seed=0, budget=ExtractionBudget(most_states=5))
    assert found.size == 5
    assert found.run([1, 1, 1, 1]) == [(1,), (2,), (3,), (4,)]
    assert len(found.run([2] * 8)) < 8


def test_the_text_says_how_far_it_goes() -> None:
    facts = json.loads(unroll_machine(VOTE, BITS, horizon=4, seed=0).to_json())
    assert facts["horizon"] == 4 and facts["classes"] == [0, 1]
    assert any(None in row for row in facts["transitions"])
    assert "horizon" not in json.loads(extract_machine(compiled(NAMED["parity"][0]), BITS, horizon=5, seed=0).to_json())


@pytest.mark.parametrize("find", [extract_machine, unroll_machine])
def test_rounds_end(find: Callable[..., MealyMachine | UnrolledMachine]) -> None:
    with pytest.raises(NotFinite, match="still a new disagreement after 1 rounds"):
        find(compiled(NAMED["0101 or 1010"][0]), BITS, horizon=10, seed=0, budget=ExtractionBudget(rounds=1))


# Classes of symbols


def partition(numbers: list[int]) -> set[frozenset[int]]:
    return {frozenset(i for i, n in enumerate(numbers) if n == number) for number in numbers}


def alike(machine: MealyMachine) -> set[frozenset[int]]:
    """Return the classes of symbols, from all pairs of them."""
    same = {
        (a, b)
        for a, b in itertools.product(range(len(machine.symbols)), repeat=2)
        if all(row[a] == row[b] for row in (*machine.transitions, *machine.outputs))
    }
    return {frozenset(b for b in range(len(machine.symbols)) if (a, b) in same) for a in range(len(machine.symbols))}


def with_copies(seed: int, states: int, kinds: int, letters: int) -> MealyMachine:
    """Return a random machine whose letters are copies of fewer."""
    rng = np.random.default_rng(seed)
    of = np.concatenate([np.arange(kinds), rng.integers(0, kinds, letters - kinds)])
    transitions, outputs = rng.integers(0, states, (states, kinds)), rng.integers(0, 2, (states, kinds, 1))
    return MealyMachine(
        symbols=tuple((letter,) for letter in range(letters)),
        transitions=tuple(map(tuple, transitions[:, of].tolist())),
        outputs=tuple(tuple(map(tuple, row)) for row in outputs[:, of].tolist()),
    )


@pytest.mark.parametrize("seed", range(4))
def test_classes_are_the_equal_columns_of_the_machine(seed: int) -> None:
    machine = with_copies(seed, states=6, kinds=4, letters=40)
    found = extract_machine(compiled(machine), machine.symbols, horizon=12, seed=seed)
    assert found == minimize(machine)
    assert partition(json.loads(found.to_json())["classes"]) == alike(minimize(machine))


def test_a_rare_difference_splits_a_class() -> None:
    """Of 12 symbols 10 do nothing; 0 leads from each of four states to the next; in the last 1 differs from the ten."""
    machine = machine_of(4, range(12), lambda s, x: (min(s + (x == 0), 3), s == 3 and x == 1))
    network, symbols = compiled(machine), machine.symbols
    coarse = sampled_classes(network, np.array(symbols), 12, np.random.default_rng(0))
    assert len(coarse.representatives) < 3
    found = extract_machine(network, symbols, horizon=12, seed=0)
    assert found == minimize(machine)
    assert partition(json.loads(found.to_json())["classes"]) == {
        frozenset({0}),
        frozenset({1}),
        frozenset(range(2, 12)),
    }


def test_a_symbol_is_asked_for_once_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    original = extraction.states

    def states(network, alphabet, letters, *rest, **options):  # type: ignore[no-untyped-def]
        asked.append(len(letters))
        return original(network, alphabet, letters, *rest, **options)

    monkeypatch.setattr(extraction, "states", states)
    machine = machine_of(3, range(60), lambda s, x: ((s + x) % 3, s))
    assert extract_machine(compiled(machine), machine.symbols, horizon=8, seed=0) == minimize(machine)
    assert max(asked) == 3


def test_splitting_keeps_representatives_and_their_numbers() -> None:
    classes = Classes(of=np.array([0, 0, 1, 0, 1, 0]), representatives=np.array([0, 2]))
    split = classes.split(np.array([[7], [8], [7], [7], [7], [9]]))
    assert split.of.tolist() == [0, 2, 1, 0, 1, 3]
    assert split.representatives.tolist() == [0, 2, 1, 5]
    assert not split.is_finest and split.split(np.arange(6)[:, None]).is_finest


def test_classes_of_a_machine_that_never_ends() -> None:
    """The sum of absolute values: numbers and their opposites act alike, also where no finite machine is found."""
    network = Network(
        cell=perceptron([[1, 0, 0], [0, 1, -1]], [0, 0, 0], [[1], [1], [1]], [0]), readout=affine([[1]], [0])
    )
    found = unroll_machine(network, tuple((x,) for x in range(-3, 4)), horizon=5, seed=0)
    assert json.loads(found.to_json())["classes"] == [0, 1, 2, 3, 2, 1, 0]
