"""Congruences and images of machines, against all partitions of few states."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache, partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mips.machines.decomposition import Partition, congruences, image
from mips.machines.mealy import MealyMachine
from mips.symbolic.synthesis.labelling import Labelling, graph_of_machine
from mips.symbolic.synthesis.quotients import image_labellings


def random_machine(states: int, seed: int) -> MealyMachine:
    rng = np.random.default_rng(seed)
    return silent(rng.integers(0, states, (states, 2)).tolist())


def silent(transitions: Sequence[Sequence[int]]) -> MealyMachine:
    """Return the machine with these transitions, a row a state, whose every output is 0."""
    rows = tuple(map(tuple, transitions))
    return MealyMachine(symbols=((0,), (1,)), transitions=rows, outputs=tuple(((0,), (0,)) for _ in rows))


def counters(first: int, second: int) -> MealyMachine:
    """Ones counted modulo the first number, zeros modulo the second; the output is the product."""
    states = list(itertools.product(range(first), range(second)))
    after = [[(a, (b + 1) % second), ((a + 1) % first, b)] for a, b in states]
    return MealyMachine(
        symbols=((0,), (1,)),
        transitions=tuple(tuple(states.index(target) for target in row) for row in after),
        outputs=tuple(tuple((a * b,) for a, b in row) for row in after),
    )


@cache  # two tests read the labellings of one machine
def labellings(machine: MealyMachine) -> tuple[Labelling, ...]:
    return tuple(image_labellings(machine, [0, 1, 2]))


def partitions(states: int) -> list[Partition]:
    """All of them, blocks numbered as they first occur."""
    found: list[Partition] = [(0,)]
    for _ in range(states - 1):
        found = [(*one, block) for one in found for block in range(max(one) + 2)]
    return found


def is_congruence(machine: MealyMachine, partition: Partition) -> bool:
    return all(
        partition[machine.transitions[left][letter]] == partition[machine.transitions[right][letter]]
        for left, right in itertools.combinations(range(machine.size), 2)
        if partition[left] == partition[right]
        for letter in range(len(machine.symbols))
    )


def is_finer(partition: Partition, than: Partition) -> bool:
    """Return whether states that share a block of the partition share one of the other, too."""
    return all(
        than[left] == than[right]
        for left, right in itertools.combinations(range(len(partition)), 2)
        if partition[left] == partition[right]
    )


def machines_of(states: int) -> st.SearchStrategy[MealyMachine]:
    row = st.tuples(*[st.integers(0, states - 1)] * 2)
    return st.lists(row, min_size=states, max_size=states).map(silent)


MACHINES = st.integers(2, 5).flatmap(machines_of)


@settings(max_examples=30)
@given(MACHINES)
def test_the_congruences_are_the_least_for_a_pair_of_states_and_for_two_of_these(machine: MealyMachine) -> None:
    every = [one for one in partitions(machine.size) if is_congruence(machine, one)]

    def least(*finer: Partition) -> Partition:
        """Return the finest congruence whose blocks are unions of blocks of each of the partitions."""
        return max((one for one in every if all(map(partial(is_finer, than=one), finer))), key=max)

    states = range(machine.size)
    pairs = [tuple(left if state == right else state for state in states) for left in states for right in states[left:]]
    basic = {least(pair) for pair in pairs}
    expected = {one for one in {*basic, *(least(*two) for two in itertools.combinations(basic, 2))} if any(one)}
    found = congruences(machine, 1000)
    assert set(found) == expected
    assert len(found) == len(set(found)) and found[-1] == tuple(states)


@pytest.mark.parametrize("seed", range(12))
def test_of_most_machines_these_are_all_there_are(seed: int) -> None:
    machine = random_machine(5, seed)
    assert {*congruences(machine, 1000)} == {one for one in partitions(5) if any(one) and is_congruence(machine, one)}


@settings(max_examples=30)
@given(MACHINES)
def test_an_image_moves_with_the_machine(machine: MealyMachine) -> None:
    for partition in congruences(machine, 1000):
        small = image(machine, partition)
        for word in itertools.product(range(2), repeat=5):
            state, answers = 0, []
            for letter in word:
                state = machine.transitions[state][letter]
                answers.append((partition[state],))
            assert small.run(word) == answers


def test_a_partition_that_is_no_congruence_has_no_image() -> None:
    machine = counters(2, 3)
    with pytest.raises(ValueError, match="go to different blocks"):
        image(machine, (0, 0, 1, 1, 1, 1))


def test_two_counters_that_run_side_by_side_are_told_apart() -> None:
    machine = counters(3, 4)
    found = {str(one.variables[-1].update).replace(one.name, "s") for one in labellings(machine)}
    assert "(s + x) % 3" in found
    assert found & {"(s + 1 - x) % 4", "(s + (1 - x)) % 4"}


@pytest.mark.parametrize(
    "machine",
    [
        *(counters(3, 4), random_machine(6, 2)),
        *(
            pytest.param(machine, marks=pytest.mark.slow)
            for machine in (counters(2, 5), *(random_machine(6, seed) for seed in (0, 1, 3, 4, 5)))
        ),
    ],
)
def test_every_labelling_of_an_image_labels_the_machine_without_contradiction(machine: MealyMachine) -> None:
    graph = graph_of_machine(machine)
    for one in labellings(machine):
        state = one.variables[-1]
        columns = {**graph.inputs(), state.name: one.labels[graph.source]}
        assert one.labels[0] == state.start
        assert np.array_equal(state.update.evaluate(columns), one.labels[graph.target])


@pytest.mark.parametrize(
    ("factor", "modulus"),
    [
        *((2, 7), (3, 17)),
        *(pytest.param(*numbers, marks=pytest.mark.slow) for numbers in ((4, 11), (5, 13), (1, 25))),
    ],
)
def test_a_counter_may_step_by_any_number_for_each_symbol(factor: int, modulus: int) -> None:
    steps = (1, 2, 5)
    machine = MealyMachine(
        symbols=((0,), (1,), (2,)),
        transitions=tuple(tuple((factor * state + step) % modulus for step in steps) for state in range(modulus)),
        outputs=tuple(((state,),) * 3 for state in range(modulus)),
    )
    whole = [one for one in labellings(machine) if one.classes == modulus]
    assert whole and any(f"% {modulus}" in str(one.variables[-1].update) for one in whole)
