"""Linear machines: equal to their network, over the integers, with the fewest remembered numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from random_examples import Array, linear_network, moving

from mips.extraction.realization import NotLinear, integer_solution, markov_parameters, realize
from mips.machines.linear import LinearMachine
from mips.networks.network import Layer, Network


def memory(machine: LinearMachine) -> int:
    outputs, inputs = machine.feedforward.shape[1:]
    return len(machine.feedback) * outputs + (len(machine.feedforward) - 1) * inputs


def run(machine: LinearMachine, word: list[list[int]]) -> list[list[int]]:
    """The machine as its docstring defines it."""
    ys: list[Array] = []
    for t in range(len(word)):
        y = machine.constant.copy()
        for lag, matrix in enumerate(machine.feedforward):
            y += matrix @ word[t - lag] if t >= lag else 0
        for lag, matrix in enumerate(machine.feedback, start=1):
            y += matrix @ ys[t - lag] if t >= lag else 0
        ys.append(y)
    return [y.tolist() for y in ys]


@pytest.mark.parametrize("seed", range(20))
def test_markov_parameters_and_behaviour_are_the_networks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights, feedback = rng.integers(-2, 3, rng.integers(1, 5)), rng.integers(-1, 2, rng.integers(0, 4))
    network = moving(weights.tolist(), feedback.tolist(), int(rng.integers(-2, 3)))
    machine = realize(network)
    for own, wanted in zip(machine.markov(25), markov_parameters(network, 25), strict=True):
        np.testing.assert_allclose(own, wanted, rtol=1e-6, atol=1e-5)
    words = rng.integers(-5, 6, (5, 12, 1))
    assert [run(machine, word) for word in words.tolist()] == network.run(words).tolist()


@pytest.mark.parametrize("seed", range(12))
def test_several_inputs_and_outputs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, inputs, outputs = 3, int(rng.integers(1, 3)), int(rng.integers(1, 3))
    network = linear_network(
        rng.integers(-1, 2, (size, size)),
        rng.integers(-1, 2, (inputs, size)),
        rng.integers(-1, 2, (size, outputs)),
        np.zeros(size),
        rng.integers(-1, 2, outputs) * 0,
    )
    machine = realize(network)
    words = rng.integers(-5, 6, (5, 15, inputs))
    assert [run(machine, word) for word in words.tolist()] == network.run(words).tolist()


@pytest.mark.parametrize("seed", range(12))
def test_no_smaller_memory_does(seed: int) -> None:
    """All recurrences with fewer remembered numbers and coefficients up to 3 are tried; none has the parameters."""
    rng = np.random.default_rng(seed)
    network = moving(rng.integers(-2, 3, 3).tolist(), rng.integers(-2, 3, 2).tolist())
    machine = realize(network)
    length = 2 * network.hidden_size + 2
    impulse = np.rint(markov_parameters(network, length)[0])[:, 0, 0]
    small = range(-3, 4)
    for back, ahead in itertools.product(range(3), repeat=2):
        if back + ahead >= memory(machine):
            continue
        for feedback in itertools.product(small, repeat=back):
            driven = [
                impulse[t] - sum(f * impulse[t - 1 - i] for i, f in enumerate(feedback) if t > i) for t in range(length)
            ]
            assert any(driven[ahead + 1 :]), (back, ahead, feedback)


@pytest.mark.parametrize(
    ("weights", "feedback", "remembered"),
    [
        ([1], [], 0),
        ([1], [1], 1),
        ([1, 1, 1, 1], [], 3),
        ([0, 0, 1], [], 2),
        ([1], [2, -1], 2),
        ([1, 0, 0, -1], [1], 2),
    ],
)
def test_known_memories(weights: list[int], feedback: list[int], remembered: int) -> None:
    assert memory(realize(moving(weights, feedback))) == remembered


def test_equal_outputs_have_an_integer_recurrence() -> None:
    """The least-squares feedback of two equal sums is one half each, which is no integer; another solution is."""
    network = linear_network(np.eye(1), np.ones((1, 1)), np.ones((1, 2)), np.zeros(1))
    machine = realize(network)
    assert np.abs(machine.feedback).sum() == 2
    assert run(machine, [[3], [4]]) == [[3, 3], [7, 7]]


def test_a_relu_is_refused() -> None:
    ones = Layer(weight=np.ones((2, 1)), bias=np.zeros(1))
    one = Layer(weight=np.ones((1, 1)), bias=np.zeros(1))
    for network in (Network(cell=(ones, one), readout=(one,)), Network(cell=(ones,), readout=(one, one))):
        with pytest.raises(NotLinear, match="inner layers"):
            realize(network)


@pytest.mark.parametrize("factor", [0.5, 1.01, float("nan"), float("inf")])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_parameters_that_are_no_integers_are_refused(factor: float) -> None:
    network = linear_network(np.eye(1), np.full((1, 1), factor), np.ones((1, 1)), np.zeros(1))
    with pytest.raises(NotLinear, match=r"Markov parameter lies .* from the nearest integer"):
        realize(network)


def test_parameters_beyond_double_precision_are_refused() -> None:
    network = linear_network(np.full((1, 1), 2.0**20), np.ones((1, 1)), np.ones((1, 1)), np.zeros(1))
    with pytest.raises(NotLinear, match="too large"):
        realize(network)


def test_a_response_that_no_constant_gives_is_refused() -> None:
    """0, 1, 0, 1, ... without any input cannot start from zeros with one constant."""
    network = linear_network(-np.eye(1), np.zeros((1, 1)), np.ones((1, 1)), np.ones(1), -np.ones(1))
    with pytest.raises(NotLinear, match="no integer recurrence with 1 lags"):
        realize(network)


@pytest.mark.parametrize("seed", range(60))
def test_integer_solutions_against_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix, target = rng.integers(-3, 4, (rng.integers(1, 4), 2)), None
    target = rng.integers(-4, 5, (len(matrix), 1))
    found = integer_solution(matrix, target)
    tried = [np.array([[a], [b]]) for a, b in itertools.product(range(-30, 31), repeat=2)]
    solvable = any(np.array_equal(matrix @ x, target) for x in tried)
    assert (found is not None) == solvable
    if found is not None:
        assert np.array_equal(matrix @ found, target)
