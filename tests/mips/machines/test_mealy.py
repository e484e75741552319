"""Minimization, against classes of states told apart by brute force."""

from __future__ import annotations

import itertools
import json
import random

import pytest
from random_examples import random_machine, shuffled

from mips.machines.mealy import MealyMachine, minimize


def from_state(machine: MealyMachine, state: int, word: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    answers = []
    for letter in word:
        answers.append(machine.outputs[state][letter])
        state = machine.transitions[state][letter]
    return tuple(answers)


def nerode_classes(machine: MealyMachine) -> int:
    """The number of reachable states that differ on some word; words of as many letters as there are states suffice."""
    reached, fresh = {0}, [0]
    while fresh:
        fresh = [target for state in fresh for target in machine.transitions[state] if target not in reached]
        reached |= set(fresh)
    words = list(itertools.product(range(len(machine.symbols)), repeat=machine.size))
    return len({tuple(from_state(machine, state, word) for word in words) for state in reached})


@pytest.mark.parametrize("seed", range(60))
def test_minimal_and_of_the_same_behaviour(seed: int) -> None:
    rng = random.Random(seed)
    machine = random_machine(rng, states=rng.randint(1, 5), letters=rng.randint(1, 3))
    small = minimize(machine)
    assert small.size == nerode_classes(machine)
    for word in itertools.product(range(len(machine.symbols)), repeat=5):
        assert small.run(word) == machine.run(word)


@pytest.mark.parametrize("seed", range(30))
def test_equality_is_behaviour(seed: int) -> None:
    rng = random.Random(seed)
    machine = random_machine(rng, states=4, letters=2)
    small = minimize(machine)
    assert minimize(small) == small
    assert minimize(shuffled(machine, rng)) == small
    other = random_machine(rng, states=4, letters=2)
    words = list(itertools.product(range(2), repeat=8))
    alike = all(machine.run(word) == other.run(word) for word in words)
    assert (minimize(other) == small) == alike


@pytest.mark.parametrize("seed", range(20))
def test_states_are_numbered_breadth_first(seed: int) -> None:
    small = minimize(random_machine(random.Random(seed), states=6, letters=2))
    met = [0]
    for state in range(small.size):
        met += [target for target in small.transitions[state] if target not in met]
    assert list(dict.fromkeys(met)) == list(range(small.size))


def test_one_changed_output_is_another_behaviour() -> None:
    parity = MealyMachine(symbols=((0,), (1,)), transitions=((0, 1), (1, 0)), outputs=(((0,), (1,)), ((1,), (0,))))
    changed = MealyMachine(symbols=((0,), (1,)), transitions=((0, 1), (1, 0)), outputs=(((0,), (1,)), ((1,), (1,))))
    assert parity.run([1, 0, 1, 1]) == [(1,), (1,), (0,), (1,)]
    assert minimize(parity) == parity != minimize(changed)
    assert parity.run([]) == []


def test_json_holds_the_machine() -> None:
    machine = random_machine(random.Random(0), states=3, letters=2)
    read = json.loads(machine.to_json())
    assert read.pop("start") == 0 and read.pop("classes") == [0, 1]
    tuples = {name: tuple(tuple(row) for row in rows) for name, rows in read.items() if name != "outputs"}
    outputs = tuple(tuple(tuple(entry) for entry in row) for row in read["outputs"])
    assert MealyMachine(**tuples, outputs=outputs) == machine


@pytest.mark.parametrize(
    ("transitions", "outputs", "reason"),
    [
        ((), (), "0 rows of transitions and 0 rows of outputs"),
        (((0, 0),), (), "1 rows of transitions and 0 rows of outputs"),
        (((0,),), (((0,), (0,)),), "a row has 1 entries for 2 symbols"),
        (((0, 0),), (((0,),),), "a row has 1 entries for 2 symbols"),
        (((0, 1),), (((0,), (0,)),), "a transition leads outside the states 0..0"),
        (((-1, 0),), (((0,), (0,)),), "a transition leads outside the states 0..0"),
    ],
)
def test_an_incomplete_machine_is_refused(transitions: tuple, outputs: tuple, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        MealyMachine(symbols=((0,), (1,)), transitions=transitions, outputs=outputs)
