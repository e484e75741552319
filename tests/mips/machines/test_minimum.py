"""The theoretical minimum: against brute force on small machines, and known by hand for named ones."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from random_examples import linear_network, moving, random_machine, shuffled

from benchmarks.known import NAMED
from mips.extraction.realization import markov_parameters, realize
from mips.machines.linear import LinearMachine
from mips.machines.mealy import MealyMachine
from mips.machines.minimum import Minimum, exact_rank, smallest_finite, smallest_linear

Array = np.ndarray


def rank(weights: list[int], feedback: list[int], constant: int = 0) -> int:
    machine = LinearMachine(
        feedback=np.array(feedback, dtype=np.int64).reshape(-1, 1, 1),
        feedforward=np.array(weights, dtype=np.int64).reshape(-1, 1, 1),
        constant=np.array([constant]),
    )
    found = smallest_linear(machine)
    assert found.kind == "rank"
    return found.value


@pytest.mark.parametrize(
    ("weights", "feedback", "constant", "order"),
    [
        ([1], [], 0, 1),  # y = x: the input itself must be in the hidden state
        ([1], [], 7, 1),  # y = x + 7: the readout's bias does it
        ([0], [], 5, 0),
        ([0, 0, 1], [], 0, 3),  # x two steps ago
        ([1] * 7, [], 0, 7),  # the sum of the last seven
        ([1], [1], 0, 1),  # the sum of all
        ([1], [1], 3, 1),  # of x + 3
        ([0], [1], 2, 1),  # a clock
        ([1], [2, -1], 0, 2),  # the sum of sums: the sum itself is needed too
        ([1, 0, 0, -1], [1], 0, 3),
        ([1, -1], [1], 0, 1),  # (1 - z) / (1 - z): a factor that cancels
        ([1, -2], [2], 0, 1),
    ],
)
def test_known_orders(weights: list[int], feedback: list[int], constant: int, order: int) -> None:
    assert rank(weights, feedback, constant) == order


def test_numbers_beyond_64_bits_are_exact() -> None:
    assert rank([1], [10**6]) == 1
    assert rank([1], [10**6, 1]) == 2


@pytest.mark.parametrize("seed", range(30))
def test_no_constant_of_the_readout_does_better_and_one_does_as_well(seed: int) -> None:
    """For every c of a grid the Hankel matrix is written out; the rank is over c, a corner of the matrix, the least."""
    rng = np.random.default_rng(seed)
    weights, feedback = rng.integers(-2, 3, rng.integers(1, 4)).tolist(), rng.integers(-1, 2, rng.integers(0, 3))
    constant = int(rng.integers(-2, 3))
    size = 8
    machine = LinearMachine(
        feedback=feedback.reshape(-1, 1, 1), feedforward=np.array(weights).reshape(-1, 1, 1),
        constant=np.array([constant]),
    )  # fmt: skip
    impulse, resting = machine.markov(2 * size)
    steps = np.diff(resting[:, 0], prepend=0)
    ranks = []
    for twelfths in range(-144, 145):  # c times 12, and with it everything else
        columns = [12 * impulse[:, 0, 0], 12 * steps]
        columns[1][0] = 12 * constant - twelfths
        response = np.stack(columns, axis=1)
        ranks.append(exact_rank([response[i : i + size].ravel() for i in range(size)]))
    assert rank(weights, feedback.tolist(), constant) == min(ranks)


@pytest.mark.parametrize("seed", range(20))
def test_the_rank_is_that_of_the_networks_own_system(seed: int) -> None:
    """Several inputs and outputs: what is controllable and observable of h' = A h + B x (Kalman)."""
    rng = np.random.default_rng(seed)
    size, inputs, outputs = 4, int(rng.integers(1, 3)), int(rng.integers(1, 3))
    step, entrance = rng.integers(-1, 2, (size, size)), rng.integers(-1, 2, (inputs, size))
    exit_ = rng.integers(-1, 2, (size, outputs))
    network = linear_network(step, entrance, exit_, np.zeros(size))
    powers = [np.linalg.matrix_power(step, k) for k in range(size)]
    reach, see = np.concatenate([entrance @ p for p in powers]), np.concatenate([p @ exit_ for p in powers], axis=1)
    assert smallest_linear(realize(network)).value == exact_rank(reach @ see)


