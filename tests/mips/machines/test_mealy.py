"""Minimization, against classes of states told apart by brute force; the walk over pairs of states, against words."""

from __future__ import annotations

import itertools
import json
import random

import pytest
from random_examples import random_machine, shuffled

from mips.machines.bisimulation import Different, Equivalent, Undecided, distinguish
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


def run(machine, word):
    state, step = machine
    outputs = []
    for x in word:
        state, y = step(state, x)
        outputs.append(y)
    return outputs


def table_machine(rng, states, symbols):
    table = {(s, x): (rng.randrange(states), rng.random() < 0.2) for s in range(states) for x in symbols}
    return 0, lambda s, x: table[s, x]


@pytest.mark.parametrize("seed", range(60))
def test_the_word_is_the_first_that_differs_and_closing_means_equal(seed):
    rng = random.Random(seed)
    symbols = "ab" if seed % 2 else "abc"
    left, right = (table_machine(rng, rng.randint(1, 3), symbols) for _ in range(2))
    longest = 6  # two machines of at most 3 states differ within 5 symbols or never (Moore)
    words = (word for length in range(longest + 1) for word in itertools.product(symbols, repeat=length))
    first = next((word for word in words if run(left, word) != run(right, word)), None)
    found = distinguish(left, right, symbols, max_pairs=100, max_steps=1000)
    assert (found.word if isinstance(found, Different) else None) == first
    assert isinstance(found, Different if first else Equivalent)


def test_renamed_and_split_states_are_equal():
    left = (0, lambda s, x: ((s + x) % 3, s))
    right = (30, lambda s, x: ((s + x) % 6 + 30, s % 3))
    assert distinguish(left, right, [0, 1, 2], max_pairs=100, max_steps=1000) == Equivalent(6)


COUNTER = (0, lambda s, x: (s + 1, 0))


@pytest.mark.parametrize(
    ("bounds", "pairs"), [({"max_pairs": 7, "max_steps": 1000}, 7), ({"max_pairs": 1000, "max_steps": 7}, 8)]
)
def test_a_bound_leaves_it_undecided(bounds, pairs):
    assert distinguish(COUNTER, COUNTER, [0], **bounds) == Undecided(pairs)


def test_a_late_difference_of_infinite_machines_is_found():
    late = (0, lambda s, x: (s + 1, int(s == 50)))
    assert distinguish(COUNTER, late, [0], max_pairs=100, max_steps=100) == Different((0,) * 51)


def test_states_that_grow_end_the_walk_when_the_memory_is_used_up() -> None:
    def grow(state: tuple[int, ...], x: int) -> tuple[tuple[int, ...], int]:
        return (*state, x), 0

    growing = ((), grow)
    many = distinguish(growing, growing, (0, 1), max_pairs=10_000, max_steps=100_000)
    few = distinguish(growing, growing, (0, 1), max_pairs=10_000, max_steps=100_000, max_bytes=100_000)
    assert isinstance(many, Undecided) and many.pairs == 10_000
    assert isinstance(few, Undecided) and 50 < few.pairs < 500
    small = (0, lambda state, x: ((state + x) % 50, 0))
    assert distinguish(small, small, (0, 1), max_pairs=99, max_steps=999, max_bytes=100_000) == Equivalent(50)
