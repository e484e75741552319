"""The protocol of a recurrent network: the three calls that are all that is asked of one while it is distilled."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np

from mips.networks.network import Floats, Ints

States = Any  # an array whose first axis counts words, or a tuple of such arrays (or tuples)


@runtime_checkable
class Recurrent(Protocol):
    """Anything that reads a word symbol by symbol and answers after each of them.

    States are an array of any kind (NumPy, torch, ...) that an array of row numbers can index, or a tuple of such
    arrays; the first axis of each counts words. The three methods are pure functions: they change neither the network
    nor the states that they are given.
    """

    def start(self, count: int) -> States:
        """Return the states before the first symbol of `count` words."""

    def step(self, states: States, symbols: Ints) -> States:
        """Return the states after one more symbol of each word.

        `symbols` has shape (count, width). It holds the numbers of a symbol of `integers(low, high, width=width)`, and
        in the place of a name its place in the alphabet, from 0.
        """

    def answer(self, states: States) -> Ints:
        """Return the answers at these states, integers of shape (count, outputs)."""


def take(states: States, rows: Ints) -> States:
    """Return the states of some words (rows,), by their row numbers; one may be taken several times."""
    if not isinstance(states, tuple):
        return states[rows]
    parts = [take(part, rows) for part in states]
    return type(states)(*parts) if hasattr(states, "_fields") else tuple(parts)


def count_of(states: States) -> int:
    """Return how many words the states are of."""
    return count_of(states[0]) if isinstance(states, tuple) else len(states)


@runtime_checkable
class AnswersWords(Protocol):
    """A network that answers whole words at once faster than symbol by symbol, as one on whole words does."""

    def answer_words(self, words: Ints) -> Ints:
        """Return the answers (count, length, outputs) after every symbol of words (count, length, width)."""


def run(network: Recurrent, words: Ints) -> Ints:
    """Return the answers (count, length, outputs) after every symbol of words (count, length, width)."""
    return network.answer_words(words) if isinstance(network, AnswersWords) else stepped(network, words)


def stepped(network: Recurrent, words: Ints) -> Ints:
    """Return the same, symbol by symbol."""
    states, answers = network.start(len(words)), []
    for t in range(words.shape[1]):
        states = network.step(states, words[:, t])
        answers.append(network.answer(states))
    return np.stack(answers, axis=1) if answers else network.answer(states)[:, None][:, :0]


def flattened(states: States) -> Floats:
    """Return states as real vectors (count, numbers): the numbers of all their arrays side by side."""
    if isinstance(states, tuple):
        return np.concatenate([flattened(part) for part in states], axis=1)
    array = np.asarray(states, dtype=np.float64)
    return array.reshape(len(array), -1)


@runtime_checkable
class Fitting(Protocol):
    """A network that is told its alphabet before it is used, as those of other libraries are."""

    def for_inputs(self, inputs: Any, length: int) -> Recurrent:
        """Return the network for words of `length` symbols of the alphabet `inputs`."""


def fitted(network: Recurrent, inputs: Any, length: int) -> Recurrent:
    """Return the network as it reads words of `length` symbols of the alphabet `inputs`."""
    return network.for_inputs(inputs, length) if isinstance(network, Fitting) else network