@pytest.mark.parametrize("seed", range(10))
def test_no_network_is_below_its_minimum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = moving(rng.integers(-2, 3, 3).tolist(), rng.integers(-2, 3, 2).tolist(), int(rng.integers(-2, 3)))
    machine = realize(network)
    assert np.isfinite(markov_parameters(network, 5)[0]).all()
    assert 0 <= smallest_linear(machine).value <= network.hidden_size


@pytest.mark.parametrize("seed", range(40))
def test_exact_rank_against_determinants(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-2, 3, (rng.integers(1, 5), rng.integers(1, 5)))
    if len(matrix) > 2:
        matrix[-1] = matrix[0] - 2 * matrix[1]
    largest = 0
    for size in range(1, min(matrix.shape) + 1):
        for rows in itertools.combinations(range(matrix.shape[0]), size):
            for columns in itertools.combinations(range(matrix.shape[1]), size):
                if round(np.linalg.det(matrix[np.ix_(rows, columns)])):
                    largest = size
    assert exact_rank(matrix) == largest


def test_exact_rank_where_floats_cannot_tell() -> None:
    assert exact_rank([[10**20, 10**20 + 1], [10**20 - 1, 10**20]]) == 2
    assert exact_rank([[10**20, 10**20], [10**20, 10**20]]) == 1
    assert exact_rank([]) == exact_rank([[0, 0]]) == 0


def moore_classes(machine: MealyMachine, longest: int) -> int:
    """How many hidden states are needed: words up to `longest`, told apart by the last output or by what may follow.

    The empty word has no last output: it is counted only when it can share its state with no other word.
    """
    letters = range(len(machine.symbols))
    suffixes = [word for length in range(1, longest + 1) for word in itertools.product(letters, repeat=length)]
    follow = {
        word: tuple(tuple(machine.run([*word, *suffix])[len(word) :]) for suffix in suffixes)
        for word in [(), *suffixes]
    }
    classes = {(machine.run(word)[-1], follow[word]) for word in suffixes}
    return len(classes) + (follow[()] not in {after for _, after in classes})


@pytest.mark.parametrize("seed", range(40))
def test_states_of_the_smallest_moore_machine_against_brute_force(seed: int) -> None:
    rng = random.Random(seed)
    machine = random_machine(rng, states=rng.randint(1, 3), letters=2)
    found = smallest_finite(machine)
    assert found == Minimum(kind="states", value=moore_classes(machine, 5))
    assert smallest_finite(shuffled(machine, rng)) == found


def test_known_numbers_of_states() -> None:
    """Parity's output is its state. The last symbol and the one before: both must be in the state."""
    assert smallest_finite(NAMED["parity"][0]).value == 2
    assert smallest_finite(NAMED["copy"][0]).to_json()["kind"] == "states"
    letters = tuple((x,) for x in range(3))
    delay = MealyMachine(
        symbols=letters, transitions=((0, 1, 2),) * 3, outputs=tuple((letters[state],) * 3 for state in range(3))
    )
    assert smallest_finite(delay).value == 9
    copy = MealyMachine(symbols=letters, transitions=((0, 0, 0),), outputs=(letters,))
    assert smallest_finite(copy).value == 3


def test_a_start_that_nothing_leads_back_to_is_one_more() -> None:
    first = MealyMachine(
        symbols=((0,), (1,)), transitions=((1, 1), (1, 1)), outputs=(((7,), (8,)), ((0,), (0,)))
    )  # 7 or 8, then zeros for ever
    assert smallest_finite(first).value == 4
