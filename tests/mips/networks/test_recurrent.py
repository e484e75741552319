"""Networks of somebody else's, which are asked start, step and answer and nothing else."""

from __future__ import annotations

import itertools
import re
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

import mips
from mips.extraction.extraction import extract_machine
from mips.extraction.hankel import NotFinite
from mips.extraction.majority import majority_machine
from mips.networks.checked import Checked, RecurrentError
from mips.networks.recurrent import flattened, run, take

WORDS = np.array(list(itertools.product(range(2), repeat=7)))[..., None]


class Pair(NamedTuple):
    total: Any
    last: Any


class Arrays:
    """The sum of bits modulo 3, and whether a bit came twice in a row; its states are tuples of arrays."""

    def start(self, count: int) -> Any:
        return Pair(np.zeros(count), (np.full((count, 1), -1),))

    def step(self, states: Any, symbols: Any) -> Any:
        repeated = (states.last[0][:, 0] == symbols[:, 0]).astype(int)
        return Pair((states.total % 10 + symbols[:, 0]) % 3 + 10 * repeated, (symbols.copy(),))

    def answer(self, states: Any) -> Any:
        return np.stack([states.total % 10, states.total // 10], axis=1).astype(int)


class OneArray(Arrays):
    """The sum modulo 3 alone, in a torch tensor, one number a word without a second axis."""

    def start(self, count: int) -> Any:
        return torch.zeros(count, dtype=torch.int64)

    def step(self, states: Any, symbols: Any) -> Any:
        return (states + torch.from_numpy(symbols[:, 0])) % 3

    def answer(self, states: Any) -> Any:
        return states


class WordSoFar(Arrays):
    """The state is the word so far, which grows from step to step: two ones came, anywhere."""

    def start(self, count: int) -> Any:
        return np.zeros((count, 0), dtype=int)

    def step(self, states: Any, symbols: Any) -> Any:
        return np.concatenate([states, symbols], axis=1)

    def answer(self, states: Any) -> Any:
        return ((states == 1).sum(axis=1) >= 2)[:, None]


@pytest.mark.parametrize(
    ("network", "states"), [(OneArray(), 3), (WordSoFar(), 3), (Arrays(), 7)], ids=["array", "word so far", "tuples"]
)
def test_the_machine_is_the_networks(network: Any, states: int) -> None:
    machine = extract_machine(Checked(network=network), ((0,), (1,)), horizon=7, seed=0)
    assert machine.size == states
    answers = run(Checked(network=network), WORDS)
    for word, expected in zip(WORDS[:, :, 0].tolist(), answers.tolist(), strict=True):
        assert machine.run(word) == [tuple(answer) for answer in expected]


def test_such_a_network_is_distilled() -> None:
    found = mips.distil(WordSoFar(), mips.integers(0, 2), length=7)
    assert found([1, 0, 2, 1, 0, 1]) == [0, 0, 0, 1, 1, 1] and found.machine is not None


def test_a_network_with_odd_answers_has_the_machine_of_the_majority() -> None:
    class Odd(WordSoFar):
        def answer(self, states: Any) -> Any:
            rare = (states * np.arange(7, 7 + states.shape[1]) ** 2).sum(axis=1) % 997 == 5
            return (states.sum(axis=1) % 3 + rare)[:, None]

    symbols = ((0,), (1,), (2,))
    machine = majority_machine(Checked(network=Odd()), symbols, horizon=12, seed=0, noise=0.01)
    assert machine.size == 3 and machine.run([1, 1, 2]) == [(1,), (2,), (1,)]


def test_our_own_networks_keep_to_the_protocol() -> None:
    layer = mips.Layer(weight=[[1.0], [1.0]], bias=[0.0])
    network = mips.Network(cell=(layer,), readout=(mips.Layer(weight=[[1.0]], bias=[0.0]),))
    assert isinstance(network, mips.Recurrent) and not isinstance(layer, mips.Recurrent)
    assert np.array_equal(run(network, WORDS), network.run(WORDS))
    assert run(network, WORDS[:, :0]).shape == (128, 0, 1)


def test_states_are_taken_and_flattened_part_by_part() -> None:
    network = Arrays()
    states = network.step(network.start(3), np.array([[0], [1], [2]]))
    taken = take(states, np.array([2, 0, 2]))
    assert isinstance(taken, Pair) and flattened(taken).tolist() == [[2, 2], [0, 0], [2, 2]]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (lambda n: np.full((n, 1), 0.5), "found answers of type float64; expected integers of shape"),
        (lambda n: np.full((n, 1), 0.5), "write np.rint(...).astype(int)"),
        (lambda n: np.full((n, 1), np.nan), "found answers of type float64, such as nan; expected integers of shape"),
        (lambda n: np.zeros((n, 1, 1), dtype=int), "found answers of shape (1, 1, 1); expected (count, 1), one row"),
        (lambda n: np.zeros((n, 0), dtype=int), "found answers of shape (1, 0)"),
        (lambda n: np.zeros((n, min(n, 2)), dtype=int), "expected (count, "),
    ],
)
def test_answers_that_are_none_are_named(answers: Any, said: str) -> None:
    class Wrong(OneArray):
        def answer(self, states: Any) -> Any:
            return answers(len(states))

    with pytest.raises(RecurrentError) as caught:
        checked = Checked(network=Wrong())
        for count in (1, 2):
            checked.answer(checked.start(count))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_network_is_named() -> None:
    for network in (Arrays, torch.nn.GRU, None):
        with pytest.raises(TypeError, match=r"start\(count\), step\(states, symbols\) and answer\(states\)"):
            mips.distil(network, mips.integers(0, 1))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"OneArray for the method 'paper'; expected a mips.Network$"):
        mips.distil(OneArray(), mips.integers(0, 1), method="paper")


