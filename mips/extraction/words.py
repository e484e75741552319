"""Words on which networks and machines are compared."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from mips.networks.checked import Admitting
from mips.networks.network import Ints
from mips.networks.recurrent import Recurrent


def drawn_words(symbols: int, count: int, length: int, rng: np.random.Generator) -> Ints:
    """Return random words (count, length) of symbol indices, of which every other one keeps to two symbols.

    So states that only a rare sequence leads to are among those that are seen.
    """
    words = rng.integers(0, symbols, (count, length))
    few = rng.integers(0, symbols, (count, 2))
    words[::2] = np.take_along_axis(few, rng.integers(0, 2, (count, length)), axis=1)[::2]
    return words


def words_of(network: Recurrent, symbols: int, count: int, length: int, rng: np.random.Generator) -> Ints:
    """Return random words (count, length) as `drawn_words` does, or such that a network admits if it refuses some."""
    if isinstance(network, Admitting):
        return network.words(count, length, rng)
    return drawn_words(symbols, count, length, rng)


def all_words(symbols: int, length: int) -> Ints:
    """Return all words (symbols ** length, length) of symbol indices."""
    return np.array(list(itertools.product(range(symbols), repeat=length)), dtype=np.int64)


def planned_words(symbols: int, length: int, most: int, rng: np.random.Generator) -> Ints:
    """Return words (count, length) with a plan that random words hardly ever have: blocks of symbols, once or in turn.

    They are a^i b^(length - i) for all i and all pairs of symbols, then a^i b^j c^(length - i - j) and beginnings of
    (a^i b^j)^n. Of each kind there are at most `most`, random ones where there are more.
    """
    first, second, count = (
        part.ravel() for part in np.meshgrid(range(symbols), range(symbols), range(1, length + 1), indexing="ij")
    )
    kept = (first != second) | (count == length)
    pairs = np.stack([first[kept], second[kept], count[kept]], axis=1)
    if len(pairs) > most:
        pairs = pairs[np.sort(rng.permutation(len(pairs))[:most])]
    places = np.arange(length)
    halves = np.where(places < pairs[:, 2:], pairs[:, :1], pairs[:, 1:2])
    shapes = rng.integers(0, symbols, (2 * most, 3))
    sizes = np.sort(rng.integers(1, length + 1, (most, 2)), axis=1)
    thirds = np.where(
        places < sizes[:, :1], shapes[:most, :1], np.where(places < sizes[:, 1:], shapes[:most, 1:2], shapes[:most, 2:])
    )
    blocks = rng.integers(1, max(2, length // 2), (most, 2))
    turns = np.where(places % blocks.sum(axis=1, keepdims=True) < blocks[:, :1], shapes[most:, :1], shapes[most:, 1:2])
    return np.unique(np.concatenate([halves, thirds, turns]), axis=0)


def walking_words(
    transitions: Ints, suffixes: Sequence[tuple[int, ...]], length: int, most: int, rng: np.random.Generator
) -> Ints:
    """Return words (count, length) that go to each state of a machine, then over every pair of symbols, then on.

    `transitions` (states, symbols) are those of the machine, from state 0. On a pair follows one of the `suffixes`,
    which tell states apart, and random symbols up to `length`: so states are found that the machine lacks, two symbols
    deep (the W-method of Chow, "Testing software design modeled by finite-state machines", 1978). Of all such words
    there are at most `most`, random ones where there are more.
    """
    symbols = transitions.shape[1]
    access: dict[int, tuple[int, ...]] = {0: ()}
    order = [0]
    for state in order:
        for symbol, after in enumerate(transitions[state].tolist()):
            if after not in access:
                access[after] = (*access[state], symbol)
                order.append(after)
    ends = list(suffixes) or [()]
    every = len(access) * symbols**2 * len(ends)
    numbers = np.arange(every) if every <= most else np.sort(rng.choice(every, most, replace=False))
    ways = list(access.values())
    words = rng.integers(0, symbols, (len(numbers), length))
    for row, number in enumerate(numbers.tolist()):
        number, end = divmod(number, len(ends))
        way, pair = divmod(number, symbols**2)
        begun = (*ways[way], *divmod(pair, symbols), *ends[end])[:length]
        words[row, : len(begun)] = begun
    return words
