"""Symbols that act alike are merged, exactly: compared with the columns of the machine that a network was made from."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from benchmarks.known import affine, compiled, machine_of, perceptron
from mips.extraction import extraction
from mips.extraction.extraction import extract_machine, unroll_machine
from mips.extraction.symbol_classes import Classes, sampled_classes
from mips.machines.mealy import MealyMachine, minimize
from mips.networks.network import Network


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