# Networks that predict what may follow

BRACKETS = mips.symbols("( ) [ ]")
CLOSING = {"(": ")", "[": "]"}


def open_brackets(word: Any) -> list[str] | None:
    """What is still to be closed after a word of brackets, two deep at most; None where it is none."""
    stack: list[str] = []
    for x in word:
        if x in CLOSING:
            stack.append(CLOSING[x])
        elif not stack or stack.pop() != x:
            return None
        if len(stack) > 2:
            return None
    return stack


class NextBracket(WordSoFar):
    """What may follow in words of two kinds of brackets, as yes or no for each symbol. On other words it says anything:
    what depends on all of the word, so that it has no finite machine. It keeps the words that it was asked about."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def answer(self, states: Any) -> Any:
        words = [[BRACKETS.names[number] for number in word] for word in states.tolist()]
        self.asked += words
        return np.array([self.follow(word) for word in words])

    def follow(self, word: list[str]) -> list[int]:
        stack = open_brackets(word)
        if stack is None:
            return [int(bit) for bit in f"{hash(tuple(map(ord, word))) % 16:04b}"] if len(word) > 1 else [0, 0, 0, 0]
        return [int(x == stack[-1:][0] if stack and x not in CLOSING else x in CLOSING and len(stack) < 2)
                for x in BRACKETS.names]  # fmt: skip


class MostLikely(NextBracket):
    """The same as one number: the symbols that may follow as bits of a number."""

    def answer(self, states: Any) -> Any:
        return super().answer(states) @ [8, 4, 2, 1]


def bits(answers: Any) -> Any:
    return (answers >> np.array([3, 2, 1, 0])) % 2


@pytest.mark.parametrize(
    ("network", "admits"), [(NextBracket(), "answers"), (MostLikely(), bits)], ids=["answers", "function"]
)
def test_what_a_network_refuses_is_one_state_and_is_not_asked(network: NextBracket, admits: Any) -> None:
    """Stacks of up to two brackets, 1 + 2 + 4, and one state for all that is refused. With a function the start is one
    more: what comes first is never refused, and so its answer is the network's own."""
    found = mips.distil(network, BRACKETS, 8, admits=admits)
    assert (
        found.form == "machine"
        and found.machine is not None
        and found.machine.size == (8 if admits == "answers" else 9)
    )
    assert found.fidelity.difference is None and "words that the network admits" in str(found.fidelity)
    network.asked, asked = [], network.asked
    assert all(open_brackets(word[:-1]) is not None for word in asked)
    assert all(open_brackets(word) is not None for word in asked if len(word) > 1)
    for word in itertools.product(BRACKETS.names, repeat=4):
        for t, given in enumerate(found(word)):
            stack = open_brackets(word[: t + 1])
            expected = tuple(
                x for x, may in zip(BRACKETS.names, network.follow(list(word[: t + 1])), strict=True) if may
            )
            if admits == "answers":
                assert given == (() if stack is None else expected)
            else:
                assert (given in (-1, 0)) == (stack is None)


def test_with_all_words_it_has_no_finite_machine() -> None:
    with pytest.raises(NotFinite):
        extract_machine(Checked(network=NextBracket()), ((0,), (1,), (2,), (3,)), horizon=5, seed=0)


@pytest.mark.parametrize(
    ("arguments", "error", "expected"),
    [
        ({"admits": "yes"}, TypeError, "found admits='yes'; expected 'answers', or a function"),
        ({"admits": "answers", "machines": False}, ValueError, "found admits= together with machines=False"),
        ({"admits": lambda answers: answers[:, :2] > 0}, RecurrentError, "and type bool; expected yes or no (1 or 0)"),
    ],
)
def test_what_cannot_say_what_follows(arguments: Any, error: Any, expected: str) -> None:
    with pytest.raises(error, match=re.escape(expected).replace(r"\.\*", ".*")):
        mips.distil(NextBracket(), BRACKETS, 6, **arguments)
