"""Machines from networks that were built by hand, so that the right answer is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from benchmarks.known import NAMED, compiled, counter, machine_of
from mips.extraction.budget import BUDGET
from mips.extraction.extraction import extract_machine
from mips.extraction.hankel import NotFinite
from mips.extraction.words import planned_words, walking_words
from mips.machines.mealy import MealyMachine, minimize
from mips.networks.network import Layer, Network


def random_machine(seed: int, states: int, letters: int, values: int = 2, width: int = 1) -> MealyMachine:
    rng = np.random.default_rng(seed)
    return MealyMachine(
        symbols=tuple((letter - 1,) for letter in range(letters)),
        transitions=tuple(map(tuple, rng.integers(0, states, (states, letters)).tolist())),
        outputs=tuple(
            tuple(map(tuple, row)) for row in rng.integers(-1, values - 1, (states, letters, width)).tolist()
        ),
    )


@pytest.mark.parametrize("name", NAMED)
def test_known_machines(name: str) -> None:
    machine, size = NAMED[name]
    found = extract_machine(compiled(machine), machine.symbols, horizon=10, seed=0)
    assert found == minimize(machine)
    assert found.size == size


@pytest.mark.parametrize(("states", "letters", "horizon"), [(4, 2, 10), (8, 2, 14), (12, 4, 12), (16, 8, 10)])
@pytest.mark.parametrize("seed", range(3))
def test_random_machines(seed: int, states: int, letters: int, horizon: int) -> None:
    machine = random_machine(seed, states, letters)
    assert extract_machine(compiled(machine), machine.symbols, horizon=horizon, seed=0) == minimize(machine)


@pytest.mark.parametrize(("states", "letters"), [(8, 49), (32, 6)])
def test_many_states_or_many_symbols(states: int, letters: int) -> None:
    machine = random_machine(0, states, letters, values=3)
    assert extract_machine(compiled(machine), machine.symbols, horizon=10, seed=0) == minimize(machine)


def test_several_outputs() -> None:
    machine = random_machine(0, 6, 3, values=3, width=2)
    assert extract_machine(compiled(machine), machine.symbols, horizon=10, seed=0) == minimize(machine)


def test_symbols_of_several_numbers() -> None:
    """Binary addition as x0 + x1 through the machine of three sums."""
    sums = machine_of(2, range(3), lambda s, x: (s + x >= 2, (s + x) % 2))
    inner = compiled(sums)
    first = inner.cell[0]
    weight = np.vstack([first.weight, first.weight[-1:]])
    network = Network(cell=(Layer(weight=weight, bias=first.bias), *inner.cell[1:]), readout=inner.readout)
    symbols = tuple(itertools.product(range(2), repeat=2))
    found = extract_machine(network, symbols, horizon=10, seed=0)
    assert found.symbols == symbols
    assert (found.transitions, found.outputs) == (
        ((0, 0, 0, 1), (0, 1, 1, 1)),
        (((0,), (1,), (1,), (0,)), ((1,), (0,), (0,), (1,))),
    )


def test_the_basis_of_the_hidden_states_does_not_matter() -> None:
    machine = random_machine(3, 6, 3)
    inner = compiled(machine)
    size = inner.hidden_size
    basis = np.random.default_rng(0).normal(size=(size, size)) + 3 * np.eye(size)
    other = np.linalg.inv(basis)
    first, last, read = inner.cell[0], inner.cell[-1], inner.readout[0]
    network = Network(
        cell=(
            Layer(weight=np.vstack([other @ first.weight[:size], first.weight[size:]]), bias=first.bias),
            *inner.cell[1:-1],
            Layer(weight=last.weight @ basis, bias=last.bias @ basis),
        ),
        readout=(Layer(weight=other @ read.weight, bias=read.bias),),
    )
    assert extract_machine(network, machine.symbols, horizon=10, seed=0) == minimize(machine)


@pytest.mark.parametrize("seed", range(4))
def test_the_seed_only_draws_words(seed: int) -> None:
    machine = random_machine(1, 6, 3)
    assert extract_machine(compiled(machine), machine.symbols, horizon=10, seed=seed) == minimize(machine)


class Asked(Exception):
    """The network was asked something longer than it may be asked."""


@pytest.mark.parametrize("horizon", [1, 2, 3, 6, 10])
def test_no_question_is_longer_than_the_horizon(horizon: int) -> None:
    """The hidden state counts the steps; a network that answers nonsense after the horizon is told from none."""
    machine, _ = NAMED["division by 7"]
    inner = compiled(machine)

    class Watched:
        output_width = inner.output_width

        def start(self, count: int) -> np.ndarray:
            return np.hstack([inner.start(count), np.zeros((count, 1))])

        def step(self, hidden: np.ndarray, symbols: np.ndarray) -> np.ndarray:
            if hidden[:, -1].max() >= horizon:
                raise Asked
            return np.hstack([inner.step(hidden[:, :-1], symbols), hidden[:, -1:] + 1])

        def answer(self, hidden: np.ndarray) -> np.ndarray:
            return inner.answer(hidden[:, :-1])

        def run(self, words: np.ndarray) -> np.ndarray:
            if words.shape[1] > horizon:
                raise Asked
            return inner.run(words)

    try:
        found = extract_machine(Watched(), machine.symbols, horizon=horizon, seed=0)  # type: ignore[arg-type]
    except NotFinite:
        assert horizon < 10
    else:
        words = itertools.product(range(2), repeat=horizon)
        assert all(found.run(word) == machine.run(word) for word in words)


def test_a_single_step_shows_one_state() -> None:
    machine, _ = NAMED["parity"]
    assert extract_machine(compiled(machine), machine.symbols, horizon=1, seed=0).size == 1


@pytest.mark.parametrize("horizon", [2, 3, 10])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (0, 9), (0, 99), (-10, 10)])
def test_a_counter_is_not_finite(low: int, high: int, horizon: int) -> None:
    network, symbols = counter(low, high)
    with pytest.raises(NotFinite, match=r"\d+ states"):
        extract_machine(network, symbols, horizon=horizon, seed=0)


@pytest.mark.parametrize("step", [1, 3])
def test_a_vote_is_not_finite(step: int) -> None:
    """y = 1 while there were more ones than zeros: how many more only shows later."""
    network = Network(
        cell=(Layer(weight=np.array([[1.0], [2.0 * step]]), bias=np.array([-1.0 * step])),),
        readout=(
            Layer(weight=np.ones((1, 2)), bias=np.array([0.0, -1.0])),
            Layer(weight=np.array([[1.0], [-1.0]]), bias=np.zeros(1)),
        ),
    )
    words = np.array([[[1], [1], [0], [0], [0]]])
    assert network.run(words)[0, :, 0].tolist() == [1, 1, 1, 0, 0]
    with pytest.raises(NotFinite, match=r"\d+ states"):
        extract_machine(network, ((0,), (1,)), horizon=10, seed=0)


def test_a_state_that_only_the_last_step_shows_is_a_contradiction() -> None:
    """Ones are counted up to four, and only the fifth is answered: no shorter word leads to a state that would."""
    machine = machine_of(5, range(2), lambda s, x: (min(s + x, 4), s == 4 and x))
    with pytest.raises(NotFinite, match="on words of length 5 the network contradicts the machine of 1 states"):
        extract_machine(compiled(machine), machine.symbols, horizon=5, seed=0)
    assert extract_machine(compiled(machine), machine.symbols, horizon=10, seed=0) == minimize(machine)


def test_too_many_symbols() -> None:
    network, symbols = counter(0, BUDGET.most_transitions // 4)
    with pytest.raises(NotFinite, match="5001 symbols are too many to try each in every state"):
        extract_machine(network, symbols, horizon=3, seed=0)


# Words with a plan


def brackets(depth: int) -> MealyMachine:
    """Brackets that close in time, at most `depth` deep, among two letters after which nothing is right any more."""
    dead = depth + 1
    rows = [(q + 1, q - 1 if q else dead, dead, dead) for q in range(dead)]
    after = (*rows, (dead,) * 4)
    outputs = tuple(tuple((int(target == 0),) for target in row) for row in after)
    return MealyMachine(symbols=((0,), (1,), (2,), (3,)), transitions=after, outputs=outputs)


@pytest.mark.parametrize("depth", [7, 9])
def test_planned_words_find_states_that_random_words_never_meet(depth: int) -> None:
    machine = brackets(depth)
    network = compiled(machine)
    assert extract_machine(network, machine.symbols, horizon=24, seed=0).size < machine.size
    assert extract_machine(network, machine.symbols, horizon=24, seed=0, planned=True) == minimize(machine)


def test_where_planned_words_leave_no_machine_random_words_may() -> None:
    """Deeper than half of the horizon nothing can be told apart."""
    machine = brackets(15)
    with pytest.raises(NotFinite):
        extract_machine(compiled(machine), machine.symbols, horizon=12, seed=0, planned=True)
    assert extract_machine(compiled(machine), machine.symbols, horizon=12, seed=0).size < machine.size


def test_planned_words_are_blocks_of_symbols() -> None:
    words = set(map(tuple, planned_words(3, 6, 1_000, np.random.default_rng(0)).tolist()))
    assert {(a,) * i + (b,) * (6 - i) for a in range(3) for b in range(3) for i in range(1, 7)} <= words
    assert {(0, 1) * 3, (0, 0, 1, 1, 0, 0), (0, 1, 1, 2, 2, 2)} <= words
    assert planned_words(40, 6, 50, np.random.default_rng(0)).shape[0] <= 150


def test_walking_words_go_to_every_state_and_over_every_pair() -> None:
    machine = random_machine(0, 9, 3)
    after = np.array(machine.transitions)
    words = walking_words(after, [(0, 0), (1,)], 12, 10_000, np.random.default_rng(0))
    steps = set()
    for word in words.tolist():
        state = 0
        for first, second in itertools.pairwise(word):
            steps.add((state, first, second))
            state = int(after[state, first])
    reached = {state for state, _, _ in steps}
    assert steps == {(state, first, second) for state in reached for first in range(3) for second in range(3)}
    assert len(walking_words(after, [()], 12, 20, np.random.default_rng(0))) == 20
