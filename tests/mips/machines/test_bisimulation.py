"""The walk over pairs of states agrees with running all words."""

import itertools
import random

import pytest

from mips.machines.bisimulation import Different, Equivalent, Undecided, distinguish


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
